"""Refractory while a condition holds; only spiking blocked; no equation at all; flag read."""
from brian2 import *

A = NeuronGroup(3, "dv/dt = (1.5 + 0.2 * i - v) / (3 * ms) : 1 (unless refractory)\ndh/dt = -h / (2 * ms) : 1",
                threshold="v > 1", reset="v = 0.9; h = 1", refractory="h > 0.3", method="exact",
                name="A")
B = NeuronGroup(3, "dv/dt = (1.5 + 0.2 * i - v) / (3 * ms) : 1", threshold="v > 1",
                refractory=2.5 * ms, method="exact", name="B")
C = NeuronGroup(3, "n : integer", threshold="i > 0", reset="n += 1", refractory=1 * ms, name="C")
D = NeuronGroup(3, "dv/dt = (2 - v) / (3 * ms) * int(not_refractory) - 0.1 * int(not not_refractory) / ms : 1",
                threshold="v > 1", refractory="v > 0.5", method="euler", name="D")
E = NeuronGroup(3, "dv/dt = (1.5 - v) / (3 * ms) : 1", threshold="v > 1", reset="v = 0",
                refractory="(t - lastspike) < (1 + i) * ms", method="euler", name="E")
monitors = [SpikeMonitor(group, name="spikes" + group.name) for group in (A, B, C, D, E)]
traces = [StateMonitor(group, ["v", "not_refractory"], True, name="trace" + group.name)
          for group in (A, B, D, E)]
net = Network(collect(), monitors, traces)
net.run(20 * ms)
