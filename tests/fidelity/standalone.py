"""What Brian2's cpp_standalone makes of the models, and their rules.

    PYTHONHASHSEED=0 python standalone.py OUT [MODEL...]            OUT/MODEL.mpk, OUT/MODEL.npz
    PYTHONHASHSEED=0 python standalone.py --rules OUT [MODEL...]    OUT/MODEL.mpk alone, quickly

For each tests/fidelity/models/MODEL.py. The document is packed from `device.runs` of brian2tools'
exporter, as a stock export has it; where brian2tools or the packing refuse the script, it is what
a recording has of the script's rules, without its code and state. The reference is of the script
built under strict flags, with `seed(SEED)` before it:

    initial|<owner>|<variable>      every array when the first run begins
    final|<owner>|<variable>        and after the last, with the traces of state monitors
    meta                            JSON: versions, flags, C library, where the rules come from

OUT/MODEL.txt says why there is none.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from brian2engram.document import read, write

from capture_models import SEED, Captured, forked, in_processes
from differential import STRICT
from oracle import libm, versions

HERE = Path(__file__).resolve().parent
MODELS = HERE / "models"
BEFORE = """if (system("mkdir -p initial")) return 1;
brian::results_dir = "initial/";
_write_arrays();
brian::results_dir = "results/";"""


def rules(script: Path, out: Path) -> None:
    """OUT/MODEL.mpk, from a stock export or from a recording."""
    import brian2
    from brian2engram import __main__ as command

    brian2.seed(SEED)
    np.random.seed(SEED)  # for what the script draws itself
    target, refusal = out / f"{script.stem}.mpk", out / f"{script.stem}.refused"

    def pack():
        if command.main(["pack", str(script), "-o", str(target)]):
            raise SystemExit(f"{script.stem}: not packed")

    _, status = os.waitpid(forked(pack, refusal), 0)  # there, so that no name is taken here
    if not status:
        return
    brian2.prefs.codegen.target = "numpy"
    brian2.prefs.codegen.loop_invariant_optimisations = False
    if command.main(["capture", str(script), "-o", str(target)]):
        raise SystemExit(f"{script.stem}: neither packed nor recorded")
    write(target, rules_of(read(target)))


def rules_of(recording: dict) -> dict:
    """A recording's rules, to be run as standalone code is."""
    network = dict(recording["network"], dialect="brian2-standalone", rng_rule="brian-standalone")
    network["runs"] = [{key: value for key, value in run.items() if key not in ("code", "state")}
                       for run in network["runs"]]
    return dict(recording, network=network, code=None, state=None)


def begin(document: Path, out: Path) -> Path:
    """The same rules up to their first run."""
    content = read(document)
    content["network"]["runs"] = content["network"]["runs"][:1]
    write(out, content)
    return out


def program(folder: Path) -> None:
    """Compile Brian2's files as one, which takes a tenth of the time, and run them. The helpers
    that each of them has for itself get a namespace of their own."""
    text = []
    files = [*sorted(folder.glob("code_objects/*.cpp")), *sorted(folder.glob("*.cpp")),
             *sorted(folder.glob("brianlib/*.cpp"))]
    for number, file in enumerate(files):
        code = re.sub(r"^namespace \{", f"namespace own{number} {{", file.read_text(), flags=re.M)
        if f"own{number} " in code:
            code = code.replace("using namespace brian;",
                                f"using namespace brian; using namespace own{number};")
        text.append(code)
    (folder / "all.cpp").write_text("\n".join(text))
    for command in (["g++", *STRICT, "-I.", "all.cpp", "-o", "main"], ["./main"]):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{command[0]}: {done.stdout[-1000:]}{done.stderr[-3000:]}")


def count_synapses(script: Path, out: Path) -> None:
    """OUT/MODEL.counts: how many synapses there are of each when the first run begins."""
    import brian2

    def run(net, *_, **__):
        out.with_suffix(".counts").write_text(json.dumps(
            {obj.name: len(obj) for obj in net.objects if isinstance(obj, brian2.Synapses)}))
        raise Captured

    brian2.Network.run = run
    brian2.prefs.codegen.target = "numpy"
    brian2.seed(SEED)
    try:
        runpy.run_path(str(script), run_name="__main__")
    except Captured:
        pass


def record_all(brian2, counts: dict[str, int]) -> None:
    """Let state monitors record all synapses, whose number cpp_standalone does not know yet."""
    original = brian2.StateMonitor.__init__

    def init(self, source, variables, record, *rest, **kwds):
        if record is True and isinstance(source, brian2.Synapses):
            record = np.arange(counts[source.name])
        original(self, source, variables, record, *rest, **kwds)

    brian2.StateMonitor.__init__ = init


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

    here = out / script.stem
    os.waitpid(forked(lambda: count_synapses(script, here), here.with_suffix(".uncounted")), 0)
    counts = here.with_suffix(".counts")
    record_all(brian2, json.loads(counts.read_text()) if counts.exists() else {})
    prefs = brian2.prefs
    prefs.codegen.loop_invariant_optimisations = False
    prefs.codegen.cpp.extra_compile_args_gcc = STRICT
    brian2.set_device("cpp_standalone", build_on_run=False)
    device = get_device()
    brian2.seed(SEED)
    np.random.seed(SEED)
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
    shutil.rmtree(folder, ignore_errors=True)  # of a build that failed
    device.build(directory=str(folder), compile=False, run=False, with_output=False)
    program(folder)
    made = {}
    for variable in device.arrays:
        try:
            owner = owner_of(variable)
        except ReferenceError:  # a slice that the script did not keep
            continue
        file = device.get_array_filename(variable)
        for when, place in (("initial", "initial"), ("final", "results")):
            path = folder / place / file
            if path.exists():
                made[f"{when}|{owner}|{variable.name}"] = np.fromfile(path, variable.dtype)
    del kept
    meta = {"versions": versions(np), "libm": libm(), "flags": STRICT,
            "rules": read(here.with_suffix(".mpk"))["network"]["origin"]}
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
    monitor = {(owner, own) for own in ("_source_idx", "_indices", "rate")} & names
    return not monitor and "clock" not in owner and variable not in OWN_MATTER and (
        variable[0] != "_" or variable in ("_synaptic_pre", "_synaptic_post"))


def libm_of(path: Path) -> dict:
    with np.load(path) as data:
        return json.loads(str(data["meta"]))["libm"]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--rules", action="store_true", help="the documents alone")
    args = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        parser.error("set PYTHONHASHSEED=0")
    out = args.out.resolve()
    out.mkdir(exist_ok=True)
    scripts = [MODELS / f"{name}.py" for name in args.models] or sorted(MODELS.glob("*.py"))
    import brian2  # noqa: F401  (before the processes part)
    import brian2engram  # noqa: F401

    failed = in_processes(lambda script: rules(script, out), scripts, out)
    if not args.rules:
        with_rules = [script for script in scripts if (out / f"{script.stem}.mpk").exists()]
        failed += in_processes(lambda script: built(script, out), with_rules, out)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
