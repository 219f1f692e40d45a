"""Delays longer than the intervals of the spikes: many in flight at once, of several lengths."""
from brian2 import *

G = NeuronGroup(3, "v : 1", threshold="(t_in_timesteps + i) % 3 == 0", name="G")
H = NeuronGroup(4, "v : 1\nlast : 1", name="H")
S = Synapses(G, H, on_pre="v_post = v_post * 0.75 + 1 + i; last_post = j + 10 * i", name="S")
S.connect()
S.delay = "(5 - 1.3 * i + 0.7 * j) * ms"
trace = StateMonitor(H, ["v", "last"], record=True, name="trace")
run(12 * ms)
