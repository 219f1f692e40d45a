"""Shared variables and subexpressions, constant over dt, in order of definition; scalars drawn."""
from brian2 import *

G = NeuronGroup(4, """dx/dt = (a + b + c - x) / (3 * ms) : 1
                      a = 0.5 * gain : 1 (shared)
                      c = gain * t / ms + fixed : 1 (shared, constant over dt)
                      b = 0.25 * x + gain + rand() : 1 (constant over dt)
                      b2 = b * 2 + i : 1 (constant over dt)
                      gain : 1 (shared)
                      fixed : 1 (shared, constant)""", method="euler", name="G")
G.gain, G.fixed, G.x = 0.125, 0.75, "0.1 * i"
G.run_regularly("gain = gain + 0.01 * rand()", dt=0.4 * ms)
trace = StateMonitor(G, ["x", "a", "b", "b2", "c", "gain"], record=True, name="trace")
seed(9)
run(5 * ms)
