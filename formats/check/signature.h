/* signature.h - the custom functions of a network, read once each
 *
 * What a document says of a function becomes its signature and body (lang/body.h).
 */
#ifndef EG_CHECK_SIGNATURE_H
#define EG_CHECK_SIGNATURE_H

#include "lang/body.h"
#include "network/net.h"

/* Functions that have been read; begins as NULL. */
typedef struct eg_known_signature eg_known_signature;

/* As eg_signature_read. */
engram_status eg_function_read(const eg_signature **out, eg_arena *arena, const eg_function *f,
                               engram_error *err);
/* The same, once; of an unsound function NULL, which rule F26 tells. E_MEMORY only. */
engram_status eg_function_signature(const eg_signature **out, eg_known_signature **known,
                                    eg_arena *arena, const eg_function *f);

#endif
