"""The fidelity models, scaled until Brian2 takes half a second: Engram beside cpp_standalone.

    python models.py [--engram PATH] [--seconds 0.5] [--repeat 3] [--keep DIR] [MODEL...]

For each model of tests/fidelity: its network is built once by Brian2's cpp_standalone, or by its
Cython runtime where that target cannot have the model (marked: runtime), whose duration is then
raised until a run takes `seconds`; Engram runs the committed document for as long, both record what the monitors want, in turns: Brian2 in memory, to be written when its time
is over, so Engram in a file system in memory where there is one. Prints seconds of processor (as
Brian2 measures; the best of `repeat`), steps and the ratio, Brian2's time by Engram's, and at the
end the models in which Engram takes more than 1.5 times as long. A long tier: Brian2 compiles for
10 to 20 s a model. Never passes or fails; what cannot be compared is named with its reason.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "tests" / "fidelity" / "models"
REFERENCES = ROOT / "tests" / "fidelity" / "references"
MOST = 4  #: raises of the duration until a run takes long enough
LIMIT = 1.5
MEMORY = Path("/dev/shm")


class Built(BaseException):
    """Ends the script."""


def with_run(script: str, run) -> None:
    """The script, whose run() is `run`(original, network, duration, ...) until one raises Built."""
    import brian2
    original = brian2.Network.run

    def instead(net, duration, *rest, **kwds):
        kwds["level"] = kwds.get("level", 0) + 1
        run(original, net, duration, *rest, **kwds)

    brian2.Network.run = instead
    try:
        runpy.run_path(script, run_name="__main__")
    except Built:
        pass


def write_project(script: str, folder: str) -> None:
    """In a child: the project of the first run, which takes its duration from SECONDS."""
    import brian2
    brian2.set_device("cpp_standalone", directory=folder, build_on_run=False)
    brian2.seed(42)

    def run(original, net, duration, *rest, **kwds):
        kwds["level"] += 1
        original(net, duration, *rest, **kwds)
        brian2.get_device().build(directory=folder, compile=False, run=False)
        print(json.dumps({"seconds": float(duration)}))
        raise Built

    with_run(script, run)
    main = Path(folder) / "main.cpp"
    text, count = re.subn(r"(\.run\()[^,]*,", r'\1atof(getenv("SECONDS")),', main.read_text())
    assert count == 1, f"{count} runs in main.cpp"
    main.write_text("#include <stdlib.h>\n" + text)


def serve_runtime(script: str, cache: str) -> None:
    """In a child: at the run that the document was captured at, one that compiles, and then one of
    each duration that comes in a line."""
    import brian2
    brian2.prefs.codegen.target = "cython"
    brian2.prefs.codegen.runtime.cython.cache_dir = cache
    brian2.seed(42)
    before = [captured_at(Path(script)) - 1]
    times: list[float] = []

    def report(*_):
        """Called first when all is prepared, and last when the last step is done."""
        times.append(time.process_time())

    def run(original, net, duration, *rest, **kwds):
        kwds["level"] += 1
        objects = list(net.objects)
        original(net, duration, *rest, **kwds)
        if before[0]:
            before[0] -= 1
            return
        print(json.dumps({"seconds": float(duration)}), flush=True)
        kwds.pop("report", None)  # by name, or the first of the rest
        for line in sys.stdin:
            net.objects = objects  # run() empties the list of the magic network
            times.clear()
            original(net, float(line) * brian2.second, report, *rest[1:], **kwds)
            print(times[-1] - times[0], flush=True)
        raise Built

    with_run(script, run)


def captured_at(script: Path) -> int:
    """Which call of run() the model's document is of."""
    found = re.search(r"^# Captured at run (\d+)", script.read_text(), re.M)
    return int(found[1]) if found else 1


class Runtime:
    """One model under Brian2's Cython runtime."""

    def __init__(self, script: Path, folder: Path):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--runtime", script, folder / "cython"], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=dict(os.environ, PYTHONHASHSEED="0"))
        self.duration = json.loads(self._line())["seconds"]

    def _line(self) -> str:
        for line in self.process.stdout:  # a script may print, too
            if re.match(r"[\d{]", line):
                return line
        raise ValueError("Brian2's runtime failed")

    def run(self, seconds: float) -> float:
        self.process.stdin.write(f"{seconds!r}\n")
        self.process.stdin.flush()
        return float(self._line())


class Standalone:
    """The compiled project of one model."""

    def __init__(self, script: Path, folder: Path):
        done = subprocess.run([sys.executable, __file__, "--child", script, folder],
                              capture_output=True, text=True,
                              env=dict(os.environ, PYTHONHASHSEED="0"))
        if done.returncode:
            raise ValueError(done.stderr.strip().splitlines()[-1])
        self.duration = json.loads(done.stdout.splitlines()[-1])["seconds"]
        self.folder = folder
        made = subprocess.run(["make", "-j2"], cwd=folder, capture_output=True, text=True)
        if made.returncode:
            raise ValueError(made.stderr.strip().splitlines()[-1])

    def run(self, seconds: float) -> float:
        done = subprocess.run(["./main"], cwd=self.folder, capture_output=True, text=True,
                              env=dict(os.environ, SECONDS=repr(seconds)))
        if done.returncode:
            raise ValueError((done.stderr.strip() or "main failed").splitlines()[-1])
        return float((self.folder / "results" / "last_run_info.txt").read_text().split()[0])


def scaled(brian: Standalone | Runtime, wanted: float) -> float:
    """A duration with which a run takes about that long."""
    duration = brian.duration
    for _ in range(MOST):
        took = brian.run(duration)
        if took > 0.8 * wanted:
            break
        duration *= min(1000.0, 1.1 * wanted / max(took, 1e-6))
    return duration


def built(script: Path, folder: Path) -> Standalone | Runtime:
    """By cpp_standalone if it can."""
    if captured_at(script) == 1:
        try:
            return Standalone(script, folder)
        except ValueError:
            pass
    return Runtime(script, folder)


def run_engram(args, document: Path, seconds: float, folder: Path) -> dict:
    done = subprocess.run([args.engram, "run", document, "--json", "--for", f"{seconds:.12f}s",
                           "--out", folder / "results.h5"], capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def compare(args, name: str, folder: Path, results: Path) -> float | None:
    """The ratio, printed."""
    try:
        script = MODELS / f"{name}.py"
        brian = built(script, folder / name)
        seconds = scaled(brian, args.seconds)
        theirs, ours = [], []
        for _ in range(args.repeat):
            theirs.append(brian.run(seconds))
            ours.append(run_engram(args, REFERENCES / f"{name}.mpk", seconds, results))
        best = min(done["simulation_cpu_seconds"] for done in ours)
        ratio = min(theirs) / best
        print(f"{name:<26}{min(theirs):>9.3f}{best:>9.3f}{ours[0]['steps']:>12}{ratio:>9.2f}"
              f"{'' if isinstance(brian, Standalone) else '  runtime'}", flush=True)
        return ratio
    except ValueError as error:
        print(f"{name:<26}not compared: {error}", flush=True)
        return None


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        write_project(sys.argv[2], sys.argv[3])
        return 0
    if sys.argv[1:2] == ["--runtime"]:
        serve_runtime(sys.argv[2], sys.argv[3])
        return 0
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engram", default=os.environ.get("ENGRAM_CLI", ROOT / "build/bin/engram"))
    parser.add_argument("--seconds", type=float, default=0.5, help="that a run of Brian2 takes")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder for Brian2's projects")
    parser.add_argument("models", nargs="*")
    args = parser.parse_args()
    names = args.models or sorted(path.stem for path in MODELS.glob("*.py"))
    print(f"{'':<26}{'Brian2 s':>9}{'Engram s':>9}{'steps':>12}{'ratio':>9}")
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=memory) as results:
        ratios = {name: compare(args, name, args.keep or Path(folder), Path(results))
                  for name in names}
    known = {name: ratio for name, ratio in ratios.items() if ratio}
    slow = sorted((name for name in known if known[name] < 1 / LIMIT), key=known.get)
    print(f"\n{len(known)} of {len(names)} models compared; more than {LIMIT} times as long as "
          f"Brian2: {', '.join(slow) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
