"""Models from rules alone, as a stock export has them, beside Brian2's cpp_standalone with the same
seed: synapses and initial values bit for bit, the same spikes, traces and final values to rounding.

Each model is compared or has its reason here why not. References are committed (standalone.py
makes them); some are made anew here, all of them with ENGRAM_LONG=1."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from brian2engram.document import read

import standalone
from capture_models import SEED
from oracle import libm

HERE = Path(__file__).resolve().parent
REFERENCES = HERE / "standalone"
NAMES = sorted(path.stem for path in REFERENCES.glob("*.npz"))
NO_GSL = "Brian2's cpp_standalone does not compile methods of GSL (NotImplementedError)"
NO_CODE = "a Python function without C++, which cpp_standalone cannot call"
STATE = "what the script changes between runs here is no step of set-up: it is state alone"
#: Models that are not compared: no reference can be had, or the rules do not say enough.
REASONS = {
    "dt_changed": STATE,
    "functions_numpy": NO_CODE,
    "functions_own": NO_CODE,
    "gsl": NO_GSL,
    "gsl_options": NO_GSL,
    "gsl_refractory": NO_GSL,
    "gsl_second_run": NO_GSL,
    "gsl_single_precision": NO_GSL,
    "gsl_synapses": NO_GSL,
    "independent": "sympy solves a nonlinear equation, which the engine does not",
    "new_spikes": STATE,
    "random_regular": "sympy orders the terms of u = u + randn() * 0.1 + rand(), and so the draws",
    "restored": "cpp_standalone has neither store() nor restore()",
    "state_monitors": "the script reads synapses, which cpp_standalone has only after the run",
}
#: Models whose statements differ by more than rounding, by how much, and why.
LOOSER = {
    "hodgkin_huxley": (1e-6, "sympy makes exp(v/(40*mV)) a power of 1/40, which Brian2's C++ "
                             "divides in single precision (1.0f*1/40)"),
}
LIVE = NAMES if os.environ.get("ENGRAM_LONG") == "1" else ["connect_probability", "random_synapses"]
#: Of each variable's largest magnitude: statements differ by how sympy writes them.
ROUNDING = {"float64": 1e-10, "float32": 1e-6}


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
    """(owner, variable) -> array, in the order in which Brian2 stores it."""
    script = (standalone.MODELS / f"{document.stem}.py").read_text()
    seed = () if re.search(r"^seed\(", script, re.M) else ("--seed", SEED)  # its own is a step
    engram("run", document, "--math", "strict", "--from", "rules", "--out", out, "--quiet", *seed,
           *args)
    found = {}
    with h5py.File(out) as results:
        for place in ("state", "results"):
            for owner, group in results[place].items():
                if isinstance(group, h5py.Group):
                    found.update({(owner, name): item[...].T.ravel() for name, item in group.items()
                              if isinstance(item, h5py.Dataset)})
    for synapses in read(document)["network"].get("synapses", []):  # they count in a slice
        for end, start in (("i", "source_start"), ("j", "target_start")):
            found[synapses["name"], end] += np.int32(synapses.get(start, 0))
    return found


def unsigned(array, dtype):
    return array.view(dtype) if array.dtype == np.uint8 and dtype == bool else array


def compared(name, when, mine):
    """What both have: key, results, reference; what must be there is asserted."""
    theirs = reference(name, when)
    idle = reference(name, "final")["defaultclock", "timestep"][0] == 0  # runs nothing
    for key in theirs:
        place = standalone.place_of(*key)
        assert place in mine or not standalone.must_be_there(*key, set(theirs)), key
        unconnected = theirs[key].size == 0 and key[1] in ("N_incoming", "N_outgoing")
        unused = idle and key[0] == "defaultclock"
        if place in mine and not unused and not unconnected:  # made by Brian2's connect
            yield key, unsigned(mine[place], theirs[key].dtype), theirs[key]


def test_each_model_is_compared_or_has_its_reason():
    models = {path.stem for path in standalone.MODELS.glob("*.py")}
    assert models == set(NAMES) | set(REASONS)
    assert not set(NAMES) & set(REASONS)
    assert set(LOOSER) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_synapses_and_initial_values_are_standalones(name, exported, engram, tmp_path):
    document = exported / f"{name}.mpk"
    assert document.exists(), (exported / f"{name}.txt").read_text()
    first = standalone.begin(document, tmp_path / f"{name}.mpk")
    mine = values(engram, first, tmp_path / "r.h5", "--for", "0s")
    for key, have, want in compared(name, "initial", mine):
        assert have.dtype == want.dtype and have.tobytes() == want.tobytes(), key


@pytest.mark.parametrize("name", NAMES)
def test_runs_are_standalones(name, exported, engram, tmp_path):
    mine = values(engram, exported / f"{name}.mpk", tmp_path / "r.h5")
    for key, have, want in compared(name, "final", mine):
        assert have.shape == want.shape and have.dtype == want.dtype, key
        if want.dtype.kind == "f":
            rounding = LOOSER[name][0] if name in LOOSER else ROUNDING[want.dtype.name]
            scale = np.abs(want).max(initial=0, where=np.isfinite(want))
            assert np.allclose(have, want, rtol=0, atol=rounding * scale, equal_nan=True), key
        else:
            assert (have == want).all(), key


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_says_where_its_rules_come_from(name, exported):
    with np.load(REFERENCES / f"{name}.npz") as data:
        road = json.loads(str(data["meta"]))["rules"]
    assert read(exported / f"{name}.mpk")["network"]["origin"] == road


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
