#!/bin/sh
# links.sh - each relative link of the Markdown pages leads to something
set -eu
cd "$(dirname -- "$0")/../.."
failed=0
for page in *.md docs/*.md docs/*/*.md; do
    [ -e "$page" ] || continue
    for link in $(sed -n 's/](/\
](/gp' "$page" | sed -n 's/^](\([^)#]*\).*/\1/p' | grep -v '^[a-z]*:' || true); do
        [ -e "${page%"${page##*/}"}$link" ] && continue
        echo "$page: $link leads nowhere"
        failed=1
    done
done
exit $failed
