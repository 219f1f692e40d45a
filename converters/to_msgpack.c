#include "converter.h"
#include "msgpack/mp_write.h"

engram_status eg_to_msgpack(const eg_net *net, const char *path, unsigned flags,
                            engram_convert_report *report, const engram_alloc *alloc,
                            engram_error *err)
{
    (void)flags;  /* documents are never compressed: they are read in place */
    (void)report; /* and hold everything that the tables do */
    return eg_mp_write_net(net, path, alloc, err);
}

const eg_converter eg_converter_msgpack = {
    .about = {"msgpack", "network document (MessagePack)", "mpk msgpack", 1, 1},
    .claims = eg_from_msgpack_claims,
    .read = eg_from_msgpack,
    .write = eg_to_msgpack};
