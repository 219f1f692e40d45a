#!/usr/bin/env python
"""Whole scripts of the gallery, from the first import to the last line, under set_device('engram')
and beside Brian2's targets with nothing compiled yet.

    python tests/bench/gallery.py [--target engram --target cython ...] [NAME...]

Prints seconds of wall time and of processor time (compilers included; the one to go by on a busy
machine) for each script and target, and the ratio of the latter to the first target's. Each script
runs in a process of its own, with a fresh folder for what Brian2 compiles; nothing is drawn. Our
package's modules are byte-compiled before, as an installation does with it and with Brian2. "-":
the script wants values before its run, which that target does not have. Never passes or fails.
"""

from __future__ import annotations

import argparse
import compileall
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "docs" / "gallery"
PACKAGE = ROOT / "converters" / "brian2engram" / "brian2engram"

#: What a script's set_device('engram') becomes, before it runs.
CHILD = """
import os, sys
target, script, folder = sys.argv[1:]
import brian2, brian2engram
brian2.prefs.codegen.runtime.cython.cache_dir = os.path.join(folder, "cython")
lines = open(script).read().split("figure")[0]
several = lines.count("run(") > 1
standalone = os.path.join(folder, "standalone")
plain = brian2.set_device
def chosen(name):
    if target == "cpp_standalone":
        plain("cpp_standalone", directory=standalone, build_on_run=not several)
    elif target == "engram":
        plain(name)
brian2.set_device = chosen
if target in ("numpy", "cython"):
    brian2.prefs.codegen.target = target
if target == "cpp_standalone" and several:
    lines += "\\ndevice.build(directory=standalone)"
exec(compile(lines, script, "exec"), {"__name__": "__main__", "standalone": standalone})
"""


def processor() -> float:
    """Seconds that finished children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(target: str, script: Path) -> tuple[float, float] | None:
    """Wall and processor time of one process; None if it failed, after its words."""
    before = processor()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", CHILD, target, script, folder],
                              capture_output=True, text=True, cwd=folder,
                              env=dict(os.environ, MPLBACKEND="Agg"))
        spent = time.perf_counter() - started
    if done.returncode:
        print(f"{script.stem} {target}: {done.stderr.strip().splitlines()[-1]}")
        return None
    return spent, processor() - before


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", action="append",
                        choices=["engram", "cython", "cpp_standalone", "numpy"],
                        help="may be given repeatedly (default: engram cython cpp_standalone)")
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="of scripts (default: all)")
    asked = parser.parse_args()
    targets = asked.target or ["engram", "cython", "cpp_standalone"]
    names = asked.names or sorted(path.stem for path in GALLERY.glob("*.py")
                                  if path.stem != "draw")
    compileall.compile_dir(str(PACKAGE), quiet=1)
    print(f"{'seconds, wall and CPU':<24}" + "".join(f"{target:>22}" for target in targets))
    for name in names:
        spent = [seconds(target, GALLERY / f"{name}.py") for target in targets]
        cells = ["-" if each is None else f"{each[0]:.1f} {each[1]:.1f}" if k == 0
                 else f"{each[0]:.1f} {each[1]:.1f} ({each[1] / spent[0][1]:.1f}x)"
                 if spent[0] else f"{each[0]:.1f} {each[1]:.1f}" for k, each in enumerate(spent)]
        print(f"{name:<24}" + "".join(f"{cell:>22}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
