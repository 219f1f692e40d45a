"""rand and randn in synapses: on_pre, summed through constant over dt, delays at random."""
from brian2 import *

G = NeuronGroup(6, "dv/dt = (1.3 + 0.1 * i - v) / (4 * ms) : 1\nq : 1", threshold="v > 1",
                reset="v = 0", method="exact", name="G")
S = Synapses(G, G, "w : 1\nlast : 1", on_pre="last = rand(); v_post += w * int(last < 0.6); q_post += randn()",
             name="S")
S.connect(condition="i != j")
S.w = "0.02 + 0.01 * rand()"
S.delay = "rand() * 2 * ms"
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(G, ["v", "q"], record=True, name="trace")
run(40 * ms)
