"""Fixtures of the fidelity tests: the command line, the oracle, cached references."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="session")
def engram():
    """Run the command line; returns CompletedProcess, raises on an unexpected code."""
    cli = os.environ.get("ENGRAM_CLI") or str(ROOT / "build" / "bin" / "engram")

    def call(*args, code=0, **kwds):
        done = subprocess.run([cli, *map(str, args)], capture_output=True, text=True, **kwds)
        assert code in (None, done.returncode), f"{args}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    call.path = cli
    return call


@pytest.fixture(scope="session")
def oracle(tmp_path_factory):
    """oracle(script, mode) -> (reference.npz, document.mpk); one run per session each."""
    folder = tmp_path_factory.mktemp("oracle")
    made: dict = {}

    def run(script: Path, mode: str = "strict", duration: float | None = None):
        key = (str(script), mode, duration)
        if key not in made:
            stem = f"{Path(script).stem}-{mode}-{duration}"
            out, document = folder / f"{stem}.npz", folder / f"{stem}.mpk"
            command = [sys.executable, str(HERE / "oracle.py"), str(script), str(out),
                       "--document", str(document), "--mode", mode,
                       "--cache", str(folder / f"cython-{mode}")]
            if duration:
                command += ["--duration", repr(duration)]
            env = dict(os.environ, PYTHONHASHSEED="0")
            done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=folder)
            assert done.returncode == 0, done.stdout + done.stderr
            made[key] = (out, document)
        return made[key]

    return run
