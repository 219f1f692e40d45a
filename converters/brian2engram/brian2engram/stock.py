"""brian2tools' ``device.runs`` -> the `network` part of a document (semantics 10.1, 10.2).

An export has rules, no results: what the script asked for, in order. What it lost is filled
in as follows: clocks are known by their dt alone, the schedule is the preference's,
PoissonInputs are numbered in their order. Where that could be wrong (several dts and a group
whose own was lost, a name whose value was not exported) the export is refused. What
``exporter.complete`` adds (`capture --exporter`) is taken where it is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from brian2 import defaultclock, prefs
from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS
from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.units.fundamentalunits import get_dimensions
from brian2.utils.stringtools import get_identifiers

from . import describe, gaps
from .document import Element
from .errors import LossReport
from .names import substituted, texts_of
from .stock_setup import constants_of, functions_of, setup_step, source_of

KEYS = {
    "neurongroup": {"name", "N", "user_method", "equations", "events", "run_regularly", "when",
                    "order", "identifiers", "dt", "method_options", "noise"},
    "poissongroup": {"name", "N", "rates", "run_regularly", "identifiers", "dt", "when",
                     "order"},
    "spikegeneratorgroup": {"name", "N", "indices", "times", "period", "run_regularly",
                            "identifiers", "dt", "when", "order"},
    "statemonitor": {"name", "source", "variables", "record", "n_indices", "dt", "when",
                     "order"},
    "spikemonitor": {"name", "event", "source", "source_size", "variables", "record", "dt",
                     "when", "order"},
    "populationratemonitor": {"name", "source", "dt", "when", "order"},
    "synapses": {"name", "source", "target", "equations", "user_method", "summed_variables",
                 "pathways", "identifiers", "dt", "when", "order", "multisynaptic_index",
                 "run_regularly", "method_options", "noise"},
    "poissoninput": {"name", "target", "rate", "N", "when", "order", "dt", "weight",
                     "target_var", "identifiers"},
}
KEYS["eventmonitor"] = KEYS["spikemonitor"]
GROUPS = ("neurongroup", "poissongroup", "spikegeneratorgroup")
MONITORS = {"statemonitor": "state", "spikemonitor": "spike", "eventmonitor": "event",
            "populationratemonitor": "rate"}
#: names every model may use without a value in the export
GIVEN = {"t", "dt", "t_in_timesteps", "i", "j", "N", "N_pre", "N_post", "N_incoming",
         "N_outgoing", "not_refractory", "lastspike", "lastupdate", "rates", "True", "False",
         "and", "or", "not", "for", "in", "if", "range", "sample", "size", "p"}


def network_part(runs: Sequence[Mapping[str, Any]],
                 losses: LossReport | None = None) -> Element:
    """The `network` element of all runs; objects of later runs are inactive before them.

    What the export lost is noted in `losses`, by default every such thing is an error.
    """
    losses = LossReport() if losses is None else losses
    components = _merge(runs, losses)
    losses.settle()
    packer = _Packer(components, losses)
    if runs and not any("schedule" in run for run in runs):  # nobody has completed it
        gaps.look(runs, components, packer.dts, packer.default_dt, losses)
    schedules = {tuple(run.get("schedule", prefs.core.network.default_schedule))
                 for run in runs} or {tuple(prefs.core.network.default_schedule)}
    if len(schedules) > 1:
        losses.add("run", "several schedules", "a document has one")
    networks = {run["network"] for run in runs if "network" in run}
    if len(networks) > 1:
        losses.add("run", "several networks: " + ", ".join(sorted(networks)),
                   "a document has one", advice="export one at a time")
    setup: list[Element] = []
    described: list[Element] = []
    names = {kind: {item["name"] for item in items} for kind, items in components.items()}
    everything = set().union(*names.values()) if names else set()
    for run in runs:
        for step in run.get("initializers_connectors", []):
            setup.append(packer.setup(step))
        present = {item["name"] for items in _named(run).values() for item in items}
        described.append({
            "duration": float(run["duration"]),
            "setup_end": len(setup),
            "inactive": sorted(set(run.get("inactive", [])) | (everything - present)),
        })
    network = packer.network()
    network.update(setup=setup, runs=described, schedule=list(min(schedules)),
                   name=min(networks, default=""))
    losses.settle()
    return network


def _named(run: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Components of one run, PoissonInputs with the names Brian2 gives them by default."""
    result: dict[str, list[dict[str, Any]]] = {}
    for kind, items in run.get("components", {}).items():
        result[kind] = [dict(item) for item in items]
        if kind == "poissoninput":
            for number, item in enumerate(result[kind]):
                item.setdefault("name", f"poissoninput_{number}" if number else "poissoninput")
    return result


def _merge(runs: Sequence[Mapping[str, Any]], losses: LossReport) -> dict[str, list[Any]]:
    """Components of all runs, each once; a component that changed between runs is a loss."""
    merged: dict[str, dict[str, Any]] = {}
    for run in runs:
        for loss in run.get("losses", []):
            losses.add(loss.object, loss.feature, loss.reason, loss.severity == "lost",
                       severity=loss.severity, advice=loss.advice)
        for key in sorted(set(run) - {"components", "duration", "initializers_connectors",
                                      "inactive", "schedule", "losses", "network"}):
            losses.add("run", f"key {key!r}", "this export has a key that is not known")
        for kind, items in _named(run).items():
            known = KEYS.get(kind)
            for item in items:
                name = str(item.get("name", kind))
                if known is None:
                    losses.add(name, f"component {kind}", "no element describes it")
                    continue
                for key in sorted(set(item) - known):
                    losses.add(name, f"key {key!r}", f"not known for {kind}")
                earlier = merged.setdefault(kind, {}).setdefault(name, item)
                if earlier is not item and not _same(earlier, item):
                    losses.add(name, "changed between runs", "only values may change")
    return {kind: list(items.values()) for kind, items in merged.items()}


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return set(a) == set(b) and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(np.asarray(a), np.asarray(b)) and \
            get_dimensions(a) == get_dimensions(b)
    if hasattr(a, "code") and hasattr(b, "code"):
        return bool(a.code == b.code)
    return bool(a == b)


class _Packer:
    """Elements from components. Texts are kept as they are, quantities become SI numbers."""

    def __init__(self, components: Mapping[str, list[Any]], losses: LossReport) -> None:
        self.components = components
        self.losses = losses
        self.groups = {item["name"]: item for kind in GROUPS
                       for item in components.get(kind, [])}
        self.synapses = {item["name"]: item for item in components.get("synapses", [])}
        self.pathways = {path["name"]: synapses for synapses in self.synapses.values()
                         for path in synapses.get("pathways", [])}
        self.dts = self._group_dts()
        self.default_dt = self._default_dt()
        self.clocks = {"defaultclock": self.default_dt}
        self.functions: dict[str, Element] = {}  #: by their name in the document
        self.steps: set[str] = set()  #: names of those that only setup steps use

    # ---- clocks -------------------------------------------------------------------------

    def _group_dts(self) -> dict[str, float]:
        """dt of each group, from its own events, else from who listens to it."""
        found: dict[str, float] = {}
        for name, item in {**self.groups, **self.synapses}.items():
            if "dt" in item:
                found[name] = float(item["dt"])
            for event in item.get("events", {}).values():
                found.setdefault(name, float(event["threshold"]["dt"]))
        for kind in ("spikemonitor", "eventmonitor", "populationratemonitor"):
            for item in self.components.get(kind, []):
                found.setdefault(source_of(item["source"])[0], float(item["dt"]))
        for item in self.synapses.values():
            for path in item.get("pathways", []):
                found.setdefault(source_of(path["source"])[0], float(path["dt"]))
            for summed in item.get("summed_variables", []):
                found.setdefault(source_of(summed["target"])[0], float(summed["dt"]))
        for item in self.components.get("poissoninput", []):
            found.setdefault(source_of(item["target"])[0], float(item["dt"]))
        return found

    def _default_dt(self) -> float:
        """dt of defaultclock; a loss for each group that may have had another.

        It is that of this process, if the export has it or none; else the most frequent one.
        """
        own = float(defaultclock.dt)
        every = Counter(self.dts.values())
        for kind, items in self.components.items():
            for item in items:
                every.update(float(part["dt"]) for part in (item, *item.get(
                    "run_regularly", [])) if "dt" in part)
        default = own if not every or own in every else min(
            every, key=lambda dt: (-every[dt], dt))
        several = sorted({*every, own})
        for name, item in self.groups.items():
            if name not in self.dts and len(several) > 1 and item.get("equations"):
                self.losses.add(name, "its time step", "the export lost it and has " + ", ".join(
                    f"{dt:g} s" for dt in several) + "; `capture --exporter` keeps it")
        return default

    def clock(self, owner: str, dt: Any) -> str:
        """The clock of `dt` seconds: defaultclock, or one named after `owner`, as in Brian2."""
        step = self.default_dt if dt is None else float(dt)
        if step == self.default_dt:
            return "defaultclock"
        self.clocks[f"{owner}_clock"] = step
        return f"{owner}_clock"

    def clock_of(self, group: str) -> str:
        """The clock of a group or synapses; defaultclock where the export lost it."""
        return self.clock(group, self.dts.get(group))

    def clock_beside(self, owner: str, dt: Any, group: str) -> str:
        """The clock of an object that has its group's unless it has a dt of its own."""
        if float(dt) == self.dts.get(group, self.default_dt):
            return self.clock_of(group)
        return self.clock(owner, dt)

    # ---- elements -----------------------------------------------------------------------

    def network(self) -> Element:
        groups = [self._called(item, self._group(kind, item)) for kind in GROUPS
                  for item in self.components.get(kind, [])]
        synapses = [self._called(item, self._synapses(item)) for item in self.synapses.values()]
        inputs = [self._called(item, self._input(item))
                  for item in self.components.get("poissoninput", [])]
        monitors = [self._monitor(kind, item) for kind in MONITORS
                    for item in self.components.get(kind, [])]
        return {
            "dialect": "brian2-standalone", "rng_rule": "brian-standalone", "origin": "export",
            "legacy_refractory": describe.legacy_refractory(),
            "clocks": [{"name": name, "dt": self.clocks[name]} for name in sorted(self.clocks)],
            "groups": groups, "synapses": synapses, "inputs": inputs, "monitors": monitors,
            "functions": [self.functions[name] for name in sorted(self.functions)
                          if name not in self.steps],
        }

    def setup(self, step: Mapping[str, Any]) -> Element:
        """One initialiser, connector or seed, in program order."""
        known = GIVEN | set(DEFAULT_CONSTANTS) | set(DEFAULT_UNITS) | set(DEFAULT_FUNCTIONS)
        target = source_of(step["source"])[0] if step.get("type") == "initializer" \
            else step.get("synapses", "")
        if target and target not in {**self.groups, **self.synapses, **self.pathways}:
            self.losses.add(target, f"step {step.get('type')}", "no component of the export "
                            "has this name: the exporter knows no such object")
        element = setup_step(step, known | self._names_of(target), self.losses)
        before = set(self.functions)
        names = {function["name"]: self._name(function)
                 for function in element.get("functions", [])}
        self.steps |= set(self.functions) - before
        if names:
            element = substituted(element, names)
            element["functions"] = [{**function, "name": names[function["name"]]}
                                    for function in element["functions"]]
        return element

    def _names_of(self, target: str) -> set[str]:
        """Variables that texts of a group, synapses or pathway may use."""
        if target in self.pathways:
            return self._names_of(self.pathways[target]["name"]) | {"delay"}
        names: set[str] = set()
        if target in self.groups:
            names |= set(self.groups[target].get("equations", {}))
        elif target in self.synapses:
            item = self.synapses[target]
            names |= set(item.get("equations", {}))
            source = self._names_of(source_of(item["source"])[0]) | {"i", "t", "dt"}
            post = self._names_of(source_of(item["target"])[0]) | {"i", "t", "dt"}
            names |= post | {f"{name}_post" for name in post}
            names |= {f"{name}_pre" for name in source}
        return names

    def _called(self, item: Mapping[str, Any], element: Element) -> Element:
        """`element` with its constants, and its functions by their names in the document."""
        identifiers = item.get("identifiers", {})
        names = {}
        for function in functions_of(item["name"], identifiers, self.losses):
            names[function["name"]] = self._name(function)
            self.steps.discard(names[function["name"]])
        element["constants"] = [
            constant for constant in constants_of(item["name"], identifiers, self.losses)
            if constant["name"] not in temporaries(element)]
        return substituted(element, names)

    def _name(self, function: Element) -> str:
        """Name of a function in the document: its own, unless another one has that."""
        name, number = function["name"], 1
        while not _same(self.functions.setdefault(name, {**function, "name": name}),
                        {**function, "name": name}):
            number += 1
            name = f"{function['name']}_{number}"
        return name

    def _resolved(self, owner: str, feature: str, text: str, names: set[str]) -> None:
        """Note a loss for each name in `text` that has no value in the export."""
        known = names | GIVEN | set(DEFAULT_CONSTANTS) | set(DEFAULT_UNITS) | \
            set(DEFAULT_FUNCTIONS)
        for name in sorted(get_identifiers(text) - known):
            self.losses.add(owner, f"{name!r} in {feature}", "the export has no value for it")

    def _group(self, kind: str, item: Mapping[str, Any]) -> Element:
        name = item["name"]
        element: Element = {
            "name": name, "n": int(item["N"]), "clock": self.clock_of(name),
            "order": int(item.get("order", 0)), "regulars": self._regulars(item),
        }
        if kind == "neurongroup":
            element.update(kind="neurons", **self._neurons(item))
        elif kind == "poissongroup":
            element.update(kind="poisson", events=[
                {"name": "spike", "condition": "rand() < rates * dt",
                 "order": element["order"]}])
            if isinstance(item["rates"], str):
                element["rates"] = item["rates"]
        else:
            when = item.get("when", "thresholds")
            element.update(kind="spikegenerator", when=when if when != "thresholds" else "",
                           indices=np.array(item["indices"], dtype=np.int32),
                           times=np.array(item["times"], dtype=np.float64),
                           period=self._period(name, float(np.asarray(item["period"]).item())))
        return element

    def _period(self, name: str, period: float) -> float:
        """Brian2 takes a period of more steps than an int32 has for none."""
        return period if period / self.dts.get(name, self.default_dt) < 2**31 else 0.0

    def _regulars(self, item: Mapping[str, Any]) -> list[Element]:
        return [{
            "name": regular["name"], "code": regular["code"],
            "when": regular["when"] if regular["when"] != "start" else "",
            "order": int(regular["order"]),
            "clock": self.clock_beside(regular["name"], regular["dt"], item["name"]),
        } for regular in item.get("run_regularly", [])]

    def _neurons(self, item: Mapping[str, Any]) -> Element:
        name = item["name"]
        element: Element = {
            "when": item.get("when", "groups") if item.get("when") != "groups" else "",
            "order": int(item.get("order", 0)),
            "method": method_of(item),
            "method_options": item.get("method_options", ""),
            "noise": item.get("noise", []),
            "equations": equations(item.get("equations", {})),
        }
        for equation in element["equations"]:
            if "linked" in equation["flags"]:
                self.losses.add(name, f"linked variable {equation['name']!r}",
                                "the export does not say what it is linked to")
        names = set(item.get("equations", {})) | set(item.get("identifiers", {}))
        events = []
        for event, rules in item.get("events", {}).items():
            threshold = rules["threshold"]
            default = "thresholds" if event == "spike" else "after_thresholds"
            entry: Element = {
                "name": event, "condition": threshold["code"],
                "when": threshold["when"] if threshold["when"] != default else "",
                "order": int(threshold["order"]),
            }
            reset = rules.get("reset")
            if reset is not None:
                default = "resets" if event == "spike" else "after_resets"
                entry.update(reset=reset["code"],
                             reset_when=reset["when"] if reset["when"] != default else "",
                             reset_order=int(reset["order"]))
            if "refractory" in rules:
                element.update(self._refractory(name, rules["refractory"], names, item))
            events.append(entry)
        element["events"] = events
        return element

    def _refractory(self, name: str, value: Any, names: set[str],
                    item: Mapping[str, Any]) -> Element:
        if not isinstance(value, str):
            return {"refractory": f"{float(value)!r} * second", "refractory_kind": "time"}
        self._resolved(name, "refractory", value, names)
        single = item.get("equations", {}).get(value.strip(), {})
        boolean = single.get("var_type") == "boolean"
        return {"refractory": value,
                "refractory_kind": "condition" if boolean else describe.refractory_kind(value)}

    def _synapses(self, item: Mapping[str, Any]) -> Element:
        name = item["name"]
        source, source_start, source_stop = source_of(item["source"])
        target, target_start, target_stop = source_of(item["target"])
        return {
            "name": name,
            "source": source, "source_start": source_start, "source_stop": source_stop,
            "target": target, "target_start": target_start, "target_stop": target_stop,
            "clock": self.clock_of(name),
            "when": item.get("when", "groups") if item.get("when", "groups") != "groups" else "",
            "order": int(item.get("order", 0)),
            "method": method_of(item),
            "method_options": item.get("method_options", ""),
            "noise": item.get("noise", []),
            "multisynaptic_index": item.get("multisynaptic_index", ""),
            "equations": equations(item.get("equations", {})),
            "pathways": [self._pathway(name, path) for path in item.get("pathways", [])],
            "summed": describe.sorted_by_name(
                [self._summed(item, summed) for summed in item.get("summed_variables", [])]),
            "regulars": self._regulars(item),
        }

    def _pathway(self, synapses: str, path: Mapping[str, Any]) -> Element:
        element: Element = {
            "name": path["name"], "key": path["name"][len(synapses) + 1:],
            "prepost": path["prepost"],
            "event": path["event"] if path["event"] != "spike" else "",
            "code": path["code"],
            "when": path["when"] if path["when"] != "synapses" else "",
            "order": int(path["order"]),
            "clock": self.clock_of(source_of(path["source"])[0]),
        }
        if "delay" in path:
            element.update(homogeneous=True, delay=float(np.asarray(path["delay"]).item()))
        return element

    def _summed(self, item: Mapping[str, Any], summed: Mapping[str, Any]) -> Element:
        expr = getattr(summed["code"], "code", summed["code"])
        names = self._names_of(item["name"]) | set(item.get("identifiers", {}))
        self._resolved(item["name"], f"summed variable {summed['name']}", expr, names)
        return {"name": summed["name"],
                "variable": summed["name"][len(item["name"] + "_summed_variable_"):],
                "expr": expr,
                "when": summed["when"] if summed["when"] != "groups" else "",
                "order": int(summed["order"])}

    def _input(self, item: Mapping[str, Any]) -> Element:
        name, (target, start, stop) = item["name"], source_of(item["target"])
        if target not in self.groups:
            self.losses.add(name, f"target {target!r}",
                            "a slice of a group, of which the export lost the range")
        weight = item["weight"]
        return {
            "name": name, "target": target, "start": start, "stop": stop,
            "variable": item["target_var"],
            "n": int(item["N"]), "rate": float(item["rate"]),
            "weight": weight if isinstance(weight, str) else repr(weight),
            "when": item["when"] if item["when"] != "synapses" else "",
            "order": int(item["order"]),
            "clock": self.clock_of(target),
        }

    def _monitor(self, kind: str, item: Mapping[str, Any]) -> Element:
        source, start, stop = source_of(item["source"])
        element: Element = {
            "name": item["name"], "kind": MONITORS[kind], "source": source, "start": start,
            "stop": stop, "when": item["when"], "order": int(item["order"]),
            "clock": self.clock_beside(item["name"], item["dt"], source),
        }
        if kind == "statemonitor":
            element["variables"] = sorted(item["variables"])
            if item["record"] is True:
                element["record_all"] = True
            else:
                element["indices"] = np.array(item["record"], dtype=np.int32).reshape(-1)
        elif kind != "populationratemonitor":
            if not isinstance(item["record"], (bool, np.bool_)):
                self.losses.add(item["name"], "record of single neurons", "all or none")
            element.update(event=item["event"] if item["event"] != "spike" else "",
                           variables=sorted(item["variables"]),
                           record=bool(np.all(item["record"])))
        return element


def method_of(item: Mapping[str, Any]) -> str:
    """The integrator's name, as documents have it; '' for Brian2's own choice."""
    method = (item.get("user_method") or "").lower()
    return "exact" if method == "linear" else method


def temporaries(element: Element) -> set[str]:
    """Names that statements of an element assign and that nothing but those uses.

    brian2tools takes them for external where the script has a variable of that name.
    """
    texts = list(texts_of(element))
    assigned = set().union(*(describe.assigned(text) for text in texts))
    used = set().union(*(get_identifiers(text) - describe.assigned(text) for text in texts))
    return assigned - used


def equations(table: Mapping[str, Mapping[str, Any]]) -> list[Element]:
    """`equation` elements of an exported table, in its order."""
    return [{
        "name": name, "kind": describe.KINDS[single["type"]], "type": single["var_type"],
        "expr": single.get("expr", ""), "flags": ", ".join(single.get("flags", [])),
        "dim": describe.dimensions(get_dimensions(single["unit"])),
        "unit": repr(single["unit"])
        if describe.unit_text(get_dimensions(single["unit"])) else "",
    } for name, single in table.items()]
