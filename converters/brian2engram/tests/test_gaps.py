"""The 30 gaps of a stock export, as docs/brian2-gaps.md numbers them.

Each is recovered, warned of by name, or refused by name; never silent.
"""

from __future__ import annotations

import copy
import warnings

import brian2
import brian2engram
import numpy as np
import pytest
from brian2 import (BinomialFunction, EventMonitor, Function, Hz, MagicNetwork, Network,
                    NetworkOperation, NeuronGroup, PoissonGroup, PoissonInput,
                    PopulationRateMonitor, SpatialNeuron, SpikeGeneratorGroup, SpikeMonitor,
                    StateMonitor, Synapses, TimedArray, mV, ms, um)
from brian2engram import EngramWarning, UnsupportedError, document

from judge import findings
from test_stock import by_name, device, noting  # noqa: F401  (fixtures)

LEAK = "dv/dt = -v/(10*ms) : 1"


def group(name="G", equations=LEAK, n=3, **keywords):
    keywords = {"threshold": "v > 1", "reset": "v = 0", "method": "exact", **keywords}
    return NeuronGroup(n, equations, name=name, **keywords)


def recovered(runs, out, on_loss="error"):
    """The network that is packed, whatever may have been lost."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EngramWarning)
        brian2engram.pack(runs, out, on_loss=on_loss)
    assert findings(out) == []
    return document.read(out)["network"]


def told(runs, out, *parts, on_loss="error"):
    """As `recovered`, and each of `parts` is in a warning, returned, and in the document."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        losses = brian2engram.pack(runs, out, on_loss=on_loss)
    texts = [str(w.message) for w in caught if w.category is EngramWarning]
    stored = document.read(out)["losses"]
    for part in parts:
        assert any(part in text for text in texts), (part, texts)
        assert any(part in str(loss) for loss in losses)
        assert any(part in f"{loss['element']}: {loss['field']}: {loss['reason']}"
                   for loss in stored)
    return document.read(out)["network"]


def refused(runs, out, *parts):
    with warnings.catch_warnings(), pytest.raises(UnsupportedError) as caught:
        warnings.simplefilter("ignore", EngramWarning)
        brian2engram.pack(runs, out)
    for part in parts:
        assert part in str(caught.value)
    assert not out.exists()


def lost(runs, out, *parts):
    """Refused; with on_loss='warn' packed, and told."""
    refused(runs, out, *parts)
    return told(runs, out, *parts, on_loss="warn")


# ---- time, order, schedule, globals -----------------------------------------------------


def test_gap_01_several_networks_are_refused(device, out):  # noqa: F811
    nets = [Network(group(name), name=f"of_{name}") for name in "GH"]
    for net in nets:
        net.run(1 * ms)
    refused(device.runs, out, "run: several networks")


def test_gap_01_the_command_names_the_network(noting, out):  # noqa: F811
    net = Network(group(), name="mine")
    assert recovered(noting(net), out)["name"] == "mine"
    other = Network(group("H"), name="other")
    with pytest.raises(UnsupportedError, match="run: several networks: mine, other"):
        brian2engram.pack(noting(other), out)


def test_gap_01_runs_of_one_network_follow_each_other(device, out):  # noqa: F811
    net = Network(group())
    net.run(1 * ms)
    net.run(2 * ms)
    assert [run["duration"] for run in recovered(device.runs, out)["runs"]] == [0.001, 0.002]


def test_gap_02_the_order_of_lists_does_not_matter(device, out):  # noqa: F811
    groups = [group(name) for name in "GHK"]
    net = Network(groups, [SpikeMonitor(g, name=f"M{g.name}") for g in groups])
    net.run(1 * ms)
    first = recovered(device.runs, out)
    turned = copy.copy(device.runs[0])
    turned["components"] = {kind: items[::-1]
                            for kind, items in reversed(turned["components"].items())}
    again = recovered([turned], out)
    assert again.keys() == first.keys()
    for key in ("groups", "monitors", "clocks"):
        assert by_name(again[key]).keys() == by_name(first[key]).keys()
        assert [item["name"] for item in again[key]] == [item["name"] for item in first[key]]


def test_gap_03_names_of_poisson_inputs(device, out):  # noqa: F811
    target = group(method="euler")
    inputs = [PoissonInput(target, "v", 10, 5 * Hz, weight=weight)
              for weight in ("0.1", "0.2")]
    net = Network(target, inputs)
    net.run(1 * ms)
    device.runs[0]["components"]["poissoninput"].sort(key=lambda item: item["weight"])
    assert by_name(recovered(device.runs, out)["inputs"])["poissoninput"]["weight"] == "0.1"
    device.runs[0]["components"]["poissoninput"].reverse()  # the order is that of a set
    out.unlink()
    lost(device.runs, out, "poissoninput_1: its name: it becomes poissoninput")


def test_gap_03_the_command_keeps_names(noting, out):  # noqa: F811
    target = group(method="euler")
    inputs = [PoissonInput(target, "v", 10, 5 * Hz, weight=f"0.{k}") for k in range(5)]
    found = recovered(noting(Network(target, inputs)), out)["inputs"]
    assert {item["name"]: item["weight"] for item in found} == {
        obj.name: obj._weight for obj in inputs}


def test_gap_04_schedule(device, out):  # noqa: F811
    net = Network(group(), name="net")
    net.schedule = ["start", "groups", "thresholds", "resets", "synapses", "end"]
    net.run(1 * ms)
    lost(device.runs, out, "net: its schedule")


def test_gap_04_a_network_that_is_gone(device, out):  # noqa: F811
    g = group()
    Network(g).run(1 * ms)
    told(copy.deepcopy(device.runs), out, "network: its schedule")


def test_gap_05_time_steps(device, out):  # noqa: F811
    slow = NeuronGroup(2, LEAK, method="exact", dt=0.5 * ms, name="G")
    net = Network(slow)
    net.run(1 * ms)
    network = lost(device.runs, out, "G: its time step: it is 0.0005 s and becomes 0.0001 s")
    assert by_name(network["clocks"])["defaultclock"]["dt"] == 0.0001


def test_gap_05_several_time_steps(device, out):  # noqa: F811
    silent = NeuronGroup(2, LEAK, method="exact", name="G")
    net = Network(silent, StateMonitor(silent, "v", True, dt=1 * ms))
    net.run(1 * ms)
    refused(device.runs, out, "G: its time step", "0.0001 s, 0.001 s")


def test_gap_06_parts_that_are_not_active(device, out):  # noqa: F811
    g = group()
    g.thresholder["spike"].active = False
    net = Network(g)
    net.run(1 * ms)
    lost(device.runs, out, "G: G_spike_thresholder is not active")


def test_gap_07_and_30_seeds(device, out):  # noqa: F811
    g = group()
    brian2.seed(1)
    g.v = "rand()"
    net = Network(g)
    net.run(1 * ms)
    told(device.runs, out, "setup: calls of seed()", "the state of the random streams")


def test_gap_07_the_command_keeps_seeds(noting, out):  # noqa: F811
    brian2.get_device().seed(4)
    g = group()
    g.v = "rand()"
    setup = recovered(noting(Network(g)), out)["setup"]
    assert [(step["kind"], step.get("seed")) for step in setup] == [
        ("seed", 4), ("initialise", None)]


def test_gap_08_preferences(device, out):  # noqa: F811
    brian2.prefs.core.default_float_dtype = np.float32
    try:
        net = Network(group())
        net.run(1 * ms)
        lost(device.runs, out, "G: dtype of 'v': it is float32, not float64")
    finally:
        brian2.prefs.core.default_float_dtype = np.float64
    found = by_name(document.read(out)["provenance"]["preferences"])
    assert found["core.default_float_dtype"]["version"] == "float32"


def test_gap_09_network_operations_stop_the_exporter(device):  # noqa: F811
    net = Network(group(), NetworkOperation(lambda: None, name="op"))
    with pytest.raises(NotImplementedError, match="NetworkOperation"):
        net.run(1 * ms)


def test_gap_09_store(device, out):  # noqa: F811
    net = Network(group(), name="net")
    net.store()
    net.run(1 * ms)
    lost(device.runs, out, "net: store()")


class Mine(SpikeMonitor):
    """A subclass: the exporter passes over it."""


def test_gap_10_subclasses(device, out):  # noqa: F811
    g = group()
    net = Network(g, Mine(g, name="mine"))
    net.run(1 * ms)
    refused(device.runs, out, "mine: Mine: the exporter knows no such object")


# ---- groups -----------------------------------------------------------------------------


def test_gap_11_integrators(device, out):  # noqa: F811
    g = group(method=("rk4", "euler"))
    h = group("H", method="exact", method_options={"simplify": False})
    net = Network(g, h)
    net.run(1 * ms)
    lost(device.runs, out, "G: its choice of integrator", "H: options of its integrator")


def test_gap_11_no_choice_is_brian2s_own(device, out):  # noqa: F811
    net = Network(group(method=("exact", "euler", "heun")))
    net.run(1 * ms)
    assert "method" not in recovered(device.runs, out)["groups"][0]


def test_gap_11_the_command_keeps_options(noting, out):  # noqa: F811
    g = group(method="exact", method_options={"simplify": False})
    element, = recovered(noting(Network(g)), out)["groups"]
    assert element["method_options"] == '{"simplify": false}'


@pytest.mark.parametrize("keywords", [{"refractory": 0 * ms},
                                      {"refractory": 2 * ms, "threshold": None, "events": {
                                          "spike": "v > 1", "low": "v < -1"}}])
def test_gap_12_refractoriness_that_the_export_drops(device, out, keywords):  # noqa: F811
    net = Network(group(**keywords))
    net.run(1 * ms)
    lost(device.runs, out, "G: its refractoriness")


def test_gap_12_names_in_a_refractory_text(device, out):  # noqa: F811
    net = Network(group(refractory="tau_ref", namespace={"tau_ref": 3 * ms}))
    net.run(1 * ms)
    refused(device.runs, out, "G: 'tau_ref' in refractory")


@pytest.mark.parametrize("text, kind", [("2*ms", "time"), ("v > 0.5", "condition")])
def test_gap_12_times_and_conditions(device, out, text, kind):  # noqa: F811
    net = Network(group(refractory=text))
    net.run(1 * ms)
    assert recovered(device.runs, out)["groups"][0]["refractory_kind"] == kind


def test_gap_13_types(device, out):  # noqa: F811
    net = Network(group(dtype={"v": np.float32}))
    net.run(1 * ms)
    lost(device.runs, out, "G: dtype of 'v': it is float32, not float64")


def test_gap_14_linked_variables(device, out):  # noqa: F811
    g, h = NeuronGroup(2, "x : 1 (linked)", name="G"), NeuronGroup(2, "y : 1", name="H")
    g.x = brian2.linked_var(h, "y")
    net = Network(g, h)
    net.run(1 * ms)
    refused(device.runs, out, "G: linked variable 'x'")


def test_gap_15_values_of_names(device, out):  # noqa: F811
    g = group(threshold="v > top", reset="v = low", namespace={"top": 2, "low": 0.5})
    net = Network(g)
    net.run(1 * ms)
    constants = by_name(recovered(device.runs, out)["groups"][0]["constants"])
    assert (constants["top"]["dtype"], constants["low"]["dtype"]) == ("int64", "float64")


def between(name="S", model="w : 1", on_pre="v_post += w", **keywords):
    g = group()
    synapses = Synapses(g, g, model, on_pre=on_pre, name=name, **keywords)
    return g, synapses


def test_gap_15_to_17_names_that_have_no_value(device, out):  # noqa: F811
    g = NeuronGroup(3, LEAK + "\nI : 1", method="exact", name="G")
    synapses = Synapses(g, g, "w : 1\nI_post = gain*w : 1 (summed)", name="S",
                        namespace={"gain": 2.0})
    synapses.connect(i=[0], j=[1])
    net = Network(g, synapses)
    net.run(1 * ms)
    refused(device.runs, out, "S: 'gain' in summed variable")


def test_gap_16_constant_over_dt(device, out):  # noqa: F811
    g, synapses = between(model="w : 1\nk = 2*w : 1 (constant over dt)")
    synapses.connect(i=[0], j=[1])
    net = Network(g, synapses)
    net.run(1 * ms)
    lost(device.runs, out, "S: 'k', constant over dt")


def test_gap_17_summed_variables(device, out):  # noqa: F811
    g = NeuronGroup(3, LEAK + "\nI : 1", method="exact", name="G")
    synapses = Synapses(g, g, "w : 1\nI_post = 2*w : 1 (summed)", name="S")
    synapses.connect(i=[0], j=[1])
    net = Network(g, synapses)
    net.run(1 * ms)
    summed, = recovered(device.runs, out)["synapses"][0]["summed"]
    assert (summed["variable"], summed["expr"]) == ("I_post", "2*w")


def test_gap_18_run_regularly(device, out):  # noqa: F811
    g, synapses = between()
    synapses.connect(i=[0], j=[1])
    synapses.run_regularly("w *= 0.5", dt=1 * ms, name="S_regular")
    net = Network(g, synapses)
    net.run(1 * ms)
    lost(device.runs, out, "S: run_regularly 'S_regular'")


def test_gap_10_and_18_slices_of_their_own_stop_the_exporter(device):  # noqa: F811
    g = group()
    part = g[1:]
    part.run_regularly("v = 0", dt=1 * ms)
    with pytest.raises(NotImplementedError, match="Subgroup"):
        Network(g, part).run(1 * ms)


def test_gap_19_multisynaptic_index_and_slots(device, out):  # noqa: F811
    g, synapses = between(model="dw/dt = -w/(5*ms) : 1 (clock-driven)", method="exact",
                          multisynaptic_index="m", order=2)
    synapses.connect(i=[0], j=[1])
    net = Network(g, synapses)
    net.run(1 * ms)
    lost(device.runs, out, "S: multisynaptic index 'm'", "S: when and order of its integrator")


def test_gap_20_connect(device, out):  # noqa: F811
    g, synapses = between()
    synapses.connect(j="k for k in range(i, i + 2)")
    synapses.connect(condition=False)
    net = Network(g, synapses)
    net.run(1 * ms)
    told(device.runs, out, "S: connect('k for k in range(i, i + 2)'): whether skip_if_invalid",
         "S: connect() of all to all: connect(condition=False) is exported alike")


def test_gap_20_names_in_generators(device, out):  # noqa: F811
    g, synapses = between()
    width = 2  # noqa: F841
    synapses.connect(j="k for k in range(i, i + width)")
    net = Network(g, synapses)
    net.run(1 * ms)
    refused(device.runs, out, "S: 'width' in the generator of j")


def test_gap_20_the_command_keeps_them(noting, out):  # noqa: F811
    g, synapses = between()
    synapses.connect(j="i + 1", skip_if_invalid=True)
    synapses.connect(condition=False)
    step, = recovered(noting(Network(g, synapses)), out)["setup"]
    assert step["skip_if_invalid"] is True


def test_gap_21_delays(device, out):  # noqa: F811
    g, synapses = between()
    synapses.connect(i=[0, 1], j=[1, 2])
    synapses.delay = "i*0.1*ms"
    net = Network(g, synapses)
    net.run(1 * ms)
    network = recovered(device.runs, out)
    assert [(s["target"], s.get("variable")) for s in network["setup"]] == [
        ("S", None), ("S_pre", "delay")]
    assert "homogeneous" not in network["synapses"][0]["pathways"][0]


def test_gap_22_initialisers(device, out):  # noqa: F811
    g = group()
    bound = 1  # noqa: F841
    g.v["i > bound"] = "0.5"
    net = Network(g)
    net.run(1 * ms)
    refused(device.runs, out, "G: 'bound' in the condition of v")


def test_gap_22_arrays_that_the_script_still_holds(device, out):  # noqa: F811
    g, mine = group(), np.array([0.1, 0.2, 0.3])
    g.v = mine
    net = Network(g)
    net.run(1 * ms)
    told(device.runs, out, "G: values of 'v': the export refers to an array")


def test_gap_22_arrays_that_nobody_else_holds(device, out):  # noqa: F811
    g = group()
    g.v = [0.1, 0.2, 0.3]
    net = Network(g)
    net.run(1 * ms)
    assert recovered(device.runs, out)["setup"][0]["values"].tolist() == [0.1, 0.2, 0.3]
    assert "losses" not in document.read(out)


def test_gap_22_values_that_no_step_sets(device, out):  # noqa: F811
    g = group()
    g.variables["v"].set_value(np.array([0.1, 0.2, 0.3]))
    net = Network(g)
    net.run(1 * ms)
    lost(device.runs, out, "G: values of 'v': they were not set by a step")


def test_gap_23_values_that_the_script_reads(device, out):  # noqa: F811
    g = group()
    g.v = "0.1*i"
    net = Network(g)
    net.run(1 * ms)
    told(device.runs, out, "setup: values that the script reads back", "G.v")


@pytest.mark.parametrize("value", ["0.1*i", 0.5, [0.1, 0.2, 0.3]])
def test_gap_23_the_command_stops_a_script_that_reads(noting, value):  # noqa: F811
    g = group()
    g.v = value
    with pytest.raises(NotImplementedError, match='Cannot get variable "v"'):
        g.v[:]


def test_gap_22_the_command_takes_copies(noting, out):  # noqa: F811
    g, mine = group(), np.array([0.1, 0.2, 0.3])
    g.v = mine
    mine[:] = 7
    assert recovered(noting(Network(g)), out)["setup"][0]["values"].tolist() == [0.1, 0.2, 0.3]


# ---- inputs, monitors, functions --------------------------------------------------------


def test_gap_24_sources(device, out):  # noqa: F811
    sources = [PoissonGroup(2, 10 * Hz, order=3, name="P"),
               SpikeGeneratorGroup(2, [0], [1] * ms, when="start", name="K")]
    net = Network(sources)
    net.run(1 * ms)
    lost(device.runs, out, "P: its when and order: they are thresholds and 3",
         "K: its when and order: they are start and 0")


def test_gap_24_monitors(device, out):  # noqa: F811
    g = group(events={"low": "v < -1"}, equations=LEAK + "\nb : 1\na : 1")
    net = Network(g, StateMonitor(g, True, record=True, name="S"),
                  EventMonitor(g, "low", ["v", "a", "b"], name="E"),
                  PopulationRateMonitor(g, name="R"))
    net.run(1 * ms)
    monitors = by_name(recovered(device.runs, out)["monitors"])
    assert monitors["E"]["variables"] == sorted(monitors["E"]["variables"])
    assert monitors["S"]["variables"] == sorted(monitors["S"]["variables"])
    assert {"a", "b", "v"} <= set(monitors["S"]["variables"])
    assert monitors["R"]["kind"] == "rate"


def test_gap_25_poisson_input_to_a_slice(device, out):  # noqa: F811
    g = group(method="euler")
    source = PoissonInput(g[:2], "v", 10, 5 * Hz, weight=0.1)
    net = Network(g, source)
    net.run(1 * ms)
    refused(device.runs, out, "poissoninput", "a slice of a group")


def test_gap_26_spatial_neurons(device, out):  # noqa: F811
    cable = SpatialNeuron(brian2.Cylinder(length=100 * um, diameter=1 * um, n=3),
                          "Im = 0*amp/meter**2 : amp/meter**2", name="cable")
    net = Network(cable, group())
    net.run(1 * ms)
    refused(device.runs, out, "cable: step initializer: no component of the export")


def test_gap_27_custom_functions(device, out):  # noqa: F811
    twice = Function(lambda x: 2 * x, arg_units=[1], return_unit=1)
    net = Network(group(threshold="twice(v) > 1", namespace={"twice": twice}))
    net.run(1 * ms)
    refused(device.runs, out, "G: function twice()")


def test_gap_27_binomial_functions(device, out):  # noqa: F811
    draw = BinomialFunction(10, 0.5, name="draw")
    net = Network(group(reset="v = draw()", namespace={"draw": draw}))
    net.run(1 * ms)
    refused(device.runs, out, "G: function draw()")


def test_gap_28_timed_arrays(device, out):  # noqa: F811
    stimulus = TimedArray(np.arange(3.0) * mV, dt=1 * ms, name="stimulus")
    g = NeuronGroup(2, "v = stimulus(t) : volt", name="G", namespace={"stimulus": stimulus})
    net = Network(g)
    net.run(1 * ms)
    function, = recovered(device.runs, out)["functions"]
    assert (function["dt"], function["values"].tolist()) == (0.001, [0, 0.001, 0.002])


def test_gap_29_stochastic_variables(device, out):  # noqa: F811
    equations = "dv/dt = -v/(5*ms) + xi_b*ms**-0.5 + xi_a*ms**-0.5 : 1"
    net = Network(group(equations=equations, method="euler"))
    net.run(1 * ms)
    network = told(device.runs, out, "setup: calls of seed()")
    assert network["groups"][0]["equations"][0]["expr"] == equations.split(" = ")[1][:-4]
    assert network["rng_rule"] == "brian-standalone"  # Engram derives the order of the draws


def test_gap_30_nothing_is_said_where_nothing_is_drawn(device, out):  # noqa: F811
    net = Network(group())
    net.run(1 * ms)
    with warnings.catch_warnings():
        warnings.simplefilter("error", EngramWarning)
        assert brian2engram.pack(device.runs, out) == []


@pytest.mark.parametrize("kind", ["neurongroup", "synapses", "poissongroup",
                                  "spikegeneratorgroup"])
def test_of_objects_that_are_gone_each_is_named(out, kind):
    item = {"name": "gone", "N": 1}
    item.update({"neurongroup": {"user_method": None, "equations": {}, "events": {}},
                 "synapses": {"source": "other", "target": "other"},
                 "poissongroup": {"rates": 1 * Hz},
                 "spikegeneratorgroup": {"indices": [], "times": [], "period": [0]}}[kind])
    components = {kind: [item]}
    if kind == "synapses":
        del item["N"]
        components["neurongroup"] = [{"name": "other", "N": 1}]
    told([{"components": components, "duration": 1 * ms}], out,
         f"gone: what an export drops of a {kind}", "network: its schedule")


def test_the_magic_network_is_looked_at_too(device, out):  # noqa: F811
    g = group(refractory=0 * ms)
    brian2.run(1 * ms)
    assert isinstance(brian2.magic_network, MagicNetwork) and g.name == "G"
    lost(device.runs, out, "G: its refractoriness")
