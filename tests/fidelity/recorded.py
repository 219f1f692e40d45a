"""A protocol of seven runs with changes in between, recorded, and what Brian2 made of it.

    python recorded.py OUT.mpk OUT.npz CACHE

Values and constants change, the streams are seeded anew, synapses are connected, a group joins,
another object rests and wakes, a monitor too, the step of a group changes, spikes are in flight
at each border, one run ends between two steps, and one is stopped. The network is then
restored to its second border, spikes in flight and records of the first run included, and goes
another way: OUT-2.mpk, OUT-2.npz.
"""
import sys

from brian2 import *

import brian2engram
from oracle import set_preferences

document, reference, cache = sys.argv[1:]
set_preferences(prefs, "strict", cache)
seed(3)
G = NeuronGroup(20, """dv/dt = (drive - v)/(8*ms) : 1 (unless refractory)
                       drive : 1""", threshold="v > 1", reset="v = 0", refractory=2*ms,
                method="euler", name="G")
G.drive = "1.2 + 0.05*i"
S = Synapses(G, G, "w : 1", on_pre="v_post += w*k", name="S", delay=3*ms)
S.connect(condition="i != j", p=0.2)
S.w = "0.05*rand()"
k = 1.0
M = SpikeMonitor(G, name="M")
T = StateMonitor(G, "v", record=[0, 5], name="T")
net = Network(G, S, M, T)


def keep(path, *late):
    """What Brian2 holds now of everything, and of the group that joins late."""
    np.savez(path, **{
        "results|M|i": M.i[:], "results|M|t": M.t_[:], "results|T|v": T.v[:],
        "results|T|t": T.t_[:], "state|S|w": S.w[:], "state|S|j": S.j[:], "state|G|v": G.v[:],
        "state|G|lastspike": G.lastspike_[:]},
        **{f"results|X|{name}": X.variables[name].get_value().T for name in late},
        **({"state|H|x": H.x[:]} if late else {}))


with brian2engram.recording(document):
    net.run(20*ms)
    G.drive = "1.1 + 0.1*rand()"
    G.v[3] = 0.9
    net.run(15.05*ms)
    net.store()
    k = 2.5
    seed(9)
    S.connect(i=[0, 1], j=[2, 3])
    S.w[-2:] = 0.4
    net.run(10*ms)
    H = NeuronGroup(3, "dx/dt = -x/(5*ms) + 0.1*xi/ms**0.5 : 1", method="euler", name="H",
                    dt=0.1*ms)
    X = StateMonitor(H, "x", record=True, name="X")
    H.x = 1
    S.active = False
    net.add(H, X)
    net.run(5.15*ms)
    H.clock.dt = 0.2*ms
    S.active = True
    T.active = False
    net.run(8*ms)
    T.active = True
    net.run(10*ms, report=lambda _, completed, *__: completed > 0.4 and net.stop(),
            report_period=1e-9*second)
    net.run(3*ms)
    keep(reference, "x", "t")
    net.remove(H, X)
    net.restore()
    S.active = True
    G.v[:5] = 0.95
    net.run(10*ms)
    keep(reference.replace(".npz", "-2.npz"))
