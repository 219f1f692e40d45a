#!/bin/sh
# manual.sh ENGRAM - docs/engram.1, the commands' --help and the commands know the same options
#
# What a command knows is taken from its option table in plugin/cli/cmd_<command>.c. The manual
# has a subsection a command, every exit code of status.def, and this version.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
engram=$1 page=$root/docs/engram.1 failed=0
complain() {
    echo "$*"
    failed=1
}
options() { grep -o -e '--[a-z][a-z0-9-]*' | sort -u; }

for source in "$root"/plugin/cli/cmd_*.c; do
    command=${source##*/cmd_}
    command=${command%.c}
    known=$(grep -o '{"--[a-z0-9-]*"' "$source" | options)
    helped=$("$engram" "$command" --help | options)
    section=$(sed -n "/^\.SS $command\$/,/^\.S[SH] /p" "$page" | sed 's/\\-/-/g')
    [ -n "$section" ] || complain "the manual has no section $command"
    written=$(printf '%s\n' "$section" | sed -n 's/^\.B[IR]* "*\(--[a-z0-9-]*\).*/\1/p' | options)
    for option in $known; do
        [ "$option" = --help ] && continue # said once, for all commands
        printf '%s\n' "$written" | grep -qxe "$option" ||
            complain "the manual's section $command lacks $option"
        printf '%s\n' "$helped" | grep -qxe "$option" ||
            complain "engram $command --help lacks $option"
    done
    for option in $written $helped; do
        printf '%s\n' "$known" | grep -qxe "$option" ||
            complain "$option is described, but engram $command does not know it"
    done
    "$engram" --help | grep -q "^  engram $command " || complain "engram --help lacks $command"
done

codes=$(sed -n 's/^EG_STATUS([0-9]*, [A-Z0-9_]*, \([0-9]*\),.*/\1/p' \
    "$root/formats/common/status.def" | sort -un)
[ "$(printf '%s\n' "$codes" | wc -l)" -ge 7 ] || complain "exit codes not found in status.def"
for code in $codes 143; do
    grep -qx "\.B $code" "$page" || complain "the manual does not explain exit code $code"
done

version=$("$engram" --version)
grep -q "^\.TH ENGRAM 1 .*\"Engram ${version#engram }\"" "$page" ||
    complain "the manual is not that of $version"
if command -v groff >/dev/null; then
    warnings=$(groff -ww -man -z "$page" 2>&1)
    [ -z "$warnings" ] || complain "$warnings"
fi
exit $failed
