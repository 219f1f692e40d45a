#include "converter.h"
#include "msgpack/mp_read.h"

bool eg_from_msgpack_claims(const unsigned char *head, size_t size, const char *path)
{
    (void)path;
    return eg_mp_looks_like(head, size);
}

engram_status eg_from_msgpack(eg_net **out, const char *path, unsigned flags,
                              const engram_alloc *alloc, engram_error *err)
{
    eg_mp_limits limits = EG_MP_LIMITS_DEFAULT;
    limits.any_digest = flags & ENGRAM_CONVERT_FORCE;
    return eg_mp_read_net_within(out, path, &limits, alloc, err);
}
