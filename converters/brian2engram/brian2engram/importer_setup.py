"""Setup steps replayed in their order, and the protocol of runs as stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from brian2.core.network import Network, _get_all_objects
from brian2.devices.device import get_device
from brian2.groups.group import CodeRunner
from brian2.synapses.synapses import Synapses
from brian2.units.fundamentalunits import DIMENSIONLESS

from . import importer_texts as texts
from .document import Element
from .importer_objects import Builder, mentioned, refuse
from .importer_state import connect, restore_arrays, restore_queues, restore_random
from .steps import told

Stage = Callable[[], None]


def replay(builder: Builder, steps: list[Element]) -> None:
    """Initialisers, connects and seeds, each with the names it was given."""
    for step in steps:
        if step["kind"] == "seed":
            get_device().seed(None if step["seed"] == -1 else step["seed"])
            continue
        target = builder.objects.get(step["target"])
        if target is None:
            raise refuse(step["target"], f"{step['kind']}", "there is no such object")
        with _namespace(builder, target, step) as names:
            if step["kind"] == "connect":
                _connect(target, step, names)
            else:
                _initialise(builder, target, step, names)


@contextmanager
def _namespace(builder: Builder, target: Any, step: Element) -> Iterator[dict[str, Any]]:
    """The step's own names; what the group was given for its runs must not hide them."""
    names = {item["name"]: texts.constant(item) for item in step["constants"]}
    for item in step["functions"]:
        names[item["name"]] = builder.sources.function(item)
    space = target.namespace
    saved = dict(space)
    for name, value in saved.items():
        names.setdefault(name, value)
    space.clear()
    try:
        yield names
    finally:
        space.clear()
        space.update(saved)


def _connect(synapses: Synapses, step: Element, names: dict[str, Any]) -> None:
    p, n = (_number(step[key]) for key in ("p", "n"))
    if step["i_array"] is not None:
        synapses.connect(i=step["i_array"], j=step["j_array"], p=p, n=n, namespace=names)
        return
    arguments: dict[str, Any] = {"skip_if_invalid": step["skip_if_invalid"]}
    for key in ("condition", "i", "j"):
        if step[key]:
            arguments[key] = step[key]
    synapses.connect(p=p, n=n, namespace=names, **arguments)


def _number(text: str) -> Any:
    """p or n: a number where the script had one, else a text."""
    if not text:
        return 1
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _initialise(builder: Builder, target: Any, step: Element, names: dict[str, Any]) -> None:
    owner = target
    if step["start"] != 0 or step["stop"] != -1:
        owner = builder.sliced(step["target"], step["start"], step["stop"])
    variable = owner.variables.get(step["variable"])
    if variable is None:
        raise refuse(step["target"], f"initial value of {step['variable']!r}",
                     "there is no such variable")
    view = variable.get_addressable_value_with_unit(step["variable"], owner)
    if step["indices"] is not None:
        item: Any = step["indices"]
    elif step["condition"] or step["code"]:
        item = step["condition"] or "True"
    else:
        item = slice(None)
    if step["code"]:
        value: Any = step["code"]
    else:
        values = step["values"].reshape(-1)  # one value may have no dimension
        value = values[0] if len(values) == 1 else values
        if variable.dim is not DIMENSIONLESS:
            value = texts.quantity(value, variable.dim._dims)
    view.set_item(item, value, namespace=names)


# ---- runs -------------------------------------------------------------------------------


def set_active(net: Network, inactive: set[str], recursive: bool) -> None:
    """Who takes part in a run. Exports name objects with their parts, captures each part."""
    objects = _get_all_objects(net.objects)
    for obj in objects:
        obj._active = obj.name not in inactive
    if recursive:
        for obj in objects:
            if obj.name in inactive:
                obj.active = False


def set_active_from_code(net: Network, executed: set[str]) -> None:
    """Where no run is described: what had no code executed was not active."""
    for obj in _get_all_objects(net.objects):
        if isinstance(obj, CodeRunner) and obj.name not in executed:
            obj._active = False


def stages(builder: Builder, net: Network, code: Element | None) -> list[Stage]:
    """One callable for each run: what the script did before it, who is active, the run.

    What comes before the first run has been done when the network is made. `code` is that
    of the first run; a later one has its own where Brian2 made it anew. Steps of an export
    are done again; those of a recording have their effect in each run's `state`.
    """
    runs = builder.network["runs"]
    export = builder.network["origin"] == "export"
    codes = [code]
    for run in runs[1:]:
        codes.append(run["code"] or codes[-1])
    executed = [{item["name"] for item in each["executables"]} if each else set()
                for each in codes]
    ever = set().union(*executed)

    def stage(number: int) -> Stage:
        run = runs[number]
        before = runs[number - 1]["setup_end"] if number else run["setup_end"]

        def go() -> None:
            steps = builder.network["setup"][before:run["setup_end"]]
            if export:
                replay(builder, steps)
            with told([] if export else steps):
                if number:
                    _change(builder, net, run)
                _join(builder, net, run, codes[number])
                if number and run["state"]:
                    _restore(builder, net, run["state"])
            set_active(net, set(run["inactive"]) | (ever - executed[number]),
                       export)
            net.run(texts.seconds(run["duration"]), namespace={})

        return go

    return [stage(number) for number in range(len(runs))]


def _change(builder: Builder, net: Network, run: Element) -> None:
    """Constants, steps of clocks and synapses that are new in a run of a recording."""
    for code in run["code"]["executables"] if run["code"] else ():
        space = getattr(builder.objects.get(code["owner"]), "namespace", None)
        for binding in code["bindings"] if space is not None else ():
            if binding["kind"] == "constant" and binding["name"] in space:
                space[binding["name"]] = texts.constant(binding)
    if run["state"]:
        for tick in run["state"]["clocks"]:
            if tick["dt"]:
                builder.clocks[tick["name"]].dt = texts.seconds(tick["dt"])
        connect(builder, run["state"])


def _join(builder: Builder, net: Network, run: Element, code: Element | None) -> None:
    """Objects that only this run has, and monitors of what only now is there."""
    export = builder.network["origin"] == "export"
    there = mentioned(code, run["state"]) | set(run["inactive"])
    for item in builder.network["monitors"]:
        name = item["name"]
        if name not in builder.objects and (
                name not in run["inactive"] if export else name in there):
            net.add(builder.monitor(item))
            builder.late.discard(name)
    for name in sorted(builder.late & there & builder.objects.keys()):
        net.add(builder.objects[name])
        builder.late.discard(name)


def _restore(builder: Builder, net: Network, state: Element) -> None:
    """What a recording saw change since the run before."""
    restore_arrays(builder, state["arrays"])
    restore_queues(builder, state["queues"])
    net.t_ = state["t"]
    if state["random"]:
        restore_random(state["random"])


def started(network: Element) -> int:
    """How many setup steps come before the first run."""
    runs = network["runs"]
    return int(runs[0]["setup_end"]) if runs else len(network["setup"])


def is_early(item: Element, network: Element, late: set[str]) -> bool:
    """Whether a monitor is there from the first run on; a later one may record what is not."""
    runs = network["runs"]
    if network["origin"] == "capture":
        return item["name"] not in late
    return not runs or \
        item["name"] not in runs[0]["inactive"] or \
        all(item["name"] in run["inactive"] for run in runs)
