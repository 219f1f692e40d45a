"""External names: the constants and functions that texts and code of an object use.

Texts of objects that run no code (inactive ones, subexpressions that only a monitor reads)
count too: their names are looked up as Brian2 would (groups/group.py, ``Group._resolve``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from brian2.core import functions
from brian2.core.functions import Function
from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS
from brian2.core.variables import Constant, Variable
from brian2.groups.group import CodeRunner, Group
from brian2.groups.neurongroup import NeuronGroup, SubexpressionUpdater
from brian2.input.binomial import BinomialFunction
from brian2.input.poissongroup import PoissonGroup
from brian2.input.poissoninput import PoissonInput
from brian2.input.timedarray import TimedArray
from brian2.synapses.synapses import SummedVariableUpdater, Synapses, SynapticPathway
from brian2.utils.stringtools import get_identifiers, word_substitute

from . import describe
from .document import Element
from .errors import LossReport
from .identity import Identities
from .recorder import Prepared
from .sources import binomial_function, custom_function

#: Brian2's own, whatever a script puts in their place later
DEFAULT_FUNCTIONS = dict(functions.DEFAULT_FUNCTIONS)
ADVICE = ("write it as expressions of numpy's functions (docs/language.md), or run the network "
          "with set_device('engram')")
TEXTS = ("expr", "condition", "reset", "code", "rates", "refractory", "weight", "i", "j", "p",
         "n")


class Names:
    """What external names stand for, by the object whose texts use them."""

    def __init__(self, prepared: Prepared, identities: Identities, losses: LossReport) -> None:
        self._losses = losses
        self._constants: dict[str, dict[str, Constant]] = {}
        self._functions: dict[str, dict[str, Function]] = {}
        self._live = prepared.live
        #: functions that Python has to compute, by their names in the document, and why
        self.given: dict[str, tuple[Function, str]] = {}
        self._described: dict[int, Element] = {}  #: custom functions, by identity
        self._inputs = {obj.name for obj in prepared.objects if isinstance(obj, PoissonInput)}
        for obj in prepared.objects:
            for code in prepared.codes.get(obj.name, []):
                own = {**getattr(obj, "variables", {}), **code.owner.variables}
                owner = obj.name if isinstance(obj, PoissonInput) else code.owner.name
                for name, var in code.variables.items():
                    if name not in own or isinstance(var, Function):
                        self._add(owner, name, var)
        for group in identities.owners.values():
            if isinstance(group, Group):
                for name in sorted(external(group)):
                    self._add(group.name, name, resolved(group, name, prepared.namespace))
        self._called = self._call()

    def _add(self, owner: str, name: str, var: Any) -> None:
        if isinstance(var, Constant):
            if name not in DEFAULT_CONSTANTS and name not in DEFAULT_UNITS:
                if not describe.constant_dtype(var.dtype):
                    self._losses.add(owner, f"constant {name!r}",
                                     f"its type {describe.dtype_name(var.dtype)} is not one of "
                                     "bool, int8 to int64, uint8, uint16, float32, float64")
                self._constants.setdefault(owner, {}).setdefault(name, var)
        elif isinstance(var, Function) and DEFAULT_FUNCTIONS.get(name) is not var:
            self._functions.setdefault(owner, {}).setdefault(name, var)

    def _call(self) -> dict[tuple[str, int], str]:
        """(name in texts, function) -> name in the document.

        They are the same, unless two objects call different functions by one name.
        """
        called: dict[tuple[str, int], str] = {}
        taken: set[str] = set()
        names = {name for found in (self._constants, self._functions)
                 for table in found.values() for name in table}
        for owner in sorted(self._functions):
            for name, function in sorted(self._functions[owner].items()):
                if (name, _identity(function)) in called:
                    continue
                unique, number = name, 1
                while unique in taken or (number > 1 and unique in names):
                    number += 1
                    unique = f"{name}_{number}"
                taken.add(unique)
                called[name, _identity(function)] = unique
        return called

    def function_name(self, name: str, function: Function) -> str:
        """Name in network/functions of what code calls `name`."""
        return self._called[name, _identity(function)]

    def constants(self, owner: str) -> list[Element]:
        """`constant` elements of an object, sorted by name."""
        found = self._constants.get(owner, {})
        return [describe.constant(name, found[name]) for name in sorted(found)]

    def functions(self) -> list[Element]:
        """`function` elements: TimedArrays with their values, else the signature."""
        found = {self.function_name(name, var): (owner, var)
                 for owner, table in self._functions.items() for name, var in table.items()}
        return [self._function(name, *found[name]) for name in sorted(found)]

    def _function(self, name: str, owner: str, var: Function) -> Element:
        """What a PoissonInput draws is described by its n and rate, in `inputs`."""
        if isinstance(var, BinomialFunction) and owner not in self._inputs:
            return binomial_function(name, var)
        if not isinstance(var, (TimedArray, BinomialFunction)):
            return self.custom(name, var)
        return describe.function(name, var)

    def custom(self, name: str, function: Function) -> Element:
        """The `function` element of a function of the script's own."""
        key = _identity(function)
        if key not in self._described:
            self._described[key] = custom_function(name, function)
        return {**self._described[key], "name": name}

    def untranslated(self, owner: str, name: str, function: Function, described: Element) -> None:
        """Code calls a function without a body: Python gives it if it is there."""
        if self._live:
            self.given[self.function_name(name, function)] = function, described["reason"]
        else:
            note_untranslated(owner, name, described, self._losses)

    def rewritten(self, owner: str, element: Element) -> Element:
        """`element` with functions called in its texts by their names in the document."""
        changed = {name: self.function_name(name, var)
                   for name, var in self._functions.get(owner, {}).items()}
        return substituted(element, changed)


def _identity(function: Function) -> int:
    """Which function it is: Brian2 wraps a plain one anew each time it meets it."""
    plain = not isinstance(function, (TimedArray, BinomialFunction))
    return id(function.pyfunc if plain else function)


def substituted(element: Element, names: dict[str, str]) -> Element:
    """`element` with other names in its texts."""
    names = {old: new for old, new in names.items() if old != new}
    result = dict(element) if names else element
    for key, value in element.items() if names else ():
        if key in TEXTS and isinstance(value, str):
            result[key] = word_substitute(value, names)
        elif isinstance(value, list):
            result[key] = [substituted(item, names) if isinstance(item, dict) else item
                           for item in value]
    return result


def texts_of(element: Element) -> Iterator[str]:
    """Equations and code in an element and those inside of it."""
    for key, value in element.items():
        if key in TEXTS and isinstance(value, str):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from texts_of(item)


def resolved(group: Group, name: str, namespace: dict[str, Any]) -> Variable | Function | None:
    """What an external name stands for in a group's texts; None if Brian2 knows no such name."""
    try:
        return group._resolve_external(name, run_namespace=namespace, user_identifier=False)
    except (KeyError, TypeError):
        return None


def refuse_functions(objects: list[Any], namespace: dict[str, Any],
                     losses: LossReport) -> None:
    """Note the functions in groups' texts that have no body, where no code says who calls them."""
    for group in objects:
        for name in sorted(external(group)) if isinstance(group, Group) else ():
            function = resolved(group, name, namespace)
            if not isinstance(function, Function) or isinstance(
                    function, (TimedArray, BinomialFunction)) or \
                    DEFAULT_FUNCTIONS.get(name) is function:
                continue
            described = custom_function(name, function)
            if not described.get("body"):
                note_untranslated(group.name, name, described, losses)


def why_untranslated(name: str, var: Any) -> str:
    """Why a function of the script's own has no body; empty for all else."""
    if not isinstance(var, Function) or isinstance(var, (TimedArray, BinomialFunction)) \
            or DEFAULT_FUNCTIONS.get(name) is var:
        return ""
    described = custom_function(name, var)
    return "" if described.get("body") else str(described["reason"])


def note_untranslated(owner: str, name: str, described: Element, losses: LossReport) -> None:
    """A function that has no body: fatal if it has no text either."""
    losses.add(owner, f"function {name}()",
               f"it cannot be translated ({described['reason']})",
               fatal=not described["source"], advice=ADVICE)


def external(group: Any) -> set[str]:
    """Names in a group's texts that are neither variables nor temporaries."""
    found: set[str] = set()
    for text in filter(None, _texts(group)):
        text = re.sub(r"#.*", "", text)
        found |= get_identifiers(text) - describe.assigned(text)
    return found - set(group.variables)


def _texts(group: Any) -> Iterator[Any]:
    """Every text that the script gave to a group or synapses."""
    if isinstance(group, (NeuronGroup, Synapses)):
        for equations in (getattr(group, "user_equations", None), group.equations,
                          getattr(group, "event_driven", None)):
            for single in (equations or {}).values():
                yield single.expr.code if single.expr is not None else None
    if isinstance(group, NeuronGroup):
        yield from group.events.values()
        yield from group.event_codes.values()
        yield group._refractory if isinstance(group._refractory, str) else None
    if isinstance(group, PoissonGroup) and isinstance(group._rates, str):
        yield group._rates
    for obj in group.contained_objects:
        if isinstance(obj, SummedVariableUpdater):
            yield obj.expression.code
        elif isinstance(obj, SynapticPathway):
            yield obj.code
        elif type(obj) in (CodeRunner, SubexpressionUpdater):
            yield obj.abstract_code
