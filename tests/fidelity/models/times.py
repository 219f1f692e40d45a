"""t, dt, t_in_timesteps, i, N wherever code runs; t is a product, not a sum."""
from brian2 import *

G = NeuronGroup(3, """dv/dt = t / second / (2 * ms) + (i + N) * Hz : 1
                      a = t / dt : 1
                      b = t_in_timesteps + N : integer
                      c : second
                      k : integer""", threshold="t_in_timesteps % 7 == i", reset="c = t; k = t_in_timesteps",
                method="euler", name="G")
S = Synapses(G, G, "u : second", on_pre="u = t + dt * j", name="S")
S.connect(j="i")
trace = StateMonitor(G, ["v", "a", "b", "c", "k"], record=True, name="trace")
spikes = SpikeMonitor(G, name="spikes")
run(10 * ms)
