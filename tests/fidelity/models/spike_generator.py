"""SpikeGeneratorGroup: several a step, not ascending within a step, borders of bins, period."""
from brian2 import *

G = SpikeGeneratorGroup(6, [3, 0, 5, 1, 0, 2, 4], [1.02, 1.05, 1, 1.09, 3, 3.0999999, 4.95] * ms, name="G")
P = SpikeGeneratorGroup(3, [0, 1, 2, 0], [0, 0.5, 0.5, 1.9] * ms, period=2 * ms, name="P")
H = NeuronGroup(6, "v : 1\nlast : 1", name="H")
S = Synapses(G, H, on_pre="v_post = v_post * 2 + i + 1; last_post = v_post", name="S")
S.connect()
T = Synapses(P, H, on_pre="v_post += 0.125", delay=0.4 * ms, name="T")
T.connect(condition="i != j")
spikes = SpikeMonitor(G, name="spikes")
periodic = SpikeMonitor(P, name="periodic")
trace = StateMonitor(H, ["v", "last"], record=True, name="trace")
run(8 * ms)
