"""Fixtures: every test starts with the runtime device, numpy target and no objects left."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent
REPOSITORY = PACKAGE.parents[1]
STAND_INS = REPOSITORY / "tests" / "support" / "python"
sys.path[:0] = [str(PACKAGE), str(TESTS), str(STAND_INS)]
sys.dont_write_bytecode = True

import brian2  # noqa: E402


@pytest.fixture(autouse=True)
def fresh_brian():
    """Runtime device, numpy target, default dt, random numbers from a known seed."""
    gc.collect()
    brian2.set_device("runtime")
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = 0.1 * brian2.ms
    brian2.seed(12345)
    brian2.BrianLogger.suppress_name("unused_brian_object")
    yield
    brian2.set_device("runtime")
    gc.collect()


@pytest.fixture
def out(tmp_path):
    """Where a test writes its document."""
    return tmp_path / "net.mpk"
