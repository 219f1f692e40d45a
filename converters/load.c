#include "load.h"

#include "check/check.h"
#include "common/arena.h"
#include "converter.h"

engram_status eg_net_load(eg_net **out, const char *path, unsigned flags,
                          const engram_alloc *alloc, engram_error *err)
{
    *out = NULL;
    const eg_converter *converter;
    engram_status status = eg_converter_of(&converter, path, err);
    return status ? status : converter->read(out, path, flags, alloc, err);
}

engram_status eg_net_load_checked(eg_net **out, const char *path, unsigned flags,
                                  const engram_alloc *alloc, engram_error *err)
{
    eg_net *net;
    *out = NULL;
    engram_status status = eg_net_load(&net, path, flags, alloc, err);
    if (status)
        return status;
    eg_arena *arena = eg_arena_new(alloc);
    eg_findings findings;
    if (!arena)
        status = eg_fail_memory(err, "checking a network");
    if (!status)
        status = eg_check_net(net, &findings, arena, err);
    if (!status && (status = eg_check_first_error(&findings, err)))
        eg_error_prefix(err, status, "%s", path);
    eg_arena_free(arena);
    if (status) {
        eg_net_free(net);
        return status;
    }
    *out = net;
    return ENGRAM_OK;
}
