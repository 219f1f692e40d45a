"""Compare a results file with an oracle's reference, bit for bit or within a bound."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import h5py
import numpy as np


@dataclass
class Difference:
    """What differs, each a line for the reader; empty means equal."""

    lines: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.lines.append(text)

    def __bool__(self) -> bool:
        return bool(self.lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def load_reference(path: str) -> tuple[dict, dict]:
    with np.load(path, allow_pickle=False) as data:
        meta = json.loads(str(data["meta"]))
        return {k.replace("|", "/"): data[k] for k in data.files if k != "meta"}, meta


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def first_difference(a: np.ndarray, b: np.ndarray) -> str:
    if a.shape != b.shape:
        return f"shape {a.shape} against Brian2's {b.shape}"
    if a.dtype != b.dtype:
        return f"type {a.dtype} against Brian2's {b.dtype}"
    where = np.argwhere(a.view(np.uint8) != b.view(np.uint8)) if a.ndim == 0 else \
        np.argwhere(~((a == b) | ((a != a) & (b != b))))
    if not len(where):
        return "signed zeros or NaN payloads differ"
    k = tuple(where[0])
    return (f"{len(where)} of {a.size} differ, first at {k}: {a[k]!r} against Brian2's "
            f"{b[k]!r}")


def compare_spikes(results: h5py.File, reference: dict, out: Difference) -> int:
    """Index and time of every spike, and their counts. Returns how many were compared."""
    total = 0
    for key, want in reference.items():
        kind, name, column = key.split("/", 2)
        if kind != "spikes" or column not in ("i", "t", "count"):
            continue
        path = f"results/{name}/{column}"
        if path not in results:
            out.add(f"/{path} is missing")
            continue
        have = results[path][...]
        if not same_bits(have, want):
            out.add(f"/{path}: {first_difference(have, want)}")
        total += want.size if column == "i" else 0
    return total


PLACES = {"spikes": "results", "states": "results", "rates": "results", "final": "state"}


def is_internal(key: str) -> bool:
    """Lists of events: an engine's own matter."""
    kind, _, name = key.split("/", 2)
    return kind == "final" and name.startswith("_")


def compare_exact(results: h5py.File, reference: dict, skip=()) -> Difference:
    """Everything that the reference holds, bit for bit."""
    out = Difference()
    compare_spikes(results, reference, out)
    for key, want in reference.items():
        kind, rest = key.split("/", 1)
        if key in skip or (kind == "spikes" and rest.split("/")[1] in ("i", "t", "count")):
            continue
        path = f"{PLACES[kind]}/{rest}"
        if path not in results:
            if not is_internal(key):
                out.add(f"/{path} is missing")
            continue
        have = results[path][...]
        if kind == "final":
            have, want = np.atleast_1d(have), np.atleast_1d(want)
        if have.dtype == np.uint8 and want.dtype == bool:
            have = have.view(bool)
        if not same_bits(have, want):
            out.add(f"/{path}: {first_difference(have, want)}")
    return out


def compare_close(results: h5py.File, reference: dict, bound: float) -> Difference:
    """Same spikes, same integers; traces, rates and final values within `bound` of each
    variable's largest finite magnitude, infinite and missing numbers in the same places."""
    out = Difference()
    compare_spikes(results, reference, out)
    for key, want in reference.items():
        kind, rest = key.split("/", 1)
        path = f"{PLACES[kind]}/{rest}"
        if path not in results:
            if not is_internal(key):
                out.add(f"/{path} is missing")
            continue
        have, want = np.atleast_1d(results[path][...]), np.atleast_1d(want)
        if have.shape != want.shape:
            out.add(f"/{path}: shape {have.shape} against Brian2's {want.shape}")
        elif want.dtype.kind != "f":
            if not np.array_equal(have, want):
                out.add(f"/{path}: {first_difference(have, want.astype(have.dtype))}")
        elif want.size:
            finite = np.isfinite(want)
            if not np.array_equal(have[~finite], want[~finite], equal_nan=True):
                out.add(f"/{path}: numbers that are not finite differ")
                continue
            have, want = have[finite], want[finite]
            scale = np.max(np.abs(want), initial=0)
            worst = np.max(np.abs(have - want), initial=0)
            if not worst <= bound * scale:
                out.add(f"/{path}: off by {worst:.3g}, largest magnitude {scale:.3g}")
    return out
