/* interp_body.h - the element interpreter, compiled once per arithmetic
 *
 * The includer defines EG_INTERP_NAME, and EG_FN, EG_FNF, EG_FN2, EG_FNF2, EG_FMA for the
 * functions of ops.def. Every pure operation is one case made from its row.
 */
#define EG_OPERAND(var, t, k) const EG_C_##t var = reg[ins->arg[k]].EG_M_##t
#define EG_RESULT(r, value) reg[ins->out].EG_M_##r = (EG_C_##r)(value)
#define EG_OP1(name, text, r, ta, value, doc)                                                  \
    case EG_I_##name: {                                                                        \
        EG_OPERAND(a, ta, 0);                                                                  \
        EG_RESULT(r, value);                                                                   \
        break;                                                                                 \
    }
#define EG_OP2(name, text, r, ta, tb, value, doc)                                              \
    case EG_I_##name: {                                                                        \
        EG_OPERAND(a, ta, 0);                                                                  \
        EG_OPERAND(b, tb, 1);                                                                  \
        EG_RESULT(r, value);                                                                   \
        break;                                                                                 \
    }
#define EG_OP3(name, text, r, ta, tb, tc, value, doc)                                          \
    case EG_I_##name: {                                                                        \
        EG_OPERAND(a, ta, 0);                                                                  \
        EG_OPERAND(b, tb, 1);                                                                  \
        EG_OPERAND(c, tc, 2);                                                                  \
        EG_RESULT(r, value);                                                                   \
        break;                                                                                 \
    }
#define EG_OPX(name, text, r, operands, doc)

static inline char *interp_address(const eg_place *place, uint64_t element, uint64_t position)
{
    return place->base + eg_place_of(place, element, position) * place->size;
}

/* One element. False: a division by zero, or no memory. */
static bool interp_element(eg_interp *x, const eg_code_part *code, uint64_t element,
                           uint64_t position)
{
    eg_value *const reg = x->reg;
    const eg_ins *ins = code->item;
    const eg_ins *const end = ins + code->count;
    for (; ins < end; ins++) {
        switch (ins->op) {
#include "ir/ops.def"
        case EG_I_LOAD: {
            const eg_place *place = &x->place[ins->imm];
            eg_copy_value(&reg[ins->out], interp_address(place, element, position),
                          place->size);
            break;
        }
        case EG_I_STORE: {
            const eg_place *place = &x->place[ins->imm];
            eg_copy_value(interp_address(place, element, position), &reg[ins->arg[0]],
                          place->size);
            break;
        }
        case EG_I_BRANCH_FALSE:
            if (!reg[ins->arg[0]].b)
                ins = code->item + ins->imm - 1;
            break;
        case EG_I_BRANCH_TRUE:
            if (reg[ins->arg[0]].b)
                ins = code->item + ins->imm - 1;
            break;
        case EG_I_NONZERO_D:
            if (reg[ins->arg[0]].d == 0)
                return false;
            break;
        case EG_I_NONZERO_F:
            if (reg[ins->arg[0]].f == 0)
                return false;
            break;
        case EG_I_NONZERO_L:
            if (reg[ins->arg[0]].l == 0)
                return false;
            break;
        case EG_I_NONZERO_I:
            if (reg[ins->arg[0]].i == 0)
                return false;
            break;
        case EG_I_RAND:
        case EG_I_RANDN:
        case EG_I_POISSON:
        case EG_I_BINOMIAL:
        case EG_I_BINOMIAL_NORMAL:
            reg[ins->out] = eg_exec_draw(x, ins);
            break;
        case EG_I_TABLE1:
        case EG_I_TABLE2:
            reg[ins->out].d = eg_exec_table(x, ins);
            break;
        case EG_I_CALL:
            if (!eg_exec_call(x, ins))
                return false;
            break;
        case EG_I_PROPAGATOR:
            reg[ins->out].d = eg_exec_propagator(x, ins);
            if (x->no_memory)
                return false;
            break;
        case EG_I_COUNT:
            break;
        }
    }
    return true;
}

bool EG_INTERP_NAME(eg_interp *x, const eg_code_part *code, const int32_t *index,
                    uint64_t first, uint64_t count, uint64_t position)
{
    const bool shared = code == &x->kernel->program->scalar;
    for (uint64_t k = 0; k < count; k++) {
        const uint64_t element = index ? (uint64_t)(int64_t)index[k] : first + k;
        if (x->keyed)
            eg_rng_element(x->rng, shared ? EG_RNG_SHARED : element,
                           x->turn && !shared ? x->turn[position + k] : 0);
        if (!interp_element(x, code, element, position + k)) {
            x->divided = element;
            return false;
        }
    }
    return true;
}

#undef EG_OPERAND
#undef EG_RESULT
#undef EG_OP1
#undef EG_OP2
#undef EG_OP3
#undef EG_OPX
