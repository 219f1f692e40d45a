"""A document, an archive or an export -> a runnable ``brian2.Network`` again.

    net = brian2engram.import_network('cuba.h5')
    net.run(1*second)                  # or what the file describes:
    brian2engram.run_stages(net)
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from brian2 import prefs
from brian2.core.network import Network
from brian2.devices.device import RuntimeDevice, get_device

from . import document as documents
from . import library
from .document import Element
from .errors import DocumentError, EngramWarning, Loss, UnsupportedError
from .importer_functions import Sources
from .importer_objects import Builder
from .importer_setup import (
    is_early, replay, set_active, set_active_from_code, stages, started)
from .importer_state import (
    connect, require_synapses, restore_arrays, restore_clocks, restore_queues,
    restore_random)
from .importer_texts import filled
from .provenance import preference
from .steps import remember, told

HDF5 = b"ENGRAM\r\n\x1a\n"
#: preferences that change results and are no part of objects
PREFERENCES = ("codegen.loop_invariant_optimisations", "core.default_float_dtype",
               "core.default_integer_dtype", "legacy.refractory_timing")
#: of those, the types that numbers have where nothing else is said
TYPES = {"core.default_float_dtype": ("float32", "float64"),
         "core.default_integer_dtype": ("int32", "int64")}


def import_network(source: Any, *, trust_code: bool = False,
                   functions: Mapping[str, Any] | None = None,
                   operations: Mapping[str, Callable[..., Any]] | None = None,
                   random_state: bool = True) -> Network:
    """A real Brian2 network from what was saved of one.

    source: a path (.mpk or .h5), a document, or ``device.runs`` of brian2tools' exporter.
    trust_code: execute the Python text of functions and operations that the file holds.
        Without it nothing of the file is ever executed.
    functions, operations: the caller's own functions for names in the file.
    random_state: restore the random streams of a capture, global as they are in Brian2.

    The network carries ``stages``: a list of callables, one for each run of the file, which
    do what was done before that run and run. Nothing else of the caller's session changes:
    no preference, not the default clock.

    UnsupportedError names the component that cannot be made again and the reason;
    DocumentError what is wrong with the file. NetworkOperations without a function become
    placeholders that warn once.
    """
    content = filled("document", load(source))
    if not content["network"]:
        raise DocumentError("/network: missing")
    network = content["network"]
    device = get_device()
    if content["state"] and not isinstance(device, RuntimeDevice):
        raise UnsupportedError([Loss("state", f"device {type(device).__name__}",
                                     "arrays can be restored on the runtime device only")])
    _check_preferences(content)
    sources = Sources(functions, operations, trust_code)
    for name in sources.unused(network):
        raise ValueError(f"{name!r} is not a function or operation of this network")
    builder = Builder(content, sources)
    if content["state"]:
        with told([]):
            net = _made(content, builder, random_state)
        remember(net, network["setup"][:started(network)])
    else:
        net = _made(content, builder, random_state)
    net.stages = stages(builder, net, content["code"])
    net.kept = list(builder.objects.values())  # Brian2 refers to groups weakly
    return net


def _made(content: Element, builder: Builder, random_state: bool) -> Network:
    network = content["network"]
    with _types_of(content):
        builder.build()
        if content["state"]:
            require_synapses(builder, content["state"])
            connect(builder, content["state"])
        else:
            replay(builder, network["setup"][:started(network)])
        for element in network["monitors"]:
            if is_early(element, network, builder.late):
                builder.monitor(element)
        net = builder.assemble()
    if network["runs"]:
        set_active(net, set(network["runs"][0]["inactive"]), network["origin"] == "export")
    elif content["code"]:
        set_active_from_code(net, {item["name"] for item in content["code"]["executables"]})
    if content["state"]:
        _restore(net, builder, content["state"], random_state)
    return net


def run_stages(net: Network) -> None:
    """All runs of the file that `net` was imported from, with what happened in between."""
    for stage in net.stages:
        stage()


def load(source: Any) -> Element:
    """The document of a path, of an export's list of runs, or itself."""
    if isinstance(source, Mapping):
        documents.check(dict(source))
        return dict(source)
    if isinstance(source, Sequence) and not isinstance(source, (str, bytes)):
        from .stock import network_part
        return documents.new_document(network=network_part(source))
    path = os.fspath(source)
    with open(path, "rb") as file:
        start = file.read(len(HDF5))
    if start != HDF5:
        return documents.read(path)
    with tempfile.TemporaryDirectory() as folder:
        beside = os.path.join(folder, "network.mpk")
        library.convert(path, beside)
        return documents.read(beside)


def _restore(net: Network, builder: Builder, state: Element, random_state: bool) -> None:
    restore_arrays(builder, state["arrays"])
    restore_queues(builder, state["queues"])
    restore_clocks(builder, state["clocks"])
    net.t_ = state["t"]
    if random_state and state["random"]:
        restore_random(state["random"])


@contextmanager
def _types_of(content: Element) -> Iterator[None]:
    """While objects are made, numbers have the document's default types.

    Most are told by ``dtype``, but delays and rates have what the preference says.
    """
    saved = {name: prefs[name] for name in TYPES}
    for name, wanted in _preferences(content).items():
        if name in TYPES and wanted in TYPES[name]:
            prefs[name] = getattr(np, wanted)
    try:
        yield
    finally:
        for name, value in saved.items():
            prefs[name] = value


def _preferences(content: Element) -> dict[str, str]:
    """Those of the session that wrote the document, as far as it says them."""
    found = {"legacy.refractory_timing": str(content["network"]["legacy_refractory"])}
    if content["network"]["float_dtype"]:
        found["core.default_float_dtype"] = content["network"]["float_dtype"]
    provenance = content["provenance"]
    for item in provenance["preferences"] if provenance else ():
        found[item["name"]] = item["version"]
    return found


def _check_preferences(content: Element) -> None:
    """Preferences are global and the caller's: a difference is named, never repaired.

    What refractoriness means is decided by one of them alone, so that one is an error.
    """
    for name, wanted in _preferences(content).items():
        if name not in PREFERENCES or preference(name) == wanted:
            continue
        if name == "legacy.refractory_timing":
            held = [group["name"] for group in content["network"]["groups"]
                    if group["refractory_kind"] == "time"]
            if held:
                raise UnsupportedError([Loss(
                    held[0], f"preference {name}", f"it was {wanted}: set it so before")])
            continue
        warnings.warn(f"preference {name} is {preference(name)} and was {wanted}: a run may "
                      "give other bits", EngramWarning, stacklevel=3)
