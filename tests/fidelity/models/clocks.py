"""Several clocks: groups, synapses between them, monitors and updates of their own."""
from brian2 import *

G = NeuronGroup(3, "dv/dt = (1.5 + 0.2 * i - v) / (3 * ms) : 1", threshold="v > 1", reset="v = 0",
                method="exact", dt=0.1 * ms, name="G")
H = NeuronGroup(3, "dv/dt = -v / (3 * ms) : 1", threshold="v > 0.25", reset="v = 0", method="exact",
                dt=0.25 * ms, name="H")
S = Synapses(G, H, "last : second", on_pre="v_post += 0.1; last = t", on_post="v_pre -= 0.05; last = t",
             dt=0.5 * ms, name="S")
S.connect()
S.delay = "(0.1 + 0.2 * i) * ms"
S.post.delay = 0.3 * ms
H.run_regularly("v += 0.01", dt=0.3 * ms)
fast = StateMonitor(G, "v", record=True, dt=0.2 * ms, name="fast")
slow = StateMonitor(H, "v", record=True, name="slow")
links = StateMonitor(S, "last", record=True, dt=0.7 * ms, name="links")
spikes = SpikeMonitor(G, name="spikes")
others = SpikeMonitor(H, name="others")
rate = PopulationRateMonitor(H, name="rate")
run(12 * ms)
