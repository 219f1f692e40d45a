"""Several pathways of both directions, delays of their own, when and order changed, on_post alone."""
from brian2 import *

G = SpikeGeneratorGroup(3, [0, 1, 2, 0], [0, 0.5, 1, 1.5] * ms, name="G")
H = NeuronGroup(3, "dv/dt = (1.5 - v) / (1 * ms) : 1\nx : 1", threshold="v > 1", reset="v = -0.1 * i",
                method="exact", name="H")
S = Synapses(G, H, "a : 1\nb : 1", on_pre={"up": "a = a * 2 + 1; x_post += a", "down": "b = b - 0.5 * a"},
             on_post={"back": "a = a * 0.5", "again": "b += a; x_post -= 0.1"},
             delay={"up": 0.2 * ms, "back": 0.3 * ms}, name="S")
S.connect()
S.down.delay = "0.1 * (i + j) * ms"
S.again.order = -5
S.back.when = "after_resets"
T = Synapses(G, H, on_post="v_post -= 0.05", name="T")
T.connect(j="i")
each = StateMonitor(S, ["a", "b"], record=True, name="each")
trace = StateMonitor(H, ["v", "x"], record=True, name="trace")
run(5 * ms)
