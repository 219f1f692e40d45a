"""Write dims_brian2_<version>.txt: dimensions of expressions as Brian2's unit check sees them.

One line an expression: text, tab, "error" or seven exponents. The variables are those of
tests/unit/lang_sema.c. Run from this folder with Brian2 installed.
"""

import brian2
import numpy as np
from brian2 import second, volt
from brian2.core.functions import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS
from brian2.core.namespace import DEFAULT_UNITS
from brian2.core.variables import Constant, Variable
from brian2.parsing.expressions import parse_expression_dimensions

names = dict(DEFAULT_FUNCTIONS)
names.update(DEFAULT_CONSTANTS)
for name, unit in DEFAULT_UNITS.items():
    names[name] = Constant(name, value=float(unit), dimensions=unit.dim)
names["v"] = Variable("v", dimensions=volt.dim)
names["w"] = Variable("w", dimensions=volt.dim)
names["tau"] = Variable("tau", dimensions=second.dim)
names["t"] = Variable("t", dimensions=second.dim)
names["x"] = Variable("x")
names["k"] = Variable("k", dtype=np.int32)
names["b"] = Variable("b", dtype=bool)
names["two"] = Constant("two", value=2)
names["half"] = Constant("half", value=0.5)

texts = []
for op in ["+", "-", "*", "/", "//", "%", "<", "=="]:
    for left, right in [("v", "w"), ("v", "tau"), ("v", "x"), ("x", "v"), ("x", "k"), ("v", "0"),
                        ("0", "v"), ("v", "mV"), ("v", "5*mV"), ("v", "inf"), ("b", "x")]:
        texts.append(f"{left} {op} {right}")
texts += [f"v**{e}" for e in [
    "2", "-1", "0.5", "0", "two", "half", "-two", "(two+1)", "(1/2)", "(7//2)", "(7%4)", "(-7//2)",
    "(-7%4)", "(two*half)", "two**2", "x", "k", "v", "volt", "mV", "(+2)", "True", "b", "(1 < 2)",
    "(not b)", "sqrt(4)", "int(2)", "(1/0)", "pi", "(2-2)"]]
texts += [f"x**{e}" for e in ["2", "x", "v", "volt", "b", "sqrt(x)", "(+2)", "(v/w)", "tau"]]
for function in ["exp", "sin", "sqrt", "abs", "sign", "ceil", "floor", "int", "exprel", "log1p",
                 "arctan", "poisson"]:
    texts += [f"{function}({a})" for a in ["v", "x", "v/w", "b"]]
texts += [
    "rand()", "randn()*v", "rand(1)", "clip(v, w, 2*v)", "clip(v, x, v)", "clip(v, 0, w)",
    "clip(x, 0, 1)", "clip(v, w, tau)", "timestep(t, tau)", "timestep(t, x)", "timestep(v, tau)",
    "timestep(t)", "exp()", "sin(x, x)", "sqrt(v*w)", "sqrt(v)*sqrt(w)", "abs(v) + w", "-v + w",
    "+v", "not b", "not v > w", "v > w and x < 2", "v > tau or b", "v > w or v < tau",
    "int(v > w)*v", "int(b)*v + w", "(v - w)/tau", "(v - w)/tau + v", "1/tau", "tau**-0.5",
    "(2/tau)**.5*v", "exp(-t/tau)*v", "exp(-t)", "sin", "nothing", "nothing(x)", "v*Hz", "kHz*tau",
    "umetre**2", "nS/(uF*cm**-2*cm**2)", "mS", "cmetre", "nS*v + pA", "nS*v + mV", "molar*litre",
    "v % w % w", "v % 2", "sign(v) + x", "sign(v) + v", "(v + w)*x - w", "inf + v", "v/volt + 1",
]
with open(f"dims_brian2_{brian2.__version__}.txt", "w") as out:
    for text in texts:
        try:
            dim = parse_expression_dimensions(text, names)
            result = " ".join(f"{float(e):.12g}" for e in dim._dims)
        except Exception:
            result = "error"
        out.write(f"{text}\t{result}\n")
