"""More elements than a block holds: updates, events, synapses over the borders of blocks."""
from brian2 import *

G = NeuronGroup(3000, "dv/dt = (1.1 + 0.0005 * i - v) / (3 * ms) : 1 (unless refractory)\nx : 1",
                threshold="v > 1", reset="v = 0.001 * randn()", refractory=1 * ms, method="exact", name="G")
G.v = "(i % 97) / 97.0"
S = Synapses(G, G, on_pre="x_post += 0.5 + 1e-6 * i", name="S")
S.connect(j="(i * 7 + k * 13) % N_post for k in range(3)")
G.run_regularly("x = x * 0.99 + 0.001 * rand()", dt=1 * ms)
counts = SpikeMonitor(G, name="counts")
trace = StateMonitor(G, ["v", "x"], record=[0, 1023, 1024, 1025, 2047, 2048, 2999], name="trace")
seed(2)
run(6 * ms)
