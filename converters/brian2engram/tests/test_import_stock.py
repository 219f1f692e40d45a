"""What brian2tools' exporter recorded, back in Brian2: the same run from the same seed."""

from __future__ import annotations

import brian2
import brian2engram
import numpy as np
import pytest
from brian2 import (Network, NeuronGroup, PoissonGroup, SpikeMonitor, StateMonitor, Synapses,
                    Hz, ms, mV, set_device)
from brian2.devices.device import all_devices
from brian2engram import UnsupportedError, document, exporter

from import_models import MODELS, STOCK
from roundtrip import contents, random_state

CLOCKS = ("t", "dt", "timestep")


@pytest.fixture
def device():
    exporter.load()
    all_devices["exporter"] = type(all_devices["exporter"])()  # nothing recorded yet
    set_device("exporter", build_on_run=False)
    return all_devices["exporter"]


def values(net):
    """Arrays of objects, without clocks: an export knows those by their steps alone."""
    clocks = {obj.clock.name for obj in net.sorted_objects}
    return {key: value for key, value in contents(net).items()
            if key[0] not in clocks and key != ("network", "t")}


def recorded(device):
    runs = device.runs
    assert runs
    set_device("runtime")
    return runs


@pytest.mark.parametrize("name", STOCK)
def test_an_export_runs_as_the_script_did(name, device):
    brian2.seed(4321)
    MODELS[name]().run(5 * ms, namespace={})
    runs = recorded(device)
    brian2.seed(4321)
    net = MODELS[name]()
    net.run(5 * ms, namespace={})
    wanted, drawn = values(net), random_state()

    brian2.seed(4321)
    again = brian2engram.import_network(runs)
    brian2engram.run_stages(again)
    found = values(again)
    assert len(again.stages) == 1 and random_state() == drawn
    slices = {key for key in wanted.keys() ^ found.keys()  # whose names an export loses
              if key[1].startswith(("_sub_idx", "__source_i"))}
    assert sorted(key for key in (wanted.keys() | found.keys()) - slices
                  if wanted.get(key) != found.get(key)) == []


def test_a_packed_export_comes_back_from_its_file(device, tmp_path):
    brian2.seed(1)
    MODELS["current_based_network"]().run(3 * ms, namespace={})
    runs = recorded(device)
    path = tmp_path / "x.h5"
    brian2engram.pack(runs, path)
    results = []
    for source in (runs, path, tmp_path / "x.mpk", document.read(tmp_path / "x.mpk")):
        brian2.seed(5)
        net = brian2engram.import_network(source)
        brian2engram.run_stages(net)
        results.append(values(net))
    assert results[0] == results[1] == results[2] == results[3]


def protocol():
    """Three runs with changes in between: values, synapses, who takes part."""
    source = PoissonGroup(3, 900 * Hz, name="P")
    group = NeuronGroup(4, "dv/dt = (drive - v)/(3*ms) : volt\ndrive : volt\nn : integer",
                        threshold="v > 5*mV", reset="v = 0*mV; n += 1", method="exact", name="G")
    synapses = Synapses(source, group, "w : volt", on_pre="v_post += w", name="W")
    synapses.connect(p=0.5)
    synapses.w = "0.1*mV*rand()"
    more = Synapses(group, group, "u : 1", on_pre="v_post += 0.2*mV; u += 1", name="X")
    more.active = False
    monitor = SpikeMonitor(group, name="M")
    net = Network(source, group, synapses, more, monitor, StateMonitor(group, "v", True,
                                                                       name="S"))
    net.run(2 * ms, namespace={})
    group.drive["i > 1"] = "6*mV + 1*mV*rand()"
    group.v = 1 * mV
    more.active = True
    more.connect(condition="i != j")
    more.delay = "0.1*ms*(i + 1)"
    net.run(3 * ms, namespace={})
    source.active = False
    synapses.w = 0 * mV
    monitor.active = False
    late = StateMonitor(more, "u", record=True, name="T")
    net.add(late)
    net.run(1 * ms, namespace={})
    return net


def test_stages_replay_the_protocol_in_order(device):
    brian2.seed(77)
    protocol()
    runs = recorded(device)
    assert len(runs) == 3
    brian2.seed(77)
    net = protocol()
    wanted = values(net)

    brian2.seed(77)
    again = brian2engram.import_network(runs)
    assert len(again.stages) == 3 and "T" not in again
    assert not again["X"].active and len(again["X"]) == 0
    again.stages[0]()
    assert float(again.t) == pytest.approx(0.002) and len(again["X"]) == 0
    again.stages[1]()
    assert len(again["X"]) == 12 and again["X"].active and again["P"].active
    again.stages[2]()
    assert not again["P"].active and not again["M"].active
    assert values(again) == wanted
    assert again["T"].variables["t"].get_value().shape == (10,)


def test_an_export_with_seeds_needs_none_of_the_caller(tmp_path):
    exporter.load()
    all_devices["exporter"] = type(all_devices["exporter"])()
    device = exporter.activate()
    brian2.seed(31)
    MODELS["connectors_and_initialisers"]().run(2 * ms, namespace={})
    runs = recorded(device)
    results = []
    for number in (1, 2):
        brian2.seed(number)
        net = brian2engram.import_network(runs)
        brian2engram.run_stages(net)
        results.append(values(net))
    assert results[0] == results[1]


def test_what_an_export_lost_is_refused_by_name(device):
    group = NeuronGroup(2, "dv/dt = -v/ms : 1\nx : 1 (linked)", method="exact", name="G")
    source = NeuronGroup(2, "x : 1", name="H")
    group.x = brian2.linked_var(source, "x")
    Network(group, source).run(1 * ms)
    with pytest.raises(UnsupportedError, match="G: linked variable 'x'"):
        brian2engram.import_network(recorded(device))


def test_the_imported_export_is_saved_as_a_capture(device, tmp_path):
    brian2.seed(3)
    MODELS["leaky_neurons"]().run(2 * ms, namespace={})
    runs = recorded(device)
    brian2.seed(3)
    net = brian2engram.import_network(runs)
    brian2engram.save(tmp_path / "x.mpk", net, duration=2 * ms, namespace={})
    again = brian2engram.import_network(tmp_path / "x.mpk")
    brian2engram.run_stages(again)
    brian2engram.import_network(tmp_path / "x.mpk")  # the random state of the capture
    brian2engram.run_stages(net)
    assert values(net) == values(again)
    assert np.array(net["S"].v).shape == (6, 20)
