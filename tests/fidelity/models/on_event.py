"""Synapses that hear a custom event of both ends; a group with events and no threshold."""
from brian2 import *

G = NeuronGroup(4, "dx/dt = cos(2 * pi * 80 * Hz * t + i) / (3 * ms) : 1\nn : integer\nm : 1",
                events={"up": "x > 0.5", "down": "x < -0.2"}, method="rk4", name="G")
G.run_on_event("up", "x = 0; n += 1")
G.run_on_event("down", "x += 0.1 * rand(); n -= 1", when="after_groups", order=7)
S = Synapses(G, G, "w : 1", on_pre="m_post += w", on_post="w *= 0.9", on_event={"pre": "up", "post": "down"},
             delay=0.3 * ms, name="S")
S.connect(condition="i != j")
S.w = "1 + 0.1 * i"
ups = EventMonitor(G, "up", variables="x", name="ups")
downs = EventMonitor(G, "down", record=False, name="downs")
trace = StateMonitor(G, ["x", "n", "m"], record=True, name="trace")
seed(2)
run(20 * ms)
