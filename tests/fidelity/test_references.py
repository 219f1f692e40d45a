"""Small models, a feature or an interaction each, against committed references.

references/MODEL.npz is what Brian2 computed in strict IEEE arithmetic (make_references.py),
references/MODEL.mpk the network as it was captured there. Here each script is captured anew,
which compiles nothing, and has to give that same document; the document is run in both modes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import msgpack
import pytest

from compare import compare_close, compare_exact, load_reference

HERE = Path(__file__).resolve().parent
REFERENCES = sorted((HERE / "references").glob("*.npz"))
NAMES = [path.stem for path in REFERENCES]


@pytest.fixture(scope="module")
def captured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("captured")
    done = subprocess.run([sys.executable, HERE / "capture_models.py", folder,
                           *(HERE / "models" / f"{name}.py" for name in NAMES)],
                          capture_output=True, text=True,
                          env=dict(os.environ, PYTHONHASHSEED="0"))
    assert done.returncode == 0, done.stderr
    return folder


def content(path):
    """A document without its digest, which older references lack."""
    document = msgpack.unpackb(path.read_bytes())
    document.pop("digest", None)
    return document


def test_there_are_references():
    assert len(NAMES) >= 25
    assert {path.stem for path in (HERE / "references").glob("*.mpk")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_capture_is_the_one_of_the_reference(name, captured):
    assert content(captured / f"{name}.mpk") == content(HERE / "references" / f"{name}.mpk")


@pytest.mark.parametrize("name", NAMES)
def test_strict_is_bit_identical(name, engram, tmp_path):
    reference = load_reference(HERE / "references" / f"{name}.npz")[0]
    engram("run", HERE / "references" / f"{name}.mpk", "--math", "strict", "--out",
           tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as results:
        assert not (difference := compare_exact(results, reference)), str(difference)


@pytest.mark.parametrize("name", NAMES)
def test_fast_keeps_the_spikes(name, engram, tmp_path):
    reference = load_reference(HERE / "references" / f"{name}.npz")[0]
    engram("run", HERE / "references" / f"{name}.mpk", "--out", tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as results:
        assert not (difference := compare_close(results, reference, 1e-6)), str(difference)
