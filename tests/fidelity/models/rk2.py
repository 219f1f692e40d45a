"""rk2: t in the right-hand side, evaluated at the half step."""
from brian2 import *

G = NeuronGroup(3, """dx/dt = y / (3 * ms) : 1
                      dy/dt = (-sin(x) + 0.5 * cos(2 * pi * 100 * Hz * t)) / (3 * ms) : 1""",
                method="rk2", name="G")
G.x = "0.5 * i"
trace = StateMonitor(G, ["x", "y"], record=True, name="trace")
run(30 * ms)
