"""The `state` part of a document -> arrays, synapses, spikes in flight, clocks, random streams.

Values are put where Brian2 stores them, bit by bit; only synapses are made by ``connect``,
from their two lists of neurons, because Brian2 sizes everything else by that.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from brian2 import prefs
from brian2.core.variables import ArrayVariable, DynamicArrayVariable
from brian2.devices.device import get_device
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
from brian2.synapses.synapses import Synapses, SynapticPathway

from . import gsl
from .describe import is_event_clock
from .document import Element
from .errors import DocumentError
from .importer_objects import Builder, refuse
from .snapshot import BUFFER

ENDS = ("_synaptic_pre", "_synaptic_post")


def connect(builder: Builder, state: Element) -> None:
    """Make the synapses that there are and that have not been made yet, in their order."""
    arrays = {item["name"]: item["data"] for item in state["arrays"]}
    with _numpy_target():
        for name, synapses in builder.objects.items():
            if not isinstance(synapses, Synapses):
                continue
            pre, post = (arrays.get(f"{name}.{end}") for end in ENDS)
            if pre is None or post is None:
                continue
            done = len(synapses)
            made = [synapses.variables[end].get_value() for end in ENDS]
            if not np.array_equal(made, [pre[:done], post[:done]]):
                raise refuse(name, "synapses", "they are not those that there were before")
            if len(pre) > done:
                synapses.connect(i=pre[done:] - getattr(synapses.source, "start", 0),
                                 j=post[done:] - getattr(synapses.target, "start", 0))
            elif not len(pre) and builder.runs_code(name):
                synapses._connect_called = True  # and it made none


def require_synapses(builder: Builder, state: Element) -> None:
    """DocumentError if a state lacks the ends of synapses that its run has."""
    names = {item["name"] for item in state["arrays"]}
    for name, obj in builder.objects.items():
        if isinstance(obj, Synapses) and name not in builder.late \
                and not {f"{name}.{end}" for end in ENDS} <= names:
            raise DocumentError(f"/state/arrays: the synapses of {name} are missing")


@contextmanager
def _numpy_target() -> Iterator[None]:
    """Connecting by lists has the same result on every target, and compiles on none but this."""
    target = prefs.codegen.target
    prefs.codegen.target = "numpy"
    try:
        yield
    finally:
        prefs.codegen.target = target


def restore_arrays(builder: Builder, arrays: list[Element]) -> None:
    """Every stored array gets the contents of the document."""
    for item in arrays:
        owner, name = item["owner"], item["variable"]
        obj = builder.objects.get(owner)
        if obj is not None and name not in obj.variables:
            gsl.add_array(obj, name, len(item["data"]))
        variable = None if obj is None else obj.variables.get(name)
        if not isinstance(variable, ArrayVariable):
            raise refuse(owner, f"stored variable {name!r}", "Brian2 has no such array in it")
        data = item["data"]
        if isinstance(variable, DynamicArrayVariable):
            variable.resize(data.shape if data.ndim > 1 else len(data))
        content = variable.get_value()
        if content.shape != data.shape or content.dtype != data.dtype:
            raise refuse(owner, f"stored variable {name!r}",
                         f"{data.dtype} {data.shape} in the document, here {content.dtype} "
                         f"{content.shape}")
        content[...] = data
    for obj in builder.objects.values():
        if isinstance(obj, SpikeGeneratorGroup):
            _settle(obj)


def _settle(group: SpikeGeneratorGroup) -> None:
    """Mark a generator as prepared if its bins are, so that it goes on where it stood."""
    dt = group.dt_[:]
    bins = np.asarray(np.asarray(group._spike_time + 1e-3 * dt) / dt, dtype=np.int32)
    period = np.round(group.variables["period"].get_value() / dt)
    if np.array_equal(bins, group.variables["_timebins"].get_value()) \
            and period == group.variables["_period_bins"].get_value():
        group._spikes_changed = False
        group._previous_dt = np.array(dt)


def restore_queues(builder: Builder, queues: list[Element]) -> None:
    """Spikes in flight, in order of delivery."""
    for item in queues:
        pathway = builder.objects.get(item["name"])
        if not isinstance(pathway, SynapticPathway):
            raise refuse(item["name"], "spikes in flight", "there is no such pathway")
        steps, synapses = item["steps"], item["synapses"]
        if not len(steps):
            continue
        if hasattr(pathway.queue, "_store_spikes"):  # the one in Python
            rows = np.stack([steps, synapses], axis=1).astype(int)
            width = int(np.bincount(steps).max())
            pathway.queue._restore_from_full_state(
                (pathway.source.clock.dt_, rows, (int(steps.max()) + 1, width)))
            continue
        due: list[list[int]] = [[] for _ in range(int(steps.max()) + 1)]
        for step, synapse in zip(steps.tolist(), synapses.tolist()):
            due[step].append(synapse)
        pathway.queue._restore_from_full_state((0, due))


def restore_clocks(builder: Builder, ticks: list[Element]) -> None:
    """Clocks stand at their steps; a run sets them from the network's time again."""
    for item in ticks:
        clock = builder.clocks[item["name"]]
        variables, step = clock.variables, item["timestep"]
        variables["timestep"].set_value(step)
        variables["t"].set_value(variables["times"].get_value()[step]
                                 if is_event_clock(clock) else step * clock.dt_)


def restore_random(random: Element) -> None:
    """numpy's generator and Brian2's two buffers of numbers drawn ahead (semantics 8.4)."""
    np.random.set_state(("MT19937", np.asarray(random["words"], dtype=np.uint32),
                         random["position"], int(random["has_gauss"]), random["gauss"]))
    device = get_device()
    for name, pointer, index in (
            ("uniform", device.rand_buffer, device.rand_buffer_index),
            ("normal", device.randn_buffer, device.randn_buffer_index)):
        numbers = random[f"{name}s"]
        index[:] = random[f"next_{name}"]
        if random[f"next_{name}"]:
            _fill(pointer, np.ascontiguousarray(numbers, dtype=np.float64))


def _fill(pointer: np.ndarray, numbers: np.ndarray) -> None:
    """Write into Brian2's buffer; make it first, as its code does, where there is none.

    Brian2 frees a buffer with C's free() before it takes the next one, so the memory is
    C's malloc().
    """
    if numbers.size != BUFFER:
        raise DocumentError(f"/state/random: a buffer of {numbers.size}, expected {BUFFER}")
    if int(pointer[0]) == 0:
        allocate = ctypes.CDLL(None).malloc
        allocate.restype, allocate.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
        address = allocate(numbers.nbytes)
        if not address:
            raise MemoryError
        pointer[0] = address
    ctypes.memmove(int(pointer[0]), numbers.ctypes.data, numbers.nbytes)
