"""poisson() in on_pre and in a reset, with means that change; none for a mean of zero."""
from brian2 import *

P = PoissonGroup(4, 300 * Hz, name="P")
G = NeuronGroup(3, "n : integer\nm : 1", threshold="n > 20", reset="n = poisson(2 + i)", name="G")
S = Synapses(P, G, "w : 1", on_pre="n_post += poisson(w); m_post += poisson(w * 8)", name="S")
S.connect()
S.w = "i * 1.5"
trace = StateMonitor(G, ["n", "m"], record=True, name="trace")
spikes = SpikeMonitor(G, name="spikes")
seed(19)
run(25 * ms)
