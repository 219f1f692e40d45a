"""Make the committed references from a live Brian2, strict: one process at a time.

    PYTHONHASHSEED=0 python make_references.py --cache DIR [--missing] [MODEL...]
    PYTHONHASHSEED=0 python make_references.py --documents [MODEL...]

For each tests/fidelity/models/MODEL.py: references/MODEL.npz, what Brian2 computed, with its
versions, flags and C library, and references/MODEL.mpk, the network as it was captured in
the same process. --missing makes those that are not there. --documents captures again
without compiling, after a change of the format or of the capture: Brian2's results stay, and
the tests tell whether the documents still give them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from capture_models import DRAWN

HERE = Path(__file__).resolve().parent
MODELS, REFERENCES = HERE / "models", HERE / "references"


def make(script: Path, cache: str) -> str:
    """Make one reference; what went wrong, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        done = subprocess.run(
            [sys.executable, HERE / "oracle.py", script, made.with_suffix(".npz"), "--document",
             made.with_suffix(".mpk"), "--cache", cache], capture_output=True, text=True,
            env=dict(os.environ, PYTHONHASHSEED="0"), cwd=folder)
        if done.returncode:
            return done.stdout + done.stderr
        REFERENCES.mkdir(exist_ok=True)
        for ending in (".npz", ".mpk"):
            (REFERENCES / script.stem).with_suffix(ending).write_bytes(
                made.with_suffix(ending).read_bytes())
    return ""


def recapture(scripts: list[Path]) -> int:
    """Documents anew, but for those that need Brian2's compiled code."""
    scripts = [script for script in scripts if script.stem not in DRAWN]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, HERE / "capture_models.py", folder, *scripts],
                              check=False, env=dict(os.environ, PYTHONHASHSEED="0"),
                              capture_output=True, text=True)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
        for path in sorted(Path(folder).glob("*.mpk")):
            old = REFERENCES / path.name
            if old.exists() and old.read_bytes() != path.read_bytes():
                old.write_bytes(path.read_bytes())
                print(path.stem)
    return done.returncode


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cache", help="Brian2's compiled code; only this mode")
    parser.add_argument("--documents", action="store_true")
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("models", nargs="*")
    args = parser.parse_args()
    scripts = [MODELS / f"{name}.py" for name in args.models] or sorted(MODELS.glob("*.py"))
    if args.documents:
        return recapture(scripts)
    if not args.cache:
        parser.error("--cache is wanted")
    if args.missing:
        scripts = [script for script in scripts
                   if not (REFERENCES / f"{script.stem}.npz").exists()]
    failed = 0
    for script in scripts:
        started = time.monotonic()
        error = make(script, os.path.abspath(args.cache))
        failed += bool(error)
        print(f"{script.stem}: {time.monotonic() - started:.0f} s"
              + (f"\n{error}" if error else ""), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
