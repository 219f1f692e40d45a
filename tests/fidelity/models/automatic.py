"""The automatic choice: exact for linear, euler otherwise, heun for multiplicative noise."""
from brian2 import *

tau = 8 * ms
A = NeuronGroup(2, "dx/dt = (i + 1 - x) / tau : 1", name="A")
B = NeuronGroup(2, "dx/dt = (i + 1 - x ** 2) / tau : 1", name="B")
C = NeuronGroup(2, "dx/dt = (i + 1 - x) / tau + 0.1 * x * xi / tau ** 0.5 : 1", name="C")
D = NeuronGroup(2, "dx/dt = 1 / tau : 1", name="D")
for k, group in enumerate([A, B, C, D]):
    group.x = 0.25
traces = [StateMonitor(group, "x", record=True, name="trace" + group.name)
          for group in (A, B, C, D)]
net = Network(collect(), traces)
net.run(15 * ms)
