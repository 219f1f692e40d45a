"""Spikes in flight when the run begins: heterogeneous delays, one delay, one longer than a run.

# Captured at run 2.
"""
from brian2 import *

G = SpikeGeneratorGroup(4, [0, 1, 2, 3, 0, 2, 3], [0, 0.5, 0.9, 1.9, 2, 2.5, 3.1] * ms, name="G")
H = NeuronGroup(4, "v : 1\nn : integer", threshold="v > 3", reset="v = 0", name="H")
S = Synapses(G, H, "w : 1", on_pre="v_post += w; n_post += 1", name="S")
S.connect()
S.w = "0.5 + 0.25 * i + 0.125 * j"
S.delay = "(i * 0.4 + j * 0.7) * ms"
T = Synapses(G, H, on_pre="v_post += 0.0625", on_post="v_post += 0.5", delay=1.2 * ms, name="T")
T.connect(condition="(i + j) % 2 == 0")
U = Synapses(G, H, on_pre="n_post += 100", delay=9 * ms, name="U")
U.connect(j="i")
spikes = SpikeMonitor(H, name="spikes")
inputs = SpikeMonitor(G, name="inputs")
trace = StateMonitor(H, ["v", "n"], record=True, name="trace")
run(2 * ms)
run(9 * ms)
