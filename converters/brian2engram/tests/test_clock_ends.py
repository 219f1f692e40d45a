"""Runs that end between the ticks of three clocks: which clock still steps is Network.run's rule.

The clock that is behind decides (semantics 1.4); where one of them takes the last time for the
end and another does not, Brian2 takes either, so such ends are tested in tests/unit/sim_clocks.c.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import brian2engram
import numpy as np
import pytest
from brian2 import (
    Clock, Network, NeuronGroup, StateMonitor, Synapses, second, set_device, start_scope)
from brian2engram.device_engine import api

from judge import findings

pytestmark = pytest.mark.filterwarnings("ignore")

# steps of the clocks, durations of the runs, in ms
ENDS = {
    "between all": ((1.0, 0.3, 0.7), (1.0, 0.65, 1.01)),
    "on one, between two": ((0.1, 0.25, 0.7), (0.7, 0.3, 0.75)),
    "behind one, by less than its precision": ((1.0, 0.3, 0.7), (2.00005, 1.5, 1.0)),
    "behind one, by more": ((1.0, 0.3, 0.7), (2.0002, 1.0, 1.0)),
    "before one, by less than its precision": ((0.5, 0.2, 0.3), (0.99999, 0.5, 0.5)),
    "shorter than each step": ((0.5, 0.2, 0.3), (0.05, 0.05, 0.15, 0.01, 1.0)),
    "products that round apart": ((0.1, 0.3, 0.15), (0.3, 0.6, 0.45)),
    "no length, then one": ((0.4, 0.3, 0.7), (0, 0.5, 0, 0.7)),
}


@pytest.fixture(autouse=True)
def needs_library(fresh_brian):
    """Every test here runs the engine."""
    api()


def script(steps, durations):
    """Counts of each group's steps, and of what the others see of them."""
    start_scope()
    groups = []
    for k, dt in enumerate(steps):
        group = NeuronGroup(2, "x : 1\ny : 1", clock=Clock(dt * 1e-3 * second, name=f"clock_{k}"),
                            threshold="int(x) % 2 == 0", name=f"G{k}")
        group.run_regularly("x += 1", name=f"step_{k}")
        groups.append(group)
    # without a clock of theirs they would have the default one: a fourth
    synapses = [Synapses(a, b, on_pre="y_post += x_post", clock=a.clock, name=f"S{k}")
                for k, (a, b) in enumerate(zip(groups, groups[1:] + groups[:1]))]
    for k, s in enumerate(synapses):
        s.connect(j="i")
        s.delay = k * 0.35e-3 * second
    monitors = [StateMonitor(group, ["x", "y"], True, name=f"M{k}")
                for k, group in enumerate(groups)]
    network = Network(groups, synapses, monitors)
    assert len({obj.clock for obj in network.sorted_objects}) == 3
    stands = []
    for duration in durations:
        network.run(duration * 1e-3 * second)
        stands += [clock.variables["timestep"].get_value().item()
                   for clock in (group.clock for group in groups)]
    rows = {f"{m.name}.{name}": np.array(getattr(m, name)) for m in monitors
            for name in ("t_", "x", "y")}
    return {**rows, "stands": np.array(stands), "t": float(network.t)}


def same(found, wanted):
    for name in wanted:
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)


@pytest.mark.parametrize("case", ENDS)
def test_three_clocks_step_as_in_brian2(case, tmp_path):
    command = os.environ.get("ENGRAM_CLI") or shutil.which("engram")
    with brian2engram.recording(tmp_path / "x.mpk"):
        wanted = script(*ENDS[case])
    set_device("engram", math="strict")
    same(script(*ENDS[case]), wanted)
    assert findings(tmp_path / "x.mpk") == []
    if command is None:
        pytest.skip("the engram command is not at hand")
    subprocess.run([command, "run", tmp_path / "x.mpk", "--math", "strict", "--out",
                    tmp_path / "r.h5"], check=True, capture_output=True)
    results = brian2engram.Results(tmp_path / "r.h5")
    rows = {f"M{k}.{name}": getattr(results[f"M{k}"], name.rstrip("_"))
            for k in range(3) for name in ("t_", "x", "y")}
    same(rows, {name: wanted[name] for name in rows})
