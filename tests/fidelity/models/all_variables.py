"""A state monitor of all variables of a group; links, shared ones and subexpressions among them."""
from brian2 import *

H = NeuronGroup(2, "y : 1", name="H")
H.y = [1, 2]
G = NeuronGroup(2, """dv/dt = (y - v) / (2 * ms) : 1
                      y : 1 (linked)
                      s : 1 (shared)
                      f = v * s : 1
                      b : boolean
                      n : integer (constant)""", threshold="v > 0.9", reset="v = 0; b = not b", refractory=1 * ms,
                method="exact", name="G")
G.y = linked_var(H, "y")
G.s, G.n = 3, "i + 5"
trace = StateMonitor(G, True, record=True, name="trace")
run(4 * ms)
