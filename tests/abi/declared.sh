#!/bin/sh
# declared.sh LIST - the list names exactly the functions that public headers mark ENGRAM_API
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
declared=$(cat "$root"/*/include/engram/*.h | tr '\n' ' ' |
    sed 's/#define ENGRAM_API[^#]*//g; s/ENGRAM_API/\
&/g' |
    sed -n 's/^ENGRAM_API[^;(]*[ *]\(engram_[a-z0-9_]*\)(.*/\1/p' | LC_ALL=C sort -u)
plugin=$(cat "$root"/tests/abi/engram_plugin.txt "$root"/tests/abi/libengram_hdf5.txt 2>/dev/null |
    grep -v '^#' || true)
for name in $plugin; do # exported by the loadable parts, not by libengram
    declared=$(printf '%s\n' "$declared" | grep -vx "$name" || true)
done
listed=$(grep -v '^#' "$1" | LC_ALL=C sort -u)
[ "$declared" = "$listed" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%s\n' "$declared" >"$work/declared"
printf '%s\n' "$listed" >"$work/listed"
echo "public headers and ${1##*/} differ (< declared, > listed):"
diff "$work/declared" "$work/listed" | grep '^[<>]'
exit 1
