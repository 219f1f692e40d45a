"""A live capture: what is in it, and that it leaves no trace."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import brian2
import brian2engram
import msgpack
import numpy as np
import pytest
from brian2 import (Network, NeuronGroup, PoissonGroup, PoissonInput, SpikeGeneratorGroup,
                    SpikeMonitor, StateMonitor, ms, prefs)
from brian2engram import document

import networks
from conftest import PACKAGE, REPOSITORY
from validate import complaints


def saved(path, net, duration=50 * ms, **keywords):
    """Save, judge against schema.def, read back."""
    brian2engram.save(path, net, duration=duration, **keywords)
    with open(path, "rb") as file:
        assert complaints(msgpack.unpack(file, raw=False)) == []
    return document.read(path)


def by_name(items):
    return {item["name"]: item for item in items}


def texts(executable):
    return [f"{s['part'][0]} {s['variable']} {s['op']} {s['expr']}"
            for s in executable.get("statements", [])]


# ---- no trace ---------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("delays", [False, True])
def test_a_captured_network_runs_on_bit_for_bit(out, times, delays):
    reference = networks.cuba(delays=delays)
    reference.run(30 * ms)
    reference.run(20 * ms)
    expected = networks.contents(reference)
    del reference
    brian2.seed(12345)
    net = networks.cuba(delays=delays)
    for _ in range(times):
        brian2engram.save(out, net, duration=30 * ms)
    net.run(30 * ms)
    for _ in range(times):
        brian2engram.save(out, net, duration=20 * ms)
    net.run(20 * ms)
    assert networks.same(networks.contents(net), expected)


def test_compiled_code_runs_on_bit_for_bit(out):
    """With Brian2's compiled queues and buffers of random numbers, and spikes in flight."""
    def run(capture):
        gc.collect()
        brian2.seed(5)
        group = NeuronGroup(30, "dv/dt = (1.1-v)/(5*ms) + 0.1*xi/ms**0.5 : 1",
                            threshold="v > 1 and rand() < 0.9", reset="v = 0", method="euler",
                            name="G")
        synapses = brian2.Synapses(group, group, on_pre="v_post += 0.05", name="W")
        synapses.connect(i=np.arange(30), j=np.arange(30)[::-1])
        synapses.delay = np.linspace(0, 2, 30) * ms
        net = Network(group, synapses, SpikeMonitor(group, name="M"))
        for duration in (20 * ms, 7 * ms):
            if capture:
                content = saved(out, net, duration=duration)
            net.run(duration)
        return networks.contents(net), content if capture else None

    prefs.codegen.target = "cython"
    expected, _ = run(False)
    found, content = run(True)
    assert networks.same(found, expected) and len(found["M", "t"]) > 50
    random = content["state"]["random"]
    assert random["next_uniform"] > 0 and random["next_normal"] == 200 * 30
    assert len(content["state"]["queues"][0]["steps"]) > 0


def test_rich_network_runs_on_bit_for_bit(out):
    def run(capture):
        gc.collect()  # else the names of the other run's slices are still taken
        net, keep = networks.rich()
        if capture:
            brian2engram.save(out, net, duration=5 * ms)
        net.run(5 * ms)
        if capture:
            brian2engram.save(out, net, duration=5 * ms)
        net.run(5 * ms)
        return networks.contents(net)
    expected = run(False)
    assert networks.same(run(True), expected)


def test_nothing_is_left_behind(out):
    net = networks.cuba()
    objects = net.sorted_objects
    before = networks.contents(net)
    attributes = {obj.name: dict(vars(obj)) for obj in objects}
    lists = {obj.name: list(obj.code_objects) for obj in objects}
    clock = dict(vars(objects[0].clock))
    device = dict(vars(brian2.get_device()))
    random = np.random.get_state()
    net_before = dict(vars(net))
    brian2engram.save(out, net, duration=50 * ms)
    assert networks.same(networks.contents(net), before)
    for obj in objects:
        assert vars(obj) == attributes[obj.name]
        assert list(obj.code_objects) == lists[obj.name]
    assert vars(objects[0].clock) == clock
    assert vars(brian2.get_device()) == device
    assert vars(net) == net_before
    after = np.random.get_state()
    assert after[2:] == random[2:] and (after[1] == random[1]).all()
    assert prefs.codegen.target == "numpy"
    assert NeuronGroup(1, "v:1").name == "neurongroup"


def test_nothing_is_left_behind_by_a_refused_capture(out):
    group = NeuronGroup(2, "dv/dt = -v/tau : 1")
    net = Network(group)
    attributes = {obj.name: dict(vars(obj)) for obj in net.sorted_objects}
    with pytest.raises(Exception, match="tau"):
        brian2engram.save(out, net, duration=1 * ms)
    assert not out.exists()
    assert {obj.name: dict(vars(obj)) for obj in net.sorted_objects} == attributes
    assert "code_object" not in vars(brian2.get_device())
    net.run(1 * ms, namespace={"tau": 10 * ms})


def test_a_captured_network_can_join_another(out):
    net = networks.cuba()
    brian2engram.save(out, net, duration=1 * ms)
    Network(*net.objects).run(1 * ms)


@pytest.mark.parametrize("target", ["cython", "auto", "numpy"])
def test_no_compiler_runs(out, monkeypatch, target):
    net, keep = networks.rich()
    prefs.codegen.target = target

    def refuse(*_, **__):
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
    from brian2.codegen.runtime.cython_rt.extension_manager import cython_extension_manager
    monkeypatch.setattr(cython_extension_manager, "create_extension", refuse)
    saved(out, net)
    assert prefs.codegen.target == target


# ---- what is in it ----------------------------------------------------------------------


def test_two_captures_are_equal_but_for_provenance(tmp_path):
    def capture(path):
        brian2.seed(7)
        content = saved(path, networks.cuba(delays=True))
        return {**content, "provenance": None}

    first, second = capture(tmp_path / "a.mpk"), capture(tmp_path / "b.mpk")
    assert b"".join(document.encode(first)) == b"".join(document.encode(second))


def test_cuba_statements_are_those_brian2_executes(out):
    content = saved(out, networks.cuba())
    code = by_name(content["code"]["executables"])
    assert set(code) == {"P_stateupdater", "P_spike_thresholder", "P_spike_resetter", "Ce_pre",
                         "Ci_pre", "M", "S", "R"}
    update = code["P_stateupdater"]
    assert texts(update)[:2] == [
        "v not_refractory = timestep(t - lastspike, dt) >= timestep(0.005, dt)",
        "v _ge := ge*exp(-dt/taue)"]
    assert (update["template"], update["when"], update["clock"]) == (
        "stateupdate", "groups", "defaultclock")
    bindings = by_name(update["bindings"])
    assert list(bindings) == sorted(bindings)
    assert bindings["v"]["guard"] == "not_refractory"
    assert bindings["taum"]["value"] == 0.02 and "owner" not in bindings["taum"]
    assert (bindings["dt"]["owner"], bindings["dt"]["variable"], bindings["dt"]["index"]) == (
        "defaultclock", "dt", "0")
    assert "exp" not in bindings and "timestep" not in bindings and "int" not in bindings
    threshold = code["P_spike_thresholder"]
    assert threshold["refractory"] is True and threshold["event"] == "spike"
    assert texts(threshold) == ["v _cond := (v>Vt) and not_refractory"]
    assert by_name(threshold["bindings"])["_cond"]["kind"] == "output"
    reset = code["P_spike_resetter"]
    assert "guard" not in by_name(reset["bindings"])["v"]
    pathway = code["Ce_pre"]
    assert texts(pathway) == ["v ge += we"]
    assert (pathway["owner"], pathway["pathway"]) == ("Ce", "Ce_pre")
    assert pathway["event_source"] == "P"
    ge = by_name(pathway["bindings"])["ge"]
    assert (ge["owner"], ge["variable"], ge["index"]) == ("P", "ge", "_postsynaptic_idx")
    index = by_name(pathway["bindings"])["_postsynaptic_idx"]
    assert (index["owner"], index["variable"]) == ("Ce", "_synaptic_post")
    assert code["S"]["record"] == ["ge", "v"]


def test_cuba_network_and_state(out):
    net = networks.cuba(delays=True)
    content = saved(out, net)
    network, state = content["network"], content["state"]
    assert network["origin"] == "capture" and network["runs"] == [{"duration": 0.05}]
    group = by_name(network["groups"])["P"]
    assert (group["method"], group["resolved_method"]) == ("exact", "exact")
    assert (group["refractory"], group["refractory_kind"]) == ("0.005 * second", "time")
    assert group["equations"][0]["expr"] == "(ge+gi-(v-El))/taum"
    assert group["equations"][0]["flags"] == "unless refractory"
    assert [c["name"] for c in group["constants"]] == ["El", "Vr", "Vt", "taue", "taui", "taum"]
    assert by_name(network["monitors"])["S"]["indices"].tolist() == [3, 1]
    arrays = by_name(state["arrays"])
    exc = net["Ce"]
    assert arrays["Ce._synaptic_pre"]["data"].tobytes() == np.asarray(exc.i[:]).tobytes()
    assert arrays["Ce_pre.delay"]["owner"] == "Ce_pre"
    assert arrays["Ce_pre.delay"]["data"].tobytes() == exc.delay_[:].tobytes()
    assert arrays["Ci_pre.delay"]["data"].tobytes() == net["Ci"].delay_[:].tobytes()
    assert arrays["P.v"]["unit"] == "V"
    assert not any(name.startswith(("M.", "R.", "S.", "defaultclock")) for name in arrays)
    assert state["random"]["words"].tolist() == np.random.get_state()[1].tolist()


def test_capture_after_a_run_has_time_spikes_in_flight_and_records(out):
    net = networks.cuba(n=200, delays=True)
    net.run(20 * ms)
    state = saved(out, net)["state"]
    assert state["t"] == 0.02 and state["clocks"] == [{"name": "defaultclock", "timestep": 200}]
    arrays = by_name(state["arrays"])
    assert arrays["M.t"]["data"].tobytes() == np.asarray(net["M"].t_[:]).tobytes()
    queue = by_name(state["queues"])["Ce_pre"]
    assert len(queue["steps"]) > 0 and (np.diff(queue["steps"]) >= 0).all()
    offset, slots = net["Ce"].pre.queue._full_state()
    due = {(k, s) for k in range(len(slots)) for s in slots[(offset + k) % len(slots)]}
    assert set(zip(queue["steps"].tolist(), queue["synapses"].tolist())) == due


def test_records_of_zeros_are_records(out):
    group = NeuronGroup(1, "v : 1", threshold="True", reset="", name="G")
    net = Network(group, SpikeMonitor(group, name="M"),
                  StateMonitor(group, "v", True, name="S"))
    net.run(0.3 * ms)
    arrays = by_name(saved(out, net)["state"]["arrays"])
    assert arrays["M.i"]["data"].tolist() == [0, 0, 0]
    assert arrays["S.v"]["data"].tolist() == [[0.0], [0.0], [0.0]]
    assert "S._indices" not in arrays


def test_rich_network(out):
    net, keep = networks.rich()
    content = saved(out, net, duration=10 * ms)
    network, code = content["network"], by_name(content["code"]["executables"])
    groups, synapses = by_name(network["groups"]), by_name(network["synapses"])["W"]
    assert (synapses["source"], synapses["source_stop"]) == ("G", 3)
    assert synapses["target_start"] == 2
    slices = {(g["start"] if "start" in g else 0, g["stop"]) for g in groups.values()
              if g["kind"] == "subgroup"}
    assert {(0, 3), (2, 6), (1, 4)} >= slices and (1, 4) in slices
    assert by_name(network["clocks"])["G_regular_clock"]["dt"] == 0.0002
    assert groups["G"]["regulars"][0]["clock"] == "G_regular_clock"
    assert [e["name"] for e in groups["G"]["events"]] == ["low", "spike"]
    assert groups["G"]["events"][0]["reset"] == "x = 0.5"
    paths = by_name(synapses["pathways"])
    assert paths["W_late"] == {"name": "W_late", "key": "late", "prepost": "pre", "code":
                               "w += 0.01", "order": -1, "clock": "defaultclock",
                               "homogeneous": True, "delay": 0.0003}
    assert synapses["summed"][0]["variable"] == "syn_post"
    assert by_name(synapses["equations"])["Apre"]["flags"] == "event-driven"
    summed = code["W_summed_variable_syn_post"]
    assert (summed["target"], summed["target_variable"], summed["target_index"]) == (
        "G", "syn", "_synaptic_post")
    assert (summed["start"], summed["stop"]) == (2, 6)
    assert texts(code["W_post"])[-1] == "v lastupdate = t"
    assert (code["W_pre"]["event_source"], code["W_pre"]["stop"]) == ("G", 3)
    assert (code["M"]["event_source"], code["M"]["start"], code["M"]["stop"]) == ("G", 1, 4)
    stimulus = by_name(code["G_stateupdater"]["bindings"])["stimulus"]
    assert (stimulus["kind"], stimulus["owner"]) == ("function", "stimulus")
    assert by_name(network["functions"])["stimulus"]["values"].tolist() == [0, 1, 2, 3, 4]
    drive = by_name(code["S"]["bindings"])["_source_x"]
    assert drive["index"] == "_sub_idx"
    sub = by_name(code["S"]["bindings"])["_sub_idx"]
    assert sub["owner"] in groups and by_name(content["state"]["arrays"])[
        f"{sub['owner']}._sub_idx"]["data"].tolist() == [1, 2, 3]


def test_every_array_binding_is_stored_somewhere(out):
    for net, keep in (networks.rich(), (networks.cuba(), None)):
        content = saved(out, net)
        state = {(a["owner"], a["variable"]) for a in content["state"]["arrays"]}
        state |= {(clock["name"], name) for clock in content["state"]["clocks"]
                  for name in ("t", "dt", "timestep")}
        for executable in content["code"]["executables"]:
            names = {b["name"] for b in executable["bindings"]}
            for binding in executable["bindings"]:
                if binding["kind"] == "array":
                    assert (binding["owner"], binding["variable"]) in state, binding
                    assert binding["index"] in names | {"_idx", "0"}, binding
                    assert binding.get("guard", "v") in names | {"v"}, binding


def test_every_name_in_statements_is_bound(out):
    from brian2.core.functions import DEFAULT_FUNCTIONS
    from brian2.utils.stringtools import get_identifiers
    for net, keep in (networks.rich(), (networks.cuba(), None)):
        for executable in saved(out, net)["code"]["executables"]:
            known = {b["name"] for b in executable["bindings"]} | set(DEFAULT_FUNCTIONS)
            known |= {"and", "or", "not", "True", "False"}
            for statement in executable.get("statements", []):
                assert get_identifiers(statement["expr"]) <= known, statement
                known.add(statement["variable"])


def test_inputs(out):
    group = NeuronGroup(3, "v : 1", name="G")
    net = Network(group, PoissonInput(group, "v", 100, 20 * brian2.Hz, weight=0.1),
                  PoissonGroup(4, "5*Hz + i*Hz", name="Q"),
                  SpikeGeneratorGroup(3, [2, 0], [2, 1] * ms, period=5 * ms, name="K"),
                  SpikeGeneratorGroup(1, [0], [2] * ms, period=np.inf * ms, name="L"))
    content = saved(out, net)
    source, = content["network"]["inputs"]
    assert (source["n"], source["rate"], source["weight"]) == (100, 20.0, "0.1")
    groups = by_name(content["network"]["groups"])
    assert groups["Q"]["rates"] == "5*Hz + i*Hz"
    assert groups["K"]["indices"].tolist() == [0, 2]
    assert groups["K"]["times"].tolist() == [0.001, 0.002] and groups["K"]["period"] == 0.005
    assert "period" not in groups["L"]
    arrays = by_name(content["state"]["arrays"])
    assert arrays["K._timebins"]["data"].tolist() == [10, 20]
    assert arrays["K._period_bins"]["data"].tolist() == [50]
    assert by_name(content["code"]["executables"])["K"]["template"] == "spikegenerator"
    assert net["K"].variables["_timebins"].get_value().tolist() == [0, 0]


def test_integers_and_booleans_keep_their_type(out):
    group = NeuronGroup(2, "k : integer\nb : boolean\nv : 1", threshold="b",
                        reset="k += n; v += f",
                        namespace={"n": 2**53 + 1, "f": np.float32(0.1)}, name="G")
    content = saved(out, Network(group))
    bindings = by_name(by_name(content["code"]["executables"])["G_spike_resetter"]["bindings"])
    assert bindings["n"]["dtype"] == "int64" and bindings["n"]["integer"] == 2**53 + 1
    assert bindings["f"]["dtype"] == "float32"
    assert bindings["f"]["value"] == float(np.float32(0.1))
    assert by_name(content["state"]["arrays"])["G.b"]["data"].dtype == bool


def test_float32_is_carried(out):
    group = NeuronGroup(2, "dv/dt = -v/(10*ms) : 1", dtype=np.float32, method="euler", name="G")
    content = saved(out, Network(group))
    assert by_name(content["state"]["arrays"])["G.v"]["data"].dtype == np.float32
    bindings = by_name(content["code"]["executables"][0]["bindings"])
    assert bindings["ms"]["value"] == 0.001 and bindings["v"]["dtype"] == "float32"


def test_refractory_texts(out):
    for text, kind in (("2*ms + k*ms", "time"), ("v > 0.5", "condition"), ("b", "condition")):
        group = NeuronGroup(2, "dv/dt = -v/(10*ms) : 1\nb : boolean\nk : 1", threshold="v>1",
                            reset="v=0", refractory=text, method="exact", name="G")
        element, = saved(out, Network(group))["network"]["groups"]
        assert (element["refractory"], element["refractory_kind"]) == (text, kind)


def test_automatic_method_is_resolved(out):
    group = NeuronGroup(2, "dv/dt = -v**2/(10*ms) : 1", name="G")
    element, = saved(out, Network(group))["network"]["groups"]
    assert element.get("method", "") == "" and element["resolved_method"] == "euler"


def test_linked_variables_name_the_array_they_stand_for(out):
    other = NeuronGroup(2, "y : 1\nk : 1", name="H")
    group = NeuronGroup(4, "dx/dt = (link-x)/(10*ms) : 1\nlink : 1 (linked)", method="exact",
                        name="G")
    group.link = brian2.linked_var(other, "y", index=[1, 0, 1, 1])
    content = saved(out, Network(group, other))
    bindings = by_name(by_name(content["code"]["executables"])["G_stateupdater"]["bindings"])
    assert (bindings["link"]["owner"], bindings["link"]["variable"]) == ("H", "y")
    index = bindings[bindings["link"]["index"]]
    arrays = by_name(content["state"]["arrays"])
    assert arrays[f"{index['owner']}.{index['variable']}"]["data"].tolist() == [1, 0, 1, 1]


def test_noise_and_constant_over_dt(out):
    group = NeuronGroup(3, """dx/dt = -x/(10*ms) + s*xi*(1*ms)**-0.5 : 1
                              s = rand() : 1 (constant over dt)""", method="euler", name="G")
    code = by_name(saved(out, Network(group))["code"]["executables"])
    assert texts(code["G_subexpression_update"]) == ["v s = rand()"]
    assert code["G_subexpression_update"]["when"] == "before_start"
    assert "v xi := dt**.5 * randn()" in texts(code["G_stateupdater"])


def test_buffered_random_numbers_are_read_from_the_device(out, monkeypatch):
    buffer = np.linspace(0, 1, 20000)
    device = brian2.get_device()
    monkeypatch.setattr(device, "rand_buffer", np.array([buffer.ctypes.data], dtype=np.intp))
    monkeypatch.setattr(device, "rand_buffer_index", np.array([7], dtype=np.int32))
    random = saved(out, networks.cuba())["state"]["random"]
    assert random["next_uniform"] == 7 and random["uniforms"].tobytes() == buffer.tobytes()
    assert "normals" not in random and "next_normal" not in random


def test_queue_states_of_both_kinds_give_the_same_events():
    from brian2engram.snapshot import pending
    compiled = (2, [[7], [], [3, 1], [], [5]])  # slot 2 is due now
    rows = (0, np.array([[0, 3], [2, 5], [0, 1], [3, 7]]), (5, 2))
    for state in (compiled, rows):
        steps, synapses = pending(state)
        assert (steps.tolist(), synapses.tolist()) == ([0, 0, 2, 3], [3, 1, 5, 7])
        assert steps.dtype == synapses.dtype == np.int32


def test_cuba_of_full_size_is_captured_in_under_three_seconds(out):
    """With nothing cached: the process is new, so sympy starts cold too. Its own seconds
    count, not those that it waits for a busy machine."""
    script = REPOSITORY / "docs" / "examples" / "cuba.py"
    text = script.read_text().split("run(1*second)")[0] + (
        "import time, brian2engram\nstart = time.process_time()\n"
        f"brian2engram.save({str(out)!r}, duration=1*second)\n"
        "print(time.process_time() - start)\n")
    text = text.replace("seed(4711)", "seed(4711); prefs.codegen.target = 'numpy'")
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) < 3.0


def test_inactive_objects_run_no_code_but_are_described(out):
    net = networks.cuba()
    net["Ci"].active = False
    net["M"].active = False
    content = saved(out, net)
    assert {"Ci", "Ci_pre", "M"} <= set(content["network"]["runs"][0]["inactive"])
    assert {"Ci_pre", "M"}.isdisjoint(by_name(content["code"]["executables"]))
    assert "Ci" in by_name(content["network"]["synapses"])


def test_without_a_network_visible_objects_are_taken_and_time_goes_on(out):
    group = NeuronGroup(2, "dv/dt = -v/(10*ms) : 1", method="exact", name="G")
    monitor = StateMonitor(group, "v", record=True, name="S")
    brian2engram.save(out, duration=1 * ms)
    content = document.read(out)
    assert set(by_name(content["code"]["executables"])) == {"G_stateupdater", "S"}
    assert content["network"]["name"] == "magicnetwork" and content["state"]["t"] == 0.0
    brian2.run(2 * ms)
    brian2engram.save(out, duration=1 * ms)
    assert document.read(out)["state"]["t"] == 0.002
    brian2.run(1 * ms)
    assert len(monitor.t) == 30


def test_without_a_network_brian2s_own_rules_hold(out):
    def far():
        hidden = NeuronGroup(2, "dv/dt = -v/(10*ms) : 1", method="exact", name="H")
        return StateMonitor(hidden, "v", record=True, name="S"), hidden.variables

    monitor, keep = far()
    group = NeuronGroup(2, "dv/dt = -v/(10*ms) : 1", method="exact", name="G")
    brian2engram.save(out, duration=1 * ms)  # run() deactivates what depends on the hidden
    network = document.read(out)["network"]
    assert "S" in network["runs"][0]["inactive"] and monitor.active
    brian2.run(1 * ms)
    assert not monitor.active
    other = NeuronGroup(2, "v : 1", name="J")
    with pytest.raises(brian2.MagicError):
        brian2engram.save(out, duration=1 * ms)
    assert other._network is None and brian2.magic_network.t_ == 0.001
    del other
    brian2engram.save(out, duration=1 * ms)
    assert document.read(out)["state"]["t"] == 0.001
    assert len(brian2.magic_network.objects) == 0 and len(group) == 2


def test_names_come_from_the_callers_frame_or_the_namespace(out):
    group = NeuronGroup(2, "dv/dt = -v/tau : 1", method="exact", name="G")
    net = Network(group)
    tau = 7 * ms

    def outer():
        tau = 9 * ms  # noqa: F841
        brian2engram.save(out, net, duration=1 * ms, level=1)

    def value():
        return by_name(document.read(out)["code"]["executables"][0]["bindings"])["tau"]["value"]

    brian2engram.save(out, net, duration=1 * ms)
    assert value() == float(tau)
    outer()
    assert value() == float(tau)
    brian2engram.save(out, net, duration=1 * ms, namespace={"tau": 3 * ms})
    assert value() == float(3 * ms)


def test_provenance(out):
    content = saved(out, networks.cuba(), title="T", authors=["A", "B"], doi="10.1/x",
                    licence="CC0")
    provenance = content["provenance"]
    assert (provenance["title"], list(provenance["authors"])) == ("T", ["A", "B"])
    assert provenance["script_name"] == "test_capture.py"
    assert "def test_provenance" in provenance["script"]
    assert by_name(provenance["versions"])["Brian2"]["version"] == brian2.__version__


@pytest.mark.parametrize("path", ["x.txt", "x", "x.mpk.bak"])
def test_unknown_endings_are_refused_before_anything_else(tmp_path, path):
    with pytest.raises(ValueError, match="expected .mpk or .h5"):
        brian2engram.save(tmp_path / path, networks.cuba(), duration=1 * ms)


def test_durations(out):
    net = networks.cuba()
    assert "runs" not in saved(out, net, duration=None)["network"]
    with pytest.raises(ValueError, match="non-negative"):
        brian2engram.save(out, net, duration=-1 * ms)
    with pytest.raises(brian2.DimensionMismatchError):
        brian2engram.save(out, net, duration=1 * brian2.mV)
