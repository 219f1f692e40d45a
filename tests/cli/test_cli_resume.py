"""Runs that are killed and resumed: their results are those of a run that nobody touched, bit for
bit; what resume refuses; what it does not need."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import h5py
import make_documents
import msgpack
import numpy as np
import pytest
import xxhash
from conftest import CLI, ROOT, settled, spiking, write
from make_documents import VOLT, array, chain

REFERENCES = ROOT / "tests" / "fidelity" / "references"
SECOND = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]


# ---- models ---------------------------------------------------------------------------------


def protocol(scale=1.0):
    """Three runs by rules: noise, a periodic generator, different delays, synapses that are made
    between the runs, another step in the last; monitors of every kind."""
    made = chain()
    network = made["network"]
    group, synapses = network["groups"][0], network["synapses"][0]
    group.update(n=150, method="euler", refractory="2*ms", refractory_kind="time")
    group["equations"][0]["expr"] = "(drive - v) / tau + 8*mV * xi * tau**-0.5"
    group["events"].append({"name": "low", "condition": "v < -5*mV"})
    network["groups"].append({
        "name": "G", "kind": "spikegenerator", "n": 3, "clock": "defaultclock", "period": 3e-3,
        "indices": array("int32", 2, 0, 1), "times": array("float64", 1e-4, 1e-4, 1.7e-3)})
    network["groups"].sort(key=lambda g: g["name"])
    other = copy.deepcopy(synapses)
    synapses["pathways"][0].update(homogeneous=False)
    synapses["pathways"][0].pop("delay")
    other.update(name="T", source="G", equations=[])
    other["pathways"] = [{**other["pathways"][0], "name": "T_pre", "code": "v_post += 1.5*mV",
                          "homogeneous": True, "delay": 1.3e-3}]
    network["synapses"].append(other)
    network["monitors"] += [
        {"name": "lows", "kind": "event", "source": "P", "event": "low",
         "variables": ["i", "t", "v"]},
        {"name": "numbers", "kind": "spike", "source": "P", "variables": ["i", "t"],
         "record": False},
        {"name": "beats", "kind": "spike", "source": "G", "variables": ["i", "t"]}]
    network["clocks"].append({"name": "sampler", "dt": 7e-3})
    for monitor in network["monitors"]:
        if monitor["name"] == "weights":
            monitor["clock"] = "sampler"
    network["monitors"].sort(key=lambda m: m["name"])
    one = lambda value: {"dtype": "float64", "shape": [], "data": array("float64", value)["data"]}
    network["setup"] = [
        {"kind": "seed", "seed": 5},
        {"kind": "connect", "target": "S", "condition": "i != j", "p": "0.1"},
        {"kind": "connect", "target": "T", "condition": "True", "p": "0.5"},
        {"kind": "initialise", "target": "S", "variable": "w", "values": one(2e-4)},
        {"kind": "initialise", "target": "S_pre", "variable": "delay", "code": "5*ms*rand()"},
        {"kind": "initialise", "target": "P", "variable": "drive", "code": "(9 + 2*rand())*mV"},
        {"kind": "connect", "target": "S", "condition": "i == j + 1"},
        {"kind": "initialise", "target": "P", "variable": "drive", "code": "(10 + rand())*mV"}]
    durations = [0.1 * scale, 0.15 * scale, 0.1 * scale]
    network["runs"] = [
        {"duration": durations[0], "setup_end": 6}, {"duration": durations[1], "setup_end": 8},
        {"duration": durations[2], "setup_end": 8,
         "state": {"t": durations[0] + durations[1],
                   "clocks": [{"name": "defaultclock", "timestep": 0, "dt": 2e-4}]}}]
    return made


# ---- killing ---------------------------------------------------------------------------------


def start(*args):
    return subprocess.Popen([CLI, *map(str, args), "--quiet"], preexec_fn=settled(),
                            stderr=subprocess.PIPE, text=True)


def kill_after(process, seconds):
    """True if it was killed; False if it had ended by itself, well."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    code = process.wait()
    assert code in (0, -signal.SIGKILL), process.stderr.read()
    return code != 0


def contents(path, but=frozenset()):
    """Every dataset and attribute but the seconds that it took."""
    out = {}

    def look(name, item):
        out.update({f"{name}@{key}": np.asarray(value) for key, value in item.attrs.items()
                    if key not in {"wall_time", *but}})
        if isinstance(item, h5py.Dataset):
            out[name] = item[()]

    with h5py.File(path) as f:
        look("/", f)
        f.visititems(look)
    return out


def same(a, b, but=frozenset()):
    a, b = contents(a, but), contents(b, but)
    assert a.keys() == b.keys()
    for key in a:
        left, right = np.asarray(a[key]), np.asarray(b[key])
        assert left.dtype == right.dtype and left.shape == right.shape, key
        assert left.tobytes() == right.tobytes(), key
    assert any(k.startswith("state/") for k in a)
    return a


def interrupted(out, source, seconds, rng, *options, every="7ms"):
    """Begin, kill, resume, kill ... at random moments until it ends; how often it was killed."""
    checkpoint = Path(f"{out}.checkpoint")
    killed, begun = 0, False
    for _ in range(60):
        if checkpoint.exists():
            begun = True
            process = start("resume", out)
        elif begun:  # killed when all was done
            assert out.exists()
            return killed
        else:
            process = start("run", source, "--out", out, "--checkpoint-every", every, *options)
        if not kill_after(process, rng.uniform(0, seconds)):
            assert not checkpoint.exists() and not Path(f"{out}.partial").exists()
            return killed
        killed += 1
        seconds *= 1.1
    raise AssertionError("it does not come to an end")


def nothing_left(folder, *names):
    """But what a process leaves that is killed before its results have their name."""
    left = {p.name for p in folder.iterdir()
            if not re.fullmatch(r"\.r\.h5\.partial\.\d+\.tmp", p.name)}
    assert left == set(names)


def stopped_early(source, out, *options, number=signal.SIGKILL, pause=0.3, every="10ms",
                  written=1):
    """A run that is ended by a signal a while after it has written so many checkpoints; the
    first is that of its beginning."""
    process = start("run", source, "--out", out, "--checkpoint-every", every, *options)
    checkpoint, seen = Path(f"{out}.checkpoint"), set()
    while len(seen) < written:
        assert process.poll() is None, process.stderr.read()
        if checkpoint.exists():
            seen.add(checkpoint.stat().st_mtime_ns)
        time.sleep(0.001)
    time.sleep(pause)
    process.send_signal(number)
    said = process.communicate()[1]
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number), said
    return said


@pytest.fixture
def whole(engram, tmp_path):
    """The protocol, and the results of a run that nothing has happened to."""
    source = write(tmp_path / "net.mpk", protocol(4))
    engram("run", source, "--out", tmp_path / "whole.h5", "--quiet")
    return source, tmp_path / "whole.h5"


@pytest.fixture
def killed(whole, tmp_path):
    """Results of a killed run of it, and what resume needs."""
    stopped_early(whole[0], tmp_path / "r.h5")
    return tmp_path / "r.h5"


def checkpoint_of(results):
    return results.with_name(results.name + ".checkpoint")


def partial_of(results):
    return results.with_name(results.name + ".partial")


# ---- killed and resumed ------------------------------------------------------------------------


def test_killed_again_and_again(engram, tmp_path):
    source = write(tmp_path / "net.mpk", protocol(4))
    engram("check", source)
    began = time.monotonic()
    engram("run", source, "--out", tmp_path / "whole.h5", "--quiet")
    seconds = time.monotonic() - began
    rng, killed = random.Random(9), 0
    for _ in range(2):
        killed += interrupted(tmp_path / "r.h5", source, 0.7 * seconds, rng, every="20ms")
        whole = same(tmp_path / "whole.h5", tmp_path / "r.h5")
        (tmp_path / "r.h5").unlink()
    assert killed >= 3
    assert len(whole["results/lows/t"]) > 50 and len(whole["results/beats/t"]) > 50
    assert whole["results/numbers/count"].sum() == len(whole["results/spikes/t"]) > 500
    assert whole["results/weights/w"].shape[0] < len(whole["state/S/w"])  # made in between
    nothing_left(tmp_path, "net.mpk", "whole.h5")


def test_killed_in_the_second_run_of_three(engram, whole, tmp_path):
    source, wanted = whole
    out = tmp_path / "r.h5"
    process = start("run", source, "--out", out, "--checkpoint-every", "500ms")
    while not checkpoint_of(out).exists():
        time.sleep(0.001)
    first = checkpoint_of(out).stat().st_ino
    while checkpoint_of(out).stat().st_ino == first:
        assert process.poll() is None
    process.kill()
    process.communicate()
    done = json.loads(engram("resume", out, "--json").stdout)
    assert 0.5 <= done["resumed"]["t"] < 0.51  # runs begin at 0, 0.4 and 1.0 s
    same(wanted, out)


@pytest.mark.parametrize("model, length, math", [
    ("in_flight", "3s", "strict"), ("poisson_input", "3s", "fast"), ("noise", "2s", "strict"),
    ("custom_events", "3s", "fast"), ("spike_generator", "3s", "strict"),
    ("synapses_onto_synapses", "2s", "fast"), ("spike_monitors", "3s", "fast"),
    ("state_monitors", "2s", "fast"), ("clocks", "3s", "strict"), ("long_delays", "3s", "fast"),
    ("gsl_options", "2s", "strict")])
def test_captured_networks(engram, tmp_path, model, length, math):
    source, options = REFERENCES / f"{model}.mpk", ("--math", math, "--for", length)
    began = time.monotonic()
    engram("run", source, "--out", tmp_path / "whole.h5", "--quiet", *options)
    seconds = time.monotonic() - began
    rng = random.Random(model)
    interrupted(tmp_path / "r.h5", source, seconds, rng, *options, every="100ms")
    same(tmp_path / "whole.h5", tmp_path / "r.h5")
    nothing_left(tmp_path, "whole.h5", "r.h5")


def test_killed_while_it_finishes(engram, tmp_path):
    """Between the last step and the last name: whatever is there, resume ends it."""
    made = spiking(n=200000, duration=0.01, sample=1e-3)
    made["network"]["monitors"][1].update(indices=array("int32", 0), record_all=False)
    source = write(tmp_path / "net.mpk", made)
    out, resumed, most = tmp_path / "r.h5", 0, None
    engram("run", source, "--out", tmp_path / "whole.h5", "--quiet")
    for k in range(12):  # the first is not killed, and says how long there is time to
        process = start("run", source, "--out", out, "--checkpoint-every", "1min")
        while not checkpoint_of(out).exists():
            time.sleep(0.0005)
        began = time.monotonic()
        if most is not None:
            time.sleep(most * k / 12)
            process.send_signal(signal.SIGKILL)
        process.wait()
        most = most or time.monotonic() - began
        if checkpoint_of(out).exists():
            resumed += 1
            engram("resume", out, "--quiet")
        same(tmp_path / "whole.h5", out)
        out.unlink()
    assert resumed >= 3


def test_stopped_by_hand(engram, whole, tmp_path):
    source, wanted = whole
    out = tmp_path / "r.h5"
    said = stopped_early(source, out, "--threads", "2", number=signal.SIGINT)
    assert "stopped by SIGINT" in said and f"goes on from {out}.checkpoint" in said
    assert not partial_of(out).exists()
    with h5py.File(out) as f:
        assert not f.attrs["complete"]
    with h5py.File(out) as f:
        until = f["until"][0]
    done = json.loads(engram("resume", out, "--json").stdout)
    assert done["threads"] == 2  # as before
    # It was stored where it stopped: nothing is computed twice.
    assert done["resumed"]["t"] == pytest.approx(until, abs=1e-3) and done["complete"]
    same(wanted, out, but={"threads"})
    nothing_left(tmp_path, "net.mpk", "whole.h5", "r.h5")


def test_only_what_is_left_is_computed(engram, tmp_path):
    """Steps are counted, and resume is given a copy of the network whose state at t = 0 is
    rubbish: it is not needed."""
    source, options = REFERENCES / "in_flight.mpk", ("--for", "60s")
    made = msgpack.unpackb(source.read_bytes(), strict_map_key=False)
    made.pop("digest")
    for stored in made["state"]["arrays"]:
        rubbish = b"\x3f" if stored["data"]["dtype"] == "float64" else b"\x00"
        stored["data"]["data"] = [rubbish * len(part) for part in stored["data"]["data"]]
    made["state"].pop("queues", None)
    damaged = write(tmp_path / "damaged.mpk", made)
    out, wanted = tmp_path / "r.h5", tmp_path / "wanted.h5"
    run = json.loads(engram("run", source, "--out", wanted, "--json", *options).stdout)
    spikes = json.loads(engram("run", damaged, "--json", *options).stdout)["spikes"]
    assert spikes != run["spikes"]
    stopped_early(source, out, *options, pause=0, every="1s", written=3)
    done = json.loads(engram("resume", out, "--network", damaged, "--json").stdout)
    assert 0 < done["resumed"]["steps"] < done["steps"] == run["steps"]
    assert done["resumed"]["t"] > 0 and done["complete"] and "resumed" not in run
    assert done["spikes"] == run["spikes"]
    same(wanted, out)
    # An archive of it, by another name, does as well.
    engram("convert", damaged, tmp_path / "damaged.h5")
    stopped_early(source, out, *options, every="1s")
    engram("resume", partial_of(out), "--network", tmp_path / "damaged.h5", "--quiet")
    same(wanted, out)


# ---- what is refused ---------------------------------------------------------------------------


def test_without_a_checkpoint(engram, refused, whole, tmp_path):
    refused("resume", tmp_path / "none.h5", code=3, says=["none.h5.checkpoint", "No such file"])
    refused("resume", whole[1], code=3, says="whole.h5.checkpoint")  # it has ended
    refused("resume", code=2, says="wants the results of a run")
    refused("run", whole[0], "--checkpoint-every", "1s", code=2, says="wants --out")
    for every in ("10", "0s", "-1s", "fast"):
        refused("run", whole[0], "--out", tmp_path / "r.h5", "--checkpoint-every", every, code=2,
                says=["--checkpoint-every", every])
    refused("resume", whole[1], "--checkpoint-every", "often", code=2, says="often")
    refused("resume", whole[1], "--threads", "0", code=2, says="--threads")
    (tmp_path / "r.h5.checkpoint").mkdir()
    refused("run", whole[0], "--out", tmp_path / "r.h5", "--checkpoint-every", "1s", code=3,
            says=["r.h5.checkpoint", "folder"])


def test_damaged_checkpoints(engram, refused, killed):
    checkpoint = checkpoint_of(killed)
    whole = checkpoint.read_bytes()
    newer = bytearray(whole)
    newer[16] = 2
    newer[48:64] = xxhash.xxh3_128_digest(bytes(newer[:48]))
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for bytes_, says in ((whole[:-1], "is truncated"), (whole + b"x", "is too long"),
                         (flipped, "damaged"), (b"", "is no checkpoint"), (newer, "of version 2"),
                         (partial_of(killed).read_bytes(), "is no checkpoint")):
        checkpoint.write_bytes(bytes_)
        refused("resume", killed, code=4, says=["r.h5.checkpoint", says])
    checkpoint.write_bytes(whole)
    engram("resume", killed, "--quiet")


def test_another_network(engram, refused, killed, whole, tmp_path):
    def change(edit):
        made = protocol(4)
        edit(made["network"])
        return write(tmp_path / "other.mpk", made)

    def more(network):
        network["groups"][1]["constants"][0]["value"] = 0.0100001

    refused("resume", killed, "--network", change(more), code=4, says="of another network")
    refused("resume", killed, "--network", change(lambda n: n["runs"][2].update(duration=0.5)),
            code=4, says="of another network")
    refused("resume", killed, "--network", tmp_path / "none.mpk", code=3, says="No such file")
    whole[0].rename(tmp_path / "moved.mpk")
    refused("resume", killed, code=3, says=["net.mpk", "No such file"])
    engram("resume", killed, "--network", tmp_path / "moved.mpk", "--quiet")
    assert contents(whole[1]).keys() == contents(killed).keys()


def test_results_that_are_not_those(engram, refused, killed, whole, tmp_path):
    partial, kept = partial_of(killed), tmp_path / "kept"
    partial.rename(kept)
    refused("resume", killed, code=3, says=["r.h5.partial", "No such file"])
    made = protocol(4)
    made["network"]["setup"][0]["seed"] = 6
    stopped_early(write(tmp_path / "other.mpk", made), tmp_path / "o.h5")
    partial_of(tmp_path / "o.h5").rename(partial)
    refused("resume", killed, code=4, says="recorded before the checkpoint")
    engram("run", whole[0], "--for", "1ms", "--out", partial, "--quiet")
    flipped = bytearray(partial.read_bytes())
    flipped[-100] ^= 1
    partial.write_bytes(flipped)
    refused("resume", killed, code=4, says="damaged")
    partial.write_bytes(b"")
    refused("resume", killed, code=4, says=["r.h5.partial", "no HDF5 file"])
    kept.replace(partial)
    engram("resume", killed, "--quiet")
    same(whole[1], killed)


def test_results_that_cannot_have_their_name_stay_for_the_checkpoint(engram, long_run, tmp_path):
    """The name becomes a folder's while the run goes on: what was recorded is not lost."""
    out, wanted = tmp_path / "r.h5", tmp_path / "wanted.h5"
    options = ("--for", "1s")
    engram("run", long_run, "--out", wanted, *options)
    process = start("run", long_run, "--out", out, "--checkpoint-every", "100ms", *options)
    while not checkpoint_of(out).exists():
        time.sleep(0.001)
    out.mkdir()
    process.communicate()
    assert process.returncode == 3 and Path(f"{out}.partial").exists()
    out.rmdir()
    engram("resume", out, "--quiet")
    same(wanted, out)


def test_a_run_that_still_goes_on(engram, refused, long_run, tmp_path):
    out = tmp_path / "r.h5"
    process = start("run", long_run, "--out", out, "--checkpoint-every", "1000s")
    while not checkpoint_of(out).exists():
        time.sleep(0.001)
    done = engram("resume", out, code=7)
    assert "r.h5.partial is still being written" in done.stderr
    before = Path(f"{out}.partial").stat().st_ino
    done = engram("run", long_run, "--out", out, code=7)
    assert "r.h5.partial is still being written" in done.stderr
    assert process.poll() is None and Path(f"{out}.partial").stat().st_ino == before
    process.kill()
    process.communicate()
