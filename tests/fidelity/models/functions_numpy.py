"""Functions in Python alone, as Brian2's numpy target runs them: numpy's powers, quotients and
remainders, nothing checked for zero, integers and truths as arguments."""
from brian2 import *

prefs.codegen.target = "numpy"
step, big = 0.75, 3


@check_units(x=1, result=1)
def powers(x):
    return x ** 2 + (x + 9) ** 0.5 + (x + 9.5) ** -1 + x ** 1 + x ** 0


@check_units(x=1, y=1, result=1)
def quotients(x, y):
    """By zero too: not an error, but infinite."""
    return np.where(y == 0, x / (y + (y == 0) * 2.), x / y) + x // step + x % step + \
        np.maximum(x // -0.3, x % -0.7) - np.minimum(abs(x), 5)


@check_units(x=1, result=1)
def reciprocal(x):
    return 1 / x


@declare_types(n="integer", result="integer")
@check_units(n=1, result=1)
def folded(n):
    return (n * 7 + 3) // 4 % 5 - n


@declare_types(above="boolean")
@check_units(x=1, above=1, result=1)
def signed(x, above):
    return np.where(above & ~(x > 4), np.sign(x) * big, -x)


@check_units(x=1, y=1, result=1)
def beyond(x, y):
    return np.where((abs(x) > 8) | (y < -4), 1, 0)


@check_units(x=1, result=1)
def inner(x):
    return x - step / 3


@check_units(x=1, result=1)
def outer(x):
    total, twice = inner(x), inner(2 * x)
    return total * twice - inner(total)


powers, quotients, reciprocal, folded, signed, outer = map(Function, (
    powers, quotients, reciprocal, folded, signed, outer))
G = NeuronGroup(41, """x : 1
                       y : 1
                       k : integer
                       p = powers(x) : 1
                       q = quotients(x, y) : 1
                       r = reciprocal(y) : 1
                       m : integer
                       s = signed(x, y > 0) : 1
                       o = outer(x) : 1""",
                threshold="beyond(x, y) > 0", reset="x *= 0.5", name="G")
G.x = linspace(-8.5, 8.5, 41)
G.y = "(i - 20)*0.25"
G.k = "i - 20"
G.run_regularly("""m = folded(k)
                   x += 0.0137*signed(x, x < y)
                   y = y + folded(m)*0.25""")
trace = StateMonitor(G, ["p", "q", "r", "m", "s", "o"], record=True, name="trace")
spikes = SpikeMonitor(G, name="spikes")
run(0.5 * ms)
