"""Python code that belongs to a model, as text: functions and operations.

A document keeps such text for the reader. Nothing in this package executes it, but for
``import_network(..., trust_code=True)``.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
from brian2.core.functions import Function
from brian2.core.operations import NetworkOperation
from brian2.input.binomial import BinomialFunction
from brian2.units.fundamentalunits import get_dimensions

from .describe import base_units, dimensions
from .document import Element

TEXT = "_engram_source"  #: attribute of functions whose text is known without their file


def source_text(function: Any) -> str:
    """The text of a function with its decorators; '' if Python does not know it."""
    function = getattr(function, "pyfunc", None) or function
    while True:
        if isinstance(getattr(function, TEXT, None), str):
            return str(getattr(function, TEXT))
        inner = getattr(function, "_orig_func", None) or getattr(function, "__wrapped__", None)
        if inner is None:
            break
        function = inner
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return ""


def remember(function: Any, text: str) -> None:
    """Let `source_text` find the text of a function that has no file."""
    try:
        setattr(getattr(function, "pyfunc", None) or function, TEXT, text)
    except AttributeError:  # one of C
        pass


def custom_function(name: str, function: Function) -> Element:
    """A `function` element of a function that is not Brian2's own: signature and source."""
    return {
        "name": name, "kind": "custom", "source": source_text(function),
        "arguments": [_unit(unit) for unit in function._arg_units or ()],
        "result": _unit(function._return_unit),
        "stateless": bool(function.stateless),
        "auto_vectorise": bool(function.auto_vectorise),
    }


def _unit(unit: Any) -> str:
    """'' for any, 'bool', '=name', '1' or a unit; '?' for one that is computed."""
    if unit is None:
        return ""
    if unit is bool or unit is np.bool_:
        return "bool"
    if isinstance(unit, str):
        return f"={unit}"
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
