"""Inactive: a group with what belongs to it, a pathway, a thresholder, a monitor, an update."""
from brian2 import *

G = NeuronGroup(3, "dv/dt = (1.5 - v) / (3 * ms) : 1\nx : 1", threshold="v > 1", reset="v = 0",
                method="exact", name="G")
H = NeuronGroup(3, "dv/dt = (1.5 - v) / (3 * ms) : 1", threshold="v > 1", reset="v = 0",
                method="exact", dt=0.05 * ms, name="H")
K = NeuronGroup(3, "dv/dt = (1.5 - v) / (3 * ms) : 1", threshold="v > 1", reset="v = 0",
                method="exact", name="K")
S = Synapses(G, G, on_pre={"a": "x_post += 1", "b": "x_post += 100"}, name="S")
S.connect()
H.active = False
K.thresholder["spike"].active = False
S.b.active = False
off = StateMonitor(G, "v", record=True, name="off")
off.active = False
regular = G.run_regularly("x += 1000")
regular.active = False
spikes = SpikeMonitor(G, name="spikes")
silent = SpikeMonitor(K, name="silent")
trace = StateMonitor(G, ["v", "x"], record=True, name="trace")
run(10 * ms)
