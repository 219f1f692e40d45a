#include "hdf5/h5.h"

#include <string.h>

static const int8_t bool_false = 0, bool_true = 1;

hid_t eg_h5_bool(void)
{
    const hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
    if (type < 0)
        return -1;
    if (H5Tenum_insert(type, "FALSE", &bool_false) >= 0 &&
        H5Tenum_insert(type, "TRUE", &bool_true) >= 0)
        return type;
    H5Tclose(type);
    return -1;
}

hid_t eg_h5_text(size_t size)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0)
        return -1;
    if (H5Tset_size(type, size ? size : 1) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0 &&
        H5Tset_strpad(type, H5T_STR_NULLPAD) >= 0)
        return type;
    H5Tclose(type);
    return -1;
}

hid_t eg_h5_dtype(eg_dtype dtype, bool file)
{
    switch (dtype) {
    case EG_BOOL:
        return eg_h5_bool();
    case EG_I32:
        return H5Tcopy(file ? H5T_STD_I32LE : H5T_NATIVE_INT32);
    case EG_I64:
        return H5Tcopy(file ? H5T_STD_I64LE : H5T_NATIVE_INT64);
    case EG_F32:
        return H5Tcopy(file ? H5T_IEEE_F32LE : H5T_NATIVE_FLOAT);
    case EG_F64:
        return H5Tcopy(file ? H5T_IEEE_F64LE : H5T_NATIVE_DOUBLE);
    case EG_U8:
        return H5Tcopy(file ? H5T_STD_U8LE : H5T_NATIVE_UINT8);
    case EG_U32:
        return H5Tcopy(file ? H5T_STD_U32LE : H5T_NATIVE_UINT32);
    case EG_U64:
        return H5Tcopy(file ? H5T_STD_U64LE : H5T_NATIVE_UINT64);
    case EG_DTYPE_COUNT:
        break;
    }
    return -1;
}

/* The one type that a stored one can be, by its class, size and sign. */
static bool candidate(eg_dtype *out, hid_t *ours, hid_t type)
{
    const size_t size = H5Tget_size(type);
    switch (H5Tget_class(type)) {
    case H5T_FLOAT:
        *out = size == 4 ? EG_F32 : EG_F64;
        *ours = size == 4 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
        return true;
    case H5T_ENUM:
        *out = EG_BOOL;
        *ours = eg_h5_bool();
        return *ours >= 0;
    case H5T_INTEGER:
        if (H5Tget_sign(type) == H5T_SGN_NONE) {
            *out = size == 1 ? EG_U8 : size == 4 ? EG_U32 : EG_U64;
            *ours = size == 1 ? H5T_STD_U8LE : size == 4 ? H5T_STD_U32LE : H5T_STD_U64LE;
        } else {
            *out = size == 4 ? EG_I32 : EG_I64;
            *ours = size == 4 ? H5T_STD_I32LE : H5T_STD_I64LE;
        }
        return true;
    default:
        return false;
    }
}

bool eg_h5_dtype_of(eg_dtype *out, hid_t type)
{
    eg_dtype dtype;
    hid_t ours;
    if (!candidate(&dtype, &ours, type))
        return false;
    const bool same = H5Tequal(ours, type) > 0;
    if (dtype == EG_BOOL)
        H5Tclose(ours);
    if (same)
        *out = dtype;
    return same;
}

static hid_t without_times(hid_t properties)
{
    if (properties >= 0 && H5Pset_obj_track_times(properties, 0) >= 0)
        return properties;
    if (properties >= 0)
        H5Pclose(properties);
    return -1;
}

hid_t eg_h5_plain_dataset(void)
{
    return without_times(H5Pcreate(H5P_DATASET_CREATE));
}

hid_t eg_h5_new_group(hid_t parent, const char *name)
{
    const hid_t properties = without_times(H5Pcreate(H5P_GROUP_CREATE));
    if (properties < 0)
        return -1;
    const hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5Pclose(properties);
    return group;
}

void eg_h5_done(hid_t type, hid_t space, hid_t properties)
{
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    if (properties >= 0)
        H5Pclose(properties);
}

static bool put_attribute(hid_t object, const char *name, hid_t file_type, hid_t memory_type,
                          const void *value, size_t count)
{
    const hsize_t size = count;
    const hid_t space = count ? H5Screate_simple(1, &size, NULL) : H5Screate(H5S_SCALAR);
    const hid_t attribute =
        space < 0 ? -1 : H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool good = attribute >= 0 && H5Awrite(attribute, memory_type, value) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    if (space >= 0)
        H5Sclose(space);
    return good;
}

bool eg_h5_put_text(hid_t object, const char *name, const char *text)
{
    const hid_t type = eg_h5_text(strlen(text));
    const bool good = type >= 0 && put_attribute(object, name, type, type, text, 0);
    if (type >= 0)
        H5Tclose(type);
    return good;
}

bool eg_h5_put_number(hid_t object, const char *name, eg_dtype dtype, const void *value,
                      size_t count)
{
    const hid_t file = eg_h5_dtype(dtype, true), memory = eg_h5_dtype(dtype, false);
    const bool good =
        file >= 0 && memory >= 0 && put_attribute(object, name, file, memory, value, count);
    if (file >= 0)
        H5Tclose(file);
    if (memory >= 0)
        H5Tclose(memory);
    return good;
}

bool eg_h5_put_dim(hid_t object, const double *dim, const char *unit)
{
    return eg_h5_put_number(object, "dim", EG_F64, dim, 7) &&
           (!unit || !unit[0] || eg_h5_put_text(object, "unit", unit));
}

bool eg_h5_put_digest(hid_t object, const eg_digest *digest)
{
    char text[EG_DIGEST_TEXT + 1];
    eg_digest_text(text, digest);
    return eg_h5_put_text(object, EG_H5_DIGEST, text);
}

bool eg_h5_get_digest(eg_digest *out, bool *there, hid_t object)
{
    char text[EG_DIGEST_TEXT], again[EG_DIGEST_TEXT + 1];
    *there = H5Aexists(object, EG_H5_DIGEST) > 0;
    if (!*there)
        return true;
    const hid_t attribute = H5Aopen(object, EG_H5_DIGEST, H5P_DEFAULT);
    const hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    const hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    bool good = type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
                H5Tis_variable_str(type) == 0 && H5Tget_size(type) == sizeof text &&
                H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attribute, type, text) >= 0;
    for (size_t k = 0; good && k < sizeof out->byte; k++) {
        unsigned value = 0;
        for (size_t n = 2 * k; n < 2 * k + 2; n++)
            value =
                16 * value + (unsigned)(text[n] <= '9' ? text[n] - '0' : text[n] - 'a' + 10);
        out->byte[k] = (unsigned char)value;
    }
    if (good) /* there is one spelling, so this finds every other */
        eg_digest_text(again, out);
    good = good && !memcmp(again, text, sizeof text);
    eg_h5_done(type, space, -1);
    if (attribute >= 0)
        H5Aclose(attribute);
    return good;
}

bool eg_h5_good_name(const char *name)
{
    return name && name[0] && !strchr(name, '/') && strcmp(name, ".") && strcmp(name, "..") &&
           strlen(name) < EG_H5_NAME;
}
