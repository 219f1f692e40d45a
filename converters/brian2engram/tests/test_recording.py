"""Recording a script of several runs: what later runs hold, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import brian2
import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeMonitor, StateMonitor, Synapses, ms

import brian2engram
from brian2engram import document


@pytest.fixture
def net():
    group = NeuronGroup(4, "dv/dt = -v/(5*ms) : 1\nw : 1", threshold="v > 1", reset="v = 0",
                        method="euler", name="G")
    synapses = Synapses(group, group, on_pre="v_post += a", name="S", delay=1 * ms)
    synapses.connect(j="(i + 1) % N_post")
    return Network(group, synapses, SpikeMonitor(group, name="M"))


def recorded(path, act):
    with brian2engram.recording(path):
        act()
    return document.read(path)


def names(run):
    return [array["name"] for array in run["state"].get("arrays", [])]


def test_a_run_like_the_one_before_holds_nothing_but_its_time(net, tmp_path):
    def act():
        net.run(1 * ms, namespace={"a": 0.1})
        net.run(2 * ms, namespace={"a": 0.1})

    first, second = recorded(tmp_path / "x.mpk", act)["network"]["runs"]
    assert "state" not in first or first["state"] is None
    assert second["duration"] == 2e-3
    assert not second.get("code") and names(second) == []
    assert second["state"]["t"] == 1e-3 and not second["state"].get("random")


def test_what_is_assigned_is_in_the_next_run(net, tmp_path):
    def act():
        net.run(1 * ms, namespace={"a": 0.1})
        net["G"].w = "i + 1"
        net.run(1 * ms, namespace={"a": 0.1})
        net["G"].v[2] = 3
        net.run(1 * ms, namespace={"a": 0.1})

    runs = recorded(tmp_path / "x.mpk", act)["network"]["runs"]
    assert names(runs[1]) == ["G.w"]
    assert np.array_equal(runs[1]["state"]["arrays"][0]["data"], [1.0, 2, 3, 4])
    assert names(runs[2]) == ["G.v"]


def test_another_constant_is_another_code(net, tmp_path):
    def act():
        net.run(1 * ms, namespace={"a": 0.1})
        net.run(1 * ms, namespace={"a": 0.2})
        net.run(1 * ms, namespace={"a": 0.2})

    runs = recorded(tmp_path / "x.mpk", act)["network"]["runs"]
    assert runs[1]["code"] and not runs[2].get("code")
    pathway = next(e for e in runs[1]["code"]["executables"] if e["name"] == "S_pre")
    assert next(b["value"] for b in pathway["bindings"] if b["name"] == "a") == 0.2


def test_seeds_clocks_and_rest(net, tmp_path):
    def act():
        net.run(1 * ms, namespace={"a": 0.1})
        brian2.seed(5)
        brian2.defaultclock.dt = 0.5 * ms
        net["S"].active = False
        net.run(1 * ms, namespace={"a": 0.1})

    run = recorded(tmp_path / "x.mpk", act)["network"]["runs"][1]
    assert run["state"]["random"]["words"][0] == 5
    assert [(c["name"], c["dt"]) for c in run["state"]["clocks"]] == [("defaultclock", 5e-4)]
    assert "S" in run["inactive"]


def test_a_stopped_run_is_as_long_as_it_went(net, tmp_path):
    def act():
        net.run(10 * ms, namespace={"a": 0.1}, report_period=1e-9 * brian2.second,
                report=lambda _, completed, *__: completed > 0.4 and net.stop())
        net.run(1 * ms, namespace={"a": 0.1})

    runs = recorded(tmp_path / "x.mpk", act)["network"]["runs"]
    assert runs[0]["duration"] == runs[1]["state"]["t"] == 42 * 1e-4
    assert runs[1]["duration"] == 1e-3


def test_new_objects_join(net, tmp_path):
    def act():
        net.run(1 * ms, namespace={"a": 0.1})
        late = NeuronGroup(2, "x : 1", name="late")
        late.x = 7
        net.add(late, StateMonitor(late, "x", record=True, name="late_monitor"))
        net.run(1 * ms, namespace={"a": 0.1})

    content = recorded(tmp_path / "x.mpk", act)
    assert [g["name"] for g in content["network"]["groups"]] == ["G", "late"]
    assert "late.x" in names(content["network"]["runs"][1])
    assert "late_monitor" in [m["name"] for m in content["network"]["monitors"]]


def test_the_script_runs_as_it_would_without(net, tmp_path):
    def protocol():
        group = NeuronGroup(5, "dv/dt = (2 + 0.1*i - v)/(5*ms) : 1", threshold="v > 1",
                            reset="v = 0", method="euler", name="N")
        monitor = SpikeMonitor(group, name="O")
        own = Network(group, monitor)
        own.run(10 * ms)
        group.v = "0.1*i"
        own.run(10 * ms)
        return np.array(monitor.t_), np.array(monitor.i)

    plain = protocol()
    with brian2engram.recording(tmp_path / "x.mpk") as made:
        watched = protocol()
    assert made.runs == 2 and len(plain[0]) > 5
    assert all(np.array_equal(a, b) for a, b in zip(plain, watched))


def numbered(path, act):
    """The documents of a script that begins anew; the number of runs in each."""
    with brian2engram.recording(path) as made:
        act()
    paths = [path] + [path.with_name(f"{path.stem}-{k}{path.suffix}")
                      for k in range(2, len(made.documents) + 1)]
    assert sorted(path.parent.iterdir()) == sorted(paths)
    contents = [document.read(each) for each in paths]
    return contents, [len(content["network"]["runs"]) for content in contents]


def test_one_name_for_another_object_begins_another_document(tmp_path):
    def act():
        for n in (2, 3):
            group = NeuronGroup(n, "v : 1", name=f"twice{n}")
            group._name = "twice"
            net = Network(group)
            net.run(1 * ms)
            net.run(2 * ms)

    contents, runs = numbered(tmp_path / "x.mpk", act)
    assert runs == [2, 2]
    assert [content["network"]["groups"][0]["n"] for content in contents] == [2, 3]
    assert not contents[1]["network"]["runs"][0].get("state")


def test_records_that_are_taken_back_begin_another_document(net, tmp_path):
    def act():
        net.store()
        net["G"].v = 2
        net.run(1 * ms, namespace={"a": 0.1})
        net["G"].v = 2
        net.run(1 * ms, namespace={"a": 0.1})
        net.restore()
        net["G"].v = 3
        net.run(0.5 * ms, namespace={"a": 0.1})
        net.run(0.5 * ms, namespace={"a": 0.1})

    contents, runs = numbered(tmp_path / "x.mpk", act)
    assert runs == [2, 2]
    state = contents[1]["state"]
    arrays = {array["name"]: array["data"] for array in state["arrays"]}
    assert state["t"] == 0 and list(arrays["G.v"]) == [3] * 4
    assert "M.i" not in arrays


def test_time_that_goes_back_begins_another_document(tmp_path):
    group = NeuronGroup(2, "dv/dt = -v/(5*ms) : 1", method="euler", name="G")
    net = Network(group)

    def act():
        net.store()
        net.run(1 * ms)
        net.restore()
        net.run(1 * ms)

    assert numbered(tmp_path / "x.mpk", act)[1] == [1, 1]


def test_a_network_of_the_same_objects_made_anew_begins_another_document(tmp_path):
    def act():
        for _ in range(3):
            group = NeuronGroup(2, "dv/dt = -v/(5*ms) : 1", method="euler", name="G")
            group.v = 1
            Network(group, StateMonitor(group, "v", record=True, name="T")).run(1 * ms)

    assert numbered(tmp_path / "x.mpk", act)[1] == [1, 1, 1]


def test_nothing_is_written_without_a_run_or_after_an_error(tmp_path):
    with pytest.raises(brian2engram.EngramError, match="never called"):
        with brian2engram.recording(tmp_path / "x.mpk"):
            pass
    with pytest.raises(ZeroDivisionError):
        with brian2engram.recording(tmp_path / "x.mpk"):
            raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_the_command_records_all_runs(tmp_path):
    script = tmp_path / "two.py"
    script.write_text("from brian2 import *\nprefs.codegen.target = 'numpy'\n"
                      "G = NeuronGroup(2, 'v : 1', name='G')\nrun(1*ms)\nG.v = 3\nrun(2*ms)\n"
                      "print('v is', G.v[0])\n")
    done = subprocess.run([sys.executable, "-m", "brian2engram", "capture", script, "--all",
                           "-o", tmp_path / "x.mpk"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "v is 3.0" in done.stdout and "2 runs recorded" in done.stdout
    runs = document.read(tmp_path / "x.mpk")["network"]["runs"]
    assert [run["duration"] for run in runs] == [1e-3, 2e-3] and names(runs[1]) == ["G.v"]



def test_the_command_says_where_a_script_that_begins_anew_went(tmp_path):
    script = tmp_path / "anew.py"
    script.write_text("from brian2 import *\nprefs.codegen.target = 'numpy'\n"
                      "for n in (2, 3):\n    G = NeuronGroup(n, 'v : 1', name=f'G{n}')\n"
                      "    G._name = 'G'\n    Network(G).run(1*ms)\n")
    done = subprocess.run([sys.executable, "-m", "brian2engram", "capture", script, "--all",
                           "-o", tmp_path / "x.mpk"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "2 runs recorded, in 2 files up to x-2.mpk" in done.stdout
    assert document.read(tmp_path / "x-2.mpk")["network"]["groups"][0]["n"] == 3

# ---- steps ------------------------------------------------------------------------------


def steps_of(act):
    from brian2engram.steps import watched
    with watched() as steps:
        act()
    return [{key: value for key, value in step.items() if not (
        isinstance(value, (str, list, bool)) and not value or (key, value) in (
            ("start", 0), ("stop", -1)))} for step in steps.done]


def plain(step):
    return {key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in step.items()}


def test_steps_are_told_as_the_script_said_them(net):
    group, synapses = net["G"], net["S"]
    half = group[1:3]

    def act():
        nn = 2  # noqa: F841  (a name in a text)
        brian2.seed(3)
        group.w = "i*nn + rand()"
        group.w["i > 2"] = 4
        group.v[[0, 3]] = "i + 1"
        half.v = "i"
        half.v[[0]] = 9
        synapses.connect(condition="i != j", p=0.5, n=2)
        synapses.connect(i=[0, 1], j=2)
        synapses.connect(j="k for k in range(i)", skip_if_invalid=True)
        synapses.connect(False)
        brian2.seed()

    where = {"kind": "initialise", "target": "G"}
    constant = {"name": "nn", "dtype": "int64", "value": 2.0, "integer": 2, "dim": (0.0,) * 7}
    assert [plain(step) for step in steps_of(act)] == [
        {"kind": "seed", "seed": 3},
        {**where, "variable": "w", "code": "i*nn + rand()", "constants": [constant]},
        {**where, "variable": "w", "code": "4", "condition": "i > 2"},
        {**where, "variable": "v", "code": "i + 1", "indices": [0, 3]},
        {**where, "variable": "v", "code": "i", "start": 1, "stop": 3},
        {**where, "variable": "v", "values": [9], "indices": [1]},
        {"kind": "connect", "target": "S", "condition": "i != j", "p": "0.5", "n": "2"},
        {"kind": "connect", "target": "S", "i_array": [0, 1], "j_array": [2, 2]},
        {"kind": "connect", "target": "S", "j": "k for k in range(i)", "skip_if_invalid": True},
        {"kind": "connect", "target": "S", "condition": "False"},
        {"kind": "seed", "seed": -1},
    ]


def test_delays_are_those_of_the_pathway():
    group = NeuronGroup(2, "v : 1", threshold="v > 1", reset="v = 0", name="H")
    synapses = Synapses(group, group, on_pre="v += 1", on_post="v += 2", name="P")
    synapses.connect()

    def act():
        synapses.delay = "i*ms"
        synapses.post.delay = [1, 2, 3, 4] * ms

    assert [plain(step) for step in steps_of(act)] == [
        {"kind": "initialise", "target": "P_pre", "variable": "delay", "code": "i*ms"},
        {"kind": "initialise", "target": "P_post", "variable": "delay",
         "values": [0.001, 0.002, 0.003, 0.004]}]


def test_what_a_text_cannot_say_is_told_by_its_result(net):
    @brian2.check_units(x=1, result=1)
    def doubled(x):
        return 2 * x

    def act():
        own = doubled  # noqa: F841  (a name in texts)
        net["G"].w = "own(i)"
        net["S"].connect(condition="own(i) == j")
        net["G"][1:3].v[0] = 9  # a slice that is gone before its numbers are known

    assert [plain(step) for step in steps_of(act)] == [
        {"kind": "initialise", "target": "G", "variable": "w", "values": [0, 2, 4, 6]},
        {"kind": "connect", "target": "S", "i_array": [0, 1], "j_array": [0, 2]},
        {"kind": "initialise", "target": "G", "variable": "v", "values": [0, 9, 0, 0]}]


def test_steps_that_fail_and_those_of_runs_are_not_told(net):
    @brian2.network_operation(name="meddler")
    def meddle():
        net["G"].w = 5

    net.add(meddle)

    made = brian2engram.Recording(on_loss="warn")
    with pytest.warns(brian2engram.EngramWarning), made.watching():
        with pytest.raises(Exception):
            net["G"].w = "nowhere"
        net.run(0.2 * ms, namespace={"a": 0.1})
        net["G"].v = 1
        net.run(0.2 * ms, namespace={"a": 0.1})
    network = made.documents[0]["network"]
    assert [step["variable"] for step in network["setup"]] == ["v"]
    assert [run["setup_end"] for run in network["runs"]] == [0, 1]


def test_steps_on_what_is_in_no_network_are_left_out(net):
    made = brian2engram.Recording()
    with made.watching():
        other = NeuronGroup(3, "x : 1", name="other")
        other.x = 1
        net["G"].w = 2
        net.run(0.1 * ms, namespace={"a": 0.1})
        net["G"].w = 3
        net.add(other)
        net.run(0.1 * ms, namespace={"a": 0.1})
    network = made.documents[0]["network"]
    assert [step["target"] for step in network["setup"]] == ["other", "G", "G"]
    assert [run["setup_end"] for run in network["runs"]] == [2, 3]


def test_a_recording_imported_and_recorded_again_is_the_same(net, tmp_path):
    def act():
        net["G"].w = "i + 1"
        net.run(1 * ms, namespace={"a": 0.1})
        net["G"].v = "0.1*i"
        net["S"].connect(i=0, j=3)
        brian2.seed(4)
        net.run(1 * ms, namespace={"a": 0.2})

    first = recorded(tmp_path / "x.mpk", act)
    again = brian2engram.import_network(tmp_path / "x.mpk")
    second = recorded(tmp_path / "y.mpk", lambda: brian2engram.run_stages(again))
    from roundtrip import apart
    assert len(first["network"]["setup"]) == 4
    assert apart(first, second) == []

