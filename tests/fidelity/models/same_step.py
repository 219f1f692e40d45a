"""STDP with pre and post in one step: the pre pathway first, each at its own sight of the other."""
from brian2 import *

P = SpikeGeneratorGroup(2, [0, 1, 0, 1, 0], [1, 1, 2, 3, 3] * ms, name="P")
Q = SpikeGeneratorGroup(2, [0, 1, 1, 0, 1], [1, 2, 3, 3, 4] * ms, name="Q")
S = Synapses(P, Q, """w : 1
                      dx/dt = -x / (4 * ms) : 1 (event-driven)
                      dy/dt = -y / (6 * ms) : 1 (event-driven)""",
             on_pre="x += 1; w = clip(w + y, 0, 5)", on_post="y -= 0.5; w = clip(w + x, 0, 5)", name="S")
S.connect()
S.w = 1
trace = StateMonitor(S, ["w", "x", "y"], record=True, name="trace")
run(6 * ms)
