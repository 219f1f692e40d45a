#!/bin/sh
# plugin_hosts.sh BUILD - the hosts in the tree and the plugins in tests/fixtures
#
# The example host runs a network and prints what the command counts; each plugin that is not
# ours, or not of our version, is refused by both hosts in one line that names it, exit 6.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
build=$1
engram=$build/bin/engram host=$build/tests/example_host fixtures=$build/tests/fixtures
plugin=$build/lib/engram/engram_plugin.so file=$here/../golden/minimal.mpk
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
failed=0

complain() {
    echo "$*"
    cat "$work/out" "$work/err"
    failed=1
}

call() { # <exit code> <command...>
    wanted=$1 code=0
    shift
    "$@" >"$work/out" 2>"$work/err" || code=$?
    [ "$code" -eq "$wanted" ] || complain "exit $code, wanted $wanted: $*"
}

says() { # <words that the error has, in one line>
    [ "$(wc -l <"$work/err")" -eq 1 ] || complain "not one line on stderr"
    for word; do
        grep -qF -e "$word" "$work/err" || complain "stderr lacks '$word'"
    done
}

call 0 "$host" "$plugin" "$file" P v
for line in 'engram [0-9.]*: 2 neurons, 0.1 s in 1 runs, dt 0.0001 s' '1000 steps, t = 0.1 s' \
    'P: 1 spikes' 'P\.v \[2\].*: .*'; do
    grep -qx "$line" "$work/out" || complain "the example host does not print '$line'"
done
call 5 "$host" "$plugin" "$file" P w
says w
call 3 "$host" "$plugin" "$work/nowhere.h5"
says nowhere.h5
call 6 "$host" "$work/nowhere.so" "$file"
says nowhere.so

call 0 env ENGRAM_PLUGIN="$plugin" "$engram" run "$file"
for name in other careless short silent nameless; do
    call 6 env ENGRAM_PLUGIN="$fixtures/$name.so" "$engram" run "$file" --out "$work/r.h5"
    says "engram: " "$name.so"
    [ ! -s "$work/out" ] || complain "$name: output although nothing ran"
done
for name in other careless; do
    call 6 env ENGRAM_PLUGIN="$fixtures/$name.so" "$engram" run "$file"
    says 0.002 0.007
    call 6 "$host" "$fixtures/$name.so" "$file"
done
call 6 env ENGRAM_PLUGIN="$work/nowhere.so" "$engram" run "$file"
says nowhere.so
echo 'no shared object' >"$work/text.so"
call 6 env ENGRAM_PLUGIN="$work/text.so" "$engram" run "$file"
says text.so

# The command finds the plugin from where it is, not from where it was built.
mkdir -p "$work/prefix/bin"
cp "$engram" "$work/prefix/bin/"
call 6 env LD_LIBRARY_PATH="$build/lib" "$work/prefix/bin/engram" run "$file"
says "engram_plugin.so is not there" "$work/prefix/bin/../lib/engram/engram_plugin.so"
mkdir -p "$work/prefix/lib"
cp -R "$build/lib/engram" "$work/prefix/lib/"
cp -P "$build"/lib/libengram.so* "$work/prefix/lib/"
call 0 env LD_LIBRARY_PATH="$work/prefix/lib" "$work/prefix/bin/engram" run "$file"
mv "$work/prefix" "$work/moved"
call 0 env LD_LIBRARY_PATH= "$work/moved/bin/engram" run "$file"
[ -z "$(find "$work" -name '*.h5*')" ] || complain "files were left"
exit $failed
