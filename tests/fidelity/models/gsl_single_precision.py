"""GSL over float32: the stepper's numbers are doubles, what is stored is not."""
from brian2 import *

G = NeuronGroup(3, """dv/dt = (a - v * abs(v) + 0.1 * k) / (3 * ms) : 1
                      a : 1
                      k : integer""", method="gsl", dtype=float32, name="G")
G.a, G.k, G.v = "1.3 + 0.1 * i", "i", 0.1
trace = StateMonitor(G, "v", record=True, name="trace")
run(6 * ms)
