"""External names: of the group, of the run; ints, truths, float32, arrays of no dimension, units."""
from brian2 import *

n, flag, small, zero_dim, big = 10, True, float32(0.1), array(2.5), 2 ** 40
tau = 5 * ms
G = NeuronGroup(3, """x : 1
                      a = n / 3 + n * x + int(flag) : 1
                      b = small * x + zero_dim : 1
                      c = big * 0.5 + i : 1
                      d = tau / (3 * ms) + 5 * mV / (2 * uvolt) : 1
                      e_ = 1 * nS * 2 * mV / pA + 3 * cm2 / mm2 + 2 * umetre3 / metre3 + 4 * Hz * ms : 1""",
                namespace={"tau": 7 * ms}, name="G")
G.x = "0.5 * i"
G.run_regularly("x = x * 1.1 + exp(-1 * ms / tau)")
trace = StateMonitor(G, ["x", "a", "b", "c", "d", "e_"], record=True, name="trace")
run(0.5 * ms)
