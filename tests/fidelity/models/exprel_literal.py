"""exprel of a literal, called once: what the compiler makes of it at compile time."""
from brian2 import *

G = NeuronGroup(3, "x : 1\nf = x * exprel(0.12) : 1", name="G")
G.x = "1 + 0.3 * i"
trace = StateMonitor(G, "f", record=True, name="trace")
run(0.2 * ms)
