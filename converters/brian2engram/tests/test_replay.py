"""A document is enough: replayed without Brian2 it gives Brian2's spikes and values."""

from __future__ import annotations

import brian2
import brian2engram
import numpy as np
import pytest
from brian2 import ms
from brian2engram import document

import networks
from replay import Replay


@pytest.mark.parametrize("delays", [False, True])
@pytest.mark.parametrize("before", [0, 15])
def test_replay_gives_brian2s_spikes_and_final_values(out, delays, before):
    brian2.prefs.codegen.loop_invariant_optimisations = False
    try:
        net = networks.cuba(n=100, delays=delays)
        net.run(before * ms)
        brian2engram.save(out, net, duration=40 * ms)
        earlier = net["M"].num_spikes
        net.run(40 * ms)
    finally:
        brian2.prefs.codegen.loop_invariant_optimisations = True
    replay = Replay(document.read(out))
    replay.run()
    i, t = (np.concatenate(replay.recorded["M"][name]) for name in ("i", "t"))
    assert len(i) > 50
    assert i.tolist() == np.asarray(net["M"].i[:])[earlier:].tolist()
    assert t.tolist() == np.asarray(net["M"].t_[:])[earlier:].tolist()
    final = networks.contents(net)
    for name in ("v", "ge", "gi", "lastspike", "not_refractory"):
        assert replay.arrays["P", name].tobytes() == final["P", name].tobytes(), name
