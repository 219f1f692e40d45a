"""The `state` part: every stored array, pending spikes, clocks and random streams."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from brian2.core.network import Network
from brian2.devices.device import get_device
from brian2.monitors import EventMonitor, PopulationRateMonitor, StateMonitor
from brian2.synapses.synapses import SynapticPathway

from . import describe
from .document import DTYPES, Element
from .errors import LossReport
from .identity import Identities
from .recorder import Prepared
from .rules import is_eventspace

BUFFER = 20000  #: numbers in Brian2's buffers of rand and randn (semantics 8.4)
MONITORS = (EventMonitor, StateMonitor, PopulationRateMonitor)


def time_of(network: Network) -> float:
    """Seconds. Behind a run that was stopped Brian2 leaves a view of its clock's time."""
    return float(np.asarray(network.t_).item())


def state_part(prepared: Prepared, identities: Identities, losses: LossReport) -> Element:
    """The `state` element: as it stands when the first step of the run begins."""
    return {
        "t": time_of(prepared.network),
        "clocks": [{"name": clock.name,
                    "timestep": int(clock.variables["timestep"].get_value().item())}
                   for clock in prepared.clocks],
        "arrays": _arrays(prepared, identities, losses),
        "queues": [_queue(obj, prepared, losses) for obj in prepared.objects
                   if isinstance(obj, SynapticPathway)],
        "random": random_state(),
    }


def _arrays(prepared: Prepared, identities: Identities, losses: LossReport) -> list[Element]:
    clocks = {clock.name for clock in prepared.clocks}
    arrays = []
    for owner, name, var in identities.stored():
        content = np.array(var.get_value())
        if owner in clocks:
            continue  # a clock is its step and its number of steps
        if isinstance(identities.owners[owner], MONITORS) and not _is_record(
                name, identities.owners[owner]):
            continue
        if is_eventspace(name) and content[-1] == 0:
            continue
        if content.dtype.name not in DTYPES:
            losses.add(owner, f"variable {name!r}", f"its type {content.dtype.name} is not one "
                       "of " + ", ".join(DTYPES))
        arrays.append({"name": f"{owner}.{name}", "owner": owner, "variable": name,
                       "data": content, "dim": describe.dimensions(var.dim),
                       "unit": describe.unit_text(var.dim)})
    return arrays


def is_monitor(obj: Any) -> bool:
    """Whether an object records."""
    return isinstance(obj, MONITORS)


def _is_record(name: str, monitor: Any) -> bool:
    """Whether a monitor's array holds what was recorded; what it records is in `monitors`."""
    return not name.startswith("_") and int(monitor.variables["N"].get_value().item()) > 0


def _queue(pathway: SynapticPathway, prepared: Prepared, losses: LossReport) -> Element:
    steps, synapses = pending(pathway.queue._full_state())
    if len(steps) and pathway.source.clock.name in prepared.dt_changed:
        losses.add(pathway.name, "spikes in flight while the clock's dt has changed",
                   "run(0*ms) first, so that Brian2 converts them")
    return {"name": pathway.name, "steps": steps, "synapses": synapses}


def pending(state: Any) -> tuple[np.ndarray, np.ndarray]:
    """(steps until due, synapse), int32 each, in order of delivery, from a queue's state.

    The compiled queue gives (offset, lists by slot), the one in Python (time, rows of
    (steps, synapse), shape).
    """
    if state is None:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    if len(state) == 3:
        rows = np.asarray(state[1], dtype=np.int64).reshape(-1, 2)
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        return rows[:, 0].astype(np.int32), rows[:, 1].astype(np.int32)
    offset, slots = state
    lists = [slots[(offset + step) % len(slots)] for step in range(len(slots))]
    steps = np.repeat(np.arange(len(lists)), [len(due) for due in lists])
    synapses = [synapse for due in lists for synapse in due]
    return steps.astype(np.int32), np.array(synapses, dtype=np.int32)


def random_state() -> Element:
    """The `random` element: numpy's generator and what is left of Brian2's two buffers."""
    _, words, position, has_gauss, gauss = np.random.get_state(legacy=True)
    element: Element = {
        "kind": "mt19937",
        "words": np.array(words, dtype=np.uint32),
        "position": int(position),
        "has_gauss": bool(has_gauss),
        "gauss": float(gauss) if has_gauss else 0.0,
    }
    device = get_device()
    for name, pointer, index in (
            ("uniform", device.rand_buffer, device.rand_buffer_index),
            ("normal", device.randn_buffer, device.randn_buffer_index)):
        if int(index[0]) != 0 and int(pointer[0]) != 0:
            buffer = (ctypes.c_double * BUFFER).from_address(int(pointer[0]))
            element[f"{name}s"] = np.array(buffer, dtype=np.float64)
            element[f"next_{name}"] = int(index[0])
    return element
