"""A schedule of its own: resets before synapses, monitors at both ends, orders within a slot."""
from brian2 import *

G = NeuronGroup(3, "dv/dt = (1.4 + 0.1 * i - v) / (3 * ms) : 1\nx : 1", threshold="v > 1", reset="v = 0; x *= 2",
                method="exact", name="G")
S = Synapses(G, G, on_pre="v_post += 0.1; x_post += 1", name="S")
S.connect(condition="i != j")
G.run_regularly("x = x * 2 + 1", when="before_resets", order=1, name="b_first")
G.run_regularly("x = x * 3 + 1", when="before_resets", order=0, name="a_second")
G.run_regularly("x = x * 0.03125", when="after_synapses", name="shrink")
start = StateMonitor(G, ["v", "x"], record=True, name="start")
end = StateMonitor(G, ["v", "x"], record=True, when="end", name="end")
middle = StateMonitor(G, ["v", "x"], record=True, when="after_resets", order=-1, name="middle")
spikes = SpikeMonitor(G, variables="x", name="spikes", when="end", order=3)
net = Network(collect())
net.schedule = ["start", "thresholds", "resets", "groups", "synapses", "end"]
net.run(12 * ms)
