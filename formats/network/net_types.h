/* net_types.h - the descriptor of each element by its own name: eg_type_clock, eg_type_group,
 * ... For code that knows an element; readers and writers start at eg_type_document. */
#ifndef EG_NETWORK_NET_TYPES_H
#define EG_NETWORK_NET_TYPES_H

#include "network/net.h"

#define EG_ELEMENT(element, doc) extern const eg_element_type eg_type_##element;
#define EG_STR(element, name, presence, doc)
#define EG_F64(element, name, presence, fallback, doc)
#define EG_I64(element, name, presence, fallback, doc)
#define EG_FLAG(element, name, presence, fallback, doc)
#define EG_DIM(element, name, presence, doc)
#define EG_STRS(element, name, presence, doc)
#define EG_ARRAY(element, name, presence, doc)
#define EG_ONE(element, name, sub, doc)
#define EG_LIST(element, name, sub, doc)
#define EG_SEQ(element, name, sub, doc)
#define EG_TABLE(element, name, sub, doc)
#define EG_END(element)
#include "network/schema.def"
#include "network/schema_undef.h"

#endif
