"""Izhikevich's neuron, quadratic, with fast synapses of zero delay among four."""
from brian2 import *

G = NeuronGroup(4, """dv/dt = (0.04 * v ** 2 + 5 * v + 140 - u + I) / ms : 1
                      du/dt = a * (b * v - u) / ms : 1
                      I : 1
                      a : 1
                      b : 1""", threshold="v >= 30", reset="v = -65; u += 8", method="euler", name="G")
G.v, G.u, G.I = -65, -13, "8 + 2 * i"
G.a, G.b = "0.02 + 0.02 * i", 0.2
S = Synapses(G, G, "w : 1", on_pre="v += w", name="S")
S.connect(condition="i != j")
S.w = "2 - i + 0.25 * j"
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(G, ["v", "u"], record=True, dt=1 * ms, name="trace")
run(80 * ms)
