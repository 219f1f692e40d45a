"""Brian2's features one by one: a document is enough.

Each model is captured, run by Brian2 and replayed from the document alone; every stored
array and every record agree in every bit. libengram finds nothing against its rules in it.
"""

from __future__ import annotations

import brian2
import brian2engram
import numpy as np
import pytest
from brian2 import (Clock, EventMonitor, Hz, Network, NeuronGroup, PoissonGroup, PoissonInput,
                    PopulationRateMonitor, Quantity, SpikeGeneratorGroup, SpikeMonitor,
                    StateMonitor, Synapses, TimedArray, linked_var, ms, mV, second)
from brian2engram import document

import networks
from judge import findings
from replay import Replay

MODELS = {}
MONITORS = (EventMonitor, StateMonitor, PopulationRateMonitor)


def model(build):
    MODELS[build.__name__] = build
    return build


def spiking(n=5, name="G", **keywords):
    """Neurons that spike regularly, each at its own rate."""
    group = NeuronGroup(n, "dv/dt = (1.2 + 0.1*i - v)/(3*ms) : 1\nx : 1", threshold="v > 1",
                        reset="v = 0", method="exact", name=name, **keywords)
    group.v = np.arange(n) / (n + 1)
    return group


@model
def custom_events():
    group = NeuronGroup(4, "dx/dt = (k - x)/(2*ms) : 1\nk : 1\nn : integer",
                        events={"low": "x < -0.5", "high": "x > 0.5"}, threshold="x > 0.9",
                        reset="x = 0; n += 10", method="exact", name="G")
    group.k = [-2, 2, 1, -1]
    group.run_on_event("low", "x = 0.25; n += 1")
    group.run_on_event("high", "n -= 1", when="before_end", order=3)
    group.set_event_schedule("high", when="after_groups", order=-2)
    synapses = Synapses(group, group, on_pre={"a": "x_post += 0.01", "b": "x_post -= 0.02"},
                        on_event={"a": "low", "b": "high"}, delay={"b": 0.2 * ms}, name="W")
    synapses.connect(j="(i + 1) % 4")
    return Network(group, synapses, EventMonitor(group, "low", variables="x", name="E"),
                   EventMonitor(group[1:3], "high", name="F"), SpikeMonitor(group, name="M"))


@model
def regular_updates_with_their_own_clocks():
    group = spiking()
    group.run_regularly("x = x + 0.5*i", dt=0.3 * ms)
    group.run_regularly("v -= 0.01; x *= 1.5", when="end", order=2, name="G_second")
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w", name="W")
    synapses.connect(condition="i != j")
    synapses.run_regularly("w += 0.001*(i + 1)", dt=1 * ms)
    part = group[1:3]
    part.run_regularly("x -= 0.125*(i + 1)", dt=0.2 * ms, name="part_regular")
    return Network(group, synapses, part, StateMonitor(group, "x", True, name="S"))


if hasattr(brian2.core.clocks, "EventClock"):  # since Brian2 2.10
    @model
    def event_clocks():
        group = spiking()
        group.run_at("v += 0.05*i + t/second", times=[3.35, 0.95, 4, 7.2, 100] * ms)
        group.run_at("x += 1", times=[0.3, 0.95, 3.3, 7.2] * ms, when="end", order=3, name="z")
        group[1:3].run_at("x *= 2", times=[0.1, 3.4, 7.2] * ms)
        synapses = Synapses(group, group, "w : 1\nx_post = 0.5*w : 1 (summed)",
                            clock=brian2.EventClock([0.2, 3.35, 3.9, 8.1] * ms), name="W")
        synapses.connect(j="(i + 1) % N_post")
        synapses.run_at("w += 0.01*i", times=[3.45, 2.5] * ms)
        never = NeuronGroup(2, "y : 1", name="N")
        never.run_at("y = 1", times=[] * ms)
        looks = brian2.EventClock(np.array([0.05, 0.3, 3.35, 5.55, 8.299]) * ms, name="looks")
        return Network(group, synapses, never, SpikeMonitor(group, name="M"),
                       StateMonitor(group, ["v", "x"], True, clock=looks, name="S"))


@model
def slices_everywhere():
    group, other = spiking(8), spiking(6, "H")
    synapses = Synapses(group[2:6], other[1:4], "w : 1",
                        on_pre="v_post += w", on_post="v_pre -= 0.5*w", name="W")
    synapses.connect(i=[0, 1, 1, 3], j=[2, 0, 1, 2])
    synapses.w = "0.01*(i + 10*j)"
    inner = group[1:7][2:4]
    return Network(group, other, synapses, SpikeMonitor(inner, name="M"),
                   StateMonitor(other[2:5], "v", record=[2, 0], name="S"),
                   PopulationRateMonitor(group[3:6], name="R"))


@model
def linked_variables():
    source = NeuronGroup(3, "dy/dt = -y/(5*ms) : 1\ng : 1 (shared)\nz = y**2 + g : 1\n"
                         "p : 1", method="exact", name="H")
    source.y = [1, 2, 3]
    source.g = 0.5
    source.run_regularly("g += 0.25", dt=0.5 * ms)
    group = NeuronGroup(3, """dx/dt = (same + one + fixed + named + sub - x)/(4*ms) : 1
                              same : 1 (linked)
                              one : 1 (linked)
                              fixed : 1 (linked)
                              named : 1 (linked)
                              sub : 1 (linked)
                              back : 1 (linked)
                              part : 1 (linked)
                              k : integer""", method="euler", threshold="x > 2",
                        reset="x = 0; back += 1", name="G")
    group.k = [2, 0, 2]
    group.same = linked_var(source, "y")
    group.one = linked_var(source, "g")
    group.fixed = linked_var(source, "y", index=[2, 2, 0])
    group.named = linked_var(source, "y", index="k")
    group.sub = linked_var(source, "z", index=np.array([1, 0, 2]))
    group.back = linked_var(source.p)
    group.part = linked_var(source[0:3], "y")
    return Network(source, group, StateMonitor(group, ["x", "sub"], True, name="S"),
                   SpikeMonitor(group, variables="part", name="M"))


@model
def linked_to_a_group_outside_the_network():
    outside = NeuronGroup(3, "y : 1", name="H")
    outside.y = [0.5, 0.25, 0.125]
    group = NeuronGroup(3, "dx/dt = (y - x)/(4*ms) : 1\ny : 1 (linked)", method="exact",
                        name="G")
    group.y = linked_var(outside, "y")
    return Network(group), outside


@model
def shared_and_constant_over_dt():
    group = NeuronGroup(4, """dx/dt = (a + b + c - x)/(3*ms) : 1
                              a = 0.5*gain : 1 (shared)
                              c = gain*t/ms : 1 (shared, constant over dt)
                              b = 0.25*x + gain : 1 (constant over dt)
                              gain : 1 (shared)
                              fixed : 1 (constant)
                              both : 1 (shared, constant)""", method="euler", name="G")
    group.gain = 0.125
    group.x = "0.1*i"
    group.run_regularly("gain += 0.01", dt=0.4 * ms)
    synapses = Synapses(group, group, """w : 1
                                         k = 2*w + x_pre : 1 (constant over dt)
                                         s : 1 (shared)
                                         dz/dt = (k - z)/(2*ms) : 1 (clock-driven)""",
                        method="exact", name="W")
    synapses.connect(j="i")
    synapses.w = "0.1*i"
    return Network(group, synapses, StateMonitor(group, ["a", "b", "c", "gain"], True, name="S"),
                   StateMonitor(synapses, ["k", "z"], record=[3, 1], name="T"))


@model
def plasticity():
    group = spiking(6)
    synapses = Synapses(group, group, """
        w : 1
        dApre/dt = -Apre/(4*ms) : 1 (event-driven)
        dApost/dt = -Apost/(6*ms) : 1 (event-driven)
        dz/dt = -z**2/(3*ms) : 1 (clock-driven)
        """, on_pre="v_post += w\nApre += 0.01\nw = clip(w + Apost, 0, 1); z += 1",
        on_post={"post": "Apost -= 0.02; w = clip(w + Apre, 0, 1)", "late": "w *= 0.99"},
        delay={"late": 0.5 * ms}, method="euler", name="W")
    synapses.connect(condition="i != j")
    synapses.w = "0.002*(i + j)"
    synapses.pre.delay = "0.1*ms*(i + j)"
    synapses.post.order = 7
    return Network(group, synapses, StateMonitor(synapses, "w", [0, 5, 7], name="S",
                                                 dt=0.7 * ms))


@model
def multisynaptic_index():
    group = spiking(3)
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w*(k + 1)",
                        multisynaptic_index="k", name="W")
    synapses.connect(i=[0, 0, 1, 0], j=[1, 1, 2, 1])
    synapses.w = 0.01
    synapses.delay = "k*0.2*ms"
    return Network(group, synapses)


@model
def summed_variables_to_groups_slices_and_sources():
    group = NeuronGroup(6, "dv/dt = (I + J - v)/(5*ms) : 1\nI : 1\nJ : 1", method="exact",
                        name="G")
    group.v = "0.1*i + 0.05"
    synapses = Synapses(group, group, """w : 1
                                         I_post = w*(v_pre - v_post) : 1 (summed)
                                         J_pre = gain*w*v_post : 1 (summed)""",
                        namespace={"gain": 0.75}, name="W")
    synapses.connect(condition="abs(i - j) < 3 and i != j")
    synapses.w = "0.1 + 0.01*i*j"
    other = NeuronGroup(5, "dv/dt = (K - v)/(5*ms) : 1\nK : 1", method="exact", name="H")
    part = Synapses(group[1:4], other[1:4], "K_post = v_pre : 1 (summed)", name="X")
    part.connect(j="i")
    rest = Synapses(group, other[4:], "K_post = 2*v_pre : 1 (summed)", name="Y")
    rest.connect()
    return Network(group, synapses, other, part, rest)


@model
def synapses_onto_synapses():
    group = spiking(3)
    first = Synapses(group, group, "dg/dt = -g/(3*ms) : 1 (clock-driven)\nw : 1\ntotal : 1",
                     on_pre="g += w; v_post += 0.01*g", method="exact", name="W")
    first.connect(j="i")
    first.w = 0.5
    second_ = Synapses(group, first, "total_post = 0.5*v_pre + w_post : 1 (summed)",
                       on_pre="w_post += 0.01", name="X")
    second_.connect(i=[0, 1, 2, 2], j=[0, 1, 2, 0])
    return Network(group, first, second_)


@model
def generators():
    unsorted_ = SpikeGeneratorGroup(4, [3, 0, 2, 1], [0.55, 0.52, 1.2, 3] * ms, name="K")
    period = SpikeGeneratorGroup(2, [0, 1], [0, 1.1] * ms, period=1.5 * ms, name="L")
    target = NeuronGroup(4, "x : 1", name="G")
    synapses = Synapses(unsorted_, target, on_pre="x_post += 1 + i", name="W")
    synapses.connect(j="i")
    again = Synapses(period, target, on_pre="x_post *= 1.5", delay=0.4 * ms, name="X")
    again.connect(i=[0, 1, 0], j=[0, 0, 3])
    return Network(unsorted_, period, target, synapses, again, SpikeMonitor(period, name="M"))


@model
def poisson_groups():
    factor = 3
    rates = TimedArray([[1, 2, 3], [3, 2, 1]] * Hz * 100, dt=2 * ms)
    fixed = PoissonGroup(5, np.arange(5) * 300 * Hz, name="P")
    text = PoissonGroup(3, "factor*rates_of(t, i) + 50*Hz", name="Q",
                        namespace={"factor": factor, "rates_of": rates})
    target = NeuronGroup(5, "x : 1", name="G")
    synapses = Synapses(fixed, target, on_pre="x_post += 1", name="W")
    synapses.connect(j="i")
    return Network(fixed, text, target, synapses, SpikeMonitor(text, name="M"))


@model
def poisson_inputs():
    group = NeuronGroup(4, "dv/dt = -v/(5*ms) : volt\nw : volt\nu : 1", method="exact",
                        name="G")
    group.w = "0.1*mV*(i + 1)"
    extra = 2.5
    return Network(group, PoissonInput(group, "v", 10, 100 * Hz, weight=0.123456789012 * mV),
                   PoissonInput(group, "v", 20, 100 * Hz, weight="extra*w + 1*mV"),
                   PoissonInput(group, "u", 30, 90 * Hz, weight=0.1, order=2),
                   PoissonInput(group[1:3], "u", 5, 200 * Hz, weight=3, when="end")), extra


@model
def timed_arrays():
    a = TimedArray(np.linspace(0, 1, 7), dt=0.3 * ms)
    b = TimedArray(np.arange(12.0).reshape(4, 3) * mV, dt=1 * ms, name="two")
    group = NeuronGroup(3, "dx/dt = (a(t) - x)/(2*ms) + two(t, i)/mV/second : 1\n"
                        "y = also(t + 1*ms) : 1", method="euler", name="G",
                        namespace={"a": a, "also": a, "two": b})
    return Network(group, StateMonitor(group, ["x", "y"], True, name="S"))


@model
def one_name_for_two_timed_arrays():
    groups = [NeuronGroup(2, "dx/dt = (f(t) - x)/(2*ms) : 1", method="euler", name=name,
                          namespace={"f": TimedArray(np.arange(4.0) * k, dt=1 * ms)})
              for k, name in ((1, "G"), (2, "H"))]
    return Network(groups)


@model
def refractory_times_and_conditions():
    made = []
    for k, value in enumerate((1 * ms, 0 * ms, "tau*(1 + i)", "v > 0.5", "held", "on_time",
                               np.array(0.7) * ms)):
        group = NeuronGroup(3, """dv/dt = (2 + i - v)/(2*ms) : 1 (unless refractory)
                                  du/dt = 0/second : 1 (unless refractory)
                                  held : boolean
                                  on_time : second
                                  n : integer""", threshold="v > 1",
                            reset="v = 0.75; u += 1; n += 1", refractory=value, method="euler",
                            name=f"G{k}", namespace={"tau": 0.4 * ms})
        group.on_time = "0.3*ms*i"
        group.run_regularly("held = n % 3 == 1; u += 0.5; v -= 0.2", dt=0.5 * ms)
        synapses = Synapses(group, group, on_pre="u_post += 2; v_post -= 0.01", name=f"W{k}")
        synapses.connect(j="(i + 1) % 3")
        made += [group, synapses]
    return Network(made)


@model
def several_clocks():
    slow = Clock(0.25 * ms, name="slow")
    group = spiking(4, clock=slow)
    fast = NeuronGroup(3, "dx/dt = -x/(2*ms) : 1", method="exact", dt=0.05 * ms, name="H")
    fast.x = 1
    synapses = Synapses(group, fast, "dz/dt = (x_post - z)/ms : 1 (clock-driven)",
                        on_pre="x_post += 0.1; z += t/second", dt=0.15 * ms, delay=0.3 * ms,
                        method="exact", name="W")
    synapses.connect()
    return Network(group, fast, synapses, StateMonitor(fast, "x", True, dt=0.2 * ms, name="S"),
                   SpikeMonitor(group, name="M"), PopulationRateMonitor(group, name="R"))


@model
def custom_schedule():
    group = spiking()
    synapses = Synapses(group, group, on_pre="v_post += 0.1", name="W")
    synapses.connect(condition="i != j")
    synapses.pre.when = "before_start"
    group.state_updater.when = "after_resets"
    group.thresholder["spike"].order = 4
    group.resetter["spike"].when = "after_thresholds"
    net = Network(group, synapses, StateMonitor(group, "v", True, when="after_groups", order=5,
                                                name="S"))
    net.schedule = ["start", "synapses", "groups", "thresholds", "resets", "end"]
    return net


@model
def inactive_objects():
    group, other = spiking(), spiking(3, "H")
    synapses = Synapses(group, group, on_pre={"a": "v_post += 0.1", "b": "v_post += 100"},
                        name="W")
    synapses.connect(condition="i != j")
    synapses.b.active = False
    other.active = False
    still = NeuronGroup(2, "dv/dt = (stimulus(t) - v)/tau : 1 (unless refractory)",
                        threshold="v > top", reset="half = v/2; v = half # nothing",
                        refractory="v < 0.1", method="exact", name="J",
                        namespace={"tau": 3 * ms, "top": 1, "half": 2 * mV, "nothing": 3,
                                   "stimulus": TimedArray([1.0, 2], dt=1 * ms)})
    still.active = False
    group.resetter["spike"].active = False
    return Network(group, other, synapses, still, SpikeMonitor(group, name="M"))


@model
def monitors_of_all_kinds():
    gain = 0.3
    group = NeuronGroup(5, """dv/dt = (1.2 + 0.1*i - v)/(3*ms) : 1
                              twice = gain*v : 1
                              s : 1 (shared)
                              n : integer
                              b : boolean""", threshold="v > 1", reset="v = 0; n += 1",
                        method="exact", name="G", namespace={})
    synapses = Synapses(group, group, "w : 1\nboth = w*unused : 1", on_pre="v_post += w",
                        namespace={"unused": 7}, name="W")
    synapses.connect(condition="i != j")
    synapses.w = "0.01*i"
    return Network(
        group, synapses, SpikeMonitor(group, ["twice", "v", "n"], name="M"),
        SpikeMonitor(group, record=False, name="C"),
        StateMonitor(group, ["twice", "v", "s", "n", "b", "not_there"][:5], [4, 0, 4], name="S"),
        StateMonitor(group, "v", record=3, dt=0.5 * ms, when="end", order=-1, name="T"),
        StateMonitor(group, "s", record=True, name="U"),
        StateMonitor(synapses, ["both", "w"], record=True, name="V"),
        StateMonitor(synapses, "w", record=synapses[1:3, 2], name="X"),
        PopulationRateMonitor(group, name="R")), gain


@model
def constants_of_all_types():
    names = {"b": True, "n": 3, "n8": np.int8(-3), "u8": np.uint8(200),
             "n16": np.int16(-300), "u16": np.uint16(60000), "n32": np.int32(7),
             "n64": np.int64(2**40), "f": 0.1, "f32": np.float32(0.1),
             "f64": np.float64(0.2), "zero": np.array(0.3), "q": 5 * mV,
             "q0": Quantity(np.array(2.0)) * mV, "nq": Quantity(3), "big": np.array(9)}
    names = dict(sorted(names.items(), reverse=True))  # numpy adds floats first
    text = " + ".join(f"int({k})" if k == "b" else k for k in names if k not in
                      ("q", "q0", "f32"))
    group = NeuronGroup(3, f"x : 1\nv : volt\ndz/dt = (f + n - z)/({names['n']}*ms) : 1",
                        name="G", namespace=names, method="euler")
    group.run_regularly(f"x += {text}; v += q + q0")
    return Network(group)


@model
def names_that_shadow_units_and_functions():
    pi_ = 3  # noqa: F841
    group = NeuronGroup(2, "dx/dt = (siemens_ + mS/(1e-3*siemens) - x)/(2*ms) : 1\n"
                        "cm_ : metre\nw = cmetre/metre : 1", method="exact", name="G",
                        namespace={"siemens_": 0.5, "mS": brian2.mS, "cmetre": brian2.cmetre})
    group.run_regularly("cm_ += w*cm")
    return Network(group)


@model
def noise():
    group = NeuronGroup(4, "dx/dt = -x/(5*ms) + 0.1*xi*second**-0.5 : 1\n"
                        "r = rand() : 1 (constant over dt)\ny : 1", threshold="rand() < 0.05",
                        reset="y += rand()", method="euler", name="G")
    return Network(group, StateMonitor(group, ["x", "r"], True, name="S"))


@model
def no_neurons_fire_and_no_synapses_exist():
    group = spiking(3)
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w", name="W")
    synapses.connect(condition="i > 10")
    empty = NeuronGroup(2, "", threshold="False", name="H")
    return Network(group, synapses, empty, SpikeMonitor(empty, name="M"))


@model
def booleans_and_integers():
    group = NeuronGroup(6, """a : boolean
                              k : integer
                              dx/dt = (int(a and not k > 3) - x)/(2*ms) : 1""",
                        threshold="(k % 3 == 0 or a) and x > 0.01", reset="a = not a; k += 1",
                        method="euler", name="G")
    group.k = np.arange(6)
    group.a = [True, False] * 3
    group.run_regularly("k = (k + 1) % 5; a = a or k >= 3", dt=0.4 * ms)
    return Network(group, SpikeMonitor(group, ["a", "k"], name="M"))


@model
def integrators():
    made = []
    for name in ("exact", "euler", "rk2", "rk4", "exponential_euler", "linear",
                 ("rk4", "euler")):
        made.append(NeuronGroup(3, "dx/dt = (1 + 0.1*i - x)/(2*ms) : 1\n"
                                "dy/dt = (x - y)/(3*ms) : 1", method=name,
                                name=f"G_{name if isinstance(name, str) else 'choice'}"))
    made.append(NeuronGroup(3, "dx/dt = -x/(2*ms) + x*xi*second**-0.5 : 1", method="milstein",
                            name="G_milstein"))
    made.append(NeuronGroup(3, "dx/dt = -x/(2*ms) + x*xi*second**-0.5 : 1", name="G_heun"))
    for group in made:
        group.x = 0.5
    return Network(made)


@model
def own_state_updater():
    def half(equations, variables=None, method_options=None):
        return "x = 0.5*x"

    group = NeuronGroup(2, "dx/dt = -x/ms : 1", method=half, name="G")
    group.x = 1
    return Network(group)


def test_texts_of_inactive_groups_have_their_names(out):
    brian2engram.save(out, inactive_objects(), duration=1 * ms)
    network = document.read(out)["network"]
    group, = (g for g in network["groups"] if g["name"] == "J")
    assert [c["name"] for c in group["constants"]] == ["tau", "top"]
    assert group["refractory_kind"] == "condition"
    assert [f["name"] for f in network["functions"]] == ["stimulus"]


def test_two_functions_under_one_name_are_told_apart(out):
    brian2engram.save(out, one_name_for_two_timed_arrays(), duration=1 * ms)
    content = document.read(out)
    assert [(f["name"], f["values"][1]) for f in content["network"]["functions"]] == [
        ("f", 1.0), ("f_2", 2.0)]
    texts = {g["name"]: g["equations"][0]["expr"] for g in content["network"]["groups"]}
    assert texts == {"G": "(f(t) - x)/(2*ms)", "H": "(f_2(t) - x)/(2*ms)"}
    owners = {e["name"]: [b["owner"] for b in e["bindings"] if b["name"] == "f"]
              for e in content["code"]["executables"]}
    assert owners == {"G_stateupdater": ["f"], "H_stateupdater": ["f_2"]}


def test_synapses_keep_the_text_of_what_is_constant_over_dt(out):
    brian2engram.save(out, shared_and_constant_over_dt(), duration=1 * ms)
    synapses, = document.read(out)["network"]["synapses"]
    equation, = (e for e in synapses["equations"] if e["name"] == "k")
    assert (equation["kind"], equation["expr"], equation["flags"]) == (
        "subexpression", "2*w + x_pre", "constant over dt")


def recorded(obj):
    """A live monitor's records as the replay keeps them: name -> one row for each execution."""
    if isinstance(obj, StateMonitor):
        return {name: np.array(obj.variables[name].get_value())
                for name in obj.record_variables}
    if isinstance(obj, PopulationRateMonitor):
        return {"rate": np.array(obj.variables["rate"].get_value())}
    return {name: np.array(obj.variables[name].get_value()) for name in obj.record_variables}


@pytest.mark.parametrize("before", [0, 3.3], ids=["fresh", "later"])
@pytest.mark.parametrize("name", MODELS)
def test_a_document_is_enough(name, before, out, monkeypatch):
    monkeypatch.setitem(brian2.prefs, "codegen.loop_invariant_optimisations", False)
    built = MODELS[name]()
    net, *keep = built if isinstance(built, tuple) else (built,)
    names = {"extra": 2.5, "gain": 0.3}
    if before:
        net.run(before * ms, namespace=names)
    start = {obj.name: {key: len(rows) for key, rows in recorded(obj).items()}
             for obj in net.sorted_objects if isinstance(obj, MONITORS)}
    brian2engram.save(out, net, duration=5 * ms, namespace=names)
    assert findings(out) == []
    net.run(5 * ms, namespace=names)
    replay = Replay(document.read(out))
    replay.run()
    final = networks.contents(net)
    final.update({(obj.name, key): np.array(var.get_value()) for obj in keep
                  for key, var in getattr(obj, "variables", {}).items()
                  if hasattr(var, "get_value") and var.owner.name == obj.name})
    clocks = set(replay.tick)
    monitors = set(replay.recorded)
    compared = 0
    for (owner, variable), value in replay.arrays.items():
        if owner in clocks or owner in monitors:
            continue
        if variable.startswith("_sub_idx") and (owner, variable) not in final:
            continue  # of a slice that is not an object of the network
        wanted = final[owner, variable]
        assert value.dtype == wanted.dtype, (owner, variable)
        assert value.tobytes() == wanted.tobytes(), (owner, variable, value, wanted)
        compared += 1
    assert compared
    for obj in net.sorted_objects:
        if obj.name in replay.recorded and obj.active:
            for key, rows in recorded(obj).items():
                mine = replay.recorded[obj.name].get(key, [])
                mine = np.concatenate(mine) if mine else np.zeros(0)
                rows = rows[start.get(obj.name, {}).get(key, 0):].reshape(-1)
                assert mine.tolist() == rows.tolist(), (obj.name, key)
