"""Python code that belongs to a model, as text: functions and operations.

A document keeps such text for the reader. Nothing in this package executes it, but for
``import_network(..., trust_code=True)``.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from brian2.core.functions import Function
from brian2.core.operations import NetworkOperation
from brian2.input.binomial import BinomialFunction
from brian2.units.fundamentalunits import get_dimensions

from .describe import base_units, dimensions
from .document import Element
from .translate import Untranslatable, executed, plain, translated

TEXT = "_engram_source"  #: attribute of functions whose text is known without their file
CODE = "_engram_code"  #: attribute of functions: their `implementation` elements in a document


def source_text(function: Any) -> str:
    """The text of a function with its decorators; '' if Python does not know it."""
    function = getattr(function, "pyfunc", None) or function
    while True:
        if isinstance(getattr(function, TEXT, None), str):
            return str(getattr(function, TEXT))
        inner = getattr(function, "_orig_func", None) or getattr(function, "__wrapped__", None)
        if isinstance(function, np.vectorize):
            inner = function.pyfunc
        if inner is None:
            break
        function = inner
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return ""


def remember(function: Any, text: str, code: Sequence[Element] = ()) -> None:
    """Let `source_text` and `implementations` find what a document tells of a function."""
    python = getattr(function, "pyfunc", None) or function
    try:
        setattr(python, TEXT, text)
        if code:
            setattr(python, CODE, list(code))
    except AttributeError:  # one of C
        pass


def custom_function(name: str, function: Function) -> Element:
    """A `function` element of a function that is not Brian2's own: signature, source, what it
    is for compilers, and its body in Engram's language or why it has none."""
    source, names = source_text(function), argument_names(function)
    element: Element = {
        "name": name, "kind": "custom", "source": source, "parameters": names,
        "result": _unit(function._return_unit),
        "stateless": bool(function.stateless),
        "auto_vectorise": bool(function.auto_vectorise),
    }
    if function._return_type != "float":
        element["result_type"] = function._return_type
    if element["result"] not in ("", "?", "bool"):
        element["dim"] = dimensions(get_dimensions(function._return_unit))
    if code := implementations(function):
        element["implementations"] = code
    try:
        body = translated(function, source_text(executed(function)) or source)
    except Untranslatable as reason:
        element["reason"] = str(reason)
    else:
        element |= {"parameters": body.parameters, "body": body.text}
    element["arguments"] = [
        _unit(unit, kind, names, element["parameters"])
        for unit, kind in zip(function._arg_units, function._arg_types)]
    return element


def implementations(function: Function) -> list[Element]:
    """`implementation` elements: the texts that ``@implementation`` was given."""
    if known := getattr(plain(function), CODE, None):
        return list(known)
    found: list[Element] = []
    for key, made in function.implementations._implementations.items():
        target = key if isinstance(key, str) else key.class_name
        parts = made._code if isinstance(made._code, Mapping) else {"": made._code}
        found += [{"target": target, "part": part, "code": code}
                  for part, code in parts.items() if isinstance(code, str)]
    return sorted(found, key=lambda item: (item["target"], item["part"]))


def meaning(value: Any) -> str:
    """What a function computes, now: numbers of the outside that it uses may change."""
    function = value if isinstance(value, Function) else Function(value)
    try:
        return translated(function, source_text(executed(function))).text
    except Untranslatable as reason:
        return str(reason)


def argument_names(function: Function) -> list[str]:
    """Names of the arguments that a call has; [] if nobody knows."""
    names = function._arg_names or getattr(function.pyfunc, "_arg_names", None)
    if names is None:
        code = getattr(plain(function.pyfunc), "__code__", None)
        names = code.co_varnames[:code.co_argcount] if code else ()
    count = len(function._arg_units)
    return list(names[:count]) if len(names) >= count else []


def _unit(unit: Any, kind: str = "any", names: Sequence[str] = (),
          parameters: Sequence[str] = ()) -> str:
    """'' for any, 'bool', '=name', '1' or a unit; '?' for one that is computed."""
    if unit is bool or unit is np.bool_ or kind == "boolean":
        return "bool"
    if unit is None:
        return ""
    if isinstance(unit, str):
        return f"={parameters[list(names).index(unit)] if unit in names else unit}"
    if isinstance(unit, Callable) and not hasattr(unit, "dim"):
        return "?"
    return base_units(dimensions(get_dimensions(unit)))


def binomial_function(name: str, function: BinomialFunction) -> Element:
    """A `function` element of a BinomialFunction: what its closure holds."""
    drawn = function.implementations["numpy"].get_code(None)
    values = inspect.getclosurevars(drawn).nonlocals
    normal = "loc" in values
    pair = _pair(float(values["loc"]), float(values["scale"])) if normal \
        else (int(values["n"]), float(values["p"]))
    if pair is None:
        return {"name": name, "kind": "custom"}
    return {"name": name, "kind": "binomial", "n": pair[0], "p": pair[1], "normal": normal}


def _pair(loc: float, scale: float) -> tuple[int, float] | None:
    """n and p with exactly this n*p and sqrt(n*p*(1 - p)), which is all that is kept of them."""
    rest = 1.0 - scale * scale / loc
    n = round(loc / rest) if rest > 0 else 0
    if n < 1:
        return None
    candidates = [loc / n]
    for towards in (0.0, 1.0):
        p = loc / n
        for _ in range(8):
            p = float(np.nextafter(p, towards))
            candidates.append(p)
    for p in candidates:
        if n * p == loc and float(np.sqrt(n * p * (1 - p))) == scale:
            return n, p
    return None


def operation(obj: NetworkOperation, with_source: bool = True) -> Element:
    """An `operation` element: the slot and the text of a NetworkOperation."""
    return {"name": obj.name, "clock": obj.clock.name,
            "when": obj.when if obj.when != "start" else "", "order": int(obj.order),
            "source": source_text(obj.function) if with_source else ""}
