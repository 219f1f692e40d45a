"""exact with inputs constant over a step, refractoriness and a time constant of each neuron."""
from brian2 import *

drive = TimedArray([0, 2, 1.5, 0.5], dt=5 * ms, name="drive")
G = NeuronGroup(4, """dv/dt = (drive(t) + bias - v) / tau : 1 (unless refractory)
                      dg/dt = (0.1 * v - g) / (8 * ms) : 1
                      bias = 0.1 * rand() : 1 (constant over dt)
                      tau : second""", threshold="v > 1", reset="v = 0", refractory="1.5 * ms + i * 0.5 * ms",
                method="exact", name="G")
G.tau = "(3 + i) * ms"
trace = StateMonitor(G, ["v", "g", "bias"], record=True, name="trace")
spikes = SpikeMonitor(G, name="spikes")
seed(6)
run(20 * ms)
