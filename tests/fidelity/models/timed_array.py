"""TimedArray: 1d and 2d, steps that are no multiple of dt, behind its end, in all kinds of code."""
from brian2 import *

a = TimedArray([1, 2, 4, -1], dt=0.35 * ms, name="a")
b = TimedArray(arange(12).reshape(4, 3) * 0.5, dt=1 * ms, name="b")
c = TimedArray([0, 1, 0.5] * mV, dt=2 * ms, name="c")
G = NeuronGroup(3, """dv/dt = (c(t) - v) / (2 * ms) : volt
                      x : 1
                      f = a(t) + b(t, i) : 1
                      g = a(t - 1 * ms) : 1
                      h = b(t * 2, (i + 1) % 3) : 1""", threshold="a(t) > 3.5 and i > 0",
                reset="x += b(t, i)", method="exact", name="G")
H = NeuronGroup(2, "dx/dt = (b(t, i) - x) / (2 * ms) : 1", method="rk2", name="H")
S = Synapses(G, H, on_pre="x_post += a(t) * b(t, j)", name="S")
S.connect()
trace = StateMonitor(G, ["v", "x", "f", "g", "h"], record=True, name="trace")
other = StateMonitor(H, "x", record=True, name="other")
run(6 * ms)
