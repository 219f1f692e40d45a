/* hdf5_fill.h - networks for tests, made and compared through the descriptors alone */
#ifndef EG_TESTS_HDF5_FILL_H
#define EG_TESTS_HDF5_FILL_H

#include "network/net.h"

/* Every field of every element type filled with pseudo-random values (lists with 1 to 3
 * members). `bare`: only required fields, lists empty. NULL when memory is out. */
eg_net *fill_net(uint32_t seed, bool bare);
/* First difference as text ("/network/groups: count"), or NULL if all is equal. */
const char *fill_difference(const eg_net *a, const eg_net *b);

#endif
