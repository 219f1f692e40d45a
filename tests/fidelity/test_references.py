"""Every model against the reference that Brian2 left: strict bit for bit, fast with the same
spikes; a fresh capture is the reference's document; a few models, or all of them with
ENGRAM_LONG=1, once more with a live Brian2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from capture_models import DRAWN
from compare import compare_close, compare_exact, load_reference, same_bits
from oracle import libm

HERE = Path(__file__).resolve().parent
MODELS, REFERENCES = HERE / "models", HERE / "references"
NAMES = sorted(script.stem for script in MODELS.glob("*.py"))
#: Integrators, functions, events and types; with those of test_models.py, fifteen.
LIVE = NAMES if os.environ.get("ENGRAM_LONG") == "1" else [
    "custom_events", "event_driven", "exact", "exponential_euler", "functions_circular", "heun",
    "integers", "linked", "milstein", "poisson_group", "refractory_time", "rk4",
    "single_precision"]
#: Against another C library or other instructions, in place of equal bits.
OTHER_LIBM = 1e-9
TRACES = 1e-6


@pytest.fixture(scope="session")
def captured(tmp_path_factory):
    """A folder of fresh captures, and what was said about those that failed."""
    folder = tmp_path_factory.mktemp("captured")
    scripts = [MODELS / f"{name}.py" for name in NAMES if name not in DRAWN]
    subprocess.run([sys.executable, HERE / "capture_models.py", folder, *scripts], check=False,
                   env=dict(os.environ, PYTHONHASHSEED="0"), capture_output=True)
    return folder


@pytest.fixture(scope="session")
def live(tmp_path_factory):
    """A folder of what Brian2 makes of the live models now, and what was said about failures."""
    folder = tmp_path_factory.mktemp("live")
    subprocess.run([sys.executable, HERE / "oracle.py", "--all", folder, "--cache", folder / "cython",
                    *(MODELS / f"{name}.py" for name in LIVE)], check=False,
                   env=dict(os.environ, PYTHONHASHSEED="0"), capture_output=True, cwd=folder)
    return folder


def compare_strict(results, reference, meta):
    """Bits on the machine's like of the reference's, else the same spikes and close values."""
    if meta["libm"] == libm():
        return compare_exact(results, reference)
    return compare_close(results, reference, OTHER_LIBM)


def test_there_are_enough_models():
    assert len(NAMES) >= 80
    assert {path.stem for path in REFERENCES.glob("*.npz")} == set(NAMES)
    assert {path.stem for path in REFERENCES.glob("*.mpk")} == set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in DRAWN])
def test_the_document_is_fresh(name, captured):
    fresh = captured / f"{name}.mpk"
    assert fresh.exists(), (captured / f"{name}.txt").read_text()
    assert fresh.read_bytes() == (REFERENCES / f"{name}.mpk").read_bytes(), \
        "another network than the reference's: make_references.py, docs/testing.md"


@pytest.mark.parametrize("name", NAMES)
def test_strict_is_brian2(name, engram, tmp_path):
    reference, meta = load_reference(REFERENCES / f"{name}.npz")
    engram("run", REFERENCES / f"{name}.mpk", "--math", "strict", "--out", tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as results:
        assert not (difference := compare_strict(results, reference, meta)), str(difference)


@pytest.mark.parametrize("name", NAMES)
def test_fast_keeps_the_spikes(name, engram, tmp_path):
    reference, _ = load_reference(REFERENCES / f"{name}.npz")
    engram("run", REFERENCES / f"{name}.mpk", "--out", tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as results:
        assert not (difference := compare_close(results, reference, TRACES)), str(difference)


def datasets(path):
    """Everything that was recorded or kept, but for the account of the run itself."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and name.split("/")[0] in ("results", "state"):
            found[name] = item[...]

    with h5py.File(path) as results:
        results.visititems(visit)
    return found


def machine_has(isa):
    if isa == "sse2":
        return True
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return any(line.startswith("flags") and isa in line.split() for line in file)


@pytest.mark.parametrize("name", NAMES)
def test_fast_records_the_same_with_any_instructions(name, engram, tmp_path):
    sets = [isa for isa in ("sse2", "avx2", "avx512f") if machine_has(isa)]
    made = []
    for isa in sets:
        out = tmp_path / f"{isa}.h5"
        engram("run", REFERENCES / f"{name}.mpk", "--isa", isa.rstrip("f"), "--out", out)
        made.append(datasets(out))
    for isa, other in zip(sets, made):
        assert made[0].keys() == other.keys()
        for key, value in made[0].items():
            assert same_bits(value, other[key]), f"{key} differs with {isa}"


@pytest.mark.parametrize("name", LIVE)
def test_live_brian2_leaves_this_reference(name, live):
    made, document = live / f"{name}.npz", live / f"{name}.mpk"
    assert made.exists(), (live / f"{name}.txt").read_text()
    (fresh, here), (reference, there) = load_reference(made), load_reference(
        REFERENCES / f"{name}.npz")
    assert document.read_bytes() == (REFERENCES / f"{name}.mpk").read_bytes()
    assert fresh.keys() == reference.keys()
    for key, value in reference.items():
        if here["libm"] == there["libm"]:
            assert same_bits(fresh[key], value), key
        else:
            assert np.allclose(fresh[key], value, rtol=OTHER_LIBM, atol=0, equal_nan=True), key


def test_an_index_that_code_leads_out_of_its_array_ends_the_run(engram, tmp_path):
    from brian2engram import document

    content = document.read(REFERENCES / "linked.mpk")
    turn, = (code for code in content["code"]["executables"] if code["name"] == "G_turn")
    for statement in turn["statements"]:
        statement["expr"] = statement["expr"].replace("% 3", "% 4")
    document.write(tmp_path / "astray.mpk", content)
    done = engram("run", tmp_path / "astray.mpk", "--math", "strict", "--out",
                  tmp_path / "r.h5", code=None)
    assert done.returncode != 0
    assert 'leads to element 3 of H.y, which has 3' in done.stderr, done.stderr
