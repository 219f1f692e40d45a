"""The `network` part of a live capture: what the script said, as far as the objects know it.

Groups, synapses, inputs and monitors with their texts untouched. How the network was built
(connect, initialisers) is not part of live objects: `setup` stays empty, the results are
in the `state` part.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from brian2.core.base import BrianObject
from brian2.core.functions import Function
from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS
from brian2.core.variables import Constant
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import NeuronGroup
from brian2.groups.subgroup import Subgroup
from brian2.input.binomial import BinomialFunction
from brian2.input.poissongroup import PoissonGroup
from brian2.input.poissoninput import PoissonInput
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
from brian2.input.timedarray import TimedArray
from brian2.monitors import EventMonitor, PopulationRateMonitor, SpikeMonitor, StateMonitor
from brian2.synapses.synapses import SummedVariableUpdater, Synapses
from brian2.units.fundamentalunits import Quantity

from . import describe
from .document import Element
from .errors import LossReport
from .identity import Identities
from .recorder import Prepared

CARRIED = (NeuronGroup, PoissonGroup, SpikeGeneratorGroup, Subgroup, Synapses, CodeRunner,
           PoissonInput, EventMonitor, StateMonitor, PopulationRateMonitor)


def network_part(prepared: Prepared, identities: Identities, duration: float | None,
                 losses: LossReport) -> Element:
    """The `network` element; `duration` in seconds, None if no run is described."""
    network = prepared.network
    owners = identities.owners.values()
    constants = _Constants(prepared)
    for obj in prepared.objects:
        if not isinstance(obj, CARRIED) and type(obj).run is BrianObject.run:
            losses.add(obj.name, type(obj).__name__, "no element describes it")
    runs = []
    if duration is not None:
        inactive = sorted(obj.name for obj in prepared.objects if not obj.active)
        runs.append({"duration": duration, "inactive": inactive})
    return {
        "name": network.name.removesuffix("_capture"),
        "dialect": "brian2-runtime",
        "rng_rule": "brian-runtime",
        "origin": "capture",
        "schedule": list(network.schedule),
        "clocks": [{"name": clock.name, "dt": float(clock.dt_)} for clock in prepared.clocks],
        "groups": [_group(obj, prepared, identities, constants) for obj in owners
                   if isinstance(obj, (NeuronGroup, PoissonGroup, SpikeGeneratorGroup,
                                       Subgroup))],
        "synapses": [_synapses(obj, prepared, identities, constants) for obj in owners
                     if isinstance(obj, Synapses)],
        "inputs": [_input(obj, constants) for obj in prepared.objects
                   if isinstance(obj, PoissonInput)],
        "monitors": [monitor(obj) for obj in prepared.objects
                     if isinstance(obj, (EventMonitor, StateMonitor, PopulationRateMonitor))],
        "functions": _functions(prepared),
        "runs": runs,
    }


class _Constants:
    """External names by the group whose code uses them."""

    def __init__(self, prepared: Prepared) -> None:
        self._of: dict[str, dict[str, Constant]] = {}
        for obj in prepared.objects:
            for code in prepared.codes.get(obj.name, []):
                own = code.owner.variables
                extra = getattr(obj, "variables", {})
                for name, var in code.variables.items():
                    if (isinstance(var, Constant) and name not in own and name not in extra
                            and name not in DEFAULT_CONSTANTS and name not in DEFAULT_UNITS):
                        for key in (code.owner.name, obj.name):
                            self._of.setdefault(key, {})[name] = var

    def of(self, name: str) -> list[Element]:
        """`constant` elements of an object, sorted by name."""
        found = self._of.get(name, {})
        return [describe.constant(key, found[key]) for key in sorted(found)]


def _variables(owner: str, identities: Identities) -> list[Element]:
    return [describe.variable(name, var) for holder, name, var in identities.stored()
            if holder == owner and not is_eventspace(name)]


def is_eventspace(name: str) -> bool:
    """Whether a stored variable is a list of events (`_spikespace`, `_<event>space`)."""
    return re.fullmatch(r"_\w*space", name) is not None


def _group(group: Any, prepared: Prepared, identities: Identities,
           constants: _Constants) -> Element:
    element: Element = {
        "name": group.name,
        "n": int(group.N),
        "clock": group.clock.name,
        "order": int(group.order),
        "constants": constants.of(group.name),
        "variables": _variables(group.name, identities),
        "regulars": _regulars(group),
    }
    if isinstance(group, Subgroup):
        element.update(kind="subgroup", source=group.source.name, start=int(group.start),
                       stop=int(group.stop))
    elif isinstance(group, NeuronGroup):
        element.update(kind="neurons", **_neurons(group, prepared))
    elif isinstance(group, PoissonGroup):
        element["kind"] = "poisson"
        if isinstance(group._rates, str):
            element["rates"] = group._rates
        element["events"] = [_event(group, "spike")]
    else:
        element.update(
            kind="spikegenerator",
            when=group.when if group.when != "thresholds" else "",
            indices=np.array(group.variables["neuron_index"].get_value(), dtype=np.int32),
            times=np.array(group.variables["spike_time"].get_value(), dtype=np.float64),
            period=float(group.variables["period"].get_value().item()),
        )
    return element


def _neurons(group: NeuronGroup, prepared: Prepared) -> Element:
    updater = group.state_updater
    method = updater.method_choice
    expression, kind = refractory(group._refractory, updater.abstract_code)
    return {
        "when": updater.when if updater.when != "groups" else "",
        "order": int(updater.order),
        "method": method if isinstance(method, str) else "",
        "resolved_method": prepared.methods.get(group.name, ""),
        "refractory": expression,
        "refractory_kind": kind,
        "equations": [describe.equation(group.user_equations[name])
                      for name in group.user_equations._equations],
        "events": [_event(group, name) for name in group.events],
    }


def refractory(value: Any, abstract_code: str) -> tuple[str, str]:
    """(expression, kind) of a refractory argument (semantics 5.2).

    A time is written as '<seconds> * second', exact. For a text, Brian2 has decided by its
    dimensions and written the first line of the state updater accordingly.
    """
    if value is False:
        return "", ""
    if isinstance(value, (Quantity, float, int)) and not isinstance(value, bool):
        return f"{float(value)!r} * second", "time"
    condition = abstract_code.lstrip().startswith("not_refractory = not_refractory or not (")
    return str(value), "condition" if condition else "time"


def _event(group: Any, name: str) -> Element:
    thresholder = group.thresholder[name]
    default = "thresholds" if name == "spike" else "after_thresholds"
    element: Element = {
        "name": name,
        "condition": group.events[name],
        "when": thresholder.when if thresholder.when != default else "",
        "order": int(thresholder.order),
        "clock": thresholder.clock.name if thresholder.clock is not group.clock else "",
    }
    resetter = getattr(group, "resetter", {}).get(name)
    if resetter is not None:
        default = "resets" if name == "spike" else "after_resets"
        element.update(reset=group.event_codes[name],
                       reset_when=resetter.when if resetter.when != default else "",
                       reset_order=int(resetter.order))
    return element


def _regulars(group: Any) -> list[Element]:
    return [{
        "name": obj.name,
        "code": obj.abstract_code,
        "when": obj.when if obj.when != "start" else "",
        "order": int(obj.order),
        "clock": obj.clock.name if obj.clock is not group.clock else "",
    } for obj in group.contained_objects if type(obj) is CodeRunner]


def _synapses(synapses: Synapses, prepared: Prepared, identities: Identities,
              constants: _Constants) -> Element:
    source, source_start, source_stop = describe.slice_of(synapses.source)
    target, target_start, target_stop = describe.slice_of(synapses.target)
    updater = synapses.state_updater
    method = updater.method_choice if updater is not None else ""
    return {
        "name": synapses.name,
        "source": source, "source_start": source_start, "source_stop": source_stop,
        "target": target, "target_start": target_start, "target_stop": target_stop,
        "clock": synapses.clock.name,
        "when": updater.when if updater is not None and updater.when != "groups" else "",
        "order": int(updater.order if updater is not None else synapses.order),
        "method": method if isinstance(method, str) else "",
        "resolved_method": prepared.methods.get(synapses.name, ""),
        "multisynaptic_index": synapses.multisynaptic_index or "",
        "equations": _synaptic_equations(synapses),
        "pathways": [_pathway(pathway) for pathway in synapses._pathways],
        "summed": describe.sorted_by_name(
            [_summed(obj) for obj in synapses.contained_objects
             if isinstance(obj, SummedVariableUpdater)]),
        "constants": constants.of(synapses.name),
        "variables": _variables(synapses.name, identities),
        "regulars": _regulars(synapses),
    }


def _synaptic_equations(synapses: Synapses) -> list[Element]:
    """Continuous equations and parameters, then the event-driven ones, each once."""
    found: dict[str, Any] = {}
    for equations in filter(None, (synapses.equations, synapses.event_driven)):
        for name in equations._equations:
            found.setdefault(name, equations[name])
    return [describe.equation(single) for single in found.values()]


def _pathway(pathway: Any) -> Element:
    element: Element = {
        "name": pathway.name,
        "key": pathway.objname,
        "prepost": pathway.prepost,
        "event": pathway.event if pathway.event != "spike" else "",
        "code": pathway.code,
        "when": pathway.when if pathway.when != "synapses" else "",
        "order": int(pathway.order),
        "clock": pathway.clock.name,
    }
    delay = pathway.variables["delay"]
    if delay.scalar:
        element.update(homogeneous=True, delay=float(delay.get_value().item()))
    return element


def _summed(updater: SummedVariableUpdater) -> Element:
    return {"name": updater.name, "variable": updater.target_varname,
            "expr": updater.expression.code,
            "when": updater.when if updater.when != "groups" else "",
            "order": int(updater.order)}


def _input(source: PoissonInput, constants: _Constants) -> Element:
    target, start, stop = describe.slice_of(source._group)
    weight = source._weight
    return {
        "name": source.name, "target": target, "start": start, "stop": stop,
        "variable": source._target_var, "n": int(source.N), "rate": float(source.rate),
        # Brian2 inserts repr() of a quantity: 8 digits in its best unit (semantics 7.2)
        "weight": weight if isinstance(weight, str) else repr(weight),
        "when": source.when if source.when != "synapses" else "",
        "order": int(source.order), "clock": source.clock.name,
        "constants": constants.of(source.name),
    }


def monitor(obj: Any) -> Element:
    """A `monitor` element; rows of a state monitor are in `indices`, in order."""
    source, start, stop = describe.slice_of(obj.source)
    element: Element = {
        "name": obj.name, "source": source, "start": start, "stop": stop,
        "when": obj.when, "order": int(obj.order), "clock": obj.clock.name,
    }
    if isinstance(obj, StateMonitor):
        element.update(kind="state", variables=sorted(obj.record_variables),
                       record_all=bool(obj.record_all),
                       indices=np.asarray(obj.record, dtype=np.int32))
    elif isinstance(obj, PopulationRateMonitor):
        element["kind"] = "rate"
    else:
        element.update(kind="spike" if isinstance(obj, SpikeMonitor) else "event",
                       event=obj.event if obj.event != "spike" else "",
                       variables=sorted(obj.record_variables), record=bool(obj.record))
    return element


def _functions(prepared: Prepared) -> list[Element]:
    found: dict[str, Function] = {}
    for codes in prepared.codes.values():
        for code in codes:
            for var in code.variables.values():
                if isinstance(var, (TimedArray, BinomialFunction)):
                    found[var.name] = var
    return [function(found[name]) for name in sorted(found)]


def function(value: Any) -> Element:
    """A `function` element: a TimedArray with its values, else the signature.

    The generator of a PoissonInput is a signature: its n and p = rate*dt are in `inputs`.
    """
    element: Element = {"name": value.name}
    if isinstance(value, TimedArray):
        values = np.array(value.values, dtype=np.float64)
        element.update(kind="timedarray", dt=float(value.dt), ndim=values.ndim, values=values,
                       dim=describe.dimensions(value.dim))
    else:
        element["kind"] = "custom"
    return element

