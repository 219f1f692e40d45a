"""Small models, many features each: strict is bit-identical to a live Brian2."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from compare import compare_close, compare_exact, load_reference

MODELS = Path(__file__).resolve().parent / "models"


@pytest.mark.parametrize("name", ["stdp", "mixed"])
def test_model(name, oracle, engram, tmp_path):
    reference, document = oracle(MODELS / f"{name}.py")
    reference = load_reference(reference)[0]
    engram("run", document, "--math", "strict", "--out", tmp_path / "strict.h5")
    with h5py.File(tmp_path / "strict.h5") as results:
        assert not (difference := compare_exact(results, reference)), str(difference)
    engram("run", document, "--out", tmp_path / "fast.h5")
    with h5py.File(tmp_path / "fast.h5") as results:
        assert not (difference := compare_close(results, reference, 1e-6)), str(difference)
