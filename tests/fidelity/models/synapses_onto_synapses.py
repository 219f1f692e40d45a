"""Synapses whose target, and whose source, are synapses."""
from brian2 import *

P = SpikeGeneratorGroup(3, [0, 1, 2, 0, 1], [0.5, 1, 1.5, 2, 2.5] * ms, name="P")
G = NeuronGroup(2, "dv/dt = -v / (3 * ms) : 1\ns : 1", method="exact", name="G")
S = Synapses(P, G, "w : 1\ngain : 1", on_pre="v_post += w * (1 + gain)", name="S")
S.connect()
S.w = "0.1 * (i + 1) + 0.05 * j"
M = Synapses(P, S, "k : 1", on_pre="w_post += k; gain_post = gain_post * 0.5 + 0.1", name="M")
M.connect(condition="i == j % 3")
M.k = "0.01 * (j + 1)"
U = Synapses(S, G, "s_post = w_pre : 1 (summed)", name="U")
U.connect(j="i % 2")
trace = StateMonitor(G, ["v", "s"], record=True, name="trace")
weights = StateMonitor(S, ["w", "gain"], record=True, name="weights")
run(4 * ms)
