"""--threads: all of them work, and nothing of a result depends on how many there are."""

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

# Neurons enough to be shared out; deliveries with weights, constants and delays, at once.
SCRIPT = """
from brian2 import *
seed(1)
cells = NeuronGroup(6007, '''dv/dt = (g + 1.2 - v)/(10*ms) + NOISE : 1 (unless refractory)
                             dg/dt = -g/(5*ms) : 1
                             dm/dt = (1/(1 + exp(-v)) - m)/(20*ms) : 1''',
                    threshold='v > 1', reset='v = 0', refractory=2*ms, method='euler',
                    name='cells')
cells.v = 'i/6007.'
given = SpikeGeneratorGroup(1000, tile(arange(1000), 3), repeat([1, 5, 9], 1000)*ms, name='given')
rng = np.random.RandomState(1)
def connected(name, code, **kwds):
    made = Synapses(given, cells, on_pre=code, name=name, **kwds)
    made.connect(i=repeat(arange(1000), 40), j=rng.randint(0, 6007, 40000))
    return made
heavy = connected('heavy', 'g += w', model='w : 1')
heavy.w = rng.rand(40000)*0.1
even = connected('even', 'g += 0.01')
late = connected('late', 'g += w', model='w : 1')
late.w = rng.rand(40000)*0.1
late.delay = rng.randint(0, 2, 40000)*0.1*ms
plastic = connected('plastic', 'w += 0.001; g_post += w', model='w : 1')
spikes = SpikeMonitor(cells, name='spikes')
states = StateMonitor(cells, ['v', 'g', 'm'], record=range(0, 6007, 500), name='states')
run(15*ms)
"""


def capture(folder, noise):
    script = folder / f"net{len(noise)}.py"
    script.write_text(SCRIPT.replace("NOISE", noise))
    subprocess.run([sys.executable, "-m", "brian2engram", "capture", script, "-o",
                    script.with_suffix(".mpk")], check=True, capture_output=True)
    return script.with_suffix(".mpk")


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """Documents: deterministic, and with noise."""
    folder = tmp_path_factory.mktemp("threads")
    return {"still": capture(folder, "0/second"),
            "noisy": capture(folder, "0.1*xi*ms**-0.5")}


def run(document, folder, threads, *options):
    results = folder / f"{threads}.h5"
    done = subprocess.run([CLI, "run", document, "--threads", str(threads), "--json", "--out",
                           results, *options], check=True, text=True, capture_output=True)
    summary = json.loads(done.stdout)
    found = {}

    def keep(name, item):
        if isinstance(item, h5py.Dataset) and name.split("/")[0] in ("results", "state"):
            found[name] = item[()]

    with h5py.File(results) as file:
        assert file["runs/0"].attrs["threads"] == threads
        file.visititems(keep)
    assert summary["threads"] == threads
    assert len(found) > 10
    return summary["thread_work"], found


def compare(a, b):
    assert a.keys() == b.keys()
    for name in a:
        assert a[name].dtype == b[name].dtype and a[name].tobytes() == b[name].tobytes(), name


@pytest.mark.parametrize("threads", [2, 3, 7])
@pytest.mark.parametrize("name, options, shared", [
    ("still", (), True),
    ("still", ("--math", "strict"), True),
    ("noisy", ("--rng", "philox", "--seed", "3"), True),
    ("noisy", ("--seed", "3"), False),  # one stream: its elements are drawn one after the other
], ids=["fast", "strict", "philox", "mt19937"])
def test_results_do_not_depend_on_threads(networks, tmp_path, name, options, shared, threads):
    one, wanted = run(networks[name], tmp_path, 1, *options)
    many, found = run(networks[name], tmp_path, threads, *options)
    compare(wanted, found)
    assert np.array_equal(np.sort(wanted["results/spikes/i"]), np.sort(found["results/spikes/i"]))
    assert len(wanted["results/spikes/i"]) > 1000
    for what in ("elements", "events"):
        done = [part[what] for part in many]
        assert len(one) == 1 and len(done) == threads
        assert sum(done) == one[0][what]
        if what == "events" or shared:
            assert min(done) > 0.1 * max(done), done


def test_each_thread_has_its_share(networks, tmp_path):
    """Of the updates, not of the cheap thresholds; of three pathways, not of the plastic one."""
    work, _ = run(networks["still"], tmp_path, 2)
    assert sum(part["elements"] for part in work) == 2 * 150 * 6007
    assert abs(work[1]["elements"] - 150 * 6007 / 2) < 150 * 64
    assert sum(part["events"] for part in work) == 4 * 3 * 40000
    assert abs(work[1]["events"] - 3 * 3 * 40000 / 2) < 0.05 * 3 * 3 * 40000 / 2
