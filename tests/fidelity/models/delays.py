"""Delays: none, one, one of each synapse, rounded halves, per pathway, behind and before."""
from brian2 import *

G = SpikeGeneratorGroup(3, [0, 1, 2, 1], [0, 0.1, 0.1, 1] * ms, name="G")
H = NeuronGroup(12, "v : second\nn : integer", threshold="n > 5", reset="n = 0", name="H")
zero = Synapses(G, H, on_pre="n_post += 1", name="zero")
zero.connect(j="i")
single = Synapses(G, H, on_pre="v_post = v_post + t", delay=0.25 * ms, name="single")
single.connect(j="i + 3")
each = Synapses(G, H, on_pre={"one": "v_post = v_post * 2 + t", "two": "n_post += 2"},
                on_post="v_post = v_post + 1 * ms", delay={"two": 0.45 * ms}, name="each")
each.connect()
each.one.delay = "(0.05 * j + 0.35 * i) * ms"
each.post.delay = "0.15 * i * ms"
spikes = SpikeMonitor(H, name="spikes")
trace = StateMonitor(H, ["v", "n"], record=True, name="trace")
run(4 * ms)
