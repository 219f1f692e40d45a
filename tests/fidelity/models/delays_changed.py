"""Delays changed between runs while spikes are in flight: those keep their time.

# Captured at run 2.
"""
from brian2 import *

G = SpikeGeneratorGroup(3, [0, 1, 2, 0, 1, 2], [0, 0.5, 0.9, 1.5, 1.5, 2] * ms, name="G")
H = NeuronGroup(3, "v : 1", name="H")
S = Synapses(G, H, on_pre="v_post = v_post * 0.5 + i + 1", name="S")
S.connect()
S.delay = "(0.2 + 0.4 * i + 0.3 * j) * ms"
T = Synapses(G, H, on_pre="v_post += 0.0625", delay=1.5 * ms, name="T")
T.connect(j="i")
trace = StateMonitor(H, "v", record=True, name="trace")
run(1 * ms)
S.delay = "(0.1 + 0.2 * j) * ms"
T.delay = 0.3 * ms
run(3 * ms)
