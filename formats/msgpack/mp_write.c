#include "msgpack/mp_write.h"

#include "common/file.h"
#include "msgpack/mp_read.h"

#include <errno.h>
#include <msgpack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 * 1024 };

typedef struct writer {
    msgpack_packer pack;
    FILE *file;    /* or: */
    eg_buf *buf;   /* one of the two is NULL */
    eg_hash *hash; /* of all bytes so far */
    int error;     /* errno of the first failed write; sticky */
    unsigned char *block;
    const engram_alloc *alloc;
    engram_error *err;
} writer;

static int sink(void *context, const char *bytes, size_t size)
{
    writer *w = context;
    if (w->error)
        return -1;
    eg_hash_add(w->hash, bytes, size);
    if (w->buf) {
        eg_buf_append(w->buf, bytes, size);
        return w->buf->failed ? -1 : 0;
    }
    errno = 0;
    if (fwrite(bytes, 1, size, w->file) != size) {
        w->error = errno ? errno : EIO;
        return -1;
    }
    return 0;
}

/* Counts and lengths of MessagePack have 32 bits. */
static engram_status fits(const writer *w, size_t count, const char *what)
{
    if (count <= UINT32_MAX)
        return ENGRAM_OK;
    return eg_fail(w->err, ENGRAM_E_LIMIT, "%s of %zu, a document holds at most %lu", what,
                   count, (unsigned long)UINT32_MAX);
}

static engram_status write_text(writer *w, const char *text)
{
    const size_t size = strlen(text);
    engram_status status = fits(w, size, "a text");
    if (!status)
        msgpack_pack_str_with_body(&w->pack, text, size);
    return status;
}

static engram_status write_array(writer *w, const eg_source *source)
{
    const size_t item = eg_dtype_size(source->dtype);
    const uint64_t step = EG_MP_PIECE / item; /* elements in a piece: sizes divide 64 MiB */
    const uint64_t pieces = source->count / step + (source->count % step != 0);
    engram_status status = fits(w, (size_t)pieces, "an array's pieces");
    msgpack_pack_map(&w->pack, 3);
    if (!status)
        status = write_text(w, "dtype");
    if (!status)
        status = write_text(w, eg_dtype_name(source->dtype));
    if (!status)
        status = write_text(w, "shape");
    if (status)
        return status;
    msgpack_pack_array(&w->pack, source->ndim);
    for (uint32_t k = 0; k < source->ndim; k++)
        msgpack_pack_uint64(&w->pack, source->shape[k]);
    status = write_text(w, "data");
    msgpack_pack_array(&w->pack, (size_t)pieces);
    for (uint64_t first = 0; !status && first < source->count; first += step) {
        const uint64_t count = source->count - first < step ? source->count - first : step;
        msgpack_pack_bin(&w->pack, (size_t)count * item);
        for (uint64_t done = 0; !status && !w->error && done < count;) {
            const uint64_t left = count - done, now = left < BLOCK / item ? left : BLOCK / item;
            status = eg_source_read(source, w->block, first + done, now, w->err);
            if (!status)
                msgpack_pack_bin_body(&w->pack, w->block, (size_t)now * item);
            done += now;
        }
    }
    return status;
}

static engram_status write_element(writer *w, const eg_element_type *type, const void *element);

typedef struct sort_key {
    const char *name;
    const void *element;
} sort_key;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const sort_key *)a)->name, ((const sort_key *)b)->name);
}

static engram_status write_sorted(writer *w, const eg_field *field, const eg_any_list *list)
{
    const eg_element_type *type = field->element;
    const size_t offset = eg_element_field(type, "name")->offset;
    sort_key *keys = eg_calloc_array(w->alloc, list->count, sizeof *keys);
    if (!keys)
        return eg_fail_memory(w->err, "sorting a list");
    for (size_t k = 0; k < list->count; k++) {
        const char *item = (const char *)list->item + k * type->size;
        keys[k].element = item;
        keys[k].name = *(const char *const *)(const void *)(item + offset);
    }
    qsort(keys, list->count, sizeof *keys, by_name);
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < list->count; k++) {
        if (k && strcmp(keys[k - 1].name, keys[k].name) == 0)
            status = eg_fail(w->err, ENGRAM_E_SCHEMA, "%s: two elements named \"%s\"",
                             field->name, keys[k].name);
        else
            status = write_element(w, type, keys[k].element);
    }
    eg_free(w->alloc, keys, list->count * sizeof *keys);
    return status;
}

static engram_status write_list(writer *w, const eg_field *field, const eg_any_list *list)
{
    engram_status status = fits(w, list->count, "a list");
    if (status)
        return status;
    msgpack_pack_array(&w->pack, list->count);
    if (field->kind == EG_FIELD_LIST && list->count > 1)
        return write_sorted(w, field, list);
    for (size_t k = 0; !status && k < list->count; k++)
        status = write_element(w, field->element,
                               (const char *)list->item + k * field->element->size);
    return status;
}

static engram_status write_field(writer *w, const eg_field *field, const void *at)
{
    switch (field->kind) {
    case EG_FIELD_STR:
        return write_text(w, *(const char *const *)at);
    case EG_FIELD_F64:
        msgpack_pack_double(&w->pack, *(const double *)at);
        return ENGRAM_OK;
    case EG_FIELD_I64:
        msgpack_pack_int64(&w->pack, *(const int64_t *)at);
        return ENGRAM_OK;
    case EG_FIELD_FLAG:
        if (*(const bool *)at)
            msgpack_pack_true(&w->pack);
        else
            msgpack_pack_false(&w->pack);
        return ENGRAM_OK;
    case EG_FIELD_DIM:
        msgpack_pack_array(&w->pack, 7);
        for (size_t k = 0; k < 7; k++)
            msgpack_pack_double(&w->pack, ((const eg_dim *)at)->exponent[k]);
        return ENGRAM_OK;
    case EG_FIELD_STRS: {
        const eg_strs *strs = at;
        engram_status status = fits(w, strs->count, "a list of texts");
        if (!status)
            msgpack_pack_array(&w->pack, strs->count);
        for (size_t k = 0; !status && k < strs->count; k++)
            status = write_text(w, strs->item[k]);
        return status;
    }
    case EG_FIELD_ARRAY:
        if (!*(const eg_source *const *)at)
            return eg_fail(w->err, ENGRAM_E_SCHEMA, "the required array \"%s\" is absent",
                           field->name);
        return write_array(w, *(const eg_source *const *)at);
    case EG_FIELD_ONE:
        return write_element(w, field->element, *(const void *const *)at);
    case EG_FIELD_LIST:
    case EG_FIELD_SEQ:
    case EG_FIELD_TABLE:
        return write_list(w, field, at);
    }
    return ENGRAM_OK;
}

static engram_status write_element(writer *w, const eg_element_type *type, const void *element)
{
    size_t present = 0;
    for (size_t k = 0; k < type->field_count; k++)
        if (type->fields[k].required || !eg_field_is_default(&type->fields[k], element))
            present++;
    const bool root = type == &eg_type_document;
    msgpack_pack_map(&w->pack, present + root); /* the digest */
    for (size_t k = 0; k < type->field_count; k++) {
        const eg_field *field = &type->fields[k];
        if (!field->required && eg_field_is_default(field, element))
            continue;
        engram_status status = write_text(w, field->name);
        if (!status)
            status = write_field(w, field, (const char *)element + field->offset);
        if (status)
            return status;
        if (w->error)
            return ENGRAM_OK; /* the medium failed: reported once, by the caller */
    }
    return ENGRAM_OK;
}

/* The last field: what stands before its digits. */
static void write_digest(writer *w)
{
    eg_digest digest;
    char text[EG_DIGEST_TEXT + 1];
    msgpack_pack_str_with_body(&w->pack, EG_MP_DIGEST, sizeof EG_MP_DIGEST - 1);
    msgpack_pack_str(&w->pack, EG_DIGEST_TEXT);
    eg_hash_end(&digest, w->hash);
    eg_digest_text(text, &digest);
    msgpack_pack_str_body(&w->pack, text, EG_DIGEST_TEXT);
}

static engram_status write_document(writer *w, const eg_net *net)
{
    w->block = eg_calloc(w->alloc, BLOCK);
    if (!w->block)
        return eg_fail_memory(w->err, "writing a document");
    eg_hash hash;
    eg_hash_begin(&hash);
    w->hash = &hash;
    msgpack_packer_init(&w->pack, w, sink);
    engram_status status = write_element(w, &eg_type_document, &net->document);
    if (!status && !w->error)
        write_digest(w);
    eg_free(w->alloc, w->block, BLOCK);
    return status;
}

engram_status eg_mp_write_net_bytes(eg_buf *out, const eg_net *net, const engram_alloc *alloc,
                                    engram_error *err)
{
    writer w = {.buf = out, .alloc = alloc, .err = err};
    engram_status status = write_document(&w, net);
    return !status && out->failed ? eg_fail_memory(err, "a document") : status;
}

engram_status eg_mp_write_net(const eg_net *net, const char *path, const engram_alloc *alloc,
                              engram_error *err)
{
    char beside[4096];
    engram_status status = eg_beside_path(beside, sizeof beside, path, err);
    if (status)
        return status;
    writer w = {.alloc = alloc, .err = err};
    w.file = fopen(beside, "wb");
    if (!w.file)
        return eg_fail(err, ENGRAM_E_IO, "%s: cannot be written: %s", path, strerror(errno));
    status = write_document(&w, net);
    if (fclose(w.file) != 0 && !w.error)
        w.error = errno ? errno : EIO;
    if (!status && w.error)
        status =
            eg_fail(err, ENGRAM_E_IO, "%s: cannot be written: %s", path, strerror(w.error));
    if (status) {
        eg_beside_abandon(beside);
        return status;
    }
    return eg_beside_commit(beside, path, err);
}
