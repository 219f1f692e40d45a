#!/bin/sh
# bootstrap.sh demo|test - from a fresh clone to a running Engram
#
#   demo   install what is missing, build, take CUBA from a Brian2 script to spikes in C and
#          print them beside Brian2's
#   test   install what is missing, build, run every test: gcc and clang with warnings as
#          errors, sanitizers, valgrind, Python
#
# System packages come from apt (with sudo, and only if one is missing); Python packages go
# to .venv and .venv-2.10; builds to build*/. A second run finds all that done.
#   PYTHON   the Python to make the environments with (default: the first suitable one)
#   JOBS     parallel compilations and tests (default 2)
set -eu
cd "$(dirname -- "$0")"
root=$(pwd)
: "${JOBS:=2}"

BUILD_PACKAGES="gcc g++ cmake ninja-build pkg-config libhdf5-dev libmsgpack-dev libjansson-dev
 libxxhash-dev libsleef-dev libmpfr-dev libgsl-dev librandom123-dev python3 python3-venv python3-dev
 ca-certificates"
TEST_PACKAGES="make libcmocka-dev clang clang-format valgrind git util-linux"

say() { printf 'engram: %s\n' "$*"; }
stop() {
    printf 'engram: %s\n' "$*" >&2
    exit 1
}

# ---- system packages ------------------------------------------------------------------------

install_packages() { # <packages>
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        for tool in cc c++ cmake ninja pkg-config; do
            command -v $tool >/dev/null ||
                stop "$tool not found, and no apt here: install what Debian calls" $1
        done
        say "no apt here: taking the compilers and libraries that are installed"
        return
    fi
    missing=
    for package in $1; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $package"
    done
    if [ -z "$missing" ]; then
        say "system packages: all there"
        return
    fi
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            stop "not root, and no sudo: install these packages first:$missing"
        as_root=sudo
    fi
    say "installing$missing"
    $as_root apt-get update -qq || stop "apt-get update failed; wanted:$missing"
    # shellcheck disable=SC2086 # a list
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends $missing >/dev/null || stop "apt-get could not install:$missing"
}

# ---- Python ---------------------------------------------------------------------------------

find_python() {
    for python in ${PYTHON:-} python3 python3.11 python3.12 /usr/bin/python3; do
        command -v "$python" >/dev/null || continue
        "$python" - 2>/dev/null <<'PY' && return
import os, sys, sysconfig, venv, ensurepip
header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
sys.exit(not ((3, 10) <= sys.version_info[:2] <= (3, 12) and os.path.exists(header)))
PY
    done
    stop "no Python 3.10 to 3.12 with venv and headers found; set PYTHON"
}

# <folder> <requirements> [what pip installs then, without dependencies]
environment() {
    folder=$1 requirements=$2
    shift 2
    stamp=$({
        cat "$requirements" converters/brian2engram/pyproject.toml
        echo "$* $root"
    } | cksum)
    if [ -f "$folder/stamp" ] && [ "$(cat "$folder/stamp")" = "$stamp" ]; then
        say "$folder: up to date"
        return
    fi
    say "$folder: installing Python packages"
    [ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
    pip="$folder/bin/python -m pip --disable-pip-version-check install -q"
    $pip -r "$requirements"
    for package; do
        $pip --no-deps --no-build-isolation --ignore-requires-python "$package"
    done
    $pip --no-deps --no-build-isolation -e converters/brian2engram
    printf '%s\n' "$stamp" >"$folder/stamp"
}

# ---- build ----------------------------------------------------------------------------------

# <folder> <cmake arguments>
build() {
    folder=$1
    shift
    say "building $folder"
    cmake -S . -B "$folder" -G Ninja -DENGRAM_WERROR=ON "$@" >"$folder.log" 2>&1 || {
        cat "$folder.log" >&2
        stop "cmake failed for $folder"
    }
    rm -f "$folder.log"
    ninja -C "$folder" -j "$JOBS" --quiet || stop "the build in $folder failed"
}

unit_tests() { # <folder> [command prefix]
    folder=$1
    shift
    say "unit tests in $folder"
    "$@" ctest --test-dir "$folder" -L unit -j "$JOBS" --output-on-failure --progress
}

valgrind_pass() {
    names=$(ctest --test-dir build-dev -N -L valgrind | sed -n 's/^ *Test *#[0-9]*: //p')
    [ -n "$names" ] || stop "no tests with the label valgrind"
    for name in $names; do
        say "valgrind: $name"
        ENGRAM_TEST_DATA=$root/tests valgrind -q --leak-check=full --error-exitcode=9 \
            "build-dev/tests/$name" >/dev/null || stop "valgrind complains about $name"
    done
}

demo() {
    install_packages "$BUILD_PACKAGES"
    find_python
    environment .venv tests/requirements.txt
    build build -DCMAKE_BUILD_TYPE=Release -DENGRAM_TESTS=OFF
    say "demo"
    ENGRAM_CLI=$root/build/bin/engram ENGRAM_PYTHON=$root/.venv/bin/python \
        ENGRAM_LIBRARY=$root/build/lib/libengram.so sh docs/examples/demo.sh
}

tests() {
    install_packages "$BUILD_PACKAGES $TEST_PACKAGES"
    find_python
    environment .venv tests/requirements.txt brian2tools==0.3
    environment .venv-2.10 tests/requirements-2.10.txt brian2==2.10.1 brian2tools==0.3
    build build -DCMAKE_BUILD_TYPE=Release -DENGRAM_TESTS=ON \
        -DENGRAM_PYTHON="$root/.venv/bin/python" -DENGRAM_PYTHON_2_10="$root/.venv-2.10/bin/python"
    say "all tests in build"
    ctest --test-dir build -j "$JOBS" --output-on-failure
    build build-asan -DCMAKE_BUILD_TYPE=Debug -DENGRAM_SANITIZE=address,undefined
    unit_tests build-asan
    build build-clang -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=clang \
        -DCMAKE_CXX_COMPILER=clang++
    unit_tests build-clang
    build build-tsan -DCMAKE_BUILD_TYPE=Debug -DENGRAM_SANITIZE=thread
    # The thread sanitizer wants its addresses where they were before kernels randomised more.
    if setarch "$(uname -m)" -R true 2>/dev/null; then
        unit_tests build-tsan setarch "$(uname -m)" -R
    else
        unit_tests build-tsan
    fi
    build build-dev -DCMAKE_BUILD_TYPE=Debug
    valgrind_pass
    say "all tests passed"
}

case "${1-}" in
demo) demo ;;
test) tests ;;
*)
    echo "usage: sh bootstrap.sh demo|test" >&2
    exit 2
    ;;
esac
