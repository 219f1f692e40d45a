"""Every script of the gallery gives what Brian2's runtime gives, bit for bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "docs" / "gallery"
NAMES = sorted(path.stem for path in GALLERY.glob("*.py") if path.stem != "draw")
#: numpy compiles nothing; one kind of random numbers in a run's code is drawn as Cython draws it
TARGET = "cython" if os.environ.get("ENGRAM_LONG") == "1" else "numpy"


def computed(device, folder):
    out = folder / f"{device}.npz"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", Path(__file__).with_name("gallery.py"), device, TARGET,
         out, *(GALLERY / f"{name}.py" for name in NAMES)], capture_output=True, text=True,
        env=dict(os.environ, PYTHONHASHSEED="0"))
    assert done.returncode == 0, done.stdout + done.stderr
    return np.load(out)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What Brian2's runtime and what the engine computed: {script/monitor.variable: array}."""
    folder = tmp_path_factory.mktemp("gallery")
    return computed("runtime", folder), computed("engram", folder)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_brian2(both, name):
    theirs, ours = ({key: found[key] for key in found if key.startswith(f"{name}/")}
                    for found in both)
    assert theirs.keys() == ours.keys()
    assert any(key.endswith(".t") and len(value) for key, value in theirs.items()), "no spikes"
    for key, value in theirs.items():
        assert value.shape == ours[key].shape and value.tobytes() == ours[key].tobytes(), key


def test_ten_scripts_with_their_pictures_on_a_small_page():
    assert len(NAMES) >= 10
    page = (GALLERY / "README.md").read_text()
    for name in NAMES:
        assert f"]({name}.py)" in page and f"](pictures/{name}.png)" in page
    pictures = list((GALLERY / "pictures").iterdir())
    assert {path.stem for path in pictures} == set(NAMES)
    assert sum(path.stat().st_size for path in pictures) < 1e6


def test_pictures_are_drawn_anew(tmp_path):
    for name in ("draw.py", "short_term_plasticity.py"):
        (tmp_path / name).write_bytes((GALLERY / name).read_bytes())
    done = subprocess.run([sys.executable, "-W", "ignore", tmp_path / "draw.py"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    picture = tmp_path / "pictures" / "short_term_plasticity.png"
    assert picture.read_bytes().startswith(b"\x89PNG") and "short_term" in done.stdout
