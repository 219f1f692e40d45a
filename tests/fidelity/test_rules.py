"""Models from rules alone, as a stock export has them, beside Brian2's cpp_standalone with the same
seed: synapses and initial values bit for bit, the same spikes, final values to rounding.

References of all are committed (standalone.py makes them); some are made anew here, all of them
with ENGRAM_LONG=1."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

import standalone
from capture_models import SEED
from oracle import libm

HERE = Path(__file__).resolve().parent
REFERENCES = HERE / "standalone"
NAMES = sorted(path.stem for path in REFERENCES.glob("*.npz"))
LIVE = NAMES if os.environ.get("ENGRAM_LONG") == "1" else ["connect_probability", "random_synapses"]
#: Of each variable's largest magnitude: statements differ by how sympy writes them.
ROUNDING = 1e-10


def made(folder, *args):
    subprocess.run([sys.executable, standalone.__file__, *map(str, args)], check=False, cwd=folder,
                   env=dict(os.environ, PYTHONHASHSEED="0", PYTHONPATH=os.pathsep.join(
                       [str(HERE.parent / "support" / "python"), os.environ.get("PYTHONPATH", "")])),
                   capture_output=True)
    return folder


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    return made(folder, "--rules", folder, *NAMES)


@pytest.fixture(scope="session")
def live(tmp_path_factory):
    folder = tmp_path_factory.mktemp("standalone")
    return made(folder, folder, *LIVE)


def reference(name, when, folder=REFERENCES):
    """(owner, variable) -> array when the first run begins ("initial") or after it ("final")."""
    with np.load(folder / f"{name}.npz") as data:
        keys = [key.split("|") for key in data.files if key != "meta"]
        return {(owner, variable): data[f"{when}|{owner}|{variable}"]
                for kind, owner, variable in keys if kind == when}


def values(engram, document, out, *args):
    script = (standalone.MODELS / f"{document.stem}.py").read_text()
    seed = () if re.search(r"^seed\(", script, re.M) else ("--seed", SEED)  # its own is a step
    engram("run", document, "--math", "strict", "--from", "rules", "--out", out, "--quiet", *seed,
           *args)
    found = {}
    with h5py.File(out) as results:
        for place in ("state", "results"):
            for owner, group in results[place].items():
                if isinstance(group, h5py.Group):
                    found.update({(owner, name): item[...].ravel() for name, item in group.items()
                                  if isinstance(item, h5py.Dataset)})
    return found


def unsigned(array, dtype):
    return array.view(dtype) if array.dtype == np.uint8 and dtype == bool else array


@pytest.mark.parametrize("name", NAMES)
def test_synapses_and_initial_values_are_standalones(name, exported, engram, tmp_path):
    document = exported / f"{name}.mpk"
    assert document.exists(), (exported / f"{name}.txt").read_text()
    mine = values(engram, document, tmp_path / "r.h5", "--for", "0s")
    theirs = reference(name, "initial")
    for key, want in theirs.items():
        place = standalone.place_of(*key)
        assert place in mine or not standalone.must_be_there(*key, set(theirs)), key
        unconnected = want.size == 0 and key[1] in ("N_incoming", "N_outgoing")
        if place in mine and not unconnected:  # Brian2 makes them when it connects
            have = unsigned(mine[place], want.dtype)
            assert have.dtype == want.dtype and have.tobytes() == want.tobytes(), key


@pytest.mark.parametrize("name", NAMES)
def test_runs_are_standalones(name, exported, engram, tmp_path):
    mine = values(engram, exported / f"{name}.mpk", tmp_path / "r.h5")
    for key, want in reference(name, "final").items():
        place = standalone.place_of(*key)
        if place not in mine or want.size == 0 and key[1] in ("N_incoming", "N_outgoing"):
            continue
        have = unsigned(mine[place], want.dtype)
        assert have.shape == want.shape and have.dtype == want.dtype, key
        if want.dtype.kind == "f":
            scale = np.abs(want).max(initial=0, where=np.isfinite(want))
            assert np.allclose(have, want, rtol=0, atol=ROUNDING * scale, equal_nan=True), key
        else:
            assert (have == want).all(), key


@pytest.mark.parametrize("name", LIVE)
def test_live_standalone_leaves_this_reference(name, live):
    assert (live / f"{name}.npz").exists(), (live / f"{name}.txt").read_text()
    for when in ("initial", "final"):
        fresh, kept = reference(name, when, live), reference(name, when)
        assert fresh.keys() == kept.keys()
        for key, value in kept.items():
            if fresh[key].tobytes() != value.tobytes():
                assert standalone.libm_of(REFERENCES / f"{name}.npz") != libm(), key
                assert np.allclose(fresh[key], value, rtol=1e-9, equal_nan=True), key
