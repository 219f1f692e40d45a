"""A live network as a document without its arrays, which are lent to the engine.

As in ``recorder.prepare``, code objects are stood in for while Brian2 prepares a run; here
the preparation is the run's own, so nothing is undone, and a stand-in does what the real
code object does beside computing: it prepares the queue before a run and clears the list of
events behind it. Called all the same (``obj.run()`` by hand), it becomes the real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from brian2 import prefs
from brian2.codegen.permutation_analysis import (
    OrderDependenceError, check_for_order_independence)
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.base import BrianObject
from brian2.core.network import Network
from brian2.core.variables import ArrayVariable
from brian2.devices.device import RuntimeDevice
from brian2.groups.group import CodeRunner
from brian2.monitors import EventMonitor, PopulationRateMonitor, StateMonitor
from brian2.synapses.synapses import SynapticPathway

from . import gsl
from .device_around import templates_read
from .device_engine import DTYPES, Lent
from .device_functions import Given
from .document import Element, Encoded, encode, encode_element, new_document
from .errors import LossReport
from .executables import TEMPLATES, code_part, make
from .identity import Identities
from .names import Names, why_untranslated
from .recorder import PLAIN_CLASSES, Prepared, StandIn, is_called
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
                self.variables, gsl.brian2s_template(self.template_name), self.variable_indices,
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


def _judge(code: LiveStandIn) -> None:
    """What Brian2's generators refuse in statements, and warn of."""
    template = getattr(NumpyCodeObject.templater, gsl.brian2s_template(code.template_name))
    generator = NumpyCodeObject.generator_class(
        variables=code.variables, variable_indices=code.variable_indices, owner=code.owner,
        iterate_all=template.iterate_all, codeobj_class=NumpyCodeObject,
        override_conditional_write=code.override_conditional_write,
        allows_scalar_write=template.allows_scalar_write, name=code.name,
        template_name=code.template_name)
    scalar, vector = code.statements or ([], [])
    generator.array_read_write(scalar)
    if not generator.has_repeated_indices(vector):
        return
    try:
        check_for_order_independence(vector, code.variables, code.variable_indices)
    except OrderDependenceError:  # Brian2 says so itself
        generator.translate(code.abstract_code, dtype=prefs.core.default_float_dtype)


@contextmanager
def recording(device: RuntimeDevice, losses: LossReport) -> Iterator[None]:
    """Code objects become stand-ins; the target is numpy, so that nothing is compiled."""

    def code_object(owner: Any, name: str, abstract_code: dict[str | None, str],
                    variables: dict[str, Any], template_name: str,
                    variable_indices: dict[str, str], codeobj_class: Any = None,
                    template_kwds: dict[str, Any] | None = None,
                    override_conditional_write: Any = None,
                    compiler_kwds: Any = None) -> StandIn:
        if gsl.is_gsl(codeobj_class):
            template_name, variables = gsl.TEMPLATE, gsl.with_rates(abstract_code, variables)
            gsl.add_arrays(owner, owner.state_updater)
        elif codeobj_class is not None and codeobj_class.__name__ not in PLAIN_CLASSES:
            losses.add(owner.name, f"code object class {codeobj_class.__name__}",
                       "only Brian2's plain targets can be described")
        made = LiveStandIn(owner, name, abstract_code, variables, template_name,
                           variable_indices,
                           codeobj_class if gsl.is_gsl(codeobj_class) else None, template_kwds,
                           override_conditional_write, compiler_kwds)
        made.device = device
        if template_name in TEMPLATES and set(made.abstract_code) <= {None}:
            made.statements = make(made)  # errors belong to the preparation of an object
            _judge(made)
        return made

    target = prefs.codegen.target
    device.code_object = code_object  # type: ignore[method-assign]
    prefs.codegen.target = "numpy"
    try:
        with gsl.prepared_for_any_target(), templates_read():
            yield
    finally:
        del device.code_object
        prefs.codegen.target = target


class Description(NamedTuple):
    """What stays the same from run to run while the network is not changed."""

    network: Encoded
    code: Encoded
    arrays: list[tuple[str, str, ArrayVariable]]  #: (owner, variable, array) to be lent
    given: list[Given]  #: functions that Python computes

    def lend(self) -> list[Lent]:
        """The arrays, where they are now."""
        return [Lent(owner, name, var.get_value()) for owner, name, var in self.arrays]

    def document(self, network: Network, objects: list[BrianObject],
                 clocks: list[Any]) -> bytes:
        """The bytes of the document of a run from now on, of a length to be said."""
        content = new_document(
            network=self.network,
            code=self.code,
            state={
                "t": float(network.t_),
                "clocks": [{"name": clock.name,
                            "timestep": int(clock.variables["timestep"].get_value().item())}
                           for clock in clocks],
                "arrays": [],
                "queues": [_queue(obj) for obj in objects if isinstance(obj, SynapticPathway)],
                "random": random_state(),
            })
        return b"".join(encode(content))


def _leave_to_python(obj: CodeRunner) -> None:
    """What run_regularly calls may look at a whole group (`mean(x)`): where it cannot be
    translated, Brian2's numpy code runs all of the statements, as it stands in the schedule."""
    codes = [code.__repr__.__self__ for code in obj.code_objects]
    found = {name: why_untranslated(name, var)
             for code in codes for name, var in sorted(code.variables.items())}
    reasons = {name: reason for name, reason in found.items() if reason}
    if not reasons:
        vars(obj).pop("_runs_in_python", None)
        return
    obj._runs_in_python = reasons
    for code in codes:
        code.codeobj_class = NumpyCodeObject


def describe(network: Network, objects: list[BrianObject], clocks: list[Any],
             namespace: dict[str, Any], losses: LossReport) -> Description:
    """The description of a network that Brian2 has prepared.

    What cannot be carried is noted in `losses`; then it is of no use.
    """
    for obj in objects:
        if type(obj) is CodeRunner and obj.active:
            _leave_to_python(obj)
    codes = {obj.name: [code.__repr__.__self__ for code in obj.code_objects]
             for obj in objects if obj.active and not is_called(obj)}
    prepared = Prepared(network, objects, clocks, codes, {}, namespace, live=True)
    identities = Identities(prepared, losses)
    names = Names(prepared, identities, losses)
    rules = _without_sizes(network_part(prepared, identities, names, 0.0, losses))
    code = code_part(prepared, identities, names, losses)
    arrays = _arrays(identities, losses)
    if losses:
        return Description(Encoded(), Encoded(), [], [])
    given = [Given(name, function, reason)
             for name, (function, reason) in sorted(names.given.items())]
    for one in given:
        one.prepare([code for found in codes.values() for code in found])
    return Description(encode_element("network", rules), encode_element("code", code), arrays,
                       given)


def _without_sizes(network: Element) -> Element:
    """Arrays that grow have the size that is lent: the description is not to judge them."""
    for element in [*network["groups"], *network["synapses"]]:
        for variable in element["variables"]:
            if variable["dynamic"]:
                variable["size"] = -1
    return network


def _arrays(identities: Identities,
            losses: LossReport) -> list[tuple[str, str, ArrayVariable]]:
    """Every stored array but those of monitors."""
    found = []
    for owner, name, var in identities.stored():
        if isinstance(identities.owners[owner], MONITORS):
            continue
        if name == "times" and hasattr(identities.owners[owner], "set_interval"):
            continue  # an event clock's belong to its description
        array = var.get_value()
        if array.dtype.name not in DTYPES:
            losses.add(owner, f"variable {name!r}", f"its type {array.dtype.name} is not one "
                       "of " + ", ".join(DTYPES))
        elif not array.flags.c_contiguous:
            losses.add(owner, f"variable {name!r}", "its elements are not side by side")
        else:
            found.append((owner, name, var))
    return found


def _queue(pathway: SynapticPathway) -> Element:
    steps, synapses = pending(pathway.queue._full_state())
    return {"name": pathway.name, "steps": steps, "synapses": synapses}


