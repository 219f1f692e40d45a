"""device.runs of brian2tools' exporter -> rules in a document."""

from __future__ import annotations

import brian2
import brian2engram
import msgpack
import numpy as np
import pytest
from brian2 import (EventMonitor, Hz, Network, NeuronGroup, PoissonGroup, PoissonInput,
                    PopulationRateMonitor, SpikeGeneratorGroup, SpikeMonitor, StateMonitor,
                    Synapses, TimedArray, ms, mV, run)
from brian2.devices.device import all_devices
from brian2engram import UnsupportedError, document, exporter

from judge import findings
from networks import EQUATIONS, NAMESPACE
from validate import complaints


@pytest.fixture
def device():
    """The exporter as brian2tools has it, with nothing recorded yet."""
    exporter.load()
    all_devices["exporter"] = type(all_devices["exporter"])()
    brian2.set_device("exporter", build_on_run=False)
    return brian2.get_device()


@pytest.fixture
def noting():
    """The exporter as `capture --exporter` uses it; gives run(net): the runs, completed."""
    exporter.load()
    all_devices["exporter"] = type(all_devices["exporter"])()
    device = exporter.activate()

    def run(net, duration=1 * ms, **namespace):
        net.run(duration, namespace=namespace)
        exporter.complete(device.runs[-1], net, namespace)
        return device.runs

    return run


def packed(device, out):
    brian2engram.pack(device.runs, out)
    with open(out, "rb") as file:
        assert complaints(msgpack.unpack(file, raw=False)) == []
    assert findings(out) == []
    content = document.read(out)
    assert "code" not in content and "state" not in content
    return content["network"]


def by_name(items):
    return {item["name"]: item for item in items}


def model(**keywords):
    arguments = {"threshold": "v>Vt", "reset": "v = Vr", "refractory": 5 * ms,
                 "method": "exact", "namespace": NAMESPACE, "name": "P", **keywords}
    return NeuronGroup(10, EQUATIONS, **arguments)


def test_cuba(device, out):
    group = model()
    group.v = "Vr + rand() * (Vt - Vr)"
    group.ge = 0 * mV
    exc = Synapses(group, group, on_pre="ge += we", namespace=NAMESPACE, name="Ce")
    exc.connect("i<8", p=0.02)
    exc.delay = "0.1*ms + 1.5*ms*rand()"
    late = Synapses(group, group, on_pre="gi += wi", delay=2 * ms, namespace=NAMESPACE,
                    name="Ci")
    late.connect()
    monitors = (SpikeMonitor(group, name="M"),
                StateMonitor(group, "v", record=[1, 3], name="S"),
                PopulationRateMonitor(group, name="R"),
                StateMonitor(group, ["v", "ge"], record=True, dt=1 * ms, name="A"))
    Network(group, exc, late, *monitors).run(1 * brian2.second)
    network = packed(device, out)
    assert (network["origin"], network["dialect"], network["rng_rule"]) == (
        "export", "brian2-standalone", "brian-standalone")
    assert network["runs"] == [{"duration": 1.0, "setup_end": len(network["setup"])}]
    group_element = network["groups"][0]
    assert (group_element["method"], group_element["refractory"]) == ("exact", "0.005 * second")
    assert [e["name"] for e in group_element["equations"]] == ["v", "ge", "gi"]
    assert group_element["events"] == [
        {"name": "spike", "condition": "v>Vt", "reset": "v = Vr"}]
    assert {c["name"]: c["value"] for c in group_element["constants"]} == {
        "El": -0.049, "Vr": -0.06, "Vt": -0.05, "taue": 0.005, "taui": 0.01, "taum": 0.02}
    first, second, connect, delay, everything = network["setup"]
    assert (first["code"], first["variable"]) == ("Vr + rand() * (Vt - Vr)", "v")
    assert "condition" not in first and "indices" not in first
    assert second["values"].tolist() == [0.0] and "code" not in second
    assert (connect["target"], connect["condition"], connect["p"]) == ("Ce", "i<8", "0.02")
    assert (delay["target"], delay["variable"]) == ("Ce_pre", "delay")
    assert everything == {"kind": "connect", "target": "Ci"}
    paths = {s["name"]: s["pathways"][0] for s in network["synapses"]}
    assert "homogeneous" not in paths["Ce"]
    assert (paths["Ci"]["homogeneous"], paths["Ci"]["delay"]) == (True, 0.002)
    found = by_name(network["monitors"])
    assert found["S"]["indices"].tolist() == [1, 3] and found["A"]["record_all"] is True
    assert network["clocks"] == [{"name": "A_clock", "dt": 0.001},
                                 {"name": "defaultclock", "dt": 0.0001}]
    assert found["A"]["clock"] == "A_clock" and found["R"]["when"] == "end"


def test_slices_have_their_stop_behind_the_last(device, out):
    group = model()
    sub = group[2:5]
    sub.v = "Vr"
    sub.ge = [1, 2, 3] * mV
    group.gi[4:6] = 1 * mV
    group.v["i > 3"] = "Vt"
    synapses = Synapses(group[:3], sub, on_pre="ge += we", namespace=NAMESPACE, name="W")
    synapses.connect(i=[0, 1], j=[1, 2])
    monitor = SpikeMonitor(sub, name="M")
    run(1 * ms)
    network = packed(device, out)
    element, = network["synapses"]
    assert "source_start" not in element and element["source_stop"] == 3
    assert (element["target"], element["target_start"], element["target_stop"]) == ("P", 2, 5)
    assert (network["monitors"][0]["start"], network["monitors"][0]["stop"]) == (2, 5)
    text, values, elements, conditional, arrays = network["setup"]
    assert (text["start"], text["stop"]) == (2, 5) or text["indices"].tolist() == [2, 3, 4]
    assert values["values"].tolist() == [0.001, 0.002, 0.003]
    assert (values.get("start"), values.get("stop")) == (2, 5) or \
        values["indices"].tolist() == [2, 3, 4]
    assert elements["indices"].tolist() == [4, 5] and elements["values"].tolist() == [0.001]
    assert conditional["condition"] == "i > 3"
    assert (arrays["i_array"].tolist(), arrays["j_array"].tolist()) == ([0, 1], [1, 2])
    del monitor


def test_generators_and_probabilities(device, out):
    group = model()
    synapses = Synapses(group, group, on_pre="ge += we", namespace=NAMESPACE, name="W")
    synapses.connect(j="k for k in range(i, 5) if rand() < 0.5")
    synapses.connect(condition="i != j", p="0.1*exp(-abs(i-j))", n=2)
    synapses.connect(condition=True)
    run(1 * ms)
    first, second, third = packed(device, out)["setup"]
    assert first == {"kind": "connect", "target": "W",
                     "j": "k for k in range(i, 5) if rand() < 0.5"}
    assert (second["p"], second["n"]) == ("0.1*exp(-abs(i-j))", "2")
    assert third == {"kind": "connect", "target": "W"}


def test_inputs_events_functions_and_summed_variables(device, out):
    stimulus = TimedArray(np.arange(3.0) * mV, dt=1 * ms, name="stimulus")
    group = NeuronGroup(4, "dv/dt = (stimulus(t) + I - v)/(10*ms) : volt\nI : volt",
                        threshold="v > 1*mV", reset="v = 0*mV", events={"low": "v < 0*mV"},
                        namespace={"stimulus": stimulus}, name="G", method="euler")
    group.run_on_event("low", "v = 0*mV")
    group.run_regularly("v += 0.1*mV", dt=1 * ms, name="G_regular")
    synapses = Synapses(group, group, "w : volt\nI_post = w : volt (summed)", name="W")
    synapses.connect(j="i")
    others = (PoissonGroup(3, 10 * Hz, name="Q"), PoissonGroup(3, "10*Hz*i", name="T"),
              SpikeGeneratorGroup(3, [2, 0], [2, 1] * ms, period=5 * ms, name="K"),
              PoissonInput(group, "v", 10, 5 * Hz, weight=1 * mV),
              EventMonitor(group, "low", name="E"), SpikeMonitor(group, name="M"))
    Network(group, synapses, *others).run(1 * ms)
    network = packed(device, out)
    groups = by_name(network["groups"])
    assert groups["K"]["times"].tolist() == [0.001, 0.002] and groups["K"]["period"] == 0.005
    assert groups["T"]["rates"] == "10*Hz*i" and "rates" not in groups["Q"]
    rates, = (s for s in network["setup"] if s.get("variable") == "rates")
    assert (rates["target"], rates["values"].tolist()) == ("Q", [10.0])
    assert groups["G"]["regulars"][0]["clock"] == "G_regular_clock"
    assert by_name(groups["G"]["events"])["low"]["reset"] == "v = 0*mV"
    assert network["inputs"][0]["weight"] == "1. * mvolt"
    assert network["functions"][0]["values"].tolist() == [0.0, 0.001, 0.002]
    assert network["synapses"][0]["summed"] == [
        {"name": "W_summed_variable_I_post", "variable": "I_post", "expr": "w", "order": -1}]
    assert by_name(network["monitors"])["E"]["event"] == "low"


def test_several_runs(device, out):
    group = model()
    group.v = "Vr"
    net = Network(group)
    net.run(1 * ms)
    group.v = "Vt"
    group.ge = 1 * mV
    later = SpikeMonitor(group, name="M")
    net.add(later)
    net.run(2 * ms)
    later.active = False
    net.run(3 * ms)
    network = packed(device, out)
    assert [(r["duration"], r["setup_end"]) for r in network["runs"]] == [
        (0.001, 1), (0.002, 3), (0.003, 3)]
    assert [r.get("inactive", []) for r in network["runs"]] == [["M"], [], ["M"]]


def test_two_functions_under_one_name_are_told_apart(device, out):
    groups = [NeuronGroup(2, "dv/dt = (f(t) - v)/(2*ms) : 1", method="euler", name=name,
                          namespace={"f": TimedArray(np.arange(4.0) * k, dt=1 * ms)})
              for k, name in ((1, "G"), (2, "H"))]
    for group in groups:
        group.v = "0.5*f(0*ms)"
    Network(groups).run(1 * ms)
    network = packed(device, out)
    assert [(f["name"], f["values"][1]) for f in network["functions"]] == [
        ("f", 1.0), ("f_2", 2.0)]
    found = {g["name"]: g["equations"][0]["expr"] for g in network["groups"]}
    assert {found[g] for g in found} == {"(f(t) - v)/(2*ms)", "(f_2(t) - v)/(2*ms)"}
    for step in network["setup"]:
        name = "f_2" if "f_2" in found[step["target"]] else "f"
        assert step["code"] == f"0.5*{name}(0*ms)"
        assert [f["name"] for f in step["functions"]] == [name]


def test_temporaries_are_no_constants(device, out):
    group = NeuronGroup(2, "v : 1", threshold="v > top", reset="half = v/2; v = half",
                        namespace={"half": 2 * mV, "top": 1}, name="G")
    Network(group).run(1 * ms)
    element, = packed(device, out)["groups"]
    assert [c["name"] for c in element["constants"]] == ["top"]


def test_time_steps_that_the_export_has(device, out):
    brian2.defaultclock.dt = 0.05 * ms
    group = NeuronGroup(2, "dv/dt = -v/ms : 1", method="linear", name="G")
    Network(group, StateMonitor(group, "v", True, name="S")).run(1 * ms)
    network = packed(device, out)
    assert network["clocks"] == [{"name": "defaultclock", "dt": 5e-5}]
    assert network["groups"][0]["method"] == "exact"


def test_what_the_command_adds_to_an_export(noting, out):
    width, tau_ref, top, gain = 1, 3 * ms, 0.5, 2.0
    group = NeuronGroup(6, "dv/dt = -v/(5*ms) : 1 (unless refractory)\nI : 1", threshold="v > 1",
                        reset="v = 0", refractory="tau_ref", method="exact", name="G")
    slow = NeuronGroup(3, "du/dt = -u/ms : 1", method="exact", dt=0.2 * ms, name="H")
    none = NeuronGroup(2, "v : 1", threshold="v > 1", refractory=0 * ms, name="Z")
    synapses = Synapses(group, group, """w : 1
                                         I_post = gain*w : 1 (summed)
                                         k = 2*w : 1 (constant over dt)""",
                        on_pre="v_post += w", multisynaptic_index="m", name="W")
    synapses.connect(j="n for n in range(i - width, i + width + 1)", skip_if_invalid=True)
    synapses.connect(condition=False)
    synapses.w["i > top"] = "top"
    synapses.run_regularly("w *= 0.5", dt=1 * ms, name="W_regular")
    poisson = PoissonGroup(2, 10 * Hz, order=3, name="Q")
    source = PoissonInput(group[1:4], "I", 10, 5 * Hz, weight=1)
    synapses.pre.active = False
    net = Network(group, slow, none, synapses, poisson, source,
                  StateMonitor(slow, "u", True, dt=1 * ms, name="S"))
    net.schedule = ["start", "synapses", "groups", "thresholds", "resets", "end"]
    brian2engram.pack(noting(net, width=width, tau_ref=tau_ref, top=top, gain=gain), out)
    assert findings(out) == []
    network = document.read(out)["network"]
    groups = by_name(network["groups"])
    assert groups["H"]["clock"] == "H_clock" and groups["Q"]["order"] == 3
    assert {c["name"]: c["dt"] for c in network["clocks"]}["H_clock"] == 0.0002
    assert [c["name"] for c in groups["G"]["constants"]] == ["tau_ref"]
    assert (groups["Z"]["refractory"], groups["Z"]["refractory_kind"]) == ("0.0 * second", "time")
    connect, initialise = (s for s in network["setup"] if s["target"] == "W")
    assert connect["skip_if_invalid"] is True
    assert [c["name"] for c in connect["constants"]] == ["width"]
    assert [c["name"] for c in initialise["constants"]] == ["top"]
    element, = network["synapses"]
    assert element["multisynaptic_index"] == "m"
    assert [c["name"] for c in element["constants"]] == ["gain"]
    equation, = (e for e in element["equations"] if e["name"] == "k")
    assert (equation["kind"], equation["expr"]) == ("subexpression", "2*w")
    assert element["regulars"] == [{"name": "W_regular", "code": "w *= 0.5",
                                    "clock": "W_regular_clock"}]
    assert (network["inputs"][0]["start"], network["inputs"][0]["stop"]) == (1, 4)
    assert network["schedule"] == net.schedule
    assert network["runs"][0]["inactive"] == ["W_pre"]


def test_what_even_the_command_cannot_tell_is_refused(noting, out):
    def half(equations, variables=None, method_options=None):
        return "v = 0.5*v"

    own = NeuronGroup(2, "dv/dt = -v/ms : 1", method=half, name="G")
    two = NeuronGroup(2, "dv/dt = -v/ms : 1", method=("rk4", "euler"), name="H")
    refused(noting(Network(own, two)), out, "G: its choice of integrator", "H: its choice")


# ---- refusals ---------------------------------------------------------------------------


def refused(runs, out, *parts):
    with pytest.raises(UnsupportedError) as caught:
        brian2engram.pack(runs, out)
    for part in parts:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value) and not out.exists()


def test_names_that_the_export_lost(device, out):
    group = model(refractory="tau_ref", namespace={**NAMESPACE, "tau_ref": 3 * ms})
    bound = 4  # noqa: F841
    group.v["i > bound"] = "Vr"
    run(1 * ms)
    refused(device.runs, out, "P: 'tau_ref' in refractory", "P: 'bound' in the condition of v")


def test_generator_names_that_the_export_lost(device, out):
    group = model()
    width = 3  # noqa: F841
    synapses = Synapses(group, group, on_pre="ge += we", namespace=NAMESPACE, name="W")
    synapses.connect(j="k for k in range(i, i+width)")
    run(1 * ms)
    refused(device.runs, out, "W: 'width' in the generator of j")


def test_time_steps_that_the_export_lost(device, out):
    group = NeuronGroup(2, "dv/dt = -v/ms : 1", method="exact", name="G")
    Network(group, StateMonitor(group, "v", True, dt=1 * ms)).run(1 * ms)
    refused(device.runs, out, "G: its time step", "0.0001 s, 0.001 s")


def test_constants_of_types_that_no_document_has(out):
    base = {"components": {"neurongroup": [{
        "name": "G", "N": 1, "user_method": None, "equations": {}, "events": {},
        "identifiers": {"k": np.uint64(3)}}]}, "duration": 1 * ms}
    refused([base], out, "G: constant 'k'", "uint64")


def test_linked_variables(device, out):
    group = NeuronGroup(2, "x : 1 (linked)\nv : 1", name="G")
    other = NeuronGroup(2, "y : 1", name="H")
    group.x = brian2.linked_var(other, "y")
    run(1 * ms)
    refused(device.runs, out, "G: linked variable 'x'", "linked to")


def test_poisson_input_to_a_slice(device, out):
    group = model()
    source = PoissonInput(group[:3], "ge", 10, 5 * Hz, weight=1 * mV)
    run(1 * ms)
    refused(device.runs, out, "poissoninput", "a slice of a group")
    del source


def test_custom_functions_and_unknown_components(out):
    base = {"components": {"neurongroup": [{
        "name": "G", "N": 1, "user_method": None, "equations": {}, "events": {},
        "identifiers": {"f": {"type": "custom_func"}}}]}, "duration": 1 * ms}
    refused([base], out, "G", "f()")
    refused([{"components": {"spatialneuron": [{"name": "cable"}]}, "duration": 1 * ms}], out,
            "cable", "spatialneuron")
    refused([{"components": {}, "duration": 1 * ms, "initializers_connectors": [
        {"type": "store"}]}], out, "step 'store'")
    refused([{"components": {"neurongroup": [{"name": "G", "N": 1, "colour": 1}]},
              "duration": 1 * ms}], out, "G", "'colour'")


def test_models_that_change_between_runs(out):
    def of(n):
        return {"components": {"neurongroup": [{"name": "G", "N": n}]}, "duration": 1 * ms}
    refused([of(1), of(2)], out, "G", "changed between runs")
