"""Some variables float32, some float64, int64: literals, functions, divisions between them."""
from brian2 import *

G = NeuronGroup(9, """f : 1
                      d : 1
                      k : integer
                      l : integer
                      a = f + 0.1 : 1
                      b = 2 * f * k : 1
                      c = 1 / (abs(f) + 1) : 1
                      e2 = exp(f) * f : 1
                      g = f / k + f // 0.3 + f % 0.3 : 1
                      h = clip(f, -0.5, 0.5) * d : 1
                      p = f ** 3 + f ** 2 + f ** 0.5 * d : 1
                      q = (-f) / (abs(k) + 1) : 1
                      r = l * k + f * l : 1""", dtype={"f": float32, "l": int64, "a": float32, "c": float32},
                name="G")
G.f, G.d = "0.3 * i + 0.01", "0.7 * i"
G.k, G.l = "i + 1", arange(9) * 3000000000
G.run_regularly("""f = f * 1.01 + d * 0.001
                   d += f / 3
                   f *= 0.99
                   l = l + k""")
trace = StateMonitor(G, ["f", "d", "a", "b", "c", "e2", "g", "h", "p", "q", "r", "l"], record=True, name="trace")
run(0.5 * ms)
