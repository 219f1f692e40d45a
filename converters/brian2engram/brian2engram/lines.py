"""Refusals with the line of the script's own text that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from brian2.core.base import BrianObject
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import Resetter, Thresholder
from brian2.synapses.synapses import SummedVariableUpdater, SynapticPathway
from brian2.utils.stringtools import get_identifiers

from .errors import Loss, UnsupportedError
from .identity import alive

#: features of losses that name what stands in a text
NAMED = re.compile(r"(?:function|constant|variable|name) '?(\w+)")


def with_lines(error: UnsupportedError, objects: list[BrianObject]) -> UnsupportedError:
    """`error`, whose losses quote the line in which the script names what is refused."""
    by_name = {obj.name: obj for obj in objects}
    return UnsupportedError([_quoted(loss, by_name.get(loss.object)) for loss in error.losses])


def _quoted(loss: Loss, obj: BrianObject | None) -> Loss:
    named = NAMED.match(loss.feature)
    line = line_of(obj, named.group(1)) if obj is not None and named else ""
    return loss._replace(reason=f"{loss.reason}, in {line!r}") if line else loss


def line_of(obj: BrianObject, name: str) -> str:
    """The first line of an object's texts, then of its group's, that has `name`; '' if none."""
    for text in _texts(obj):
        for line in text.splitlines():
            if name in get_identifiers(line.partition("#")[0]):
                return line.strip()
    return ""


def _texts(obj: Any) -> Iterator[str]:
    group = alive(getattr(obj, "group", None)) or alive(getattr(obj, "source", None)) or obj
    if isinstance(obj, Thresholder):
        yield str(group.events[obj.event])
    elif isinstance(obj, Resetter):
        yield str(group.event_codes[obj.event])
    elif isinstance(obj, SynapticPathway):
        group = obj.synapses
        yield obj.code
    elif isinstance(obj, SummedVariableUpdater):
        group = obj.group
        yield f"{obj.target_varname} = {obj.expression.code}"
    elif type(obj) is CodeRunner:
        yield str(obj.abstract_code)
    for owner in (obj, group):
        equations = getattr(owner, "user_equations", None) or getattr(owner, "equations", None)
        yield from map(str, (equations or {}).values())
    yield str(getattr(group, "_refractory", None) or "")
