"""After store and restore: the queue, the generator's place and the clocks as they were.

# Captured at run 3.
"""
from brian2 import *

P = SpikeGeneratorGroup(2, [0, 1, 0, 1], [0, 0.5, 1.5, 2.5] * ms, name="P")
G = NeuronGroup(2, "v : 1", name="G")
S = Synapses(P, G, on_pre="v_post += 1 + i", delay=0.8 * ms, name="S")
S.connect()
trace = StateMonitor(G, "v", record=True, name="trace")
net = Network(P, G, S, trace)
net.run(1 * ms)
net.store()
net.run(2 * ms)
net.restore()
net.run(3 * ms)
