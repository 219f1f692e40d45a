"""Several synapses of one pair, numbered; n as a text; more connected later."""
from brian2 import *

G = SpikeGeneratorGroup(3, [0, 1, 2, 0], [0, 0.5, 1, 1.5] * ms, name="G")
H = NeuronGroup(3, "v : 1", name="H")
S = Synapses(G, H, "w : 1", on_pre="v_post = v_post * 0.5 + w * (copy + 1)", multisynaptic_index="copy", name="S")
S.connect(i=[0, 0, 1], j=[1, 2, 1], n=3)
S.connect(condition="i >= j", n="1 + i")
S.connect(i=[0], j=[1])
S.w = "0.1 * i + 0.01 * j + copy"
S.delay = "copy * 0.2 * ms"
trace = StateMonitor(H, "v", record=True, name="trace")
weights = StateMonitor(S, ["w", "copy"], record=True, dt=1 * ms, name="weights")
run(4 * ms)
