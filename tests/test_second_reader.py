"""The second reader, which knows docs/format.md alone, finds what `engram inspect` finds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

ROOT = Path(__file__).resolve().parents[1]
CLI = os.environ.get("ENGRAM_CLI") or str(ROOT / "build" / "bin" / "engram")
READER = ROOT / "tests" / "second_reader.py"
GOLDEN = ROOT / "tests" / "golden"

CAPTURE = '''
import sys
from brian2 import *
import brian2engram
prefs.codegen.target = "numpy"
seed(5)
tau = 10*ms
G = NeuronGroup(400, """dv/dt = (drive - v) / tau : volt (unless refractory)
                        drive : volt (constant)
                        label : integer""", threshold="v > 15*mV", reset="v = 0*mV",
                refractory=2*ms, method="exact", name="G")
G.drive = "20*mV * rand()"
G.label = "i % 7"
P = PoissonGroup(50, rates="(10 + i)*Hz", name="P")
S = Synapses(P, G, "w : volt", on_pre="v_post += w", on_post="w *= 0.99", name="S")
S.connect(p=0.4)
S.w = "0.5*mV * rand()"
S.pre.delay = "(1 + 4*rand())*ms"
M = SpikeMonitor(G, name="M")
V = StateMonitor(G, "v", record=[1, 5], name="V")
net = Network(G, P, S, M, V)
net.run(5*ms)
brian2engram.save(sys.argv[1], net, duration=20*ms, title="captured", authors=["A. Author"])
'''


def compared(path):
    theirs = json.loads(subprocess.run([CLI, "inspect", path, "--json", "--digests"], check=True,
                                       capture_output=True, text=True).stdout)
    ours = json.loads(subprocess.run([sys.executable, READER, path], check=True,
                                     capture_output=True, text=True).stdout)
    assert ours == theirs
    return ours


@pytest.mark.parametrize("name", sorted(p.name for p in (GOLDEN / "1.0").glob("*.h5")
                                        if p.name != "results.h5"))
def test_golden_archives(name):
    compared(GOLDEN / "1.0" / name)


def test_event_clocks(tmp_path):
    archive = tmp_path / "events.h5"
    subprocess.run([CLI, "convert", GOLDEN / "events.mpk", archive], check=True)
    clocks = compared(archive)["network"]["clocks"]
    assert [("dt" in clock, clock.get("times", {}).get("shape")) for clock in clocks] == [
        (False, [4]), (True, None), (False, [5])]


@pytest.mark.parametrize("options", [[], ["--compress"]])
def test_a_captured_network(options, tmp_path):
    script, document, archive = tmp_path / "s.py", tmp_path / "s.mpk", tmp_path / "s.h5"
    script.write_text(CAPTURE)
    subprocess.run([sys.executable, script, document], check=True, capture_output=True)
    subprocess.run([CLI, "convert", document, archive, *options], check=True,
                   capture_output=True)
    found = compared(archive)
    digests = [a["data"]["xxh3_128"] for a in found["state"]["arrays"]]
    assert len(digests) > 15
    assert any(a["data"]["bytes"] > 50000 for a in found["state"]["arrays"])
    if options:
        with h5py.File(archive) as f:
            kept = [f[f"state/arrays/{a['name']}/data"] for a in found["state"]["arrays"]]
            assert {k.compression for k in kept} == {"gzip", None}


def test_the_reader_is_short():
    assert len(READER.read_text().splitlines()) <= 200


def test_files_use_nothing_newer_than_1_10(tmp_path):
    """By superblock, filters and types: archives are of the oldest layout, results of that which
    SWMR needs."""
    for name in ("coded.h5", "compressed.h5", "results.h5"):
        with h5py.File(GOLDEN / "1.0" / name) as f:
            version = f.id.get_create_plist().get_version()[0]
            assert version == (3 if name == "results.h5" else 0)
            sets = []
            f.visititems(lambda _, thing: sets.append(thing)
                         if isinstance(thing, h5py.Dataset) else None)
            assert sets
            for s in sets:
                how = s.id.get_create_plist()
                filters = [how.get_filter(k)[0] for k in range(how.get_nfilters())]
                assert set(filters) <= {h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE}
                assert how.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED,
                                            h5py.h5d.COMPACT)
                assert not s.is_virtual and not h5py.check_vlen_dtype(s.dtype)
