/* plugin_abi.h - the engine as a loadable plugin: one symbol, one table
 *
 *     void *so = dlopen("engram_plugin.so", RTLD_NOW | RTLD_LOCAL);
 *     engram_plugin_entry *entry = (engram_plugin_entry *)dlsym(so, ENGRAM_PLUGIN_SYMBOL);
 *     const engram_plugin *engine = entry(ENGRAM_PLUGIN_ABI, &err);
 *     if (!engine) ... err says which versions were wanted and found ...
 *     status = engine->open(&model, "cuba.h5", NULL, &err);
 *
 * Rules of the table:
 *  - `abi` is its version: major * 1000 + minor. A host asks for the version it was compiled
 *    with and gets a table of the same major and the lower of the two minors, or NULL. Major 0
 *    is experimental: there every minor may change, and only equal versions match.
 *  - Functions are only ever added at the end. `size` is how far the table reaches in the
 *    plugin; a host that knows more than `size` covers must not call beyond it.
 *  - All functions stand in engram/model.h, engram/sim.h and engram/checkpoint.h under their
 *    linked names: those pages say what they do, own, and fail with. Structs that are passed
 * carry their size.
 *  - Thread rule: the entry and `open` may be called from any thread; a model is used by one
 *    thread at a time, and a simulation by one thread at a time. No function may be called
 *    from inside another, or from a signal handler.
 *  - Life: open -> describe, object -> build -> (advance | spikes | variable*)* -> finish ->
 *    free -> close; store, restore and checkpoint between two calls of advance. The shared
 *    object stays loaded while any model is open.
 *
 * Plain C11, includes nothing but the three headers. Tier: experimental.
 */
#ifndef ENGRAM_PLUGIN_ABI_H
#define ENGRAM_PLUGIN_ABI_H

#include "engram/checkpoint.h"
#include "engram/model.h"
#include "engram/sim.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ENGRAM_PLUGIN_ABI UINT32_C(2) /* 0.002 */
#define ENGRAM_PLUGIN_SYMBOL "engram_plugin_table"

typedef struct engram_plugin {
    uint32_t abi;       /* negotiated version */
    uint32_t reserved;  /* 0 */
    size_t size;        /* of this struct in the plugin */
    const char *engine; /* "engram 0.1.0"; static */

    engram_status (*open)(engram_model **out, const char *path,
                          const engram_model_options *options, engram_error *err);
    void (*close)(engram_model *model);
    void (*describe)(const engram_model *model, engram_model_info *info);
    engram_status (*object)(const engram_model *model, uint64_t index, engram_object *out,
                            engram_error *err);

    engram_status (*build)(engram_sim **out, const engram_model *model,
                           const engram_sim_options *options, engram_error *err);
    void (*free)(engram_sim *sim);
    engram_status (*advance)(engram_sim *sim, uint64_t steps, engram_progress *progress,
                             engram_error *err);
    engram_status (*spikes)(engram_sim *sim, const char *group, const char *event,
                            const int32_t **index, uint64_t *count, engram_error *err);
    uint64_t (*variable_count)(const engram_sim *sim);
    engram_status (*variable_at)(engram_sim *sim, uint64_t index, engram_variable *out,
                                 engram_error *err);
    engram_status (*variable)(engram_sim *sim, const char *object, const char *name,
                              engram_variable *out, engram_error *err);
    engram_status (*finish)(engram_sim *sim, engram_summary *summary, engram_error *err);

    /* Texts of a status, and the exit code that the command line gives it. */
    const char *(*status_text)(engram_status status);
    int (*status_exit_code)(engram_status status);

    const char *(*ignored)(const engram_model *model, uint64_t index);

    /* engram/checkpoint.h */
    engram_status (*store)(engram_checkpoint **out, engram_sim *sim, engram_error *err);
    engram_status (*restore)(engram_sim *sim, const engram_checkpoint *checkpoint,
                             engram_error *err);
    engram_status (*checkpoint)(engram_sim *sim, const char *path, const char *note,
                                engram_error *err);
    engram_status (*checkpoint_open)(engram_checkpoint **out, const char *path,
                                     const engram_alloc *alloc, engram_error *err);
    void (*checkpoint_close)(engram_checkpoint *checkpoint);
    void (*checkpoint_describe)(const engram_checkpoint *checkpoint,
                                engram_checkpoint_info *info);

    /* engram/model.h, functions of the host's */
    void (*need)(const engram_model *model, uint64_t index, engram_need *out);
    engram_status (*function)(engram_model *model, const char *name, uint32_t arguments,
                              engram_function *function, void *context, engram_error *err);
} engram_plugin;

/* The table for a host made for version `abi`; static, never freed. NULL if there is none:
 * *err (may be NULL) is E_PROVIDER and names both versions. Any thread. */
typedef const engram_plugin *engram_plugin_entry(uint32_t abi, engram_error *err);

#ifdef __cplusplus
}
#endif
#endif
