"""The second half of a step has no step of its own: 0.05 ms behind 0.05 ms.


# Captured at run 2.
"""
from brian2 import *

G = NeuronGroup(2, "v : 1", name="G")
G.run_regularly("v += 1")
trace = StateMonitor(G, "v", record=True, name="trace")
run(0.05 * ms)
run(0.05 * ms)
