"""Fast mode takes numbers below the normal ones for zero; strict mode keeps them, as Brian2's
Cython code does under strict flags."""

from __future__ import annotations

import platform
import subprocess
import sys

import h5py
import numpy as np
import pytest

# A variable falls through the subnormal numbers; the neurons are enough for two threads and
# have a rest that no vector holds, and the synapses add to what is almost nothing.
SCRIPT = """
from brian2 import *
defaultclock.dt = 0.5*ms
cells = NeuronGroup(6007, '''dx/dt = -x/tau : 1
                             dg/dt = -g/(1*ms) : 1
                             tau : second (constant)''', threshold='False', method='exact',
                    name='cells')
cells.tau = '1*ms + i*1e-7*second'
cells.x = 1
cells.g = 1
given = SpikeGeneratorGroup(1, [0], [730*ms], name='given')
least = Synapses(given, cells, on_pre='g += 1e-310', name='least')
least.connect()
single = NeuronGroup(1, 'y : 1\\nz : 1', dtype=float32, name='single')
single.y = 1e-39
single.run_regularly('z = y*1e10')
run(735*ms)
"""
TINY = np.finfo(float).tiny


def subnormal(values):
    return (values != 0) & (np.abs(values) < TINY)


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("subnormal")
    (folder / "net.py").write_text(SCRIPT)
    subprocess.run([sys.executable, "-m", "brian2engram", "capture", folder / "net.py", "-o",
                    folder / "net.mpk"], check=True, capture_output=True)
    return folder / "net.mpk"


def final(engram, document, out, *args):
    engram("run", document, "--out", out, *args)
    with h5py.File(out) as file:
        state = file["state/cells"]
        return state["x"][:], state["g"][:], file["state/single/z"][0]


def test_strict_keeps_them(engram, document, tmp_path):
    x, g, z = final(engram, document, tmp_path / "r.h5", "--math", "strict")
    assert z == np.float32(np.float32(1e-39) * 1e10)
    assert subnormal(x).sum() > 100 and (x > TINY).any() and subnormal(g).all()
    exact = np.exp(-0.735 / (1e-3 + np.arange(6007) * 1e-7))
    assert np.allclose(x[x > TINY], exact[x > TINY], rtol=1e-9)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="no such mode here")
def test_fast_has_none(engram, document, tmp_path):
    strict, *_ = final(engram, document, tmp_path / "s.h5", "--math", "strict")
    x, g, z = final(engram, document, tmp_path / "r.h5")
    assert (g == 0).all() and z == 0
    assert not subnormal(x).any() and (x == 0).any() and (x > TINY).any()
    assert np.allclose(x, strict, rtol=1e-9, atol=2 * TINY)
    again = [("--threads", "2")]
    flags = open("/proc/cpuinfo").read() if platform.machine() == "x86_64" else ""
    again += [("--isa", isa) for isa, flag in
              (("sse2", " sse2 "), ("avx2", " avx2 "), ("avx512", " avx512f ")) if flag in flags]
    for args in again:
        other = final(engram, document, tmp_path / f"{args[1]}.h5", *args)
        assert other[0].tobytes() == x.tobytes() and other[1].tobytes() == g.tobytes(), args
