"""ceil floor abs sign clip int timestep; // and % of floats and integers, both signs."""
from brian2 import *

G = NeuronGroup(31, """x : 1
                       k : integer
                       d : second
                       f_ceil = ceil(x) : 1
                       f_floor = floor(x * 1.5) : 1
                       f_abs = abs(x) : 1
                       f_sign = sign(x) : 1
                       f_clip = clip(x, -1, 0.75) : 1
                       f_int = int(x * 3) + int(x > 0) : integer
                       f_step = timestep(d, dt) : integer
                       q_float = x // 0.7 + 3 // (x + 10) : 1
                       r_float = x % 0.7 + 3.5 % (x - 10) : 1
                       q_int = k // 7 + 100 // (k + 50) : integer
                       r_int = k % 7 + k % (k - 50) : integer
                       q_true = k / 7 + 1 / (k + 50) : 1
                       p_int = (k + 20) ** 2 - 2 ** 5 : integer""", name="G")
G.x = "(i - 15) * 0.31"
G.k = "i - 15"
G.d = "i * 0.1 * ms"
G.run_regularly("x += 0.1; k += 3; d += 0.05 * ms")
trace = StateMonitor(G, ["f_ceil", "f_floor", "f_abs", "f_sign", "f_clip", "f_int", "f_step",
                         "q_float", "r_float", "q_int", "r_int", "q_true", "p_int"],
                     record=True, name="trace")
run(0.5 * ms)
