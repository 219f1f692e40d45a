#!/bin/sh
# Every tracked *.c and *.h is as clang-format 14 writes it. Exit 77 (skipped) without it.
set -eu
cd "$(dirname -- "$0")/../.."
tool=
for name in clang-format-14 clang-format; do
    if command -v $name >/dev/null && $name --version | grep -q 'version 14\.'; then
        tool=$name
        break
    fi
done
[ -n "$tool" ] || { echo "clang-format 14 not found: not checked"; exit 77; }
if [ -e .git ] && command -v git >/dev/null && git rev-parse >/dev/null 2>&1; then
    files=$(git ls-files -- '*.c' '*.h')
else
    files=$(find formats converters plugin tests docs -name '*.[ch]')
fi
# shellcheck disable=SC2086 # no name has a space
bad=$($tool --dry-run $files 2>&1 | sed -n 's/^\([^:]*\.[ch]\):[0-9].*clang-format.*/\1/p' |
    sort | uniq -c)
[ -z "$bad" ] && exit 0
echo "places in each file that $tool -i would change:"
printf '%s\n' "$bad"
exit 1
