"""libengram's live simulations from Python: the mirror of engram/{model,sim,live}.h.

Memory is borrowed both ways: arrays that are lent are numpy's own, records are read where
the engine keeps them. Whoever makes a Simulation keeps the arrays alive until it is freed.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Callable, Sequence
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_int32, c_int64, c_uint32, \
    c_uint64, c_void_p
from typing import Any, NamedTuple

import numpy as np

from . import library
from .errors import EngramError

KEEP, PROFILE = 1, 8  #: ENGRAM_SIM_KEEP, ENGRAM_SIM_PROFILE
FAST, STRICT = 0, 1
E_MEMORY, E_LIMIT, E_DIMENSION, E_UNSUPPORTED = 1, 5, 9, 10
E_ARGUMENT, E_NUMERIC, E_INTERRUPTED, E_PROVIDER = 11, 13, 14, 15
DTYPES = {"bool": 0, "int32": 1, "int64": 2, "float32": 3, "float64": 4}
TYPES = [np.dtype(name) for name in DTYPES]
BUFFER = 20000  #: numbers in Brian2's buffers of rand and randn (semantics 8.4)

CALL = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p, c_double)
FUNCTION = ctypes.CFUNCTYPE(c_int, c_void_p, c_uint64, POINTER(c_void_p), c_void_p)


class SimOptions(ctypes.Structure):
    """engram_sim_options."""

    _fields_ = [("size", ctypes.c_size_t), ("math", c_int), ("threads", c_uint32),
                ("seed", c_int64), ("last_duration", c_double), ("rng", c_char_p),
                ("results", c_char_p), ("archive", c_char_p), ("isa", c_char_p),
                ("block", c_uint32), ("flags", c_uint32), ("call", CALL),
                ("call_context", c_void_p)]


class Progress(ctypes.Structure):
    """engram_progress."""

    _fields_ = [("size", ctypes.c_size_t), ("run", c_uint32), ("runs", c_uint32),
                ("step", c_uint64), ("steps", c_uint64), ("total", c_uint64), ("t", c_double),
                ("run_ended", c_int), ("finished", c_int), ("stopped", c_int)]


class Recorded(ctypes.Structure):
    """engram_recorded."""

    _fields_ = [("size", ctypes.c_size_t), ("kind", c_int), ("records", c_uint64),
                ("rows", c_uint64), ("t", POINTER(c_double)), ("i", POINTER(c_int32)),
                ("count", POINTER(c_int32)), ("columns", c_uint64)]


class Random(ctypes.Structure):
    """engram_random."""

    _fields_ = [("size", ctypes.c_size_t), ("words", c_uint32 * 624), ("position", c_uint32),
                ("has_gauss", c_int), ("gauss", c_double), ("uniforms", POINTER(c_double)),
                ("normals", POINTER(c_double)), ("next_uniform", c_uint32),
                ("next_normal", c_uint32)]


#: (name, number of arguments, what is called)
Given = tuple[str, int, Callable[..., int]]


class Lent(NamedTuple):
    """An array that the engine works in, where Brian2 has it."""

    owner: str
    variable: str
    array: np.ndarray


class EngineError(EngramError):
    """libengram refused a call; `code` is its status."""

    def __init__(self, code: int, report: library.ErrorReport) -> None:
        self.code = code
        text = report.message.decode("utf-8", "replace") or f"status {code}"
        source = report.source.decode("utf-8", "replace")
        super().__init__(f"{text} [{source.strip()}]" if source.strip() else text)


def _declare(lib: Any) -> None:
    report = POINTER(library.ErrorReport)
    handle = POINTER(c_void_p)
    signatures: dict[str, Sequence[Any]] = {
        "engram_model_open_bytes": [handle, c_char_p, ctypes.c_size_t, c_void_p, report],
        "engram_model_lend": [c_void_p, c_char_p, c_char_p, c_int, c_uint64, c_void_p, report],
        "engram_model_connect": [c_void_p, c_uint64, POINTER(Random),
                                 POINTER(POINTER(c_int32)), POINTER(POINTER(c_int32)),
                                 POINTER(c_uint64), report],
        "engram_model_function": [c_void_p, c_char_p, c_uint32, FUNCTION, c_void_p, report],
        "engram_sim_build": [handle, c_void_p, POINTER(SimOptions), report],
        "engram_sim_advance": [c_void_p, c_uint64, POINTER(Progress), report],
        "engram_sim_finish": [c_void_p, c_void_p, report],
        "engram_sim_recorded": [c_void_p, c_char_p, POINTER(Recorded), report],
        "engram_sim_recorded_column": [c_void_p, c_char_p, c_uint64, POINTER(c_char_p),
                                       POINTER(c_int), handle, report],
        "engram_sim_pending": [c_void_p, c_char_p, POINTER(POINTER(c_int32)),
                               POINTER(POINTER(c_int32)), POINTER(c_uint64), report],
        "engram_sim_variable": [c_void_p, c_char_p, c_char_p, c_void_p, report],
        "engram_sim_spent": [c_void_p, c_uint64, POINTER(c_char_p), POINTER(c_double), report],
        "engram_sim_set_random": [c_void_p, POINTER(Random), report],
        "engram_model_set_random": [c_void_p, POINTER(Random), report],
    }
    for name, arguments in signatures.items():
        function = getattr(lib, name)
        function.argtypes, function.restype = list(arguments), c_int
    for name, arguments in {"engram_model_close": [c_void_p], "engram_sim_free": [c_void_p],
                            "engram_sim_random": [c_void_p, POINTER(Random)],
                            "engram_model_random": [c_void_p, POINTER(Random)]}.items():
        function = getattr(lib, name)
        function.argtypes, function.restype = list(arguments), None


@functools.lru_cache(maxsize=4)
def _loaded(_: str | None) -> Any:
    lib = library.load()
    try:
        _declare(lib)
    except AttributeError as error:
        raise library.LibraryError(f"libengram is older than this package: {error}") from error
    return lib


def api() -> Any:
    """The library with the functions of live.h declared; LibraryError without one."""
    return _loaded(os.environ.get("ENGRAM_LIBRARY"))


class _Caller:
    """Calls the library, whose answers become exceptions."""

    def __init__(self) -> None:
        self._api = api()
        self._report = library.ErrorReport()
        self._model = c_void_p()

    def _ask(self, name: str, *arguments: Any) -> None:
        status = getattr(self._api, name)(*arguments, byref(self._report))
        if status:
            raise EngineError(status, self._report)

    def _open(self, document: bytes, lent: Sequence[Lent]) -> None:
        self._ask("engram_model_open_bytes", byref(self._model), document, len(document), None)
        for owner, variable, array in lent:
            self._ask("engram_model_lend", self._model, owner.encode(), variable.encode(),
                      DTYPES[array.dtype.name], array.size, array.ctypes.data)

    def _give(self, functions: Sequence[Given]) -> None:
        """Functions of the document that Python computes, by name."""
        self._functions = [FUNCTION(called) for _, _, called in functions]
        for (name, arguments, _), called in zip(functions, self._functions):
            self._ask("engram_model_function", self._model, name.encode(), arguments, called,
                      None)

    def _close(self) -> None:
        if self._model:
            self._api.engram_model_close(self._model)
        self._model = c_void_p()


class Connecting(_Caller):
    """The first setup step of `document`, a connect, whose expressions read `lent` and call
    `functions`."""

    def __init__(self, document: bytes, lent: Sequence[Lent],
                 functions: Sequence[Given] = ()) -> None:
        super().__init__()
        self._document, self._lent, self._given = document, list(lent), list(functions)

    def __enter__(self) -> Connecting:
        try:
            self._open(self._document, self._lent)
            self._give(self._given)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def connect(self, random: Random) -> tuple[np.ndarray, np.ndarray]:
        """(source, target) of the new synapses, until this is left. `random` goes on, also
        behind an error; its buffers become the engine's, until this is left."""
        source, target, count = POINTER(c_int32)(), POINTER(c_int32)(), c_uint64()
        self._ask("engram_model_connect", self._model, 0, byref(random), byref(source),
                  byref(target), byref(count))
        int32 = np.dtype(np.int32)
        return view(source, int32, count.value), view(target, int32, count.value)

    def random(self, state: Random) -> None:
        """The random streams as they stand while it connects, into `state`."""
        self._api.engram_model_random(self._model, byref(state))

    def set_random(self, state: Random) -> None:
        """Let them go on as `state` says."""
        self._ask("engram_model_set_random", self._model, byref(state))


class Simulation(_Caller):
    """A network described by `document` that runs in the arrays of `lent`, for `duration` s.

    results: file for what monitors record, completed by `finish`; archive: the network's name
    in it.
    `call(name, t)` answers 0 to go on, 1 to stop behind the step, -1 to fail.
    """

    def __init__(self, document: bytes, lent: Sequence[Lent], *, duration: float,
                 math: int = FAST, threads: int = 1, rng: str | None = None, seed: int = -1,
                 flags: int = KEEP, results: str | None = None, archive: str | None = None,
                 call: Callable[[str, float], int] | None = None,
                 functions: Sequence[Given] = ()) -> None:
        super().__init__()
        self._sim = c_void_p()
        self._document, self._lent = document, list(lent)
        self.at = Progress(size=ctypes.sizeof(Progress))
        self._recorded = Recorded(size=ctypes.sizeof(Recorded))
        self._size = byref(ctypes.c_size_t(ctypes.sizeof(ctypes.c_size_t)))  # wants no field
        try:
            self._open(document, self._lent)
            self._give(functions)
            self._options = SimOptions(
                size=ctypes.sizeof(SimOptions), math=math, threads=threads, seed=seed,
                last_duration=duration, rng=rng.encode() if rng else None, flags=flags,
                results=os.fsencode(results) if results else None,
                archive=os.fsencode(archive) if archive else None,
                call=CALL(lambda _, name, t: call(name.decode(), t)) if call else CALL())
            self._ask("engram_sim_build", byref(self._sim), self._model, byref(self._options))
        except BaseException:
            self.free()
            raise

    def advance(self, steps: int) -> Progress:
        """Go on for at most `steps` steps."""
        self._ask("engram_sim_advance", self._sim, steps, byref(self.at))
        return self.at

    def finish(self) -> None:
        """End the run where it is, and the results file; what is in flight can be asked for
        afterwards."""
        self._ask("engram_sim_finish", self._sim, None)

    def recorded(self, monitor: bytes) -> Recorded:
        """What a monitor has recorded so far; valid until the next call of any kind."""
        self._ask("engram_sim_recorded", self._sim, monitor, byref(self._recorded))
        return self._recorded

    def columns(self, monitor: bytes, recorded: Recorded) -> dict[str, np.ndarray]:
        """The further columns of a monitor, flat, where the engine keeps them."""
        found = {}
        for index in range(recorded.columns):
            name, dtype, data = c_char_p(), c_int(), c_void_p()
            self._ask("engram_sim_recorded_column", self._sim, monitor, index, byref(name),
                      byref(dtype), byref(data))
            events = recorded.kind < 2
            count = recorded.records * (1 if events else recorded.rows)
            found[(name.value or b"").decode()] = view(data.value, TYPES[dtype.value], count)
        return found

    def watch(self, owner: str, variable: str) -> None:
        """Say that an array may be written between two calls of `advance`."""
        self._ask("engram_sim_variable", self._sim, owner.encode(), variable.encode(),
                  self._size)

    def random(self, state: Random | None = None) -> Random:
        """The random streams as they stand, in `state` if there is one."""
        if state is None:
            state = Random(size=ctypes.sizeof(Random))
        self._api.engram_sim_random(self._sim, byref(state))
        return state

    def set_random(self, state: Random) -> None:
        """Let the random streams go on as `state` says."""
        self._ask("engram_sim_set_random", self._sim, byref(state))

    def pending(self, pathway: str) -> tuple[np.ndarray, np.ndarray]:
        """(steps until due, synapse) of what is in flight behind a run, as copies."""
        steps, synapses, count = POINTER(c_int32)(), POINTER(c_int32)(), c_uint64()
        self._ask("engram_sim_pending", self._sim, pathway.encode(), byref(steps),
                  byref(synapses), byref(count))
        return (view(steps, np.dtype(np.int32), count.value).copy(),
                view(synapses, np.dtype(np.int32), count.value).copy())

    def spent(self) -> list[tuple[str, float]]:
        """(object, seconds) of each object that ran, in order (flag PROFILE)."""
        found: list[tuple[str, float]] = []
        name, seconds = c_char_p(), c_double()
        while True:
            self._ask("engram_sim_spent", self._sim, len(found), byref(name), byref(seconds))
            if not name.value:
                return found
            found.append((name.value.decode(), seconds.value))

    def free(self) -> None:
        """Give everything back; the arrays stay with their owner."""
        if self._sim:
            self._api.engram_sim_free(self._sim)
        self._sim = c_void_p()
        self._close()
        self._lent.clear()


def view(address: Any, dtype: np.dtype[Any], count: int) -> np.ndarray:
    """`count` numbers at an address (int or pointer), without a copy."""
    if not count:
        return np.zeros(0, dtype)
    place = address if isinstance(address, int) else ctypes.cast(address, c_void_p).value
    raw = (ctypes.c_uint8 * (count * dtype.itemsize)).from_address(place)
    return np.frombuffer(raw, dtype=dtype, count=count)
