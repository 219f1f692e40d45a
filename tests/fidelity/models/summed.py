"""Summed variables: post, pre, to a subgroup (after integration by name), several of one target."""
from brian2 import *

G = NeuronGroup(6, "dv/dt = (1 + 0.2 * i + a - v) / (5 * ms) : 1\na : 1\nb : 1", method="euler", name="G")
G.v = "0.1 * i"
S = Synapses(G, G, "w : 1\na_post = w * (v_pre - v_post) : 1 (summed)\nb_pre = w * v_post ** 2 : 1 (summed)",
             name="S")
S.connect(condition="i != j")
S.w = "0.05 * (i + 1) - 0.02 * j"
H = NeuronGroup(6, "dx/dt = (c - x) / (3 * ms) : 1\nc : 1", method="euler", name="neurons")
low = Synapses(G, H[:2], "c_post = v_pre * 0.1 : 1 (summed)", name="synapses_low")
low.connect()
high = Synapses(G, H[3:], "c_post = v_pre * 0.2 : 1 (summed)", name="earlier")
high.connect(j="i // 2")
trace = StateMonitor(G, ["v", "a", "b"], record=True, name="trace")
other = StateMonitor(H, ["x", "c"], record=True, name="other")
run(10 * ms)
