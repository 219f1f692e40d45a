"""rand, randn and poisson in run_regularly, in a threshold, in a reset, and over dt."""
from brian2 import *

G = NeuronGroup(5, """dv/dt = (r - v) / (5 * ms) : 1
                      r = rand() * 2 : 1 (constant over dt)
                      u : 1
                      n : integer
                      m : integer
                      z : integer""", threshold="v > 0.3 + rand()", reset="v = 0.1 * randn(); u = rand()",
                method="euler", name="G")
G.run_regularly("""n = poisson(3.5)
                   m = poisson(30 + i)
                   z = poisson(0)
                   u = u + randn() * 0.1 + rand()""", dt=0.5 * ms)
trace = StateMonitor(G, ["v", "r", "u", "n", "m", "z"], record=True, name="trace")
spikes = SpikeMonitor(G, name="spikes")
run(20 * ms)
