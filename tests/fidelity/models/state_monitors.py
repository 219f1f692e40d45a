"""State monitors: slots, steps, slices, repeated elements, integers, truths, synapses, no element."""
from brian2 import *

G = NeuronGroup(4, """dv/dt = (1.3 + 0.1 * i - v) / (2 * ms) : 1
                      k : integer
                      b = v > 0.5 : boolean
                      s : 1 (shared)
                      f = v * k + s : 1""", threshold="v > 1", reset="v = 0; k += 1", method="exact", name="G")
G.run_regularly("s += 0.5", dt=0.3 * ms)
S = Synapses(G, G, "w : 1\nd = w * 2 + k2 : 1\nk2 : integer", on_pre="w += 0.1; k2 += 1", name="S")
S.connect(j="(i + 1) % 4")
plain = StateMonitor(G, ["v", "k", "b", "s", "f"], record=True, name="plain")
repeated = StateMonitor(G, "v", record=[3, 0, 3], when="thresholds", order=5, name="repeated")
sliced = StateMonitor(G[1:3], ["f", "k"], record=[1], when="resets", order=-1, name="sliced")
links = StateMonitor(S, ["w", "d", "k2"], record=True, dt=0.5 * ms, name="links")
some = StateMonitor(S, "w", record=S[1:3, :], name="some")
run(6 * ms)
