"""euler: a nonlinear system, subexpressions in between."""
from brian2 import *

G = NeuronGroup(4, """dv/dt = (v - cube - w + I) / (1 * ms) : 1
                      dw/dt = (v + 0.7 - 0.8 * w) / (12.5 * ms) : 1
                      cube = v ** 3 / 3 : 1
                      I : 1""", method="euler", name="G")
G.I = "0.2 * i"
trace = StateMonitor(G, ["v", "w", "cube"], record=True, name="trace")
run(30 * ms)
