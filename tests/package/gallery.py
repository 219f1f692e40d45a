"""Run scripts of the gallery on one device; every spike and final value of monitors to a file.

    PYTHONHASHSEED=0 python gallery.py runtime|engram TARGET OUT.npz SCRIPT...

`set_device` in a script selects the device given here: `runtime` (Brian2 itself) with strict
arithmetic, `engram` with math='strict'. Each script has a process of its own.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import tempfile
from pathlib import Path

os.environ["MPLBACKEND"] = "Agg"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fidelity"))

device, target, out, *scripts = sys.argv[1:]
if target == "numpy":
    # numpy's own exp and log for wide registers differ from the C library's in the last bit
    os.environ["NPY_DISABLE_CPU_FEATURES"] = \
        "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR AVX2 FMA3"

import brian2  # noqa: E402
import matplotlib.pyplot  # noqa: E402, F401
import numpy as np  # noqa: E402

import brian2engram  # noqa: E402
from oracle import set_preferences  # noqa: E402


def run(script: str, path: str) -> None:
    """In a process of its own."""
    if target == "numpy":
        brian2.prefs.codegen.target = "numpy"
        brian2.prefs.codegen.loop_invariant_optimisations = False
    else:
        set_preferences(brian2.prefs, "strict", os.path.abspath(f"{out}.cython"))
    plain = brian2.set_device

    def chosen(_: str) -> None:
        if device == "engram":
            plain("engram", math="strict")

    brian2.set_device = chosen
    names = runpy.run_path(script, run_name="__main__")
    runs = brian2engram.engram_device.runs
    assert (runs > 0) == (device == "engram"), f"{script}: {runs} runs on the engine"
    found = {}
    for name, monitor in names.items():
        if isinstance(monitor, brian2.SpikeMonitor):
            found[f"{name}.i"], found[f"{name}.t"] = monitor.i[:], monitor.t_[:]
        elif isinstance(monitor, brian2.PopulationRateMonitor):
            found[f"{name}.rate"] = np.asarray(monitor.rate)
        elif isinstance(monitor, brian2.StateMonitor):
            for variable in monitor.record_variables:
                found[f"{name}.{variable}"] = np.asarray(getattr(monitor, variable))
    np.savez(path, **found)


everything = {}
with tempfile.TemporaryDirectory() as folder:
    for script in scripts:
        path = os.path.join(folder, "one.npz")
        child = os.fork()
        if child == 0:
            try:
                run(script, path)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            sys.exit(f"{script} failed")
        with np.load(path) as found:
            everything.update({f"{Path(script).stem}/{key}": found[key] for key in found})
np.savez(out, **everything)
print(json.dumps({"scripts": len(scripts), "arrays": len(everything)}))
