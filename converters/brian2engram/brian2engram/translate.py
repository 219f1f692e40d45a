"""Python functions -> bodies in Engram's language (docs/language.md, "Functions").

Nothing is executed but arithmetic on numbers: the text of the function is read, names that are
neither arguments nor assigned become the numbers that they stand for now. Control flow becomes
`where`, which computes both sides: nothing in the language can tell the difference.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import operator
import sys
import types
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import brian2
import numpy as np
from brian2.core.functions import Function
from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS
from brian2.units import unitsafefunctions
from brian2.units.fundamentalunits import DIMENSIONLESS, get_dimensions

from .describe import base_units, dimensions

RESULT = "_result"
BODY = "_engram_body"  #: attribute of functions that came from a document: their Body
STATEMENTS_MAX = 500  #: EG_BODY_STATEMENTS_MAX
TEXT_MAX = 60000

#: numpy functions that the language has, by the name it has for them
SAME = {name: (name,) for name in (
    "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "exp", "log",
    "log10", "sqrt", "expm1", "log1p", "floor", "ceil")}
SAME |= {"abs": ("abs", "absolute", "fabs")}
#: those that are operators
BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "divide": ast.Div,
    "true_divide": ast.Div, "floor_divide": ast.FloorDiv, "mod": ast.Mod,
    "remainder": ast.Mod, "power": ast.Pow}
COMPARE: dict[str, type[ast.cmpop]] = {
    "less": ast.Lt, "less_equal": ast.LtE, "greater": ast.Gt, "greater_equal": ast.GtE,
    "equal": ast.Eq, "not_equal": ast.NotEq}
LOGIC: dict[str, type[ast.boolop]] = {"logical_and": ast.And, "logical_or": ast.Or}

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.UAdd: operator.pos,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne}

#: what a statement or expression is called in a refusal
CALLED: dict[type[ast.AST], str] = {
    ast.For: "a loop", ast.While: "a loop", ast.AsyncFor: "a loop", ast.Raise: "an exception",
    ast.Try: "an exception handler", ast.With: "a with block", ast.Assert: "an assertion",
    ast.Import: "an import", ast.ImportFrom: "an import", ast.Global: "a global name changed",
    ast.Nonlocal: "an outer name changed", ast.FunctionDef: "a function inside",
    ast.ClassDef: "a class", ast.Delete: "a name deleted", ast.Subscript: "indexing",
    ast.Lambda: "a function inside", ast.ListComp: "a loop", ast.GeneratorExp: "a loop",
    ast.DictComp: "a loop", ast.SetComp: "a loop", ast.List: "a list", ast.Tuple: "a tuple",
    ast.Dict: "a dictionary", ast.Set: "a set", ast.JoinedStr: "a text",
    ast.Yield: "a generator", ast.YieldFrom: "a generator", ast.Await: "a coroutine",
    ast.Starred: "an argument list", ast.NamedExpr: "an assignment inside",
    ast.MatMult: "operator @", ast.LShift: "operator <<", ast.RShift: "operator >>",
    ast.BitAnd: "operator & of numbers", ast.BitOr: "operator | of numbers",
    ast.BitXor: "operator ^ of numbers", ast.Invert: "operator ~ of numbers",
    ast.Is: "'is'", ast.IsNot: "'is not'", ast.In: "'in'", ast.NotIn: "'not in'"}

#: units without a scale, by their dimensions
UNITS = {get_dimensions(DEFAULT_UNITS[unit]): unit for unit in (
    "becquerel", "katal", "gray", "tesla", "weber", "henry", "pascal", "newton", "watt",
    "joule", "coulomb", "farad", "siemens", "ohm", "volt", "hertz", "amp", "second", "metre",
    "kilogram", "kelvin", "mole")}
#: decorators that leave alone what a function computes
DECORATORS = ("check_units", "declare_types", "implementation", "vectorize")


class Untranslatable(Exception):  # noqa: N818
    """Why a function has no body in Engram's language, with the line of its text."""


class Body(NamedTuple):
    """A translated function."""

    parameters: list[str]
    text: str


class Value(NamedTuple):
    """What an expression is: a node of the language, or a number that is known."""

    node: ast.expr | None
    boolean: bool
    number: Any = None  #: of a known one (node None)


UNSET = object()  #: what a name has that gets its value on one way only


def _named(table: dict[str, Any]) -> dict[int, str]:
    """id of each function of that name in numpy and Brian2 -> key of the table."""
    found = {}
    for key, names in table.items():
        for name in names if isinstance(names, tuple) else (key,):
            for module in (np, unitsafefunctions, brian2):
                if hasattr(module, name):
                    found[id(getattr(module, name))] = key
    return found


_SAME, _BINARY = _named(SAME), _named(BINARY)
_COMPARE, _LOGIC = _named(COMPARE), _named(LOGIC)
_SPECIAL = _named({name: (name,) for name in (
    "where", "clip", "maximum", "minimum", "fmax", "fmin", "square", "sign", "logical_not",
    "negative")})
_SPECIAL |= {id(min): "min", id(max): "max"}
_SAME |= {id(abs): "abs"}
for _name, _function in brian2.DEFAULT_FUNCTIONS.items():
    if _name in ("exprel", "timestep"):
        _SAME |= {id(_function): _name, id(_function.pyfunc): _name}
RESERVED = {*DEFAULT_UNITS, *DEFAULT_CONSTANTS, *brian2.DEFAULT_FUNCTIONS, "where", RESULT}


def translated(function: Function, source: str) -> Body:
    """The body of a function; Untranslatable with the reason. `source`: its text."""
    if function.auto_vectorise:
        raise Untranslatable("it is told the number of elements")
    python = executed(function)
    if isinstance(getattr(python, BODY, None), Body):
        return getattr(python, BODY)
    if _without_units(function):
        raise Untranslatable("Brian2 calls it without units (discard_units)")
    known = _SAME.get(id(python)) or _SPECIAL.get(id(python))
    count = len(function._arg_units)
    if known in _SAME.values():
        names = [f"x{k}" for k in range(1, count + 1)] if count > 1 else ["x"]
        return Body(names, f"{RESULT} = {known}({', '.join(names)})")
    if not isinstance(python, types.FunctionType):
        raise Untranslatable(f"it is no Python function but a {type(python).__name__}")
    boolean = [unit in (bool, np.bool_) or kind == "boolean"
               for unit, kind in zip(function._arg_units, function._arg_types)]
    translation = _Translation()
    names = translation.parameters(python, count)
    arguments = [Value(ast.Name(name), flag) for name, flag in zip(names, boolean)]
    try:
        result = _Call(translation, python, source, ()).value(arguments, {})
    except RecursionError:
        raise Untranslatable("it is nested too deeply") from None
    if function._return_unit in (bool, np.bool_) and not result.boolean:
        raise Untranslatable("its result is a number, not a boolean")
    translation.lines.append(f"{RESULT} = {ast.unparse(translation.node(result))}")
    text = "\n".join(translation.lines)
    if len(translation.lines) > STATEMENTS_MAX or len(text) > TEXT_MAX:
        raise Untranslatable("it is too long")
    return Body(names, text)


def _without_units(function: Function) -> bool:
    """Whether Brian2's numpy target hands over plain numbers where the function has units."""
    units = [unit for unit in (*function._arg_units, function._return_unit)
             if unit is not None and unit is not bool and not isinstance(unit, str)]
    if all(hasattr(unit, "dim") or not callable(unit) for unit in units) and all(
            get_dimensions(unit) is DIMENSIONLESS for unit in units):
        return False
    for key, found in function.implementations._implementations.items():
        if "numpy" in (key, getattr(key, "class_name", None)):
            return getattr(found._code, "__module__", "") != "brian2.core.functions"
    return bool(brian2.prefs["codegen.runtime.numpy.discard_units"])


def executed(function: Function) -> Any:
    """What Brian2's numpy target calls, without what only checks units."""
    python = function.pyfunc
    for key, found in function.implementations._implementations.items():
        if "numpy" in (key, getattr(key, "class_name", None)):
            python = found._code
            if isinstance(python, types.FunctionType) and python.__closure__ and \
                    python.__module__ == "brian2.core.functions":
                python = inspect.getclosurevars(python).nonlocals.get("orig_func", python)
    return plain(python)


def plain(python: Any) -> Any:
    """The function behind check_units and numpy.vectorize."""
    while True:
        inner = getattr(python, "_orig_func", None)
        if isinstance(python, np.vectorize) and python.signature is None \
                and all(np.dtype(one) == np.float64 for one in python.otypes or ()):
            inner = python.pyfunc
        if type(python) is Function:
            inner = python.pyfunc
        if inner is None:
            return python
        python = inner


class _Translation:
    """The lines of a body, and which names they use."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.taken = set(RESERVED)
        self.given: set[str] = set()  #: names of the arguments

    def parameters(self, python: types.FunctionType, count: int) -> list[str]:
        signature = inspect.signature(python).parameters
        for parameter in signature.values():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise Untranslatable(f"argument list {parameter}")
        names = list(signature)[:count]
        if len(names) < count:
            raise Untranslatable("it has fewer arguments than units")
        found = [self.fresh(name) for name in names]
        self.given = set(found)
        return found

    def fresh(self, name: str) -> str:
        """A name of the language that nothing has."""
        name = name if name.isascii() else "_value"
        unique, number = name, 1
        while unique in self.taken:
            number += 1
            unique = f"{name}_{number}"
        self.taken.add(unique)
        return unique

    def kept(self, value: Value, name: str = "_value") -> Value:
        """`value` by a name, so that it may stand in several places."""
        if value.node is None or isinstance(value.node, ast.Name):
            return value
        unique = self.fresh(name)
        self.lines.append(f"{unique} = {ast.unparse(value.node)}")
        if len(self.lines) > STATEMENTS_MAX:
            raise Untranslatable("it is too long")
        return Value(ast.Name(unique), value.boolean)

    def node(self, value: Value) -> ast.expr:
        """The node of a value; a known number as a literal."""
        return value.node if value.node is not None else literal(value.number)


def literal(number: Any) -> ast.expr:
    """A number in the language: with its unit, in base units."""
    dim = get_dimensions(number)
    if dim is not DIMENSIONLESS:
        value = float(np.asarray(number))
        named = ast.parse(UNITS.get(dim) or base_units(dimensions(dim)), mode="eval").body
        return named if value == 1.0 else ast.BinOp(literal(value), ast.Mult(), named)
    if isinstance(number, (bool, np.bool_)):
        return ast.Constant(bool(number))
    if isinstance(number, (int, np.integer)):
        number = int(number)
        if not -2**63 < number < 2**63:
            raise Untranslatable(f"the number {number} does not fit into 64 bits")
        return ast.Constant(number) if number >= 0 else ast.UnaryOp(ast.USub(),
                                                                    ast.Constant(-number))
    number = float(np.asarray(number))
    if math.isnan(number):
        raise Untranslatable("nan, which the language has not")
    node: ast.expr = ast.Name("inf") if math.isinf(number) else ast.Constant(abs(number))
    return ast.UnaryOp(ast.USub(), node) if math.copysign(1.0, number) < 0 else node


def is_number(value: Any) -> bool:
    """A single number, with or without a unit."""
    if isinstance(value, (bool, int, float, np.number, np.bool_)):
        return not isinstance(value, np.complexfloating)
    return isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "biuf"


class _Call:
    """One call of a Python function, whose lines join the translation."""

    def __init__(self, translation: _Translation, python: types.FunctionType, source: str,
                 callers: tuple[types.CodeType, ...]) -> None:
        self.translation, self.python = translation, python
        if python.__code__ in callers:
            raise Untranslatable(f"{python.__name__}() calls itself")
        self.callers = (*callers, python.__code__)
        self.inner = bool(callers)
        self.tree = self._parsed(source)
        try:
            found = inspect.getclosurevars(python)
        except ValueError:
            raise Untranslatable("a name of an outer function has no value yet") from None
        self.outside = {**vars(builtins), **python.__globals__, **found.nonlocals}
        self.local = {node.id for node in ast.walk(self.tree)
                      if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}

    def _parsed(self, source: str) -> ast.FunctionDef | ast.Lambda:
        try:
            tree = ast.parse(source)
        except SyntaxError:
            tree = ast.Module([], [])
        name = self.python.__name__
        made = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        lambdas = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
        if name != "<lambda>" and made:
            for decorator in made[0].decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if ast.unparse(called).rpartition(".")[2] not in DECORATORS:
                    self.refuse(decorator, f"decorator {ast.unparse(called)}")
            return made[0]
        if name == "<lambda>" and len(lambdas) == 1:
            return lambdas[0]
        raise Untranslatable(f"the text of {name}() is not to be read")

    def refuse(self, node: ast.AST, what: str) -> NoReturn:
        where = f"line {getattr(node, 'lineno', 1)}"
        raise Untranslatable(f"{self.python.__name__}(), {where}: {what}" if self.inner
                             else f"{where}: {what}")

    def value(self, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """The value that the function returns for these arguments."""
        env = self._bound(arguments, keywords)
        self.arguments = list(env.values())
        if isinstance(self.tree, ast.Lambda):
            return self.expression(self.tree.body, env)
        return self.block(self.tree.body, env, self.tree)

    def _bound(self, arguments: list[Value], keywords: dict[str, Value]) -> dict[str, Any]:
        signature = inspect.signature(self.python)
        for parameter in signature.parameters.values():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                self.refuse(self.tree, f"argument list {parameter}")
        try:
            given = signature.bind(*arguments, **keywords)
        except TypeError as error:
            self.refuse(self.tree, str(error))
        env: dict[str, Any] = dict(given.arguments)
        for name, parameter in signature.parameters.items():
            if name not in env:
                env[name] = self.known(self.tree, parameter.default, f"default of {name}")
        return env

    def known(self, node: ast.AST, found: Any, called: str) -> Value:
        """A number of the outside."""
        if not is_number(found):
            self.refuse(node, f"{called} is no number but a {type(found).__name__}")
        return Value(None, isinstance(found, (bool, np.bool_)), found)

    # ---- statements --------------------------------------------------------------------

    def block(self, statements: list[ast.stmt], env: dict[str, Any], within: ast.AST) -> Value:
        """Run statements up to the value that they return."""
        for at, statement in enumerate(statements):
            if isinstance(statement, ast.Return):
                if statement.value is None:
                    self.refuse(statement, "no value is returned")
                return self.expression(statement.value, env)
            if not isinstance(statement, ast.If):
                self.assign(statement, env)
                continue
            if not _returns(statement):
                self.steps([statement], env)
                continue
            rest = statements[at + 1:]
            condition = self.truth(statement.test, env)
            if condition.node is None:
                chosen = statement.body if condition.number else statement.orelse
                return self.block(chosen + rest, env, statement)
            condition = self.translation.kept(condition, "_condition")
            first = self.block(statement.body + rest, dict(env), statement)
            second = self.translation.kept(
                self.block(statement.orelse + rest, dict(env), statement))
            return self.where(condition, first, second)
        self.refuse(within, "it may end without a value")

    def steps(self, statements: list[ast.stmt], env: dict[str, Any]) -> None:
        """Statements that return nothing."""
        for statement in statements:
            if not isinstance(statement, ast.If):
                self.assign(statement, env)
                continue
            condition = self.truth(statement.test, env)
            if condition.node is None:
                self.steps(statement.body if condition.number else statement.orelse, env)
                continue
            condition = self.translation.kept(condition, "_condition")
            ways = []
            for branch in (statement.body, statement.orelse):
                ways.append(dict(env))
                self.steps(branch, ways[-1])
            for name in {**ways[0], **ways[1]}:
                first, second = (way.get(name, UNSET) for way in ways)
                if first is second:
                    env[name] = first
                elif first is UNSET or second is UNSET:
                    env[name] = UNSET
                else:
                    env[name] = self.translation.kept(self.where(condition, first, second),
                                                      name)

    def assign(self, statement: ast.stmt, env: dict[str, Any]) -> None:
        """A statement that is no `if` and no `return`."""
        if isinstance(statement, ast.Pass) or (
                isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            return
        if isinstance(statement, ast.Assign):
            if len(statement.targets) > 1:
                shared = self.translation.kept(self.expression(statement.value, env))
                for target in statement.targets:
                    if not isinstance(target, ast.Name):
                        self.refuse(target, "an assignment to several at once")
                    env[target.id] = shared
            else:
                self._assign_to(statement.targets[0], statement.value, env)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._assign_to(statement.target, statement.value, env)
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            old = self.name(ast.Name(name, lineno=statement.lineno), env)
            if old.node is not None and (sum(x is old for x in env.values()) > 1 or
                                         any(x is old for x in self.arguments) or
                                         ast.unparse(old.node) in self.translation.given):
                self.refuse(statement, f"{name}, an argument or known by two names, is changed "
                            "in place")
            new = self.binary(statement, statement.op, old,
                              self.expression(statement.value, env))
            env[name] = self.translation.kept(new, name)
        elif isinstance(statement, ast.AugAssign):
            self.refuse(statement, "an element is changed")
        elif isinstance(statement, ast.Expr):
            self.refuse(statement, "a call whose value is not used")
        else:
            self.refuse(statement, CALLED.get(type(statement), type(statement).__name__))

    def _assign_to(self, target: ast.expr, value: ast.expr, env: dict[str, Any]) -> None:
        if isinstance(target, ast.Name):
            env[target.id] = self.translation.kept(self.expression(value, env), target.id)
        elif isinstance(target, (ast.Tuple, ast.List)) and \
                isinstance(value, (ast.Tuple, ast.List)) and \
                len(value.elts) == len(target.elts) and \
                all(isinstance(one, ast.Name) for one in target.elts):
            found = [self.translation.kept(self.expression(one, env)) for one in value.elts]
            env |= {one.id: new for one, new in zip(target.elts, found)}
        elif isinstance(target, ast.Subscript):
            self.refuse(target, "an element is changed")
        else:
            self.refuse(target, CALLED.get(type(target), "an assignment to no name"))

    # ---- expressions -------------------------------------------------------------------

    def expression(self, node: ast.expr, env: dict[str, Any]) -> Value:
        """The value of an expression."""
        if isinstance(node, ast.Constant):
            if not is_number(node.value):
                self.refuse(node, f"{node.value!r} is no number")
            return Value(None, isinstance(node.value, bool), node.value)
        if isinstance(node, ast.Name):
            return self.name(node, env)
        if isinstance(node, ast.Attribute):
            return self.known(node, self.outer(node, env), ast.unparse(node))
        if isinstance(node, ast.BinOp):
            return self.binary(node, node.op, self.expression(node.left, env),
                               self.expression(node.right, env))
        if isinstance(node, ast.UnaryOp):
            return self.unary(node, node.op, self.expression(node.operand, env))
        if isinstance(node, ast.Compare):
            return self.comparison(node, env)
        if isinstance(node, ast.BoolOp):
            return self.logic(node, type(node.op),
                              [self.expression(one, env) for one in node.values])
        if isinstance(node, ast.IfExp):
            condition = self.truth(node.test, env)
            if condition.node is None:
                return self.expression(node.body if condition.number else node.orelse, env)
            return self.where(condition, self.expression(node.body, env),
                              self.expression(node.orelse, env))
        if isinstance(node, ast.Call):
            return self.call(node, env)
        self.refuse(node, CALLED.get(type(node), type(node).__name__))

    def name(self, node: ast.Name, env: dict[str, Any]) -> Value:
        """A local, an argument, or a number of the outside."""
        if node.id in env:
            if env[node.id] is UNSET:
                self.refuse(node, f"{node.id} may have no value")
            return env[node.id]
        return self.known(node, self.outer(node, env), node.id)

    def outer(self, node: ast.expr, env: dict[str, Any]) -> Any:
        """The object that a name of the outside stands for; nothing is executed for it."""
        if isinstance(node, ast.Name):
            if node.id in self.local or node.id in env:
                self.refuse(node, f"{node.id} may have no value" if node.id not in env
                            else f"{node.id} is an argument or a local name")
            if node.id not in self.outside:
                self.refuse(node, f"{node.id} is unknown")
            return self.outside[node.id]
        if isinstance(node, ast.Attribute):
            base = node
            while isinstance(base, ast.Attribute):
                base = base.value
            if isinstance(base, ast.Name) and base.id not in env:
                holder = self.outer(node.value, env)
                if isinstance(holder, types.ModuleType) and hasattr(holder, node.attr):
                    return getattr(holder, node.attr)
                if node.attr in getattr(holder, "__dict__", {}):
                    return holder.__dict__[node.attr]
            self.refuse(node, f"attribute {ast.unparse(node)}")
        self.refuse(node, CALLED.get(type(node), ast.unparse(node)))

    def computed(self, node: ast.AST, function: Callable[..., Any], *values: Value) -> Value:
        """Arithmetic on known numbers, as Python does it."""
        try:
            with np.errstate(all="ignore"):
                result = function(*(value.number for value in values))
        except Exception as error:
            self.refuse(node, f"{type(error).__name__}: {error}")
        return self.known(node, result, "a constant")

    def binary(self, node: ast.AST, op: ast.operator, a: Value, b: Value) -> Value:
        """a op b."""
        if a.boolean and b.boolean:
            if isinstance(op, (ast.BitAnd, ast.BitOr)):
                return self.logic(node, ast.And if isinstance(op, ast.BitAnd) else ast.Or,
                                  [a, b])
            if isinstance(op, ast.BitXor):
                return self._compared(node, ast.NotEq(), a, b)
            self.refuse(node, "arithmetic of two booleans")
        if type(op) not in OPERATORS:
            self.refuse(node, CALLED[type(op)])
        if a.node is None and b.node is None:
            return self.computed(node, OPERATORS[type(op)], a, b)
        whole = self.translation.node
        return Value(ast.BinOp(whole(a), op, whole(b)), False)

    def unary(self, node: ast.AST, op: ast.unaryop, a: Value) -> Value:
        """-a, +a, not a, ~a."""
        if isinstance(op, ast.Not) or (isinstance(op, ast.Invert) and a.boolean):
            if not a.boolean:
                self.refuse(node, "'not' of a number")
            if a.node is None:
                return Value(None, True, not a.number)
            return Value(ast.UnaryOp(ast.Not(), a.node), True)
        if type(op) not in OPERATORS or a.boolean:
            self.refuse(node, CALLED.get(type(op), "the sign of a boolean"))
        if a.node is None:
            return self.computed(node, OPERATORS[type(op)], a)
        return Value(ast.UnaryOp(op, a.node), False)

    def comparison(self, node: ast.Compare, env: dict[str, Any]) -> Value:
        """a < b < c, each operand once."""
        values = [self.expression(one, env) for one in (node.left, *node.comparators)]
        values[1:-1] = [self.translation.kept(one) for one in values[1:-1]]
        pairs = [self._compared(node, op, a, b)
                 for op, a, b in zip(node.ops, values, values[1:])]
        return pairs[0] if len(pairs) == 1 else self.logic(node, ast.And, pairs)

    def _compared(self, node: ast.AST, op: ast.cmpop, a: Value, b: Value) -> Value:
        if type(op) not in OPERATORS:
            self.refuse(node, CALLED[type(op)])
        if a.node is None and b.node is None:
            return self.computed(node, OPERATORS[type(op)], a, b)
        whole = self.translation.node
        return Value(ast.Compare(whole(a), [op], [whole(b)]), True)

    def logic(self, node: ast.AST, op: type[ast.boolop], values: list[Value]) -> Value:
        """and, or of booleans."""
        if not all(value.boolean for value in values):
            self.refuse(node, f"'{'and' if op is ast.And else 'or'}' of numbers")
        return Value(ast.BoolOp(op(), [self.translation.node(one) for one in values]), True)

    def truth(self, node: ast.expr, env: dict[str, Any]) -> Value:
        """A condition: a boolean, or a number that is zero or not."""
        value = self.expression(node, env)
        if value.boolean:
            return value
        return self._compared(node, ast.NotEq(), value, Value(None, False, 0))

    def where(self, condition: Value, a: Value, b: Value) -> Value:
        """a where the condition holds, else b."""
        if condition.node is None:
            return a if condition.number else b
        whole = self.translation.node
        return Value(ast.Call(ast.Name("where"), [condition.node, whole(a), whole(b)], []),
                     a.boolean and b.boolean)

    # ---- calls -------------------------------------------------------------------------

    def call(self, node: ast.Call, env: dict[str, Any]) -> Value:
        """A function of the language, or another one whose body takes the place of the call."""
        called = ast.unparse(node.func)
        found = plain(self.outer(node.func, env))
        arguments = [self.expression(one, env) for one in node.args]
        keywords = {word.arg or "**": self.expression(word.value, env)
                    for word in node.keywords}
        key = id(found)
        if isinstance(found, types.FunctionType) and key not in _SAME and key not in _SPECIAL:
            return self._inlined(node, found, arguments, keywords)
        if keywords and _SPECIAL.get(key) != "clip":
            self.refuse(node, f"a keyword argument of {called}")
        if key in _SAME and len(arguments) == (2 if _SAME[key] == "timestep" else 1):
            if all(one.node is None for one in arguments):
                return self.computed(node, found, *arguments)
            whole = self.translation.node
            return Value(ast.Call(ast.Name(_SAME[key]), [whole(one) for one in arguments], []),
                         False)
        if key in _BINARY and len(arguments) == 2:
            return self.binary(node, BINARY[_BINARY[key]](), *arguments)
        if key in _COMPARE and len(arguments) == 2:
            return self._compared(node, COMPARE[_COMPARE[key]](), *arguments)
        if key in _LOGIC and len(arguments) == 2:
            return self.logic(node, LOGIC[_LOGIC[key]], arguments)
        if key in _SPECIAL:
            return self._special(node, _SPECIAL[key], arguments, keywords)
        if getattr(found, "__module__", "") == "math":
            self.refuse(node, f"{called}() takes single numbers and raises; numpy has "
                        f"np.{node.func.attr if isinstance(node.func, ast.Attribute) else called}"
                        "()")
        self.refuse(node, f"{called}(), which the language has not")

    def _inlined(self, node: ast.Call, found: types.FunctionType, arguments: list[Value],
                 keywords: dict[str, Value]) -> Value:
        from .sources import source_text

        arguments = [self.translation.kept(one) for one in arguments]
        keywords = {name: self.translation.kept(one) for name, one in keywords.items()}
        if "**" in keywords:
            self.refuse(node, "an argument list")
        return _Call(self.translation, found, source_text(found),
                     self.callers).value(arguments, keywords)

    def _special(self, node: ast.Call, name: str, arguments: list[Value],
                 keywords: dict[str, Value]) -> Value:
        if name == "clip":
            return self._clip(node, arguments, keywords)
        count = {"where": 3, "square": 1, "sign": 1, "logical_not": 1, "negative": 1}
        if len(arguments) != count.get(name, 2):
            self.refuse(node, f"{name}() of {len(arguments)} arguments")
        if name == "where":
            condition = arguments[0]
            if not condition.boolean:
                condition = self._compared(node, ast.NotEq(), condition, Value(None, False, 0))
            return self.where(condition, *arguments[1:])
        if name == "logical_not":
            return self.unary(node, ast.Not(), arguments[0])
        if name == "negative":
            return self.unary(node, ast.USub(), arguments[0])
        kept = [self.translation.kept(one) for one in arguments]
        if name == "square":
            return self.binary(node, ast.Mult(), kept[0], kept[0])
        if name == "sign":
            return self._sign(node, kept[0])
        return self._extreme(node, name, *kept)

    def _sign(self, node: ast.AST, x: Value) -> Value:
        if x.node is None:
            return self.computed(node, np.sign, x)
        zero, one, minus = (Value(None, False, number) for number in (0.0, 1.0, -1.0))
        nan = self.binary(node, ast.Div(), x, x)  # of nan: without the unit of x
        at_zero = self.where(self._compared(node, ast.Eq(), x, zero), zero, nan)
        below = self.where(self._compared(node, ast.Lt(), x, zero), minus, at_zero)
        return self.where(self._compared(node, ast.Gt(), x, zero), one, below)

    def _extreme(self, node: ast.AST, name: str, a: Value, b: Value) -> Value:
        """numpy's maximum and minimum pass nan on, fmax and fmin pass it over; Python's max and
        min take what compares."""
        greatest = "max" in name
        if name in ("max", "min"):
            op: ast.cmpop = ast.Gt() if greatest else ast.Lt()
            return self.where(self._compared(node, op, b, a), b, a)
        taken = self._compared(node, ast.GtE() if greatest else ast.LtE(), a, b)
        odd = b if name.startswith("f") else a
        if odd.node is not None:
            taken = self.logic(node, ast.Or,
                               [taken, self._compared(node, ast.NotEq(), odd, odd)])
        return self.where(taken, a, b)

    def _clip(self, node: ast.Call, arguments: list[Value],
              keywords: dict[str, Value]) -> Value:
        """numpy.clip; where the bounds are numbers in order, it is the language's."""
        names = dict(zip(("a", "a_min", "a_max"), arguments)) | keywords
        if set(names) != {"a", "a_min", "a_max"}:
            self.refuse(node, "clip() without both bounds")
        x, low, high = (names[name] for name in ("a", "a_min", "a_max"))
        ordered = low.node is None and high.node is None and \
            self.computed(node, operator.le, low, high).number
        if ordered and x.node is not None:
            whole = self.translation.node
            return Value(ast.Call(ast.Name("clip"), [whole(x), whole(low), whole(high)], []),
                         False)
        kept = [self.translation.kept(one) for one in (x, low, high)]
        above = self.translation.kept(self._extreme(node, "maximum", kept[0], kept[1]))
        return self._extreme(node, "minimum", above, kept[2])


class _Vectorised(ast.NodeTransformer):
    """The language in numpy's terms: logic for arrays."""

    NODES = (ast.Module, ast.Assign, ast.Name, ast.Load, ast.Store, ast.Constant, ast.BinOp,
             ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, *OPERATORS, ast.Not, ast.And,
             ast.Or)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, self.NODES) or getattr(node, "keywords", None):
            raise Untranslatable(f"{type(node).__name__} is not of the language")
        if isinstance(node, ast.Constant) and type(node.value) not in (bool, int, float):
            raise Untranslatable(f"a {type(node.value).__name__} is not of the language")
        return super().generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:  # noqa: N802
        self.generic_visit(node)
        name = "logical_and" if isinstance(node.op, ast.And) else "logical_or"
        made = node.values[0]
        for value in node.values[1:]:
            made = ast.Call(ast.Name(name, ast.Load()), [made, value], [])
        return made

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            return ast.Call(ast.Name("logical_not", ast.Load()), [node.operand], [])
        return node


def function_of(name: str, body: Body) -> types.FunctionType:
    """A body as a Python function over numpy, which can do nothing but compute."""
    known = {key: getattr(unitsafefunctions, key, None) or getattr(np, key)
             for key in (*SAME, "clip", "where", "logical_and", "logical_or", "logical_not")}
    known |= {key: brian2.DEFAULT_FUNCTIONS[key].pyfunc for key in ("exprel", "timestep")}
    known |= {key: float(constant.value) for key, constant in DEFAULT_CONSTANTS.items()}
    known |= DEFAULT_UNITS
    tree = _Vectorised().visit(ast.parse(body.text))
    arguments = ast.arguments([], [ast.arg(one) for one in body.parameters], None, [], [], None,
                              [])
    made = ast.FunctionDef("function", arguments, [
        *tree.body, ast.Return(ast.Name(RESULT, ast.Load()))], [])
    if sys.version_info >= (3, 12):
        made.type_params = []
    whole = ast.fix_missing_locations(ast.Module([made], []))
    space: dict[str, Any] = {**known, "__builtins__": {}}
    exec(compile(whole, f"<body of {name}>", "exec"), space)  # noqa: S102
    function: types.FunctionType = space["function"]
    function.__name__ = name
    setattr(function, BODY, body)
    return function


def _returns(statement: ast.If) -> bool:
    return any(isinstance(node, ast.Return) for node in ast.walk(statement))
