"""independent: each equation solved for itself; assigned in order of names."""
from brian2 import *

G = NeuronGroup(3, """dx/dt = (a - x) / (7 * ms) : 1
                      dy/dt = -y ** 2 / (9 * ms) : 1
                      a : 1""", method="independent", name="G")
G.a, G.y = "1 + i", "1 + 0.5 * i"
trace = StateMonitor(G, ["x", "y"], record=True, name="trace")
run(10 * ms)
