#!/bin/sh
# The layering check must find what it is there for: plant violations, one at a time.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
failed=0

fresh() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree/formats/include/engram" "$work/tree/formats/common" \
        "$work/tree/formats/network" "$work/tree/formats/hdf5" "$work/tree/converters" \
        "$work/tree/plugin/include/engram" "$work/tree/plugin/cli" "$work/tree/plugin/sim"
    : >"$work/tree/formats/include/engram/status.h"
    : >"$work/tree/plugin/include/engram/sim.h"
    : >"$work/tree/plugin/include/engram/version.h.in"
    printf '#include "engram/status.h"\n' >"$work/tree/formats/common/memory.h"
    printf '#include "common/memory.h"\n' >"$work/tree/formats/network/net.h"
    printf '#include "network/net.h"\n#include <hdf5.h>\n' >"$work/tree/formats/hdf5/h5.c"
    printf '#include "network/net.h"\n' >"$work/tree/plugin/sim/store.h"
    printf '#include "engram/sim.h"\n#include "engram/version.h"\n#include <stdio.h>\n' \
        >"$work/tree/plugin/cli/main.c"
}

expect() { # <file> <include line> <words of the complaint>
    fresh
    printf '%s\n' "$2" >>"$work/tree/$1"
    if sh "$here/check.sh" "$work/tree" >"$work/said"; then
        echo "not found: $1: $2"
        failed=1
    elif ! grep -q "^$1:[0-9]*: .*$3" "$work/said"; then
        echo "$1: $2: wanted '$3', said:"
        cat "$work/said"
        failed=1
    fi
}

fresh
sh "$here/check.sh" "$work/tree" || { echo "a clean tree is refused"; exit 1; }
expect formats/common/memory.h '#include "network/net.h"' 'may not include formats/network'
expect formats/common/memory.h '#include "engram/sim.h"' 'may not include plugin/include'
expect formats/network/net.h '  #  include "sim/store.h"' 'may not include plugin/sim'
expect formats/common/memory.h '#include "engram/version.h"' 'may not include plugin/include'
expect plugin/cli/main.c '#include "common/memory.h"' 'may not include formats/common'
expect plugin/cli/main.c '#include <hdf5.h>' 'may not include <hdf5.h>'
expect plugin/sim/store.h '#include <H5public.h>' 'may not include <H5public.h>'
expect plugin/sim/store.h '#include "../../formats/network/net.h"' 'from the floor root'
expect plugin/sim/store.h '#include "nowhere/x.h"' 'belongs to no room'
mkdir -p "$work/tree/plugin/attic"
fresh
mkdir -p "$work/tree/plugin/attic"
printf '#include <stdio.h>\n' >"$work/tree/plugin/attic/old.c"
if sh "$here/check.sh" "$work/tree" >/dev/null; then
    echo "not found: a folder that is in no room"
    failed=1
fi
exit $failed
