"""Small conversions from Brian2's objects to the fields of elements."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from brian2 import prefs
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable, Constant, DynamicArrayVariable
from brian2.devices.device import get_device
from brian2.groups.subgroup import Subgroup
from brian2.input.timedarray import TimedArray
from brian2.units.fundamentalunits import DIMENSIONLESS, get_unit

from .document import Element

NO_DIM = (0.0,) * 7
#: that code computes with
DTYPES = ("bool", "int32", "int64", "float32", "float64")
BASE_UNITS = ("metre", "kilogram", "second", "amp", "kelvin", "mole", "candela")


def dtype_name(dtype: Any) -> str:
    """'float64', 'int32', 'bool' ... of whatever numpy takes for a type."""
    return np.dtype(dtype).name


def is_event_clock(clock: Any) -> bool:
    """Whether a clock has times in place of a step (Brian2 2.10)."""
    return not hasattr(clock, "dt_")


def clock_element(clock: Any) -> Element:
    """The `clock` element; Brian2 ends the times of an event clock with infinity."""
    if is_event_clock(clock):
        return {"name": clock.name,
                "times": np.array(clock.variables["times"].get_value()[:-1], dtype=np.float64)}
    return {"name": clock.name, "dt": float(clock.dt_)}


def dimensions(dim: Any) -> tuple[float, ...]:
    """Exponents metre, kilogram, second, ampere, kelvin, mole, candela of Brian2's dimensions.

    Brian2 keeps them in this order (units/fundamentalunits.py, ``Dimension._dims``).
    """
    if dim is None or dim is DIMENSIONLESS:
        return NO_DIM
    return tuple(float(exponent) + 0.0 for exponent in dim._dims)  # no negative zeros


def unit_text(dim: Any) -> str:
    """The unit that Brian2 displays for dimensions, e.g. 'V'; '' for none."""
    if dim is None or dim is DIMENSIONLESS:
        return ""
    return str(get_unit(dim))


def base_units(exponents: Iterable[float]) -> str:
    """Seven exponents as a product of base units, as equations have them; '1' for none."""
    factors = []
    for unit, exponent in zip(BASE_UNITS, exponents):
        number = int(exponent) if float(exponent).is_integer() else exponent
        if number:
            factors.append(unit if number == 1 else f"{unit}**{number}")
    return "*".join(factors) or "1"


def rate_dtype(monitor: Any) -> str:
    """Type of the rates that a PopulationRateMonitor keeps."""
    return dtype_name(monitor.variables["rate"].dtype)


def constant_dtype(dtype: Any) -> str:
    """Type of a constant in a document; '' if it has none.

    Integers of less than 32 bits are int32: C computes with them as with those.
    """
    name = dtype_name(dtype)
    if name in ("int8", "int16", "uint8", "uint16"):
        return "int32"
    return name if name in DTYPES else ""


def constant_fields(value: Any, dtype: Any) -> Element:
    """dtype and exact value: `value` for floating types, `integer` beside it for others."""
    name = constant_dtype(dtype)
    fields: Element = {"dtype": name, "value": float(value)}
    if not name.startswith("float"):
        fields["integer"] = int(value)
    return fields


def constant(name: str, variable: Constant) -> Element:
    """A `constant` element from a resolved external name (semantics 3.7)."""
    return {"name": name, **constant_fields(variable.value, variable.dtype),
            "dim": dimensions(variable.dim)}


def variable(name: str, var: ArrayVariable) -> Element:
    """A `variable` element: type, number of elements, flags, dimensions."""
    return {
        "name": name,
        "dtype": dtype_name(var.dtype),
        "size": int(np.prod(var.get_value().shape, dtype=np.int64)),
        "scalar": bool(var.scalar),
        "constant": bool(var.constant),
        "dynamic": isinstance(var, DynamicArrayVariable),
        "read_only": bool(var.read_only),
        "dim": dimensions(var.dim),
        "unit": unit_text(var.dim),
    }


KINDS = {"differential equation": "differential", "subexpression": "subexpression",
         "parameter": "parameter"}


def float_dtype() -> str:
    """Brian2's type of numbers whose type nothing else gives, as a network says it."""
    return "float32" if np.dtype(prefs.core.default_float_dtype) == np.float32 else ""


def rng_rule() -> str:
    """How numbers are drawn under this device: Cython's buffers, unless it says otherwise."""
    return str(getattr(get_device(), "rng_rule", "brian-runtime"))


def legacy_refractory() -> bool:
    """Whether refractory times are compared in seconds, by Brian2's preference."""
    return bool(prefs.legacy.refractory_timing)


def equation_dtype(single: Any, group: Any) -> str:
    """Element type of an equation's variable; '' for that which all of its kind have."""
    variable = group.variables.get(single.varname)
    if variable is None or single.varname in getattr(group, "_linked_variables", ()):
        return ""  # a linked variable is another's
    usual = {"float": float_dtype() or "float64", "integer": "int32", "boolean": "bool"}
    found = dtype_name(variable.dtype)
    return found if found in DTYPES and found != usual[single.var_type] else ""


def equation(single: Any, group: Any) -> Element:
    """An `equation` element from a group's SingleEquation: text untouched (semantics 3.1)."""
    return {
        "name": single.varname,
        "kind": KINDS[single.type],
        "type": single.var_type,
        "expr": single.expr.code if single.expr is not None else "",
        "flags": ", ".join(single.flags),
        "dim": dimensions(single.dim),
        "unit": repr(single.unit) if single.dim is not DIMENSIONLESS else "",
        "dtype": equation_dtype(single, group),
    }


def function(name: str, value: Function) -> Element:
    """A `function` element: a TimedArray with its values, else the signature.

    The generator of a PoissonInput is a signature: its n and p = rate*dt are in `inputs`.
    """
    if not isinstance(value, TimedArray):
        return {"name": name, "kind": "custom"}
    values = np.array(value.values, dtype=np.float64)
    return {"name": name, "kind": "timedarray", "dt": float(value.dt), "ndim": values.ndim,
            "values": values, "dim": dimensions(value.dim)}


def assigned(code: str) -> set[str]:
    """Names that statements give a value with '='."""
    return set(re.findall(r"(?:^|;)\s*([A-Za-z_]\w*)\s*=(?!=)", code, re.MULTILINE))


def refractory_kind(text: str) -> str:
    """'condition' or 'time', by the operators of a refractory text alone."""
    return "condition" if re.search(r"[<>]|==|!=|\b(and|or|not|True|False)\b", text) else "time"


def slice_of(source: Any) -> tuple[str, int, int]:
    """(name, start, stop) of a group or of the slice of one; stop is -1 for a whole group."""
    if isinstance(source, Subgroup):
        return source.source.name, int(source.start), int(source.stop)
    return source.name, 0, -1


def sorted_by_name(items: list[Element]) -> list[Element]:
    """By name, code point order, as documents have them."""
    return sorted(items, key=lambda item: item["name"])
