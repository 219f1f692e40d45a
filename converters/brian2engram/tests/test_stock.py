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

from networks import EQUATIONS, NAMESPACE
from validate import complaints


@pytest.fixture
def device():
    exporter.load()
    all_devices["exporter"] = type(all_devices["exporter"])()  # nothing recorded yet
    return exporter.activate()


def packed(device, out):
    brian2engram.pack(device.runs, out)
    with open(out, "rb") as file:
        assert complaints(msgpack.unpack(file, raw=False)) == []
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
    brian2.seed(42)
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
    seed, first, second, connect, delay, everything = network["setup"]
    assert seed == {"kind": "seed", "seed": 42}
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
