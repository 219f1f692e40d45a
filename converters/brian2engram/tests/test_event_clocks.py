"""Event clocks of Brian2 2.10: run_at, and whatever else ticks at times of its own.

Scripts run with Brian2's runtime and with the engine, bit for bit; recordings of them run in the
engine without Brian2. The models of test_features.py and test_import.py have event clocks, too.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import subprocess
import sys
from functools import partial

import brian2
import brian2engram
import numpy as np
import pytest
from brian2 import (Network, NetworkOperation, NeuronGroup, SpikeMonitor, StateMonitor, Synapses,
                    TimedArray, defaultclock, ms, second, set_device)
from brian2.core import clocks
from brian2engram import UnsupportedError, document
from brian2engram.device_engine import EngineError

from conftest import PACKAGE, REPOSITORY
from judge import findings
from roundtrip import apart, contents, differences
from test_device import both, driven, elapsed, now

EventClock = getattr(clocks, "EventClock", None)
pytestmark = pytest.mark.filterwarnings("ignore")
needs_2_10 = pytest.mark.skipif(EventClock is None, reason="event clocks are new in Brian2 2.10")
GOLDEN = REPOSITORY / "tests" / "golden" / "events.mpk"


@pytest.fixture
def command():
    """The engram command."""
    found = os.environ.get("ENGRAM_CLI") or shutil.which("engram")
    if found is None:
        pytest.skip("the engram command is not at hand")
    return found


def adders(n=3):
    """Nothing but sums: what they hold tells who ran before whom."""
    group = NeuronGroup(n, "x : 1\ny : 1", threshold="x >= 40", reset="x -= 40", name="G")
    group.run_regularly("x += 1 + i", when="groups", name="steps")
    return group


def look(*monitors):
    return {f"{monitor.name} {name}": np.array(getattr(monitor, name))
            for monitor in monitors for name in ("t_", *monitor.record_variables)}


def state(network):
    """Every clock of a network, and its time."""
    found = {clock.name.rstrip("_0123456789"): [clock.variables["timestep"].get_value().item(),
                                                now(clock)]
             for clock in {obj.clock for obj in network.sorted_objects}}
    return {**found, "network": elapsed(network)}


# ---- the device -------------------------------------------------------------------------


@needs_2_10
@pytest.mark.parametrize("threads", [1, 2])
def test_times_on_steps_between_them_and_beyond_the_end(threads):
    def script():
        group = adders()
        group.run_at("x += 0.5", times=[0.35, 0.1, 0.3, 1.0, 2.05, 7] * ms)
        spikes, steps = SpikeMonitor(group, name="M"), StateMonitor(group, "x", True, name="S")
        network = Network(group, spikes, steps)
        network.run(2.3 * ms)
        return {**look(steps), **state(network), "i": spikes.i, "t": spikes.t_, "x": group.x}

    found = both(script, threads=threads)
    assert len(found["S t_"]) == 23 and found["G_run_at_eventclock"] == [5, 0.007]


@needs_2_10
def test_runs_go_on_where_the_clock_stands():
    def script():
        group = adders()
        group.run_at("x += 0.5; y += t/ms", times=[0.0, 0.25, 0.5, 0.55, 0.9, 1.2, 1.3] * ms)
        steps = StateMonitor(group, ["x", "y"], True, name="S")
        network = Network(group, steps)
        stops = []
        for duration in (0.25, 0.25, 0.05, 0, 0.35, 0.3):  # some end at a time, or before a step
            network.run(duration * ms)
            stops.append([float(group.x[0]), *state(network)["G_run_at_eventclock"]])
        group.x = 3
        network.run(0.5 * ms)
        return {**look(steps), **state(network), "stops": stops, "x": group.x}

    found = both(script)
    assert [stop[1] for stop in found["stops"]] == [1, 2, 3, 3, 4, 5]


@needs_2_10
def test_slots_and_orders_at_one_time():
    """x and y are changed by several at once: the order shows."""
    def script():
        group = adders(2)
        for k, (code, when, order) in enumerate([
                ("x *= 2", "start", 3), ("x += 1", "start", -1), ("x = x*3 + y", "end", 0),
                ("y += x", "before_groups", 0), ("x -= 5", "end", 0), ("y *= 2", "start", 3)]):
            group.run_at(code, times=[0.1, 0.25 + 0.05 * k, 0.6, 0.7] * ms, when=when,
                         order=order, name=f"code_{(7 * k) % 5}_{k}")
        steps = StateMonitor(group, ["x", "y"], True, name="S")
        network = Network(group, steps)
        network.run(1 * ms)
        return {**look(steps), "x": group.x, "y": group.y}

    both(script)


@needs_2_10
def test_which_clocks_tick_together():
    """Within 1e-4 of a step a regular clock joins the earliest, event clocks among each other
    within 1e-14 s: at 0.3 ms the default clock ticks with `below`, before the others."""
    def script():
        group = adders(1)
        seen = []
        off = {"exact": 0, "near": 0.5e-8, "below": -0.5e-8, "far": 2e-8, "close": 5e-15}
        for name, by in off.items():
            group.run_at("y = 2*y + 1", times=(np.array([3, 5.5, 7]) * 1e-4 + by) * second,
                         name=name)
        network = Network(group, *[
            NetworkOperation(partial(seen.append, name), clock=clock, name=f"see_{name}")
            for name, clock in [("a", EventClock([0.3, 0.55] * ms)),
                                ("b", EventClock([0.55 + 5e-12, 0.3 + 1e-9] * ms)),
                                ("c", defaultclock)]])
        network.add(group, StateMonitor(group, ["x", "y"], True, name="S"))
        network.run(1 * ms)
        return {**look(network["S"]), "seen": "".join(seen)}

    assert both(script)["seen"] == "ccc" "c" "a" "b" "cc" "ab" "cccc"


@needs_2_10
def test_monitors_on_event_clocks():
    def script():
        group = driven(3)
        clock = EventClock(np.array([0.05, 0.3, 0.999, 1.0, 1.45]) * ms, name="looks")
        some = StateMonitor(group, "x", record=[2, 0], clock=clock, name="A")
        late = StateMonitor(group, ["x", "step"], True, clock=clock, when="end", name="B")
        network = Network(group, some, late)
        network.run(1 * ms)
        network.run(1 * ms)
        return {**look(some, late), **state(network)}

    found = both(script)
    assert found["A t_"].tolist() == [5e-5, 3e-4, 9.99e-4, 1e-3, 1.45e-3]


@needs_2_10
def test_slices_synapses_operations_and_arrays():
    def script():
        values = TimedArray([1.0, 2, 4, 8], dt=0.5 * ms, name="values")
        group = adders(4)
        group[1:3].run_at("y += values(t)", times=[0.0, 0.75, 1.25] * ms)
        synapses = Synapses(group, group, "w : 1\ny_post = w : 1 (summed)",
                            clock=EventClock([0.2, 0.65] * ms), name="W")
        synapses.connect(j="(i + 1) % N_post")
        synapses.run_at("w += 0.25*(i + 1)", times=[0.15, 0.6] * ms)
        heard = []
        operation = NetworkOperation(lambda t: heard.append(float(t / second)), when="end",
                                     clock=EventClock([0.35, 0.9, 5] * ms))
        steps = StateMonitor(group, ["x", "y"], True, name="S")
        network = Network(group, synapses, operation, steps)
        network.run(1.5 * ms, namespace={"values": values})
        return {**look(steps), "w": synapses.w, "heard": heard}

    assert both(script)["heard"] == pytest.approx([0.35e-3, 0.9e-3])


@needs_2_10
def test_event_clocks_alone_stop_and_no_times():
    def script():
        seen = []
        operation = NetworkOperation(lambda t: seen.append(float(t / second)),
                                     clock=EventClock([0.5, 1, 3] * ms, name="e"))
        network = Network(operation)
        network.run(2 * ms)
        between = state(network)
        group = adders(1)
        group.run_at("x = 0", times=[] * ms)
        halt = NetworkOperation(lambda: network.stop(), clock=EventClock([0.25] * ms))
        network = Network(group, halt)
        network.run(1 * ms)
        stopped = elapsed(network)
        network.run(1 * ms)
        return {"seen": seen, **between, "stopped": stopped, "x": group.x, "t": elapsed(network)}

    found = both(script)
    assert found["seen"] == pytest.approx([0.5e-3, 1e-3]) and found["e"] == [2, 3e-3]


@needs_2_10
def test_a_time_that_a_step_takes_for_the_end():
    """0.3 ms is below 0.1 ms + 0.2 ms, where the default clock has done its third step: Brian2's
    loop raises StopIteration, the engine says of what."""
    def network():
        group = adders(1)
        group.run_at("x += 1", times=[0.3] * ms)
        made = Network(group)
        made.run(0.1 * ms)
        return made

    with pytest.raises(StopIteration):
        network().run(0.2 * ms)
    set_device("engram")
    with pytest.raises(EngineError, match="G_run_at_eventclock.* is so near the end.*defaultclock"):
        network().run(0.2 * ms)


@needs_2_10
def test_other_times_are_another_network():
    set_device("engram", math="strict")
    group = adders(1)
    runner = group.run_at("y += 1", times=[0.1, 0.2, 0.6] * ms)
    network = Network(group)
    network.run(0.5 * ms)
    runner._clock = EventClock([0.55, 0.75, 0.85] * ms)
    network.run(0.5 * ms)
    assert group.y[0] == 5


@needs_2_10
def test_what_has_no_step_is_not_run():
    """An array of TimedArray counts in steps of the code's owner: a monitor's own clock."""
    set_device("engram")
    values = TimedArray([1.0, 2, 4, 8], dt=0.5 * ms)
    group = NeuronGroup(1, "x = values(t) : 1")
    monitor = StateMonitor(group, "x", True, clock=EventClock([0.1] * ms), name="S")
    with pytest.raises(UnsupportedError, match="(?s)S: .*a TimedArray, which counts in steps"):
        Network(group, monitor).run(1 * ms, namespace={"values": values})


# ---- files ------------------------------------------------------------------------------


def protocol():
    """A script of three runs, with another object in the last; what it leaves."""
    group = adders()
    group.run_at("x += 0.5*i + t/ms", times=[0.0, 0.25, 0.5, 0.85, 1.2, 9] * ms)
    group.run_at("y += x", times=[0.25, 0.3, 1.0] * ms, order=-1, when="after_groups")
    synapses = Synapses(group, group, "w : 1", on_pre="y_post += w", delay=0.3 * ms, name="W")
    synapses.connect(j="(i + 1) % N_post")
    synapses.run_at("w += 1", times=[0.75] * ms)
    looks = EventClock(np.array([0.05, 0.3, 0.999, 1.45]) * ms, name="looks")
    network = Network(group, synapses, StateMonitor(group, ["x", "y"], True, name="S"),
                      StateMonitor(group, "x", True, clock=looks, name="L"),
                      SpikeMonitor(group, name="M"), name="net")
    network.run(0.5 * ms)
    group.x[1] = 30
    network.run(0.45 * ms)
    late = NeuronGroup(2, "z : 1", name="late")
    late.run_at("z += 1 + i", times=[0.1, 1.05, 1.15] * ms)
    network.add(late, StateMonitor(late, "z", True, name="Z"))
    network.run(0.6 * ms)
    return network


@needs_2_10
def test_a_recording_runs_in_the_engine_and_in_brian2(tmp_path, command):
    path, results = tmp_path / "net.h5", tmp_path / "results.h5"
    with brian2engram.recording(path):
        network = protocol()
    assert findings(path) == []
    wanted = contents(network)
    subprocess.run([command, "run", path, "--math", "strict", "--out", results], check=True,
                   capture_output=True)
    found = brian2engram.Results(results)
    for name in ("S", "L", "Z"):
        monitor = network[name]
        np.testing.assert_array_equal(found[name].t, monitor.t_, err_msg=name)
        for variable in monitor.record_variables:
            np.testing.assert_array_equal(getattr(found[name], variable),
                                          getattr(monitor, variable), err_msg=name)
    np.testing.assert_array_equal(found["M"].t, network["M"].t_)
    np.testing.assert_array_equal(found["M"].i, network["M"].i)
    del network, monitor
    again = brian2engram.import_network(path)
    brian2engram.run_stages(again)
    assert differences(wanted, contents(again)) == []


@needs_2_10
def test_the_archive_of_the_device_is_the_recording(tmp_path):
    with brian2engram.recording(tmp_path / "brian2.mpk"):
        protocol()
    gc.collect()  # their names are free again
    set_device("engram", math="strict", archive=tmp_path / "engine.mpk")
    protocol()
    assert apart(document.read(tmp_path / "brian2.mpk"),
                 document.read(tmp_path / "engine.mpk")) == []


@needs_2_10
def test_another_clock_of_that_name_is_another_document(tmp_path):
    def network(*times):
        group = adders(1)
        group.run_at("x += 1", times=list(times) * ms)
        return Network(group)

    with brian2engram.recording(tmp_path / "x.mpk") as made:
        network(1, 2).run(1 * ms)
        network(1, 3).run(1 * ms)
    assert [content["network"]["clocks"][0]["times"].tolist() for content in made.documents] == [
        [1e-3, 2e-3], [1e-3, 3e-3]]


@needs_2_10
def test_where_a_clock_stands_is_in_the_file(tmp_path):
    network = protocol()
    brian2engram.save(tmp_path / "x.mpk", network, duration=1 * ms)
    content = document.read(tmp_path / "x.mpk")
    stand = {item["name"]: item["timestep"] for item in content["state"]["clocks"]}
    assert stand["G_run_at_eventclock"] == 5 and stand["looks"] == 4
    clock, = (item for item in content["network"]["clocks"] if item["name"] == "looks")
    assert clock == {"name": "looks", "times": pytest.approx([5e-5, 3e-4, 9.99e-4, 1.45e-3])}


@needs_2_10
def test_an_export_is_refused_by_name(tmp_path):
    """brian2tools writes time steps alone."""
    if importlib.util.find_spec("brian2tools") is None:
        pytest.skip("brian2tools is not installed")
    script = tmp_path / "script.py"
    script.write_text("from brian2 import *\nG = NeuronGroup(2, 'v : 1', name='G')\n"
                      "G.run_at('v += 1', times=[0.3, 1]*ms)\nrun(2*ms)\n")
    done = subprocess.run([sys.executable, "-m", "brian2engram", "pack", script, "-o",
                           tmp_path / "x.mpk"], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    assert done.returncode == 3
    assert "G_run_at_eventclock: EventClock" in done.stderr


@needs_2_10
def test_rules_become_a_network(command, tmp_path):
    """The golden file holds rules alone, as an export does."""
    network = brian2engram.import_network(GOLDEN)
    brian2engram.run_stages(network)
    subprocess.run([command, "run", GOLDEN, "--math", "strict", "--out", tmp_path / "r.h5"],
                   check=True, capture_output=True)
    found = brian2engram.Results(tmp_path / "r.h5")["traces"]
    assert found.t.tolist() == network["traces"].t_[:].tolist() == [0, 3.1e-4, 1.05e-3, 0.0204]
    np.testing.assert_allclose(found.v, network["traces"].v_, rtol=1e-12, atol=0)


@pytest.mark.skipif(EventClock is not None, reason="Brian2 2.10 has event clocks")
def test_an_older_brian2_refuses_by_name():
    with pytest.raises(UnsupportedError, match="P_run_at_eventclock.*its times.*need Brian2 2.10"):
        brian2engram.import_network(GOLDEN)
