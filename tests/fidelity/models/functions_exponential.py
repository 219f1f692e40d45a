"""exp log log10 sqrt expm1 log1p exprel, powers of all kinds, pi, e, inf."""
from brian2 import *

two, n = 2, 3
G = NeuronGroup(40, """x : 1
                       f_exp = exp(x) + exp(5.66) : 1
                       f_log = log(x) + log(19.99) : 1
                       f_log10 = log10(x) + log10(0.17) : 1
                       f_sqrt = sqrt(x) : 1
                       f_expm1 = expm1(-x) + expm1(0.12) : 1
                       f_log1p = log1p(x) : 1
                       f_exprel = exprel(x - 2) + exprel(0.12) + exprel(0 * x) : 1
                       f_exprel_big = exprel(400 * x) : 1
                       p_two = x ** 2 + x ** (1 + 1) - x ** two : 1
                       p_some = x ** 3 + x ** 0.5 + x ** -1 + x ** 0 + x ** 1 + x ** n : 1
                       p_of = 2 ** x + 10 ** -x + 5.2 ** 9.6 + x ** x : 1
                       p_const = pi * x + e / x + clip(inf, 0, x) : 1""", name="G")
G.x = linspace(0.05, 3.95, 40)
G.run_regularly("x += 0.0137")
trace = StateMonitor(G, ["f_exp", "f_log", "f_log10", "f_sqrt", "f_expm1", "f_log1p", "f_exprel",
                         "f_exprel_big", "p_two", "p_some", "p_of", "p_const"],
                     record=True, name="trace")
run(0.6 * ms)
