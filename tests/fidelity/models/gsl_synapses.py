"""GSL in synapses, and between neurons of its kind: weights that relax, spikes that move them."""
from brian2 import *

G = NeuronGroup(5, """dv/dt = (1.6 + 0.1 * i - v + s) / (3 * ms) : 1
                      ds/dt = -s / (2 * ms) * (1 + s ** 2) : 1""", threshold="v > 1",
                reset="v = 0", method="gsl_rkf45", name="G")
S = Synapses(G, G, """dw/dt = rate * w * (1 - w) * (w - a) : 1 (clock-driven)
                      dx/dt = 1 / (4 * ms) : 1 (clock-driven)
                      a : 1
                      rate : hertz (shared)""", on_pre="s_post += 0.2 * w; w = clip(w + 0.05, 0, 2)",
             method="gsl_rk8pd", method_options={"save_step_count": True}, name="S")
S.connect(condition="i != j")
S.rate = 200 * hertz
S.a, S.w = "0.2 + 0.1 * j", "0.1 + 0.08 * i + 0.05 * j"
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(S, ["w", "x"], record=True, name="trace")
net = Network(collect())
net.run(10 * ms)
