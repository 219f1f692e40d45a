"""connect(p=0.1) of 3 to 40 as the first to draw after seed(42)."""
from brian2 import *

seed(42)
G = SpikeGeneratorGroup(3, range(3), arange(3) * ms, name="G")
H = NeuronGroup(40, "v : 1", name="H")
S = Synapses(G, H, on_pre="v_post += 1", name="S")
S.connect(p=0.1)
run(3 * ms)
