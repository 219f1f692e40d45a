"""Synapses with a state of their own: additive and multiplicative noise, exponential_euler."""
from brian2 import *

G = NeuronGroup(2, "v : 1", name="G")
A = Synapses(G, G, "dw/dt = -w / (5 * ms) + 0.1 * xi / ms ** 0.5 : 1 (clock-driven)", method="euler", name="A")
B = Synapses(G, G, "dw/dt = -w / (5 * ms) + 0.1 * w * xi / ms ** 0.5 : 1 (clock-driven)", method="milstein", name="B")
C = Synapses(G, G, "dw/dt = (v_pre - w * (1 + w2)) / (5 * ms) : 1 (clock-driven)\nw2 : 1", method="exponential_euler",
             name="C")
for synapses in (A, B, C):
    synapses.connect()
    synapses.w = "1 + i + 0.5 * j"
C.w2 = "0.5 * i"
traces = [StateMonitor(synapses, "w", True, name="trace" + synapses.name) for synapses in (A, B, C)]
seed(11)
net = Network(collect(), traces)
net.run(5 * ms)
