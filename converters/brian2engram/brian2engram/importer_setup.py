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
from .importer_objects import Builder, refuse
from .importer_state import restore_arrays, restore_clocks, restore_queues, restore_random

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
        values = step["values"]
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


def stages(builder: Builder, net: Network, origin: str) -> list[Stage]:
    """One callable for each run: what the script did before it, who is active, the run.

    What comes before the first run has been done when the network is made.
    """
    runs = builder.network["runs"]
    setup = builder.network["setup"]

    def stage(number: int) -> Stage:
        run = runs[number]
        before = runs[number - 1]["setup_end"] if number else run["setup_end"]

        def go() -> None:
            late = [item for item in builder.network["monitors"]
                    if item["name"] not in builder.objects]
            replay(builder, setup[before:run["setup_end"]])
            for item in late:
                if item["name"] not in run["inactive"]:
                    net.add(builder.monitor(item))
            if number:
                _change(builder, run)
            set_active(net, set(run["inactive"]), origin == "export")
            net.run(texts.seconds(run["duration"]), namespace={})

        return go

    return [stage(number) for number in range(len(runs))]


def _change(builder: Builder, run: Element) -> None:
    """What a capture of several runs saw change since the run before."""
    if run["code"]:
        for code in run["code"]["executables"]:
            owner = builder.objects.get(code["owner"])
            space = getattr(owner, "namespace", None)
            for binding in code["bindings"] if space is not None else ():
                if binding["kind"] == "constant" and binding["name"] in space:
                    space[binding["name"]] = texts.constant(binding)
    if run["state"]:
        restore_arrays(builder, run["state"]["arrays"])
        restore_queues(builder, run["state"]["queues"])
        restore_clocks(builder, run["state"]["clocks"])
        if run["state"]["random"]:
            restore_random(run["state"]["random"])


def started(network: Element) -> int:
    """How many setup steps come before the first run."""
    runs = network["runs"]
    return int(runs[0]["setup_end"]) if runs else len(network["setup"])


def is_early(item: Element, network: Element) -> bool:
    """Whether a monitor is there from the first run on; a later one may record what is not."""
    runs = network["runs"]
    return network["origin"] == "capture" or not runs or \
        item["name"] not in runs[0]["inactive"] or \
        all(item["name"] in run["inactive"] for run in runs)
