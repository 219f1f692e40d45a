"""Capture scripts without compiling anything, each in a process of its own, two at a time.

    python capture_models.py OUT SCRIPT...

Writes OUT/<script>.mpk as the oracle does, stripped of its provenance: what is left depends on
the script and on Brian2 alone, so that equal captures are equal files. Brian2 is imported once
and the processes are forked from there: a capture takes a fraction of a second.
"""

from __future__ import annotations

import os
import re
import runpy
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

SEED = 42  #: seeded before the script, whose own seed() has the last word
AT_ONCE = 2
#: Models whose synapses are drawn, or whose first run is made, by code that Brian2 compiles: they
#: have no capture without.
DRAWN = frozenset({"connect_probability", "connect_random", "gsl_second_run", "mixed"})


def captured_run(script: str | os.PathLike[str]) -> int:
    """Which call of run() is captured: the first, unless the script says
    ``# Captured at run 2.``"""
    found = re.search(r"^# Captured at run (\d+)\.", Path(script).read_text(), re.M)
    return int(found[1]) if found else 1


class Captured(BaseException):
    """Ends the script."""


def save_stripped(path, net, seconds: float, namespace: dict) -> None:
    from brian2engram import document
    from brian2engram.capture import capture

    content = capture(net, seconds, dict(namespace))
    content["provenance"] = None
    document.write(path, content)


def capture_script(script: Path, out: Path) -> None:
    """Run `script` up to the run() that is to be captured. Runs before it go through numpy."""
    import brian2
    from brian2.core.namespace import get_local_namespace

    original = brian2.Network.run
    left = captured_run(script)

    def run(net, duration, *rest, namespace=None, level=0, **kwds):
        nonlocal left
        left -= 1
        if namespace is None:
            namespace = get_local_namespace(level=level + 1)
        if left:
            return original(net, duration, *rest, namespace=namespace, **kwds)
        save_stripped(out, net, float(duration), namespace)
        raise Captured

    brian2.Network.run = run
    brian2.prefs.codegen.target = "numpy"
    brian2.prefs.codegen.loop_invariant_optimisations = False
    brian2.seed(SEED)
    try:
        runpy.run_path(str(script), run_name="__main__")
    except Captured:
        return
    raise SystemExit(f"{script}: run() was not called {captured_run(script)} times")


def forked(work: Callable[[], None], wrong: Path) -> int:
    """Do `work` in a process of its own; what goes wrong is written to `wrong`. Its number."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            wrong.write_text(traceback.format_exc().strip())
        os._exit(code)
    return child


def in_processes(work: Callable[[Path], None], scripts: list[Path], out: Path) -> int:
    """Do `work` for each script in a process of its own. What goes wrong with one is written to
    OUT/<script>.txt; returns how many did."""
    waiting, running, failed = list(scripts), {}, 0
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            script = waiting.pop(0)
            running[forked(partial(work, script), out / f"{script.stem}.txt")] = script
        child, status = os.wait()
        script = running.pop(child)
        if status:
            failed += 1
            print(f"{script} failed", file=sys.stderr)
    return failed


def main() -> int:
    if os.environ.get("PYTHONHASHSEED") != "0":
        print("capture_models: set PYTHONHASHSEED=0", file=sys.stderr)
        return 2
    out = Path(sys.argv[1])
    import brian2  # noqa: F401  (before the processes part)
    import brian2engram  # noqa: F401

    return 1 if in_processes(lambda script: capture_script(script, out / f"{script.stem}.mpk"),
                             [Path(script) for script in sys.argv[2:]], out) else 0


if __name__ == "__main__":
    sys.exit(main())
