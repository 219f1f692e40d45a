"""Random code beside Brian2's compiled code: a sample here, the long tier in docs/testing.md."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import differential
from random_code import Case, Node, Statement, cases
from rounding import bounds, within

CASES = 1000  #: of each target


@pytest.mark.parametrize("target", ["cython", "standalone"])
def test_random_code_is_brian2s(target, engram, tmp_path):
    done = subprocess.run(
        [sys.executable, differential.__file__, target, "--engram", engram.path, "--cases",
         str(CASES), "--size", "500", "--cache", tmp_path / "cache", "--work", tmp_path],
        capture_output=True, text=True, env=dict(os.environ, PYTHONHASHSEED="0"))
    assert done.returncode == 0, done.stdout
    assert f"{CASES} cases, 0 differ" in done.stdout


def test_a_case_is_the_same_whatever_was_made_before():
    assert str(cases(3, 20, 1)[0]) == str(cases(3, 0, 21)[20])
    assert str(cases(3, 20, 1)[0]) != str(cases(4, 20, 1)[0])


#: What the long tier found, and a thousand cases may not have.
FOUND = [
    # The remainder of an object of Python is rendered as that of numbers, and rounds as it does.
    Case("2:20", {"x@": "float64"}, [Statement("x@", "-=", Node(
        "F", "((a + abs(k)) % (abs(a + l) + 1))"))], number=20),
]


@pytest.fixture(scope="module")
def batch(engram, tmp_path_factory):
    """A batch with what Brian2 made of it."""
    made = cases(2, 0, 20) + FOUND
    out = tmp_path_factory.mktemp("batch") / "made"
    child = differential.reference(made, "cython", out, str(out.parent / "cache"))
    assert os.waitpid(child, 0)[1] == 0, (out / "error.txt").read_text()
    return made, out, SimpleNamespace(engram=engram.path, target="cython")


def test_a_last_bit_is_seen(batch):
    made, out, args = batch
    assert not differential.differences(made, out, args)
    kept = (out / "want.npz").read_bytes()
    with np.load(out / "want.npz") as want:
        changed = {name: want[name] for name in want.files}
    name = next(case.named(name) for case in made for name, dtype in case.own.items()
                if dtype == "float64")
    changed[name] = np.nextafter(changed[name], np.inf)
    np.savez(out / "want.npz", **changed)
    found = differential.differences(made, out, args)
    (out / "want.npz").write_bytes(kept)
    assert len(found) == 1 and f"{name}[0] is" in str(found[0]) and "case 2:" in str(found[0])


def test_fast_mode_has_a_bound():
    x, a = Node("F", "a", real=True), Node("F", "c", real=True)
    case = Case("0:0", {"x@": "float64"}, [
        Statement("x@", "=", Node("F", "exp({} - {})", (x, a), True))])
    inputs = differential.inputs()
    limit = bounds(case, {"x_": np.zeros(differential.N)}, inputs, {}, False)["x@"]
    want = np.exp(inputs["a"] - inputs["c"])
    assert np.allclose(limit.value, want, rtol=1e-15)
    assert within(want * (1 + 4e-16), want, limit).all()
    assert not within(want * (1 + 1e-13), want, limit).any()


def test_a_decision_that_rounding_may_change_has_none():
    case = Case("0:0", {"x@": "int32"}, [
        Statement("x@", "=", Node("I", "int(3*{})", (Node("F", "ca", real=True),)))])
    inputs = differential.inputs()
    near = bounds(case, {"x_": np.zeros(differential.N)}, inputs, {"ca": 1 / 3}, False)["x@"]
    far = bounds(case, {"x_": np.zeros(differential.N)}, inputs, {"ca": 0.4}, False)["x@"]
    assert np.isinf(near.error).all() and (far.error == 0).all()


def test_a_failing_case_is_made_smaller(batch, monkeypatch, tmp_path):
    """A defect is planted: whatever calls sinh() differs."""
    case = next(case for case in cases(2, 0, 200) if "sinh" in str(case) and case.count() > 8)

    def found(candidates, out, args):
        return [differential.Difference(case, "") for case in candidates if "sinh" in str(case)]

    monkeypatch.setattr(differential, "differences", found)
    monkeypatch.setattr(differential, "reference", lambda *args: os.posix_spawn(
        "/bin/true", ["true"], os.environ))
    args = SimpleNamespace(size=100, work=tmp_path, target="cython", cache="")
    small = differential.smaller(differential.Difference(case, ""), args, 0).case
    assert "sinh" in str(small) and len(small.statements) == 1 and small.count() < case.count()
