"""Run a script under five seeds in Brian2 and print rates and CV of ISI per population.

    python statistics_tools.py SCRIPT OUT.npz --cache DIR --seeds 1 2 3 4 5 --populations 0:3200 3200:4000
"""

from __future__ import annotations

import argparse
import runpy
import sys

import numpy as np


def rate_and_cv(i: np.ndarray, t: np.ndarray, start: int, stop: int,
                duration: float) -> tuple[float, float]:
    """Mean rate in Hz of neurons [start, stop), and the mean coefficient of variation of
    the inter-spike intervals of those with at least three spikes."""
    inside = (i >= start) & (i < stop)
    i, t = i[inside], t[inside]
    order = np.lexsort((t, i))
    i, t = i[order], t[order]
    cvs = []
    for neuron in np.unique(i):
        gaps = np.diff(t[i == neuron])
        if len(gaps) >= 2 and gaps.mean() > 0:
            cvs.append(gaps.std() / gaps.mean())
    return len(i) / (stop - start) / duration, float(np.mean(cvs)) if cvs else float("nan")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("script")
    parser.add_argument("out")
    parser.add_argument("--cache", required=True)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--populations", nargs="+", required=True)
    args = parser.parse_args()
    import brian2
    from brian2 import SpikeMonitor
    brian2.prefs.codegen.target = "cython"
    brian2.prefs.codegen.runtime.cython.cache_dir = args.cache
    seed, run = brian2.seed, brian2.Network.run
    rows = []
    for value in args.seeds:
        brian2.start_scope()
        brian2.seed = lambda _=None: seed(value)
        caught = {}

        def record(net, duration, *rest, **kwds):
            kwds["level"] = kwds.get("level", 0) + 1
            members = list(net.sorted_objects)
            run(net, duration, *rest, **kwds)
            monitor = next(o for o in members if isinstance(o, SpikeMonitor))
            caught.update(i=np.array(monitor.i), t=np.array(monitor.t_), d=float(duration))

        brian2.Network.run = record
        try:
            runpy.run_path(args.script, run_name="__main__")
        finally:
            brian2.Network.run, brian2.seed = run, seed
        row = []
        for population in args.populations:
            start, stop = map(int, population.split(":"))
            row += rate_and_cv(caught["i"], caught["t"], start, stop, caught["d"])
        rows.append(row)
    np.savez(args.out, rows=np.array(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
