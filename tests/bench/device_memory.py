#!/usr/bin/env python
"""Peak resident memory of a script with many synapses, on the engine and on Brian2's runtime.

    python tests/bench/device_memory.py [--synapses 20e6] [--rule] [--device engram ...]

Each device has a process of its own: 10,000 neurons, synapses with a weight and a delay of their
own, connected by index arrays or by a rule, a run of 1 ms. Prints what is resident before the run,
the peak up to there, and the peak at the end.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys


def peak() -> float:
    """MiB, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident() -> float:
    """MiB, now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def child(device: str, synapses: int, rule: bool) -> None:
    import brian2engram  # noqa: F401
    import numpy as np
    from brian2 import (NeuronGroup, SpikeMonitor, Synapses, ms, prefs, run, seed,  # noqa: F401
                        set_device)

    prefs.codegen.target = "numpy"
    set_device(device)
    seed(1)
    neurons = 10_000
    group = NeuronGroup(neurons, "dv/dt = (1.1 - v)/(10*ms) : 1", threshold="v > 1",
                        reset="v = 0", method="exact")
    group.v = np.linspace(0, 1, neurons)
    links = Synapses(group, group, "w : 1", on_pre="v_post += w")
    each = synapses // neurons
    if rule:
        links.connect(p=each / neurons)
    else:
        links.connect(i=np.repeat(np.arange(neurons, dtype=np.int32), each),
                      j=np.tile(np.arange(each, dtype=np.int32), neurons))
    links.w = 1e-6
    links.delay = np.linspace(0, 5, len(links)) * ms
    spikes = SpikeMonitor(group)  # noqa: F841
    now, before = resident(), peak()
    run(1 * ms)
    print(f"{device:<8} {len(links):,} synapses: {now:.0f} MiB before the run "
          f"(peak {before:.0f}), peak {peak():.0f} MiB at the end", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synapses", type=float, default=20e6)
    parser.add_argument("--rule", action="store_true", help="connect(p=...)")
    parser.add_argument("--device", action="append", choices=["engram", "runtime"])
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child, int(asked.synapses), asked.rule)
        return
    for device in asked.device or ["engram", "runtime"]:
        subprocess.run([sys.executable, "-W", "ignore", __file__, "--child", device, "--synapses",
                        str(asked.synapses), *(["--rule"] if asked.rule else [])], check=True)


if __name__ == "__main__":
    main()
