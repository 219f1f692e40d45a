#!/bin/sh
# The whole path on a real network: script -> document -> archive -> spikes without Python,
# beside Brian2's own run of the same network.
#   ENGRAM_CLI     the engram command        ENGRAM_PYTHON  a Python with brian2engram
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
: "${ENGRAM_CLI:=engram}" "${ENGRAM_PYTHON:=python3}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

step() { printf '\n$ %s\n' "$*"; "$@"; }

step "$ENGRAM_PYTHON" -m brian2engram capture "$here/cuba.py" -o "$work/cuba.mpk"
step "$ENGRAM_CLI" convert "$work/cuba.mpk" "$work/cuba.h5"
step "$ENGRAM_CLI" inspect "$work/cuba.h5"
step "$ENGRAM_CLI" check "$work/cuba.h5"
step "$ENGRAM_CLI" run "$work/cuba.h5" --out "$work/cuba-results.h5"
printf '\nThe same script in Brian2 (this compiles for a while):\n'
"$ENGRAM_PYTHON" "$here/demo_compare.py" "$here/cuba.py" "$work/cuba-results.h5"
