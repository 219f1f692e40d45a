"""device.run(run_args=...): a script's run once more, with other values.

Scripts for Brian2's standalone device build once and run many times. Here run() has run at
once; `Sweep` keeps what the network was in front of it, goes back there, assigns and runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from brian2.core.network import Network
from brian2.core.variables import VariableView
from brian2.input.timedarray import TimedArray
from brian2.units.fundamentalunits import Quantity, fail_for_dimension_mismatch

SNAPSHOT = "in front of run() (Engram)"


class Sweep:
    """The run() of a script, to be repeated. Keeps the network and its objects alive."""

    def __init__(self, wanted: bool) -> None:
        """wanted: False where the script did not say that it would build and run by itself:
        then no state is kept, which takes the memory of another network."""
        self.wanted = wanted
        self.runs = 0
        self.repeated = False
        self._arrays: dict[int, tuple[TimedArray, np.ndarray]] = {}  #: assigned, and its own
        self._first: tuple[Network, list[Any], Any, Callable[[], None]] | None = None

    def at_run(self, network: Network, again: Callable[[], None]) -> None:
        """In front of a run() of the script. `again` does it once more."""
        self.runs += 1
        if self.wanted and self.runs == 1:
            Network.store(network, SNAPSHOT)  # a magic network's own looks for objects anew
            kept = network._stored_state.pop(SNAPSHOT)  # the script has stored nothing
            self._first = network, list(network.objects), kept, again

    def run(self, values: Any, *, seeded: bool) -> None:
        """device.run(). `seeded`: each run draws the same numbers, as a program that begins
        with the same seed does."""
        if not self.runs:
            raise RuntimeError("device.run(): there is nothing to run yet; run() comes first")
        if not values and not self.repeated and self.runs == 1:
            self.repeated = True  # what it asks for, run() has done
            return
        if self._first is None:
            raise NotImplementedError(
                "device.run(): the state in front of run() was not kept; say "
                "set_device('engram', build_on_run=False) for a script that runs more than once")
        if self.runs > 1:
            raise NotImplementedError(
                f"device.run(): the script calls run() {self.runs} times, and what it does in "
                "between cannot be repeated; use store() and restore(), assign and run() again")
        network, objects, kept, again = self._first
        values = _mapping(values)
        assigned = [_assignment(*item) for item in values.items()]
        network.objects = network.objects.__class__(objects)  # a magic network forgets them
        network._stored_state[SNAPSHOT] = kept
        try:
            Network.restore(network, SNAPSHOT, restore_random_state=seeded)
        finally:
            del network._stored_state[SNAPSHOT]
        for array, own in self._arrays.values():
            np.copyto(array.values, own)
        for key in values:
            if isinstance(key, TimedArray):
                self._arrays.setdefault(id(key), (key, np.array(key.values)))
        for assign in assigned:
            assign()
        self.repeated = True
        again()


def _mapping(values: Any) -> Mapping[Any, Any]:
    if values is None or isinstance(values, Mapping):
        return values or {}
    raise NotImplementedError(f"device.run(): run_args is {values!r}; expected a dictionary of "
                              "variables and their values, such as {group.tau: 5*ms}")


def _assignment(key: Any, value: Any) -> Callable[[], None]:
    """Of a value of run_args; errors as Brian2's standalone device has them."""
    if not isinstance(key, (VariableView, TimedArray)):
        raise TypeError("The keys for 'run_args' need to be 'VariableView' objects, i.e. "
                        "attributes of groups such as 'neurongroup.v', or a 'TimedArray'. Key "
                        f"has type '{type(key)}' instead.")
    if key.dim is not None:  # a plain number otherwise, of `group.tau_`
        fail_for_dimension_mismatch(key.dim, value)
    if isinstance(key, TimedArray):
        name, shape, dtype = f"{key.name}.values", key.values.shape, key.values.dtype
    else:
        name, dtype = f"{key.group_name}.{key.name}", key.dtype
        shape = np.shape(key[:])  # 2.10's key.shape fails for shared variables
    array = np.asarray(value, dtype=dtype)
    if array.size != 1 and array.shape != shape:
        raise TypeError(f"Incorrect size for variable '{name}'. Shape {shape} ≠ {array.shape}.")
    array = array.reshape(()) if array.size == 1 else array
    if isinstance(key, TimedArray):
        return lambda: np.copyto(key.values, array)
    if key.dim is not None:
        array = Quantity(array, dim=key.dim)
    return lambda: key.set_item(slice(None), array)
