"""Random numbers, noise and TimedArrays in a group of float32."""
from brian2 import *

prefs.core.default_float_dtype = float32
drive = TimedArray([0.1, 0.7, 0.3], dt=1 * ms, name="drive")
G = NeuronGroup(4, """dv/dt = (drive(t) - v) / (2 * ms) + 0.2 * xi / (2 * ms) ** 0.5 : 1
                      u : 1
                      n : integer""", threshold="v > 0.4 + 0.1 * rand()", reset="v = 0.1 * randn(); n += 1",
                method="euler", name="G")
G.run_regularly("u = u * 0.5 + rand() + drive(t) / 3", dt=0.5 * ms)
trace = StateMonitor(G, ["v", "u"], record=True, name="trace")
spikes = SpikeMonitor(G, variables="v", name="spikes")
seed(23)
run(6 * ms)
