"""dtype=float32 of groups and synapses: Brian2's own lastspike and lastupdate are float32, too."""
from brian2 import *

G = NeuronGroup(4, """dv/dt = (a - v) / (10 * ms) : 1 (unless refractory)
                      a : 1""", threshold="v > 1", reset="v = 0", refractory=2.3 * ms,
                dtype=float32, method="euler", name="G")
G.a = "1.2 + 0.3 * i"
S = Synapses(G, G, """dx/dt = -x / (5 * ms) : 1 (event-driven)
                      w : 1""", on_pre="x += 1; v_post += w * x", dtype=float32, name="S")
S.connect(condition="i != j")
S.w = "0.01 * (i + 1)"
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(G, "v", record=True, name="trace")
run(30 * ms)
