"""Run a script in Brian2 and print its spikes and rates beside an Engram results file.

    python demo_compare.py SCRIPT RESULTS.h5

The script runs unmodified; its spike monitor is compared with the one of the same name in
the results. Exit code 1 if a spike differs.
"""

from __future__ import annotations

import runpy
import sys

import h5py
import numpy as np


def main(script: str, results_path: str) -> int:
    from brian2 import Network, SpikeMonitor

    run = Network.run
    caught: list = []

    def record(net, duration, *rest, **kwds):
        kwds["level"] = kwds.get("level", 0) + 1
        members = list(net.sorted_objects)
        run(net, duration, *rest, **kwds)
        caught.extend((m, float(duration)) for m in members if isinstance(m, SpikeMonitor))

    Network.run = record
    try:
        runpy.run_path(script, run_name="__main__")
    finally:
        Network.run = run
    same = True
    print(f"{'monitor':<16}{'engine':<10}{'spikes':>10}{'rate (Hz)':>12}")
    with h5py.File(results_path) as results:
        for monitor, seconds in caught:
            group = results["results"][monitor.name]
            rows = {"Brian2": (np.array(monitor.i), np.array(monitor.t_)),
                    "Engram": (group["i"][...], group["t"][...])}
            for engine, (i, _) in rows.items():
                rate = len(i) / len(monitor.source) / seconds
                print(f"{monitor.name:<16}{engine:<10}{len(i):>10}{rate:>12.3f}")
            (i1, t1), (i2, t2) = rows.values()
            equal = np.array_equal(i1, i2) and np.array_equal(t1, t2)
            same = same and equal
            print(f"{monitor.name:<16}" + ("every spike is the same, index and time" if equal
                                           else "THE SPIKES DIFFER"))
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
