#include "converter.h"

#include "common/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In the order in which input is tried. */
static const eg_converter *const converters[] = {&eg_converter_hdf5, &eg_converter_msgpack};
enum { CONVERTERS = sizeof converters / sizeof *converters };

size_t engram_converter_count(void)
{
    return CONVERTERS;
}

const engram_converter *engram_converter_at(size_t index)
{
    return index < CONVERTERS ? &converters[index]->about : NULL;
}

static const eg_converter *find_named(const char *name)
{
    for (size_t k = 0; k < CONVERTERS; k++)
        if (strcmp(converters[k]->about.name, name) == 0)
            return converters[k];
    return NULL;
}

const engram_converter *engram_converter_find(const char *name)
{
    const eg_converter *converter = find_named(name);
    return converter ? &converter->about : NULL;
}

/* ASCII only: toupper would follow the locale. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool ends_in(const char *ending, const char *extensions)
{
    const size_t length = strlen(ending);
    for (const char *word = extensions; *word; word += *word == ' ') {
        const size_t size = strcspn(word, " ");
        size_t k = 0;
        while (k < length && k < size && lower(ending[k]) == word[k])
            k++;
        if (k == length && k == size)
            return true;
        word += size;
    }
    return false;
}

static const eg_converter *by_path(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    for (size_t k = 0; dot && k < CONVERTERS; k++)
        if (ends_in(dot + 1, converters[k]->about.extensions))
            return converters[k];
    return NULL;
}

const engram_converter *engram_converter_by_path(const char *path)
{
    const eg_converter *converter = by_path(path);
    return converter ? &converter->about : NULL;
}

/* What a file that nobody claims looks like, to tell the user more than "no". */
static const char *looks_like(const unsigned char *head, size_t size)
{
    static const struct {
        const char *mark, *what;
        size_t size;
    } known[] = {{"ENGRAM-CP", "a checkpoint of a run (engram resume)", 9},
                 {"PK\003\004", "a zip archive", 4},
                 {"\037\213", "a gzip file", 2},
                 {"\223NUMPY", "a NumPy array", 6},
                 {"SIMPLE  =", "a FITS file", 9},
                 {"SQLite format 3", "an SQLite database", 15},
                 {"\177ELF", "a program", 4},
                 {"%PDF", "a PDF", 4},
                 {"<?xml", "XML", 5},
                 {"\x80\x04\x95", "a Python pickle", 3},
                 {"#!", "a script", 2}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (size >= known[k].size && memcmp(head, known[k].mark, known[k].size) == 0)
            return known[k].what;
    for (size_t k = 0; k < size; k++)
        if (!head[k] || (head[k] < 0x20 && !strchr("\t\n\r\f", head[k])))
            return "a binary file of another kind";
    return head[0] == '{' || head[0] == '[' ? "JSON" : "a text file";
}

engram_status eg_converter_of(const eg_converter **out, const char *path, engram_error *err)
{
    unsigned char head[EG_SNIFF];
    size_t size;
    *out = NULL;
    engram_status status = eg_file_head(head, sizeof head, &size, path, err);
    if (status)
        return status;
    if (size == 0)
        return eg_fail(err, ENGRAM_E_FORMAT,
                       "%s: the file is empty, expected an archive or a document", path);
    for (size_t k = 0; k < CONVERTERS; k++)
        if (converters[k]->claims(head, size, path)) {
            *out = converters[k];
            return ENGRAM_OK;
        }
    if ((head[0] & 0xf0) == 0x80 || head[0] == 0xde || head[0] == 0xdf) {
        *out = &eg_converter_msgpack; /* its reader says what the map lacks */
        return ENGRAM_OK;
    }
    return eg_fail(err, ENGRAM_E_FORMAT,
                   "%s: looks like %s, expected an archive (HDF5) or a document (MessagePack)",
                   path, looks_like(head, size));
}

engram_status engram_converter_by_content(const engram_converter **out, const char *path,
                                          engram_error *err)
{
    const eg_converter *converter;
    engram_status status = eg_converter_of(&converter, path, err);
    *out = status ? NULL : &converter->about;
    return status;
}

void eg_report_loss(engram_convert_report *report, const char *format, ...)
{
    if (report->count < ENGRAM_CONVERT_LOSSES) {
        va_list args;
        va_start(args, format);
        vsnprintf(report->losses[report->count], sizeof report->losses[0], format, args);
        va_end(args);
    }
    report->count++;
}

static engram_status find(const eg_converter **out, const char *name, engram_error *err)
{
    char known[64] = "";
    *out = find_named(name);
    for (size_t k = 0; k < CONVERTERS; k++) {
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", k ? " or " : "",
                 converters[k]->about.name);
    }
    return *out ? ENGRAM_OK
                : eg_fail(err, ENGRAM_E_ARGUMENT, "no converter is named \"%s\", wanted %s",
                          name, known);
}

static engram_status choose(const eg_converter **from, const eg_converter **to, const char *in,
                            const char *out, const engram_convert_options *options,
                            engram_error *err)
{
    engram_status status = options->from ? find(from, options->from, err) : ENGRAM_OK;
    if (!status && options->to)
        status = find(to, options->to, err);
    if (status)
        return status;
    if (!options->to && !(*to = by_path(out)))
        return eg_fail(err, ENGRAM_E_ARGUMENT,
                       "%s: no kind of file has this ending, expected .h5 or .mpk", out);
    if (!(*to)->write)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "%s cannot be written", (*to)->about.name);
    if (options->from)
        return ENGRAM_OK;
    return eg_converter_of(from, in, err);
}

engram_status engram_convert_file(const char *in, const char *out,
                                  const engram_convert_options *options,
                                  engram_convert_report *report, engram_error *err)
{
    engram_convert_options known = ENGRAM_CONVERT_OPTIONS_INIT;
    engram_convert_report unseen;
    if (!report)
        report = &unseen;
    memset(report, 0, sizeof *report);
    if (!in || !out)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "conversion needs two file names");
    if (options)
        memcpy(&known, options, options->size < sizeof known ? options->size : sizeof known);
    const engram_alloc *alloc = known.alloc ? known.alloc : engram_default_alloc();
    const eg_converter *from = NULL, *to = NULL;
    engram_status status = choose(&from, &to, in, out, &known, err);
    if (status)
        return status;
    report->from = from->about.name;
    report->to = to->about.name;
    eg_net *net;
    status = from->read(&net, in, known.flags, alloc, err);
    if (status)
        return status;
    for (size_t k = 0; k < net->ignored.count; k++)
        eg_report_loss(report, "%s: not known to this version, left out", net->ignored.item[k]);
    /* A file of a newer minor version, read by this one, is what this one can write. */
    net->document.minor = EG_FORMAT_MINOR;
    status = to->write(net, out, known.flags, report, alloc, err);
    eg_net_free(net);
    return status;
}
