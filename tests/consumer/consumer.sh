#!/bin/sh
# consumer.sh BUILD CMAKE CC GENERATOR - install to a fresh prefix, move it; build and run users
# of it there, through find_package (shared and static) and through pkg-config; run the command
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
build=$1 cmake=$2 cc=$3 generator=$4
network=$here/../golden/minimal.mpk spikes=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }

quietly "$cmake" --install "$build" --prefix "$work/installed"
mv "$work/installed" "$work/prefix"

quietly "$cmake" -S "$here" -B "$work/build" -G "$generator" -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_C_COMPILER="$cc"
quietly "$cmake" --build "$work/build"
for kind in shared static; do
    "$work/build/main_$kind"
    "$work/build/run_$kind" "$network" $spikes
done

pc=$(find "$work/prefix" -name engram.pc)
libdir=${pc%/pkgconfig/engram.pc}
PKG_CONFIG_PATH=${pc%/engram.pc}
export PKG_CONFIG_PATH
pkg_config() { pkg-config --define-variable=prefix="$work/prefix" "$@" engram; }
version=$(sed -n 's/^project(engram VERSION \([0-9.]*\).*/\1/p' "$here/../../CMakeLists.txt")
[ "$(pkg_config --modversion)" = "$version" ]
for program in main run; do
    # shellcheck disable=SC2046 # flags are a list
    "$cc" "$here/$program.c" $(pkg_config --cflags --libs) -o "$work/${program}_pc"
done
LD_LIBRARY_PATH=$libdir "$work/main_pc"
LD_LIBRARY_PATH=$libdir "$work/run_pc" "$network" $spikes

for file in bin/engram share/man/man1/engram.1 include/engram/version.h; do
    [ -e "$work/prefix/$file" ] || { echo "not installed: $file"; exit 1; }
done
for file in libengram.so libengram.a engram/libengram_hdf5.so engram/engram_plugin.so; do
    [ -e "$libdir/$file" ] || { echo "not installed: lib/$file"; exit 1; }
done

# The installed command finds the installed parts, wherever the prefix is.
engram=$work/prefix/bin/engram
[ "$("$engram" --version)" = "engram $version" ]
quietly "$engram" convert "$network" "$work/x.h5"
quietly "$engram" run "$work/x.h5" --out "$work/r.h5"
[ -s "$work/r.h5" ] || { echo "the installed command wrote no results"; exit 1; }
