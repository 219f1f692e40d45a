"""Equal slots and orders: names decide, by code point; pathways of a dict by name, not by place."""
from brian2 import *

G = NeuronGroup(2, "dv/dt = (1.4 - v) / (3 * ms) : 1\nx : 1\ny : 1", threshold="v > 1", reset="v = 0",
                method="exact", name="G")
synapses = []
for name, code in [("s_2", "x_post = x_post * 2 + 1"), ("s_10", "x_post = x_post * 3 + 2"),
                   ("s", "x_post = x_post / 4 + 5"), ("S", "x_post = x_post / 8 + 7")]:
    made = Synapses(G, G, on_pre=code, name=name)
    made.connect(j="i")
    synapses.append(made)
both = Synapses(G, G, on_pre={"b": "y_post = y_post * 2 + 1", "a": "y_post = y_post * 0.75 + 3",
                              "C": "y_post -= 1"}, on_post={"z": "y_post *= 0.5", "d": "y_post += 0.1"},
                name="both")
both.connect(j="i")
both.a.order = 0
early = Synapses(G, G, on_pre="y_post += 0.7", name="early")
early.connect(j="i")
early.pre.when = "before_synapses"
trace = StateMonitor(G, ["x", "y"], record=True, name="trace")
net = Network(collect(), synapses)
net.run(12 * ms)
