"""A script with several runs: recorded, then run without Python, bit for bit as Brian2 did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np

from compare import first_difference, same_bits

HERE = Path(__file__).resolve().parent


def test_a_protocol_of_several_runs(engram, tmp_path):
    document, reference = tmp_path / "x.mpk", tmp_path / "x.npz"
    done = subprocess.run([sys.executable, HERE / "recorded.py", document, reference,
                           tmp_path / "cython"], capture_output=True, text=True,
                          env=dict(os.environ, PYTHONHASHSEED="0"))
    assert done.returncode == 0, done.stderr
    assert "Error compiling Cython file" not in done.stderr
    for name, runs in (("x", list("0123456")), ("x-2", ["0"])):
        engram("convert", tmp_path / f"{name}.mpk", tmp_path / f"{name}.h5")
        engram("check", tmp_path / f"{name}.h5")
        engram("run", tmp_path / f"{name}.h5", "--math", "strict", "--out", tmp_path / "r.h5")
        with np.load(tmp_path / f"{name}.npz") as wanted, \
                h5py.File(tmp_path / "r.h5") as results:
            assert list(results["runs"]) == runs
            if name == "x":  # it was stopped
                assert 0.004 < results["runs/5"].attrs["duration"] < 0.0045
            assert len(wanted["results|M|i"]) > 50
            for key in wanted.files:
                have = results[key.replace("|", "/")][...]
                assert same_bits(have, wanted[key]), \
                    f"{name}: {key}: {first_difference(have, wanted[key])}"
