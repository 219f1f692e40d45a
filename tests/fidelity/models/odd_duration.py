"""1.05 ms are 11 steps of 0.1 ms and 4 of 0.3 ms."""
from brian2 import *

G = NeuronGroup(2, "dv/dt = -v / (3 * ms) : 1", method="exact", name="G")
H = NeuronGroup(2, "dv/dt = -v / (3 * ms) : 1", method="exact", dt=0.3 * ms, name="H")
G.v, H.v = 1, 2
trace = StateMonitor(G, "v", record=True, name="trace")
other = StateMonitor(H, "v", record=True, name="other")
run(1.05 * ms)
