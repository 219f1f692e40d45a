"""Increments of a neuron that spikes in the step are lost; so are those of a refractory one."""
from brian2 import *

P = SpikeGeneratorGroup(2, [0, 1], [1, 1] * ms, name="P")
A = NeuronGroup(2, "v : 1\nx : 1", threshold="v >= 1", reset="v = 0; x += 1", name="A")
B = NeuronGroup(2, "dv/dt = 0 * Hz : 1 (unless refractory)", threshold="v >= 1", reset="v = 0",
                refractory=0.3 * ms, method="euler", name="B")
S = Synapses(P, A, on_pre="v_post += 1", name="S")
S.connect(j="i")
R = Synapses(A, A, on_pre="v_post += 0.75", name="R")
R.connect()
T = Synapses(A, B, on_pre="v_post += 0.6", name="T")
T.connect()
a = StateMonitor(A, ["v", "x"], record=True, name="a")
b = StateMonitor(B, ["v", "not_refractory"], record=True, name="b")
spikes = SpikeMonitor(A, name="spikes")
others = SpikeMonitor(B, name="others")
run(3 * ms)
