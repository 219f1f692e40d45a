"""One stream of random numbers for the engine and for the Python code that it calls.

Brian2's code draws from buffers that are filled from numpy's generator, which Python code of
the script asks directly. While the engine runs, the generator is the engine's: whatever is
called meanwhile has it in numpy, as it then stands, and the engine goes on from where Python
left it. This is done around every call, so it must not take longer than one: numpy's own
get_state and set_state visit each of 624 words, hence the generator's memory.
"""

from __future__ import annotations

import ctypes
import functools
import struct
from ctypes import addressof, memmove, string_at
from typing import Any

import numpy as np
from brian2.devices.device import RuntimeDevice

from .device_engine import BUFFER, Connecting, Random, Simulation

MT = 625 * 4  #: bytes of words and position, in numpy's mt19937_state as in engram_random
MARK = 64  #: bytes that tell two fillings of a buffer apart
GAUSS = 0.7182818284590452  #: some number, to look for

_MALLOC = ctypes.CDLL(None).malloc
_MALLOC.argtypes, _MALLOC.restype = [ctypes.c_size_t], ctypes.c_void_p


class _Gauss(ctypes.Structure):
    """The second number of a pair of normals, in numpy's struct legacy-distributions.h."""

    _fields_ = [("has_gauss", ctypes.c_int), ("gauss", ctypes.c_double)]


@functools.lru_cache(maxsize=1)
def _gauss_offset() -> int | None:
    """Where a RandomState has its _Gauss: looked for, and tried, in one of our own. None if
    this numpy keeps it elsewhere."""
    trial = np.random.RandomState(1)
    _, words, position, _, _ = trial.get_state(legacy=True)
    trial.set_state(("MT19937", words, position, 1, GAUSS))
    inside = string_at(id(trial), type(trial).__basicsize__)
    offset = inside.find(struct.pack("d", GAUSS)) - _Gauss.gauss.offset
    if offset < 0:
        return None
    place = _Gauss.from_address(id(trial) + offset)
    if place.has_gauss != 1:
        return None
    place.has_gauss, place.gauss = 0, 0.0
    if trial.get_state(legacy=True)[3:] != (0, 0.0):
        return None
    place.has_gauss, place.gauss = 1, -GAUSS
    return offset if trial.get_state(legacy=True)[3:] == (1, -GAUSS) else None


class _Numpy:
    """numpy's global generator, in its memory."""

    def __init__(self) -> None:
        self._generator = np.random.mtrand._rand
        bits = self._generator._bit_generator
        self.address = int(bits.ctypes.state_address)  #: of its MT bytes
        offset = _gauss_offset()
        self._gauss = None if offset is None \
            else _Gauss.from_address(id(self._generator) + offset)

    def gauss(self) -> tuple[int, float]:
        """(has_gauss, gauss)."""
        place = self._gauss
        if place is not None:
            return (1, place.gauss) if place.has_gauss else (0, 0.0)
        _, _, _, has_gauss, gauss = self._generator.get_state(legacy=True)
        return (1, gauss) if has_gauss else (0, 0.0)

    def set_gauss(self, has_gauss: int, gauss: float) -> None:
        """As it is to be."""
        place = self._gauss
        if place is not None:
            place.has_gauss, place.gauss = has_gauss, gauss
            return
        _, words, position, _, _ = self._generator.get_state(legacy=True)
        self._generator.set_state(("MT19937", words, position, has_gauss, gauss))


class Exchange:
    """Around what is called: random streams are Python's inside, and the engine's again behind
    it, also if it fails."""

    def __init__(self, device: RuntimeDevice, engine: Simulation | Connecting) -> None:
        self._engine, self._numpy = engine, _Numpy()
        self._state = Random(size=ctypes.sizeof(Random))  #: as the engine last had it
        self._words = addressof(self._state) + Random.words.offset
        self._buffers = [(name, f"next_{name[:-1]}", address, index) for name, address, index in (
            ("uniforms", device.rand_buffer, device.rand_buffer_index),
            ("normals", device.randn_buffer, device.randn_buffer_index))]

    def __enter__(self) -> None:
        state, numpy = self._state, self._numpy
        self._engine.random(state)
        engines = string_at(self._words, MT)
        filled = engines != string_at(numpy.address, MT)  # only a filling draws in the engine
        if filled:
            memmove(numpy.address, engines, MT)
        self._engines = engines
        self._gauss = (1, state.gauss) if state.has_gauss else (0, 0.0)
        if numpy.gauss() != self._gauss:
            numpy.set_gauss(*self._gauss)
        for name, following, address, index in self._buffers:
            index[0] = position = getattr(state, following)
            if filled and position:
                bring_buffer(getattr(state, name), address)

    def __exit__(self, *_: object) -> None:
        state, numpy = self._state, self._numpy
        pythons = string_at(numpy.address, MT)
        drawn = pythons != self._engines
        gauss = numpy.gauss()
        changed = drawn or gauss != self._gauss
        for _, following, _, index in self._buffers:
            changed = changed or getattr(state, following) != index[0]
        if not changed:
            return
        memmove(self._words, pythons, MT)
        state.has_gauss, state.gauss = gauss
        for name, following, address, index in self._buffers:
            setattr(state, following, int(index[0]))
            if index[0] and not _same(getattr(state, name), address):
                setattr(state, name, _doubles(address))
        self._engine.set_random(state)


def _doubles(address: Any) -> Any:
    return ctypes.cast(int(address[0]), ctypes.POINTER(ctypes.c_double))


def _same(numbers: Any, address: Any) -> bool:
    """Whether Brian2's buffer is filled as the engine's is."""
    return bool(address[0]) and string_at(numbers, MARK) == string_at(int(address[0]), MARK)


def bring_buffer(numbers: Any, address: Any) -> None:
    """The engine's numbers into Brian2's buffer."""
    if _same(numbers, address):
        return
    if not address[0]:  # Cython takes what is there and never frees it
        address[0] = _MALLOC(BUFFER * 8)
    memmove(int(address[0]), numbers, BUFFER * 8)


def random_streams(device: RuntimeDevice) -> Random:
    """Random streams as they stand; the buffers are Brian2's own."""
    _, words, position, has_gauss, gauss = np.random.get_state(legacy=True)
    state = Random(size=ctypes.sizeof(Random), position=int(position),
                   has_gauss=int(has_gauss), gauss=float(gauss))
    memmove(state.words, np.ascontiguousarray(words, np.uint32).ctypes.data,
            ctypes.sizeof(state.words))
    for name, address, index in (
            ("uniform", device.rand_buffer, device.rand_buffer_index),
            ("normal", device.randn_buffer, device.randn_buffer_index)):
        if address[0] and index[0]:
            setattr(state, f"{name}s", _doubles(address))
            setattr(state, f"next_{name}", int(index[0]))
    return state


def bring_random(device: RuntimeDevice, state: Random) -> None:
    """Random streams into numpy's generator and Brian2's two buffers."""
    words = np.frombuffer(state.words, dtype=np.uint32).copy()
    np.random.set_state(("MT19937", words, state.position, state.has_gauss, state.gauss))
    for numbers, following, address, index in (
            (state.uniforms, state.next_uniform, device.rand_buffer, device.rand_buffer_index),
            (state.normals, state.next_normal, device.randn_buffer,
             device.randn_buffer_index)):
        if following:
            bring_buffer(numbers, address)
        index[0] = following


class Kept:
    """Random streams that can be had again."""

    def __init__(self, device: RuntimeDevice) -> None:
        self._device = device
        self._state = random_streams(device)
        self._numbers = []
        for name in ("uniforms", "normals"):
            if getattr(self._state, name):
                numbers = (ctypes.c_double * BUFFER)()
                memmove(numbers, getattr(self._state, name), ctypes.sizeof(numbers))
                self._numbers.append(numbers)
                setattr(self._state, name,
                        ctypes.cast(numbers, ctypes.POINTER(ctypes.c_double)))

    def restore(self) -> None:
        """As they were."""
        bring_random(self._device, self._state)
