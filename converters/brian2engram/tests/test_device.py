"""set_device('engram'): what a script sees is what Brian2's runtime shows it.

Each script runs twice, with the runtime device and with the engine; they must leave equal
numbers: bit for bit where only sums and products occur, else within 1e-9.
"""

from __future__ import annotations

import gc
import os
import pickle
import time
import weakref
from pathlib import Path

import brian2
import brian2engram
import numpy as np
import pytest
from brian2 import (
    BrianObject, Clock, Hz, Network, NetworkOperation, NeuronGroup, PoissonGroup,
    PopulationRateMonitor, SpikeGeneratorGroup, SpikeMonitor, StateMonitor, Synapses,
    TimedArray, defaultclock, get_device, ms, mV, prefs, run, second, set_device, start_scope,
    stop)
from brian2engram import UnsupportedError, document, engram_device
from brian2engram.device_engine import api

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def needs_library(fresh_brian):
    """Every test here runs the engine."""
    api()
    engram_device.fallbacks = 0
    yield


def both(script, exact=True, rng_matters=False, **options):
    """What `script` returns under either device, compared; returns the engine's."""
    results = []
    for device, settings in (("runtime", {}), ("engram", {"math": "strict", **options})):
        set_device(device, **settings)
        start_scope()
        defaultclock.dt = 0.1 * ms
        brian2.seed(42)
        results.append(script())
        gc.collect()
    reference, found = results
    assert reference.keys() == found.keys()
    for name in reference:
        wanted, got = np.asarray(reference[name]), np.asarray(found[name])
        assert wanted.shape == got.shape, name
        assert wanted.dtype == got.dtype, name
        if exact or wanted.dtype.kind not in "f":
            np.testing.assert_array_equal(got, wanted, err_msg=name)
        else:
            np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12, err_msg=name)
    return found


def flight(pathway):
    """Spikes in flight as (steps, synapse), whatever the queue's own shape is."""
    offset, slots = pathway.queue._full_state()[:2]
    return np.array([(step, synapse) for step in range(len(slots))
                     for synapse in slots[(offset + step) % len(slots)]], int).reshape(-1, 2)


def now(clock):
    """Time of a clock, in seconds."""
    return clock.variables["t"].get_value().item()


def elapsed(network):
    """Time of a network, in seconds."""
    return float(network.t / second)


def counters(n=5, threshold=4, **kwds):
    """Neurons that count their own steps: nothing but sums."""
    return NeuronGroup(n, "x : 1\nstep : 1 (constant)", threshold=f"x >= {threshold}",
                       reset="x = 0", **kwds)


def driven(n=5):
    """Counters that go on by `step` in each step."""
    group = counters(n)
    group.step = "1 + i"
    group.run_regularly("x += step", when="groups")
    return group


# ---- models -----------------------------------------------------------------------------


def test_a_chain_with_delays():
    def script():
        group = driven()
        synapses = Synapses(group, group, "w : 1", on_pre="x_post += w")
        synapses.connect(condition="i != j")
        synapses.w = "0.25*(i + 1)"
        synapses.delay = "(i + 2*j)*0.1*ms"
        spikes, rate = SpikeMonitor(group, "x"), PopulationRateMonitor(group)
        trace = StateMonitor(group, ["x", "step"], record=[0, 3])
        run(3 * ms)
        return {"i": spikes.i, "t": spikes.t_, "x at spike": spikes.x, "count": spikes.count,
                "rate": rate.rate_, "rate t": rate.t_, "trace": trace.x, "trace t": trace.t_,
                "step": trace.step, "x": group.x, "clock": defaultclock.t_,
                "timestep": defaultclock.timestep, "n": spikes.num_spikes,
                "flight": flight(synapses.pre)}

    assert both(script)["n"] > 20


def test_leaky_neurons_with_refractoriness_and_input():
    def script():
        group = NeuronGroup(20, """dv/dt = (I(t, i) - v)/(10*ms) : 1 (unless refractory)
                                   dg/dt = -g/(3*ms) : 1""",
                            threshold="v > 1", reset="v = 0", refractory="(2 + 0.1*i)*ms",
                            method="exact", namespace={"I": table})
        group.v = "i / 20.0"
        synapses = Synapses(group, group, """dapre/dt = -apre/(5*ms) : 1 (event-driven)
                                             w : 1""",
                            on_pre="g_post += w\napre += 0.1",
                            on_post="w = clip(w + apre, 0, 1)")
        synapses.connect(j="(i + k) % 20 for k in range(1, 4)")
        synapses.w = 0.1
        spikes = SpikeMonitor(group)
        trace = StateMonitor(group, ["v", "g"], record=True)
        run(30 * ms)
        return {"i": spikes.i, "t": spikes.t_, "v": trace.v, "g": trace.g, "w": synapses.w,
                "apre": synapses.apre, "lastspike": group.lastspike_,
                "not_refractory": group.not_refractory}

    values = 1.5 + np.sin(np.arange(80).reshape(4, 20))
    table = TimedArray(values, dt=10 * ms)
    assert len(both(script, exact=False)["i"]) > 10


def test_generators_subgroups_events_and_summed_variables():
    def script():
        source = SpikeGeneratorGroup(3, [0, 2, 1, 0], [0.1, 0.2, 0.2, 0.7] * ms,
                                     period=1 * ms)
        group = NeuronGroup(6, "x : 1\ntotal : 1", threshold="x > 2", reset="x -= 2",
                            events={"high": "x > 1"})
        group.run_on_event("high", "x += 0.125")
        part = group[2:5]
        synapses = Synapses(source, part, "w : 1\ntotal_post = w : 1 (summed)",
                            on_pre="x_post += w")
        synapses.connect()
        synapses.w = "i + 0.5*j"
        from brian2 import EventMonitor

        high = EventMonitor(group, "high", variables=["x"])
        counted = SpikeMonitor(part, record=False)
        heard = SpikeMonitor(source)
        run(2.35 * ms)
        run(1.15 * ms)
        return {"high i": high.i, "high x": high.x, "x": group.x, "total": group.total,
                "count": counted.count, "n": counted.num_spikes, "heard": heard.t_,
                "last": source.variables["_lastindex"].get_value()}

    assert both(script)["n"] > 0


def test_several_clocks_and_slots():
    def script():
        fast = counters(3, clock=Clock(dt=0.05 * ms))
        fast.step = 1
        fast.run_regularly("x += step", when="start", clock=Clock(dt=0.2 * ms))
        slow = driven()
        seen = SpikeMonitor(fast), SpikeMonitor(slow)
        network = Network(fast, slow, seen)
        network.run(0.93 * ms)
        between = elapsed(network)
        network.run(1 * ms)
        return {"fast": seen[0].t_, "slow": seen[1].t_, "t": elapsed(network),
                "between": between, "clocks": sorted(now(clock) for clock in network._clocks)}

    both(script)


def test_float32_and_integers():
    def script():
        group = NeuronGroup(4, "x : 1\nn : integer\nb : boolean", threshold="n % 3 == 0",
                            reset="x += 0.1")
        group.run_regularly("n += i + 1\nb = n > 5", when="groups")
        trace = StateMonitor(group, True, record=True)
        run(2 * ms)
        return {"x": trace.x, "n": trace.n, "b": trace.b}

    prefs.core.default_float_dtype = np.float32
    try:
        both(script)
    finally:
        prefs.core.default_float_dtype = np.float64


# ---- between runs -----------------------------------------------------------------------


def test_spikes_are_in_flight_between_runs():
    def script():
        group = driven()
        synapses = Synapses(group, group, on_pre="x_post += 1", delay=1.7 * ms)
        synapses.connect(j="i")
        spikes = SpikeMonitor(group)
        run(1 * ms)
        first = flight(synapses.pre)
        run(1 * ms)
        return {"first": first, "i": spikes.i, "t": spikes.t_, "second": flight(synapses.pre)}

    assert len(both(script)["first"]) > 5


def test_values_constants_and_dt_change_between_runs():
    def script():
        gain = 2.0  # noqa: F841  (looked up by Brian2)
        group = driven()
        group.run_regularly("x *= gain", when="end")
        synapses = Synapses(group, group, "w : 1", on_pre="x_post += w", delay=0.8 * ms)
        synapses.connect()
        synapses.w = 0.5
        spikes = SpikeMonitor(group)
        run(1 * ms)
        gain = 0.5  # noqa: F841
        group.x[2:] = 1
        synapses.w = "0.25*i"
        run(1 * ms)
        defaultclock.dt = 0.05 * ms
        run(1 * ms)
        return {"x": group.x, "i": spikes.i, "t": spikes.t_, "flight": flight(synapses.pre)}

    both(script)


def test_synapses_objects_and_monitors_are_added_between_runs():
    def script():
        group = driven()
        synapses = Synapses(group, group, "w : 1", on_pre="x_post += w")
        synapses.connect(i=[0, 1], j=[1, 2])
        synapses.w = 1
        network = Network(group, synapses)
        network.run(1 * ms)
        synapses.connect(i=[4, 3, 2], j=[0, 0, 0])
        synapses.w["j == 0"] = 3
        spikes = SpikeMonitor(group)
        network.add(spikes)
        network.run(1 * ms)
        network.remove(synapses)
        network.run(1 * ms)
        return {"w": synapses.w, "i": spikes.i, "t": spikes.t_, "x": group.x}

    both(script)


def test_store_and_restore():
    def script():
        group = driven()
        synapses = Synapses(group, group, on_pre="x_post += 1", delay=0.9 * ms)
        synapses.connect(j="i")
        spikes = SpikeMonitor(group)
        trace = StateMonitor(group, "x", record=True)
        network = Network(group, synapses, spikes, trace)
        network.run(1 * ms)
        network.store("here")
        network.run(1 * ms)
        first = {"i": np.array(spikes.i), "x": np.array(trace.x)}
        network.restore("here")
        back = {"t": elapsed(network), "n": spikes.num_spikes, "flight": flight(synapses.pre)}
        group.x += 1
        network.run(1 * ms)
        return {"first i": first["i"], "first x": first["x"], "i": spikes.i, "x": trace.x,
                "t": spikes.t_, **back}

    both(script)


def test_random_numbers_are_reproducible_and_restored():
    set_device("engram")
    group = NeuronGroup(10, "dv/dt = xi*ms**-0.5 : 1", method="euler")
    group.run_regularly("v += rand()")
    trace = StateMonitor(group, "v", record=True)
    network = Network(group, trace)
    network.store()

    def values(restore_random_state=False):
        network.restore(restore_random_state=restore_random_state)
        network.run(1 * ms)
        network.run(1 * ms)
        return np.array(trace.v)

    brian2.seed(3)
    network.store()
    first, other = values(), values()
    brian2.seed(3)
    again = values()
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, values(restore_random_state=True))
    assert (first != other).any() and len(np.unique(first)) == first.size
    numbers = np.random.rand(3)  # numpy's generator went on
    brian2.seed(3)
    assert (numbers != np.random.rand(3)).any()


def test_the_other_stream():
    set_device("engram", rng="philox")
    group = NeuronGroup(10, "x : 1")
    group.run_regularly("x = rand()")
    brian2.seed(1)
    network = Network(group)
    network.store()
    network.run(0.1 * ms)
    first = np.array(group.x)
    network.run(0.1 * ms)
    assert (first != group.x).all()
    network.restore()  # the same step: numbers are keyed by it
    brian2.seed(1)
    network.run(0.1 * ms)
    np.testing.assert_array_equal(first, group.x)


def test_several_networks_take_turns():
    def script():
        networks = []
        for _ in range(2):
            group = driven()
            spikes = SpikeMonitor(group)
            networks.append((Network(group, spikes), spikes))
        networks[0][0].run(1 * ms)
        networks[1][0].run(0.5 * ms)
        networks[0][0].run(0.5 * ms)
        return {"first": networks[0][1].t_, "second": networks[1][1].t_,
                "t": [elapsed(network) for network, _ in networks]}

    both(script)


def test_nothing_is_remembered_that_has_changed():
    """A network that runs again is described anew only where something changed."""
    def script():
        rate = np.array(2.0) * Hz
        gain = 2.0  # noqa: F841  (looked up by Brian2)
        table = TimedArray(np.arange(4.0), dt=0.5 * ms)
        group = counters(4)
        group.step = "i + 1"
        code = group.run_regularly("x = (x + step)*gain + table(t) + rate/Hz", when="groups")
        source = SpikeGeneratorGroup(2, [0, 1], [0.1, 0.3] * ms)
        synapses = Synapses(source, group, on_pre="x_post += gain", delay=0.2 * ms)
        synapses.connect()
        spikes = SpikeMonitor(group)
        network = Network(group, source, synapses, spikes)
        found, prepared = {}, []

        def step(name):
            network.run(0.3 * ms, level=1)
            found[name] = np.array(group.x)
            prepared.append(group.thresholder["spike"].codeobj)

        step("first")
        step("same")
        gain = 3.0
        step("constant")
        rate *= 2  # in place
        step("quantity in place")
        table.values[:] += 1
        step("table in place")
        source.set_spikes([1, 0], [1.6, 1.7] * ms)
        step("spikes")
        code.active = False
        step("inactive")
        code.active = True
        code.order = -1
        step("order")
        group.set_event_schedule("spike", when="end")
        step("slot")
        synapses.delay = 0.1 * ms
        step("delay")
        network.schedule = ["start", "synapses", "groups", "thresholds", "resets", "end"]
        step("schedule")
        gain = np.float32(3)  # noqa: F841
        step("type of a constant")
        defaultclock.dt = 0.05 * ms
        step("dt")
        group.namespace = {"gain": 4.0, "table": table, "rate": rate}
        step("namespace")
        step("again")
        kept = [old is new for old, new in zip(prepared, prepared[1:])]
        if get_device() is engram_device:
            assert kept[0] and kept[-1] and sum(kept) < 5
        return {**found, "i": spikes.i, "t": spikes.t_}

    both(script)


def test_networks_end_with_their_last_reference():
    set_device("engram")

    def script():
        group = driven()
        network = Network(group, NetworkOperation(lambda: network.stop()))
        network.run(1 * ms)
        network.run(1 * ms)
        pickle.dumps(vars(network)["_engram_known"])
        return weakref.ref(network), weakref.ref(group)

    references = script()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


# ---- Python in the loop -----------------------------------------------------------------


def test_operations_see_and_write_everything():
    def script():
        group = driven()
        synapses = Synapses(group, group, "w : 1", on_pre="x_post += w", delay=0.2 * ms)
        synapses.connect(condition="i != j")
        synapses.delay = "j*0.1*ms" if not synapses.pre.delay.variable.scalar else 0.2 * ms
        spikes = SpikeMonitor(group)
        trace = StateMonitor(group, "x", record=[0])
        seen = []

        def look(t):
            seen.append([float(t / second), elapsed(network), len(group.spikes),
                         spikes.num_spikes, trace.x.shape[1], group.x[0]])
            synapses.w = len(seen)
            group.x[1] += 0.5

        network = Network(group, synapses, spikes, trace,
                          NetworkOperation(look, when="after_resets"),
                          NetworkOperation(lambda: seen.append([0] * 6), dt=0.5 * ms))
        network.run(1 * ms)
        network.run(0.3 * ms)
        return {"seen": seen, "i": spikes.i, "t": spikes.t_, "x": group.x, "w": synapses.w}

    both(script)


def test_an_object_with_code_of_its_own():
    class Counter(BrianObject):
        add_to_magic_network = True

        def __init__(self):
            super().__init__(when="end")
            self.count = 0

        def run(self):
            self.count += 1

    def script():
        group, counter = driven(), Counter()
        run(1 * ms)
        return {"count": counter.count, "x": group.x}

    assert both(script)["count"] == 10


@pytest.mark.parametrize("stopping", ["stop()", "network.stop()"])
def test_an_operation_stops_the_run(stopping):
    def script():
        group = driven()
        spikes = SpikeMonitor(group)

        def look(t):
            if float(t / second) > 0.65e-3 and len(times) < 8:
                times.append(float(t / second))
                stop() if stopping == "stop()" else network.stop()

        times = []
        network = Network(group, spikes, NetworkOperation(look))
        network.run(2 * ms)
        first = elapsed(network)
        fraction = get_device()._last_run_completed_fraction
        network.run(1 * ms)
        return {"times": times, "first": first, "t": elapsed(network), "i": spikes.i,
                "fraction": fraction}

    assert both(script)["first"] == pytest.approx(0.8e-3)


def test_an_exception_leaves_the_step_it_was_raised_in():
    def script():
        group = driven()
        synapses = Synapses(group, group, on_pre="x_post += 1", delay=1 * ms)
        synapses.connect(j="i")
        spikes = SpikeMonitor(group)

        def fail(t):
            if float(t / second) > 0.75e-3:
                raise KeyError("the operation's own")

        operation = NetworkOperation(fail, when="before_synapses")
        network = Network(group, synapses, spikes, operation)
        with pytest.raises(KeyError, match="the operation's own"):
            network.run(2 * ms)
        found = {"t": elapsed(network), "clock": defaultclock.t_, "x": np.array(group.x),
                 "n": spikes.num_spikes, "flight": flight(synapses.pre)}
        network.remove(operation)
        network.run(1 * ms)
        return {**found, "i": spikes.i, "times": spikes.t_}

    both(script)


def test_synapses_cannot_be_made_while_a_run_goes_on():
    set_device("engram")
    group = driven()
    synapses = Synapses(group, group, on_pre="x_post += 1")
    synapses.connect(j="i")
    operation = NetworkOperation(lambda: synapses.connect(i=0, j=1))
    network = Network(group, synapses, operation)
    with pytest.raises(brian2.core.base.BrianObjectException) as raised:
        network.run(1 * ms)
    assert "while a run goes on" in str(raised.value.__cause__)
    assert len(synapses) == 5
    network.remove(operation)
    network.run(1 * ms)


def test_the_time_limit_of_a_device():
    set_device("engram")
    group = driven()
    network = Network(group, NetworkOperation(lambda: time.sleep(0.002)))
    get_device()._set_maximum_run_time(0.05)
    network.run(1 * second)
    assert 0 < network.t < 0.2 * second
    assert get_device()._last_run_completed_fraction < 0.2


# ---- reports, profiles ------------------------------------------------------------------


def test_reports():
    set_device("engram")
    group = driven()
    calls = []

    def report(elapsed, completed, start, duration):
        calls.append((float(elapsed), completed, float(start), float(duration)))

    network = Network(group, NetworkOperation(lambda: time.sleep(1e-4)))
    network.run(20 * ms, report=report, report_period=5 * ms)
    assert calls[0][1] == 0 and calls[-1][1] == 1 and len(calls) > 3
    assert [call[1] for call in calls] == sorted(call[1] for call in calls)
    assert calls[-1][2:] == (0.0, 0.02)
    with pytest.raises(ValueError):
        network.run(1 * ms, report="unknown")
    with pytest.raises(TypeError):
        network.run(1 * ms, report=object())


def test_a_report_may_stop_the_run_and_write_weights():
    set_device("engram")
    source = SpikeGeneratorGroup(2, [0, 1], [0, 0] * ms, period=0.1 * ms)
    group = NeuronGroup(3, "x : 1")
    synapses = Synapses(source, group, "w : 1", on_pre="x_post += w")
    synapses.connect(i=[1, 0, 1], j=[0, 1, 2])
    synapses.delay = [0, 1, 2] * defaultclock.dt
    before = []

    def report(elapsed, completed, start, duration):
        if completed > 0 and not before:
            before.append(np.array(group.x))
            synapses.w = 1
        elif before:
            network.stop()

    network = Network(source, group, synapses)
    network.run(10000 * second, report=report, report_period=5 * ms)
    assert not before[0].any() and group.x[0] > 0 and network.t < 10000 * second


def test_text_reports(capsys):
    set_device("engram")
    group = driven()  # noqa: F841
    run(1 * ms, report="text")
    assert "Starting simulation" in capsys.readouterr().out
    run(1 * ms, report="stderr")
    assert "Starting simulation" in capsys.readouterr().err


def test_profiles_name_the_objects():
    set_device("engram")
    group = driven()
    spikes = SpikeMonitor(group)
    network = Network(group, spikes)
    network.run(10 * ms, profile=True)
    names = {name for name, _ in network.profiling_info}
    assert {spikes.name, group.thresholder["spike"].name} <= names
    assert all(spent >= 0 * second for _, spent in network.profiling_info)
    brian2.profiling_summary(network)
    network.run(1 * ms)
    with pytest.raises(ValueError):
        network.profiling_info


# ---- functions of the script's own --------------------------------------------------------


def test_translated_functions_follow_what_they_use():
    @brian2.check_units(x=1, result=1)
    def scaled(x):
        return x * factor if x > 1 else x + factor

    set_device("engram", math="strict")
    group = NeuronGroup(3, "x : 1", name="G",
                        namespace={"scaled": brian2.Function(np.vectorize(scaled._orig_func),
                                                             arg_units=[1], return_unit=1)})
    group.x = [0, 1, 2]
    group.run_regularly("x = scaled(x)")
    network = Network(group)
    factor = 3.0
    network.run(0.1 * ms)
    assert list(group.x) == [3, 4, 6]
    factor = 0.5  # the network is not prepared again, but for this
    network.run(0.1 * ms)
    assert list(group.x) == [1.5, 2, 3]
    network.run(0.1 * ms)
    assert list(group.x) == [0.75, 1, 1.5]


def custom():
    """A network that calls Python in each step."""
    @brian2.implementation("numpy", discard_units=True)
    @brian2.check_units(x=1, result=1)
    def twice(x):
        for _ in range(1):
            x = 2 * x
        return x

    group = NeuronGroup(3, "x : 1", name="doubling", namespace={"twice": twice})
    group.x = 1
    group.run_regularly("x = twice(x)")
    return group, Network(group)


@pytest.mark.parametrize("math", ["fast", "strict"])
def test_what_is_not_translated_is_called_with_a_warning(math):
    set_device("engram", math=math)
    group, network = custom()
    with brian2.utils.logger.catch_logs() as logs:
        network.run(0.3 * ms)
        network.run(0.1 * ms)
    assert list(group.x) == [16, 16, 16]
    said = [log[2] for log in logs if "twice" in log[2]]
    if math == "fast":  # it is said once
        assert len(said) == 1 and "line 4: a loop" in said[0] and "slow" in said[0]


TABLE = np.array([0.5, 2.0, -1.0])


def test_called_functions_compute_as_in_brian2(monkeypatch):
    """Integers and booleans come as such, quantities with their units; random order of uses."""
    @brian2.declare_types(k="integer")
    @brian2.check_units(k=1, result=1)
    def looked_up(k):
        return TABLE[k % 3]

    @brian2.check_units(v=brian2.volt, w=brian2.volt, result=brian2.volt)
    def limited(v, w):
        result = np.array(v)
        result[v > w] = np.array(w).reshape(-1)[0]
        return result * brian2.volt

    @brian2.check_units(x=1, above=1, result=1)
    def counted(x, above):
        for _ in range(2):
            x = x + above
        return x

    def run_on(device, **options):
        set_device(device, **options)
        group = NeuronGroup(300, """dv/dt = (limited(10*v, most) - v)/(5*ms) : volt
                                    most : volt (shared)
                                    c : 1""",
                            threshold="counted(v/mV, i) > 30", reset="v -= looked_up(i)*mV",
                            method="euler", name="G",
                            namespace={"looked_up": looked_up, "limited": limited,
                                       "counted": counted})
        group.v = "i*0.01*mV"
        group.most = 0.02 * brian2.volt
        group.run_regularly("c = c + counted(c, int(v > 1*mV)) + looked_up(i + 1)", dt=1 * ms)
        spikes = SpikeMonitor(group, name="spikes")
        network = Network(group, spikes)
        network.run(4 * ms)
        return (np.array(group.v), np.array(group.c), np.array(spikes.i), np.array(spikes.t))

    # initial values too are those of code without regrouped constants
    monkeypatch.setitem(brian2.prefs, "codegen.target", "numpy")
    monkeypatch.setitem(brian2.prefs, "codegen.loop_invariant_optimisations", False)
    wanted = run_on("runtime")
    assert len(wanted[2]) > 100
    for got, want in zip(run_on("engram", math="strict"), wanted):
        assert got.tobytes() == want.tobytes()
    for got, want in zip(run_on("engram", math="fast", threads=2), wanted):
        assert np.allclose(got, want, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("math", ["fast", "strict"])
def test_a_regular_function_sees_the_whole_group(math, monkeypatch):
    """As with Brian2's numpy target: all elements at once, scalars as scalars; in synapses, too."""
    @brian2.implementation("numpy", discard_units=True)
    @brian2.check_units(x=1, centre=1, result=1)
    def centred(x, centre):
        if centre == 0:  # of an array this has no truth
            return x
        for _ in range(1):
            x = x - np.mean(x)
        return x + centre

    def run_on(device, **options):
        set_device(device, **options)
        group = NeuronGroup(600, """dx/dt = -x/(10*ms) : 1
                                    y : 1
                                    shifted = centred(x, none) : 1""", threshold="x > 400",
                            reset="x = 0", method="exact", name="G",
                            namespace={"centred": centred, "level": 2, "none": 0})
        group.x = "i"
        group.run_regularly("x = centred(x, level); y = shifted", dt=1 * ms)
        synapses = Synapses(group, group, "w : 1", on_pre="y_post += w", name="S",
                            namespace={"centred": centred})
        synapses.connect(j="(7*i) % 600")
        synapses.w = "0.1*i"
        synapses.run_regularly("w = centred(w, 1)", dt=1 * ms)
        seen = StateMonitor(group, "shifted", record=[0, 599], name="seen")
        network = Network(group, synapses, seen)
        network.run(3 * ms)
        group.x = "2*i"
        network.run(3 * ms)
        return [np.array(found) for found in (group.x, group.y, synapses.w, seen.shifted)]

    monkeypatch.setitem(brian2.prefs, "codegen.target", "numpy")
    wanted = run_on("runtime")
    assert np.ptp(wanted[2]) > 1
    for got, want in zip(run_on("engram", math=math), wanted):
        assert np.allclose(got, want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("math", ["fast", "strict"])
def test_an_exception_of_a_called_function_is_itself(math):
    @brian2.check_units(x=1, result=1)
    def failing(x):
        if np.max(x) >= 3:
            raise KeyError("three")
        return x + 1

    set_device("engram", math=math)
    group = NeuronGroup(2, "x : 1", name="G", namespace={"failing": failing})
    group.run_regularly("x = failing(x)")
    network = Network(group)
    with pytest.raises(KeyError, match="three"):
        network.run(1 * ms)
    assert list(group.x) == [3, 3]
    group.x = 0
    network.run(0.2 * ms)
    assert list(group.x) == [2, 2]


# ---- what is refused --------------------------------------------------------------------


def odd():
    """A network with numbers that the engine has not."""
    group = NeuronGroup(3, """x : 1
                              n : integer""", dtype={"n": np.int16}, name="doubling")
    group.x = 1
    group.run_regularly("x = 2*x")
    return group, Network(group)


def test_refusals_name_object_and_reason():
    set_device("engram")
    group, network = odd()
    with pytest.raises(UnsupportedError, match="doubling.*int16") as raised:
        network.run(1 * ms)
    assert isinstance(raised.value, NotImplementedError)
    assert list(group.x) == [1, 1, 1] and network.t == 0 * ms
    assert engram_device.fallbacks == 0


def test_fallback_is_loud_and_counted():
    set_device("engram", fallback=True)
    group, network = odd()
    with brian2.utils.logger.catch_logs() as logs:
        network.run(0.3 * ms)
    assert [log for log in logs if "int16" in log[2]] and list(group.x) == [8, 8, 8]
    assert engram_device.fallbacks == 1
    other = driven()
    Network(other).run(0.1 * ms)
    assert engram_device.fallbacks == 1 and list(other.x) == [1, 2, 3, 0, 0]


def test_options_are_checked():
    for options in ({"math": "quick"}, {"threads": 0}, {"threads": 65}, {"rng": "dice"}):
        with pytest.raises(ValueError):
            set_device("engram", **options)
    with pytest.raises(TypeError):
        set_device("engram", speed="high")
    set_device("engram", math="strict", threads=1, directory=None, with_output=False)


def test_errors_of_brian2_pass():
    set_device("engram")
    group = NeuronGroup(2, "x : 1")
    group.run_regularly("x = unknown_name")
    network = Network(group)
    with pytest.raises(brian2.core.base.BrianObjectException):
        network.run(1 * ms)
    with pytest.raises(ValueError):
        network.run(-1 * ms)
    with pytest.raises(brian2.DimensionMismatchError):
        network.run(1 * mV)


def test_nothing_is_logged_and_no_hdf5_is_loaded():
    set_device("engram")
    group = driven()
    network = Network(group, SpikeMonitor(group))
    with brian2.utils.logger.catch_logs() as logs:
        network.run(1 * ms)
        network.run(1 * ms)
    assert not [log for log in logs if "engram" in log[1]]
    with open(f"/proc/{os.getpid()}/maps") as maps:
        assert "libengram_hdf5" not in maps.read()


# ---- archives ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["net.mpk", "net.h5"])
def test_runs_become_parts_of_an_archive(tmp_path, name):
    path = tmp_path / name
    set_device("engram", math="strict", archive=path)
    group = driven()
    synapses = Synapses(group, group, "w : 1", on_pre="x_post += w", delay=0.3 * ms)
    synapses.connect(j="i")
    synapses.w = 0.5
    spikes = SpikeMonitor(group)
    network = Network(group, synapses, spikes)
    network.run(1 * ms)
    first = path.read_bytes()
    synapses.w = "i"
    network.run(0.5 * ms)
    assert path.read_bytes() != first
    content = document.read(tmp_path / "net.mpk")
    assert [run["duration"] for run in content["network"]["runs"]] == [1e-3, 0.5e-3]
    set_device("runtime")
    again = brian2engram.import_network(str(path))
    assert len(again.objects) >= 3
    set_device("engram", math="strict")
    before, other = path.read_bytes(), driven()
    Network(other).run(0.1 * ms)  # no longer a part of it
    assert path.read_bytes() == before


def test_a_script_that_begins_anew_goes_on_in_another_archive(tmp_path):
    set_device("engram", math="strict", archive=tmp_path / "net.mpk")
    network = Network(driven())
    network.store()
    network.run(1 * ms)
    network.restore()
    network.run(0.5 * ms)
    network.run(0.5 * ms)
    set_device("runtime")
    runs = [[run["duration"] for run in document.read(tmp_path / name)["network"]["runs"]]
            for name in ("net.mpk", "net-2.mpk")]
    assert runs == [[1e-3], [0.5e-3, 0.5e-3]]


def test_an_archive_is_named_before_anything_runs():
    with pytest.raises(ValueError, match="expected .mpk or .h5"):
        set_device("engram", archive="net.txt")


# ---- beside the run ---------------------------------------------------------------------


def test_runtime_code_still_works_behind_a_run():
    def script():
        group = driven()
        synapses = Synapses(group, group, "w : 1", on_pre="x_post += w")
        synapses.connect(condition="i < j")
        trace = StateMonitor(group, "x", record=True)
        run(1 * ms)
        synapses.w["i == 1"] = "j + x_post"
        trace.record_single_timestep()
        group.thresholder["spike"].run()
        states = group.get_states(units=False)
        return {"x": group.x["step > 2"], "w": synapses.w, "trace": trace.x,
                "spikes": group.spikes, "state": states["x"], "at": trace[2].x}

    both(script)


def test_devices_share_a_process():
    set_device("engram", math="strict")
    first = driven()
    Network(first).run(1 * ms)
    set_device("runtime")
    second_group = driven()
    Network(second_group).run(1 * ms)
    np.testing.assert_array_equal(first.x, second_group.x)
    brian2.devices.reset_device()
    assert get_device() is engram_device and engram_device.build_options["math"] == "strict"


def test_inactive_objects_do_nothing():
    def script():
        group = driven()
        spikes = SpikeMonitor(group)
        synapses = Synapses(group, group, on_pre="x_post += 100", delay=0.3 * ms)
        synapses.connect()
        network = Network(group, spikes, synapses)
        network.run(1 * ms)
        spikes.active = False
        synapses.pre.active = False
        network.run(1 * ms)
        spikes.active = True
        network.run(1 * ms)
        return {"i": spikes.i, "t": spikes.t_, "x": group.x, "flight": flight(synapses.pre)}

    both(script)


def test_poisson_groups_fire_at_their_rates():
    set_device("engram")
    brian2.seed(5)
    group = PoissonGroup(500, "100*Hz*(1 + i // 250)")
    spikes = SpikeMonitor(group)
    Network(group, spikes).run(1 * second)
    low, high = np.split(np.asarray(spikes.count), 2)
    assert abs(low.mean() - 100) < 3 and abs(high.mean() - 200) < 4
    assert Hz.dim == (1 / second).dim


# ---- GSL ----------------------------------------------------------------------------------


def test_integrators_of_gsl_are_brian2s():
    """Against the reference that the fidelity tests have of Brian2's compiled code."""
    fidelity = Path(__file__).resolve().parents[3] / "tests" / "fidelity"
    set_device("engram", math="strict")
    made = {}
    exec((fidelity / "models" / "gsl_refractory.py").read_text(), made)
    with np.load(fidelity / "references" / "gsl_refractory.npz") as reference:
        for name in "ABC":
            for variable in ("v", "not_refractory", "lastspike", "_last_timestep"):
                found = made[name].variables[variable].get_value()
                np.testing.assert_allclose(found, reference[f"final|{name}|{variable}"],
                                           rtol=1e-9, err_msg=f"{name}.{variable}")
        np.testing.assert_array_equal(made["spikes"][0].i[:], reference["spikes|spikesA|i"])


def test_runs_with_gsl_go_on_and_say_where_they_fail():
    set_device("engram")
    group = NeuronGroup(2, "dv/dt = -v*rate : 1\nrate : Hz", method="gsl",
                        method_options={"max_steps": 5, "save_step_count": True}, name="G")
    net = Network(group)
    group.v, group.rate = 1, 100 * Hz
    for _ in range(3):
        net.run(1 * ms, namespace={})
    np.testing.assert_allclose(group.v, np.exp(-0.3), rtol=1e-6)
    assert group.variables["_step_count"].get_value().tolist() == [1, 1]
    group.rate = "100000*Hz*i"
    with pytest.raises(Exception, match=r"G_stateupdater, element 1: .* in 5 steps"):
        net.run(1 * ms, namespace={})
