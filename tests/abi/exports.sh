#!/bin/sh
# exports.sh LIBRARY LIST [--write] - the dynamic symbols of LIBRARY are exactly those of LIST
#
# A name that comes or goes is a change of the ABI: run with --write, look at the difference,
# and say it in CHANGELOG.md. Lines of LIST that begin with # are comments.
set -eu
library=$1 list=$2
have=$(nm -D --defined-only "$library" | awk '{ print $NF }' | LC_ALL=C sort -u)
if [ "${3:-}" = --write ]; then
    { grep '^#' "$list" 2>/dev/null || true; printf '%s\n' "$have"; } >"$list.new"
    mv "$list.new" "$list"
    exit 0
fi
want=$(grep -v '^#' "$list" | LC_ALL=C sort -u)
[ "$have" = "$want" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%s\n' "$have" >"$work/exported"
printf '%s\n' "$want" >"$work/listed"
echo "${library##*/} and ${list##*/} differ (< exported, > listed):"
diff "$work/exported" "$work/listed" | grep '^[<>]'
exit 1
