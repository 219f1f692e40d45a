"""Another step of time in the second run; t goes on where it was.

# Captured at run 2.
"""
from brian2 import *

G = NeuronGroup(2, "v : 1\nlast : second", threshold="v > 5", reset="v = 0; last = t", name="G")
G.run_regularly("v += dt / ms * 4 * (i + 1)")
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(G, ["v", "last"], record=True, name="trace")
run(2 * ms)
defaultclock.dt = 0.25 * ms
run(3 * ms)
