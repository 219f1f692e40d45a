"""exact: a coupled linear system with parameters of each neuron."""
from brian2 import *

G = NeuronGroup(4, """dx/dt = (a - x + 0.3 * y) / (10 * ms) : 1
                      dy/dt = (x - y) / tau : 1
                      a : 1 (constant)
                      tau : second (constant)""", method="exact", name="G")
G.a = "1 + 0.1 * i"
G.tau = "(5 + 3 * i) * ms"
trace = StateMonitor(G, ["x", "y"], record=True, name="trace")
run(20 * ms)
