"""Models for the round trip: each function makes a network, together they use every feature.

``MODELS`` is in order of definition. ``STOCK`` are those that brian2tools' exporter carries
without loss. Names of the models' own parameters are in namespaces, as the exporter and an
import have them. Many follow examples of Brian2's documentation.
"""

from __future__ import annotations

import numpy as np
from brian2 import (BinomialFunction, Clock, EventMonitor, Hz, Network, NeuronGroup,
                    PoissonGroup, PoissonInput, PopulationRateMonitor, SpikeGeneratorGroup,
                    SpikeMonitor, StateMonitor, Synapses, TimedArray, cm, linked_var, ms,
                    msiemens, mV, nA, nS, pF, uF)
from brian2.core import clocks
from brian2.stateupdaters import exponential_euler

EventClock = getattr(clocks, "EventClock", None)  # since Brian2 2.10

MODELS = {}
STOCK = []


def model(build):
    """A model for captures."""
    MODELS[build.__name__] = build
    return build


def stock(build):
    """A model for captures and exports."""
    STOCK.append(build.__name__)
    return model(build)


def neurons(n=5, name="G", **keywords):
    """Neurons that spike regularly, each at its own rate."""
    group = NeuronGroup(n, "dv/dt = (1.2 + 0.1*i - v)/(3*ms) : 1\nx : 1", threshold="v > 1",
                        reset="v = 0", method="exact", name=name, **keywords)
    group.v = "0.9*i/N"
    return group


# ---- neurons ----------------------------------------------------------------------------


@stock
def leaky_neurons():
    group = NeuronGroup(6, "dv/dt = (I - v)/tau : 1\nI : 1", threshold="v > 1", reset="v = 0",
                        method="exact", namespace={"tau": 3 * ms}, name="G")
    group.I = "1.5 + 0.2*i"
    group.v = "rand()"
    return Network(group, SpikeMonitor(group, name="M"), PopulationRateMonitor(group, name="R"),
                   StateMonitor(group, "v", record=True, name="S"))


CUBA = """dv/dt = (ge + gi - (v - El))/taum : volt (unless refractory)
          dge/dt = -ge/taue : volt
          dgi/dt = -gi/taui : volt"""
CUBA_NAMES = {"taum": 20 * ms, "taue": 5 * ms, "taui": 10 * ms, "Vt": -50 * mV, "Vr": -60 * mV,
              "El": -49 * mV, "we": 4.5 * mV, "wi": -9 * mV}


def cuba(delays):
    group = NeuronGroup(60, CUBA, threshold="v > Vt", reset="v = Vr", refractory=1.2 * ms,
                        method="exact", namespace=CUBA_NAMES, name="P")
    group.v = "Vr + rand()*(Vt - Vr)"
    exc = Synapses(group, group, on_pre="ge += we", namespace=CUBA_NAMES, name="Ce")
    inh = Synapses(group, group, on_pre="gi += wi", namespace=CUBA_NAMES, name="Ci")
    exc.connect("i < 48", p=0.1)
    inh.connect("i >= 48", p=0.1)
    if delays:
        exc.delay = "0.1*ms + 1.5*rand()*ms"
        inh.delay = "0.2*ms*(j % 4)"
    return Network(group, exc, inh, SpikeMonitor(group, name="M"),
                   StateMonitor(group, ["v", "ge"], record=[3, 1], name="S"), name="cuba")


@stock
def current_based_network():
    return cuba(delays=False)


@stock
def current_based_network_with_delays():
    return cuba(delays=True)


@stock
def conductance_based_hodgkin_huxley():
    names = {"gl": 10 * nS, "El": -60 * mV, "EK": -90 * mV, "ENa": 50 * mV, "g_na": 20 * 200 * nS,
             "g_kd": 6 * 200 * nS, "VT": -63 * mV, "Cm": 200 * pF, "taue": 5 * ms, "Ee": 0 * mV}
    group = NeuronGroup(8, """
        dv/dt = (gl*(El - v) + ge*(Ee - v) - g_na*(m*m*m)*h*(v - ENa)
                 - g_kd*(n*n*n*n)*(v - EK))/Cm : volt
        dm/dt = alpha_m*(1 - m) - beta_m*m : 1
        dn/dt = alpha_n*(1 - n) - beta_n*n : 1
        dh/dt = alpha_h*(1 - h) - beta_h*h : 1
        dge/dt = -ge*(1./taue) : siemens
        alpha_m = 0.32*(mV**-1)*4*mV/exprel((13*mV - v + VT)/(4*mV))/ms : Hz
        beta_m = 0.28*(mV**-1)*5*mV/exprel((v - VT - 40*mV)/(5*mV))/ms : Hz
        alpha_h = 0.128*exp((17*mV - v + VT)/(18*mV))/ms : Hz
        beta_h = 4./(1 + exp((40*mV - v + VT)/(5*mV)))/ms : Hz
        alpha_n = 0.032*(mV**-1)*5*mV/exprel((15*mV - v + VT)/(5*mV))/ms : Hz
        beta_n = .5*exp((10*mV - v + VT)/(40*mV))/ms : Hz
        """, threshold="v > -20*mV", refractory=3 * ms, method="exponential_euler",
        namespace=names, name="P")
    group.v = "El + (randn()*5 - 5)*mV"
    group.ge = "(randn()*1.5 + 14)*10.*nS"
    return Network(group, SpikeMonitor(group, name="M"),
                   StateMonitor(group, ["v", "alpha_m"], record=[0, 5], name="S"))


@stock
def izhikevich():
    group = NeuronGroup(10, """dv/dt = (0.04/ms/mV)*v**2 + (5/ms)*v + 140*mV/ms - u + I : volt
                               du/dt = a*(b*v - u) : volt/second
                               I : volt/second (constant)
                               a : 1/second (constant)
                               b : 1/second (constant)""",
                        threshold="v > 30*mV", reset="v = -65*mV; u += 8*mV/ms",
                        method="euler", name="G")
    group.a = "(0.02 + 0.08*rand())/ms"
    group.b = "(0.25 - 0.05*rand())/ms"
    group.v = -65 * mV
    group.u = "b*v"
    group.I = "(10 + 3*i)*mV/ms"
    return Network(group, SpikeMonitor(group, "u", name="M"), StateMonitor(group, "v", 0,
                                                                           name="S"))


@stock
def adaptive_exponential():
    names = {"C": 281 * pF, "gL": 30 * nS, "EL": -70.6 * mV, "VT": -50.4 * mV, "DeltaT": 2 * mV,
             "tauw": 144 * ms, "a": 4 * nS, "b": 0.0805 * nA, "Vr": -70.6 * mV,
             "Vcut": -40.4 * mV}
    group = NeuronGroup(4, """dvm/dt = (gL*(EL - vm) + gL*DeltaT*exp((vm - VT)/DeltaT) + I - w)/C : volt
                              dw/dt = (a*(vm - EL) - w)/tauw : amp
                              I : amp""", threshold="vm > Vcut", reset="vm = Vr; w += b",
                        method="euler", namespace=names, name="G")
    group.vm = "EL"
    group.I = "(2 + i)*nA"
    return Network(group, SpikeMonitor(group, name="M"), StateMonitor(group, True, True,
                                                                      name="S"))


@stock
def runge_kutta():
    group = NeuronGroup(3, """dv/dt = (v - v**3/3 - w + I)/ms : 1
                              dw/dt = 0.08*(v + 0.7 - 0.8*w)/ms : 1
                              I : 1""", method="rk4", name="G")
    other = NeuronGroup(3, "dx/dt = cos(10*t/ms)*x/ms : 1", method="rk2", name="H")
    group.I = "0.5*i"
    other.x = "1 + i"
    return Network(group, other, StateMonitor(group, ["v", "w"], True, name="S"),
                   StateMonitor(other, "x", True, name="T"))


@model
def integrators_chosen_and_given():
    made = [NeuronGroup(2, "dx/dt = (1 - x)/(2*ms) + y/ms : 1\ndy/dt = -y/(3*ms) : 1",
                        method=method, method_options=options, name=f"G{number}")
            for number, (method, options) in enumerate((
                ("linear", None), ("exact", {"simplify": False}), (exponential_euler, None),
                (("rk4", "euler"), None), ("EULER", None)))]
    made.append(NeuronGroup(2, "dx/dt = -x**2/(2*ms) : 1\ny : 1", name="C"))
    for group in made:
        group.x, group.y = [0.5, 2], 0.25
    return Network(made)


@stock
def noise_of_all_kinds():
    additive = NeuronGroup(4, "dx/dt = -x/(5*ms) + 0.1*xi*second**-0.5 : 1", threshold="x > 0.5",
                           reset="x = 0", method="euler", name="G")
    both = NeuronGroup(3, "dx/dt = -x/(5*ms) + 0.1*xi_a*second**-0.5 + 0.2*xi_b*second**-0.5 : 1\n"
                       "dy/dt = -y/(5*ms) + 0.1*xi_a*second**-0.5 : 1", method="euler", name="H")
    scaled = NeuronGroup(3, "dx/dt = -x/(2*ms) + x*xi*second**-0.5 : 1", method="heun", name="J")
    milstein = NeuronGroup(3, "dx/dt = -x/(2*ms) + x*xi*second**-0.5 : 1", method="milstein",
                           name="K")
    scaled.x = milstein.x = 0.5
    return Network(additive, both, scaled, milstein)


@stock
def random_numbers_in_every_text():
    group = NeuronGroup(5, """dx/dt = (r - x)/(2*ms) : 1
                              r = rand() : 1 (constant over dt)
                              y : 1
                              k : integer""", threshold="rand() < 0.1", reset="y += randn()",
                        method="euler", name="G")
    group.run_regularly("k = poisson(3.5); y += rand()", dt=0.3 * ms)
    synapses = Synapses(group, group, "w : 1", on_pre="y_post += w*rand()", name="W")
    synapses.connect(p=0.5)
    synapses.w = "0.1*randn()"
    return Network(group, synapses, StateMonitor(group, ["x", "r", "k"], True, name="S"))


# ---- refractoriness and events ----------------------------------------------------------


@stock
def refractory_times():
    made = []
    for name, value in (("G", 0.7 * ms), ("H", "hold"), ("J", "0.2*ms*(1 + i)")):
        group = NeuronGroup(4, """dv/dt = (2 + 0.5*i - v)/(2*ms) : 1 (unless refractory)
                                  du/dt = 1/ms : 1
                                  hold : second""", threshold="v > 1", reset="v = 0",
                            refractory=value, method="euler", name=name)
        group.hold = "0.3*ms*i"
        made += [group, SpikeMonitor(group, name=f"{name}_spikes")]
    return Network(made)


@model
def refractory_conditions_and_zero():
    made = []
    for number, value in enumerate(("v > 0.5", "held", 0 * ms, "tau_ref", np.array(0.7) * ms)):
        group = NeuronGroup(4, """dv/dt = (2 + 0.5*i - v)/(2*ms) : 1 (unless refractory)
                                  held : boolean
                                  n : integer""", threshold="v > 1", reset="v = 0.8; n += 1",
                            refractory=value, method="euler", name=f"G{number}",
                            namespace={"tau_ref": 0.4 * ms})
        group.run_regularly("held = n % 2 == 1; v -= 0.1", dt=0.5 * ms, name=f"regular{number}")
        made.append(group)
    return Network(made)


@stock
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
def events_without_spikes():
    group = NeuronGroup(3, "dx/dt = 1/ms : 1", events={"up": "x > 1 + i"}, method="euler",
                        name="G")
    group.run_on_event("up", "x = 0")
    synapses = Synapses(group, group, on_pre="x_post += 0.001", on_event="up", name="W")
    synapses.connect(condition="i != j")
    return Network(group, synapses, EventMonitor(group, "up", name="E"))


@stock
def run_regularly_on_groups():
    group = neurons()
    group.run_regularly("x = x + 0.5*i", dt=0.3 * ms)
    group.run_regularly("v -= 0.01; x *= 1.5", when="end", order=2, name="second")
    return Network(group, StateMonitor(group, ["x", "v"], True, name="S"))


@model
def run_regularly_on_slices_synapses_and_sources():
    group = neurons()
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w", name="W")
    synapses.connect(condition="i != j")
    synapses.run_regularly("w += 0.001*(i + 1)*gain", dt=1 * ms)
    synapses.namespace["gain"] = 0.5
    part = group[1:3]
    part.run_regularly("x -= 0.125*(i + 1)", dt=0.2 * ms, name="part_regular")
    source = PoissonGroup(3, 500 * Hz, name="P")
    source.run_regularly("rates += 10*Hz*i", dt=0.5 * ms)
    return Network(group, synapses, part, source, StateMonitor(group, "x", True, name="S"))


# ---- variables --------------------------------------------------------------------------


@stock
def shared_and_constant():
    group = NeuronGroup(4, """dx/dt = (a + fixed - x)/(3*ms) : 1
                              a = 0.5*gain : 1 (shared)
                              gain : 1 (shared)
                              fixed : 1 (constant)
                              both : 1 (shared, constant)""", method="euler",
                        threshold="x > 0.2", reset="x = 0", name="G")
    group.gain, group.fixed, group.both = 0.125, "0.1*i", 3
    group.run_regularly("gain += 0.01", dt=0.4 * ms)
    return Network(group, StateMonitor(group, ["a", "x"], True, name="S"))


@model
def constant_over_dt():
    group = NeuronGroup(4, """dx/dt = (b + c - x)/(3*ms) : 1
                              c = gain*t/ms : 1 (shared, constant over dt)
                              b = 0.25*x + gain : 1 (constant over dt)
                              gain : 1 (shared)""", method="euler", name="G")
    group.gain = 0.125
    group.x = "0.1*i"
    synapses = Synapses(group, group, """w : 1
                                         k = 2*w + x_pre : 1 (constant over dt)
                                         s : 1 (shared)
                                         dz/dt = (k - z)/(2*ms) : 1 (clock-driven)""",
                        method="exact", name="W")
    synapses.connect(j="i")
    synapses.w = "0.1*i"
    return Network(group, synapses, StateMonitor(group, ["b", "c"], True, name="S"),
                   StateMonitor(synapses, ["k", "z"], record=[3, 1], name="T"))


@model
def linked_variables():
    source = NeuronGroup(3, "dy/dt = -y/(5*ms) : 1\ng : 1 (shared)\np : 1\nq : 1",
                         method="exact", name="H")
    source.y, source.g = [1, 2, 3], 0.5
    source.run_regularly("g += 0.25", dt=0.5 * ms)
    group = NeuronGroup(3, """dx/dt = (same + one + fixed + named - x)/(4*ms) : 1
                              same : 1 (linked)
                              one : 1 (linked)
                              fixed : 1 (linked)
                              named : 1 (linked)
                              back : 1 (linked)
                              part : 1 (linked)
                              unused : 1 (linked)
                              k : integer""", method="euler", threshold="x > 2",
                        reset="x = 0; back += 1", name="G")
    group.k = [2, 0, 2]
    group.same = linked_var(source, "y")
    group.one = linked_var(source, "g")
    group.fixed = linked_var(source, "y", index=[2, 2, 0])
    group.named = linked_var(source, "y", index="k")
    group.back = linked_var(source.p)
    group.part = linked_var(source[0:3], "y")
    group.unused = linked_var(source, "q", index=np.array([1, 0, 1]))
    return Network(source, group, StateMonitor(group, ["x", "unused"], True, name="S"),
                   SpikeMonitor(group, variables="part", name="M"))


@model
def linked_subexpressions():
    source = NeuronGroup(3, "dy/dt = -y/(5*ms) : 1\ng : 1 (shared)\nz = f*y**2 + g : 1\n"
                         "same = y + 1 : 1", method="exact", namespace={"f": 0.5}, name="H")
    source.y, source.g = [1, 2, 3], 0.5
    group = NeuronGroup(3, "dx/dt = (sub - x)/(4*ms) : 1\nsub : 1 (linked)\n"
                        "other : 1 (linked)", method="euler", namespace={"f": 0.25}, name="G")
    group.sub = linked_var(source, "z", index=np.array([1, 0, 2]))
    group.other = linked_var(source, "same")
    chained = NeuronGroup(3, "dx/dt = -far*x/ms : 1\nfar : 1 (linked)", method="euler",
                          name="A", namespace={"f": 0.25})
    chained.x = 1
    chained.far = linked_var(group, "x")
    return Network(source, group, chained, StateMonitor(group, ["x", "sub", "other"], True,
                                                        name="S"))


@model
def linked_to_a_group_that_does_not_run():
    outside = NeuronGroup(3, "y : 1", name="H")
    outside.y = [0.5, 0.25, 0.125]
    group = NeuronGroup(3, "dx/dt = (y - x)/(4*ms) : 1\ny : 1 (linked)", method="exact",
                        name="G")
    group.y = linked_var(outside, "y")
    return Network(group), outside


@model
def types_of_variables():
    single = NeuronGroup(4, "dv/dt = (1.3 + 0.1*i - s)/(3*ms) : 1\ns = 0.9*v : 1\nk : integer",
                         dtype=np.float32, threshold="v > 1", reset="v = 0; k += 1",
                         method="euler", name="G")
    mixed = NeuronGroup(3, "dv/dt = -v/(3*ms) : volt\nw : 1\nn : integer\nb : boolean",
                        dtype={"w": np.float32, "n": np.int64}, method="exact", name="H")
    mixed.v, mixed.w = 10 * mV, 0.1
    mixed.run_regularly("w += v/volt; n += 3*i; b = n % 2 == 0", dt=0.2 * ms)
    synapses = Synapses(single, mixed, "g : 1", dtype={"g": np.float32}, on_pre="w_post += g",
                        name="W")
    synapses.connect(i=[0, 1, 3], j=[2, 1, 0])
    synapses.g = 0.3
    return Network(single, mixed, synapses, StateMonitor(single, ["v", "s"], True, name="S"))


@stock
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
def constants_of_all_types():
    names = {"b": True, "n": 3, "n32": np.int32(7), "n64": np.int64(2**20), "f": 0.1,
             "f32": np.float32(0.1), "f64": np.float64(0.2), "zero": np.array(0.3),
             "q": 1 / 3 * mV, "big": np.array(9), "mS": msiemens, "area": 3 * cm**2,
             "density": 1 * uF / cm**2}
    group = NeuronGroup(3, """x : 1
                              v : volt
                              g : siemens
                              c : farad
                              rest : metre**2*kilogram*second**-3*amp**-1
                              dz/dt = (f + n - z)/(3*ms) : 1""", namespace=names,
                        method="euler", name="G")
    group.run_regularly("x += int(b) + n + n32 + n64 + f + f64 + zero + big + f32\n"
                        "v += q; g += mS; c = density*area; rest += q")
    return Network(group)


@stock
def units_and_multiline_equations():
    group = NeuronGroup(3, """
        dvm/dt = (I_leak     # the first
                  + I_in     # and the second
                  )/Cm : volt
        I_leak = gL*(EL
                     - vm) : amp
        I_in : amp
        Cm : farad (constant)
        gL : siemens (constant)
        EL : volt
        d = vm/second**2*metre : volt*metre/second**2
        """, threshold="vm > -50*mV", reset="vm = EL", method="exponential_euler", name="G")
    group.Cm, group.gL, group.EL = 200 * pF, 10 * nS, -70 * mV
    group.vm = "EL + 2*mV*i"
    group.I_in = "1*nA*(i + 1)"
    return Network(group, StateMonitor(group, ["vm", "d"], True, name="S"))


# ---- slices, synapses -------------------------------------------------------------------


@model
def slices_everywhere():
    group, other = neurons(8), neurons(6, "H")
    synapses = Synapses(group[2:6], other[1:4], "w : 1",
                        on_pre="v_post += w", on_post="v_pre -= 0.5*w", name="W")
    synapses.connect(i=[0, 1, 1, 3], j=[2, 0, 1, 2])
    synapses.w = "0.01*(i + 10*j)"
    group[3:].x = "i"
    again = Synapses(group[2:6], other, on_pre="x_post += 1", name="X")
    again.connect()
    inner = group[1:7][2:4]
    return Network(group, other, synapses, again, SpikeMonitor(inner, name="M"),
                   StateMonitor(other[2:5], "v", record=[2, 0], name="S"),
                   PopulationRateMonitor(group[3:6], dtype=np.float32, name="R"))


@stock
def slices_of_an_export():
    group, other = neurons(8), neurons(6, "H")
    synapses = Synapses(group[2:6], other[1:4], "w : 1", on_pre="v_post += w", name="W")
    synapses.connect(condition="i != j")
    synapses.w = "0.01*(i + 10*j)"
    group[3:6].x = "1.5*i"
    return Network(group, other, synapses, SpikeMonitor(group[1:4], name="M"),
                   StateMonitor(other[2:5], "v", record=[2, 0], name="S"),
                   PopulationRateMonitor(group[3:6], name="R"))


@stock
def spike_timing_dependent_plasticity():
    names = {"taupre": 4 * ms, "taupost": 6 * ms, "gmax": 0.3, "dApre": 0.03, "dApost": -0.031}
    source = PoissonGroup(10, 400 * Hz, name="P")
    group = NeuronGroup(2, "dv/dt = (ge - v)/(3*ms) : 1\ndge/dt = -ge/(2*ms) : 1",
                        threshold="v > 0.1", reset="v = 0", method="exact", name="G")
    synapses = Synapses(source, group, """w : 1
                                          dApre/dt = -Apre/taupre : 1 (event-driven)
                                          dApost/dt = -Apost/taupost : 1 (event-driven)""",
                        on_pre="""ge += w
                                  Apre += dApre
                                  w = clip(w + Apost, 0, gmax)""",
                        on_post="Apost += dApost; w = clip(w + Apre, 0, gmax)",
                        namespace=names, name="W")
    synapses.connect()
    synapses.w = "rand()*gmax"
    return Network(source, group, synapses, SpikeMonitor(source, name="M"),
                   StateMonitor(synapses, "w", record=True, name="S", dt=0.7 * ms))


@model
def plasticity_with_pathways():
    group = neurons(6)
    synapses = Synapses(group, group, """
        w : 1
        dApre/dt = -Apre/(4*ms) : 1 (event-driven)
        dz/dt = -z**2/(3*ms) : 1 (clock-driven)
        """, on_pre="v_post += w\nApre += 0.01\nz += 1",
        on_post={"post": "w = clip(w + Apre, 0, 1)", "late": "w *= 0.99"},
        delay={"late": 0.5 * ms}, method="euler", name="W")
    synapses.connect(condition="i != j")
    synapses.w = "0.002*(i + j)"
    synapses.pre.delay = "0.1*ms*(i + j)"
    synapses.post.delay = "0.3*ms"
    synapses.post.order = 7
    synapses.late.when = "after_resets"
    return Network(group, synapses, StateMonitor(synapses, "w", [0, 5, 7], name="S"))


@stock
def short_term_plasticity():
    names = {"tau_d": 20 * ms, "tau_f": 50 * ms, "U": 0.2}
    group, other = neurons(), neurons(3, "H")
    synapses = Synapses(group, other, """
        dx_s/dt = (1 - x_s)/tau_d : 1 (event-driven)
        du_s/dt = (U - u_s)/tau_f : 1 (event-driven)""",
        on_pre="u_s += U*(1 - u_s); v_post += 0.1*u_s*x_s; x_s *= 1 - u_s",
        namespace=names, name="W")
    synapses.connect(p=0.7)
    synapses.x_s = 1
    synapses.u_s = 0.2
    return Network(group, other, synapses, SpikeMonitor(other, name="M"))


@model
def gap_junctions():
    group = NeuronGroup(6, "dv/dt = (1.1 + 0.1*i + Igap + J - v)/(5*ms) : 1\nIgap : 1\nJ : 1",
                        threshold="v > 1", reset="v = 0", method="exact", name="G")
    group.v = "0.1*i + 0.05"
    synapses = Synapses(group, group, """w : 1
                                         Igap_post = w*(v_pre - v_post) : 1 (summed)
                                         J_pre = gain*w*v_post : 1 (summed)""",
                        namespace={"gain": 0.75}, name="W")
    synapses.connect(condition="abs(i - j) < 3 and i != j")
    synapses.w = "0.02 + 0.01*i*j"
    synapses.summed_updaters["J_pre"].order = -3
    return Network(group, synapses, SpikeMonitor(group, name="M"))


@stock
def kuramoto_oscillators():
    group = NeuronGroup(8, "dtheta/dt = omega + K/N*coupling : 1\nomega : Hz\ncoupling : 1",
                        threshold="theta > 2*pi", reset="theta -= 2*pi", method="euler",
                        namespace={"K": 20 * Hz}, name="G")
    group.theta = "rand()*2*pi"
    group.omega = "(10 + 5*randn())*200*Hz"
    synapses = Synapses(group, group, "coupling_post = sin(theta_pre - theta_post) : 1 (summed)",
                        name="W")
    synapses.connect(condition="i != j")
    return Network(group, synapses, StateMonitor(group, "theta", True, name="S"))


@model
def summed_variables_to_slices():
    group = neurons(6)
    other = NeuronGroup(5, "dv/dt = (K - v)/(5*ms) : volt\nK : volt", method="exact", name="H")
    part = Synapses(group[1:4], other[1:4], "K_post = v_pre*mV : volt (summed)", name="X")
    part.connect(j="i")
    rest = Synapses(group, other[4:], "K_post = 2*v_pre*mV : volt (summed)", name="Y")
    rest.connect()
    return Network(group, other, part, rest)


@model
def slow_synapses():
    group, other = neurons(4), NeuronGroup(3, "dv/dt = (I - v)/(2*ms) : 1\nI : 1",
                                           method="euler", name="H")
    synapses = Synapses(group, other, """dg/dt = -g/(5*ms) + alpha*q*(1 - g) : 1 (clock-driven)
                                         dq/dt = -q/(1*ms) : 1 (clock-driven)
                                         alpha = 0.5/ms : Hz
                                         w : 1 (constant)
                                         I_post = w*g : 1 (summed)""",
                        on_pre="q += 1", method="rk2", order=3, name="W")
    synapses.connect(p=0.8)
    synapses.w = "0.1 + 0.1*rand()"
    return Network(group, other, synapses, StateMonitor(synapses, ["g", "alpha"], True,
                                                        name="S"))


@model
def multisynaptic_index():
    group = neurons(3)
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w*(k + 1)",
                        multisynaptic_index="k", name="W")
    synapses.connect(i=[0, 0, 1, 0], j=[1, 1, 2, 1])
    synapses.w = 0.01
    synapses.delay = "k*0.2*ms"
    return Network(group, synapses)


@model
def synapses_onto_synapses():
    group = neurons(3)
    first = Synapses(group, group, "dg/dt = -g/(3*ms) : 1 (clock-driven)\nw : 1\ntotal : 1",
                     on_pre="g += w; v_post += 0.01*g", method="exact", name="W")
    first.connect(j="i")
    first.w = 0.5
    other = Synapses(group, first, "total_post = 0.5*v_pre + w_post : 1 (summed)",
                     on_pre="w_post += 0.01", name="A")
    other.connect(i=[0, 1, 2, 2], j=[0, 1, 2, 0])
    return Network(group, first, other)


@model
def ways_to_connect():
    group = neurons(6)
    made = [group]
    for number, (condition, rule) in enumerate((
            (None, {"j": "k for k in range(i, N_post, 2) if k != 3"}),
            (None, {"i": "j - 1", "skip_if_invalid": True}),
            (None, {"j": "k for k in sample(N_post, size=2)"}),
            ("i > j", {"p": "0.2 + 0.1*i", "n": 2}), (False, {}),
            (None, {"i": 2, "j": [0, 1]}))):
        synapses = Synapses(group, group, "w : 1", on_pre="x_post += w", name=f"W{number}")
        synapses.connect(condition, **rule)
        if len(synapses):
            synapses.w = "1 + i"
        made.append(synapses)
    return Network(made)


@stock
def connectors_and_initialisers():
    group = NeuronGroup(9, "x : 1\ny : volt\nk : integer", threshold="i == int(t/ms*2) % 9",
                        reset="k += 1", name="G")
    group.y = np.arange(9) * mV
    group.x["i % 2 == 0"] = "1 + 0.1*i"
    group.x[[3, 5]] = [10, 20]
    group.k = "i % 3"
    synapses = Synapses(group, group, "w : 1", on_pre="x_post += w", on_post="w *= 1.01",
                        delay=0.2 * ms, name="W")
    synapses.connect(j="(i + k) % N_post for k in range(1, 4)")
    synapses.connect(i=[0, 1, 1], j=[8, 8, 7])
    synapses.w = "0.1*(i + 2*j)"
    other = Synapses(group, group, on_pre={"a": "y_post += 1*mV", "b": "y_post *= 0.99"},
                     name="X")
    other.connect("i > j", p=0.4, n=2)
    other.a.delay = "0.1*ms*j"
    return Network(group, synapses, other)


@model
def synapses_that_nothing_reaches():
    group = neurons(3)
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w", name="W")
    synapses.connect(condition="i > 10")
    empty = NeuronGroup(2, "", threshold="False", name="H")
    return Network(group, synapses, empty, SpikeMonitor(empty, name="M"))


# ---- input ------------------------------------------------------------------------------


@model
def spike_generators():
    unsorted_ = SpikeGeneratorGroup(4, [3, 0, 2, 1, 0], [0.55, 0.52, 1.2, 3, 3.4] * ms, name="K")
    period = SpikeGeneratorGroup(2, [0, 1], [0, 1.1] * ms, period=1.5 * ms, name="L")
    target = NeuronGroup(4, "x : 1", name="G")
    synapses = Synapses(unsorted_, target, on_pre="x_post += 1 + i", name="W")
    synapses.connect(j="i")
    again = Synapses(period, target, on_pre="x_post *= 1.5", delay=0.4 * ms, name="X")
    again.connect(i=[0, 1, 0], j=[0, 0, 3])
    return Network(unsorted_, period, target, synapses, again, SpikeMonitor(period, name="M"))


@stock
def spike_generator_of_an_export():
    source = SpikeGeneratorGroup(3, [2, 0, 1, 1], [0.3, 0.9, 1.7, 3.1] * ms, name="K")
    target = neurons(4)
    synapses = Synapses(source, target, on_pre="v_post += 0.3", name="W")
    synapses.connect()
    return Network(source, target, synapses, SpikeMonitor(source, name="M"),
                   SpikeMonitor(target, name="N"))


@stock
def poisson_groups():
    rates = TimedArray([[1, 2, 3], [3, 2, 1]] * Hz * 300, dt=2 * ms)
    fixed = PoissonGroup(5, np.arange(5) * 300 * Hz, name="P")
    text = PoissonGroup(3, "factor*rates_of(t, i) + 50*Hz", name="Q",
                        namespace={"factor": 3, "rates_of": rates})
    target = NeuronGroup(5, "x : 1", name="G")
    synapses = Synapses(fixed, target, on_pre="x_post += 1", name="W")
    synapses.connect(j="i")
    return Network(fixed, text, target, synapses, SpikeMonitor(text, name="M"))


@stock
def one_poisson_input():  # of several an export loses which is which
    group = NeuronGroup(4, "dv/dt = -v/(5*ms) : volt\nw : volt", method="exact", name="G")
    group.w = "0.1*mV*(i + 1)"
    return Network(group, PoissonInput(group, "v", 20, 400 * Hz, weight="2.5*w + 1*mV"))


@model
def poisson_inputs():
    group = NeuronGroup(4, "dv/dt = -v/(5*ms) : volt\nw : volt\nu : 1", method="exact",
                        namespace={"extra": 2.5}, name="G")
    group.w = "0.1*mV*(i + 1)"
    return Network(group, PoissonInput(group, "v", 10, 100 * Hz, weight=0.123456789012 * mV),
                   PoissonInput(group, "v", 20, 100 * Hz, weight="extra*w + 1*mV"),
                   PoissonInput(group, "u", 300, 900 * Hz, weight=0.1, order=2))


@model
def poisson_inputs_to_slices():
    group = NeuronGroup(4, "dv/dt = -v/(5*ms) : volt (unless refractory)\nu : 1",
                        threshold="u > 3", reset="u = 0", refractory=1 * ms, method="exact",
                        name="G")
    return Network(group, PoissonInput(group, "v", 10, 100 * Hz, weight=0.1 * mV),
                   PoissonInput(group[1:3], "u", 5, 2000 * Hz, weight=3, when="end"),
                   PoissonInput(group[:2], "u", 5, 900 * Hz, weight="0.5*i"))


@stock
def timed_arrays():
    a = TimedArray(np.linspace(0, 1, 7), dt=0.3 * ms)
    b = TimedArray(np.arange(12.0).reshape(4, 3) * mV, dt=1 * ms, name="two")
    group = NeuronGroup(3, "dx/dt = (a(t) - x)/(2*ms) + two(t, i)/mV/second : 1\n"
                        "y = also(t + 1*ms) : 1", method="euler", name="G",
                        namespace={"a": a, "also": a, "two": b})
    return Network(group, StateMonitor(group, ["x", "y"], True, name="S"))


@model
def one_name_for_two_functions():
    return Network([NeuronGroup(2, "dx/dt = (f(t) - x)/(2*ms) : 1", method="euler", name=name,
                                namespace={"f": TimedArray(np.arange(4.0) * k, dt=1 * ms)})
                    for k, name in ((1, "G"), (2, "H"))])


@model
def binomial_functions():
    names = {"few": BinomialFunction(10, 0.2), "many": BinomialFunction(1000, 0.25),
             "exactly": BinomialFunction(40, 0.25, approximate=False)}
    group = NeuronGroup(4, "x : 1\ny : 1\nz : 1", namespace=names, name="G")
    group.run_regularly("x += few(); y += many(); z += exactly()")
    return Network(group)


# ---- time and order ---------------------------------------------------------------------


@model
def several_clocks():
    slow = Clock(0.25 * ms, name="slow")
    group = neurons(4, clock=slow)
    fast = NeuronGroup(3, "dx/dt = -x/(2*ms) : 1", method="exact", dt=0.05 * ms, name="H")
    fast.x = 1
    synapses = Synapses(group, fast, "dz/dt = (x_post - z)/ms : 1 (clock-driven)",
                        on_pre="x_post += 0.1; z += t/second", dt=0.15 * ms, delay=0.3 * ms,
                        method="exact", name="W")
    synapses.connect()
    return Network(group, fast, synapses, StateMonitor(fast, "x", True, dt=0.2 * ms, name="S"),
                   SpikeMonitor(group, name="M"), PopulationRateMonitor(group, name="R"))


if EventClock is not None:
    @model
    def event_clocks():
        group = neurons()
        group.run_at("v += 0.05*i + t/second", times=[2.95, 1.05, 3.7, 100] * ms, name="late")
        group.run_at("x += 1", times=[0.3, 1.05, 2.4] * ms, when="end", order=3)
        group[1:3].run_at("x *= 2", times=[0.1, 0.3] * ms)
        synapses = Synapses(group, group, "w : 1", on_pre="v_post += w", name="W")
        synapses.connect(j="(i + 1) % N_post")
        synapses.run_at("w += 0.01", times=[2.55] * ms)
        never = NeuronGroup(2, "y : 1", name="N")
        never.run_at("y = 1", times=[] * ms)
        looks = EventClock(np.array([0.05, 0.3, 2.35, 2.55, 4.999]) * ms, name="looks")
        return Network(group, synapses, never, SpikeMonitor(group, name="M"),
                       StateMonitor(group, ["v", "x"], True, clock=looks, name="S"))


@model
def custom_schedule_and_orders():
    group = neurons(order=2)
    synapses = Synapses(group, group, on_pre="v_post += 0.1", name="W")
    synapses.connect(condition="i != j")
    synapses.pre.when = "before_start"
    group.state_updater.when = "after_resets"
    group.thresholder["spike"].order = 4
    group.resetter["spike"].when = "after_thresholds"
    net = Network(group, synapses, SpikeMonitor(group, name="M", when="end", order=-4),
                  StateMonitor(group, "v", True, when="after_groups", order=5, name="S"))
    net.schedule = ["start", "synapses", "groups", "thresholds", "resets", "end"]
    return net


@model
def inactive_objects():
    group, other = neurons(), neurons(3, "H")
    synapses = Synapses(group, group, on_pre={"a": "v_post += 0.1", "b": "v_post += 100"},
                        name="W")
    synapses.connect(condition="i != j")
    synapses.b.active = False
    other.active = False
    source = SpikeGeneratorGroup(2, [0], [1] * ms, name="K")
    source.active = False
    still = NeuronGroup(2, "dv/dt = (stimulus(t) - v)/tau : 1 (unless refractory)",
                        threshold="v > top", reset="half = v/2; v = half # nothing",
                        refractory="v < 0.1", method="exact", name="J",
                        namespace={"tau": 3 * ms, "top": 1, "stimulus": TimedArray(
                            [1.0, 2], dt=1 * ms)})
    still.active = False
    monitor = SpikeMonitor(group, name="N")
    monitor.active = False
    group.resetter["spike"].active = False
    return Network(group, other, synapses, source, still, SpikeMonitor(group, name="M"), monitor)


@model
def monitors_of_all_kinds():
    group = NeuronGroup(5, """dv/dt = (1.2 + 0.1*i - v)/(3*ms) : 1
                              twice = 0.3*v : 1
                              s : 1 (shared)
                              n : integer
                              b : boolean""", threshold="v > 1", reset="v = 0; n += 1",
                        method="exact", name="G")
    synapses = Synapses(group, group, "w : 1\nboth = w*unused : 1", on_pre="v_post += w",
                        namespace={"unused": 7}, name="W")
    synapses.connect(condition="i != j")
    synapses.w = "0.01*i"
    return Network(
        group, synapses, SpikeMonitor(group, ["twice", "v", "n"], name="M"),
        SpikeMonitor(group, record=False, name="C"),
        EventMonitor(group, "spike", "v", record=False, name="E"),
        StateMonitor(group, ["twice", "v", "s", "n", "b"], [4, 0, 4], name="S"),
        StateMonitor(group, "v", record=3, dt=0.5 * ms, when="end", order=-1, name="T"),
        StateMonitor(group, "s", record=True, name="U"),
        StateMonitor(group, "v", record=False, name="Z"),
        StateMonitor(synapses, ["both", "w"], record=True, name="V"),
        StateMonitor(synapses, "w", record=synapses[1:3, 2], name="X"),
        PopulationRateMonitor(group, name="R"))


@stock
def monitors_of_an_export():
    group = neurons()
    return Network(group, SpikeMonitor(group, ["v", "x"], name="M"),
                   SpikeMonitor(group, record=False, name="C"),
                   EventMonitor(group, "spike", "v", name="E"),
                   StateMonitor(group, ["v", "x"], [4, 0], name="S"),
                   StateMonitor(group, "v", record=True, dt=0.5 * ms, when="end", order=-1,
                                name="T"), PopulationRateMonitor(group, name="R"))


@model
def names_made_by_brian2():
    group = NeuronGroup(3, "dv/dt = (1.5 - v)/(3*ms) : 1\nr = rand() : 1 (constant over dt)",
                        threshold="v > 1", reset="v = 0", method="euler")
    synapses = Synapses(group[:2], group[1:], on_pre="v_post += 0.1")
    synapses.connect()
    group.run_regularly("v += 0.01*r", dt=0.5 * ms)
    return Network(group, synapses, SpikeMonitor(group), StateMonitor(group, "v", True),
                   PopulationRateMonitor(group), PoissonInput(group, "v", 5, 100 * Hz, 0.1))
