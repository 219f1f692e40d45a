"""What a run of the engine leaves, put where Brian2 keeps it (conformance: what a run changes).

State arrays, clocks and the counters of generators are changed in place, since the engine
works in them. The rest is brought back here: records of monitors, spikes in flight; random
streams in device_random.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from brian2.core.base import BrianObject
from brian2.monitors import EventMonitor, PopulationRateMonitor, StateMonitor
from brian2.synapses.synapses import SynapticPathway

from .device_engine import Simulation, view


class Records:
    """Appends what a monitor has recorded in a run to what it has."""

    def __init__(self, monitor: Any) -> None:
        self.monitor = monitor
        self.name = monitor.name.encode()
        self.taken = 0  #: records of this run that Brian2 has
        self._counted: np.ndarray | None = None
        self._size = monitor.variables["N"].get_value()  # of one element

    def take(self, simulation: Simulation) -> None:
        """Bring what has been recorded since the last call."""
        recorded = simulation.recorded(self.name)
        new = int(recorded.records)
        if new == self.taken:
            return
        first, self.taken = self.taken, new
        columns = simulation.columns(self.name, recorded) if recorded.columns else {}
        float64, int32 = np.dtype(np.float64), np.dtype(np.int32)
        columns["t"] = view(recorded.t, float64, new)
        before = int(self._size[0])
        after = before + new - first
        variables = self.monitor.variables
        self.monitor.resize(after)
        if isinstance(self.monitor, StateMonitor):
            for name, var in self.monitor.recorded_variables.items():
                rows = columns[name].reshape(new, -1) if recorded.rows else None
                if rows is not None:
                    var.get_value()[before:] = rows[first:]
            variables["t"].get_value()[before:] = columns["t"][first:]
        elif isinstance(self.monitor, PopulationRateMonitor):
            for name in ("t", "rate"):
                variables[name].get_value()[before:] = columns[name][first:]
        else:
            columns["i"] = view(recorded.i, int32, new)
            for name in self.monitor.record_variables:
                variables[name].get_value()[before:] = columns[name][first:]
            self._count(view(recorded.count, int32, int(recorded.rows)))
        self._size[0] = after

    def _count(self, counted: np.ndarray) -> None:
        count = self.monitor.variables["count"].get_value()
        count += counted if self._counted is None else counted - self._counted
        self._counted = counted.copy()


def records_of(objects: list[BrianObject]) -> list[Records]:
    """One for each monitor that is active."""
    return [Records(obj) for obj in objects if obj.active
            and isinstance(obj, (EventMonitor, StateMonitor, PopulationRateMonitor))]


def bring_queues(simulation: Simulation, objects: list[BrianObject]) -> None:
    """Spikes in flight into the pathways' queues. The run must have ended."""
    for obj in objects:
        if isinstance(obj, SynapticPathway) and obj.active:
            _fill_queue(obj.queue, *simulation.pending(obj.name))


def _fill_queue(queue: Any, steps: np.ndarray, synapses: np.ndarray) -> None:
    state = queue._full_state()
    if len(state) == 3:  # the one in Python: (time, rows of (steps, synapse), shape)
        slots = max(state[2][0], int(steps[-1]) + 1 if len(steps) else 1)
        width = int(np.bincount(steps).max()) + 1 if len(steps) else 1
        rows = np.stack([steps, synapses], axis=1).astype(np.int64)
        queue._restore_from_full_state((0, rows, (slots, max(width, state[2][1]))))
        return
    slots = max(len(state[1]), int(steps[-1]) + 1 if len(steps) else 1)
    lists: list[list[int]] = [[] for _ in range(slots)]
    if len(steps):
        due, starts = np.unique(steps, return_index=True)
        for step, part in zip(due.tolist(), np.split(synapses, starts[1:])):
            lists[step] = part.tolist()
    elif not any(state[1]):
        return
    queue._restore_from_full_state((0, lists))
