"""Run one of Brian2's examples as the oracle: recorded, and what Brian2 itself made of it.

    PYTHONHASHSEED=0 python example_oracle.py SCRIPT OUT --cache DIR [--cap SECONDS]
                                              [--runs N] [--dry]

Writes OUT.1.mpk, OUT.2.mpk, ..., the documents of the recording, beside each its reference,
OUT.1.npz (keys as in tests/fidelity/oracle.py), and OUT.json, what happened. Brian2 compiles
with strict IEEE flags. The example is run as it is published but for this:

- figures are not shown; progress is not reported;
- set_device() is not followed; where a script calls the standalone device with
  ``device.run(run_args=...)``, its run() waits for that, and each such call assigns the values
  and runs from the state at run();
- pools of processes do their work in this process, one piece after the other;
- with --cap, a run() is no longer than that, and the script ends with its N-th run();
- --dry computes nothing: what is recorded then shows what can be carried, not what comes out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import types
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "fidelity"))
os.environ.setdefault("MPLBACKEND", "Agg")

from oracle import Tee, collect, libm, set_preferences, uncompiled, versions  # noqa: E402

SEED = 42


class SerialPool:
    """multiprocessing.Pool and joblib.Parallel without processes."""

    def __init__(self, *_, **__):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def __call__(self, calls):
        return [function(*args, **kwds) for function, args, kwds in calls]

    def map(self, function, values, *_):
        return [function(value) for value in values]

    imap = imap_unordered = map

    def starmap(self, function, values, *_):
        return [function(*value) for value in values]

    def close(self):
        pass

    join = terminate = close


def without_figures_and_processes() -> None:
    import multiprocessing
    import multiprocessing.pool

    import matplotlib.animation
    import matplotlib.figure
    from matplotlib import pyplot

    for module in (multiprocessing, multiprocessing.pool):
        module.Pool = SerialPool
    parallel = types.ModuleType("joblib")
    parallel.Parallel = SerialPool
    parallel.delayed = lambda function: lambda *args, **kwds: (function, args, kwds)
    sys.modules["joblib"] = parallel
    pyplot.show = pyplot.savefig = lambda *_, **__: None
    matplotlib.figure.Figure.savefig = lambda *_, **__: None
    matplotlib.animation.Animation.save = lambda *_, **__: None


class Example:
    """The runs of one script, as they are recorded and computed."""

    def __init__(self, args):
        from brian2engram.recording import Recording

        self.args = args
        self.made = Recording(script=os.path.abspath(args.script))
        self.references: list[dict] = []
        self.facts: dict = {"runs": 0, "capped": False, "ended": False, "seconds": []}

    def run(self, network, inner, duration, namespace, profile) -> None:
        import brian2
        from brian2engram.script import Stop

        seconds = float(duration)
        if self.args.cap and seconds > self.args.cap:
            seconds, self.facts["capped"] = self.args.cap, True
        if not self.args.dry:
            set_preferences(brian2.prefs, "strict", self.args.cache)
        objects = list(network.sorted_objects)
        inner(network, seconds * brian2.second, namespace=namespace, profile=profile)
        self.facts["runs"] += 1
        self.facts["seconds"].append(seconds)
        if not self.args.dry:
            watched = types.SimpleNamespace(sorted_objects=objects)
            if bad := uncompiled(watched):
                raise SystemExit(f"oracle: Brian2 did not compile {', '.join(bad)}")
            while len(self.references) < len(self.documents()):
                self.references.append({})
            self.references[-1].update(collect(watched))
        if self.args.cap and self.facts["runs"] == self.args.runs:
            self.facts["capped"] = True
            raise Stop

    def documents(self) -> list:
        return self.made.documents

    def rerun(self, values) -> None:
        """What device.run(run_args=...) does on the standalone device."""
        network, keywords = self.waiting
        network.restore("waiting")
        for variable, value in (values or {}).items():
            variable[:] = value
        self.run(network, **keywords)

    def write(self) -> None:
        from brian2engram import document

        import numpy as np

        for number, content in enumerate(self.documents(), 1):
            document.write(f"{self.args.out}.{number}.mpk", content)
            if not self.args.dry:
                np.savez(f"{self.args.out}.{number}.npz", meta=json.dumps({}), **{
                    key.replace("/", "|"): value
                    for key, value in self.references[number - 1].items()})
        self.facts["documents"] = len(self.documents())


def with_run_args(example) -> None:
    """device.build() and device.run() of the standalone device, on the runtime device."""
    from brian2.devices.device import RuntimeDevice

    RuntimeDevice.build = lambda self, *_, **__: None
    RuntimeDevice.run = lambda self, *_, run_args=None, **__: example.rerun(run_args)


def execute(args) -> dict:
    import brian2
    from brian2.core.namespace import get_local_namespace
    from brian2.core.network import Network
    from brian2engram.errors import EngramWarning, UnsupportedError
    from brian2engram.script import ScriptError, device_kept, execute as run_script, intercepted

    without_figures_and_processes()
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", EngramWarning)
    set_preferences(brian2.prefs, "strict", args.cache)
    if args.dry:
        brian2.prefs.codegen.target = "numpy"
        Network.run = lambda self, duration, **_: setattr(self, "t_", self.t_ + float(duration))
    brian2.seed(SEED)
    example = Example(args)
    with_run_args(example)
    waits = "run_args" in Path(args.script).read_text(encoding="utf-8")
    facts = example.facts
    with device_kept(lambda text: None), intercepted(example.made.at_run):
        inner = Network.run

        def run(self, duration, report=None, report_period=None, namespace=None, profile=None,
                level=0):
            if namespace is None:
                namespace = get_local_namespace(level=level + 1)
            keywords = {"inner": inner, "duration": duration, "namespace": namespace,
                        "profile": profile}
            if waits:
                example.waiting = self, keywords
                self.store("waiting")
            else:
                example.run(self, **keywords)

        Network.run = run
        try:
            facts["ended"] = not run_script(args.script, [])
        except UnsupportedError as error:
            facts["refused"] = [[loss.object, loss.feature, loss.reason]
                                for loss in error.losses]
        except ScriptError as error:
            facts["script"] = str(error)
    example.write()
    return facts


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("script")
    parser.add_argument("out")
    parser.add_argument("--cache", required=True)
    parser.add_argument("--cap", type=float)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--dry", action="store_true")
    args = parser.parse_args()
    args.out = os.path.abspath(args.out)
    args.script = os.path.abspath(args.script)
    if os.environ.get("PYTHONHASHSEED") != "0":
        print("example_oracle: set PYTHONHASHSEED=0", file=sys.stderr)
        return 2
    tee = Tee(sys.stderr)
    started = time.perf_counter()
    with redirect_stderr(tee), redirect_stdout(sys.stderr):
        import numpy as np
        facts = execute(args)
    if "Error compiling Cython file" in "".join(tee.text):
        facts["swallowed"] = "Brian2 swallowed a Cython compile error"
    facts.update(wall=time.perf_counter() - started, versions=versions(np), libm=libm())
    Path(f"{args.out}.json").write_text(json.dumps(facts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
