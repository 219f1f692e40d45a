#!/bin/sh
# check.sh CC CXX [GENERATED] - each public header compiles alone, as C11 and as C++17, without a
# warning. GENERATED: include folder of the headers that the build makes
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
cc=$1 cxx=$2 generated=${3:-} failed=0 count=0
flags="-Wall -Wextra -Wpedantic -Werror -fsyntax-only"
for folder in formats converters plugin; do
    flags="$flags -I$root/$folder/include"
done
[ -z "$generated" ] || flags="$flags -I$generated"
for header in "$root"/formats/include/engram/*.h "$root"/converters/include/engram/*.h \
    "$root"/plugin/include/engram/*.h ${generated:+"$generated"/engram/*.h}; do
    [ -e "$header" ] || continue
    count=$((count + 1))
    # Twice: the guard is part of the header.
    text=$(printf '#include "engram/%s"\n#include "engram/%s"\ntypedef int used;\n' \
        "${header##*/}" "${header##*/}")
    # shellcheck disable=SC2086 # the flags are a list
    printf '%s\n' "$text" | $cc -std=c11 $flags -x c - || failed=1
    # shellcheck disable=SC2086
    printf '%s\n' "$text" | $cxx -std=c++17 $flags -x c++ - || failed=1
done
[ "$count" -ge 2 ] || { echo "only $count public headers found"; exit 1; }
exit $failed
