"""The proof: export, run without Python, compare every spike and every final value.

Three networks (CUBA, CUBA with heterogeneous delays, COBAHH), one biological second each,
against a live Brian2 in the same session.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from compare import compare_close, compare_exact, load_reference

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SCRIPTS = ["cuba", "cuba_delays", "cobahh"]


@pytest.fixture(params=SCRIPTS)
def network(request, oracle, engram, tmp_path):
    reference, document = oracle(EXAMPLES / f"{request.param}.py")
    archive = tmp_path / f"{request.param}.h5"
    engram("convert", document, archive)
    return archive, load_reference(reference)[0]


def spikes(reference):
    return sum(v.size for k, v in reference.items() if k.startswith("spikes/") and
               k.endswith("/i"))


def test_strict_is_bit_identical(network, engram, tmp_path):
    archive, reference = network
    engram("run", archive, "--math", "strict", "--out", tmp_path / "r.h5")
    assert spikes(reference) > 1000
    with h5py.File(tmp_path / "r.h5") as results:
        assert not (difference := compare_exact(results, reference)), str(difference)


def test_default_keeps_the_spikes(network, engram, tmp_path):
    archive, reference = network
    engram("run", archive, "--out", tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as results:
        assert not (difference := compare_close(results, reference, 1e-6)), str(difference)


def test_the_comparison_sees_one_flipped_bit(network, engram, tmp_path):
    """The comparison itself: the last bit of one value, one lost spike."""
    archive, reference = network
    engram("run", archive, "--math", "strict", "--for", "20ms", "--out", tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5", "r+") as results:
        key = next(k for k in reference if k.startswith("final/") and k.endswith("/v"))
        path = "state/" + key.split("/", 1)[1]
        mine = {key: results[path][...]}
        assert not compare_exact(results, mine)
        changed = mine[key].copy()
        changed[0] = np.nextafter(changed[0], 1)
        assert compare_exact(results, {key: changed})
