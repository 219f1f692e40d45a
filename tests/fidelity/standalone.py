"""What Brian2's cpp_standalone makes of the models, and their rules as a stock export has them.

    PYTHONHASHSEED=0 python standalone.py OUT [MODEL...]            OUT/MODEL.npz
    PYTHONHASHSEED=0 python standalone.py --rules OUT [MODEL...]    OUT/MODEL.mpk

For each tests/fidelity/models/MODEL.py. The document is packed from `device.runs` of brian2tools'
exporter. The reference is of the script built under strict flags, with `seed(SEED)` before it:

    initial/<owner>/<variable>      every array when the first run begins
    final/<owner>/<variable>        and after the last, but for the traces of state monitors
    meta                            JSON: versions, flags, C library

OUT/MODEL.txt says why there is none. Each build takes Brian2 a quarter of a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import shutil
import sys
from pathlib import Path

import numpy as np

from capture_models import SEED, in_processes
from differential import STRICT
from oracle import libm, versions

HERE = Path(__file__).resolve().parent
MODELS = HERE / "models"
BEFORE = """if (system("mkdir -p initial")) return 1;
brian::results_dir = "initial/";
_write_arrays();
brian::results_dir = "results/";"""


def export(script: Path, out: Path) -> None:
    from brian2engram import __main__ as command

    sys.argv = ["brian2engram", "capture", "--exporter", str(script), "-o",
                str(out / f"{script.stem}.mpk")]
    if command.main():
        raise SystemExit(f"{script.stem}: not packed")


def owner_of(variable) -> str:
    """Delays belong to pathways, whatever Brian2 says."""
    for path in getattr(variable.owner, "_pathways", ()):
        if path.variables.get("delay") is variable:
            return path.name
    return variable.owner.name


def built(script: Path, out: Path) -> None:
    import brian2
    from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
    from brian2.devices.device import get_device

    prefs = brian2.prefs
    prefs.codegen.loop_invariant_optimisations = False
    prefs.codegen.cpp.extra_compile_args_gcc = STRICT
    brian2.set_device("cpp_standalone", build_on_run=False)
    device = get_device()
    brian2.seed(SEED)
    runs = []
    original = CPPStandaloneDevice.network_run

    def run(self, net, *args, **kwds):
        if not runs:
            self.insert_code("main", BEFORE)
        runs.append(net)
        kwds["level"] = kwds.get("level", 0) + 1
        return original(self, net, *args, **kwds)

    CPPStandaloneDevice.network_run = run
    kept = runpy.run_path(str(script), run_name="__main__")  # its objects own the variables
    folder = out / f"{script.stem}.cpp"
    device.build(directory=str(folder), compile=True, run=True, with_output=False)
    made = {}
    for variable in device.arrays:
        file = device.get_array_filename(variable)
        for when, place in (("initial", "initial"), ("final", "results")):
            path = folder / place / file
            if path.exists():
                if when == "final" and isinstance(variable.owner, brian2.StateMonitor):
                    continue
                made[f"{when}|{owner_of(variable)}|{variable.name}"] = np.fromfile(path, variable.dtype)
    del kept
    meta = {"versions": versions(np), "libm": libm(), "flags": STRICT}
    np.savez_compressed(out / f"{script.stem}.npz", meta=json.dumps(meta), **made)
    shutil.rmtree(folder)


#: Of Brian2's spike generators and connects by arrays: an engine has them elsewhere, if at all.
OWN_MATTER = frozenset({"period", "spike_number", "neuron_index", "spike_time", "sources", "targets"})


def place_of(owner: str, variable: str) -> tuple[str, str]:
    """Where results have what Brian2 has under these names."""
    variable = {"_synaptic_pre": "i", "_synaptic_post": "j"}.get(variable, variable)
    return owner, variable


def must_be_there(owner: str, variable: str, names: set[tuple[str, str]]) -> bool:
    """Is it state of the network: not of clocks, of monitors or Brian2's own matter?"""
    monitor = {(owner, "_source_idx"), (owner, "_indices")} & names
    return not monitor and "clock" not in owner and variable not in OWN_MATTER and (
        variable[0] != "_" or variable in ("_synaptic_pre", "_synaptic_post"))


def libm_of(path: Path) -> dict:
    with np.load(path) as data:
        return json.loads(str(data["meta"]))["libm"]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--rules", action="store_true", help="the documents alone, which is quick")
    args = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        parser.error("set PYTHONHASHSEED=0")
    out = args.out.resolve()
    out.mkdir(exist_ok=True)
    scripts = [MODELS / f"{name}.py" for name in args.models] or sorted(MODELS.glob("*.py"))
    import brian2  # noqa: F401  (before the processes part)
    import brian2engram  # noqa: F401

    work = export if args.rules else built
    return 1 if in_processes(lambda script: work(script, out), scripts, out) else 0


if __name__ == "__main__":
    sys.exit(main())
