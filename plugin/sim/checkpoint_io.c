#include "sim/checkpoint.h"

#include "common/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAJOR = 1,
    MINOR = 0,
    SEAL = 64,     /* bytes */
    SECTION = 16,  /* bytes before its fields */
    HELD = 1 << 20 /* bytes that wait to be written */
};

static const unsigned char magic[16] = {'E', 'N',  'G',  'R',  'A',  'M', '-', 'C',
                                        'P', '\r', '\n', 0x1a, '\n', 0,   0,   0};

static const char kind_name[EG_SECTION_KINDS][9] = {
    [EG_SECTION_HEAD] = "head    ",      [EG_SECTION_CLOCK] = "clock   ",
    [EG_SECTION_ARRAY] = "array   ",     [EG_SECTION_RANDOM] = "random  ",
    [EG_SECTION_EVENTS] = "events  ",    [EG_SECTION_FLIGHT] = "flight  ",
    [EG_SECTION_GENERATOR] = "generatr", [EG_SECTION_MONITOR] = "monitor ",
    [EG_SECTION_TRAIN] = "train   ",     [EG_SECTION_RESULTS] = "results ",
};

/* ---- writing ---------------------------------------------------------------------------- */

static void write_out(eg_sections *out, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size && !out->code) {
        const ssize_t put = write(out->descriptor, from, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            out->code = put ? errno : ENOSPC;
            return;
        }
        from += put;
        size -= (size_t)put;
    }
}

static void flush(eg_sections *out)
{
    if (out->descriptor < 0)
        return;
    write_out(out, out->bytes.data, out->bytes.size);
    out->bytes.size = 0;
}

static void put(eg_sections *out, const void *bytes, size_t size)
{
    eg_hash_add(&out->hash, bytes, size);
    out->size += size;
    if (out->descriptor >= 0 && size >= HELD) {
        flush(out);
        write_out(out, bytes, size);
        return;
    }
    eg_buf_append(&out->bytes, bytes, size);
    if (out->bytes.size >= HELD)
        flush(out);
}

/* The file beside is the same for all processes. Whoever has its lock, and finds it there
 * still, writes it. */
static engram_status open_alone(int *descriptor, const char *path, engram_error *err)
{
    struct stat ours, there;
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    *descriptor = fd;
    if (fd < 0)
        return eg_fail(err, ENGRAM_E_IO, "cannot create %s: %s", path, strerror(errno));
    bool alone = true;
#if defined(F_OFD_SETLK)
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    alone = fcntl(fd, F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES);
#endif
    if (!alone || fstat(fd, &ours) || stat(path, &there) || ours.st_ino != there.st_ino)
        return eg_fail(err, ENGRAM_E_STATE, "another process writes %s", path);
    return ftruncate(fd, 0)
               ? eg_fail(err, ENGRAM_E_IO, "cannot write %s: %s", path, strerror(errno))
               : ENGRAM_OK;
}

engram_status eg_sections_begin(eg_sections *out, const char *path, const engram_alloc *alloc,
                                engram_error *err)
{
    static const unsigned char nothing[SEAL] = {0};
    *out = (eg_sections){.alloc = alloc, .descriptor = -1};
    eg_buf_init(&out->bytes, alloc);
    eg_hash_begin(&out->hash);
    if (path) {
        const engram_status status = open_alone(&out->descriptor, path, err);
        if (status) {
            eg_sections_clear(out);
            return status;
        }
        write_out(out, nothing, SEAL);
    }
    return ENGRAM_OK;
}

void eg_sections_put(eg_sections *out, eg_section_kind kind, eg_buf *fields, const void *bytes,
                     uint64_t size)
{
    eg_buf begin;
    eg_buf_init(&begin, out->alloc);
    const uint64_t array = bytes ? 8 + size + eg_pack_padding(size) : 0;
    eg_buf_append(&begin, kind_name[kind], 8);
    eg_pack_u64(&begin, fields->size + array);
    eg_buf_append(&begin, fields->data ? fields->data : "", fields->size);
    if (bytes)
        eg_pack_u64(&begin, size);
    out->bytes.failed |= begin.failed | fields->failed;
    put(out, begin.data ? begin.data : "", begin.size);
    if (bytes) {
        static const unsigned char zeros[8] = {0};
        put(out, bytes, (size_t)size);
        put(out, zeros, eg_pack_padding(size));
    }
    eg_buf_clear(&begin);
    eg_buf_clear(fields);
}

static void compose_seal(unsigned char seal[SEAL], const eg_sections *from)
{
    eg_digest digest;
    memset(seal, 0, SEAL);
    memcpy(seal, magic, sizeof magic);
    eg_put_little(seal + 16, MAJOR, 4);
    eg_put_little(seal + 20, MINOR, 4);
    eg_put_little(seal + 24, from->size, 8);
    eg_hash_end(&digest, &from->hash);
    memcpy(seal + 32, digest.byte, 16);
    eg_digest_bytes(&digest, seal, 48);
    memcpy(seal + 48, digest.byte, 16);
}

engram_status eg_sections_end(eg_sections *out, const char *path, engram_error *err)
{
    unsigned char seal[SEAL];
    if (out->descriptor >= 0) {
        flush(out);
        compose_seal(seal, out);
        if (!out->code && pwrite(out->descriptor, seal, SEAL, 0) != SEAL)
            out->code = errno ? errno : ENOSPC;
    }
    if (out->bytes.failed)
        return eg_fail_memory(err, "a checkpoint");
    return out->code
               ? eg_fail(err, ENGRAM_E_IO, "cannot write %s: %s", path, strerror(out->code))
               : ENGRAM_OK;
}

void eg_sections_clear(eg_sections *out)
{
    if (out->descriptor >= 0)
        close(out->descriptor);
    out->descriptor = -1;
    eg_buf_clear(&out->bytes);
}

/* ---- the head --------------------------------------------------------------------------- */

void eg_head_pack(eg_buf *out, const eg_head *head)
{
    const engram_checkpoint_info *info = &head->info;
    const char *const texts[] = {info->identity, info->archive, info->digest, info->engine,
                                 info->math,     info->rng,     info->libm,   info->note};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        eg_pack_text(out, texts[k]);
    eg_pack_i64(out, info->seed);
    eg_pack_f64(out, head->last_duration);
    eg_pack_u64(out, info->operations_left_out != 0);
    eg_pack_u64(out, head->kept);
    eg_pack_u64(out, head->digest);
    eg_pack_u64(out, head->settled);
    eg_pack_u64(out, info->results != 0);
    eg_pack_u64(out, info->runs);
    eg_pack_u64(out, info->run);
    eg_pack_u64(out, head->going);
    eg_pack_f64(out, info->t);
    eg_pack_f64(out, head->start);
    eg_pack_f64(out, head->stop_at);
    eg_pack_u64(out, info->step);
    eg_pack_u64(out, head->steps);
    eg_pack_u64(out, info->total);
    eg_pack_u64(out, head->last_step);
    eg_pack_u64(out, head->last_steps);
    eg_pack_u64(out, head->stopped);
    eg_pack_u64(out, head->setup_done);
    eg_pack_u64(out, head->delivered);
    eg_pack_f64(out, head->simulated);
    eg_pack_f64(out, head->wall);
    eg_pack_f64(out, head->total_wall);
    eg_pack_f64(out, head->total_cpu);
    eg_pack_f64(out, head->build_time);
}

static void head_unpack(eg_head *head, eg_unpack *from)
{
    engram_checkpoint_info *info = &head->info;
    const char **const texts[] = {&info->identity, &info->archive, &info->digest, &info->engine,
                                  &info->math,     &info->rng,     &info->libm,   &info->note};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        *texts[k] = eg_unpack_text(from);
    info->seed = eg_unpack_i64(from);
    head->last_duration = eg_unpack_f64(from);
    info->operations_left_out = eg_unpack_count(from, 1) != 0;
    head->kept = eg_unpack_count(from, 1);
    head->digest = eg_unpack_count(from, 1);
    head->settled = eg_unpack_count(from, 1);
    info->results = eg_unpack_count(from, 1) != 0;
    info->runs = (uint32_t)eg_unpack_count(from, UINT32_MAX);
    info->run = (uint32_t)eg_unpack_count(from, info->runs);
    head->going = eg_unpack_count(from, 1);
    info->t = eg_unpack_f64(from);
    head->start = eg_unpack_f64(from);
    head->stop_at = eg_unpack_f64(from);
    info->step = eg_unpack_u64(from);
    head->steps = eg_unpack_u64(from);
    info->total = eg_unpack_u64(from);
    head->last_step = eg_unpack_u64(from);
    head->last_steps = eg_unpack_u64(from);
    head->stopped = eg_unpack_count(from, 1);
    head->setup_done = eg_unpack_u64(from);
    head->delivered = eg_unpack_u64(from);
    head->simulated = eg_unpack_f64(from);
    head->wall = eg_unpack_f64(from);
    head->total_wall = eg_unpack_f64(from);
    head->total_cpu = eg_unpack_f64(from);
    head->build_time = eg_unpack_f64(from);
    if (head->going && info->run == info->runs)
        from->failed = true;
}

/* ---- reading ------------------------------------------------------------------------------
 */

/* False: what stands at *at is no section. */
static bool section(const engram_checkpoint *c, size_t *at, eg_section_kind *kind,
                    eg_unpack *fields)
{
    eg_unpack from = {.data = c->data, .size = c->size, .at = *at + 8};
    if (c->size - *at < SECTION)
        return false;
    const uint64_t size = eg_unpack_u64(&from);
    if (size % 8 || size > c->size - from.at)
        return false;
    *kind = EG_SECTION_KINDS;
    for (int k = 0; k < EG_SECTION_KINDS; k++)
        if (!memcmp(c->data + *at, kind_name[k], 8))
            *kind = (eg_section_kind)k;
    *fields = (eg_unpack){.data = c->data + from.at, .size = (size_t)size};
    *at = from.at + (size_t)size;
    return true;
}

bool eg_checkpoint_next(const engram_checkpoint *c, size_t *at, eg_section_kind *kind,
                        eg_unpack *fields)
{
    while (*at < c->size && section(c, at, kind, fields))
        if (*kind != EG_SECTION_KINDS)
            return true;
    return false;
}

static engram_status look_through(engram_checkpoint *c, const char *path, uint32_t minor,
                                  engram_error *err)
{
    eg_section_kind kind;
    eg_unpack fields;
    for (size_t at = 0; at < c->size;) {
        const bool first = at == 0;
        if (!section(c, &at, &kind, &fields) || first != (kind == EG_SECTION_HEAD) ||
            (kind == EG_SECTION_KINDS && minor <= MINOR))
            return eg_fail(err, ENGRAM_E_FORMAT, "%s is malformed: no section at byte %zu",
                           path, at + SEAL);
        if (first)
            head_unpack(&c->head, &fields);
        if (first && fields.failed)
            return eg_fail(err, ENGRAM_E_FORMAT, "%s is malformed: its head", path);
    }
    return c->size ? ENGRAM_OK
                   : eg_fail(err, ENGRAM_E_FORMAT, "%s is malformed: it has no head", path);
}

static engram_status judge_seal(engram_checkpoint *c, const char *path, uint32_t *minor,
                                engram_error *err)
{
    const unsigned char *seal = c->mapping.data;
    const size_t size = c->mapping.size;
    eg_digest digest;
    if (size < sizeof magic || memcmp(seal, magic, sizeof magic))
        return eg_fail(err, ENGRAM_E_FORMAT, "%s is no checkpoint", path);
    if (size < SEAL)
        return eg_fail(err, ENGRAM_E_FORMAT, "%s is truncated: %zu bytes, wanted more than %d",
                       path, size, SEAL);
    eg_digest_bytes(&digest, seal, 48);
    if (memcmp(digest.byte, seal + 48, 16))
        return eg_fail(err, ENGRAM_E_DIGEST,
                       "%s: the first %d bytes do not match their digest: damaged", path, SEAL);
    const uint64_t major = eg_get_little(seal + 16, 4), length = eg_get_little(seal + 24, 8);
    *minor = (uint32_t)eg_get_little(seal + 20, 4);
    if (major != MAJOR)
        return eg_fail(err, ENGRAM_E_VERSION,
                       "%s is a checkpoint of version %llu, this library reads %d", path,
                       (unsigned long long)major, MAJOR);
    if (size - SEAL != length)
        return eg_fail(err, ENGRAM_E_FORMAT, "%s is %s: %zu bytes, wanted %llu", path,
                       size - SEAL < length ? "truncated" : "too long", size,
                       (unsigned long long)length + SEAL);
    c->data = seal + SEAL;
    c->size = size - SEAL;
    eg_digest_bytes(&digest, c->data, c->size);
    if (!memcmp(digest.byte, seal + 32, 16))
        return ENGRAM_OK;
    char found[EG_DIGEST_TEXT + 1], stored[EG_DIGEST_TEXT + 1];
    eg_digest_text(found, &digest);
    memcpy(digest.byte, seal + 32, 16);
    eg_digest_text(stored, &digest);
    return eg_fail(err, ENGRAM_E_DIGEST, "%s: the digest is %s, wanted %s: damaged", path,
                   found, stored);
}

engram_status engram_checkpoint_open(engram_checkpoint **out, const char *path,
                                     const engram_alloc *alloc, engram_error *err)
{
    uint32_t minor = 0;
    *out = NULL;
    alloc = alloc ? alloc : engram_default_alloc();
    engram_checkpoint *c = eg_calloc(alloc, sizeof *c);
    if (!c)
        return eg_fail_memory(err, "a checkpoint");
    c->alloc = alloc;
    eg_buf_init(&c->memory, alloc);
    engram_status status = eg_mapping_open(&c->mapping, path, err);
    if (!status)
        status = judge_seal(c, path, &minor, err);
    if (!status)
        status = look_through(c, path, minor, err);
    if (status)
        engram_checkpoint_close(c);
    else
        *out = c;
    return status;
}

engram_status eg_checkpoint_adopt(engram_checkpoint **out, eg_sections *from, engram_error *err)
{
    *out = NULL;
    engram_checkpoint *c = eg_calloc(from->alloc, sizeof *c);
    if (!c) {
        eg_sections_clear(from);
        return eg_fail_memory(err, "a checkpoint");
    }
    c->alloc = from->alloc;
    c->memory = from->bytes;
    eg_buf_init(&from->bytes, from->alloc);
    c->data = (const unsigned char *)c->memory.data;
    c->size = c->memory.size;
    const engram_status status = look_through(c, "(memory)", MINOR, err);
    if (status)
        engram_checkpoint_close(c);
    else
        *out = c;
    return status;
}

void engram_checkpoint_close(engram_checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    const engram_alloc *alloc = checkpoint->alloc;
    eg_mapping_close(&checkpoint->mapping);
    eg_buf_clear(&checkpoint->memory);
    eg_free(alloc, checkpoint, sizeof *checkpoint);
}

void engram_checkpoint_describe(const engram_checkpoint *checkpoint,
                                engram_checkpoint_info *info)
{
    engram_checkpoint_info all = checkpoint->head.info;
    all.size = info->size;
    memcpy(info, &all, info->size < sizeof all ? info->size : sizeof all);
}
