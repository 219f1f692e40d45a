"""The `code` part: what Brian2 executes, one executable for each object that runs code.

Statements are those of ``make_statements(..., optimise=False)``: sympy still rewrites
assignments there, so abstract code is not enough (semantics 11, playback 5).
"""

from __future__ import annotations

from typing import Any

from brian2 import prefs
from brian2.codegen.translation import make_statements
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable, AuxiliaryVariable, Constant, Subexpression
from brian2.groups.neurongroup import Resetter, Thresholder
from brian2.groups.subgroup import Subgroup
from brian2.input.binomial import BinomialFunction
from brian2.input.timedarray import TimedArray
from brian2.monitors import EventMonitor, PopulationRateMonitor, StateMonitor
from brian2.synapses.synapses import SummedVariableUpdater, SynapticPathway
from brian2.utils.stringtools import get_identifiers

from . import gsl
from .describe import NO_DIM, constant_fields, dimensions, dtype_name, slice_of
from .document import Element
from .errors import LossReport
from .identity import Identities
from .names import DEFAULT_FUNCTIONS, Names
from .recorder import Prepared, StandIn

TEMPLATES = ("stateupdate", "gsl", "threshold", "reset", "synapses", "summed_variable",
             "statemonitor", "spikemonitor", "ratemonitor", "spikegenerator")
MONITORS = (EventMonitor, StateMonitor, PopulationRateMonitor)
RESULTS = {"integer": "int64", "boolean": "bool"}  #: types of functions' results


def code_part(prepared: Prepared, identities: Identities, names: Names,
              losses: LossReport) -> Element:
    """The `code` element of a prepared network; inactive objects run no code."""
    executables = []
    for obj in prepared.objects:
        for code in prepared.codes.get(obj.name, []):
            if code.template_name == "synapses_push_spikes":
                continue  # the engine pushes spikes itself
            if code.template_name not in TEMPLATES:
                losses.add(obj.name, f"template {code.template_name}",
                           "not one of " + ", ".join(TEMPLATES))
                continue
            executables.append(executable(obj, code, identities, names, losses))
    return {"executables": executables}


def executable(obj: Any, code: StandIn, identities: Identities, names: Names,
               losses: LossReport) -> Element:
    """One `executable` from a Brian2 object and the code object it asked for."""
    statements = _statements(obj, code, losses)
    element: Element = {
        "name": obj.name,
        "template": code.template_name,
        "owner": code.owner.name,
        "when": obj.when,
        "order": int(obj.order),
        "clock": obj.clock.name,
        "abstract": "\n".join(code.abstract_code.values()).strip("\n"),
        "statements": statements,
        "bindings": _bindings(obj, code, statements, identities, names, losses),
    }
    element.update(_events(obj))
    if code.template_name == "threshold":
        element["refractory"] = bool(code.template_kwds.get("_uses_refractory", False))
    if isinstance(obj, SynapticPathway):
        element["pathway"] = obj.name
    if isinstance(obj, SummedVariableUpdater):
        owner, name = identities.of(obj.target_var)
        element.update(target=owner, target_variable=name,
                       target_index=identities.of(code.template_kwds["_index_var"])[1])
        if isinstance(obj.target, Subgroup):
            element.update(start=int(obj.target.start), stop=int(obj.target.stop))
    if isinstance(obj, (EventMonitor, StateMonitor)):
        element["record"] = sorted(obj.record_variables)
    return element


def make(code: StandIn) -> tuple[list[Any], list[Any]]:
    """Scalar and vector statements of a code object, as Brian2's translation begins."""
    scalar, vector = make_statements(
        code.abstract_code.get(None, ""), dict(code.variables),
        prefs.core.default_float_dtype, optimise=False, blockname="")
    return scalar, vector


def _statements(obj: Any, code: StandIn, losses: LossReport) -> list[Element]:
    if set(code.abstract_code) - {None}:
        losses.add(obj.name, "code in named blocks", "expected one block")
        return []
    scalar, vector = code.statements or make(code)
    return [{"part": part, "op": statement.op, "variable": statement.var,
             "expr": str(statement.expr), "dtype": dtype_name(statement.dtype)}
            for part, block in (("scalar", scalar), ("vector", vector))
            for statement in block]


def _events(obj: Any) -> Element:
    """The event an object emits or hears, by whom, and in which range of elements."""
    if isinstance(obj, Thresholder):
        return {"event": obj.event}
    if isinstance(obj, Resetter):
        return {"event": obj.event, "event_source": obj.group.name}
    if isinstance(obj, (SynapticPathway, EventMonitor)):
        source, start, stop = slice_of(obj.source)
        return {"event": obj.event, "event_source": source, "start": start, "stop": stop}
    if isinstance(obj, PopulationRateMonitor):
        source, start, stop = slice_of(obj.source)
        return {"event": "spike", "event_source": source, "start": start, "stop": stop}
    if getattr(obj, "template", None) == "spikegenerator":
        return {"event": "spike"}
    return {}


def _bindings(obj: Any, code: StandIn, statements: list[Element], identities: Identities,
              names: Names, losses: LossReport) -> list[Element]:
    """What each name of the code stands for, sorted by name (playback 5).

    Left out: default functions, the lists of events and the monitors' own arrays, which
    belong to the template rather than to the code.
    """
    declared = {statement["variable"] for statement in statements}
    used = declared.union(*(get_identifiers(statement["expr"]) for statement in statements))
    indices = {code.variable_indices.get(name) for name in code.variables if name in used}
    eventspaces = {id(code.template_kwds.get("eventspace_variable"))}
    bindings = []
    for name in sorted(code.variables):
        var = code.variables[name]
        needed = name in used or name in indices
        if isinstance(var, Function):
            if name in used and not _is_default(name, var):
                bindings.append(_function(obj, name, var, names))
        elif isinstance(var, ArrayVariable):
            own = isinstance(obj, MONITORS) and var.owner.name == obj.name
            space = id(var) in eventspaces or var.name.endswith("space") and var.name[0] == "_"
            if needed or not (own or space):
                bindings.append(_array(obj, name, var, code, identities, losses))
        elif isinstance(var, Subexpression):
            if name in declared:
                bindings.append({"name": name, "kind": "subexpression",
                                 "dtype": dtype_name(var.dtype), "dim": dimensions(var.dim)})
        elif isinstance(var, Constant):
            fields = constant_fields(var.value, var.dtype)
            if fields["dtype"].startswith("int") or fields["dtype"] == "bool":
                del fields["value"]  # the exact value stands in `integer`
            bindings.append({"name": name, "kind": "constant", **fields,
                             "dim": dimensions(var.dim)})
        elif isinstance(var, AuxiliaryVariable):
            if not name.startswith("_"):
                continue  # noise, xi and xi_*: a temporary of the statements
            bindings.append({"name": name, "kind": "output", "dtype": dtype_name(var.dtype),
                             "dim": dimensions(var.dim)})
        elif needed:
            losses.add(obj.name, f"name {name!r}",
                       f"a {type(var).__name__} cannot be described")
    if isinstance(obj, SummedVariableUpdater):
        # the template adds it up; Brian2 declares it nowhere but in the statement
        bindings.append({"name": "_synaptic_var", "kind": "output",
                         "dtype": dtype_name(obj.target_var.dtype)})
        bindings.sort(key=lambda binding: binding["name"])
    return bindings


def _array(obj: Any, name: str, var: ArrayVariable, code: StandIn, identities: Identities,
           losses: LossReport) -> Element:
    owner, stored = identities.of(var)
    if owner not in identities.owners:
        losses.add(obj.name, f"name {name!r}",
                   f"{owner}, which stores it, is not in the network")
    index = code.variable_indices.get(name) or ("0" if var.scalar else "_idx")
    if code.template_name == gsl.TEMPLATE and index not in ("_idx", "0"):
        losses.add(obj.name, f"name {name!r}", "Brian2's code for GSL reads an element's own "
                   "variables only")
    binding: Element = {
        "name": name, "kind": "array", "dtype": dtype_name(var.dtype), "owner": owner,
        "variable": stored,
        "index": index,
        "dim": dimensions(var.dim),
    }
    condition = getattr(var, "conditional_write", None)
    if condition is not None and condition.name not in code.override_conditional_write:
        binding["guard"] = condition.name
    return binding


def _is_default(name: str, function: Function) -> bool:
    return DEFAULT_FUNCTIONS.get(name) is function


def _function(obj: Any, name: str, function: Function, names: Names) -> Element:
    element: Element = {"name": name, "kind": "function", "dtype": "float64",
                        "owner": names.function_name(name, function),
                        "dim": dimensions(getattr(function, "dim", None))}
    if isinstance(function, (TimedArray, BinomialFunction)):
        return element
    described = names.custom(name, function)
    if not described.get("body"):
        names.untranslated(obj.name, name, function, described)
    return element | {"dim": described.get("dim", NO_DIM),
                      "dtype": RESULTS.get(function._return_type, "float64")}
