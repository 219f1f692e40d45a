"""Nothing is simulated, nothing is recorded, the state stays."""
from brian2 import *

G = NeuronGroup(2, "dv/dt = -v / (3 * ms) : 1", method="exact", name="G")
G.v = 1
trace = StateMonitor(G, "v", record=True, name="trace")
run(0 * ms)
