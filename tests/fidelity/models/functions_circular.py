"""sin cos tan arcsin arccos arctan sinh cosh tanh, of variables, literals and constants."""
from brian2 import *

c = 0.37
G = NeuronGroup(40, """x : 1
                       f_sin = sin(x) + sin(0.12) : 1
                       f_cos = cos(x) + cos(c) : 1
                       f_tan = tan(x) + tan(3) : 1
                       f_arcsin = arcsin(x / 4) + arcsin(0.17) : 1
                       f_arccos = arccos(x / 4) : 1
                       f_arctan = arctan(x * 3) : 1
                       f_sinh = sinh(x) + sinh(0.12) : 1
                       f_cosh = cosh(x) + cosh(0.4) : 1
                       f_tanh = tanh(x) + tanh(1 / 50.) : 1""", name="G")
G.x = linspace(-3.9, 3.9, 40)
G.run_regularly("x += 0.0137")
trace = StateMonitor(G, ["f_sin", "f_cos", "f_tan", "f_arcsin", "f_arccos", "f_arctan", "f_sinh",
                         "f_cosh", "f_tanh"], record=True, name="trace")
run(0.6 * ms)
