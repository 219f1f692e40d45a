"""Results files (docs/results.md) read with h5py, in the shape of Brian2's monitors.

    with Results('cuba-results.h5') as results:
        results['spikes'].t, results['spikes'].i       # seconds, elements
        results['traces'].v                            # [recorded, steps], SI units
        results['synapses'].i, results['synapses'].j   # after the run

h5py is no dependency of the package (`pip install 'brian2engram[plot]'`), and the engine's own
HDF5 stays out of it: this file only reads what any program can read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension, get_or_create_dimension

from .errors import MissingError, ResultsError

Array = np.ndarray


class Events(NamedTuple):
    """What a spike or event monitor recorded."""

    name: str
    source: str
    t: Array  #: seconds [events]
    i: Array  #: elements of the source [events]
    count: Array  #: events of each element [elements]


class Rate(NamedTuple):
    """What a PopulationRateMonitor recorded."""

    name: str
    source: str
    t: Array  #: seconds [steps]
    rate: Array  #: Hz [steps]


class States:
    """What a StateMonitor recorded: `t` in seconds [steps], `record` the elements, and each of
    `record_variables` as an attribute, SI base units, [recorded elements, steps]."""

    def __init__(self, name: str, source: str, t: Array, record: Array,
                 values: dict[str, Array], dimensions: dict[str, Dimension]) -> None:
        self.name, self.source, self.t, self.record = name, source, t, record
        self.record_variables = list(values)
        self.dimensions = dimensions
        vars(self).update(values)


class Connections:
    """Synapses after the run: `i` and `j` of each, and what else is stored for each synapse."""

    def __init__(self, name: str, i: Array, j: Array, values: dict[str, Array],
                 dimensions: dict[str, Dimension]) -> None:
        self.name, self.i, self.j = name, i, j
        self.variables = list(values)
        self.dimensions = dimensions
        vars(self).update(values)


class Results:
    """A results file, finished or still growing; ResultsError says what is wrong with it.

    Monitors are read when they are asked for, with ``results[name]``; names of Synapses give
    their connections. Iterating gives the names of the monitors.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            import h5py
        except ImportError as error:
            raise MissingError.of("h5py", "results files") from error
        self.path = os.fspath(path)
        if not os.path.isfile(self.path):
            raise FileNotFoundError(2, os.strerror(2), self.path)
        try:
            self._file = h5py.File(self.path, "r", swmr=self.path.endswith(".partial"))
        except OSError as error:
            raise ResultsError(f"{self.path}: no results file: no HDF5") from error
        found = _text(self._file.attrs.get("format", ""))
        if found != "engram-results":
            self._file.close()
            what = f"its format is {found}" if found else "it has no format"
            raise ResultsError(f"{self.path}: no results file: {what}; engram run --out "
                               "writes them")

    def close(self) -> None:
        """Close the file; what was read stays."""
        self._file.close()

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def __iter__(self) -> Iterator[str]:
        """Names of the monitors that recorded times."""
        results = self._file["results"]
        return (name for name in results if "t" in results[name])

    @property
    def synapses(self) -> list[str]:
        """Names of the synapses whose connections are in the file."""
        state = self._file.get("state", {})
        return [name for name in state if {"i", "j"} <= set(state[name])]

    def __getitem__(self, name: str) -> Events | Rate | States | Connections:
        if name in self._file["results"]:
            return self._monitor(name)
        if name in self.synapses:
            return self._connections(name)
        known = ", ".join([*self, *self.synapses]) or "none"
        raise ResultsError(f"{self.path}: no monitor or synapses {name!r}; it has {known}")

    def _monitor(self, name: str) -> Events | Rate | States:
        group = self._file["results"][name]
        kind, source = _text(group.attrs["kind"]), _text(group.attrs["source"])
        if "t" not in group:
            raise ResultsError(f"{self.path}: {name} has counts alone (record=False)")
        if kind == "state":
            values = {key: group[key] for key in group if key not in ("t", "indices")}
            steps = min([len(group["t"]), *(data.shape[1] for data in values.values())])
            record = group["indices"] if "indices" in group else group.attrs["indices"]
            return States(name, source, group["t"][:steps], np.asarray(record),
                          {key: data[:, :steps] for key, data in values.items()},
                          {key: _dimension(data) for key, data in values.items()})
        column = "rate" if kind == "rate" else "i"
        length = min(len(group["t"]), len(group[column]))  # in a file that grows they differ
        t, values = group["t"][:length], group[column][:length]
        if kind == "rate":
            return Rate(name, source, t, values)
        return Events(name, source, t, values, group["count"][:])

    def _connections(self, name: str) -> Connections:
        group = self._file["state"][name]
        i, j = group["i"][:], group["j"][:]
        values = {key: group[key] for key in group
                  if key not in ("i", "j") and group[key].shape == i.shape
                  and not key.startswith("N_")}
        return Connections(name, i, j, {key: data[:] for key, data in values.items()},
                           {key: _dimension(data) for key, data in values.items()})


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _dimension(data: Any) -> Dimension:
    exponents = data.attrs.get("dim")
    return DIMENSIONLESS if exponents is None else get_or_create_dimension(list(exponents))
