"""A live network -> a document (semantics 10.3, 10.4 B)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from brian2.core.base import BrianObject
from brian2.core.network import Network
from brian2.units.fundamentalunits import DimensionMismatchError, get_dimensions
from brian2.units import second

from .document import Element, new_document
from .errors import LossReport
from .executables import code_part
from .identity import Identities
from .names import Names
from .provenance import provenance_part
from .recorder import prepare
from .rules import network_part
from .snapshot import state_part
from .steps import of_network


def capture(network: Network, duration: float | None, namespace: dict[str, Any], *,
            script: str | None = None, title: str = "", authors: Sequence[str] = (),
            doi: str = "", licence: str = "", on_loss: str = "error") -> Element:
    """The document of `network` as it stands, for a run of `duration` seconds (None: no run).

    `namespace` is where external names are looked up, as in ``Network.run``. The network is
    left as it was. UnsupportedError names everything that cannot be carried.
    """
    return capture_parts(network, duration, namespace, script=script, title=title,
                         authors=authors, doi=doi, licence=licence, on_loss=on_loss)[0]


@dataclass
class Watched:
    """What a capture looked at, for whoever looks again after the run."""

    identities: Identities
    objects: list[BrianObject]


def capture_parts(network: Network, duration: float | None, namespace: dict[str, Any], *,
                  script: str | None = None, title: str = "", authors: Sequence[str] = (),
                  doi: str = "", licence: str = "",
                  on_loss: str = "error") -> tuple[Element, Watched]:
    """As ``capture``, and the objects that it looked at."""
    losses = LossReport(on_loss)
    with prepare(network, duration or 0.0, namespace, losses) as prepared:
        identities = Identities(prepared, losses)
        names = Names(prepared, identities, losses)
        network = network_part(prepared, identities, names, duration, losses)
        network["setup"] = of_network(prepared.network)
        for run in network["runs"]:
            run["setup_end"] = len(network["setup"])
        document = new_document(
            network=network,
            code=code_part(prepared, identities, names, losses),
            state=state_part(prepared, identities, losses),
            provenance=provenance_part(script, title, authors, doi, licence),
        )
        losses.settle()
        document["losses"] = losses.elements()
        seen = Watched(identities, list(prepared.objects))
    return document, seen


@contextmanager
def untouched(network: Network, objects: Iterable[BrianObject]) -> Iterator[None]:
    """Put back a network's own state and the marks that tie `objects` to it."""
    marks = [(obj, obj._network) for obj in _with_contained(objects)]
    attributes = dict(vars(network))
    try:
        yield
    finally:
        vars(network).clear()
        vars(network).update(attributes)
        for obj, mark in marks:
            obj._network = mark


def _with_contained(objects: Iterable[BrianObject]) -> list[BrianObject]:
    found: list[BrianObject] = []
    for obj in objects:
        found.append(obj)
        found.extend(_with_contained(obj.contained_objects))
    return found


def seconds(duration: Any) -> float | None:
    """A duration as float seconds; DimensionMismatchError if it is no time."""
    if duration is None:
        return None
    if get_dimensions(duration) is not second.dim:
        raise DimensionMismatchError("duration is no time", get_dimensions(duration))
    if float(duration) < 0:
        raise ValueError(f"expected a non-negative duration but got {duration}")
    return float(duration)
