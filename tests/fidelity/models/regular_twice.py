"""run_regularly each millisecond, in the second of two runs of 2 ms: at 2 and at 3 ms.

# Captured at run 2.
"""
from brian2 import *

G = NeuronGroup(2, "x : 1", name="G")
G.run_regularly("x += 1", dt=1 * ms)
trace = StateMonitor(G, "x", record=True, name="trace")
run(2 * ms)
run(2 * ms)
