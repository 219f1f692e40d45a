"""Run a Brian2 script as the oracle: strict IEEE arithmetic, one capture, one reference.

    python oracle.py SCRIPT OUT.npz --document OUT.mpk [--cache DIR] [--mode strict|default]
                     [--duration SECONDS]
    python oracle.py --all OUT --cache DIR SCRIPT...

The second form makes OUT/<script>.npz and OUT/<script>.mpk of each script, strict, in processes of
their own that part after Brian2 is imported; what went wrong with one stands in OUT/<script>.txt.

The script is run unmodified. At its first ``run()``, or at the one it names in a line
``# Captured at run 2.``, the live network is captured to the document; then Brian2 runs on in the same process (so the test also proves that a capture
leaves the network as it was) and what it computed is written to OUT.npz:

    spikes/<monitor>/{i,t,count,<var>}          spike and event monitors
    states/<monitor>/t, states/<monitor>/<var>  state monitors, [recorded, steps]
    rates/<monitor>/t, rates/<monitor>/rate     population rate monitors
    final/<owner>/<variable>                    every stored array after the run
    meta                                        JSON: versions, preferences, seconds

Modes: ``strict`` is semantics 9.4 (Cython, no fast-math, no contraction, no loop-invariant
optimisation); ``default`` leaves Brian2's own flags. Brian2's extension cache has no flags
in its key, so each mode has its own cache directory.

Brian2 2.9 swallows Cython compile errors and then skips the code object. This script fails
if that happened: a code object with code but nothing compiled.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import runpy
import sys
import time
from contextlib import redirect_stderr
from pathlib import Path

from capture_models import SEED, captured_run, in_processes, save_stripped


class Tee(io.TextIOBase):
    """Standard error, kept to be searched for swallowed compile errors."""

    def __init__(self, stream):
        self.stream, self.text = stream, []

    def write(self, text):
        self.text.append(text)
        return self.stream.write(text)

    def flush(self):
        self.stream.flush()


def set_preferences(prefs, mode: str, cache: str) -> None:
    prefs.codegen.target = "cython"
    prefs.codegen.runtime.cython.cache_dir = cache
    if mode == "strict":
        prefs.codegen.cpp.extra_compile_args_gcc = [
            "-w", "-O1", "-g0", "-fno-fast-math", "-ffp-contract=off", "-std=c++17"]
        prefs.codegen.loop_invariant_optimisations = False


def let_gsl_compile(brian2) -> None:
    """Where GSL's headers are, and a type that Brian2 forgets.

    In the function that GSL calls, Cython infers the type of `not_refractory` from an array of
    char and from a comparison, and takes a Python object, which `int(not_refractory)` does not:
    Brian2 then skips the updater of every group with an equation `(unless refractory)`. Its
    standalone target declares the variable.
    """
    from brian2.codegen.generators.GSL_generator import GSLCythonCodeGenerator as Generator
    original = Generator.make_function_code
    if os.path.exists("/usr/include/gsl/gsl_odeiv2.h"):
        brian2.prefs.GSL.directory = "/usr/include"

    def typed(self, lines):
        declared = "\tcdef bool not_refractory\n" if "not_refractory =" in lines else ""
        return original(self, declared + lines)

    Generator.make_function_code = typed


def versions(np) -> dict[str, str]:
    import platform

    import brian2
    import Cython
    import sympy
    return {"Brian2": brian2.__version__, "Cython": Cython.__version__,
            "numpy": np.__version__, "sympy": sympy.__version__,
            "Python": platform.python_version()}


def libm() -> dict[str, object]:
    """What decides the last bits of exp, log, pow: the C library and its choice by processor."""
    import platform
    fma = False
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            fma = any(line.startswith("flags") and " fma " in line for line in file)
    except OSError:
        pass
    return {"libc": " ".join(platform.libc_ver()), "machine": platform.machine(), "fma": fma}


def uncompiled(net) -> list[str]:
    """Names of code objects that Brian2 should have compiled and did not."""
    bad = []
    for obj in net.sorted_objects:
        for ref in obj._code_objects:
            code = ref() if callable(ref) and not hasattr(ref, "compiled_code") else ref
            compiled = getattr(code, "compiled_code", None)
            text = getattr(code, "code", None)
            if compiled is None or text is None:
                continue
            run = getattr(text, "run", None)
            if run and compiled.get("run") is None:
                bad.append(code.name)
    return bad


def collect(net) -> dict:
    import numpy as np
    from brian2 import EventMonitor, PopulationRateMonitor, StateMonitor
    from brian2.core.variables import ArrayVariable

    out = {}
    for obj in net.sorted_objects:
        name = obj.name
        if isinstance(obj, EventMonitor):
            for var in ("count", *(sorted(obj.record_variables) if obj.record else ())):
                out[f"spikes/{name}/{var}"] = np.array(obj.variables[var].get_value())
        elif isinstance(obj, StateMonitor):
            out[f"states/{name}/t"] = np.array(obj.variables["t"].get_value())
            for var in obj.record_variables:
                out[f"states/{name}/{var}"] = np.array(obj.variables[var].get_value()).T
        elif isinstance(obj, PopulationRateMonitor):
            out[f"rates/{name}/t"] = np.array(obj.variables["t"].get_value())
            out[f"rates/{name}/rate"] = np.array(obj.variables["rate"].get_value())
        for owner in {id(o): o for o in [obj]}.values():
            variables = getattr(owner, "variables", None)
            if variables is None or isinstance(obj, (EventMonitor, StateMonitor,
                                                     PopulationRateMonitor)):
                continue
            for key in variables:
                var = variables[key]
                if isinstance(var, ArrayVariable) and var.owner is not None \
                        and var.owner.name == name:
                    out[f"final/{name}/{var.name}"] = np.array(var.get_value())
    return out


def make(script: str, out: str, document: str | None, cache: str, mode: str,
         duration: float | None = None) -> str:
    """One reference; what went wrong, or nothing."""
    tee = Tee(sys.stderr)
    result: dict = {}
    meta: dict = {"mode": mode}
    with redirect_stderr(tee):
        import brian2
        import numpy as np
        set_preferences(brian2.prefs, mode, cache)
        let_gsl_compile(brian2)
        original = brian2.Network.run
        left = captured_run(script)
        brian2.seed(SEED)

        def run(net, run_duration, *rest, namespace=None, level=0, **kwds):
            nonlocal left
            left -= 1
            if namespace is None:
                from brian2.core.namespace import get_local_namespace
                namespace = get_local_namespace(level=level + 1)
            if left:
                return original(net, run_duration, *rest, namespace=namespace, **kwds)
            seconds = duration or float(run_duration)
            if document:
                started = time.perf_counter()
                save_stripped(document, net, seconds, namespace)
                meta["capture_seconds"] = time.perf_counter() - started
            started = time.perf_counter()
            net_run = getattr(original, "original_function", original)
            net.after_run_objects = None
            sorted_before = list(net.sorted_objects)
            net_run(net, seconds * brian2.second, namespace=namespace)
            meta["run_seconds"] = time.perf_counter() - started
            holder = type("Objects", (), {"sorted_objects": sorted_before})
            bad = uncompiled(holder)
            if bad:
                raise SystemExit(f"oracle: Brian2 did not compile {', '.join(bad)}")
            result.update(collect(holder))
            raise KeyboardInterrupt("oracle: done")

        brian2.Network.run = run
        try:
            runpy.run_path(script, run_name="__main__")
        except KeyboardInterrupt:
            pass
        meta["versions"] = versions(np)
        meta["libm"] = libm()
        meta["flags"] = list(brian2.prefs.codegen.cpp.extra_compile_args_gcc)
    if not result:
        return "oracle: the script never called run()"
    if "Error compiling Cython file" in "".join(tee.text):
        return "oracle: Brian2 swallowed a Cython compile error"
    np.savez_compressed(out, meta=json.dumps(meta),
                        **{k.replace("/", "|"): v for k, v in result.items()})
    return ""


def make_in_folder(script: Path, folder: Path, cache: str) -> None:
    made = folder / script.stem
    if error := make(str(script), f"{made}.npz", f"{made}.mpk", cache, "strict"):
        raise SystemExit(error)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("script", nargs="+", help="SCRIPT OUT.npz, or with --all scripts")
    parser.add_argument("--all", metavar="OUT")
    parser.add_argument("--document")
    parser.add_argument("--cache", required=True)
    parser.add_argument("--mode", choices=["strict", "default"], default="strict")
    parser.add_argument("--duration", type=float)
    args = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        print("oracle: set PYTHONHASHSEED=0", file=sys.stderr)
        return 2
    if args.all:
        import brian2  # noqa: F401  (before the processes part)
        import brian2engram  # noqa: F401
        return 1 if in_processes(
            lambda script: make_in_folder(script, Path(args.all), args.cache),
            [Path(script) for script in args.script], Path(args.all)) else 0
    if len(args.script) != 2:
        parser.error("one script and one file to write")
    error = make(args.script[0], args.script[1], args.document, args.cache, args.mode, args.duration)
    if error:
        print(error, file=sys.stderr)
    return 1 if error else 0


if __name__ == "__main__":
    sys.exit(main())
