"""--rng philox: what an object draws is a function of seed, object, element and step alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

CLI = os.environ.get("ENGRAM_CLI") or str(Path(__file__).resolve().parents[2] / "build/bin/engram")

# Every kind of draw: noise, thresholds, synapses with and without delays, inputs, functions.
SCRIPT = """
from brian2 import *
seed(1)
noisy = NeuronGroup(300, 'dv/dt = -v/(10*ms) + 0.5*xi*(10*ms)**-0.5 : 1\\nx : 1',
                    threshold='v > 0.9', reset='v = 0.2*rand()', name='noisy')
firing = PoissonGroup(200, 'i*Hz', name='firing')
target = NeuronGroup(50, 'dg/dt = -g/(5*ms) : 1\\nn : integer', name='target')
synapses = Synapses(firing, target, 'w : 1', name='synapses',
                    on_pre='g_post += w*(rand() < 0.5)\\nw = clip(w + 0.01*randn(), 0, 1)')
synapses.connect(i=arange(1000) % 200, j=arange(1000) % 50)
synapses.w = 0.5
synapses.delay = arange(1000) % 7 * 0.1*ms
given = PoissonInput(target, 'g', 100, 20*Hz, 0.01)
target.run_regularly('n = poisson(4)', dt=1*ms, name='regularly')
EXTRA
spikes = SpikeMonitor(firing, name='spikes')
noise = SpikeMonitor(noisy, name='noise')
run(500*ms)
"""
EXTRA = """
other = NeuronGroup(77, 'dy/dt = xi*ms**-0.5 : 1', name='another')
"""


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """The document of the network, and of the same network beside one more group."""
    folder = tmp_path_factory.mktemp("philox")
    made = []
    for name, extra in (("alone", ""), ("beside", EXTRA)):
        script = folder / f"{name}.py"
        script.write_text(SCRIPT.replace("EXTRA", extra))
        subprocess.run([sys.executable, "-m", "brian2engram", "capture", script, "-o",
                        folder / f"{name}.mpk"], check=True, capture_output=True)
        made.append(folder / f"{name}.mpk")
    return made


def run(document, folder, *options):
    results = folder / "results.h5"
    done = subprocess.run([CLI, "run", document, "--rng", "philox", "--json", "--out", results,
                           *options], check=True, text=True, capture_output=True)
    assert json.loads(done.stdout)["rng"] == "philox"
    found = {}
    with h5py.File(results) as file:
        assert file["runs/0"].attrs["rng"] in ("philox", b"philox")
        for monitor in ("spikes", "noise"):
            for column in ("i", "t"):
                found[monitor, column] = file[f"results/{monitor}/{column}"][()]
        for owner, name in (("target", "g"), ("target", "n"), ("synapses", "w")):
            found[owner, name] = file[f"state/{owner}/{name}"][()]
    return found


def same(a, b, names):
    return all(np.array_equal(a[name], b[name]) for name in names)


SPIKES = [("spikes", "i"), ("spikes", "t"), ("noise", "i"), ("noise", "t"), ("target", "n")]


def test_a_seed_says_everything(networks, tmp_path):
    first = run(networks[0], tmp_path, "--seed", "7")
    assert same(first, run(networks[0], tmp_path, "--seed", "7"), first)
    assert not same(first, run(networks[0], tmp_path, "--seed", "8"), [("spikes", "i")])


@pytest.mark.parametrize("options", [("--isa", "sse2"), ("--isa", "avx2"), ("--math", "strict")])
def test_back_ends_draw_the_same(networks, tmp_path, options):
    wanted = run(networks[0], tmp_path, "--seed", "7")
    try:
        found = run(networks[0], tmp_path, "--seed", "7", *options)
    except subprocess.CalledProcessError as error:
        assert "instruction set" in error.stderr
        pytest.skip("the machine has no such instruction set")
    assert same(wanted, found, SPIKES)
    for name in wanted:
        assert np.allclose(wanted[name], found[name], rtol=1e-9, atol=1e-12), name


def test_what_others_draw_changes_nothing(networks, tmp_path):
    alone, beside = (run(net, tmp_path, "--seed", "7") for net in networks)
    assert same(alone, beside, alone)


def test_numbers_are_distributed_as_they_should(networks, tmp_path):
    found = run(networks[0], tmp_path, "--seed", "7")
    counts = np.bincount(found["spikes", "i"], minlength=200)
    expected = np.arange(200) * 0.5 * (1 - np.arange(200) * 0.5e-4)
    assert abs(counts.sum() - expected.sum()) < 4 * np.sqrt(expected.sum())
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected) + 2).all()
    assert 2.8 < found["target", "n"].mean() < 5.2
    assert len(np.unique(found["synapses", "w"])) > 800


def test_the_stream_of_brian2_is_another_one(networks, tmp_path):
    found = run(networks[0], tmp_path, "--seed", "7")
    done = subprocess.run([CLI, "run", networks[0], "--seed", "7", "--out",
                           tmp_path / "own.h5"], check=True, capture_output=True)
    assert done.returncode == 0
    with h5py.File(tmp_path / "own.h5") as file:
        assert not np.array_equal(found["spikes", "i"], file["results/spikes/i"][()])
