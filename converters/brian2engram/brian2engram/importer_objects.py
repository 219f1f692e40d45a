"""The objects of a network, made in one order, from the elements of a document.

Clocks, groups, links between them and slices of them, synapses, inputs, operations; monitors
come last, when what they record is there. An object that Brian2 makes by itself inside of
another (state updater, thresholder, pathway) gets the name, slot and order of the document.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from brian2.core import clocks as brian2s_clocks
from brian2.core.base import BrianObject
from brian2.core.clocks import Clock
from brian2.core.network import Network
from brian2.core.variables import Subexpression
from brian2.devices.device import get_device
from brian2.groups.neurongroup import NeuronGroup
from brian2.groups.subgroup import Subgroup
from brian2.input.binomial import BinomialFunction
from brian2.input.poissongroup import PoissonGroup
from brian2.input.poissoninput import PoissonInput
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
from brian2.monitors import EventMonitor, PopulationRateMonitor, SpikeMonitor, StateMonitor
from brian2.synapses.synapses import Synapses
from brian2.units import Hz, second
from brian2.units.fundamentalunits import Quantity

from . import importer_texts as texts
from .document import Element
from .errors import DocumentError, Loss, UnsupportedError
from .importer_functions import Sources
from .names import substituted

EventClock = getattr(brian2s_clocks, "EventClock", None)  #: since Brian2 2.10
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NAMES = {"name", "key", "source", "target", "clock", "variable", "index", "index_owner",
         "index_variable", "multisynaptic_index", "event"}  #: fields that hold one


def refuse(name: str, feature: str, reason: str) -> UnsupportedError:
    """The error for something that cannot be made again."""
    return UnsupportedError([Loss(name, feature, reason)])


class Builder:
    """Brian2's objects by their names in the document."""

    def __init__(self, document: Element, sources: Sources) -> None:
        self.network: Element = document["network"]
        self.sources = sources
        self.clocks: dict[str, Any] = {}
        self.objects: dict[str, Any] = {}  #: groups, slices, synapses, inputs, monitors
        self.members: list[BrianObject] = []  #: what becomes a member of the network
        self.outside: list[Any] = []  #: groups that only lend variables
        self._code = {item["name"]: item
                      for item in (document["code"] or {"executables": []})["executables"]}
        self._arrays = {item["name"]: item["data"]
                        for item in (document["state"] or {"arrays": []})["arrays"]}
        self._own_names = self._renamed()
        for kind in ("groups", "synapses", "inputs"):
            self.network[kind] = [substituted(item, self._own_names.get(item["name"], {}))
                                  for item in self.network[kind]]
        self._groups = {item["name"]: item for item in self.network["groups"]}
        self._synapses = {item["name"]: item for item in self.network["synapses"]}
        self._slices: dict[tuple[str, int, int], list[Subgroup]] = {}
        self._taken: dict[str, int] = {}  #: how often a slice was asked for
        self._functions = {item["name"]: item for item in self.network["functions"]}
        self._made: dict[str, Any] = {}
        runs = self.network["runs"]
        self._inactive = set(runs[0]["inactive"]) if runs else set()
        self.late = _late(document)  #: objects that only later runs have

    def _renamed(self) -> dict[str, dict[str, str]]:
        """Object -> function in the document -> its name in the object's own texts.

        Two objects may call two functions by one name; a document has one name for each.
        """
        names: dict[str, dict[str, str]] = {}
        for code in self._code.values():
            for binding in code["bindings"]:
                if binding["kind"] == "function" and binding["owner"] != binding["name"]:
                    names.setdefault(code["owner"], {})[binding["owner"]] = binding["name"]
        return names

    def build(self) -> None:
        """Everything but monitors."""
        _check_names(self.network)
        for element in self.network["clocks"]:
            changes = any(tick["name"] == element["name"] for run in self.network["runs"]
                          if run["state"] for tick in run["state"]["clocks"])
            self.clocks[element["name"]] = make_clock(element, changes)
        for element in self.network["groups"]:
            if element["kind"] != "subgroup":
                self._add(element["name"], self._group(element))
        self._slices_and_links()
        for element in _by_dependency(self.network["synapses"]):
            self._add(element["name"], self._connection(element))
        for element in self.network["inputs"]:
            self._add(element["name"], self._input(element))
        for element in self.network["operations"]:
            self._add(element["name"], self.sources.operation(
                element, self.clocks[element["clock"]], self.objects))

    def made_clock(self, name: str, otherwise: Any) -> Any:
        """A clock by its name; `otherwise` for none."""
        return self.clocks[name] if name else otherwise

    def _add(self, name: str, obj: Any) -> None:
        self.objects[name] = obj
        if name in self.late:
            return
        if name in self._groups and self._is_outside(self._groups[name]):
            self.outside.append(obj)
        else:
            self.members.append(obj)

    def _is_outside(self, group: Element) -> bool:
        """Whether a group only lends variables: it does nothing, its parts are not named."""
        if self.network["origin"] != "capture" or group["kind"] == "spikegenerator" \
                or group["name"] not in self._inactive:
            return False
        own = {part.name for part in self.objects[group["name"]].contained_objects}
        return not own & self._inactive and not self.runs_code(group["name"])

    def runs_code(self, owner: str) -> bool:
        """Whether Brian2 executed code of a group or synapses."""
        return any(code["owner"] == owner for code in self._code.values())

    # ---- names that texts use -----------------------------------------------------------

    def function(self, name: str) -> Any:
        """A function of the model, made once."""
        if name not in self._made:
            self._made[name] = self.sources.function(self._functions[name])
        return self._made[name]

    def _namespace(self, *elements: Element) -> dict[str, Any]:
        """Constants and functions of an object and of what shares its namespace."""
        found: dict[str, Any] = {}
        for element in elements:
            for item in element["constants"]:
                value = texts.constant(item)
                if item["name"] in found and not _equal(found[item["name"]], value):
                    raise refuse(element["name"], f"constant {item['name']!r}",
                                 "it has another value in the group")
                found[item["name"]] = value
        for element in elements:
            own = self._own_names.get(element["name"], {})
            known = {own.get(name, name): name for name in self._functions}
            for name in sorted(texts.identifiers(element) & set(known)):
                found.setdefault(name, self.function(known[name]))
        return found

    def _shared(self, name: str) -> list[Element]:
        """Slices and inputs of a group: their texts are read with its namespace."""
        parts = [item for item in self.network["groups"] if item["source"] == name]
        inputs = [item for item in self.network["inputs"] if item["target"] == name]
        return parts + inputs

    # ---- groups -------------------------------------------------------------------------

    def _group(self, element: Element) -> Any:
        common = {"clock": self.made_clock(element["clock"], None), "order": element["order"],
                  "name": element["name"]}
        kind = element["kind"]
        if kind == "neurons":
            group = self._neurons(element, common)
        elif kind == "poisson":
            rates = element["rates"] or np.zeros(element["n"]) * Hz
            group = PoissonGroup(element["n"], rates, **common,
                                 namespace=self._namespace(element, *self._shared(
                                     element["name"])))
            for event in element["events"]:
                self._thresholder(group, event)
        else:
            group = SpikeGeneratorGroup(
                element["n"], _plain(element["indices"], np.int32),
                texts.seconds_array(_plain(element["times"], np.float64)),
                period=texts.seconds(element["period"]), sorted=True,
                when=element["when"] or "thresholds", **common)
            group.namespace = self._namespace(element)
        self._regulars(group, element)
        return group

    def _neurons(self, element: Element, common: dict[str, Any]) -> NeuronGroup:
        name = element["name"]
        model = texts.equations(name, element["equations"])
        self._check_method(element, bool(model.diff_eq_names))
        events = {event["name"]: event["condition"] for event in element["events"]}
        group = NeuronGroup(
            element["n"], model, events=events, refractory=texts.refractory(element),
            namespace=self._namespace(element, *self._shared(name)),
            dtype=texts.dtypes(element, self._subexpression_types(name)),
            **texts.method(element, bool(model.diff_eq_names)), **common)
        for event in element["events"]:
            self._thresholder(group, event)
            if event["reset"] or f"{name}_{event['name']}_resetter" in self._code:
                spike = event["name"] == "spike"
                group.run_on_event(event["name"], event["reset"],
                                   when=event["reset_when"] or ("resets" if spike else
                                                                "after_resets"),
                                   order=event["reset_order"])
        if element["when"]:
            group.state_updater.when = element["when"]
        group.state_updater.order = element["order"]
        self._subexpression_updater(group)
        return group

    def _check_method(self, element: Element, integrates: bool) -> None:
        if integrates and not (element["method"] or element["resolved_method"]) \
                and f"{element['name']}_stateupdater" in self._code:
            raise refuse(element["name"], "integrator",
                         "the script made one of its own, which has no name")

    def _thresholder(self, group: Any, event: Element) -> None:
        thresholder = group.thresholder[event["name"]]
        if event["when"]:
            thresholder.when = event["when"]
        thresholder.order = event["order"]
        if event["clock"]:
            thresholder._clock = self.clocks[event["clock"]]

    def _subexpression_types(self, owner: str) -> dict[str, str]:
        """Types of subexpressions where executed code tells them."""
        return {binding["name"]: binding["dtype"] for code in self._code.values()
                if code["owner"] == owner for binding in code["bindings"]
                if binding["kind"] == "subexpression"}

    def _subexpression_updater(self, group: Any) -> None:
        """Name, slot and order of what evaluates subexpressions that are constant over dt."""
        updater = group.subexpression_updater
        if updater is None:
            return
        pattern = re.compile(re.escape(group.name) + r"_subexpression_update(_\d+)?")
        names = [name for name in [*self._code, *sorted(self._inactive)]
                 if pattern.fullmatch(name)]
        name = names[0] if names else f"{group.name}_subexpression_update"
        rename(updater, name)
        if name in self._code:
            updater.when, updater.order = self._code[name]["when"], self._code[name]["order"]

    def _regulars(self, group: Any, element: Element) -> None:
        for regular in element["regulars"]:
            group.run_regularly(regular["code"], when=regular["when"] or "start",
                                order=regular["order"], name=regular["name"],
                                clock=self.made_clock(regular["clock"], group.clock))

    # ---- slices and links ---------------------------------------------------------------

    def _slices_and_links(self) -> None:
        """Links see variables that are there, slices see the links that were there.

        Brian2 cannot make a slice of a group that links through an index, so such slices
        are older than the links.
        """
        parts = [item for item in self.network["groups"] if item["kind"] == "subgroup"]
        indexed = {item["name"] for item in self.network["groups"]
                   if any(link["index"] not in ("", "0") for link in item["links"])}
        linked = {item["name"] for item in self.network["groups"] if item["links"]}
        for part in parts:
            if part["source"] in indexed or part["source"] not in linked:
                self._slice(part)
        self.link(self.network["groups"])
        for part in parts:
            if part["name"] not in self.objects:
                self._slice(part)
        for part in parts:
            self._regulars(self.objects[part["name"]], part)

    def _slice(self, element: Element) -> None:
        part = Subgroup(self.objects[element["source"]], element["start"], element["stop"],
                        name=element["name"])
        part.order = element["order"]
        self.objects[element["name"]] = part
        key = (element["source"], element["start"], element["stop"])
        self._slices.setdefault(key, []).append(part)

    def sliced(self, name: str, start: int, stop: int) -> Any:
        """A group or synapses, or the slice of one; of several alike the least used."""
        if stop == -1 and start == 0:
            return self.objects[name]
        whole = self.objects[name]
        stop = len(whole) if stop == -1 else stop
        found = self._slices.setdefault((name, start, stop), [])
        if not found:
            found.append(Subgroup(whole, start, stop))
        part = min(found, key=lambda item: self._taken.get(item.name, 0))
        self._taken[part.name] = self._taken.get(part.name, 0) + 1
        return part

    def link(self, elements: list[Element]) -> None:
        """Set linked variables, those that others lead to first."""
        waiting = [(element["name"], link) for element in elements for link in element["links"]]
        for element in elements:
            if element["name"] in self.objects and element.get("kind") != "subgroup":
                have = {link["name"] for link in element["links"]}
                for name in sorted(self.objects[element["name"]]._linked_variables - have
                                   if element.get("kind", "neurons") == "neurons" else ()):
                    raise refuse(element["name"], f"linked variable {name!r}",
                                 "the document does not say what it is linked to")
        while waiting:
            rest = []
            for owner, link in waiting:
                open_sources = {name for name, _ in waiting}
                source = self.objects.get(link["source"])
                if source is None:
                    raise refuse(owner, f"linked variable {link['name']!r}",
                                 f"{link['source']} is not in the document")
                variable = source.variables.get(link["variable"])
                if variable is None or (isinstance(variable, Subexpression)
                                        and link["source"] in open_sources - {owner}):
                    rest.append((owner, link))
                    continue
                self._link(self.objects[owner], link, source)
            if len(rest) == len(waiting):
                raise refuse(rest[0][0], f"linked variable {rest[0][1]['name']!r}",
                             "its link leads nowhere")
            waiting = rest

    def _link(self, group: Any, link: Element, source: Any) -> None:
        index = link["index"] or "_idx"
        if link["index_owner"]:
            group.variables.add_reference(index, self.objects[link["index_owner"]],
                                          link["index_variable"], index="_idx")
        elif index not in ("_idx", "0") and index not in group.variables:
            numbers = self._arrays.get(f"{group.name}.{index}")
            for array in self._groups.get(group.name, {}).get("index_arrays", ()):
                if array["name"] == index:
                    numbers = array["values"]
            if numbers is None:
                raise refuse(group.name, f"linked variable {link['name']!r}",
                             f"its index array {index} is not in the document")
            group.variables.add_array(index, size=len(numbers), dtype=numbers.dtype,
                                      constant=True, read_only=True, values=numbers)
        group.variables.add_reference(link["name"], source, link["variable"], index=index)

    # ---- synapses -----------------------------------------------------------------------

    def _connection(self, element: Element) -> Synapses:
        name = element["name"]
        source = self.sliced(element["source"], element["source_start"], element["source_stop"])
        target = self.sliced(element["target"], element["target_start"], element["target_stop"])
        table = [single for single in element["equations"]
                 if single["name"] != element["multisynaptic_index"]]
        model = texts.equations(name, table)
        if element["summed"]:
            model = model + texts.equations(name, [self._summed(element, summed)
                                                   for summed in element["summed"]])
        sides: dict[str, dict[str, str]] = {"pre": {}, "post": {}}
        for path in element["pathways"]:
            sides[path["prepost"]][path["key"]] = path["code"]
        integrates = any(single["kind"] == "differential" and "event-driven"
                         not in single["flags"] for single in table)
        self._check_method(element, integrates)
        synapses = Synapses(
            source, target, model, on_pre=sides["pre"] or None, on_post=sides["post"] or None,
            delay={path["key"]: texts.seconds(path["delay"]) for path in element["pathways"]
                   if path["homogeneous"]},
            on_event={path["key"]: path["event"] for path in element["pathways"]
                      if path["event"]},
            multisynaptic_index=element["multisynaptic_index"] or None,
            namespace=self._namespace(element, *self._shared(name)),
            dtype=texts.dtypes(element, self._subexpression_types(name)),
            clock=self.made_clock(element["clock"], None), order=element["order"], name=name,
            **texts.method(element, integrates))
        if synapses.state_updater is not None:
            synapses.state_updater.order = element["order"]
            if element["when"]:
                synapses.state_updater.when = element["when"]
        self._pathways(synapses, element)
        for summed in element["summed"]:
            updater = synapses.summed_updaters[summed["variable"]]
            rename(updater, summed["name"])
            updater.order = summed["order"]
            updater.when = summed["when"] or "groups"
        self._subexpression_updater(synapses)
        self._regulars(synapses, element)
        self.objects[name] = synapses
        self.link([element])
        return synapses

    def _pathways(self, synapses: Synapses, element: Element) -> None:
        for path in element["pathways"]:
            pathway = getattr(synapses, path["key"])
            rename(pathway, path["name"])
            pathway.order = path["order"]
            pathway.when = path["when"] or "synapses"
            pathway._clock = self.made_clock(path["clock"], pathway.clock)
            self.objects[path["name"]] = pathway

    def _summed(self, element: Element, summed: Element) -> Element:
        """The equation of a summed variable: its dimensions are those of the target's."""
        name, _, side = summed["variable"].rpartition("_")
        owner = element["source" if side == "pre" else "target"]
        for single in {**self._groups, **self._synapses}[owner]["equations"]:
            if single["name"] == name:
                return {"name": summed["variable"], "kind": "subexpression",
                        "type": single["type"], "expr": summed["expr"], "flags": "summed",
                        "dim": single["dim"]}
        raise refuse(element["name"], f"summed variable {summed['variable']!r}",
                     f"{owner} has no variable {name!r}")

    # ---- inputs and monitors ------------------------------------------------------------

    def _input(self, element: Element) -> PoissonInput:
        target = self.sliced(element["target"], element["start"], element["stop"])
        variable = element["variable"]
        dim = target.variables[variable].dim
        made = PoissonInput(target, variable, element["n"],
                            Quantity(element["rate"], dim=Hz.dim), Quantity(1.0, dim=dim),
                            when=element["when"] or "synapses", order=element["order"])
        rename(made, element["name"])
        made._weight = element["weight"]
        made._clock = self.made_clock(element["clock"], made.clock)
        code = self._code.get(element["name"])
        drawn = next(var for name, var in made.variables.items()
                     if isinstance(var, BinomialFunction))
        if code is None:
            weight = element["weight"]
            if not texts.is_quantity(weight):
                weight = f"({weight})"
            made.abstract_code = f"{variable} += {drawn.name}()*{weight}"
            return made
        # The statements as they were: with the name that was drawn by, and its weight.
        made.abstract_code = code["abstract"]
        called = next(binding["name"] for binding in code["bindings"]
                      if binding["kind"] == "function"
                      and binding["name"] not in self._namespace(element))
        made.variables._variables.pop(drawn.name)
        made.variables._add_variable(called, BinomialFunction(
            element["n"], made.rate * target.clock.dt, name=called))
        return made

    def monitor(self, element: Element) -> Any:
        """Make one monitor, of objects that are all there."""
        source = self.sliced(element["source"], element["start"], element["stop"])
        kind, name = element["kind"], element["name"]
        common = {"when": element["when"] or None, "order": element["order"], "name": name}
        made: Any
        if kind == "state":
            made = self._state_monitor(element, source, common)
        elif kind == "rate":
            made = PopulationRateMonitor(source, name=name, dtype=element["dtype"] or float)
            made.when, made.order = element["when"] or "end", element["order"]
        else:
            if not element["when"]:
                common = {"name": name}
            keywords = {"variables": list(element["variables"]) or None,
                        "record": element["record"], **common}
            event = element["event"] or "spike"
            made = SpikeMonitor(source, **keywords) if kind == "spike" and event == "spike" \
                else EventMonitor(source, event, **keywords)
            made.namespace = getattr(source, "namespace", {})  # as a StateMonitor has it
        made._clock = self.made_clock(element["clock"], made.clock)
        self._add(name, made)
        return made

    def _state_monitor(self, element: Element, source: Any,
                       common: dict[str, Any]) -> StateMonitor:
        names = list(element["variables"])
        code = self._code.get(element["name"])
        if code is not None:  # in the order of the script
            order = re.findall(r"^_to_record_(\w+) = ", code["abstract"], re.MULTILINE)
            names = order if sorted(order) == names else names
        indices = element["indices"]
        every = element["record_all"] and (
            indices is None or np.array_equal(indices, np.arange(len(source))))
        record = True if every else np.array([] if indices is None else indices, dtype=np.int32)
        made = StateMonitor(source, names, record=record,
                            clock=self.made_clock(element["clock"], source.clock),
                            **{**common, "when": common["when"] or "start"})
        made.record_all = bool(element["record_all"])
        return made

    # ---- the network --------------------------------------------------------------------

    def assemble(self) -> Network:
        """A Network of the members, with name and schedule."""
        net = Network(*self.members, name=self.network["name"] or "network*")
        for parts in self._slices.values():
            for part in parts:
                if part.name in self._groups and part.name not in self._taken \
                        and not part.contained_objects:
                    net.add(part)
        if self.network["schedule"]:
            net.schedule = list(self.network["schedule"])
        return net


def mentioned(code: Element | None, state: Element | None) -> set[str]:
    """Objects that code and state of a run speak of."""
    names = set()
    for item in code["executables"] if code else ():
        names |= {item["name"], item["owner"]}
    for item in state["arrays"] if state else ():
        names.add(item["owner"])
    return names


def _late(document: Element) -> set[str]:
    """Objects of a recording that its first run did not have."""
    network = document["network"]
    if network["origin"] != "capture" or len(network["runs"]) < 2:
        return set()
    there = mentioned(document["code"], document["state"]) | set(network["runs"][0]["inactive"])
    return {item["name"] for kind in ("groups", "synapses", "inputs", "monitors")
            for item in network[kind] if item.get("kind") != "subgroup"} - there


def make_clock(element: Element, changes: bool) -> Any:
    """A clock of its own, but for the default clock where that is the same.

    The global default clock is never changed: if its step is another now, or if the document
    `changes` it between runs, the network gets a clock of that name for itself.
    """
    if element["times"] is not None:
        if EventClock is None:
            raise refuse(element["name"], "its times", "event clocks need Brian2 2.10")
        return EventClock(Quantity(element["times"], dim=second.dim), name=element["name"])
    default = get_device().defaultclock
    if element["name"] == "defaultclock" and default.dt_ == element["dt"] \
            and default._old_dt in (None, element["dt"]) and not changes:
        return default
    return Clock(texts.seconds(element["dt"]), name=element["name"])


def rename(obj: Any, name: str) -> None:
    """Give an object that Brian2 named itself the name of the document."""
    obj._name = name


def _by_dependency(elements: list[Element]) -> list[Element]:
    """Synapses that others connect to come first."""
    waiting, done = list(elements), []
    while waiting:
        names = {element["name"] for element in waiting}
        ready = [element for element in waiting
                 if not {element["source"], element["target"]} & names]
        if not ready:
            raise DocumentError(f"/network/synapses/{waiting[0]['name']}: its ends run in a circle")
        done += ready
        waiting = [element for element in waiting if element not in ready]
    return done


def _check_names(network: Element) -> None:
    """Names become part of generated code: each is an identifier, or the document is refused."""

    def visit(value: Any, path: str) -> None:
        if isinstance(value, list):
            for item in value:
                visit(item, path)
        elif isinstance(value, dict):
            for key, content in value.items():
                text = key == "source" and "arguments" in value  # that of a function
                if key in NAMES and not text and isinstance(content, str) \
                        and content not in ("", "0") and not IDENTIFIER.fullmatch(content):
                    raise DocumentError(f"{path}/{key}: {content!r:.60} is no identifier")
                visit(content, f"{path}/{key}")

    for key in ("clocks", "groups", "synapses", "inputs", "monitors", "functions"):
        visit(network[key], f"/network/{key}")
    for item in network["operations"]:
        visit({"name": item["name"], "clock": item["clock"]}, "/network/operations")


def _plain(values: Any, dtype: Any) -> np.ndarray:
    return np.array([] if values is None else values, dtype=dtype)


def _equal(a: Any, b: Any) -> bool:
    return type(a) is type(b) and np.asarray(a).tobytes() == np.asarray(b).tobytes()
