#!/bin/sh
# dependencies.sh FILE... - none of the files needs HDF5, GSL or Python, directly or through others
set -eu
failed=0
for file; do
    [ -e "$file" ] || { echo "$file is missing"; exit 1; }
    if ldd "$file" | grep -iE 'libhdf5|libgsl|libpython'; then
        echo "${file##*/} must not need these"
        failed=1
    fi
    if nm -D --undefined-only "$file" | grep -E ' (H5|Py)[A-Z_]| gsl_'; then
        echo "${file##*/} must not refer to these"
        failed=1
    fi
done
exit $failed
