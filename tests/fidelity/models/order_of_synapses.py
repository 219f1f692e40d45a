"""Code whose result depends on the order of synapses: read, write, read; draws on the way."""
from brian2 import *

G = SpikeGeneratorGroup(6, [5, 0, 1, 2, 3, 4, 2, 5], [0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.4] * ms, name="G")
H = NeuronGroup(3, "v : 1\nn : integer", name="H")
S = Synapses(G, H, "w : 1\nseen : 1\nplace : integer", on_pre="""seen = v_post
                                              place = n_post
                                              n_post += 1
                                              v_post = v_post * 0.5 + w + 0.1 * rand()
                                              w = w * 0.9 + 0.01 * seen""", name="S")
S.connect(i=[5, 0, 3, 1, 2, 4, 0, 2, 5, 1, 3], j=[0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 2])
S.w = "0.1 * i + j"
S.delay = "(3 - i % 4) * 0.1 * ms"
trace = StateMonitor(H, ["v", "n"], record=True, name="trace")
each = StateMonitor(S, ["w", "seen", "place"], record=True, name="each")
seed(1)
run(2 * ms)
