"""Running a user's script, untouched, up to a call of run()."""

from __future__ import annotations

import ast
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from brian2.core.network import Network
from brian2.core.namespace import get_local_namespace
from brian2.devices.device import RuntimeDevice, all_devices, get_device
from brian2.units import second

from .capture import seconds
from .errors import EngramError


class ScriptError(EngramError):
    """The script failed; the message is its file, line and error."""


class Stop(BaseException):
    """Ends the script. Not an Exception, so that its own `except Exception` lets it pass."""


def run_calls(path: str) -> int | None:
    """How often the script's text calls run(): None if a loop or function makes it unclear."""
    with open(path, "rb") as file:
        try:
            tree = ast.parse(file.read(), path)
        except SyntaxError as error:
            raise ScriptError(f"{path}:{error.lineno}: SyntaxError: {error.msg}") from error

    def count(node: ast.AST, unclear: bool) -> int | None:
        unclear = unclear or isinstance(node, (ast.For, ast.While, ast.FunctionDef, ast.Lambda,
                                               ast.ListComp, ast.GeneratorExp))
        total = 0
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            if name == "run":
                if unclear:
                    return None
                total += 1
        for child in ast.iter_child_nodes(node):
            inner = count(child, unclear)
            if inner is None:
                return None
            total += inner
        return total

    return count(tree, False)


Interceptor = Callable[[Network, float, dict[str, Any], int, Callable[[], None]], None]


@contextmanager
def intercepted(at_run: Interceptor) -> Iterator[None]:
    """Call `at_run(network, seconds, namespace, number, go_on)` in place of Network.run.

    `number` counts from 1; `go_on()` is the run itself.
    """
    original = Network.run
    process = os.getpid()
    number = 0

    def run(self: Network, duration: Any, report: Any = None, report_period: Any = 10 * second,
            namespace: Any = None, profile: Any = None, level: int = 0) -> None:
        nonlocal number
        if os.getpid() != process:
            raise ScriptError("run() is called in a process of its own, where it cannot be "
                              "captured")
        number += 1
        if namespace is None:
            namespace = get_local_namespace(level=level + 1)

        def go_on() -> None:
            original(self, duration, report=report, report_period=report_period,
                     namespace=namespace, profile=profile, level=0)

        at_run(self, seconds(duration) or 0.0, dict(namespace), number, go_on)

    Network.run = run
    try:
        yield
    finally:
        Network.run = original


@contextmanager
def device_kept(say: Callable[[str], None]) -> Iterator[None]:
    """The script's calls of set_device() change nothing; `say` gets a line about each.

    device.run(run_args=...) of a standalone device repeats a run with other values, which no
    recording of the network says: ScriptError.
    """
    module = sys.modules[RuntimeDevice.__module__]  # brian2.devices.device is also a proxy
    original = module.set_device
    places = [place for name, place in list(sys.modules.items())
              if name.split(".")[0] == "brian2" and vars(place).get("set_device") is original]

    def keep(device: Any, build_on_run: bool = True, **_: Any) -> None:
        kept = get_device()
        if all_devices.get(device, device) is not kept:
            name = next((name for name, known in all_devices.items() if known is kept), "")
            say(f"set_device({device!r}) is not followed: captured on the {name} device")

    def repeat(self: Any, *_: Any, run_args: Any = None, **__: Any) -> None:
        if run_args:
            raise ScriptError("device.run(run_args=...) repeats a run with other values: a "
                              "recording holds each run() once. Assign them and call run() in "
                              "a script of its own for each")

    kept_type = type(get_device())
    lent = [name for name in ("run", "build") if name not in vars(kept_type)]
    for name in lent:
        setattr(kept_type, name, repeat)
    for place in places:
        place.set_device = keep
    try:
        yield
    finally:
        for name in lent:
            delattr(kept_type, name)
        for place in places:
            place.set_device = original


def execute(path: str, arguments: list[str]) -> bool:
    """Run the script as Python would; whether it was ended by Stop.

    ScriptError for its exceptions (a SystemExit just ends it). The package's own errors pass.
    """
    saved_argv, saved_path = sys.argv, list(sys.path)
    sys.argv = [path, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    try:
        runpy.run_path(path, run_name="__main__")
    except Stop:
        return True
    except SystemExit:
        return False
    except (EngramError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise ScriptError(_one_line(path, error)) from error
    finally:
        sys.argv, sys.path[:] = saved_argv, saved_path
    return False


def _one_line(path: str, error: BaseException) -> str:
    """File, line and message: the innermost line of the script, the first cause's text."""
    line = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.abspath(frame.filename) == os.path.abspath(path):
            line = f":{frame.lineno}"
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    text = " ".join(str(cause).split()) or "no message"
    return f"{path}{line}: {type(cause).__name__}: {text}"
