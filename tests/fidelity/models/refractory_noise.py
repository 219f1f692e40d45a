"""Refractoriness with noise: the number is drawn for the refractory, too, and not used."""
from brian2 import *

G = NeuronGroup(5, """dv/dt = (0.9 - v) / (4 * ms) + 0.5 * xi / (4 * ms) ** 0.5 : 1 (unless refractory)
                      dw/dt = (v - w) / (8 * ms) + 0.1 * w * xi_2 / (8 * ms) ** 0.5 : 1""", threshold="v > 1",
                reset="v = 0", refractory="2 * ms + i * 0.3 * ms", method="heun", name="G")
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(G, ["v", "w"], record=True, name="trace")
seed(17)
run(25 * ms)
