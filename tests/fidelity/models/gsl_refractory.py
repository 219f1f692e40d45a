"""GSL and refractoriness: the flag is looked at anew at each time that the stepper tries."""
from brian2 import *

A = NeuronGroup(4, """dv/dt = (1.5 + 0.2 * i - v) / (2 * ms) + 0.3 * w / ms : 1 (unless refractory)
                      dw/dt = -w * v / (5 * ms) : 1""", threshold="v > 1", reset="v = 0; w += 0.5",
                refractory=1.25 * ms, method="gsl_rk4", name="A")
B = NeuronGroup(3, """dv/dt = (1.5 + 0.2 * i - v ** 3) / (2 * ms) : 1 (unless refractory)
                      dh/dt = -h / (2 * ms) : 1""", threshold="v > 1", reset="v = 0.9; h = 1",
                refractory="h > 0.3", method="gsl", name="B")
C = NeuronGroup(3, "dv/dt = (1.5 + 0.2 * i - v) / (3 * ms) : 1", threshold="v > 1",
                refractory="(2 + i) * ms", method="gsl_rk8pd", name="C")
spikes = [SpikeMonitor(group, name="spikes" + group.name) for group in (A, B, C)]
traces = [StateMonitor(group, ["v", "not_refractory"], True, name="trace" + group.name)
          for group in (A, B, C)]
net = Network(collect(), spikes, traces)
net.run(12 * ms)
