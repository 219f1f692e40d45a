#include "network/net_digest.h"

#include <string.h>

bool eg_digest_has(const eg_field *field, const void *element)
{
    return field->required || !eg_field_is_default(field, element);
}

static void add_number(eg_hash *hash, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    eg_hash_add_count(hash, bits);
}

void eg_digest_value(eg_hash *hash, const eg_field *field, const void *element)
{
    const void *at = (const char *)element + field->offset;
    eg_hash_add_text(hash, field->name);
    switch (field->kind) {
    case EG_FIELD_STR:
        eg_hash_add_text(hash, *(const char *const *)at);
        break;
    case EG_FIELD_F64:
        add_number(hash, *(const double *)at);
        break;
    case EG_FIELD_I64:
        eg_hash_add_count(hash, (uint64_t) * (const int64_t *)at);
        break;
    case EG_FIELD_FLAG:
        eg_hash_add_count(hash, *(const bool *)at);
        break;
    case EG_FIELD_DIM:
        for (int k = 0; k < 7; k++)
            add_number(hash, ((const eg_dim *)at)->exponent[k]);
        break;
    case EG_FIELD_STRS: {
        const eg_strs *list = at;
        eg_hash_add_count(hash, list->count);
        for (size_t k = 0; k < list->count; k++)
            eg_hash_add_text(hash, list->item[k]);
        break;
    }
    default:
        break; /* holds elements or numbers: the caller's turn */
    }
}

void eg_digest_array(eg_hash *hash, const eg_field *field, const eg_source *source,
                     const eg_digest *elements)
{
    eg_hash_add_text(hash, field->name);
    eg_hash_add_text(hash, eg_dtype_name(source->dtype));
    eg_hash_add_count(hash, source->ndim);
    for (uint32_t k = 0; k < source->ndim; k++)
        eg_hash_add_count(hash, source->shape[k]);
    eg_digest_part(hash, elements);
}

void eg_digest_begin(eg_hash *hash, const eg_field *field, size_t count)
{
    eg_hash_add_text(hash, field->name);
    if (field->kind != EG_FIELD_ONE)
        eg_hash_add_count(hash, count);
}

void eg_digest_part(eg_hash *hash, const eg_digest *part)
{
    eg_hash_add(hash, part->byte, sizeof part->byte);
}

void eg_digest_row(eg_digest *out, const eg_element_type *type, const void *row)
{
    eg_hash hash;
    eg_hash_begin(&hash);
    for (size_t f = 0; f < type->field_count; f++)
        if (eg_digest_has(&type->fields[f], row))
            eg_digest_value(&hash, &type->fields[f], row);
    eg_hash_end(out, &hash);
}

typedef struct digester {
    bool stated;
    const engram_alloc *alloc;
    engram_error *err;
} digester;

static engram_status digest(eg_digest *out, const digester *d, const eg_element_type *type,
                            const void *element)
{
    eg_hash hash;
    engram_status status = ENGRAM_OK;
    eg_hash_begin(&hash);
    for (size_t f = 0; !status && f < type->field_count; f++) {
        const eg_field *field = &type->fields[f];
        const void *at = (const char *)element + field->offset;
        eg_digest part;
        if (!eg_digest_has(field, element))
            continue;
        if (field->kind == EG_FIELD_ARRAY) {
            const eg_source *source = *(const eg_source *const *)at;
            if (!source)
                return eg_fail(d->err, ENGRAM_E_SCHEMA, "the required array \"%s\" is absent",
                               field->name);
            if (d->stated && source->digest)
                part = *source->digest;
            else
                status = eg_source_digest(&part, source, d->alloc, d->err);
            if (!status)
                eg_digest_array(&hash, field, source, &part);
        } else if (field->kind == EG_FIELD_ONE) {
            eg_digest_begin(&hash, field, 1);
            status = digest(&part, d, field->element, *(const void *const *)at);
            if (!status)
                eg_digest_part(&hash, &part);
        } else if (field->element) {
            const eg_any_list *list = at;
            eg_digest_begin(&hash, field, list->count);
            for (size_t k = 0; !status && k < list->count; k++) {
                status = digest(&part, d, field->element,
                                (const char *)list->item + k * field->element->size);
                if (!status)
                    eg_digest_part(&hash, &part);
            }
        } else {
            eg_digest_value(&hash, field, element);
        }
    }
    eg_hash_end(out, &hash);
    return status;
}

engram_status eg_element_digest(eg_digest *out, const eg_element_type *type,
                                const void *element, bool stated, const engram_alloc *alloc,
                                engram_error *err)
{
    const digester d = {stated, alloc, err};
    return digest(out, &d, type, element);
}
