"""A stock brian2tools export: archived, inspected, checked, run; rates and CV of ISI per
population within the spread of five Brian2 seeds."""

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
STATISTICS = ["rate of E", "CV of E", "rate of I", "CV of I"]


@pytest.fixture(scope="module")
def spread(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spread")

    def of(name):
        out = folder / f"{name}.npz"
        subprocess.run([sys.executable, HERE / "statistics_tools.py", EXAMPLES / f"{name}.py",
                        out, "--cache", folder / "cython", "--seeds", "1", "2", "3", "4", "5",
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
    engram("run", archive, "--seed", "7", "--out", tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as results:
        monitor = next(g for g in results["results"].values() if "i" in g)
        i, t = monitor["i"][...], monitor["t"][...]
    mine = []
    for population in POPULATIONS:
        mine += rate_and_cv(i, t, *map(int, population.split(":")), 1.0)
    rows = spread(name)
    low, high = rows.min(axis=0), rows.max(axis=0)
    slack = 0.5 * (high - low)  # a sixth draw may fall just outside the range of five
    for what, value, a, b, s in zip(STATISTICS, mine, low, high, slack):
        assert a - s <= value <= b + s, f"{name}: {what} is {value}, five seeds: {a} to {b}"
