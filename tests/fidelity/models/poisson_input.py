"""PoissonInput: by inversion, normal, p above a half, weights as text and as quantity."""
from brian2 import *

G = NeuronGroup(4, "dv/dt = -v / (5 * ms) : volt\nw : volt\nx : 1\ny : 1", method="exact", name="G")
G.w = "(i + 1) * 0.1 * mV"
one = PoissonInput(G, "v", 100, 10 * Hz, weight="w * (1 + 0.1 * i)")
two = PoissonInput(G, "v", 1000, 80 * Hz, weight=0.123456789123 * mV)
three = PoissonInput(G, "x", 7, 4000 * Hz, weight=0.25)
four = PoissonInput(G, "y", 3, 9500 * Hz, weight=1, when="before_groups", order=2)
trace = StateMonitor(G, ["v", "x", "y"], record=True, name="trace")
seed(3)
run(15 * ms)
