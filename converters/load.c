#include "load.h"

#include "check/check.h"
#include "common/arena.h"
#include "converter.h"
#include "msgpack/mp_read.h"

engram_status eg_net_load(eg_net **out, const char *path, unsigned flags,
                          const engram_alloc *alloc, engram_error *err)
{
    *out = NULL;
    const eg_converter *converter;
    engram_status status = eg_converter_of(&converter, path, err);
    return status ? status : converter->read(out, path, flags, alloc, err);
}

/* Takes the net; gives it back checked, or frees it. */
static engram_status check(eg_net **out, eg_net *net, const char *name,
                           const engram_alloc *alloc, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    eg_arena *arena = eg_arena_new(alloc);
    eg_findings findings;
    if (!arena)
        status = eg_fail_memory(err, "checking a network");
    if (!status)
        status = eg_check_net(net, &findings, arena, err);
    if (!status && (status = eg_check_first_error(&findings, err)))
        eg_error_prefix(err, status, "%s", name);
    eg_arena_free(arena);
    if (status) {
        eg_net_free(net);
        return status;
    }
    *out = net;
    return ENGRAM_OK;
}

engram_status eg_net_load_checked(eg_net **out, const char *path, unsigned flags,
                                  const engram_alloc *alloc, engram_error *err)
{
    eg_net *net;
    *out = NULL;
    const engram_status status = eg_net_load(&net, path, flags, alloc, err);
    return status ? status : check(out, net, path, alloc, err);
}

engram_status eg_net_bytes_checked(eg_net **out, const void *bytes, size_t size,
                                   const char *name, const engram_alloc *alloc,
                                   engram_error *err)
{
    eg_net *net;
    *out = NULL;
    const engram_status status = eg_mp_read_net_bytes(&net, bytes, size, NULL, alloc, err);
    if (status)
        return eg_error_prefix(err, status, "%s", name);
    return check(out, net, name, alloc, err);
}
