"""Other readers open our files: h5py reads archives, and results while they grow."""

import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest


@pytest.fixture
def writer():
    build = Path(os.environ.get("ENGRAM_BUILD", Path(__file__).parents[1] / "build"))
    program = build / "bin" / "hdf5_writer"
    assert program.exists(), f"{program} is not built"
    return str(program)


def test_an_archive_is_plain_hdf5(writer, tmp_path):
    path = tmp_path / "net.h5"
    subprocess.run([writer, "net", str(path)], check=True)
    with h5py.File(path, "r") as f:
        assert f.userblock_size == 512
        assert f.attrs["format"].decode() == "engram-network"
        assert (f.attrs["major"], f.attrs["minor"]) == (1, 0)
        groups = f["network/groups"]
        assert list(groups) == sorted(groups)
        table = next(iter(groups.values())).attrs["equations"]
        assert table.dtype["name"].kind == "S"
        assert table.dtype["dim"].shape == (7,)


def test_results_are_read_while_they_grow(writer, tmp_path):
    path = tmp_path / "run.h5"
    partial = tmp_path / "run.h5.partial"
    with subprocess.Popen([writer, "run", str(path)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        for k in (1, 2, 3):
            process.stdin.write("more\n")
            process.stdin.flush()
            assert int(process.stdout.readline()) == 1000 * k
            with h5py.File(partial, "r", libver="latest", swmr=True) as f:
                assert f["results/spikes/t"].shape == (1000 * k,)
                v = f["results/states/v"]
                assert v.shape == (2, 1000 * k)
                assert np.array_equal(v[1], -np.arange(1000.0 * k))
                assert f["results/spikes/count"][:].sum() == 1000 * k
        assert not path.exists()
        process.stdin.close()
        assert process.wait() == 0
    assert not partial.exists()
    with h5py.File(path, "r") as f:
        assert f.attrs["format"].decode() == "engram-results"
        assert f.attrs["complete"]
        assert f["runs/0"].attrs["math"] == b"strict"
        assert len(f["runs/0"].attrs["digest"]) == 32
        assert list(f["results/states"].attrs["indices"]) == [5, 2]
        assert f["state"].attrs["t"] == 0.3
        delay = f["state/S_pre/delay"]
        assert list(delay) == [1e-3, 2e-3] and delay.attrs["unit"] == b"ms"


def test_a_killed_run_leaves_a_file_that_opens(writer, tmp_path):
    path = tmp_path / "run.h5"
    process = subprocess.Popen([writer, "run", str(path)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    process.stdin.write("more\n")
    process.stdin.flush()
    process.stdout.readline()
    process.kill()
    process.wait()
    with h5py.File(tmp_path / "run.h5.partial", "r", libver="latest", swmr=True) as f:
        assert f["results/spikes/i"].shape == (1000,)
