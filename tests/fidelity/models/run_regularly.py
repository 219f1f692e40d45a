"""run_regularly: slots, orders, steps, slices, synapses, shared before others, temporaries."""
from brian2 import *

G = NeuronGroup(4, "x : 1\ny : 1\ns : 1 (shared)\nm : integer (shared)", name="G")
G.run_regularly("""s = s * 0.5 + 1  # shared first
                   m += 1
                   half = x / 2; y = half + s * i
                   x += y * 0.1 + m""", name="first")
G.run_regularly("x -= 0.25; y *= 2", dt=0.3 * ms, when="end", name="slow")
G.run_regularly("y /= 3", when="before_start", order=-2, name="early")
part = G[1:3]
part.run_regularly("x = x + 10 * i", dt=0.5 * ms, name="part_regular")
S = Synapses(G, G, "w : 1", name="S")
S.connect(condition="i < j")
S.run_regularly("w += 0.1 * x_pre - 0.2 * x_post + i", dt=0.2 * ms)
trace = StateMonitor(G, ["x", "y", "s", "m"], record=True, name="trace")
each = StateMonitor(S, "w", record=True, name="each")
run(3 * ms)
