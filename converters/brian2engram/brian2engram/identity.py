"""Which object stores an array: names for array variables, one for each stored array.

Brian2 shows one array under many names (a target's `v` is `v_post` in synapses, a clock's
`t` is `t` everywhere). A document names the storage: (owner, variable).
"""

from __future__ import annotations

from typing import Any

from brian2.core.variables import ArrayVariable
from brian2.groups.subgroup import Subgroup
from brian2.synapses.synapses import SynapticPathway

from .errors import LossReport
from .recorder import Prepared


class Identities:
    """Stored arrays of the objects of a network, its clocks and the groups they refer to."""

    def __init__(self, prepared: Prepared, losses: LossReport) -> None:
        self._losses = losses
        self.owners: dict[str, Any] = {}  #: name -> object that stores arrays
        self._seen: set[str] = set()
        self._named: dict[int, tuple[str, str]] = {}  #: arrays whose owner does not name them
        for obj in [*prepared.clocks, *prepared.objects]:
            for part in ("group", "source", "target", "_group"):
                self._own(alive(getattr(obj, part, None)))
            self._own(obj)
        for codes in prepared.codes.values():
            for code in codes:
                self._follow(code.variables)

    def _own(self, obj: Any) -> None:
        name = getattr(obj, "name", None)
        variables = getattr(obj, "variables", None)
        if not isinstance(name, str) or variables is None:
            return
        if self.owners.setdefault(name, obj) is not obj:
            self._losses.add(name, "its name", "a clock, a slice or a group outside of the "
                             "network has it too")
        if name in self._seen:
            return
        self._seen.add(name)
        if isinstance(obj, Subgroup):
            self._own(alive(obj.source))
        if isinstance(obj, SynapticPathway):
            # Brian2 names the synapses as owner of every pathway's delays; the pathway is
            # what tells them apart.
            self._named[id(variables["delay"])] = name, "delay"
        self._follow(variables)
        for key, var in variables.items():
            if isinstance(var, ArrayVariable) and var.owner is not None \
                    and alive(var.owner) is None:
                # The slice that numbers a linked variable need not live on: what is linked
                # stores its numbers.
                self._named.setdefault(id(var), (name, key))

    def _follow(self, variables: Any) -> None:
        """Own the groups that store `variables`: a link may lead out of the network."""
        for var in list(variables.values()):
            owner = alive(var.owner) if isinstance(var, ArrayVariable) else None
            if owner is not None and not hasattr(owner, "set_interval"):  # no clock
                self._own(owner)

    def of(self, var: ArrayVariable) -> tuple[str, str]:
        """(owner, variable) of a stored array."""
        return self._named.get(id(var)) or (var.owner.name, var.name)

    def stored(self) -> list[tuple[str, str, ArrayVariable]]:
        """(owner, variable, array) of everything stored, sorted."""
        found = {}
        for obj in self.owners.values():
            for var in obj.variables.values():
                if isinstance(var, ArrayVariable) and var.owner is not None:
                    owner, name = self.of(var)
                    if owner in self.owners:
                        found[owner, name] = var
        return [(owner, name, found[owner, name]) for owner, name in sorted(found)]


def alive(obj: Any) -> Any:
    """The object behind a weak reference; None if it is gone."""
    try:
        return None if obj is None else obj.__repr__.__self__
    except ReferenceError:
        return None
