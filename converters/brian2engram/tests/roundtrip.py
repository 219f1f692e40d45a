"""What two networks hold, and where two documents differ."""

from __future__ import annotations

import numpy as np
from brian2.core.variables import ArrayVariable


def contents(net, *others):
    """(owner, variable) -> bits of every stored array of a network and of other groups.

    Of a list of events only those that are in it.
    """
    found = {}
    objects = [*net.sorted_objects, *others]
    for obj in [*objects, *(obj.clock for obj in objects)]:
        for name, var in getattr(obj, "variables", {}).items():
            if isinstance(var, ArrayVariable):
                content = np.array(var.get_value())
                if name.startswith("_") and name.endswith("space"):
                    content = content[:content[-1]]
                found[obj.name, name] = (content.dtype.name, content.shape, content.tobytes())
    found["network", "t"] = net.t_
    return found


def differences(first, second):
    """Names whose bits are not the same, of two results of `contents`."""
    return sorted(key for key in first.keys() | second.keys()
                  if first.get(key) != second.get(key))


def apart(first, second, path=""):
    """Paths at which two documents differ, but for provenance."""
    if path == "/provenance":
        return []
    if isinstance(first, dict) and isinstance(second, dict):
        return [where for key in sorted(first.keys() | second.keys())
                for where in apart(first.get(key), second.get(key), f"{path}/{key}")]
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [where for number, (a, b) in enumerate(zip(first, second))
                for where in apart(a, b, f"{path}/{number}")]
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        same = first.dtype == second.dtype and first.shape == second.shape \
            and first.tobytes() == second.tobytes()
        return [] if same else [path]
    return [] if type(first) is type(second) and first == second else [path]


def random_state():
    """numpy's generator, as something to compare."""
    _, words, position, has_gauss, gauss = np.random.get_state(legacy=True)
    return words.tobytes(), position, has_gauss, gauss
