"""Whether a network is as it was when it last ran: then its description is used again.

Preparing a run (names, units, statements) takes far longer than a run of some steps. What
preparation reads is: the attributes of objects and their variables, clocks, preferences,
and what external names stand for. If none of it changed, the code is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import xxhash
from brian2 import prefs
from brian2.core.base import BrianObject
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.magic import MagicNetwork
from brian2.core.network import Network
from brian2.core.variables import Constant
from brian2.groups.group import CodeRunner
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
from brian2.input.timedarray import TimedArray

from .describe import clock_element
from .recorder import StandIn
from .sources import meaning

SCALARS = (str, int, float, bool, type(None), np.generic)
PREFERENCES = ("core.default_float_dtype", "core.default_integer_dtype",
               "legacy.refractory_timing")
MISSING = object()
ATTRIBUTE = "_engram_known"  #: of a network


class Known:
    """A network as it was prepared; kept until something about it changes."""

    age = 0

    def __init__(self, network: Network, objects: list[BrianObject], clocks: list[Any],
                 namespace: dict[str, Any], description: Any) -> None:
        self.description = description
        self._names = list(_external(objects))
        self._traits = self._all(network, objects, clocks, namespace)

    def holds(self, network: Network, objects: list[BrianObject], clocks: list[Any],
              namespace: dict[str, Any]) -> bool:
        """Whether nothing that preparation reads has changed."""
        now = self._all(network, objects, clocks, namespace)
        return len(now) == len(self._traits) and all(
            new is old or (type(new) is type(old) and issubclass(type(new), SCALARS)
                           and (new == old or (new != new and old != old)))
            for new, old in zip(now, self._traits))

    def __reduce__(self) -> tuple[Any, tuple[()]]:
        """A copy of the network, or a pickled one, is not known: None."""
        return type(None), ()

    def _all(self, network: Network, objects: list[BrianObject], clocks: list[Any],
             namespace: dict[str, Any]) -> list[Any]:
        found: list[Any] = [prefs[name] for name in PREFERENCES if name in prefs]
        found += [" ".join(network.schedule), len(objects)]
        for clock in clocks:
            found.append(clock)
            for value in clock_element(clock).values():
                _value(value, found)
        for obj in objects:
            found.append(obj)
            _attributes(vars(obj), found)
            variables = getattr(obj, "variables", None)
            if variables is not None:
                found += [*variables, *variables.values(), *variables.indices.values()]
            if isinstance(obj, SpikeGeneratorGroup):
                found += [_digest(obj.variables[name].get_value())
                          for name in ("neuron_index", "spike_time", "period")]
        for group, name in self._names:
            own = getattr(group, "namespace", None) or {}
            for space in (DEFAULT_FUNCTIONS, own, namespace):
                value = space.get(name, MISSING)
                _value(value, found)
                if space is not DEFAULT_FUNCTIONS and (type(value) is Function or
                                                       hasattr(value, "_arg_units")):
                    found.append(meaning(value))
        return found


def _external(objects: list[BrianObject]) -> Iterator[tuple[Any, str]]:
    """(group, name) of each name of the code that is not a variable of its group."""
    seen = set()
    for obj in objects:
        for code in obj.code_objects if obj.active else ():
            code = code.__repr__.__self__
            if not isinstance(code, StandIn):
                continue
            own = {**getattr(obj, "variables", {}), **code.owner.variables}
            for name, var in code.variables.items():
                outside = isinstance(var, Function) or (
                    isinstance(var, Constant) and name not in own)
                if outside and (code.owner.name, name) not in seen:
                    seen.add((code.owner.name, name))
                    yield code.owner, name


#: what runs and preparation themselves change, and nobody reads for code
PASSING = frozenset(("_network", "eventspace", "_spikes_changed", "_previous_dt"))


def _attributes(attributes: dict[str, Any], found: list[Any]) -> None:
    for key, value in attributes.items():
        if key in PASSING:
            continue
        found.append(key)
        kind = type(value)  # not isinstance: the object behind a weak proxy may be gone
        if issubclass(kind, dict):
            for inner, content in value.items():
                found.append(inner)
                _value(content, found)
        elif issubclass(kind, (list, tuple)):
            found.append(len(value))
            for content in value:
                _value(content, found)
        else:
            _value(value, found)


def _value(value: Any, found: list[Any]) -> None:
    """Numbers and texts by value, everything else by being the same."""
    kind = type(value)
    if issubclass(kind, np.ndarray):  # quantities are such, and may be changed in place
        found += [value.dtype.str, str(value.shape), _digest(value)]
        found.append(getattr(value, "dim", None))
    else:
        found.append(value)
        if issubclass(kind, TimedArray):
            found.append(_digest(value.values))


def _digest(array: np.ndarray) -> str:
    if array.dtype == object:
        return str(id(array))
    return xxhash.xxh3_128_hexdigest(array.tobytes())


class Memory:
    """What is known of the networks that ran; kept by the networks, whose end is its end."""

    def __init__(self) -> None:
        self._age = 0

    def recall(self, network: Network, objects: list[BrianObject], clocks: list[Any],
               namespace: dict[str, Any]) -> Any:
        """The description of `network` as it stands, None if it has to be made."""
        known = vars(network).pop(ATTRIBUTE, None)
        if known is None or known.age != self._age \
                or not known.holds(network, objects, clocks, namespace):
            return None
        vars(network)[ATTRIBUTE] = known
        return known.description

    def keep(self, network: Network, objects: list[BrianObject], clocks: list[Any],
             namespace: dict[str, Any], description: Any) -> None:
        """Remember a description that was just made.

        Not that of the magic network, which never ends: its objects would be kept alive.
        """
        if not isinstance(network, MagicNetwork):
            known = Known(network, objects, clocks, namespace, description)
            known.age = self._age
            vars(network)[ATTRIBUTE] = known

    def clear(self) -> None:
        """Forget everything."""
        self._age += 1


@contextmanager
def same_code(objects: list[BrianObject]) -> Iterator[None]:
    """While Brian2 prepares: objects keep the code objects that they have."""
    runners = [obj for obj in objects if isinstance(obj, CodeRunner)]
    for obj in runners:
        obj.__dict__["create_code_objects"] = _nothing
    try:
        yield
    finally:
        for obj in runners:
            del obj.__dict__["create_code_objects"]


def _nothing(run_namespace: Any) -> None:
    """In place of making code objects."""
