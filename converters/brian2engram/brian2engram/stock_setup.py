"""Initialisers, connectors and the names they use: brian2tools' records -> `setup` elements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from brian2.units.fundamentalunits import get_dimensions
from brian2.utils.stringtools import get_identifiers

from . import describe
from .document import Element
from .errors import LossReport

INITIALISER = {"type", "source", "variable", "value", "index", "identifiers"}
CONNECTOR = {"type", "synapses", "source", "target", "probability", "n_connections",
             "condition", "i", "j", "identifiers", "skip_if_invalid"}


def source_of(source: Any) -> tuple[str, int, int]:
    """(name, start, stop) of an exported reference to a group.

    The export gives a slice's last index; documents, as Brian2, the one behind it. stop is -1
    for a whole group.
    """
    if isinstance(source, Mapping):
        return source["group"], int(source["start"]), int(source["stop"]) + 1
    return str(source), 0, -1


def constants_of(owner: str, identifiers: Mapping[str, Any],
                 losses: LossReport) -> list[Element]:
    """`constant` elements, sorted by name; functions are left to `functions_of`."""
    result = []
    for name in sorted(identifiers):
        value = identifiers[name]
        if isinstance(value, Mapping):
            continue
        number = np.asarray(value)
        if not describe.constant_dtype(number.dtype):
            losses.add(owner, f"constant {name!r}", f"its type {number.dtype} is not carried")
            continue
        result.append({"name": name, **describe.constant_fields(number.item(), number.dtype),
                       "dim": describe.dimensions(get_dimensions(value))})
    return result


def functions_of(owner: str, identifiers: Mapping[str, Any],
                 losses: LossReport) -> list[Element]:
    """`function` elements for the TimedArrays among identifiers; others are losses."""
    result = []
    for name in sorted(identifiers):
        value = identifiers[name]
        if not isinstance(value, Mapping):
            continue
        if value.get("type") != "timedarray":
            losses.add(owner, f"function {name}()",
                       "functions with code of their own are not supported")
            continue
        values = np.array(value["values"], dtype=np.float64)
        result.append({"name": name, "kind": "timedarray",
                       "dt": float(value["dt"]), "ndim": int(value["ndim"]), "values": values,
                       "dim": describe.dimensions(get_dimensions(value["values"]))})
    return result


def setup_step(step: Mapping[str, Any], known: set[str], losses: LossReport) -> Element:
    """One `setup` element. `known` are names that need no value in the step itself."""
    kind = step.get("type")
    if kind == "seed":  # recorded by `brian2engram capture --exporter`, lost by brian2tools
        seed = step.get("seed")
        return {"kind": "seed", "seed": -1 if seed is None else int(seed)}
    if kind not in ("initializer", "connect"):
        losses.add("setup", f"step {kind!r}", "expected initializer, connect or seed")
        return {"kind": "seed"}
    allowed = INITIALISER if kind == "initializer" else CONNECTOR
    owner = source_of(step["source"])[0] if kind == "initializer" else step["synapses"]
    for key in sorted(set(step) - allowed):
        losses.add(owner, f"key {key!r}", f"not known for {kind}")
    identifiers = step.get("identifiers", {})
    common: Element = {"constants": constants_of(owner, identifiers, losses),
                       "functions": functions_of(owner, identifiers, losses)}
    known = known | set(identifiers)
    if kind == "initializer":
        return {**_initialise(step, owner, known, losses), **common}
    return {**_connect(step, owner, known, losses), **common}


def _resolved(owner: str, feature: str, text: str, known: set[str], losses: LossReport) -> None:
    for name in sorted(get_identifiers(text) - known):
        losses.add(owner, f"{name!r} in {feature}", "the export has no value for it")


def _initialise(step: Mapping[str, Any], owner: str, known: set[str],
                losses: LossReport) -> Element:
    """Index True or 'True': all elements; another text: a condition; else element numbers.

    Element numbers of a slice are absolute in the export, so they stand without the slice.
    """
    target, start, stop = source_of(step["source"])
    variable, value, index = step["variable"], step["value"], step["index"]
    element: Element = {"kind": "initialise", "target": target, "start": start, "stop": stop,
                        "variable": variable}
    if isinstance(value, str):
        element["code"] = value
    else:
        element["values"] = _numbers(value)
    if isinstance(index, str):
        if index != "True":
            _resolved(owner, f"the condition of {variable}", index, known, losses)
            element["condition"] = index
    elif not (isinstance(index, (bool, np.bool_)) and bool(index)):
        element["indices"] = np.array(index, dtype=np.int32).reshape(-1)
        if stop != -1 and isinstance(value, str) and "i" in get_identifiers(value):
            losses.add(owner, f"'i' in {variable} of single elements of a slice",
                       "the export mixes absolute and relative numbers")
        element.update(start=0, stop=-1)
    return element


def _numbers(value: Any) -> np.ndarray:
    array = np.asarray(value)
    kinds = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}
    return np.array(array, dtype=kinds[array.dtype.kind]).reshape(-1)


def _connect(step: Mapping[str, Any], owner: str, known: set[str],
             losses: LossReport) -> Element:
    """Texts stay texts; i and j as numbers become two arrays of one length."""
    element: Element = {"kind": "connect", "target": owner,
                        "skip_if_invalid": bool(step.get("skip_if_invalid", False))}
    condition = step.get("condition")
    if condition is not None and condition != "True":
        element["condition"] = condition
    i, j = step.get("i"), step.get("j")
    numbers = [side for side in (i, j) if side is not None and not isinstance(side, str)]
    if len(numbers) == 2:
        i_array, j_array = np.broadcast_arrays(*(np.asarray(side, dtype=np.int32).reshape(-1)
                                                 for side in (i, j)))
        element.update(i_array=np.array(i_array), j_array=np.array(j_array))
    elif numbers:
        losses.add(owner, "connect with one index given by numbers", "both or none")
    else:
        for side, text in (("i", i), ("j", j)):
            if text is not None:
                names = known | _loop_names(text)
                _resolved(owner, f"the generator of {side}", text, names, losses)
                element[side] = text
    for field, key in (("p", "probability"), ("n", "n_connections")):
        text = _text(step.get(key, 1))
        if text is None:
            losses.add(owner, f"connect with an array for {field}", "one number or a text")
        elif text != "1":
            element[field] = text
    return element


def _loop_names(text: str) -> set[str]:
    """The loop variable of 'EXPR for k in ...'."""
    head, found, tail = text.partition(" for ")
    return {tail.split()[0]} if found and tail.split() else set()


def _text(value: Any) -> str | None:
    """A number or text as Brian2's language has it; None for arrays."""
    if isinstance(value, str):
        return "1" if value.strip() in ("1", "1.0") else value
    number = np.asarray(value)
    if number.size != 1:
        return None
    plain = number.reshape(-1)[0].item()
    return "1" if plain == 1 else repr(plain)
