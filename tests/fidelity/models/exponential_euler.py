"""exponential_euler: gating variables, exprel, a conductance."""
from brian2 import *

G = NeuronGroup(3, """dv/dt = (0.1 * (-65 - v) + 36 * n ** 4 * (-77 - v) + 10 * i) / (1 * ms) : 1
                      dn/dt = (alpha * (1 - n) - beta * n) / ms : 1
                      alpha = 0.1 / exprel(-(v + 55) / 10.) : 1
                      beta = 0.125 * exp(-(v + 65) / 80.) : 1""",
                method="exponential_euler", name="G")
G.v = -65
G.n = 0.3
trace = StateMonitor(G, ["v", "n"], record=True, name="trace")
run(20 * ms)
