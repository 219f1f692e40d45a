"""set_device('engram'): what happens around and inside a run; its archives and results."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading

import brian2

import numpy as np
import pytest
from brian2 import (
    Network, NetworkOperation, NeuronGroup, SpikeMonitor, StateMonitor, Synapses, ms, run,
    second, set_device)
from brian2engram import UnsupportedError, document
from brian2engram.device_engine import api
from brian2engram.lines import line_of
from test_device import both, driven, elapsed, flight

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def engine(fresh_brian):
    """Every test here runs the engine."""
    api()
    set_device("engram", math="strict")
    yield


# ---- inside a run -----------------------------------------------------------------------


def test_operations_work_in_the_engines_own_arrays():
    group = driven()
    synapses = Synapses(group, group, "w : 1", on_pre="x_post += w")
    synapses.connect(i=[0, 1], j=[1, 2])
    arrays = [group.variables["x"].get_value(), synapses.variables["w"].get_value()]
    addresses = [array.ctypes.data for array in arrays]
    seen = []

    def look():
        assert [group.variables["x"].get_value().ctypes.data,
                synapses.variables["w"].get_value().ctypes.data] == addresses
        seen.append(arrays[0][0])
        arrays[0][0] = 100 * len(seen) - 1  # over the threshold, at the next step's end

    Network(group, synapses, NetworkOperation(look, when="end")).run(0.3 * ms)
    assert seen == [1, 0, 0] and arrays[0][0] == 299


@pytest.mark.parametrize("operations", [False, True])
def test_interrupted_from_the_keyboard(operations):
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    group = NeuronGroup(3, "x : integer")
    group.run_regularly("x += 1")
    spikes = StateMonitor(group, "x", record=[0])
    network = Network(group, spikes)
    if operations:
        network.add(NetworkOperation(lambda: None))
    timer = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT])
    with pytest.raises(KeyboardInterrupt):
        network.run(1e5 * second, report=lambda *_: timer.start(), report_period=1e6 * second)
    timer.join()
    signal.signal(signal.SIGINT, previous)
    steps = group.x[0]
    assert 0 < steps < 1e9
    assert len(spikes.t) in (steps, steps + 1)  # an operation may be interrupted in its step
    assert brian2.defaultclock.timestep in (steps, steps - 1)
    start = elapsed(network)
    assert abs(start / 1e-4 - steps) <= 1
    network.run(1 * ms)
    assert elapsed(network) == pytest.approx(start + 1e-3) and group.x[0] >= steps + 9


def test_names_are_looked_up_where_run_says():
    def assigned():
        group = NeuronGroup(1, "x : 1")
        group.run_regularly("x = outer")
        return group

    group, outer = assigned(), 1

    def inner(**options):
        outer = 2  # noqa: F841
        run(0.1 * ms, **options)
        return group.x[0]

    assert inner() == 2 and inner(level=1) == 1
    assert inner(namespace={"outer": 3}) == 3
    group, outer = assigned(), 4
    network = Network(group)

    def nested(**options):
        outer = 5  # noqa: F841
        network.run(0.1 * ms, **options)
        return group.x[0]

    assert nested() == 5 and nested(level=1) == 4 and nested(namespace={"outer": 6}) == 6
    with pytest.raises(brian2.core.base.BrianObjectException):
        nested(namespace={})


def test_a_slot_that_stands_twice_is_where_it_stands_last():
    def script():
        group = NeuronGroup(1, "x : 1", name="G")
        group.run_regularly("x += 1", when="groups", name="a")
        group.run_regularly("x *= 3", when="end", name="b")
        group.run_regularly("x -= 2", when="before_groups", name="c")
        network = Network(group)
        network.schedule = [*network.schedule, "groups"]
        network.run(0.5 * ms)
        return {"x": group.x}

    assert both(script)["x"] == -121


def test_a_profile_is_summed_up():
    group = driven()
    run(50 * ms, profile=True)
    summary = brian2.profiling_summary(show=1)
    assert len(summary.names) == 1 and summary.names[0].startswith(group.name)
    assert "%" in str(summary)


def test_spikes_wait_over_a_run_of_no_length_and_a_change_of_delays():
    """Brian2's own suite never leaves a spike in flight between two runs."""
    def script():
        group = driven()
        target = NeuronGroup(5, "y : 1")
        synapses = Synapses(group, target, on_pre="y_post += 1")
        synapses.connect(j="i")
        synapses.delay = "(i + 3)*0.3*ms"
        network = Network(group, target, synapses)
        network.run(0.6 * ms)
        waiting = len(flight(synapses.pre))
        group.active = False
        network.run(0 * ms)
        synapses.delay = "(i + 9)*0.3*ms"  # not for those on their way
        network.run(0.4 * ms)
        first = np.array(target.y)
        network.run(5 * ms)
        return waiting, first.tolist(), target.y[:].tolist(), len(flight(synapses.pre))

    found = script()
    set_device("runtime")
    brian2.defaultclock.dt = 0.1 * ms
    assert found == script()
    assert found[0] > 3 and sum(found[1]) < sum(found[2]) and found[3] == 0


# ---- archives ---------------------------------------------------------------------------


def results_of(path):
    """What the monitors of a results file hold."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(path) as file:
        return {f"{monitor}.{name}": data[...]
                for monitor, group in file["results"].items()
                for name, data in group.items()}, dict(file["runs/0"].attrs), \
            {owner: {name: data[...] for name, data in group.items()}
             for owner, group in file["state"].items()}, dict(file.attrs)


@pytest.mark.parametrize("name", ["net.h5", "net.mpk"])
def test_each_run_has_a_results_file_beside_the_archive(name, tmp_path):
    set_device("engram", math="strict", archive=tmp_path / name)
    group = driven()
    spikes, trace = SpikeMonitor(group), StateMonitor(group, "x", record=[0, 2])
    network = Network(group, spikes, trace)
    recorded = []
    for length in (1 * ms, 0.5 * ms):
        before = len(spikes.t), len(trace.t)
        network.run(length)
        recorded.append((np.array(spikes.i[before[0]:]), np.array(trace.x[:, before[1]:]),
                         np.array(group.x)))
    assert sorted(os.listdir(tmp_path)) == sorted(
        {"net-results-1.h5", "net-results-2.h5", "net.mpk", name})
    for number, (i, x, final) in enumerate(recorded, 1):
        found, told, state, about = results_of(tmp_path / f"net-results-{number}.h5")
        np.testing.assert_array_equal(found[f"{spikes.name}.i"], i)
        np.testing.assert_array_equal(found[f"{trace.name}.x"], x)
        np.testing.assert_array_equal(state[group.name]["x"], final)
        assert about["archive"] in (name, name.encode()) and told["complete"]
    assert told["duration"] == 0.5e-3 and told["start"] == 1e-3


WITHOUT_HDF5 = """
import sys, brian2, brian2engram
from brian2 import Network, NeuronGroup, ms, set_device
brian2.prefs.codegen.target = "numpy"
set_device("engram", archive=sys.argv[1])
network = Network(NeuronGroup(2, "dv/dt = 1/ms : 1", method="euler"))
network.run(1*ms)
network.run(1*ms)
"""


@pytest.mark.parametrize("name", ["net.h5", "net.mpk"])
def test_a_document_needs_no_hdf5_and_says_what_is_not_there(name, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_HDF5, tmp_path / name], capture_output=True, text=True,
        env={**os.environ, "ENGRAM_HDF5_PROVIDER": "/nowhere/libengram_hdf5.so"})
    if name == "net.h5":
        assert done.returncode and "/nowhere/libengram_hdf5.so" in done.stderr
        assert os.listdir(tmp_path) == []
        return
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Without results files, which are HDF5: cannot load") == 1
    assert os.listdir(tmp_path) == ["net.mpk"]
    assert len(document.read(tmp_path / "net.mpk")["network"]["runs"]) == 2


def test_the_engine_repeats_an_archive(tmp_path):
    """`engram run` gives what the script saw, and its results agree with those of the runs."""
    command = os.environ.get("ENGRAM_CLI") or shutil.which("engram")
    if command is None:
        pytest.skip("the engram command is not at hand")
    set_device("engram", math="strict", archive=tmp_path / "net.h5")
    group = driven()
    spikes = SpikeMonitor(group)
    network = Network(group, spikes)
    network.run(1 * ms)
    group.x[2] = 3
    network.run(1 * ms)
    subprocess.run([command, "run", str(tmp_path / "net.h5"), "--math", "strict", "--out",
                    str(tmp_path / "again.h5")], check=True, capture_output=True)
    found = results_of(tmp_path / "again.h5")[0]
    np.testing.assert_array_equal(found[f"{spikes.name}.i"], spikes.i)
    np.testing.assert_array_equal(found[f"{spikes.name}.t"], spikes.t_)


@pytest.mark.parametrize("rule", ["brian-runtime", "brian-standalone"])
def test_the_engine_repeats_the_drawing_of_an_archive(rule, tmp_path):
    command = os.environ.get("ENGRAM_CLI") or shutil.which("engram")
    if command is None:
        pytest.skip("the engram command is not at hand")
    set_device("engram", math="strict", rng=rule, archive=tmp_path / "net.h5")
    brian2.seed(4321)
    group = NeuronGroup(5, "dv/dt = -v/ms + ms**-0.5*xi : 1\nu : 1", method="euler")
    group.run_regularly("u = rand()", dt=0.3 * ms)
    trace = StateMonitor(group, ["v", "u"], record=True)
    network = Network(group, trace)
    network.run(1 * ms)
    group.v = "randn()"
    network.run(1 * ms)
    subprocess.run([command, "run", str(tmp_path / "net.h5"), "--math", "strict", "--out",
                    str(tmp_path / "again.h5")], check=True, capture_output=True)
    found = results_of(tmp_path / "again.h5")[0]
    assert len(np.unique(trace.v)) > 90
    for name in ("v", "u"):
        np.testing.assert_array_equal(found[f"{trace.name}.{name}"], getattr(trace, name))
    assert document.read(tmp_path / "net.mpk")["network"]["rng_rule"] == rule


def test_an_archive_that_cannot_repeat_the_drawing_says_so(tmp_path, caplog):
    set_device("engram", rng="philox", archive=tmp_path / "net.mpk")
    Network(driven()).run(1 * ms)
    assert "rng='philox' draws with a seed of its own in each run" in caplog.text


def test_a_run_that_was_stopped_is_as_long_as_it_went(tmp_path):
    set_device("engram", archive=tmp_path / "net.mpk")
    group = driven()
    stopper = NetworkOperation(lambda: network.stop(), dt=0.4 * ms, when="end")
    stopper.active = False
    network = Network(group, stopper)
    network.run(0.4 * ms)
    stopper.active = True
    network.run(3 * ms)
    content = document.read(tmp_path / "net.mpk")
    assert [entry["duration"] for entry in content["network"]["runs"]] == [
        0.4e-3, pytest.approx(0.1e-3)]
    assert sorted(os.listdir(tmp_path)) == ["net-results-1.h5", "net-results-2.h5", "net.mpk"]
    told = results_of(tmp_path / "net-results-2.h5")[1]
    assert told["simulated"] == pytest.approx(0.1e-3)


def test_a_run_that_failed_is_no_part_of_an_archive(tmp_path):
    set_device("engram", archive=tmp_path / "net.h5")
    group = driven()

    def fail():
        raise KeyError("mine")

    operation = NetworkOperation(fail)
    operation.active = False
    network = Network(group, operation)
    network.run(1 * ms)
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    operation.active = True
    with pytest.raises(KeyError, match="mine"):
        network.run(1 * ms)
    after = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)
             if name != "net-results-2.h5"}
    assert before == after
    operation.active = False
    network.run(0.5 * ms)  # from where the failed one was left
    set_device("runtime")
    assert sorted(os.listdir(tmp_path)) == [
        "net-2.h5", "net-2.mpk", "net-results-1.h5", "net-results-2.h5", "net.h5", "net.mpk"]
    assert [run["duration"] for run in document.read(tmp_path / "net.mpk")["network"]["runs"]
            + document.read(tmp_path / "net-2.mpk")["network"]["runs"]] == [1e-3, 0.5e-3]


# ---- refusals ---------------------------------------------------------------------------


def test_refusals_quote_the_line_of_the_script():
    group = NeuronGroup(2, """
        dv/dt = (w - v)/(10*ms) : 1  # big is not here
        w = 2*big : 1
        """, name="cells", method="euler", namespace={"big": np.uint64(3)})
    network = Network(group)
    with pytest.raises(UnsupportedError) as raised:
        network.run(1 * ms)
    assert [loss.object for loss in raised.value.losses] == ["cells"]
    assert "constant 'big'" in str(raised.value) and "in 'w = 2*big : 1'" in str(raised.value)
    assert elapsed(network) == 0


def test_units_that_an_implementation_discards():
    """Brian2 calls such a function with plain numbers, and so does the engine."""
    @brian2.implementation("numpy", discard_units=True)
    @brian2.check_units(x=brian2.volt, result=brian2.volt)
    def shifted(x):
        return x + 3

    def assigned():
        group = NeuronGroup(1, "x : volt", namespace={"shifted": shifted})
        group.run_regularly("x = shifted(x)")
        return group

    group = assigned()
    Network(group).run(0.1 * ms)
    assert list(group.x / brian2.volt) == [3]


def test_lines_of_each_kind_of_object():
    group = NeuronGroup(2, "v : 1\nu : 1\nsum_of : 1\nq = 3*f(v) : 1", threshold="v > f(1)",
                        reset="v = 0\nu = f(v)", refractory="v < g(2)")
    group.run_regularly("v = 1; u = 2\nu = f(u)")
    synapses = Synapses(group, group, "w : 1\nsum_of_post = f(w) : 1 (summed)",
                        on_pre="w = 1\nv_post += f(w)")
    objects = {type(obj).__name__: obj
               for obj in [*group.contained_objects, *synapses.contained_objects]}
    found = {kind: line_of(obj, "f") for kind, obj in objects.items()}
    assert found == {
        "StateUpdater": "q = 3*f(v) : 1", "Thresholder": "v > f(1)", "Resetter": "u = f(v)",
        "CodeRunner": "u = f(u)", "SynapticPathway": "v_post += f(w)",
        "SummedVariableUpdater": "sum_of_post = f(w)"}
    assert line_of(objects["StateUpdater"], "g") == "v < g(2)"
    assert line_of(StateMonitor(group, "q", record=True), "f") == "q = 3*f(v) : 1"
    assert line_of(objects["StateUpdater"], "h") == ""


def test_an_archive_tells_what_the_script_said(tmp_path):
    set_device("engram", math="strict", archive=tmp_path / "net.mpk")
    group = driven()
    synapses = Synapses(group, group, "w : 1", on_pre="x_post += 0*w", name="between")
    synapses.connect(condition="i != j", p=0.5)
    synapses.w = "0.1*i"
    network = Network(group, synapses)
    network.run(1 * ms)
    group.x[1:] = 0
    network.run(1 * ms)
    set_device("runtime")
    group.x = 3  # another device: not told
    content = document.read(tmp_path / "net.mpk")["network"]
    told = [(step.get("condition") or step.get("code") or step["values"].tolist())
            for step in content["setup"] if step["target"] in (group.name, "between")]
    assert told[-3:] == ["i != j", "0.1*i", [0]]
    assert content["runs"][0]["setup_end"] + 1 == content["runs"][1]["setup_end"] \
        == len(content["setup"])


# ---- device.run(run_args=...) -----------------------------------------------------------


def swept(seeded=None):
    """A magic network of a script that builds and runs by itself."""
    set_device("engram", math="strict", build_on_run=False)
    if seeded is not None:
        brian2.seed(seeded)
    brian2.start_scope()
    drive = brian2.TimedArray([0.5, 2], dt=5 * ms)
    group = NeuronGroup(3, "dx/dt = (drive(t) + b - x)/tau : 1\nb : 1\ntau : second (shared)\n"
                           "noise : 1", threshold="x > 1", reset="x = 0", method="exact",
                        namespace={"drive": drive})
    group.run_regularly("noise = rand()")
    group.tau = 5 * ms
    group.b = [0, 1, 2]
    spikes = SpikeMonitor(group)
    run(10 * ms)
    brian2.device.build(run=False)
    return group, drive, spikes


def test_a_run_is_repeated_with_other_values():
    group, drive, spikes = swept()
    first = list(spikes.t_)
    brian2.device.run()  # which run() has done
    assert list(spikes.t_) == first and len(first) > 0
    found = []
    for values in ({group.tau: 2 * ms}, {group.b: [3, 1, 0]}, {drive: 1.5}):
        brian2.device.run("output", run_args=values, with_output=False)
        found.append(list(spikes.t_))
        assert found[-1] != first
    assert group.tau == 5 * ms and list(group.b) == [0, 1, 2] and list(drive.values) == [1.5, 1.5]
    brian2.device.run()  # the script's own values
    assert list(spikes.t_) == first and list(drive.values) == [0.5, 2]
    assert not brian2.magic_network._stored_state  # the script has stored nothing

    fresh, other, expected = swept()
    other.values[:] = 1.5
    brian2.device.run(run_args={fresh.tau: 2 * ms, fresh.b_: 1})
    found = list(expected.t_)
    set_device("runtime")
    brian2.start_scope()
    plain = NeuronGroup(3, "dx/dt = (1.5 + 1 - x)/(2*ms) : 1", threshold="x > 1",
                        reset="x = 0", method="exact")
    seen = SpikeMonitor(plain)
    Network(plain, seen).run(10 * ms)
    assert found == list(seen.t_)


def test_a_seed_counts_for_each_repetition():
    group, _, _ = swept(seeded=5)
    first = list(group.noise)
    brian2.device.run(run_args={group.tau: 6 * ms})
    assert list(group.noise) == first
    group, _, _ = swept()
    brian2.seed()
    first = list(group.noise)
    brian2.device.run(run_args={group.tau: 6 * ms})
    assert list(group.noise) != first


def test_what_cannot_be_repeated_is_refused():
    group, drive, _ = swept()
    for given, error in ((["neurongroup.tau=1"], "expected a dictionary"),
                         ({"tau": 1}, "VariableView"), ({group.b: [1, 2]}, "Incorrect size"),
                         ({drive: [1, 2, 3]}, "Incorrect size"), ({group.tau: 1}, "units")):
        with pytest.raises((TypeError, NotImplementedError, brian2.DimensionMismatchError),
                           match=error):
            brian2.device.run(run_args=given)
    with pytest.raises(NotImplementedError, match="apply_run_args"):
        brian2.device.apply_run_args()
    run(1 * ms)
    with pytest.raises(NotImplementedError, match="calls run\\(\\) 2 times"):
        brian2.device.run(run_args={group.tau: 2 * ms})
    brian2.device.reinit()
    with pytest.raises(RuntimeError, match="nothing to run"):
        brian2.device.run()
    set_device("engram")
    other = driven()
    Network(other).run(1 * ms)
    with pytest.raises(NotImplementedError, match="build_on_run=False"):
        brian2.device.run(run_args={other.x: 2})
