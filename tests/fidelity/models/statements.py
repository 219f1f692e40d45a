"""Statements: all assignments, temporaries, what sympy turns into += and *=, stale subexpressions."""
from brian2 import *

th = 0.3
G = NeuronGroup(6, """v : 1
                      x : 1
                      y : 1
                      z : 1
                      k : integer
                      gap = v - th : 1
                      square = gap ** 2 : 1""", name="G")
G.v = "0.2 * i"
G.x, G.y, G.z = 1, 2, 3
G.run_regularly("""x = x + y * 0.1 / 3. + 1 / 3. * k
                   y = y * (1 + 0.01 * v)
                   z = 2 * z * 0.4 - z * 0.01
                   k = k + 1
                   help = square + x  # before v is written
                   v += 0.1 * gap
                   v -= 0.01
                   x *= 0.75; y /= 1.5
                   help = help + square
                   z += help + gap""")
trace = StateMonitor(G, ["v", "x", "y", "z", "k"], record=True, name="trace")
run(1 * ms)
