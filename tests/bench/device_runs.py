#!/usr/bin/env python
"""What a call of run() costs: many short runs, and the parts that grow with the network.

    python tests/bench/device_runs.py [--runs 1000] [--device engram runtime] [--profile]

Prints, for CUBA in small with monitors, the time of one run of 1 ms; then, for a network of
1,000,000 synapses, the time of the first and of the second run of no step at all.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "converters" / "brian2engram"))

import brian2  # noqa: E402
import brian2engram  # noqa: E402, F401  (registers the device)
import numpy as np  # noqa: E402
from brian2 import (  # noqa: E402
    Network, NeuronGroup, SpikeMonitor, StateMonitor, Synapses, ms, mV, prefs, seed, set_device)

NAMESPACE = {"taum": 20 * ms, "taue": 5 * ms, "taui": 10 * ms, "Vt": -50 * mV, "Vr": -60 * mV,
             "El": -49 * mV, "we": 1.62 * mV, "wi": -9 * mV}
EQUATIONS = """
dv/dt  = (ge+gi-(v-El))/taum : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt
"""


def cuba(neurons: int, partners: int) -> Network:
    """CUBA with `partners` synapses a neuron, and two monitors."""
    rng = np.random.RandomState(1)
    group = NeuronGroup(neurons, EQUATIONS, threshold="v>Vt", reset="v = Vr",
                        refractory=5 * ms, method="exact", namespace=NAMESPACE)
    group.v = (-60 + 10 * rng.rand(neurons)) * mV
    border = 4 * neurons // 5
    parts = []
    for code, first, last in (("ge += we", 0, border), ("gi += wi", border, neurons)):
        synapses = Synapses(group, group, on_pre=code, namespace=NAMESPACE)
        pre = np.repeat(np.arange(first, last), partners)
        synapses.connect(i=pre, j=rng.randint(0, neurons, len(pre)))
        parts.append(synapses)
    return Network(group, parts, SpikeMonitor(group), StateMonitor(group, "v", record=[0]))


def timed(function: Any, *arguments: Any) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def many_runs(device: str, runs: int, profile: bool) -> None:
    set_device(device)
    seed(1)
    network = cuba(400, 8)
    first = timed(network.run, 1 * ms)
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    rest = timed(lambda: [network.run(1 * ms) for _ in range(runs - 1)])
    if profile:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
    print(f"{device}: {runs} runs of 1 ms: first {1e3 * first:.1f} ms, "
          f"then {1e3 * rest / (runs - 1):.2f} ms each")


def many_synapses(device: str) -> None:
    set_device(device)
    network = cuba(10000, 100)
    first, second = timed(network.run, 0 * ms), timed(network.run, 0 * ms)
    print(f"{device}: 1,000,000 synapses: a run of no step takes {1e3 * first:.0f} ms, "
          f"the second {1e3 * second:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--device", nargs="+", default=["engram", "runtime"])
    parser.add_argument("--target", default="numpy", help="codegen.target")
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    prefs.codegen.target = asked.target
    brian2.BrianLogger.suppress_name("unused_brian_object")
    for device in asked.device:
        many_runs(device, asked.runs, asked.profile)
        many_synapses(device)


if __name__ == "__main__":
    main()
