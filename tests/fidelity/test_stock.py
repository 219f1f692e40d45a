"""A stock brian2tools export: archived, inspected, checked, run; rates and CV of ISI per
population, the mean over five seeds, within the spread of five Brian2 seeds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from statistics_tools import rate_and_cv

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "docs" / "examples"
POPULATIONS = ["0:3200", "3200:4000"]
SEEDS = ["1", "2", "3", "4", "5"]
STATISTICS = ["rate of E", "CV of E", "rate of I", "CV of I"]


@pytest.fixture(scope="module")
def spread(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spread")

    def of(name):
        out = folder / f"{name}.npz"
        subprocess.run([sys.executable, HERE / "statistics_tools.py", EXAMPLES / f"{name}.py",
                        out, "--cache", folder / "cython", "--seeds", *SEEDS,
                        "--populations", *POPULATIONS], check=True, cwd=folder,
                       env=dict(os.environ, PYTHONHASHSEED="0"))
        return np.load(out)["rows"]

    return of


@pytest.mark.parametrize("name", ["cuba", "cuba_delays", "cobahh"])
def test_stock_export_runs_with_brian2s_statistics(name, spread, engram, tmp_path):
    document, archive = tmp_path / "x.mpk", tmp_path / "x.h5"
    env = dict(os.environ)
    env["PYTHONPATH"] = os.pathsep.join(
        [str(HERE.parent / "support" / "python"), env.get("PYTHONPATH", "")])
    subprocess.run([sys.executable, "-m", "brian2engram", "capture", "--exporter",
                    EXAMPLES / f"{name}.py", "-o", document], check=True, env=env)
    engram("convert", document, archive)
    assert "neurongroup" in engram("inspect", archive).stdout
    engram("check", archive)
    mine = []
    for seed in SEEDS:
        engram("run", archive, "--seed", seed, "--out", tmp_path / "r.h5")
        with h5py.File(tmp_path / "r.h5") as results:
            monitor = next(g for g in results["results"].values() if "i" in g)
            i, t = monitor["i"][...], monitor["t"][...]
        row = []
        for population in POPULATIONS:
            row += rate_and_cv(i, t, *map(int, population.split(":")), 1.0)
        mine.append(row)
    theirs = spread(name)
    low, high = theirs.min(axis=0), theirs.max(axis=0)
    for what, value, a, b in zip(STATISTICS, np.mean(mine, axis=0), low, high):
        assert a <= value <= b, f"{name}: mean {what} is {value}, five Brian2 seeds: {a} to {b}"
