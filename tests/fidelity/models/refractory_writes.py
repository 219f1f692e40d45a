"""Conditional writes: synapses, run_regularly and PoissonInput skip the refractory, draws too."""
from brian2 import *

G = NeuronGroup(6, "dv/dt = (1.4 + 0.1 * i - v) / (3 * ms) : 1 (unless refractory)\nx : 1",
                threshold="v > 1", reset="v = -0.1; x += 1", refractory=4 * ms, method="exact",
                name="G")
S = Synapses(G, G, on_pre="v_post += 0.2; x_post += 0.5", on_post="v_pre -= 0.01 * rand()", name="S")
S.connect(condition="abs(i - j) == 1")
S.delay = 0.5 * ms
G.run_regularly("v = v + 0.05 * rand()", dt=1 * ms)
P = PoissonInput(G, "v", 20, 50 * Hz, weight=0.02)
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(G, ["v", "x"], record=True, name="trace")
run(40 * ms)
