"""A live network -> a document (semantics 10.3, 10.4 B)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from brian2.core.base import BrianObject
from brian2.core.magic import magic_network
from brian2.core.network import Network
from brian2.units.fundamentalunits import DimensionMismatchError, get_dimensions
from brian2.units import second

from .document import Element, new_document
from .errors import LossReport
from .executables import code_part
from .identity import Identities
from .provenance import provenance_part
from .recorder import prepare
from .rules import network_part
from .snapshot import state_part


def capture(network: Network, duration: float | None, namespace: dict[str, Any], *,
            script: str | None = None, title: str = "", authors: Sequence[str] = (),
            doi: str = "", licence: str = "", on_loss: str = "error") -> Element:
    """The document of `network` as it stands, for a run of `duration` seconds (None: no run).

    `namespace` is where external names are looked up, as in ``Network.run``. The network is
    left as it was. UnsupportedError names everything that cannot be carried.
    """
    losses = LossReport(on_loss)
    with prepare(network, duration or 0.0, namespace, losses) as prepared:
        identities = Identities(prepared.objects, prepared.clocks)
        document = new_document(
            network=network_part(prepared, identities, duration, losses),
            code=code_part(prepared, identities, losses),
            state=state_part(prepared, identities, losses),
            provenance=provenance_part(script, title, authors, doi, licence),
        )
        losses.settle()
    return document


@contextmanager
def magic(objects: set[BrianObject]) -> Iterator[Network]:
    """A network of `objects` as ``run()`` would put them together, without taking them over.

    Time goes on if Brian2's own magic network has run them before (core/magic.py). The marks
    that tie objects to a network are put back on leaving.
    """
    every = _with_contained(objects)
    marks = [(obj, obj._network) for obj in every]
    continues = any(mark == magic_network.id for _, mark in marks)
    for obj in every:
        obj._network = None
    try:
        network = Network(name="magicnetwork_capture*")
        network.add(list(objects))
        if continues:
            network.t_ = magic_network.t_
        yield network
    finally:
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

