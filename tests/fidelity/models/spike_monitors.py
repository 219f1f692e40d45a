"""Spike monitors: counts alone, variables, slices, orders; rates of groups, slices, inputs."""
from brian2 import *

G = NeuronGroup(5, "dv/dt = (1.2 + 0.2 * i - v) / (2 * ms) : 1\nk : integer\nb : boolean", threshold="v > 1",
                reset="v = 0; k += 1; b = not b", method="exact", name="G")
P = SpikeGeneratorGroup(4, [0, 3, 2, 1], [0, 0, 1, 2] * ms, name="P")
S = Synapses(P, G, on_pre="v_post += 0.1", name="S")
S.connect()
counts = SpikeMonitor(G, record=False, name="counts")
more = SpikeMonitor(G, variables=["v", "k", "b"], name="more")
after = SpikeMonitor(G, variables="v", when="end", order=1, name="after")
part = SpikeMonitor(G[2:4], variables="k", name="part")
inputs = SpikeMonitor(P, name="inputs")
rate = PopulationRateMonitor(G, name="rate")
part_rate = PopulationRateMonitor(G[1:4], name="part_rate")
input_rate = PopulationRateMonitor(P, name="input_rate")
run(8 * ms)
