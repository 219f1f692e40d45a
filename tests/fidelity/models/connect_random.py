"""Forms of connect by chance: p below and above a quarter, p as a text, samples of both kinds, n."""
from brian2 import *

seed(42)
G = SpikeGeneratorGroup(5, range(5), arange(5) * ms, name="G")
H = NeuronGroup(60, "v : 1\nq : 1", name="H")
H.q = "i / 60.0"


def connected(name, **how):
    made = Synapses(G, H, on_pre="v_post += 1", name=name)
    made.connect(**how)
    return made


forms = [connected("jump", p=0.1), connected("each", p=0.4), connected("by_text", p="0.1 + 0.1 * i"),
         connected("by_target", condition="i < 3", p="q_post * 0.2"),
         connected("sample", j="k for k in sample(N_post, p=0.07)"),
         connected("few", j="k for k in sample(N_post, size=3)"),
         connected("many", j="k for k in sample(N_post, size=20)"),
         connected("several", j="k for k in range(3)", n="1 + int(rand() < 0.5)"),
         connected("arrays", i=[0, 1, 2, 3, 4], j=[4, 3, 2, 1, 0], p=0.5)]
trace = StateMonitor(H, "v", record=[0, 7, 30], dt=1 * ms, name="trace")
net = Network(collect(), forms)
net.run(6 * ms)
