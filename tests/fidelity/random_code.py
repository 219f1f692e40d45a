"""Random well-typed code in Brian2's language, by seed.

A case is a block of statements with variables of its own, beside inputs that all cases read.
Its expressions are trees of nodes, so that a failing case can be made smaller: each node may
give way to one below it of the same kind.

Kinds: F float, I integer, B boolean, D float that is never zero, E integer that is neither
zero nor -1. A zero divisor ends a run of Brian2's Cython code, so divisors are D or E.
What Cython has no result for is not made: objects of Python in int(), clip() or sign(), in
powers that Python refuses, or beyond 32 bits.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

#: Inputs: name -> (kind, numpy type or None for a constant). Upper case would be units.
FLOATS = ("a", "b", "c", "f", "g")
INTEGERS = ("k", "m", "l")
BOOLEANS = ("p", "q")
SHARED = {"F": ("sa", "sf"), "I": ("sk",), "B": ("sp",)}
#: A boolean constant is a float where Brian2 first looks: logic cannot have it, nor C++ in // and %.
CONSTANTS = {"F": ("ca", "cf"), "I": ("ck", "ci", "int(cb)", "(cb*ck)"), "B": ()}
MAGNITUDE = {"k": 12, "m": 1e9, "l": 1e12, "sk": 5, "ck": 3, "ci": 7, "int(cb)": 1, "(cb*ck)": 3, "i": 64, "N": 64}
LITERALS = ("0.5", "2.0", "1.5", "0.1", "3.7", "1e-3", "12.25", "0.333333333333333", "5.66", "0.12",
            "1e5", "2", "3", "7")
EXPONENTS = ("2", "3", "2.0", "0.5", "1", "0", "-1", "-2", "1.5", "(1 + 1)", "(4/2)", "-(-2)", "4",
             "-0.5")
SMALL_EXPONENTS = ("2", "3", "1", "0", "-1")
CIRCULAR = ("sin", "cos", "tanh", "arctan", "exp", "expm1", "sinh", "cosh", "exprel")
LIMIT = float(2**31)


def varies(node: Node) -> bool:
    """Not only constants: whether gcc puts a function of Brian2's own in line, where it would
    compute a call on constants, depends on how often a module calls it. `x**0` is constant."""
    if re.search(r"\*\*0\)*$", node.text):
        return False
    return re.search(r"\b([abcfgkmli]|s[afk]|dt|t)\b", node.text) is not None or \
        any(varies(child) for child in node.children)


@dataclass
class Node:
    kind: str
    text: str                       #: with {} where the children go
    children: tuple[Node, ...] = ()
    real: bool = False              #: a float to Cython, too
    objects: bool = False           #: an object of Python to Cython
    size: float = 0.0               #: of an integer: a bound of its magnitude

    def __str__(self) -> str:
        return self.text.format(*self.children)

    def count(self) -> int:
        return 1 + sum(child.count() for child in self.children)

    def below(self, kind: str):
        """Every node of a kind, but for this one."""
        for child in self.children:
            if child.kind == kind:
                yield child
            yield from child.below(kind)

    def smaller(self):
        """This tree with one node of it replaced by one below that node that Cython types alike."""
        for other in self.below(self.kind):
            if (other.real, other.objects) == (self.real, self.objects):
                yield other
        for at, child in enumerate(self.children):
            for other in child.smaller():
                children = self.children[:at] + (other,) + self.children[at + 1:]
                yield Node(self.kind, self.text, children, self.real, self.objects, self.size)


@dataclass
class Statement:
    variable: str
    op: str
    expr: Node
    scalar: bool = False

    def __str__(self) -> str:
        return f"{self.variable} {self.op} {self.expr}"


@dataclass
class Case:
    """A block. `own` are the variables it may write: name -> numpy type."""

    seed: str
    own: dict[str, str]
    statements: list[Statement]
    subexpression: Node | None = None
    guarded: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    number: int = 0
    temporaries: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        own = ", ".join(f"{name}: {dtype}" + (" if not_refractory" if name in self.guarded else "")
                        + (" shared" if name in self.shared else "")
                        for name, dtype in self.own.items())
        lines = [f"case {self.seed} ({own})"]
        if self.subexpression:
            lines.append(f"  s = {self.subexpression} : 1")
        return "\n".join(lines + [f"  {statement}" for statement in self.statements])

    def named(self, text: str) -> str:
        """Own names get the number of the case: `x@` becomes `x7`."""
        return text.replace("@", str(self.number))

    def count(self) -> int:
        return sum(s.expr.count() for s in self.statements) + (
            self.subexpression.count() if self.subexpression else 0)

    def smaller(self):
        """Cases with a statement less, or with a smaller expression."""
        used = " ".join(str(s.expr) for s in self.statements)
        for at, statement in enumerate(self.statements):
            needed = statement.variable in self.temporaries and any(
                statement.variable in str(s) for s in self.statements[at + 1:])
            if len(self.statements) > 1 and not needed:
                yield self._with(self.statements[:at] + self.statements[at + 1:])
            for expr in statement.expr.smaller():
                if statement.variable in self.temporaries and expr.real != statement.expr.real:
                    continue
                changed = Statement(statement.variable, statement.op, expr, statement.scalar)
                yield self._with(self.statements[:at] + [changed] + self.statements[at + 1:])
        if self.subexpression:
            if "s@" not in used:
                yield self._with(self.statements, None)
            for expr in self.subexpression.smaller():
                yield self._with(self.statements, expr)

    def _with(self, statements, subexpression=...):
        return Case(self.seed, self.own, list(statements),
                    self.subexpression if subexpression is ... else subexpression, self.guarded,
                    self.shared, 0, self.temporaries)


class Generator:
    def __init__(self, seed: str):
        self.seed = seed
        self.random = random.Random(seed)
        self.scalar = False
        self.extra: dict[str, list[Node]] = {"F": [], "I": [], "B": []}

    def choice(self, items):
        return self.random.choice(list(items))

    # ---- leaves -------------------------------------------------------------------------

    def name(self, kind: str) -> Node:
        names = [*SHARED[kind], *CONSTANTS[kind]]
        if not self.scalar:
            inputs = {"F": FLOATS, "I": INTEGERS, "B": BOOLEANS}[kind]
            names = [*inputs * 3, *names]
            if kind == "I":
                names += ["i"]
        if kind == "I":
            names += ["N"]
        nodes = [Node(kind, name, real=kind == "F", size=MAGNITUDE.get(name, 0)) for name in names]
        return self.choice(nodes + self.extra[kind] * 3)

    def number(self, kind: str) -> Node:
        if kind == "I":
            text = self.choice(("1", "2", "3", "5", "10", "100", "65536"))
            return Node("I", text, size=float(text))
        text = self.choice(LITERALS)
        return Node("F", text, real="." in text or "e" in text, size=float(text))

    def leaf(self, kind: str) -> Node:
        if kind == "B":
            return self.name("B") if self.random.random() < 0.9 else \
                Node("B", self.choice(("True", "False")))
        draw = self.random.random()
        if draw < 0.75:
            return self.name(kind)
        if kind == "F" and draw < 0.8:
            return Node("F", self.choice(("(dt/ms)", "(2.5*mV/mV)", "pi", "e", "((t + 3*ms)/ms)")),
                        real=True)
        return self.number(kind)

    # ---- inner nodes --------------------------------------------------------------------

    def node(self, kind: str, depth: int) -> Node:
        for _ in range(200):
            node = self.leaf(kind) if depth <= 0 and kind in "FIB" else \
                getattr(self, f"make_{kind}")(max(depth - 1, 0))
            if node is not None:
                return node
        raise AssertionError(kind)

    def joined(self, kind, text, children, size=0.0, real=None):
        """A node whose children are its operands: what they are, it is."""
        objects = any(child.objects for child in children)
        real = any(child.real for child in children) if real is None else real
        literal = not any(re.search("[a-zA-Z]", str(child)) for child in children)
        if (objects or literal) and not real and not size < LIMIT:
            return None  # a literal beyond 32 bits is an object, too
        return Node(kind, text, tuple(children), real, objects, size)

    def make_F(self, depth):
        draw = self.random.random()
        if draw < 0.12:
            return self.leaf("F")
        if draw < 0.24:  # an integer where a float may be
            child = self.node("I", depth)
            return Node("F", "{}", (child,), False, child.objects, child.size)
        if draw < 0.52:
            x, y = self.node("F", depth), self.node("F", depth)
            op = self.choice("+-*")
            size = x.size * y.size if op == "*" else x.size + y.size
            return self.joined("F", f"({{}} {op} {{}})", (x, y), size)
        if draw < 0.66:
            x, y = self.node("F", depth), self.node(self.choice("DDE"), depth)
            op = self.choice(("/", "/", "//", "%"))
            node = self.joined("F", f"({{}} {op} {{}})", (x, y), max(x.size, y.size))
            if node and op == "/":
                node.real = True
            return node
        if draw < 0.74:
            return self.power(depth)
        if draw < 0.80:
            x = self.node("F", depth)
            return self.joined("F", f"({self.choice('--+')}{{}})", (x,), x.size)
        if draw < 0.94:
            return self.function(depth)
        child = self.node("B", depth)
        x = self.node("F", depth)
        if child.objects:
            return None
        return self.joined("F", "int({})*{}", (child, x), x.size)

    def power(self, depth):
        draw = self.random.random()
        if draw < 0.7:
            x = self.node("F", depth)
            if x.objects or not x.real or not varies(x):  # Cython refuses complex literals
                return None
            text = "{}" if not x.children else "({})"
            return Node("F", f"{text}**{self.choice(EXPONENTS)}", (x,), True)
        if draw < 0.85:
            x = self.node("F", depth)
            base = self.choice(("2", "ca", "1.5") if self.scalar else ("2", "c", "g", "ca"))
            text = self.choice((f"{base}**tanh({{}})", f"{base}**sin({{}})",
                                f"{base}**(0.5*tanh({{}}))"))
            return None if x.objects else Node("F", text, (x,), True)
        x = self.node("D", depth)
        return None if x.objects or not x.real else Node("F", "abs({})**ca", (x,), True)

    def function(self, depth):
        x = self.node("F", depth)
        draw = self.random.random()
        if draw < 0.45:
            name = self.choice(CIRCULAR)
            return Node("F", f"{name}({{}})", (x,), True) if name != "exprel" or varies(x) else None
        if draw < 0.6:
            text = self.choice(("log(abs({}) + 0.5)", "sqrt(abs({}))", "log10(1 + abs({}))",
                                "log1p(abs({}))", "arcsin(tanh({}))", "arccos(sin({}))",
                                "tan(0.5*sin({}))"))
            return Node("F", text, (x,), True)
        if draw < 0.75:
            return Node("F", f"{self.choice(('floor', 'ceil'))}({{}})", (x,), True)
        if x.objects or not x.real:
            return None
        if draw < 0.85:
            return Node("F", "abs({})", (x,), True)
        if not varies(x):
            return None
        if draw < 0.9:
            return Node("F", "sign({})", (x,), False, size=1)
        # No literals: gcc may put clip in line, and compute what is called with it at the bounds.
        low, high = self.choice((("-sa", "sa"), ("sf", "ca"), ("{1}", "{1} + 2"), ("0.1*sa", "g")))
        if "{1}" in low and self.scalar:
            return None
        if self.scalar and "g" in high:
            return None
        other = self.node("F", 0)
        if "{1}" in low and other.objects:
            return None
        text = "clip({0}, " + low + ", " + high + ")"
        return Node("F", text, (x, other) if "{1}" in low else (x,), True)

    def make_D(self, depth):
        draw = self.random.random()
        if draw < 0.3:
            names = ("sa", "sf", "ca", "cf") if self.scalar else (*FLOATS, "sa", "sf", "ca", "cf")
            return Node("D", self.choice(names), real=True)
        if draw < 0.45:
            return Node("D", self.choice(("2", "3", "0.7", "1.5", "4.0", "7")), real=True)
        if draw < 0.55:
            child = self.node("E", depth)
            return Node("D", "{}", (child,), False, child.objects, child.size)
        child = self.node("F", depth)
        if child.objects or not child.real:
            return None
        return Node("D", self.choice(("(abs({}) + 0.5)", "(abs({}) + 1)", "(2 + sin({}))",
                                      "(1.5 + tanh({}))")), (child,), True)

    def make_E(self, depth):
        draw = self.random.random()
        if draw < 0.4:
            name = self.choice(("sk", "ck", "ci") if self.scalar else ("k", "m", "l", "sk", "ck",
                                                                       "ci"))
            return Node("E", name, size=MAGNITUDE[name])
        if draw < 0.7:
            text = self.choice(("2", "3", "7", "-3", "10"))
            return Node("E", text, size=10)
        child = self.node("I", depth)
        if child.objects or not varies(child):
            return None
        return Node("E", self.choice(("({} % 5 + 2)", "(sign({}) + 3)", "(2 + int({} > 3))",
                                      "(7 - {} % 4)")), (child,), size=10)

    def make_I(self, depth):
        draw = self.random.random()
        if draw < 0.15:
            return self.leaf("I")
        if draw < 0.5:
            x, y = self.node("I", depth), self.node("I", depth)
            op = self.choice("+-*")
            size = x.size * y.size if op == "*" else x.size + y.size
            return self.joined("I", f"({{}} {op} {{}})", (x, y), size, False)
        if draw < 0.68:
            x, y = self.node("I", depth), self.node("E", depth)
            return self.joined("I", f"({{}} {self.choice(('//', '%'))} {{}})", (x, y),
                               max(x.size, y.size), False)
        if draw < 0.74:
            x = self.node("I", depth)
            exponent = self.choice(SMALL_EXPONENTS)
            if x.objects:
                return None
            size = x.size * x.size * x.size  # inf where ** would raise
            return self.joined("I", f"({{}})**{exponent}", (x,), size, False)
        if draw < 0.79:
            x = self.node("I", depth)
            return self.joined("I", "(-{})", (x,), x.size, False)
        if draw < 0.84:
            child = Node("I", self.choice(("sk", "ck") if self.scalar else ("k", "sk", "ck")), size=12)
            return Node("I", "abs({})", (child,), objects=True, size=12)
        if draw < 0.9:
            x = self.node("F", depth)
            if x.objects or not x.real:
                return None
            return Node("I", "int({})", (x,), size=LIMIT)
        if draw < 0.96:
            x = self.node("B", depth)
            return None if x.objects else Node("I", "int({})", (x,), size=1)
        x = self.node("I", depth)
        if x.objects or not varies(x):
            return None
        return Node("I", "clip({}, -5, 20)" if draw < 0.98 else "timestep(({} % 50)*dt, dt)", (x,),
                    size=50)

    def make_B(self, depth):
        draw = self.random.random()
        if draw < 0.15:
            return self.leaf("B")
        if draw < 0.65:
            kinds = self.choice((("F", "F"), ("F", "F"), ("I", "I"), ("F", "I")))
            children = tuple(self.node(kind, depth) for kind in kinds)
            op = self.choice(("<", "<=", ">", ">=", "==", "!="))
            return self.joined("B", f"({{}} {op} {{}})", children, 1, False)
        if draw < 0.9:
            children = self.node("B", depth), self.node("B", depth)
            op = self.choice(("and", "or"))
            return self.joined("B", f"({{}} {op} {{}})", children, 1, False)
        return self.joined("B", "(not {})", (self.node("B", depth),), 1, False)

    # ---- statements ---------------------------------------------------------------------

    def assignment(self, name: str, dtype: str, depth: int) -> Statement:
        if dtype == "bool":
            return Statement(name, "=", self.node("B", depth), self.scalar)
        if dtype.startswith("int"):
            expr, op = self.node("I", depth), self.choice(("=", "=", "+=", "-=", "*="))
            while expr.objects and op != "=":
                expr = self.node("I", depth)
            return Statement(name, op, expr, self.scalar)
        op = self.choice(("=", "=", "=", "+=", "-=", "*=", "/="))
        expr = self.node("D" if op == "/=" else "F", depth)
        if op == "=" and self.random.random() < 0.2:
            text = self.choice(("{0} + {1}", "{1}*{0}", "{0} - {1}/3.", "{1} + 0.1*{0}"))
            own = Node("O", name, real=True)
            expr = Node("F", text, (own, expr), True, expr.objects)
        return Statement(name, op, expr, self.scalar)

    def case(self) -> Case:
        """One expression, or a block of up to five statements."""
        depth = self.choice((1, 2, 2, 3, 3, 4))
        types = ("float64", "float64", "float64", "float32", "float32", "int32", "int64", "bool")
        if self.random.random() < 0.5:
            own = {"x@": self.choice(types)}
            return Case(self.seed, own, [self.assignment("x@", own["x@"], depth)])
        own = {"x@": "float64", "y@": self.choice(types), "z@": self.choice(types)}
        shared, guarded, statements, temporaries = frozenset(), frozenset(), [], {}
        if self.random.random() < 0.25:
            own["u@"] = self.choice(("float64", "float32", "int32", "bool"))
            shared = frozenset({"u@"})
            self.scalar = True
            for _ in range(self.choice((1, 2))):
                statements.append(self.assignment("u@", own["u@"], depth - 1))
            self.scalar = False
        if self.random.random() < 0.3:
            guarded = frozenset({self.choice(("x@", "y@"))})
        for name, dtype in own.items():
            kind = "B" if dtype == "bool" else "I" if dtype.startswith("int") else "F"
            self.extra[kind].append(Node(kind, name, real=kind == "F", size=2.0**63))
        subexpression = None
        if self.random.random() < 0.25:
            subexpression = self.node("F", depth - 1)
            self.extra["F"].append(Node("F", "s@", real=True))
        for number in range(self.choice((2, 3, 4, 5))):
            if self.random.random() < 0.25:
                kind = self.choice("FFIB")
                name = f"tmp{number}@"
                expr = self.node(kind, depth - 1)
                statements.append(Statement(name, "=", expr))
                temporaries[name] = kind
                # What a temporary is depends on the whole expression: a float if any is.
                real = kind == "F"
                if kind == "F" and not expr.real:
                    continue
                self.extra[kind].append(Node(kind, name, real=real, size=2.0**63))
            else:
                name = self.choice([name for name in own if name not in shared])
                statements.append(self.assignment(name, own[name], depth))
        return Case(self.seed, own, statements, subexpression, guarded, shared, 0, temporaries)


def cases(seed: int, first: int, count: int) -> list[Case]:
    """Cases `first` .. of a seed: each by itself, whatever was made before it."""
    return [Generator(f"{seed}:{first + k}").case() for k in range(count)]
