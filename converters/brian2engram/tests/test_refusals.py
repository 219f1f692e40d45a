"""What a capture refuses: by object, feature and reason, and without a file."""

from __future__ import annotations

import warnings

import brian2
import brian2engram
import numpy as np
import pytest
from brian2 import (Function, Network, NetworkOperation, NeuronGroup, PopulationRateMonitor,
                    SpikeMonitor, Synapses, check_units, implementation, ms, mV, second)
from brian2engram import EngramWarning, UnsupportedError, document

import networks


def refused(out, net, *parts, **keywords):
    with pytest.raises(UnsupportedError) as caught:
        brian2engram.save(out, net, duration=1 * ms, **keywords)
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message
    assert not out.exists() and list(out.parent.iterdir()) == []
    return caught.value


def test_network_operation(out):
    net = networks.cuba()
    net.add(NetworkOperation(lambda: None, name="op"))
    error = refused(out, net, "op", "NetworkOperation", "Python code")
    assert error.losses[0].object == "op"


def test_network_operation_can_be_left_out_on_request(out):
    net = networks.cuba()
    net.add(NetworkOperation(lambda: None, name="op"))
    with pytest.warns(EngramWarning, match="op: NetworkOperation"):
        brian2engram.save(out, net, duration=1 * ms, on_loss="warn")
    names = {e["name"] for e in document.read(out)["code"]["executables"]}
    assert "op" not in names and "P_stateupdater" in names
    net.run(1 * ms)


def test_subclass_with_its_own_run(out):
    class Counting(SpikeMonitor):
        def run(self):
            super().run()

    net = networks.cuba()
    net.add(Counting(net["P"], name="counting"))
    refused(out, net, "counting", "Counting")


def test_all_reasons_are_named_at_once(out):
    net = networks.cuba()
    net.add(NetworkOperation(lambda: None, name="op"))
    net.add(NetworkOperation(lambda: None, name="op2"))
    assert len(refused(out, net, "op", "op2").losses) == 2


def test_gsl_reads_no_other_elements(out):
    group = NeuronGroup(2, "x : 1", name="G")
    synapses = Synapses(group, group, "dw/dt = (x_pre - w)/ms : 1 (clock-driven)", method="gsl",
                        name="W")
    synapses.connect()
    refused(out, Network(group, synapses), "W_stateupdater", "'x_pre'", "GSL")


def test_gsl_takes_no_noise(out):
    group = NeuronGroup(1, "dv/dt = xi/ms**0.5 : 1", method="gsl", name="G")
    with pytest.raises(Exception) as caught:
        brian2engram.save(out, Network(group), duration=1 * ms, namespace={})
    assert "GSL" in str(caught.value.__cause__ or caught.value)
    assert not out.exists()


def test_variables_of_types_that_no_document_has(out):
    group = NeuronGroup(2, "v : 1\nk : integer", dtype={"v": np.float16, "k": np.int16},
                        name="G")
    error = refused(out, Network(group), "G: variable 'v': its type float16", "'k'", "int16")
    assert len(error.losses) == 2


def test_one_name_for_a_group_and_a_clock_or_a_group_outside(out):
    group = NeuronGroup(2, "v : 1", clock=brian2.Clock(0.2 * ms, name="G"), name="G")
    refused(out, Network(group), "G: its name")
    outside = NeuronGroup(2, "y : 1", name="H")
    linked = NeuronGroup(2, "y : 1 (linked)\nz = y : 1", name="H")
    linked.y = brian2.linked_var(outside, "y")
    refused(out, Network(linked), "H: its name")
    clocks = [brian2.Clock(dt, name="c") for dt in (0.2 * ms, 0.3 * ms)]
    refused(out, Network([NeuronGroup(2, "v : 1", clock=clock) for clock in clocks]),
            "c: its name")


def test_spatial_neuron(out):
    shape = brian2.Cylinder(n=3, length=30 * brian2.um, diameter=1 * brian2.um)
    model = "Im = 0*amp/meter**2 : amp/meter**2"
    neuron = brian2.SpatialNeuron(shape, model=model, name="cable")
    refused(out, Network(neuron), "cable", "SpatialNeuron", "cable equation")


def test_user_function(out):
    @implementation("cython", "cdef double twice(double x):\n    return 2*x\n")
    @check_units(x=1, result=1)
    def twice(x):
        for _ in range(1):
            x = 2 * x
        return x

    group = NeuronGroup(2, "dv/dt = twice(v)/(10*ms) : 1", method="euler", name="G",
                        namespace={"twice": twice})
    assert isinstance(twice, Function)
    refused(out, Network(group), "G_stateupdater", "twice()", "(line 4: a loop)")
    with pytest.warns(EngramWarning, match=r"G_stateupdater: function twice\(\)"):
        brian2engram.save(out, Network(group), duration=1 * ms, on_loss="warn")
    function, = document.read(out)["network"]["functions"]
    assert (function["name"], function["kind"]) == ("twice", "custom")
    assert function["reason"] == "line 4: a loop" and "body" not in function


if hasattr(brian2.core.clocks, "EventClock"):  # since Brian2 2.10
    @pytest.mark.parametrize("time", [-1, np.inf, np.nan])
    def test_times_that_never_come(out, time):
        group = NeuronGroup(2, "v : 1", name="G")
        group.run_at("v += 1", times=[time, 3] * ms)
        refused(out, Network(group), f"the time {time * 1e-3:g} s", "finite and not below 0")


def test_rates_of_a_type_that_no_document_has(out):
    net = networks.cuba()
    net.add(PopulationRateMonitor(net["P"], dtype=np.int32, name="rates"))
    refused(out, net, "rates", "dtype int32", "float64 or float32")


def test_inactive_objects_need_not_be_carried(out):
    net = networks.cuba()
    operation = NetworkOperation(lambda: None, name="op")
    operation.active = False
    net.add(operation)
    brian2engram.save(out, net, duration=1 * ms)
    network = document.read(out)["network"]
    assert list(network["runs"][0]["inactive"]) == ["op"]
    assert [item["name"] for item in network["operations"]] == ["op"]


@pytest.mark.parametrize("value", [np.uint32(3), np.uint64(3), np.float16(0.5),
                                   np.longdouble(0.1)])
def test_constants_of_types_that_no_document_has(out, value):
    group = NeuronGroup(2, "v : 1", name="G", namespace={"x": value})
    group.run_regularly("v += x")
    error = refused(out, Network(group), f"G: constant 'x': its type {value.dtype.name}")
    assert len(error.losses) == 1


def test_other_devices(out):
    group = NeuronGroup(2, "v : 1", name="G")
    net = Network(group)
    brian2.set_device("cpp_standalone", build_on_run=False)
    try:
        refused(out, net, "CPPStandaloneDevice", "runtime device")
    finally:
        brian2.device.reinit()


def test_spikes_in_flight_under_a_changed_dt(out):
    net = networks.cuba(n=200, delays=True)
    net.run(20 * ms)
    net["P"].clock.dt = 0.05 * ms
    refused(out, net, "Ce_pre", "spikes in flight")
    assert net["P"].clock._old_dt == 1e-4
    net.run(1 * ms)


def test_what_brian2_refuses_is_refused_with_its_words(out):
    group = NeuronGroup(2, "dv/dt = -v/tau : volt", name="G")
    with pytest.raises(brian2.core.base.BrianObjectException) as caught:
        brian2engram.save(out, Network(group), duration=1 * ms, namespace={"tau": 3 * mV})
    assert isinstance(caught.value.__cause__, brian2.DimensionMismatchError)
    assert not out.exists()


def test_synapses_without_connect(out):
    group = NeuronGroup(2, "v : volt", threshold="v > 1*volt", reset="", name="G")
    synapses = Synapses(group, group, on_pre="v += 1*mV", name="W")
    with pytest.raises(TypeError, match="'W' does not do anything"):
        brian2engram.save(out, Network(group, synapses), duration=1 * second)
    assert not out.exists()


def test_on_loss_is_checked(out):
    with pytest.raises(ValueError, match="'error' or 'warn'"):
        brian2engram.save(out, networks.cuba(), duration=1 * ms, on_loss="ignore")


def test_no_warning_without_a_loss(out):
    with warnings.catch_warnings():
        warnings.simplefilter("error", EngramWarning)
        brian2engram.save(out, networks.cuba(), duration=1 * ms, on_loss="warn")
