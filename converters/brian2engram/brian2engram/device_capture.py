"""A live network as a document without its arrays, which are lent to the engine.

As in ``recorder.prepare``, code objects are stood in for while Brian2 prepares a run; here
the preparation is the run's own, so nothing is undone, and a stand-in does what the real
code object does beside computing: it prepares the queue before a run and clears the list of
events behind it. Called all the same (``obj.run()`` by hand), it becomes the real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from brian2 import prefs
from brian2.core.base import BrianObject
from brian2.core.network import Network
from brian2.devices.device import RuntimeDevice
from brian2.monitors import EventMonitor, PopulationRateMonitor, StateMonitor
from brian2.synapses.synapses import SynapticPathway

from .device_engine import DTYPES, Lent
from .document import Element, encode, new_document
from .errors import LossReport
from .executables import TEMPLATES, code_part, make
from .identity import Identities
from .names import Names
from .recorder import PLAIN_CLASSES, Prepared, StandIn, has_own_run
from .rules import network_part
from .snapshot import pending, random_state

MONITORS = (EventMonitor, StateMonitor, PopulationRateMonitor)


class LiveStandIn(StandIn):
    """Takes the place of a code object in a run of the engine."""

    device: RuntimeDevice

    def before_run(self) -> None:
        """Prepare the queue of a pathway, as the template does."""
        if self.template_name == "synapses_push_spikes":
            prepare_queue(self.owner)

    def after_run(self) -> None:
        """Clear the list of events, as the template does."""
        if self.template_name == "threshold":
            self.template_kwds["eventspace_variable"].get_value()[-1] = 0

    def __call__(self, **arguments: Any) -> Any:
        """Run by hand: make the real code object, once."""
        real = vars(self).get("real")
        if real is None:
            real = RuntimeDevice.code_object(
                self.device, self.owner, self.name.rstrip("*") + "_run*", self.abstract_code,
                self.variables, self.template_name, self.variable_indices,
                codeobj_class=self.device.code_object_class(self.codeobj_class),
                template_kwds=self.template_kwds,
                override_conditional_write=self.override_conditional_write or None,
                compiler_kwds=self.compiler_kwds)
            real.before_run()
            self.real = real
        return real(**arguments)


class _Preparation:
    """Stands in for a pathway's queue while Brian2 prepares it.

    The engine keeps its own table of synapses by source, so the queue gets none: it learns
    the time step, which converts what is in flight when it has changed.
    """

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def prepare(self, delays: np.ndarray, dt: float, sources: np.ndarray) -> None:
        """As SpikeQueue.prepare."""
        if hasattr(self._queue, "_dt"):  # the one in Python reads the delays' range
            self._queue.prepare(delays, dt, sources)
        else:
            self._queue.prepare(delays[:0], dt, sources[:0])


def prepare_queue(pathway: SynapticPathway) -> None:
    """Brian2's own preparation of a queue, with its errors and warnings."""
    queue = pathway.queue
    pathway.queue = _Preparation(queue)
    try:
        pathway.initialise_queue()
    finally:
        pathway.queue = queue


@contextmanager
def recording(device: RuntimeDevice, losses: LossReport) -> Iterator[None]:
    """Code objects become stand-ins; the target is numpy, so that nothing is compiled."""

    def code_object(owner: Any, name: str, abstract_code: dict[str | None, str],
                    variables: dict[str, Any], template_name: str,
                    variable_indices: dict[str, str], codeobj_class: Any = None,
                    template_kwds: dict[str, Any] | None = None,
                    override_conditional_write: Any = None,
                    compiler_kwds: Any = None) -> StandIn:
        # GSL has the ordinary template name: only the class tells
        if codeobj_class is not None and codeobj_class.__name__ not in PLAIN_CLASSES:
            losses.add(owner.name, f"code object class {codeobj_class.__name__}",
                       "only Brian2's plain targets can be described")
        made = LiveStandIn(owner, name, abstract_code, variables, template_name,
                           variable_indices, None, template_kwds, override_conditional_write,
                           compiler_kwds)
        made.device = device
        if template_name in TEMPLATES and set(made.abstract_code) <= {None}:
            made.statements = make(made)  # errors belong to the preparation of an object
        return made

    target = prefs.codegen.target
    device.code_object = code_object  # type: ignore[method-assign]
    prefs.codegen.target = "numpy"
    try:
        yield
    finally:
        del device.code_object
        prefs.codegen.target = target


def describe(network: Network, objects: list[BrianObject], clocks: list[Any],
             duration: float, namespace: dict[str, Any],
             losses: LossReport) -> tuple[bytes, list[Lent]]:
    """The bytes of the document of a network that Brian2 has prepared, and its arrays.

    What cannot be carried is noted in `losses`; then the bytes are of no use.
    """
    codes = {obj.name: [code.__repr__.__self__ for code in obj.code_objects]
             for obj in objects if obj.active and not has_own_run(obj)}
    prepared = Prepared(network, objects, clocks, codes, {}, namespace, live=True)
    identities = Identities(prepared, losses)
    names = Names(prepared, identities, losses)
    content = new_document(
        network=_without_sizes(network_part(prepared, identities, names, duration, losses)),
        code=code_part(prepared, identities, names, losses),
        state={
            "t": float(network.t_),
            "clocks": [{"name": clock.name,
                        "timestep": int(clock.variables["timestep"].get_value().item())}
                       for clock in clocks],
            "arrays": [],
            "queues": [_queue(obj) for obj in objects if isinstance(obj, SynapticPathway)],
            "random": random_state(),
        })
    lent = lend(identities, losses)
    if losses:
        return b"", lent
    return b"".join(encode(content)), lent


def _without_sizes(network: Element) -> Element:
    """Arrays that grow have the size that is lent: the description is not to judge them."""
    for element in [*network["groups"], *network["synapses"]]:
        for variable in element["variables"]:
            if variable["dynamic"]:
                variable["size"] = -1
    return network


def lend(identities: Identities, losses: LossReport) -> list[Lent]:
    """Every stored array but those of monitors."""
    lent = []
    for owner, name, var in identities.stored():
        if isinstance(identities.owners[owner], MONITORS):
            continue
        array = var.get_value()
        if array.dtype.name not in DTYPES:
            losses.add(owner, f"variable {name!r}", f"its type {array.dtype.name} is not one "
                       "of " + ", ".join(DTYPES))
        elif not array.flags.c_contiguous:
            losses.add(owner, f"variable {name!r}", "its elements are not side by side")
        else:
            lent.append(Lent(owner, name, array))
    return lent


def _queue(pathway: SynapticPathway) -> Element:
    steps, synapses = pending(pathway.queue._full_state())
    return {"name": pathway.name, "steps": steps, "synapses": synapses}


