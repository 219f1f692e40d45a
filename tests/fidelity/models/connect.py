"""Forms of connect without chance: all, condition, arrays, j=, i=, ranges, ifs, n, skipped ones."""
from brian2 import *

G = SpikeGeneratorGroup(5, range(5), arange(5) * ms, name="G")
H = NeuronGroup(6, "v : 1\nk : integer", name="H")
H.k = "5 - i"


def connected(name, **how):
    made = Synapses(G, H, "w : 1", on_pre="v_post = v_post * 0.9 + w", name=name)
    made.connect(**how)
    made.w = "i + 0.1 * j"
    return made


forms = [connected("all_to_all"), connected("if_true", condition=True),
         connected("condition", condition="i != j and k_post > 1"),
         connected("arrays", i=[4, 0, 0, 2], j=[5, 5, 1, 3]),
         connected("generator", j="k for k in range(i, N_post, 2)"),
         connected("backwards", i="k for k in range(0, N_pre, 2) if k != j"),
         connected("one", j="(i + 2) % N_post"),
         connected("skipped", j="i + k for k in range(-2, 3)", skip_if_invalid=True),
         connected("downwards", j="k for k in range(N_post - 1, -1, -2)"),
         connected("repeated", condition="i == j", n=2),
         connected("single", j="i if i > 2")]
nothing = Synapses(G, H, "w : 1", on_pre="v_post += w", name="nothing")
nothing.connect(condition=False)
trace = StateMonitor(H, "v", record=True, name="trace")
net = Network(collect(), forms)
net.run(6 * ms)
