"""brian2tools' exporter device, for scripts that know nothing of it.

brian2engram does not depend on brian2tools; only these functions look for it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from typing import Any

from brian2.devices.device import all_devices, get_device, set_device

from .errors import EngramError


def load() -> None:
    """Register the device 'exporter'; EngramError if brian2tools is not there.

    Its package also imports plotting and NeuroML tools, which need not be installed: if that
    fails, the exporter alone is imported.
    """
    if "exporter" in all_devices:
        return
    try:
        importlib.import_module("brian2tools")
        return
    except ImportError as error:
        reason = error
    for name in [name for name in sys.modules if name.split(".")[0] == "brian2tools"]:
        del sys.modules[name]
    spec = importlib.util.find_spec("brian2tools")
    if spec is None or not spec.submodule_search_locations:
        raise EngramError("brian2tools is not installed, --exporter needs it") from reason
    package = types.ModuleType("brian2tools")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["brian2tools"] = package
    try:
        importlib.import_module("brian2tools.baseexport")
    except ImportError as error:
        raise EngramError(f"brian2tools cannot be imported: {error}") from error
    finally:
        del sys.modules["brian2tools"]


def activate() -> Any:
    """Set the exporter device (several runs allowed) and make it note calls of seed().

    brian2tools drops seeds; they are put among the initialisers as
    ``{'type': 'seed', 'seed': value}``, at their place.
    """
    load()
    set_device("exporter", build_on_run=False)
    device = get_device()
    plain = type(device).seed

    def seed(value: int | None = None) -> None:
        plain(device, value)
        device.initializers_connectors.append({"type": "seed", "seed": value})

    device.seed = seed
    return device
