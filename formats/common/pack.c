#include "common/pack.h"

#include <string.h>

void eg_put_little(unsigned char *out, uint64_t value, int bytes)
{
    for (int k = 0; k < bytes; k++)
        out[k] = (unsigned char)(value >> (8 * k));
}

uint64_t eg_get_little(const unsigned char *from, int bytes)
{
    uint64_t value = 0;
    for (int k = 0; k < bytes; k++)
        value |= (uint64_t)from[k] << (8 * k);
    return value;
}

enum { ALIGN = 8 };

static const unsigned char zeros[ALIGN];

size_t eg_pack_padding(uint64_t size)
{
    return (size_t)((ALIGN - size % ALIGN) % ALIGN);
}

void eg_pack_u64(eg_buf *out, uint64_t value)
{
    unsigned char bytes[8];
    eg_put_little(bytes, value, 8);
    eg_buf_append(out, bytes, sizeof bytes);
}

void eg_pack_i64(eg_buf *out, int64_t value)
{
    eg_pack_u64(out, (uint64_t)value);
}

void eg_pack_f64(eg_buf *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    eg_pack_u64(out, bits);
}

void eg_pack_text(eg_buf *out, const char *text)
{
    const size_t length = text ? strlen(text) : 0;
    eg_pack_u64(out, length);
    eg_buf_append(out, text ? text : "", length + 1);
    eg_buf_append(out, zeros, eg_pack_padding(length + 1));
}

void eg_pack_array(eg_buf *out, const void *bytes, uint64_t size)
{
    eg_pack_u64(out, size);
    eg_buf_append(out, bytes, (size_t)size);
    eg_buf_append(out, zeros, eg_pack_padding(size));
}

/* ---- reading ---------------------------------------------------------------------------- */

/* `size` bytes and what pads them. */
static const unsigned char *take(eg_unpack *from, uint64_t size)
{
    const size_t left = from->size - from->at;
    if (from->failed || size > left || eg_pack_padding(size) > left - (size_t)size) {
        from->failed = true;
        return NULL;
    }
    const unsigned char *here = from->data + from->at;
    from->at += (size_t)size + eg_pack_padding(size);
    return here;
}

uint64_t eg_unpack_u64(eg_unpack *from)
{
    const unsigned char *bytes = take(from, 8);
    return bytes ? eg_get_little(bytes, 8) : 0;
}

int64_t eg_unpack_i64(eg_unpack *from)
{
    return (int64_t)eg_unpack_u64(from);
}

double eg_unpack_f64(eg_unpack *from)
{
    const uint64_t bits = eg_unpack_u64(from);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint64_t eg_unpack_count(eg_unpack *from, uint64_t most)
{
    const uint64_t count = eg_unpack_u64(from);
    if (count <= most)
        return count;
    from->failed = true;
    return 0;
}

const char *eg_unpack_text(eg_unpack *from)
{
    const uint64_t length = eg_unpack_u64(from);
    const unsigned char *bytes = length < UINT64_MAX ? take(from, length + 1) : NULL;
    if (bytes && strnlen((const char *)bytes, (size_t)length + 1) == length)
        return (const char *)bytes;
    from->failed = true;
    return "";
}

const void *eg_unpack_array(eg_unpack *from, uint64_t *size)
{
    *size = eg_unpack_u64(from);
    const void *bytes = take(from, *size);
    if (!bytes)
        *size = 0;
    return bytes;
}

const void *eg_unpack_elements(eg_unpack *from, uint64_t count, size_t size)
{
    uint64_t bytes;
    const void *elements = eg_unpack_array(from, &bytes);
    if (elements && bytes % size == 0 && bytes / size == count)
        return elements;
    from->failed = true;
    return NULL;
}
