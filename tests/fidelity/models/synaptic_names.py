"""Names in synapses: i, j, N of both ends, counts of synapses, t, lastupdate, shared variables."""
from brian2 import *

G = NeuronGroup(4, "u : 1", threshold="t_in_timesteps % 20 == 5 * i", name="G")
H = NeuronGroup(5, "v : 1\ng : 1 (shared)\nk : integer", name="H")
H.g, H.k = 3, "i * 2"
S = Synapses(G[1:], H[1:4], """w : 1
                               c : 1 (shared)
                               both = w * c + g_post + k_post : 1
                               z : 1
                               dq/dt = -q / (3 * ms) : 1 (event-driven)""",
             on_pre="""z = N_incoming + 10 * N_outgoing + 100 * N_pre + 1000 * N_post + 10000 * N
                       w += i + 0.5 * j + t / ms + dt / ms + (t - lastupdate) / ms
                       v_post += both""", name="S")
S.connect(condition="i != j")
S.c = 2
S.run_regularly("c += 1\nw *= c", dt=0.5 * ms)
trace = StateMonitor(H, "v", record=True, name="trace")
each = StateMonitor(S, ["w", "z", "lastupdate"], record=True, name="each")
run(4 * ms)
