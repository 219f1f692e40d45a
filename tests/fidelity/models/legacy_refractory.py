"""The legacy rule of refractoriness: a difference of times, not of steps."""
from brian2 import *

prefs.legacy.refractory_timing = True
G = NeuronGroup(3, "dv/dt = (1.5 + 0.1 * i - v) / (3 * ms) : 1 (unless refractory)", threshold="v > 1",
                reset="v = 0", refractory=0.7 * ms, method="exact", name="G")
trace = StateMonitor(G, ["v", "not_refractory"], record=True, name="trace")
spikes = SpikeMonitor(G, name="spikes")
run(20 * ms)
