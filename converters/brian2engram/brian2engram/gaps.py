"""What brian2tools' exporter drops without a word (semantics 10.2, docs/brian2-gaps.md).

``device.runs`` cannot tell. Where the objects of the script are still there, they are looked
at: not to take anything from them, only to say what the export lost of them. Where they are
gone, what may have been lost is said. ``exporter.complete`` has the objects for certain.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from brian2 import prefs
from brian2.core.base import BrianObject
from brian2.core.network import Network
from brian2.core.variables import ArrayVariable, DynamicArrayVariable
from brian2.devices.device import RuntimeDevice
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import NeuronGroup
from brian2.input.poissoninput import PoissonInput
from brian2.synapses.synapses import Synapses
from brian2.utils.stringtools import get_identifiers

from .errors import Loss, LossReport
from .rules import constant_over_dt
from .stock_setup import source_of

KEEPS = "`capture --exporter` and a live capture keep it"
LIVE = "a live capture keeps it"
METHODS = ("exact", "euler", "heun")  #: tried in this order where the script names none
RANDOM = {"rand", "randn", "poisson", "xi"}
#: what a component of the kind may have had, if nobody can look
HIDDEN = {
    "neurongroup": "a refractory time of zero or beside custom events, a choice of integrator "
                   "or its options, dtypes, its time step, parts that were inactive",
    "synapses": "run_regularly, expressions that are constant over dt, the multisynaptic index, "
                "order, when and options of the integrator, dtypes, parts that were inactive",
    "poissongroup": "its time step, when and order",
    "spikegeneratorgroup": "its time step, when and order",
    "poissoninput": "its name and what that decides between equals",
}


# ---- of one object ----------------------------------------------------------------------


def of_object(obj: Any, steps: Sequence[Mapping[str, Any]]) -> Iterator[Loss]:
    """What no export has of `obj`, whoever made it. `steps` are its initialisers."""
    set_by_steps = {step["variable"] for step in steps if step.get("type") == "initializer"}
    defaults = {"float": np.float64, "boolean": bool, "integer": np.int32}
    every = (obj.user_equations,) if isinstance(obj, NeuronGroup) else \
        (obj.equations, obj.event_driven) if isinstance(obj, Synapses) else ()
    for equations in filter(None, every):
        for name in equations._equations:
            var, single = obj.variables.get(name), equations[name]
            if not isinstance(var, ArrayVariable):
                continue
            wanted = defaults[single.var_type]
            if np.dtype(var.dtype) != np.dtype(wanted):
                yield Loss(obj.name, f"dtype of {name!r}", f"it is {np.dtype(var.dtype)}, not "
                           f"{np.dtype(wanted)}", "changed", LIVE)
            if name not in set_by_steps and var.owner.name == obj.name and _written(var):
                yield Loss(obj.name, f"values of {name!r}", "they were not set by a step that "
                           "the exporter sees (set_states, restore, set_value)", advice=LIVE)


def _written(var: ArrayVariable) -> bool:
    """Whether a variable holds anything but the zeros that it begins with."""
    if isinstance(var, DynamicArrayVariable):
        return False  # the exporter keeps no values of those
    try:
        return bool(np.any(var.get_value()))
    except NotImplementedError:
        return False


def of_network(network: Network, known: Container[str]) -> Iterator[tuple[Loss, bool]]:
    """What no export has of a network, and whether it is fatal.

    `known` are names of the export's components. Parts of others come with those.
    """
    if network._stored_state:
        yield Loss(network.name, "store()", "what restore() puts back is in no export",
                   advice=LIVE), False
    parts = {inner.name for obj in network.objects for inner in obj.contained_objects}
    for obj in sorted(network.objects, key=lambda obj: obj.name):
        if obj.name not in known and obj.name not in parts and \
                type(obj) not in (CodeRunner, PoissonInput):
            yield Loss(obj.name, type(obj).__name__,
                       "the exporter knows no such object"), True


# ---- of a stock export ------------------------------------------------------------------


def look(runs: Sequence[Mapping[str, Any]], components: Mapping[str, list[Any]],
         dts: Mapping[str, float], default_dt: float, losses: LossReport) -> None:
    """Note what stock `runs` lost, or may have lost."""
    steps: dict[str, list[Any]] = {}
    for run in runs:
        for step in run.get("initializers_connectors", []):
            owner = step.get("synapses") or (
                source_of(step["source"])[0] if "source" in step else "setup")
            steps.setdefault(owner, []).append(step)
    nets = _networks(runs, losses)
    inside = set().union(*(net.objects for net in nets))
    inputs = components.get("poissoninput", [])
    for kind, items in components.items():
        for item in items:
            name = item["name"]
            known = _candidates(kind, item)
            known = [obj for obj in known if obj in inside] or known
            told = [list(_of_stock(obj, item, runs[-1], dts.get(name, default_dt),
                                   steps.get(name, []))) for obj in known]
            if told and all(one == told[0] for one in told):
                for loss in told[0]:
                    _add(losses, loss)
            elif kind in HIDDEN and not (kind == "poissoninput" and len(inputs) == 1):
                losses.add(name, f"what an export drops of a {kind}", HIDDEN[kind], False,
                           advice="its object is gone, so look into the script; " + KEEPS,
                           certain=False)
    _look_at_networks(nets, components, losses)
    _look_at_steps(steps, losses)
    _look_at_random(runs, losses)


def _networks(runs: Sequence[Mapping[str, Any]], losses: LossReport) -> list[Network]:
    """The networks of this session that all `runs` may be of: they hold all their objects."""
    alive = [net for ref in list(Network.__instances__()) if (net := ref()) is not None]
    fits = []
    for run in runs:
        names = {item["name"] for kind, items in run.get("components", {}).items()
                 if kind != "poissoninput" for item in items}
        fits.append([net for net in alive if names <= {obj.name for obj in net.objects}
                     and all(map(_exported, net.objects))])
    every = [net for net in alive if all(net in some for some in fits)]
    if not every and fits and all(fits):
        losses.add("run", "several networks", "each has a time of its own, and the export does "
                   "not say which run is whose", advice="export one at a time")
    return every


def _add(losses: LossReport, loss: Loss) -> None:
    losses.add(loss.object, loss.feature, loss.reason, False, severity=loss.severity,
               advice=loss.advice)


def _exported(obj: Any) -> bool:
    """Whether the exporter may have seen an object: not if it was made on the runtime device."""
    obj = getattr(obj, "_group", obj)
    return all(type(var.device) is not RuntimeDevice
               for var in getattr(obj, "variables", {}).values()
               if isinstance(var, ArrayVariable) and var.owner.name == obj.name)


def _candidates(kind: str, item: Mapping[str, Any]) -> list[Any]:
    """The objects of this session that `item` may describe."""
    alive = [obj for ref in list(BrianObject.__instances__()) if (obj := ref()) is not None
             and type(obj).__name__.lower() == kind and _exported(obj)]
    if kind == "poissoninput":  # their names are not exported
        return [obj for obj in alive if obj._weight is item["weight"]
                and obj._target_var == item["target_var"]
                and obj._group.name == item["target"]]
    return [obj for obj in alive if getattr(obj, "name", None) == item["name"]
            and item.get("N", 0) == getattr(obj, "_N", item.get("N", 0))]


def _of_stock(obj: Any, item: Mapping[str, Any], run: Mapping[str, Any], dt: float,
              steps: Sequence[Mapping[str, Any]]) -> Iterator[Loss]:
    name = obj.name
    if isinstance(obj, PoissonInput):
        if name != item["name"]:
            yield Loss(name, "its name", f"it becomes {item['name']}", "changed", KEEPS)
        return
    if not hasattr(obj, "variables") or "N" not in item and not isinstance(obj, Synapses):
        return
    yield from of_object(obj, steps)
    if float(obj.clock.dt) != dt:
        yield Loss(name, "its time step", f"it is {float(obj.clock.dt):g} s and becomes "
                   f"{dt:g} s", "changed", KEEPS)
    if not isinstance(obj, (NeuronGroup, Synapses)):
        if (obj.when, obj.order) != ("thresholds", 0):
            yield Loss(name, "its when and order", f"they are {obj.when} and {obj.order}",
                       "changed", KEEPS)
    else:
        yield from _of_updater(obj)
    if isinstance(obj, NeuronGroup) and obj._refractory is not False and not any(
            "refractory" in rules for rules in item.get("events", {}).values()):
        yield Loss(name, "its refractoriness", "a zero time, or beside custom events",
                   advice=KEEPS)
    if isinstance(obj, Synapses):
        yield from _of_synapses(obj)
    hidden = {inner.name for inner in obj.contained_objects
              if not inner.active and obj.active and not _regular(obj, inner)}
    for inner in sorted(hidden - set(run.get("inactive", []))):
        yield Loss(name, f"{inner} is not active", "only what a network holds itself is "
                   "exported as inactive", advice=KEEPS)


def _regular(obj: Any, inner: Any) -> bool:
    """Whether `inner` is a run_regularly of synapses: lost as a whole."""
    return isinstance(obj, Synapses) and type(inner) is CodeRunner


def _of_updater(obj: Any) -> Iterator[Loss]:
    updater = obj.state_updater
    choice = getattr(updater, "method_choice", METHODS)
    if not isinstance(choice, str) and choice != METHODS:
        yield Loss(obj.name, "its choice of integrator", "only a name is exported",
                   "changed", LIVE)
    if getattr(updater, "method_options", None):
        yield Loss(obj.name, "options of its integrator", f"{updater.method_options}",
                   advice=KEEPS)


def _of_synapses(obj: Synapses) -> Iterator[Loss]:
    for inner in obj.contained_objects:
        if type(inner) is CodeRunner:
            yield Loss(obj.name, f"run_regularly {inner.name!r}", "of groups alone it is "
                       "exported", advice=KEEPS)
    for name in constant_over_dt(obj):
        yield Loss(obj.name, f"{name!r}, constant over dt", "it becomes a parameter",
                   "changed", KEEPS)
    if obj.multisynaptic_index:
        yield Loss(obj.name, f"multisynaptic index {obj.multisynaptic_index!r}",
                   "it becomes a parameter", "changed", KEEPS)
    updater = obj.state_updater
    if updater is not None and (updater.when, updater.order) != ("groups", 0):
        yield Loss(obj.name, "when and order of its integrator", f"they are {updater.when} and "
                   f"{updater.order}", "changed", KEEPS)


def _look_at_networks(nets: Sequence[Network], components: Mapping[str, list[Any]],
                      losses: LossReport) -> None:
    """Their schedule, and objects that the export leaves out."""
    if not nets:
        losses.add("network", "its schedule and its objects", "the schedule is not exported, "
                   "nor are subclasses of Brian2's classes", False,
                   advice="the network is gone, so look into the script; " + KEEPS,
                   certain=False)
    known = {item["name"] for items in components.values() for item in items}
    for net in nets:  # of several, who can tell which it was
        if list(net.schedule) != list(prefs.core.network.default_schedule):
            losses.add(net.name, "its schedule", "it is not exported", False,
                       severity="changed", advice=KEEPS, certain=len(nets) == 1)
        for loss, fatal in of_network(net, known):
            losses.add(loss.object, loss.feature, loss.reason, fatal, severity=loss.severity,
                       advice=loss.advice, certain=len(nets) == 1)


def _look_at_steps(steps: Mapping[str, Sequence[Mapping[str, Any]]], losses: LossReport) -> None:
    read = [f"{owner}.{step['variable']}" for owner, own in steps.items() for step in own
            if isinstance(step.get("value"), str)]
    if read:
        losses.add("setup", "values that the script reads back",
                   "the exporter executes nothing, so of " + ", ".join(dict.fromkeys(read)) +
                   " the script reads zeros", False, advice=LIVE, certain=False)
    for owner, own in steps.items():
        for step in own:
            if step.get("type") == "connect":
                texts = [step[side] for side in "ij" if isinstance(step.get(side), str)]
                if texts:
                    losses.add(owner, f"connect({texts[0]!r})", "whether skip_if_invalid was "
                               "set is not exported", False, advice=KEEPS, certain=False)
                elif "condition" not in step and "i" not in step and "j" not in step:
                    losses.add(owner, "connect() of all to all", "connect(condition=False) is "
                               "exported alike", False, advice=KEEPS, certain=False)
            elif held(step.get("value")):
                losses.add(owner, f"values of {step['variable']!r}", "the export refers to an "
                           "array that the script still holds and may have changed since",
                           False, severity="changed", advice="set a copy; " + KEEPS,
                           certain=False)


def held(value: Any) -> bool:
    """Whether anybody but the step that has it refers to an array's memory."""
    if not isinstance(value, np.ndarray) or value.size < 2:
        return False
    if isinstance(value.base, np.ndarray):
        return sys.getrefcount(value.base) > 2  # the view, and the question
    return sys.getrefcount(value) > 5  # the step, three names on the way, the question


def _look_at_random(runs: Sequence[Mapping[str, Any]], losses: LossReport) -> None:
    """Seeds are neither exported nor to be found; they matter where numbers are drawn."""
    if any(_draws(run) for run in runs):
        losses.add("setup", "calls of seed()", "they are not exported, nor is the state of the "
                   "random streams", False, advice="seed the run yourself; " + KEEPS,
                   certain=False)


def _draws(run: Mapping[str, Any]) -> bool:
    components = run.get("components", {})
    if components.get("poissongroup") or components.get("poissoninput"):
        return True
    names: set[str] = set()
    for text in _texts([components, run.get("initializers_connectors", [])]):
        names |= get_identifiers(text)
    steps = run.get("initializers_connectors", [])
    return bool(names & RANDOM) or any(name.startswith("xi_") for name in names) or any(
        step.get("type") == "connect" and not isinstance(step.get("probability", 1), str)
        and np.any(np.asarray(step.get("probability", 1)) != 1) for step in steps)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
    elif hasattr(value, "code"):
        yield value.code
