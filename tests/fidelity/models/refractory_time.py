"""Refractory for a time: a quantity, zero, a time of each neuron, one drawn each step."""
from brian2 import *

equations = "dv/dt = (1.5 - v) / (3 * ms) : 1 (unless refractory)\ndx/dt = 1 / (5 * ms) : 1\ntref : second"
A = NeuronGroup(3, equations, threshold="v > 1", reset="v = 0", refractory=2 * ms,
                method="euler", name="A")
B = NeuronGroup(3, equations, threshold="v > 1", reset="v = 0", refractory=0 * ms,
                method="euler", name="B")
C = NeuronGroup(3, equations, threshold="v > 1", reset="v = 0", refractory="tref + x * ms",
                method="euler", name="C")
D = NeuronGroup(3, equations, threshold="v > 1", reset="v = 0",
                refractory="2 * ms + rand() * 3 * ms", method="euler", name="D")
monitors = []
for group in (A, B, C, D):
    group.v = "0.2 * i"
    group.tref = "i * ms"
    monitors.append(SpikeMonitor(group, name="spikes" + group.name))
    monitors.append(StateMonitor(group, ["v", "not_refractory"], True, name="trace" + group.name))
net = Network(collect(), monitors)
net.run(40 * ms)
