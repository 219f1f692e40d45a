"""Thresholds: a moving one, a boolean variable, functions and and/or/not, one that draws."""
from brian2 import *

A = NeuronGroup(4, "dv/dt = (1.5 - v) / (3 * ms) : 1\ndth/dt = (0.5 - th) / (5 * ms) : 1", threshold="v > th",
                reset="v = 0; th += 0.2", method="exact", name="A")
B = NeuronGroup(4, "b : boolean\nn : integer", threshold="b", reset="b = False; n += 1", name="B")
B.run_regularly("b = (t_in_timesteps + i) % 4 == 0")
C = NeuronGroup(4, "dx/dt = 1 / (2 * ms) : 1", threshold="not (sin(x) < 0.5 or abs(x - 3) > 2) and exp(-x) > 0.1",
                reset="x = x * 0.25 + 0.1 * i", method="euler", name="C")
D = NeuronGroup(4, "n : integer", threshold="n < 3 and rand() < 0.2", reset="n += poisson(0.7)", name="D")
monitors = [SpikeMonitor(group, name="spikes" + group.name) for group in (A, B, C, D)]
seed(13)
net = Network(collect(), monitors)
net.run(12 * ms)
