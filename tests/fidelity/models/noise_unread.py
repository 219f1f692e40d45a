"""Noise of a subexpression that no equation reads: a number is drawn for it in each step, too."""
from brian2 import *

G = NeuronGroup(3, """dx/dt = -x / (5 * ms) + xi_b / ms ** 0.5 : 1
                      other = 2 * xi_a : hertz ** 0.5""", method="euler", name="G")
H = NeuronGroup(2, """dy/dt = -y / (5 * ms) : 1
                      alone = xi_d : hertz ** 0.5""", name="H")
H.y = 1
S = Synapses(G, G, """dw/dt = -w / (5 * ms) + xi / ms ** 0.5 : 1 (clock-driven)
                      unread = xi_c : hertz ** 0.5""", method="euler", name="S")
S.connect(j="i")
x = StateMonitor(G, "x", record=True, name="trace_x")
y = StateMonitor(H, "y", record=True, name="trace_y")
w = StateMonitor(S, "w", record=True, name="trace_w")
seed(5)
run(5 * ms)
