"""linear, the old name of exact; thresholds and refractoriness with constants of time."""
from brian2 import *

tau, El = 10 * ms, -70 * mV
G = NeuronGroup(4, """dv/dt = (El - v + I) / tau : volt (unless refractory)
                      I : volt""", threshold="v > -50 * mV", reset="v = El",
                refractory=2 * ms, method="linear", name="G")
G.v = El
G.I = "(18 + 4 * i) * mV"
trace = StateMonitor(G, ["v", "not_refractory", "lastspike"], record=True, name="trace")
spikes = SpikeMonitor(G, name="spikes")
run(60 * ms)
