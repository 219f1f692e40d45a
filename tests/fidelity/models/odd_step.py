"""A step of time that no decimal fits: refractoriness, delays, generators, updates on its grid."""
from brian2 import *

defaultclock.dt = 0.03 * ms
P = SpikeGeneratorGroup(2, [0, 1, 0], [0.1, 0.31, 0.9] * ms, name="P")
G = NeuronGroup(3, "dv/dt = (1.5 + 0.1 * i - v) / (1 * ms) : 1 (unless refractory)\nx : 1", threshold="v > 1",
                reset="v = 0", refractory=0.1 * ms, method="exact", name="G")
S = Synapses(P, G, on_pre="x_post += 1 + i", delay=0.1 * ms, name="S")
S.connect()
G.run_regularly("x *= 2", dt=0.12 * ms)
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(G, ["v", "x"], record=True, name="trace")
run(3.1 * ms)
