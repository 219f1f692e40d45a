/* libm.h - which C library computes exp and its friends here */
#ifndef EG_COMMON_LIBM_H
#define EG_COMMON_LIBM_H

enum { EG_LIBM_NAME = 64 };

/* "glibc 2.36 fma": the library, its version, and which build of the functions it picks on this
 * processor. Two equal names give equal bits. */
void eg_libm_name(char out[EG_LIBM_NAME]);

#endif
