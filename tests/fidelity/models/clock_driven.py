"""Clock-driven synapses: exact, euler and rk4, coupled to a summed variable; constant over dt."""
from brian2 import *

G = SpikeGeneratorGroup(3, [0, 1, 2, 0, 1], [1, 2, 2, 7, 9.3] * ms, name="G")
H = NeuronGroup(2, "dv/dt = (I - v) / (4 * ms) : 1\nI : 1\nJ : 1", method="euler", name="H")
S = Synapses(G, H, """w : 1
                      dg/dt = -g / (5 * ms) : 1 (clock-driven)
                      ds/dt = (g * (1 - s) - s) / (3 * ms) : 1 (clock-driven)
                      f = 2 * s + v_post : 1 (constant over dt)
                      I_post = w * s * (1 - v_post) : 1 (summed)""", on_pre="g += w", method="rk4", name="S")
S.connect()
S.w = "0.5 * (i + 1)"
T = Synapses(G, H, "dh/dt = -h / (2 * ms) : 1\nJ_post = h : 1 (summed)", on_pre="h += 1", name="T")
T.connect(j="i % 2")
trace = StateMonitor(S, ["g", "s", "f"], record=[0, 3, 5], name="trace")
cells = StateMonitor(H, ["v", "I", "J"], record=True, name="cells")
run(20 * ms)
