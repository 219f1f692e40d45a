"""set_spikes between runs; one spike before the run is skipped, those at its first step are not.

# Captured at run 2.
"""
from brian2 import *

G = SpikeGeneratorGroup(3, [0, 1], [0, 0.5] * ms, name="G")
H = NeuronGroup(3, "v : 1", name="H")
S = Synapses(G, H, on_pre="v_post += 1 + i", delay=0.7 * ms, name="S")
S.connect(j="i")
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(H, "v", record=True, name="trace")
run(1 * ms)
G.set_spikes([2, 0, 1, 2], [0.2, 1, 1.5, 1.55] * ms)
run(2 * ms)
