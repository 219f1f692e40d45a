"""Small networks that the tests share."""

from __future__ import annotations

import numpy as np
from brian2 import (Network, NeuronGroup, PopulationRateMonitor, SpikeMonitor, StateMonitor,
                    Synapses, TimedArray, ms, mV)
from brian2.core.variables import ArrayVariable

EQUATIONS = """
dv/dt  = (ge+gi-(v-El))/taum : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt
"""
NAMESPACE = {"taum": 20 * ms, "taue": 5 * ms, "taui": 10 * ms, "Vt": -50 * mV, "Vr": -60 * mV,
             "El": -49 * mV, "we": 16.2 * mV, "wi": -9 * mV}


def cuba(n=40, delays=False, seed=1):
    """CUBA in small; all names in the group's namespace, synapses and delays from numpy."""
    rng = np.random.RandomState(seed)
    group = NeuronGroup(n, EQUATIONS, threshold="v>Vt", reset="v = Vr", refractory=5 * ms,
                        method="exact", namespace=NAMESPACE, name="P")
    group.v = (-60 + 10 * rng.rand(n)) * mV
    exc = Synapses(group, group, on_pre="ge += we", namespace=NAMESPACE, name="Ce")
    inh = Synapses(group, group, on_pre="gi += wi", namespace=NAMESPACE, name="Ci")
    for synapses, first, last in ((exc, 0, 4 * n // 5), (inh, 4 * n // 5, n)):
        pre, post = np.nonzero(rng.rand(last - first, n) < 0.2)
        synapses.connect(i=pre + first, j=post)
        if delays:
            synapses.delay = (0.1 + 1.5 * rng.rand(len(pre))) * ms
    return Network(group, exc, inh, SpikeMonitor(group, name="M"),
                   StateMonitor(group, ["v", "ge"], record=[3, 1], name="S"),
                   PopulationRateMonitor(group, name="R"), name="net")


def rich():
    """Slices, STDP, summed variables, run_regularly, events, links to time, shared values."""
    stimulus = TimedArray(np.arange(5.0), dt=1 * ms, name="stimulus")
    tau = 10 * ms  # noqa: F841  (used by name in the equations)
    group = NeuronGroup(6, """
        dx/dt = (stimulus(t) + drive + syn - x)/tau : 1
        drive = 0.5*gain : 1
        syn : 1
        gain : 1 (shared)
        k : integer (constant)
        """, threshold="x > 1", reset="x = 0", events={"low": "x < -1"}, method="euler",
        namespace={"stimulus": stimulus, "tau": tau}, name="G")
    group.run_on_event("low", "x = 0.5")
    group.gain = 3
    group.run_regularly("x += 0.01*i", dt=0.2 * ms, name="G_regular")
    synapses = Synapses(group[:3], group[2:], """
        w : 1
        dApre/dt = -Apre/tau : 1 (event-driven)
        syn_post = w : 1 (summed)
        """, on_pre={"pre": "x_post += 0.1*w; Apre += 1", "late": "w += 0.01"},
        on_post="w -= 0.001*Apre", delay={"late": 0.3 * ms}, namespace={"tau": tau}, name="W")
    synapses.connect(i=[0, 1, 2], j=[1, 2, 3])
    synapses.w = 0.25
    monitor = SpikeMonitor(group[1:4], variables="x", name="M")
    trace = StateMonitor(group[1:4], ["drive", "x"], record=True, name="S")
    return Network(group, synapses, monitor, trace, name="rich"), stimulus


def contents(net):
    """Every stored array of a network's objects and clocks, by owner and name."""
    found = {}
    owners = list(net.sorted_objects) + [obj.clock for obj in net.sorted_objects]
    for obj in owners:
        for name, var in getattr(obj, "variables", {}).items():
            if isinstance(var, ArrayVariable):
                found[obj.name, name] = np.array(var.get_value())
    return found


def same(a, b):
    """Whether two results of `contents` agree in every bit."""
    return a.keys() == b.keys() and all(
        a[key].dtype == b[key].dtype and a[key].tobytes() == b[key].tobytes() for key in a)
