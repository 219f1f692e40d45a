"""The second of two runs: slow clocks, events of the last step, monitors go on, values changed.

# Captured at run 2.
"""
from brian2 import *

G = NeuronGroup(3, "v : 1\nx : 1\nm : integer", threshold="v >= 1", reset="v = 0", name="G")
G.run_regularly("v += 0.25 * (i + 1)", name="G_drive")
G.run_regularly("x += 1", dt=1 * ms, name="G_slow")
S = Synapses(G, G, "w : 1", on_pre="x_post += w", name="S")
S.connect(j="(i + 1) % 3")
S.w = 0.5
late = Synapses(G, G, on_pre="m_post += 1", name="late")
late.connect()
late.pre.when = "before_start"
spikes = SpikeMonitor(G, variables="x", name="spikes")
trace = StateMonitor(G, ["v", "x", "m"], record=True, name="trace")
rate = PopulationRateMonitor(G, name="rate")
run(2.3 * ms)
S.w = "w * 0.5"
S.delay = 0.35 * ms
G.x[1] = 8
run(2 * ms)
