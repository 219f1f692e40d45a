"""Which object stores an array: names for array variables, one for each stored array.

Brian2 shows one array under many names (a target's `v` is `v_post` in synapses, a clock's
`t` is `t` everywhere). A document names the storage: (owner, variable).
"""

from __future__ import annotations

from typing import Any

from brian2.core.base import BrianObject
from brian2.core.variables import ArrayVariable
from brian2.groups.subgroup import Subgroup
from brian2.synapses.synapses import SynapticPathway


class Identities:
    """Stored arrays of the objects of a network, its clocks and the slices they refer to."""

    def __init__(self, objects: list[BrianObject], clocks: list[Any]) -> None:
        self.owners: dict[str, Any] = {}  #: name -> object that stores arrays
        self._delays: dict[int, str] = {}
        self._variables: dict[tuple[str, str], ArrayVariable] = {}
        for obj in list(clocks) + list(objects):
            self._visit(obj)

    def _visit(self, obj: Any) -> None:
        for part in (obj, getattr(obj, "group", None), getattr(obj, "source", None),
                     getattr(obj, "target", None), getattr(obj, "_group", None)):
            self._own(getattr(part, "__repr__", None).__self__ if part is not None else None)

    def _own(self, obj: Any) -> None:
        name = getattr(obj, "name", None)
        if not isinstance(name, str) or name in self.owners:
            return
        variables = getattr(obj, "variables", None)
        if variables is None:
            return
        self.owners[name] = obj
        if isinstance(obj, Subgroup):
            self._own(obj.source)
        if isinstance(obj, SynapticPathway):
            # Brian2 names the synapses as owner of every pathway's delays; the pathway is
            # what tells them apart.
            delay = variables["delay"]
            self._delays[id(delay)] = name
            self._variables[name, "delay"] = delay

    def of(self, var: ArrayVariable) -> tuple[str, str]:
        """(owner, variable) of a stored array."""
        pathway = self._delays.get(id(var))
        if pathway is not None:
            return pathway, "delay"
        return var.owner.name, var.name

    def stored(self) -> list[tuple[str, str, ArrayVariable]]:
        """(owner, variable, array) of everything stored, sorted."""
        found = dict(self._variables)
        for obj in self.owners.values():
            for var in obj.variables.values():
                if isinstance(var, ArrayVariable) and var.owner is not None:
                    owner, name = self.of(var)
                    if owner in self.owners:
                        found[owner, name] = var
        return [(owner, name, found[owner, name]) for owner, name in sorted(found)]
