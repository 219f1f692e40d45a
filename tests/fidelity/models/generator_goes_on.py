"""A generator and one with a period in the second run: each goes on where it was.

# Captured at run 2.
"""
from brian2 import *

G = SpikeGeneratorGroup(3, [0, 1, 2, 0], [0, 0.5, 1.2, 1.7] * ms, name="G")
P = SpikeGeneratorGroup(2, [0, 1], [0.1, 0.6] * ms, period=0.8 * ms, name="P")
spikes = SpikeMonitor(G, name="spikes")
periodic = SpikeMonitor(P, name="periodic")
run(1 * ms)
run(2 * ms)
