"""The `network` part of a live capture: what the script said, as far as the objects know it.

Groups, synapses, inputs and monitors with their texts untouched. How the network was built
(connect, initialisers) is not part of live objects: the results are in the `state` part; what a
recording saw of it is in `setup`.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
from brian2.core.operations import NetworkOperation
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import NeuronGroup
from brian2.groups.subgroup import Subgroup
from brian2.input.poissongroup import PoissonGroup
from brian2.input.poissoninput import PoissonInput
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
from brian2.monitors import EventMonitor, PopulationRateMonitor, SpikeMonitor, StateMonitor
from brian2.parsing.expressions import parse_expression_dimensions
from brian2.synapses.synapses import SummedVariableUpdater, Synapses
from brian2.units import second
from brian2.utils.stringtools import get_identifiers

from . import describe, gsl
from .document import Element
from .errors import LossReport
from .identity import Identities
from .links import index_arrays, links
from .names import Names, resolved
from .recorder import Prepared, has_own_run, is_called
from .sources import operation

#: Types of recorded rates, and how a monitor element says so.
RATE_DTYPES = {"float64": "", "float32": "float32"}
CARRIED = (NeuronGroup, PoissonGroup, SpikeGeneratorGroup, Subgroup, Synapses, CodeRunner,
           PoissonInput, EventMonitor, StateMonitor, PopulationRateMonitor, NetworkOperation)


def network_part(prepared: Prepared, identities: Identities, names: Names,
                 duration: float | None, losses: LossReport) -> Element:
    """The `network` element; `duration` in seconds, None if no run is described."""
    network = prepared.network
    owners = identities.owners.values()
    variables = _Variables(identities)
    for obj in prepared.objects:
        if not isinstance(obj, CARRIED) and not has_own_run(obj) \
                and (not prepared.live or prepared.codes.get(obj.name)):
            losses.add(obj.name, type(obj).__name__, "no element describes it")
        if isinstance(obj, PopulationRateMonitor) and describe.rate_dtype(obj) not in RATE_DTYPES:
            losses.add(obj.name, f"dtype {describe.rate_dtype(obj)}",
                       f"rates are {' or '.join(RATE_DTYPES)} in a document")
    groups = [obj for obj in owners
              if isinstance(obj, (NeuronGroup, PoissonGroup, SpikeGeneratorGroup, Subgroup))]
    for group in groups:
        if group.clock not in prepared.clocks:
            losses.add(group.name, f"clock {group.clock.name}",
                       "it is not a clock of the network, the group only lends variables")
    runs = []
    if duration is not None:
        runs.append({"duration": duration, "inactive": _inactive(prepared, groups)})
    return {
        "name": network.name,
        "dialect": "brian2-runtime",
        "rng_rule": describe.rng_rule(),
        "origin": "capture",
        "float_dtype": describe.float_dtype(),
        "legacy_refractory": describe.legacy_refractory(),
        "schedule": list(network.schedule),
        "clocks": [describe.clock_element(clock) for clock in prepared.clocks],
        "groups": [{**names.rewritten(obj.name, _group(obj, prepared, variables, names)),
                    **_linked(obj, identities)} for obj in groups],
        "synapses": [{**names.rewritten(obj.name, _synapses(obj, prepared, variables, names)),
                      "links": links(obj, identities)}
                     for obj in owners if isinstance(obj, Synapses)],
        "inputs": [names.rewritten(obj.name, _input(obj, names)) for obj in prepared.objects
                   if isinstance(obj, PoissonInput)],
        "monitors": [monitor(obj) for obj in prepared.objects
                     if isinstance(obj, (EventMonitor, StateMonitor, PopulationRateMonitor))],
        "functions": names.functions(),
        "operations": _operations(prepared),
        "runs": runs,
    }


def _linked(group: Any, identities: Identities) -> Element:
    found = links(group, identities)
    return {"links": found, "index_arrays": index_arrays(group, found)}


def _operations(prepared: Prepared) -> list[Element]:
    """NetworkOperations; of a live network all objects that run Python code, without text."""
    if prepared.live:
        return [operation(obj, with_source=False) for obj in prepared.objects
                if obj.active and is_called(obj)]
    return [operation(obj) for obj in prepared.objects if isinstance(obj, NetworkOperation)]


def _inactive(prepared: Prepared, groups: list[Any]) -> list[str]:
    """Described objects that do nothing: inactive, or outside and only read through a link."""
    members = {obj.name for obj in prepared.objects}
    names = {obj.name for obj in prepared.objects
             if not obj.active and isinstance(obj, CARRIED)}
    names |= {group.name for group in groups
              if group.name not in members and not isinstance(group, Subgroup)}
    return sorted(names)


class _Variables:
    """`variable` elements by the object that stores them."""

    def __init__(self, identities: Identities) -> None:
        self._of: dict[str, list[Element]] = {}
        for owner, name, var in identities.stored():
            if not is_eventspace(name):
                self._of.setdefault(owner, []).append(describe.variable(name, var))

    def of(self, owner: str) -> list[Element]:
        """Those of one object, by name."""
        return self._of.get(owner, [])


def is_eventspace(name: str) -> bool:
    """Whether a stored variable is a list of events (`_spikespace`, `_<event>space`)."""
    return re.fullmatch(r"_\w*space", name) is not None


def _group(group: Any, prepared: Prepared, variables: _Variables, names: Names) -> Element:
    element: Element = {
        "name": group.name,
        "n": int(group.N),
        "clock": group.clock.name,
        "order": int(group.order),
        "constants": names.constants(group.name),
        "variables": variables.of(group.name),
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
            # Brian2 takes a period of more steps than an int32 has for none
            period=float(group.variables["period"].get_value().item())
            if group.variables["_period_bins"].get_value().item() else 0.0,
        )
    return element


def _neurons(group: NeuronGroup, prepared: Prepared) -> Element:
    updater = group.state_updater
    method = updater.method_choice
    expression, kind = _refractory(group, prepared)
    return {
        "when": updater.when if updater.when != "groups" else "",
        "order": int(updater.order),
        "method": method if isinstance(method, str) else "",
        "resolved_method": gsl.method(updater) or prepared.methods.get(group.name, ""),
        "method_options": method_options(updater),
        "noise": noise(group),
        "refractory": expression,
        "refractory_kind": kind,
        "equations": [describe.equation(group.user_equations[name], group)
                      for name in group.user_equations._equations],
        "events": [_event(group, name) for name in group.events],
    }


def noise(group: Any) -> list[str]:
    """Several ``xi_*`` as an integrator draws them: in the order of a set; [] if by name."""
    names = list(group.equations.stochastic_variables)
    return names if names != sorted(names) else []


def method_options(updater: Any) -> str:
    """Options of an integrator as a JSON object; '' for none."""
    if gsl.method(updater):
        return gsl.options(updater)
    options = getattr(updater, "method_options", None)
    return json.dumps(options, sort_keys=True, default=str) if options else ""


def _refractory(group: NeuronGroup, prepared: Prepared) -> tuple[str, str]:
    """(expression, kind) of the refractory argument (semantics 5.2).

    A time is written as '<seconds> * second', exact. A text is a time or a condition by its
    dimensions, also in a group that is not prepared because it is inactive.
    """
    value = group._refractory
    if value is False:
        return "", ""
    if not isinstance(value, str):
        return f"{float(value)!r} * second", "time"
    # not `or`: a subexpression has no length to be asked for
    found = {name: group.variables[name] if name in group.variables
             else resolved(group, name, prepared.namespace)
             for name in get_identifiers(value)}
    if None in found.values():
        return value, describe.refractory_kind(value)
    time = parse_expression_dimensions(value, found) is second.dim
    return value, "time" if time else "condition"


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


def _synapses(synapses: Synapses, prepared: Prepared, variables: _Variables,
              names: Names) -> Element:
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
        "resolved_method": gsl.method(updater) or prepared.methods.get(synapses.name, ""),
        "method_options": method_options(updater),
        "noise": noise(synapses),
        "multisynaptic_index": synapses.multisynaptic_index or "",
        "equations": _synaptic_equations(synapses),
        "pathways": [_pathway(pathway) for pathway in synapses._pathways],
        "summed": describe.sorted_by_name(
            [_summed(obj) for obj in synapses.contained_objects
             if isinstance(obj, SummedVariableUpdater)]),
        "constants": names.constants(synapses.name),
        "variables": variables.of(synapses.name),
        "regulars": _regulars(synapses),
    }


def constant_over_dt(synapses: Synapses) -> dict[str, str]:
    """Texts of the subexpressions that Brian2 keeps in the updater only."""
    updater = synapses.subexpression_updater
    lines = updater.abstract_code.splitlines() if updater is not None else []
    return dict(line.split(" = ", 1) for line in lines)


def _synaptic_equations(synapses: Synapses) -> list[Element]:
    """Continuous equations and parameters, then the event-driven ones, each once.

    Brian2 keeps what is constant over dt as a parameter, and its text in the updater.
    """
    found: dict[str, Element] = {}
    for equations in filter(None, (synapses.equations, synapses.event_driven)):
        for name in equations._equations:
            found.setdefault(name, describe.equation(equations[name], synapses))
    for name, expr in constant_over_dt(synapses).items():
        flags = ", ".join(filter(None, (found[name]["flags"], "constant over dt")))
        found[name].update(kind="subexpression", expr=expr, flags=flags)
    return list(found.values())


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


def _input(source: PoissonInput, names: Names) -> Element:
    target, start, stop = describe.slice_of(source._group)
    weight = source._weight
    return {
        "name": source.name, "target": target, "start": start, "stop": stop,
        "variable": source._target_var, "n": int(source.N), "rate": float(source.rate),
        # Brian2 inserts repr() of a quantity: 8 digits in its best unit (semantics 7.2)
        "weight": weight if isinstance(weight, str) else repr(weight),
        "when": source.when if source.when != "synapses" else "",
        "order": int(source.order), "clock": source.clock.name,
        "constants": names.constants(source.name),
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
        element.update(kind="rate", dtype=RATE_DTYPES.get(describe.rate_dtype(obj), ""))
    else:
        element.update(kind="spike" if isinstance(obj, SpikeMonitor) else "event",
                       event=obj.event if obj.event != "spike" else "",
                       variables=sorted(obj.record_variables), record=bool(obj.record))
    return element
