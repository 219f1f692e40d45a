"""Fixtures: a results file of the engine, pictures without a screen."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLI = os.environ.get("ENGRAM_CLI") or str(ROOT / "build" / "bin" / "engram")
os.environ["MPLBACKEND"] = "Agg"


@pytest.fixture(scope="session")
def chain(tmp_path_factory):
    """Results of tests/golden/chain.mpk: a chain of eight neurons, every kind of monitor."""
    path = tmp_path_factory.mktemp("results") / "chain.h5"
    subprocess.run([CLI, "run", ROOT / "tests" / "golden" / "chain.mpk", "--out", path,
                    "--quiet"], check=True)
    return path
