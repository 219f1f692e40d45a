"""pre and post of one group: two names for one array, the stores in order of names."""
from brian2 import *

G = NeuronGroup(4, "dv/dt = (1.2 + 0.1 * i - v) / (3 * ms) : 1\nx : 1\ny : 1", threshold="v > 1", reset="v = 0",
                method="exact", name="G")
S = Synapses(G, G, on_pre="x_post += 1; x_pre += 10; x_post = x_post * 1.5; y = y_post + x_pre", name="S")
S.connect()
T = Synapses(G, G, on_pre="y_pre = y_post + 1; y_post = y_pre * 0.5", on_post="x_pre = x_post - 1", name="T")
T.connect(condition="i <= j")
trace = StateMonitor(G, ["x", "y"], record=True, name="trace")
run(15 * ms)
