"""Integer and boolean variables: wrapping, truth, comparison, and/or/not, mixed types."""
from brian2 import *

big = 2000000000
G = NeuronGroup(8, """x : 1
                      k : integer
                      b : boolean
                      both = b and x > 0.5 : boolean
                      either = b or k > 3 : boolean
                      neither = not (b or k > 3) : boolean
                      number = int(b) + 2 * int(x > 0.3) : integer
                      real = k * 0.5 + int(b) : 1""", name="G")
G.x = "0.15 * i"
G.k = "i"
G.b = "i % 2 == 0"
G.run_regularly("""k = k + int(b) * 2
                   b = not b and x < 0.9
                   x = x + 0.01 * k
                   k += int(x * 2)""", name="G_mixed")
W = NeuronGroup(3, "k : integer", name="W")
W.k = "big + i"
W.run_regularly("k = k + 100000000", name="W_wraps")
trace = StateMonitor(G, ["x", "k", "b", "both", "either", "neither", "number", "real"],
                     record=True, name="trace")
wraps = StateMonitor(W, "k", record=True, name="wraps")
run(1 * ms)
