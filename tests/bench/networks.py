"""CUBA 10 s and COBAHH 1 s: Engram beside Brian2 cpp_standalone, in one session.

    python networks.py [--engram PATH] [--limits PATH] [--repeat 3] [--threads 2] [--strict]
                       [cuba] [cobahh]

Prints for each network and engine: seconds of processor for the simulation, which is what
Brian2 measures (best of `repeat`, the engines interleaved; Engram once with its monitors
recorded into a file, as Brian2 records, and once without), ns per neuron-step, the ratio to Brian2 and the percentage of what this machine could
do (limits.c); for Engram also ns per event (the difference to a run without
synapses would be noise: total time above the state update's limit, per event), bytes per
synapse and the time from the start of `engram run` to the first step; and seconds of the clock
with one and with `--threads` threads, which say something on a quiet machine alone. `--strict` adds
one run in strict mode, unrecorded. Never passes or fails.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"

# What a step must at least touch and compute per neuron (docs/testing.md, performance):
# state bytes read and written, exponentials.
NETWORKS = {
    "cuba": dict(seconds=10.0, state_bytes=3 * 8 + 8 + 1, exps=0),
    "cobahh": dict(seconds=1.0, state_bytes=6 * 8 + 8 + 1, exps=10),
}


def brian2_child(script: str, seconds: float, folder: str) -> None:
    """In a child: build once with cpp_standalone, run `repeat` times on demand from stdin."""
    import brian2
    run = brian2.Network.run
    brian2.set_device("cpp_standalone", directory=folder, build_on_run=False)

    def record(net, duration, *rest, **kwds):
        kwds["level"] = kwds.get("level", 0) + 1
        run(net, seconds * brian2.second, *rest, **kwds)
        raise KeyboardInterrupt

    brian2.Network.run = record
    try:
        runpy.run_path(script, run_name="__main__")
    except KeyboardInterrupt:
        pass
    device = brian2.get_device()
    device.build(directory=folder, compile=True, run=False, with_output=False)
    print("ready", flush=True)
    for _ in sys.stdin:
        device.run(directory=folder, with_output=False, run_args=[])
        print(json.dumps({"seconds": device._last_run_time}), flush=True)


def main() -> int:
    if len(sys.argv) > 1 and sys.argv[1] == "--child":
        brian2_child(sys.argv[2], float(sys.argv[3]), sys.argv[4])
        return 0
    parser = argparse.ArgumentParser()
    build = ROOT / "build"
    parser.add_argument("--engram", default=os.environ.get("ENGRAM_CLI", build / "bin/engram"))
    parser.add_argument("--limits", default=build / "bin/engram_limits")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("networks", nargs="*", default=list(NETWORKS))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in args.networks:
            compare(name, args, Path(folder))
    return 0


def compare(name: str, args, folder: Path) -> None:
    spec = NETWORKS[name]
    script = EXAMPLES / f"{name}.py"
    document, archive = folder / f"{name}.mpk", folder / f"{name}.h5"
    subprocess.run([sys.executable, "-m", "brian2engram", "capture", script, "-o", document],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run([args.engram, "convert", document, archive], check=True,
                   stdout=subprocess.DEVNULL)
    child = subprocess.Popen([sys.executable, __file__, "--child", script,
                              str(spec["seconds"]), folder / f"{name}-cpp"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = child.stdout.readline()
    while line and line.strip() != "ready":
        line = child.stdout.readline()
    brian, recorded, mine, many = [], [], [], []
    command = [args.engram, "run", archive, "--json", "--for", f"{spec['seconds']}s"]
    one, several = ["--threads", "1"], ["--threads", str(args.threads)]
    for _ in range(args.repeat):
        child.stdin.write("\n")
        child.stdin.flush()
        answer = child.stdout.readline()
        while answer and not answer.startswith("{"):
            answer = child.stdout.readline()
        brian.append(json.loads(answer)["seconds"])
        for runs, rest in ((recorded, one + ["--out", folder / f"{name}-results.h5"]), (mine, one),
                           (many, several)):
            done = subprocess.run(command + rest, check=True, text=True, capture_output=True)
            runs.append(json.loads(done.stdout))
    child.stdin.close()
    child.wait()
    strict = None
    if args.strict:
        done = subprocess.run([*command, *one, "--math", "strict"], check=True, text=True,
                              capture_output=True)
        strict = json.loads(done.stdout)["simulation_cpu_seconds"]
    best, best_recorded = (min(runs, key=lambda r: r["simulation_cpu_seconds"])
                           for runs in (mine, recorded))
    report(name, spec, min(brian), best_recorded["simulation_cpu_seconds"], best, strict,
           args)
    wall, shared = (min(run["simulation_seconds"] for run in runs) for runs in (mine, many))
    print(f"  of the clock: {wall:.3f} s with one thread, {shared:.3f} s with {args.threads} "
          f"({wall / shared:.2f} times as fast)")


def report(name: str, spec: dict, brian: float, recorded: float, best: dict,
           strict: float | None, args) -> None:
    neurons, steps, events = best["neurons"], best["steps"], best["events"]
    limits = json.loads(subprocess.run(
        [args.limits, str(neurons * spec["state_bytes"]), str(neurons)], check=True,
        text=True, capture_output=True).stdout)
    update = max(2 * spec["state_bytes"] / limits["rmw_gbs"], spec["exps"] * limits["exp_ns"])
    limit = 1e-9 * (neurons * steps * update + events * limits["scatter_ns"])
    work = neurons * steps
    print(f"\n{name}: {neurons} neurons, {steps} steps, {events} synaptic events")
    print(f"  {'':<26}{'seconds':>9}{'ns/neuron-step':>16}{'ratio':>8}{'% of limit':>12}")
    rows = [("Brian2 cpp_standalone", brian), (f"Engram {best['math']}, recording", recorded),
            (f"Engram {best['math']}, no record", best["simulation_cpu_seconds"])]
    if strict is not None:
        rows.append(("Engram strict, no record", strict))
    for engine, seconds in rows:
        print(f"  {engine:<26}{seconds:>9.3f}{1e9 * seconds / work:>16.2f}"
              f"{brian / seconds:>8.2f}{100 * limit / seconds:>12.1f}")
    above = max(best["simulation_cpu_seconds"] - 1e-9 * work * update, 0.0)
    print(f"  at most {1e9 * above / max(events, 1):.2f} ns/event, "
          f"{best['bytes_per_synapse']:.1f} bytes/synapse, "
          f"first step after {1e3 * best['seconds_to_first_step']:.1f} ms; this machine: "
          f"{limits['rmw_gbs']} GB/s, exp {limits['exp_ns']:.2f} ns, scatter "
          f"{limits['scatter_ns']:.2f} ns")


if __name__ == "__main__":
    sys.exit(main())
