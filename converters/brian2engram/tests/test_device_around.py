"""set_device('engram'): what Brian2 does around a run comes out the same, and is not done in vain."""

from __future__ import annotations

import gc

import brian2
import brian2engram  # noqa: F401
import pytest
from brian2 import (
    Network, NeuronGroup, SpikeMonitor, StateMonitor, Synapses, TimedArray, collect, ms, prefs,
    run, set_device)
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core import magic
from brian2.utils.logger import catch_logs
from brian2engram import device_around
from brian2engram.device_engine import api

BRIAN2S = magic.get_objects_in_namespace  #: before the device is used


@pytest.fixture(autouse=True)
def needs_library(fresh_brian):
    """Every test here runs the engine."""
    api()
    set_device("engram")


@pytest.fixture
def collections(monkeypatch):
    """How often somebody looked for garbage in everything."""
    asked = []
    real = gc.collect
    monkeypatch.setattr(gc, "collect", lambda *level: asked.append(level) or real(*level))
    return asked


def rest():
    """Brings a network to rest, of which a list, a slice and functions are parts."""
    group = NeuronGroup(4, "dv/dt = (stimulus(t) - v)/(10*ms) : 1", threshold="v > 0.5",
                        reset="v = 0", method="euler", name="group")
    stimulus = TimedArray([1, 0, 1], dt=1 * ms)  # noqa: F841
    synapses = Synapses(group[:2], group[2:], "w : 1", on_pre="v_post += w", name="synapses")
    synapses.connect()
    group.v = "i/N"
    return group, synapses, stimulus


@pytest.mark.parametrize("explicit", [False, True])
def test_no_garbage_is_looked_for_where_there_is_none(explicit, collections):
    group, synapses, stimulus = rest()
    spikes, voltage = SpikeMonitor(group), StateMonitor(group, "v", record=True)
    go = Network(collect()).run if explicit else run
    go(3 * ms)
    go(1 * ms)
    assert collections == [] and len(voltage.t) == 40 and spikes.num_spikes


def test_an_object_that_was_never_used_is_warned_of(collections):
    group, synapses, stimulus = rest()
    NeuronGroup(1, "u : 1", name="forgotten")
    with catch_logs() as logs:
        run(1 * ms)
    assert len(collections) == 1
    assert [text.split("'")[1] for _, source, text in logs
            if source.endswith("unused_brian_object")] == ["forgotten"]


def names_of_a_loop():
    """A model that is made anew each time takes the names of the one before the last."""
    names = []
    for _ in range(4):
        group = NeuronGroup(1, "v : 1")
        spikes = StateMonitor(group, "v", record=True)
        run(1 * ms)
        names.append((group.name, spikes.name))
    return names


def test_names_are_free_again_when_brian2_frees_them():
    found = names_of_a_loop()
    gc.collect()
    set_device("runtime")
    prefs.codegen.target = "numpy"
    assert names_of_a_loop() == found and len(set(found)) < 4


def test_objects_of_a_namespace_are_those_that_brian2_finds():
    outer = NeuronGroup(1, "v : 1")

    def ask(level):
        inner = NeuronGroup(2, "v : 1")
        kept = [inner, outer]
        ours, theirs = magic.get_objects_in_namespace(level), BRIAN2S(level)
        assert magic.get_objects_in_namespace is not BRIAN2S
        return {one().name for one in ours}, {one().name for one in theirs}, kept

    for level, count in ((0, 2), (1, 1)):
        ours, theirs, _ = ask(level)
        assert ours == theirs and len(ours) == count
    set_device("runtime")  # has Brian2's own, whose error is another where no frame is left
    assert ask(1)[0] == ask(1)[1]
    with pytest.raises(IndexError):
        magic.get_objects_in_namespace(1000)
    set_device("engram")


@pytest.mark.parametrize("kind", [NumpyCodeObject, CythonCodeObject])
def test_what_is_read_of_a_template_is_what_it_says(kind):
    names = [name.split(".")[0] for name in kind.templater.env.list_templates()
             if name.endswith(kind.templater.extension)]
    real = {name: getattr(kind.templater, name) for name in names}
    assert len(names) > 10
    with device_around.templates_read(kind):
        for name in names:
            read = getattr(kind.templater, name)
            assert read is not real[name]
            for what in ("variables", "iterate_all", "writes_read_only",
                         "allows_scalar_write", "template_source"):
                assert getattr(read, what) == getattr(real[name], what)
        with pytest.raises((KeyError, AttributeError)):
            kind.templater.nothing
    assert getattr(kind.templater, names[0]) is real[names[0]]


def test_a_run_compiles_no_template(monkeypatch):
    group, synapses, stimulus = rest()
    monkeypatch.setattr(type(NumpyCodeObject.templater.env), "compile",
                        lambda *_, **__: pytest.fail("a template is compiled"))
    spikes = SpikeMonitor(group)
    run(1 * ms)
    assert spikes.num_spikes


def test_code_can_be_made_of_a_template_that_was_read():
    with device_around.templates_read():
        group = NeuronGroup(3, "v : 1")
        group.v = "i*2"
    assert list(group.v) == [0, 2, 4]
    assert brian2.get_device() is brian2engram.engram_device
