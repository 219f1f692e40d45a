"""brian2tools' exporter device, for scripts that know nothing of it.

brian2engram does not depend on brian2tools; only these functions look for it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from collections.abc import Iterable
from typing import Any

import numpy as np
from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS, get_local_namespace
from brian2.core.network import Network
from brian2.core.variables import Constant
from brian2.devices.device import all_devices, get_device, set_device
from brian2.groups.group import CodeRunner, Group
from brian2.groups.neurongroup import NeuronGroup
from brian2.groups.subgroup import Subgroup
from brian2.input.poissongroup import PoissonGroup
from brian2.input.poissoninput import PoissonInput
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
from brian2.input.timedarray import TimedArray
from brian2.synapses.synapses import Synapses
from brian2.units import second
from brian2.units.fundamentalunits import Quantity
from brian2.utils.stringtools import get_identifiers

from . import gaps
from .describe import is_event_clock
from .errors import EngramError, Loss, UnsupportedError
from .names import external, resolved
from .rules import constant_over_dt, method_options, noise


def load() -> None:
    """Register the device 'exporter'; EngramError if brian2tools is not there.

    Its package also imports plotting and NeuroML tools, which need not be installed: if that
    fails, the exporter alone is imported.
    """
    if "exporter" in all_devices:
        return
    try:
        importlib.import_module("brian2tools")
        return
    except ImportError as error:
        reason = error
    for name in [name for name in sys.modules if name.split(".")[0] == "brian2tools"]:
        del sys.modules[name]
    spec = importlib.util.find_spec("brian2tools")
    if spec is None or not spec.submodule_search_locations:
        raise EngramError("brian2tools is not installed, pack and --exporter need it") from reason
    package = types.ModuleType("brian2tools")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["brian2tools"] = package
    try:
        importlib.import_module("brian2tools.baseexport")
    except ImportError as error:
        raise EngramError(f"brian2tools cannot be imported: {error}") from error
    finally:
        del sys.modules["brian2tools"]


def activate() -> Any:
    """Set the exporter device (several runs allowed) and let it note more than it does.

    brian2tools drops calls of seed(), ``skip_if_invalid``, the values of names in generators
    and in conditions of initialisers, and takes ``connect(condition=False)`` for all to all.
    It refers to arrays that the script may change later, and answers zeros to a script that
    reads what an initialiser has set: that is an error here.
    """
    load()
    set_device("exporter", build_on_run=False)
    device = get_device()
    kind = type(device)

    def seed(value: int | None = None) -> None:
        kind.seed(device, value)
        device.initializers_connectors.append({"type": "seed", "seed": value})

    def synapses_connect(synapses: Synapses, condition: Any = None, i: Any = None,
                         j: Any = None, p: Any = 1.0, n: Any = 1, skip_if_invalid: bool = False,
                         namespace: Any = None, level: int = 0) -> None:
        if namespace is None:
            namespace = get_local_namespace(level + 2)
        if condition is False or condition == "False":
            synapses._connect_called = True
            return
        if i is not None and j is not None and not (isinstance(i, str) or isinstance(j, str)):
            i, j, p, n = drawn(i, j, p, n)
        kind.synapses_connect(device, synapses, condition, i, j, p, n, skip_if_invalid,
                              namespace=namespace)
        step = device.initializers_connectors[-1]
        if skip_if_invalid:
            step["skip_if_invalid"] = True
        add_identifiers(step, synapses, (condition, i, j, p, n), namespace)

    def set_conditional(view: Any, cond: str, code: str, run_namespace: Any,
                        check_units: bool = True) -> None:
        kind.variableview_set_with_expression_conditional(
            device, view, cond, code, run_namespace, check_units=check_units)
        add_identifiers(device.initializers_connectors[-1], view.group, (cond, code),
                        run_namespace)
        forget(view)

    def set_expression(view: Any, item: Any, code: str, run_namespace: Any,
                       check_units: bool = True) -> None:
        kind.variableview_set_with_expression(device, view, item, code, run_namespace,
                                              check_units=check_units)
        forget(view)

    def set_array(view: Any, item: Any, value: Any, check_units: bool = True) -> None:
        kind.variableview_set_with_index_array(device, view, item, value,
                                               check_units=check_units)
        step = device.initializers_connectors[-1]
        step["value"] = step["value"].copy()
        forget(view)

    def forget(view: Any) -> None:
        if not view.variable.scalar:
            device.array_cache[view.variable] = None

    device.seed = seed
    device.synapses_connect = synapses_connect
    device.variableview_set_with_expression_conditional = set_conditional
    device.variableview_set_with_expression = set_expression
    device.variableview_set_with_index_array = set_array
    return device


def drawn(i: Any, j: Any, p: Any, n: Any) -> tuple[Any, Any, Any, Any]:
    """Which of listed pairs are connected, as i, j, p, n: with `p` it is the script that draws,
    from numpy, as ``Synapses._add_synapses_from_arrays`` does."""
    if isinstance(p, str) or (np.size(p) == 1 and np.all(np.asarray(p) == 1)):
        return i, j, p, n
    sources, targets = np.broadcast_arrays(*(
        np.atleast_1d(side._indices() if hasattr(side, "_indices") else side)
        for side in (i, j)))
    chosen = np.random.rand(len(sources)) < p
    return sources[chosen], targets[chosen], 1.0, n[chosen] if np.size(n) > 1 else n


def add_identifiers(item: dict[str, Any], group: Group, texts: Iterable[Any],
                    namespace: Any) -> None:
    """Values of the external names in `texts`, as brian2tools has them in `identifiers`."""
    names = set().union(*(get_identifiers(text) for text in texts if isinstance(text, str)))
    for name in sorted(names - set(group.variables) - set(item.get("identifiers", {}))):
        var = resolved(group, name, namespace)
        if isinstance(var, Constant) and name not in {**DEFAULT_CONSTANTS, **DEFAULT_UNITS}:
            item.setdefault("identifiers", {})[name] = Quantity(var.value, dim=var.dim)
        elif isinstance(var, TimedArray):
            item.setdefault("identifiers", {})[name] = {
                "type": "timedarray", "name": var.name, "ndim": var.values.ndim,
                "values": Quantity(var.values, dim=var.dim), "dt": var.dt * second}


def judge(network: Network) -> None:
    """UnsupportedError for what brian2tools would stumble over: clocks without a step."""
    clocks = sorted({obj.clock.name for obj in network.sorted_objects
                     if is_event_clock(obj.clock)})
    if clocks:
        raise UnsupportedError([
            Loss(name, "EventClock", "brian2tools exports time steps alone, a capture of the "
                 "live network has the times") for name in clocks])


def complete(run: dict[str, Any], network: Network, namespace: dict[str, Any]) -> None:
    """Add to an exported run what brian2tools leaves out, from the live network.

    Clocks, schedule, order, what is inactive inside of objects, names of PoissonInputs and
    their slices, and what only `losses` can say. `stock` knows the keys.
    """
    run["schedule"] = list(network.schedule)
    run["network"] = network.name
    run["inactive"] = sorted(obj.name for obj in network.sorted_objects if not obj.active)
    components = run["components"]
    items = {item["name"]: item for kind, found in components.items()
             if kind != "poissoninput" for item in found}
    run["losses"] = [loss for loss, _ in gaps.of_network(network, items)]
    inputs = iter(components.get("poissoninput", []))
    for obj in network.objects:
        if type(obj) is PoissonInput:
            item = next(inputs)
            item.update(name=obj.name, target=_source(obj._group))
            continue
        found = items.get(obj.name)
        if found is not None and isinstance(obj, (NeuronGroup, PoissonGroup, SpikeGeneratorGroup, Synapses)):
            run["losses"] += gaps.of_object(obj, run.get("initializers_connectors", []))
            _complete_group(found, obj, run["losses"], namespace)


def _complete_group(item: dict[str, Any], group: Any, losses: list[Loss],
                    namespace: dict[str, Any]) -> None:
    item["dt"] = group.clock.dt
    choice = getattr(getattr(group, "state_updater", None), "method_choice", gaps.METHODS)
    if not isinstance(choice, str) and choice != gaps.METHODS:
        losses.append(Loss(group.name, "its choice of integrator", "only a name is exported"))
    options = method_options(getattr(group, "state_updater", None))
    if options:
        item["method_options"] = options
    if isinstance(group, (NeuronGroup, Synapses)) and noise(group):
        item["noise"] = noise(group)
    if isinstance(group, NeuronGroup):
        spike = item.get("events", {}).get("spike")
        if spike is not None and group._refractory is not False:
            spike["refractory"] = group._refractory
    elif isinstance(group, Synapses):
        _complete_synapses(item, group)
    else:
        item.update(order=group.order, when=group.when)
    add_identifiers(item, group, external(group), namespace)


def _complete_synapses(item: dict[str, Any], synapses: Synapses) -> None:
    updater = synapses.state_updater
    item.update(order=(updater or synapses).order,
                when=updater.when if updater is not None else "groups",
                multisynaptic_index=synapses.multisynaptic_index or "")
    item["run_regularly"] = [
        {"name": obj.name, "code": obj.abstract_code, "dt": obj.clock.dt, "when": obj.when,
         "order": obj.order}
        for obj in synapses.contained_objects if type(obj) is CodeRunner]
    for name, expr in constant_over_dt(synapses).items():
        single = item["equations"][name]
        single.update(type="subexpression", expr=expr,
                      flags=[*single.get("flags", []), "constant over dt"])


def _source(group: Any) -> Any:
    """A reference to a group as brian2tools has it: a slice with its last index."""
    if isinstance(group, Subgroup):
        return {"group": group.source.name, "start": group.start, "stop": group.stop - 1}
    return group.name
