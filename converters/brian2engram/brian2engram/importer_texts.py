"""Elements of a document -> what Brian2's constructors take: texts, quantities, types.

Everything here is exact: numbers stay the bits they are in the document, texts stay as they
were written, only the table of equations becomes a text again (semantics 3.1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from brian2.equations.equations import Equations, dimensions_and_type_from_string
from brian2.units.fundamentalunits import (
    DIMENSIONLESS, Quantity, get_or_create_dimension)
from brian2.units import second
from brian2.utils.stringtools import get_identifiers

from .describe import base_units
from . import gsl
from .document import Element
from .errors import Loss, UnsupportedError
from .names import texts_of
from .schema import ELEMENTS

SECONDS = re.compile(r"(\S+) \* second")
METHODS = ("exact", "euler", "heun")  #: Brian2's choice where the script names none


def filled(element: str, value: Element) -> Element:
    """A copy of an element in which every field is there; arrays are shared."""
    result: Element = {}
    for field in ELEMENTS[element]:
        content = value.get(field.name)
        if field.kind in ("list", "seq", "table"):
            result[field.name] = [filled(field.element or "", item) for item in content or ()]
        elif field.kind == "one":
            result[field.name] = content and filled(field.element or "", content)
        elif field.kind in ("dim", "strs"):
            result[field.name] = tuple(field.default if content is None else content)
        else:
            result[field.name] = field.default if content is None else content
    return result


# ---- units and numbers ------------------------------------------------------------------


def dimension(exponents: Iterable[float]) -> Any:
    """Brian2's dimensions from the seven exponents of a document."""
    return get_or_create_dimension(list(exponents))


def quantity(values: Any, exponents: Iterable[float]) -> Any:
    """Numbers in SI units with their dimensions; plain numbers stay plain."""
    dim = dimension(exponents)
    return values if dim is DIMENSIONLESS else Quantity(np.array(values), dim=dim)


def constant(element: Element) -> Any:
    """The value of a name, of the type and with the dimensions that the script gave it."""
    dtype = element["dtype"]
    if dtype == "bool":
        return bool(element["integer"])
    if dtype.startswith("int"):
        return int(element["integer"]) if dtype == "int64" else np.int32(element["integer"])
    value = float(element["value"]) if dtype == "float64" else np.float32(element["value"])
    return quantity(value, element["dim"])


def seconds(value: float) -> Any:
    """A time; exact."""
    return Quantity(float(value), dim=second.dim)


def seconds_array(values: np.ndarray) -> Any:
    """Times; exact."""
    return Quantity(values, dim=second.dim)


def is_quantity(text: str) -> bool:
    """Whether a weight is what Brian2 prints of a number or quantity: '0.1 * mvolt'."""
    return re.fullmatch(r"[-+0-9.eE]+( \* [a-zA-Z]\w*)?", text) is not None


# ---- equations --------------------------------------------------------------------------


def equation_text(element: Element) -> str:
    """One line of a model."""
    unit = _unit(element) if element["type"] == "float" else element["type"]
    flags = f" ({element['flags']})" if element["flags"] else ""
    if element["kind"] == "parameter":
        return f"{element['name']} : {unit}{flags}"
    left = f"d{element['name']}/dt" if element["kind"] == "differential" else element["name"]
    return f"{left} = {element['expr']} : {unit}{flags}"


def _unit(element: Element) -> str:
    """The author's unit if an equation may have it, else base units."""
    written = element.get("unit", "")
    if re.fullmatch(r"[\w*/. -]+", written) and _is_unit(written, element["dim"]):
        return str(written)
    return base_units(element["dim"])


def _is_unit(text: str, exponents: Iterable[float]) -> bool:
    """Whether Brian2 reads a text as a unit of these dimensions.

    The unit it read last is also the one that it displays for them.
    """
    try:
        return dimensions_and_type_from_string(text)[0] is dimension(exponents)
    except (ValueError, TypeError, SyntaxError):
        return False


def equations(owner: str, table: Iterable[Element]) -> Equations:
    """A model from its table; UnsupportedError if Brian2 reads anything but what is there."""
    table = list(table)
    model = Equations("\n".join(equation_text(element) for element in table))
    for element in table:
        single = model[element["name"]]
        found = single.expr.code if single.expr is not None else ""
        if found != element["expr"] or single.dim is not dimension(element["dim"]):
            raise UnsupportedError([Loss(owner, f"equation of {element['name']}",
                                         "Brian2 reads it as another text")])
        if element.get("unit"):
            _is_unit(element["unit"], element["dim"])
    return model


def refractory(group: Element) -> Any:
    """The ``refractory`` argument: False, a time, or a text (semantics 5.2)."""
    text = group["refractory"]
    if not text:
        return False
    written = SECONDS.fullmatch(text)
    if written and group["refractory_kind"] == "time":
        try:
            return seconds(float(written[1]))
        except ValueError:
            pass
    return text


def method(element: Element, integrates: bool) -> dict[str, Any]:
    """``method`` and ``method_options``: the integrator that the document names.

    Where Brian2 had the choice, the one that it chose is the only one offered, so that it
    is that one again or an error.
    """
    options = json.loads(element["method_options"]) if element["method_options"] else None
    if options is not None and not isinstance(options, dict):
        raise UnsupportedError([Loss(element["name"], "method_options",
                                     "they are no JSON object")])
    errors = (options or {}).get("absolute_error_per_variable")
    if errors:  # of GSL: numbers in SI base units
        dims = {single["name"]: single["dim"] for single in element["equations"]}
        options["absolute_error_per_variable"] = {
            name: Quantity(error, dim=dimension(dims.get(name, [0] * 7)))
            for name, error in errors.items()}
    name, resolved = element["method"], element["resolved_method"]
    if name:
        return {"method": name, "method_options": options}
    if resolved and options and not gsl.are_defaults(resolved, options):
        return {"method": resolved, "method_options": options}
    if resolved and integrates:
        return {"method": (resolved,)}
    return {"method": METHODS}


def dtypes(element: Element, subexpressions: dict[str, str]) -> dict[str, Any] | None:
    """The ``dtype`` argument: the type of every variable; None if the document has none."""
    stated = {single["name"]: single["dtype"] for single in element["equations"]
              if single["dtype"]}
    table = {**stated, **{variable["name"]: variable["dtype"] for variable in element["variables"]}}
    names = {single["name"] for single in element["equations"]}
    floats = {table[single["name"]] for single in element["equations"]
              if single["type"] == "float" and single["name"] in table}
    found = {name: table[name] for name in names if name in table}
    for single in element["equations"]:
        if single["name"] in found or single["kind"] != "subexpression":
            continue
        if single["name"] in subexpressions:
            found[single["name"]] = subexpressions[single["name"]]
        elif single["type"] == "float" and len(floats) == 1 and not stated:
            found[single["name"]] = min(floats)  # as one `dtype` argument has it for all
    return {name: np.dtype(dtype) for name, dtype in found.items()} or None


# ---- names ------------------------------------------------------------------------------


def identifiers(*elements: Element) -> set[str]:
    """Names in the texts of elements."""
    return set().union(*(get_identifiers(text) for element in elements
                         for text in texts_of(element)))
