"""Short-term plasticity: two event-driven variables, used before and after they are changed."""
from brian2 import *

P = PoissonGroup(3, 150 * Hz, name="P")
G = NeuronGroup(1, "dv/dt = -v / (10 * ms) : 1", threshold="v > 0.5", reset="v = 0", method="exact", name="G")
S = Synapses(P, G, """dx/dt = (1 - x) / (50 * ms) : 1 (event-driven)
                      du/dt = (0.2 - u) / (100 * ms) : 1 (event-driven)
                      w : 1""",
             on_pre="u += 0.2 * (1 - u); r = u * x; x -= r; v_post += w * r", name="S")
S.connect()
S.x, S.u, S.w = 1, 0.2, 0.8
trace = StateMonitor(G, "v", record=True, name="trace")
each = StateMonitor(S, ["x", "u"], record=True, name="each")
spikes = SpikeMonitor(G, name="spikes")
seed(4)
run(60 * ms)
