"""Where linked variables lead: part of the rules, because no text of a model says it."""

from __future__ import annotations

from typing import Any

import numpy as np
from brian2.core.variables import ArrayVariable, Subexpression
from brian2.utils.stringtools import word_substitute

from .document import Element
from .identity import Identities


def links(group: Any, identities: Identities) -> list[Element]:
    """`link` elements of a group or synapses, by name (semantics 7.7).

    Brian2 keeps of a link the array that it leads to, or a copy of the subexpression with
    other names; what was linked to is found again by comparing. A link that cannot be found
    is left out: the code tells what it does.
    """
    found = []
    for name in sorted(getattr(group, "_linked_variables", ())):
        variable = group.variables.get(name)
        if variable is None:
            continue  # not linked yet: Brian2 would not run it
        if isinstance(variable, ArrayVariable):
            owner, stored = identities.of(variable)
            target = (owner, stored) if owner in identities.owners else None
        else:
            target = _subexpression(group, name, variable, identities)
        if target is None:
            continue
        element: Element = {"name": name, "source": target[0], "variable": target[1]}
        index = group.variables.indices[name]
        if index != "_idx":
            element["index"] = index
        if index not in ("_idx", "0"):
            owner, stored = identities.of(group.variables[index])
            if (owner, stored) != (group.name, index):
                element.update(index_owner=owner, index_variable=stored)
        found.append(element)
    return found


def index_arrays(group: Any, links: list[Element]) -> list[Element]:
    """`index_array` elements of a group: numbers that the script gave, as Brian2 keeps them."""
    names = {link["index"] for link in links
             if link.get("index", "0") != "0" and "index_owner" not in link}
    return [{"name": name, "values": np.array(group.variables[name].get_value())}
            for name in sorted(names) if name.startswith("_")]


def _subexpression(group: Any, name: str, variable: Subexpression,
                   identities: Identities) -> tuple[str, str] | None:
    """The subexpression whose copy `variable` is (core/variables.py,
    ``Variables.add_referred_subexpression``)."""
    for owner in sorted(identities.owners):
        table = identities.owners[owner].variables
        for original, candidate in sorted(table.items()):
            if not isinstance(candidate, Subexpression) or candidate.owner.name != owner:
                continue
            names = {inner: f"_{name}_{owner}_{inner}" for inner in candidate.identifiers
                     if inner in table}
            if word_substitute(candidate.expr, names) == variable.expr and all(
                    not isinstance(table[inner], ArrayVariable)
                    or group.variables.get(copy) is table[inner]
                    for inner, copy in names.items()):
                return owner, original
    return None
