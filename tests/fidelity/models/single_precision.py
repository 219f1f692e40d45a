"""float32 by default: integration, functions, synapses, monitors."""
from brian2 import *

prefs.core.default_float_dtype = float32
G = NeuronGroup(5, """dv/dt = (1.2 + 0.1 * i - v + exp(-v) * 0.1) / (4 * ms) : 1 (unless refractory)
                      dg/dt = -g / (3 * ms) : 1
                      k : integer
                      f = sin(v) + v ** 2 + k / 3 + abs(v - 0.5) : 1""", threshold="v > 1",
                reset="v = 0; k += 1", refractory=1 * ms, method="euler", name="G")
S = Synapses(G, G, "w : 1\ndx/dt = -x / (5 * ms) : 1 (event-driven)", on_pre="x += 0.1; g_post += w * x / 3",
             name="S")
S.connect(condition="i != j")
S.w = "0.01 * (i + 1) + 0.003 * j"
S.delay = "0.15 * i * ms"
spikes = SpikeMonitor(G, variables="g", name="spikes")
trace = StateMonitor(G, ["v", "g", "f"], record=True, name="trace")
rate = PopulationRateMonitor(G, name="rate")
single_rate = PopulationRateMonitor(G, dtype=float32, name="single_rate")
run(25 * ms)
