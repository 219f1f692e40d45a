"""Brian2's preparation of a run, watched and undone: nothing compiled, nothing left behind.

``prepare`` calls ``Network.before_run`` with the runtime device's ``code_object`` replaced
by a recorder, so that names are resolved and abstract code is made exactly as in ``run``
(semantics 10.4), but each code object is only a stand-in that keeps what it was asked for.
The target is numpy meanwhile: the statements are the same as with Cython (playback 2).

Whatever ``before_run`` changes (clocks, code objects, abstract code, bins of spike
generators, the mark that ties an object to a network) is put back on leaving. Spike queues
are never touched, and no random number is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brian2 import prefs
from brian2.core.base import BrianObject
from brian2.core.network import Network
from brian2.core.variables import ArrayVariable
from brian2.devices.device import RuntimeDevice, get_device
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
from brian2.stateupdaters.base import StateUpdateMethod
from brian2.synapses.synapses import SynapticPathway
from brian2.units import second

from . import describe, gsl
from .errors import LossReport

PLAIN_CLASSES = ("NumpyCodeObject", "CythonCodeObject")


class StandIn:
    """Takes the place of a code object: keeps what was asked for, does nothing."""

    def __init__(self, owner: Any, name: str, abstract_code: dict[str | None, str],
                 variables: dict[str, Any], template_name: str,
                 variable_indices: dict[str, str], codeobj_class: Any,
                 template_kwds: dict[str, Any] | None,
                 override_conditional_write: Any, compiler_kwds: Any) -> None:
        self.owner = owner
        self.name = name
        self.abstract_code = abstract_code
        self.variables = variables
        self.template_name = template_name
        self.variable_indices = variable_indices
        self.codeobj_class = codeobj_class
        self.template_kwds = dict(template_kwds or {})
        self.override_conditional_write = frozenset(override_conditional_write or ())
        self.compiler_kwds = compiler_kwds
        self.code = ""
        self.statements: tuple[list[Any], list[Any]] | None = None  #: if made already

    def before_run(self) -> None:
        """Nothing to prepare: queues are read as they are."""

    def after_run(self) -> None:
        """Nothing was run."""

    def __call__(self, **_: Any) -> None:
        raise AssertionError(f"{self.name} is a stand-in for capture, it cannot run")


@dataclass
class Prepared:
    """A network between ``before_run`` and the first step; valid inside ``prepare`` only."""

    network: Network
    objects: list[BrianObject]  #: in schedule order
    clocks: list[Any]  #: by name
    codes: dict[str, list[StandIn]]  #: object name -> its code objects
    methods: dict[str, str]  #: group name -> integrator Brian2 chose
    namespace: dict[str, Any]  #: where external names are looked up
    #: clocks with a new dt since their last run
    dt_changed: set[str] = field(default_factory=set)
    live: bool = False  #: Brian2 is there while it runs: objects' own Python code can be called


@contextmanager
def prepare(network: Network, duration: float, namespace: dict[str, Any],
            losses: LossReport) -> Iterator[Prepared]:
    """Prepare `network` for a run of `duration` seconds, undo everything on leaving.

    Errors of Brian2 itself (unknown names, wrong units) pass through as in ``run``.
    """
    device = get_device()
    if not isinstance(device, RuntimeDevice) or "code_object" in vars(type(device)):
        losses.add(network.name, f"device {type(device).__name__}",
                   "a live capture needs the runtime device", fatal=True)
        losses.settle()
    objects = list(network.sorted_objects)
    clocks = sorted({obj.clock for obj in objects}, key=lambda clock: clock.name)
    added: list[tuple[Any, list[str]]] = []  #: arrays of integrators, to be removed
    with _undo(network, objects, clocks, added):
        dt_changed = {clock.name for clock in clocks if getattr(clock, "_old_dt", None)
                      not in (None, getattr(clock, "dt_", None))}
        refuse_before_run(objects, clocks, losses)
        if losses.refuses():  # then nothing is prepared, and the rest is said at once
            from .names import refuse_functions

            refuse_functions(objects, namespace, losses)
        losses.settle()
        methods: dict[str, str] = {}
        with _recording(device, methods, losses, added):
            network._clocks = set(clocks)
            end = network.t + duration * second
            for clock in clocks:
                clock.set_interval(network.t, end)
            for obj in objects:
                if isinstance(obj, SynapticPathway):
                    obj._pushspikes_codeobj = None  # else Brian2 keeps the one of the last run
            network.before_run(namespace)
        codes = {obj.name: [code.__repr__.__self__ for code in obj.code_objects]
                 for obj in objects if obj.active}
        losses.settle()
        yield Prepared(network, objects, clocks, codes, methods, namespace, dt_changed)


def has_own_run(obj: BrianObject) -> bool:
    """Whether an object runs Python code of its own in each step."""
    return type(obj).run is not BrianObject.run


def is_called(obj: BrianObject) -> bool:
    """Whether the engine calls an object of a live network, which then runs in Python."""
    return has_own_run(obj) or "_runs_in_python" in vars(obj)


def refuse_before_run(objects: list[BrianObject], clocks: list[Any],
                      losses: LossReport, live: bool = False) -> None:
    """Note what cannot even be prepared, by the class of objects and clocks.

    `live`: objects' own Python code can be called, and Brian2 itself checks pathways.
    """
    for clock in clocks:
        times = describe.clock_element(clock).get("times", np.zeros(0))
        wrong = times[(times < 0) | ~np.isfinite(times)]
        if len(wrong):
            losses.add(clock.name, f"the time {wrong[0]:g} s",
                       "times of a clock are finite and not below 0")
    for obj in objects:
        kind = type(obj).__name__
        if kind in ("SpatialNeuron", "SpatialStateUpdater"):
            losses.add(obj.name, kind, "the cable equation is not supported")
        elif obj.active and has_own_run(obj) and not live:
            losses.add(obj.name, kind, "it runs Python code in each step", fatal=False)
        if isinstance(obj, SynapticPathway) and obj.active and obj.synapses.active \
                and not live:
            if len(obj.synapses) == 0 and not obj.synapses._connect_called:
                raise TypeError(f"Synapses object '{obj.synapses.name}' does not do anything, "
                                "since it has not created synapses with 'connect'")


@contextmanager
def _recording(device: RuntimeDevice, methods: dict[str, str], losses: LossReport,
               added: list[tuple[Any, list[str]]]) -> Iterator[None]:
    """Code objects become stand-ins, extensions cannot be built, integrators are noted."""

    def code_object(owner: Any, name: str, abstract_code: dict[str | None, str],
                    variables: dict[str, Any], template_name: str,
                    variable_indices: dict[str, str], codeobj_class: Any = None,
                    template_kwds: dict[str, Any] | None = None,
                    override_conditional_write: Any = None,
                    compiler_kwds: Any = None) -> StandIn:
        if gsl.is_gsl(codeobj_class):
            template_name, variables = gsl.TEMPLATE, gsl.with_rates(abstract_code, variables)
            added.append((owner, gsl.add_arrays(owner, owner.state_updater)))
        elif codeobj_class is not None and codeobj_class.__name__ not in PLAIN_CLASSES:
            losses.add(owner.name, f"code object class {codeobj_class.__name__}",
                       "only Brian2's plain targets can be described")
        return StandIn(owner, name, abstract_code, variables, template_name, variable_indices,
                       codeobj_class, template_kwds, override_conditional_write, compiler_kwds)

    def refuse_extension(*_: Any, **__: Any) -> None:
        raise AssertionError("a capture must not compile")

    builders = [(manager, dict(vars(manager))) for manager in _extension_managers()]
    choose = StateUpdateMethod.apply_stateupdater
    target = prefs.codegen.target

    def noting(equations: Any, variables: Any, method: Any, *args: Any, **kwds: Any) -> Any:
        known = [name for name, made in StateUpdateMethod.stateupdaters.items()
                 if made is method]
        # Brian2 remembers the code of a choice, not what was chosen: choose again
        made = choose if isinstance(method, str) or known else choose.__wrapped__
        code = made(equations, variables, method, *args, **kwds)
        group = kwds.get("group_name")
        name = method.lower() if isinstance(method, str) else min(known, default="")
        if name and group is not None:
            methods[group] = "exact" if name == "linear" else name
        return code

    device.code_object = code_object
    for manager, _ in builders:
        manager.create_extension = refuse_extension
    StateUpdateMethod.apply_stateupdater = staticmethod(noting)
    prefs.codegen.target = "numpy"
    try:
        with gsl.prepared_for_any_target():
            yield
    finally:
        del device.code_object
        StateUpdateMethod.apply_stateupdater = staticmethod(choose)
        for manager, attributes in builders:
            vars(manager).clear()
            vars(manager).update(attributes)
        prefs.codegen.target = target


def _extension_managers() -> list[Any]:
    try:
        from brian2.codegen.runtime.cython_rt.extension_manager import cython_extension_manager
    except ImportError:
        return []
    return [cython_extension_manager]


@contextmanager
def _undo(network: Network, objects: list[BrianObject], clocks: list[Any],
          added: list[tuple[Any, list[str]]]) -> Iterator[None]:
    """Put attributes, lists of code objects and the arrays before_run writes back."""
    attributes = [(obj, dict(vars(obj)), list(obj._code_objects)) for obj in objects]
    clock_attributes = [(clock, dict(vars(clock))) for clock in clocks]
    written = list(clocks) + [obj for obj in objects if isinstance(obj, SpikeGeneratorGroup)]
    arrays = [(var, np.array(var.get_value()))
              for owner in written for var in owner.variables.values()
              if isinstance(var, ArrayVariable)]
    network_attributes = dict(vars(network))
    stopped = Network._globally_stopped
    try:
        yield
    finally:
        for obj, saved, code_objects in attributes:
            obj.__dict__.clear()
            obj.__dict__.update(saved)
            obj._code_objects[:] = code_objects
        for clock, saved in clock_attributes:
            clock.__dict__.clear()
            clock.__dict__.update(saved)
        for var, content in arrays:
            if var.get_value().shape == content.shape:
                var.get_value()[...] = content
        for owner, names in added:
            gsl.remove_arrays(owner, names)
        network.__dict__.clear()
        network.__dict__.update(network_attributes)
        Network._globally_stopped = stopped
