"""Event-driven equations: two coupled traces, lastupdate, read stale by a monitor."""
from brian2 import *

G = SpikeGeneratorGroup(4, [0, 1, 2, 3, 0, 1, 2], [1, 2, 2, 5, 7, 9.3, 12] * ms, name="G")
H = NeuronGroup(2, "dv/dt = (1.3 - v) / (4 * ms) : 1", threshold="v > 1", reset="v = 0",
                method="exact", name="H")
S = Synapses(G, H, """w : 1
                      tau : second
                      da/dt = -a / tau : 1 (event-driven)
                      db/dt = (a - b) / (7 * ms) : 1 (event-driven)
                      dc/dt = (1 - c) / tau : 1 (event-driven)""",
             on_pre="a += 1; v_post += 0.1 * c; c *= 0.5", on_post={"first": "b += 0.3", "second": "w = w + a * b"},
             name="S")
S.connect()
S.tau = "(3 + i) * ms"
S.c = 1
trace = StateMonitor(S, ["a", "b", "c", "w", "lastupdate"], record=True, dt=0.5 * ms, name="trace")
spikes = SpikeMonitor(H, name="spikes")
run(20 * ms)
