"""Subgroups as source, target, of monitors, of inputs, of updates; slices of slices."""
from brian2 import *

G = NeuronGroup(10, "dv/dt = (1.1 + 0.05 * i - v) / (5 * ms) : 1\nx : 1", threshold="v > 1",
                reset="v = 0", method="exact", name="G")
H = NeuronGroup(8, "dv/dt = -v / (5 * ms) : 1\ny : 1", threshold="v > 0.2", reset="v = 0",
                method="exact", name="H")
S = Synapses(G[2:7], H[3:6], "w : 1", on_pre="v_post += w * (i + 1)", on_post="v_pre -= 0.01 * j; y_post += i",
             name="S")
S.connect(condition="(i + j) % 2 == 0")
S.w = "0.02 * (i + 1) + 0.01 * j"
part = G[3:9]
part.x = "i * 0.5"
part.run_regularly("x += 0.125 * (i + 1)", dt=0.5 * ms, name="part_regular")
P = PoissonInput(H[1:4], "v", 5, 200 * Hz, weight=0.05)
spikes = SpikeMonitor(G[2:8][1:4], name="spikes")
others = SpikeMonitor(H[2:], variables="y", name="others")
rate = PopulationRateMonitor(G[5:9], name="rate")
trace = StateMonitor(G[4:], ["v", "x"], record=[5, 0, 2], name="trace")
run(40 * ms)
