#include "sim/evaluate.h"

#include "sim/indices.h"

#include <string.h>

/* The array behind a slot of owner EG_CONNECT_OWNER. */
static void *find_end(eg_ends *ends, const char *name, const char *inner)
{
    if (inner && !strcmp(name, inner))
        return ends->inner;
    if (!strcmp(name, "i"))
        return ends->i;
    if (!strcmp(name, "j"))
        return ends->j;
    if (!strcmp(name, "_presynaptic_idx"))
        return ends->pre;
    if (!strcmp(name, "_postsynaptic_idx"))
        return ends->post;
    return NULL;
}

static const eg_function *find_function(const eg_function_list *list, const char *name)
{
    for (size_t k = 0; k < list->count; k++)
        if (!strcmp(list->item[k].name, name))
            return &list->item[k];
    return NULL;
}

static engram_status bind_table(void **base, const eg_evaluation *context,
                                const eg_function_list *functions, const char *name,
                                engram_error *err)
{
    const eg_function *function = find_function(functions, name);
    if (!function || !function->values)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s: function \"%s\" has no values",
                       context->where, name);
    const uint64_t count = function->values->count;
    *base = count > SIZE_MAX / sizeof(double)
                ? NULL
                : eg_arena_array(context->arena, (size_t)count + 1, sizeof(double));
    if (!*base)
        return eg_fail_memory(err, "a TimedArray");
    return eg_source_read_as(function->values, EG_F64, *base, 0, count, err);
}

static engram_status bind_native(void **base, const eg_evaluation *context, const char *name,
                                 engram_error *err)
{
    for (size_t k = 0; k < context->native_count; k++)
        if (!strcmp(context->native_name[k], name)) {
            *base = &context->native[k];
            return ENGRAM_OK;
        }
    return eg_fail(err, ENGRAM_E_REFERENCE, "%s: nobody gives function %s", context->where,
                   name);
}

static engram_status bind_slot(void **base, eg_evaluator *e, const eg_slot *slot,
                               const eg_setup_code *request, const eg_function_list *functions,
                               engram_error *err)
{
    const eg_evaluation *context = e->context;
    if (slot->kind == EG_SLOT_OUTPUT) {
        *base = request->output_type == EG_BOOL  ? (void *)e->truth
                : request->output_type == EG_I32 ? (void *)e->integer
                                                 : (void *)e->number;
        return ENGRAM_OK;
    }
    if (slot->kind == EG_SLOT_TABLE)
        return bind_table(base, context, functions, slot->owner, err);
    if (slot->kind == EG_SLOT_FUNCTION)
        return bind_native(base, context, slot->owner, err);
    if (!strcmp(slot->owner, EG_CONNECT_OWNER)) {
        *base = find_end(context->ends, slot->variable, request->inner);
        return ENGRAM_OK;
    }
    eg_cell *cell = eg_store_find(context->store, slot->owner, slot->variable);
    if (!cell)
        return eg_fail(err, ENGRAM_E_REFERENCE, "%s: there is no variable %s.%s",
                       context->where, slot->owner, slot->variable);
    const bool narrowed = slot->narrowed && cell->dtype == EG_I64;
    if (cell->dtype != slot->dtype && !narrowed)
        return eg_fail(err, ENGRAM_E_SCHEMA, "%s: %s.%s is %s, the code takes it for %s",
                       context->where, slot->owner, slot->variable, eg_dtype_name(cell->dtype),
                       eg_dtype_name(slot->dtype));
    if (slot->index == EG_INDEX_ELEMENT && (!e->shortest || cell->count < e->shortest->count))
        e->shortest = cell;
    if (slot->index == EG_INDEX_ZERO && !cell->count)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s: %s.%s has no element", context->where,
                       slot->owner, slot->variable);
    *base = narrowed /* filled when checked */
                ? eg_arena_array(context->arena, (size_t)cell->count + 1, sizeof(int32_t))
                : cell->data;
    return narrowed && !*base ? eg_fail_memory(err, "an index array") : ENGRAM_OK;
}

/* Index arrays of the network; those of connects are made there. */
static engram_status check_indices(const eg_evaluation *context, const eg_program *program,
                                   void *const *base, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (uint32_t k = 0; !status && k < eg_program_slot_count(program); k++) {
        const eg_slot *slot = eg_program_slot(program, k);
        if (slot->kind != EG_SLOT_ARRAY || slot->index != EG_INDEX_VIA)
            continue;
        const eg_slot *via = eg_program_slot(program, slot->via);
        if (!strcmp(via->owner, EG_CONNECT_OWNER))
            continue;
        const eg_cell *index = eg_store_find(context->store, via->owner, via->variable);
        status = eg_indices_check(context->store, program, base, k, index->count,
                                  context->where, err);
    }
    return status;
}

static void see_dependencies(eg_evaluator *e, const eg_executable *code, const char *inner)
{
    for (size_t k = 0; k < code->bindings.count; k++) {
        const eg_binding *binding = &code->bindings.item[k];
        e->sees_inner |=
            !strcmp(binding->name, "j") || (inner && !strcmp(binding->name, inner));
        e->sees_pre |=
            !strcmp(binding->name, "i") || !strcmp(binding->name, "_presynaptic_idx");
        e->sees_post |= !strcmp(binding->name, "_postsynaptic_idx");
    }
}

/* The step in force: a run may have given the clock another one than the network's. */
static engram_status dialect_and_step(eg_lower_options *options, const eg_evaluation *context,
                                      const char *clock, engram_error *err)
{
    const eg_network *network = context->net->document.network;
    if (!eg_dialect_parse(&options->dialect, network->dialect))
        return eg_fail(err, ENGRAM_E_SCHEMA, "dialect \"%s\" is unknown", network->dialect);
    const eg_cell *step = eg_store_find(context->store, clock, "dt");
    if (step) /* an event clock has none */
        options->dt = *(const double *)step->data;
    return ENGRAM_OK;
}

engram_status eg_evaluator_init(eg_evaluator *out, const eg_evaluation *context,
                                const eg_setup_code *request, engram_error *err)
{
    *out = (eg_evaluator){.context = context};
    eg_executable code;
    eg_lower_options options = {.math = EG_MATH_STRICT,
                                .native = context->native_name,
                                .native_count = context->native_count};
    const eg_network *network = context->net->document.network;
    options.functions =
        request->step->functions.count ? &request->step->functions : &network->functions;
    engram_status status =
        eg_derive_setup(&code, context->net, context->arena, request, context->where, err);
    if (!status)
        status = dialect_and_step(&options, context, code.clock, err);
    eg_program *program = NULL;
    if (!status)
        status = eg_lower(&program, context->arena, &code, &options, err);
    if (!status)
        status = eg_kernel_new(&out->kernel, program, EG_MATH_STRICT, NULL,
                               eg_arena_allocator(context->arena), err);
    if (status)
        return status;
    see_dependencies(out, &code, request->inner);
    out->draws = eg_program_draws(program);
    const uint32_t slots = eg_program_slot_count(program);
    void **base = eg_arena_array(context->arena, (size_t)slots + 1, sizeof *base);
    if (!base)
        status = eg_fail_memory(err, "an expression");
    for (uint32_t k = 0; !status && k < slots; k++)
        status = bind_slot(&base[k], out, eg_program_slot(program, k), request,
                           options.functions, err);
    if (!status)
        status = check_indices(context, program, base, err);
    out->frame.base = base;
    out->frame.rng = context->rng;
    if (status)
        eg_evaluator_clear(out);
    return status;
}

void eg_evaluator_clear(eg_evaluator *evaluator)
{
    eg_kernel_free(evaluator->kernel);
    evaluator->kernel = NULL;
}

engram_status eg_evaluate(eg_evaluator *evaluator, const int32_t *index, uint64_t first,
                          uint64_t count, engram_error *err)
{
    const eg_cell *shortest = evaluator->shortest;
    uint64_t end = first + count;
    for (uint64_t k = 0; index && k < count; k++)
        end = k == 0 || (uint64_t)index[k] >= end ? (uint64_t)index[k] + 1 : end;
    if (shortest && count && end > shortest->count)
        return eg_fail(err, ENGRAM_E_LIMIT, "%s: %s.%s has %llu elements, the code reads %llu",
                       evaluator->context->where, shortest->owner, shortest->variable,
                       (unsigned long long)shortest->count, (unsigned long long)end);
    evaluator->frame.index = index;
    evaluator->frame.first = first;
    evaluator->frame.count = count;
    engram_status status = eg_kernel_run(evaluator->kernel, &evaluator->frame, err);
    if (status)
        return eg_error_prefix(err, status, "%s", evaluator->context->where);
    return ENGRAM_OK;
}
