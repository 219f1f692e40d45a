#!/bin/sh
# consumer.sh BUILD CMAKE CC GENERATOR - install to a fresh prefix; build and run users of it, through
# find_package (shared and static) and through pkg-config
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
build=$1 cmake=$2 cc=$3 generator=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
"$cmake" --install "$build" --prefix "$work/prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

"$cmake" -S "$here" -B "$work/build" -G "$generator" -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_C_COMPILER="$cc" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$cmake" --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$work/build/with_shared"
"$work/build/with_static"

pc=$(find "$work/prefix" -name engram.pc)
libdir=${pc%/pkgconfig/engram.pc}
PKG_CONFIG_PATH=${pc%/engram.pc}
export PKG_CONFIG_PATH
pkg_config() { pkg-config --define-variable=prefix="$work/prefix" "$@" engram; }
[ "$(pkg_config --modversion)" = "$(sed -n 's/^project(engram VERSION \([0-9.]*\).*/\1/p' \
    "$here/../../CMakeLists.txt")" ]
# shellcheck disable=SC2046 # flags are a list
"$cc" "$here/main.c" $(pkg_config --cflags --libs) -o "$work/with_pc"
LD_LIBRARY_PATH=$libdir "$work/with_pc"

# The installed command finds the installed parts, wherever the prefix is.
for file in bin/engram share/man/man1/engram.1; do
    [ -e "$work/prefix/$file" ] || { echo "not installed: $file"; exit 1; }
done
for file in libengram.so libengram.a engram/libengram_hdf5.so engram/engram_plugin.so; do
    [ -e "$libdir/$file" ] || { echo "not installed: lib/$file"; exit 1; }
done
"$work/prefix/bin/engram" --version
