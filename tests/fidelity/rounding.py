"""How far apart two ways of rounding the same case may be.

Each expression is evaluated in numpy with a bound of what its value may be off by, for any order
of its sums and products (docs/numerics.md, fast). A bound is infinite where it cannot be
told: where a rounding may change a decision (a comparison, floor, int, //, %), where numbers
leave the range that fast mode promises anything for, or where an integer may have wrapped.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

import numpy as np

#: Roundings an operation: that of strict mode, that of fast mode, and what fast mode saves.
ROUNDINGS = 8
FUNCTIONS = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "exp": np.exp, "log": np.log, "log10": np.log10, "sqrt": np.sqrt, "expm1": np.expm1,
    "log1p": np.log1p, "arcsin": np.arcsin, "arccos": np.arccos, "arctan": np.arctan,
    "exprel": lambda x: np.where(np.abs(x) < 1e-16, 1.0, np.where(x > 717, np.inf,
                                                                  np.expm1(x) / x))}
SMALLEST, LARGEST, LONG = 1e-150, 1e150, 2.0**31


@dataclass
class Value:
    value: np.ndarray   #: float64, int64 or bool
    error: np.ndarray   #: 0 is exact
    doubt: np.ndarray   #: the integer may have wrapped: its value is not this

    @classmethod
    def exact(cls, value) -> Value:
        value = np.atleast_1d(value)
        value = value.astype({"b": bool, "i": np.int64, "f": np.float64}[value.dtype.kind])
        zero = np.zeros(value.shape)
        return cls(value, zero, zero.astype(bool))

    def real(self) -> tuple[np.ndarray, np.ndarray]:
        return self.value.astype(float), np.where(self.doubt, np.inf, self.error)

    @property
    def whole(self) -> bool:
        return self.value.dtype.kind in "bi"


class Evaluator:
    def __init__(self, names: dict[str, Value], unit: float, standalone: bool):
        self.names, self.unit, self.standalone = names, unit * ROUNDINGS, standalone
        # Fast mode takes subnormal numbers for zero; those of float32 are below 1.2e-38.
        self.smallest = SMALLEST if unit < 1e-12 else 1e-37

    def __call__(self, text: str) -> Value:
        with np.errstate(all="ignore"):
            return self.visit(ast.parse(text.strip(), mode="eval").body)

    def visit(self, node) -> Value:
        return getattr(self, f"visit_{type(node).__name__}")(node)

    def rounded(self, value, error, size=None) -> Value:
        """A float and what leads to it, with its own rounding."""
        size = np.abs(value) if size is None else size
        error = error + self.unit * size
        outside = (size > LARGEST) | ((size < self.smallest) & (size > 0))
        bad = outside | ~np.isfinite(value) | np.isnan(error)
        return Value(value, np.where(bad, np.inf, error), np.zeros(value.shape, bool))

    def integer(self, value, *operands: Value) -> Value:
        doubt = np.abs(value.astype(float)) >= LONG
        error = sum(x.error for x in operands) + np.zeros(value.shape)
        for x in operands:
            doubt = doubt | x.doubt
        return Value(value.astype(np.int64), error, doubt)

    def decided(self, value, sure, *operands: Value) -> Value:
        """A boolean or integer that a rounding may change unless `sure`."""
        error = np.where(sure, 0.0, np.inf)
        doubt = np.zeros(value.shape, bool)
        for x in operands:
            doubt = doubt | (x.doubt if x.whole else False)
        return Value(value, error, doubt)

    def visit_Constant(self, node):
        return Value.exact(node.value)

    def visit_Name(self, node):
        return self.names[node.id]

    def visit_UnaryOp(self, node):
        x = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            return Value(~x.value.astype(bool), x.error, x.doubt)
        if isinstance(node.op, ast.USub):
            value = x.value.astype(np.int64) if x.value.dtype.kind == "b" else x.value
            return Value(-value, x.error, x.doubt)
        return x

    def visit_BoolOp(self, node):
        x, y = (self.visit(part) for part in node.values)
        both = isinstance(node.op, ast.And)
        value = x.value & y.value if both else x.value | y.value
        return Value(value, x.error + y.error, x.doubt | y.doubt)

    def visit_Compare(self, node):
        x, y = self.visit(node.left), self.visit(node.comparators[0])
        compare = {"Lt": np.less, "LtE": np.less_equal, "Gt": np.greater, "GtE": np.greater_equal,
                   "Eq": np.equal, "NotEq": np.not_equal}[type(node.ops[0]).__name__]
        value = compare(x.value, y.value)
        if x.whole and y.whole:
            return self.integer_like(value, x, y)
        (a, ea), (b, eb) = x.real(), y.real()
        exact = (ea == 0) & (eb == 0) & (self.unit < 1e-12)
        return self.decided(value, (np.abs(a - b) > ea + eb) | exact)

    def integer_like(self, value, *operands):
        out = self.integer(value, *operands)
        return Value(value, out.error, out.doubt)

    def visit_BinOp(self, node):
        x, y, op = self.visit(node.left), self.visit(node.right), type(node.op).__name__
        if x.whole and y.whole and not (op == "Div" or op == "Pow" and self.standalone):
            return self.integers(op, x, y)
        (a, ea), (b, eb) = x.real(), y.real()
        if op in ("Add", "Sub"):
            value = a + b if op == "Add" else a - b
            return self.rounded(value, ea + eb, np.abs(a) + np.abs(b))
        if op == "Mult":
            return self.rounded(a * b, np.abs(a) * eb + np.abs(b) * ea + ea * eb)
        if op == "Pow":
            return self.power(a, ea, b, eb)
        least = np.abs(b) - eb
        quotient = self.rounded(a / b, np.where(least > 0, (ea + np.abs(a / b) * eb) / least, np.inf))
        if op == "Div":
            return quotient
        floor = np.floor(a / b)
        near = np.minimum(np.abs(a / b - floor), np.abs(a / b - floor - 1))
        sure = (near > quotient.error) | (quotient.error == 0)
        if op == "FloorDiv":
            return self.rounded(floor, np.where(sure, 0.0, np.inf))
        # Cython's is ((a % b) + b) % b, in which a small remainder loses what b does not hold.
        size = np.abs(a) + np.abs(b * floor) + (0 if self.standalone else np.abs(b))
        return self.rounded(a - b * floor, np.where(sure, ea + np.abs(floor) * eb, np.inf), size)

    def integers(self, op, x, y):
        a, b = x.value.astype(np.int64), y.value.astype(np.int64)
        if op == "Pow":
            value = self.integer(np.where(b < 0, 0.0, a.astype(float) ** b), x, y)
            value.doubt |= b < 0  # Brian2 may have made a quotient of it
            return value
        operation = {"Add": np.add, "Sub": np.subtract, "Mult": np.multiply,
                     "FloorDiv": np.floor_divide, "Mod": np.mod}[op]
        value = self.integer(operation(a, b), x, y)
        if op == "Mult":
            value.doubt |= np.abs(a.astype(float) * b) >= LONG
        return value

    def power(self, a, ea, b, eb):
        value = a ** b
        spread = sum(np.abs((a + da) ** (b + db) - value)
                     for da in (-ea, ea) for db in (-eb, eb))
        slope = np.abs(b) * (1 + np.abs(np.log(np.where(a > 0, a, 1))))  # of exp(b * log(a))
        return self.rounded(value, spread, np.abs(value) * (1 + slope))

    def visit_Call(self, node):
        name = node.func.id
        args = [self.visit(arg) for arg in node.args]
        x = args[0]
        if name in FUNCTIONS:
            f = FUNCTIONS[name]
            a, ea = x.real()
            value = f(a)
            spread = np.abs(f(a + ea) - value) + np.abs(f(a - ea) - value)
            size = np.abs(value) * (1 + np.abs(a) if name in ("exp", "expm1", "sinh", "cosh",
                                                             "exprel") else 1)
            # Where a function turns, the ends of an interval do not bound what is between them.
            turning = np.where(ea > 1e-3 * (1 + np.abs(a)), np.inf, ea * ea)
            return self.rounded(value, spread + turning, size)
        if name == "abs":
            value = np.abs(x.value.astype(np.int64) if x.whole else x.value)
            return Value(value, x.error, x.doubt)
        if name == "clip":
            (a, ea), (low, el), (high, eh) = (arg.real() for arg in args)
            value = np.where(a < low, low, np.where(a > high, high, a))
            error = np.maximum(np.maximum(ea, el), eh)
            if x.whole:
                return Value(value.astype(np.int64), error, x.doubt)
            return self.rounded(value, error)
        if name == "sign":
            if x.whole:
                return self.integer(np.sign(x.value.astype(np.int64)), x)
            return self.decided(np.sign(x.value).astype(np.int64),
                                (np.abs(x.value) > x.error) | (x.error == 0))
        if name == "int" and x.whole:
            return self.integer(x.value.astype(np.int64), x)
        if name == "timestep":
            (a, ea), (b, _) = (arg.real() for arg in args)
            value = np.trunc((a + 1e-3 * b) / b)
            return self.integer(np.where(np.isfinite(value), value, 0), x)
        a, ea = x.real()
        whole = {"floor": np.floor, "ceil": np.ceil, "int": np.trunc}[name](a)
        sure = (np.abs(a - np.rint(a)) > ea) | (ea == 0)
        if name == "int":
            sure = sure & (np.abs(a) < LONG)
            return self.decided(np.where(sure, whole, 0).astype(np.int64), sure)
        return self.rounded(whole, np.where(sure, 0.0, np.inf))


def bounds(case, start: dict, inputs: dict, constants: dict,
           standalone: bool) -> dict[str, Value]:
    """What a case's own variables become, with a bound of how far two results are apart.
    `start` holds its variables before, by the names they have in its text."""
    text = str(case)
    single = re.search(r"\b(f|g|sf|cf)\b|float32", text) or (standalone and "/" in text)
    names = {name: Value.exact(value) for name, value in
             {**inputs, **constants, **start, "t": 0.0, "dt": 1e-4, "ms": 1e-3, "mV": 1e-3,
              "pi": np.pi, "e": np.e}.items()}
    size = len(inputs["a"])
    names.update(i=Value.exact(np.arange(size)), N=Value.exact(size))
    evaluate = Evaluator(names, 2.0**-24 if single else 2.0**-53, standalone)
    unguarded = np.arange(size) % 3 != 0
    for statement in case.statements:
        name, expr = statement.variable, plain(str(statement.expr))
        if case.subexpression and "s@" in str(statement.expr):
            names["s_"] = evaluate(plain(str(case.subexpression)))
        if statement.op != "=":
            expr = f"{plain(name)} {statement.op[0]} ({expr})"
        new, dtype = evaluate(expr), case.own.get(name)
        if dtype and dtype.startswith("float") and new.whole:
            new = evaluate.rounded(*new.real())
        if dtype == "int32":
            new.doubt = new.doubt | (np.abs(new.value.astype(float)) >= LONG)
        if name in case.guarded:
            old = names[plain(name)]
            new = Value(*(np.where(unguarded, a, b) for a, b in (
                (new.value, old.value), (new.error, old.error), (new.doubt, old.doubt))))
        names[plain(name)] = new
    return {name: names[plain(name)] for name in case.own}


def plain(text: str) -> str:
    return text.replace("@", "_")


def within(have: np.ndarray, want: np.ndarray, bound: Value) -> np.ndarray:
    """Elements that differ by no more than the bound says; those without a bound do."""
    error = np.broadcast_to(np.where(bound.doubt & ~np.isfinite(bound.error), np.inf, bound.error),
                            want.shape)
    if want.dtype.kind != "f":
        return (have == want) | (error > 0)
    with np.errstate(all="ignore"):
        return (have == want) | (np.isnan(have) & np.isnan(want)) | ~np.isfinite(error) | (
            np.abs(have.astype(float) - want) <= error)
