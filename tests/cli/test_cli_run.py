"""engram run as people and programs use it: summaries, options, progress, signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from conftest import CLI, document, group, settled, spiking, write

INTERRUPTED, TERMINATED = 130, 143


@pytest.fixture
def network(tmp_path):
    return write(tmp_path / "net.mpk", spiking())


@pytest.fixture
def started(tmp_path):
    """started(*args): the command, running; killed at the end if it still does."""
    children = []

    def start(*args, **kwds):
        child = subprocess.Popen([CLI, *map(str, args)], text=True, stdout=subprocess.PIPE,
                                 stderr=kwds.pop("stderr", subprocess.PIPE),
                                 preexec_fn=settled(), **kwds)
        children.append(child)
        return child

    yield start
    for child in children:
        if child.poll() is None:
            child.kill()
            child.wait()


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def catches(child, number) -> bool:
    """Whether the process has a handler for the signal now."""
    status = Path(f"/proc/{child.pid}/status").read_text()
    mask = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(mask.split()[1], 16) & 1 << (number - 1))


# ---- summaries ------------------------------------------------------------------------------


def test_the_summary_for_people(engram, network, tmp_path):
    done = engram("run", network, "--out", tmp_path / "r.h5", "--seed", "7")
    assert done.stderr == ""
    lines = dict(line.split(None, 1) for line in done.stdout.splitlines())
    assert "100 neurons" in lines["network"]
    assert lines["simulated"].startswith("1 s in ") and "RTF" in lines["simulated"]
    assert lines["steps"].startswith("10000, dt 0.1 ms, ")
    with h5py.File(tmp_path / "r.h5") as results:
        spikes = results["results/spikes/i"].size
    assert lines["P"] == f"{spikes} from 100 neurons, {spikes / 100:.4g} Hz"
    assert lines["spikes"] == f"{spikes}, 0 synaptic events"
    assert "math fast" in lines["numbers"] and "seed 7" in lines["numbers"]
    assert lines["results"] == str(tmp_path / "r.h5")


def test_the_summary_for_programs(engram, network, tmp_path):
    done = engram("run", network, "--json", "--math", "strict", "--out", tmp_path / "r.h5")
    assert done.stderr == ""
    got = json.loads(done.stdout)
    assert got["neurons"] == 100 and got["steps"] == 10000 and got["events"] == 0
    assert got["math"] == "strict" and got["seed"] is None and got["complete"] is True
    assert got["biological_seconds"] == 1.0 and got["threads"] == 1
    assert 0 < got["simulation_seconds"] < 60
    assert 0 < got["simulation_cpu_seconds"] < 60
    assert [sorted(part) for part in got["thread_work"]] == [["elements", "events"]]
    assert 0 < got["seconds_to_first_step"] < 5
    assert got["rtf"] == pytest.approx(got["simulation_seconds"])
    assert got["bytes_per_synapse"] == 0
    assert got["ns_per_neuron_step"] == pytest.approx(1e9 * got["simulation_seconds"] / 1e6)
    with h5py.File(tmp_path / "r.h5") as results:
        assert [p["spikes"] for p in got["populations"]] == [results["results/spikes/i"].size]
        assert results.attrs["archive_digest"].decode() == got["digest"]
        assert results.attrs["archive"].decode() == "net.mpk"


def test_quiet_says_nothing(engram, network, tmp_path):
    done = engram("run", network, "--quiet", "--out", tmp_path / "r.h5")
    assert done.stdout == done.stderr == ""
    assert (tmp_path / "r.h5").exists()


def test_nothing_is_written_without_out(engram, network, tmp_path):
    before = sorted(os.listdir(tmp_path))
    assert "not kept" in engram("run", network, cwd=tmp_path).stdout
    assert sorted(os.listdir(tmp_path)) == before


def test_a_network_of_zero_length(engram, network):
    done = engram("run", network, "--for", "0s", "--json")
    got = json.loads(done.stdout)
    assert got["steps"] == 0 and got["rtf"] is None
    engram("run", network, "--for", "0s")


# ---- options --------------------------------------------------------------------------------


@pytest.mark.parametrize("text, seconds", [
    ("1s", 1.0), ("250ms", 250 * 0.001), ("0.5 s", 0.5), ("300us", 300 * 1e-6), (".1s", 0.1),
    ("0.01min", 0.01 * 60), ("1e2ms", 100 * 0.001)])
def test_a_length_has_a_unit(engram, network, text, seconds):
    got = json.loads(engram("run", network, "--for", text, "--json").stdout)
    assert got["biological_seconds"] == pytest.approx(seconds, abs=1e-12)
    assert got["steps"] == round(seconds / 1e-4)


@pytest.mark.parametrize("text", ["1", "1h", "s", "-1s", "1 s s", "nan s", "inf", "infs", "1e400s",
                                  "ms", "one second"])
def test_a_length_without_one_is_refused(refused, network, text):
    refused("run", network, f"--for={text}", code=2, says=["--for", f"'{text}'", "ms", "min"])


@pytest.mark.parametrize("words, says", [
    (["--math", "exact"], "strict or fast"), (["--from", "memory"], "rules or code"),
    (["--seed", "x"], "--seed"), (["--seed", "-1"], "--seed"), (["--seed", "4294967296"], "seed"),
    (["--threads", "0"], "--threads"), (["--threads", "65"], "threads"),
    (["--rng", "dice"], "philox"), (["--nothing"], "--nothing"),
    (["--out"], "--out wants a value"), (["--out="], "--out wants a value"),
    (["--json=1"], "--json takes no value"), (["more.h5"], "more.h5"), (["-x"], "-x")])
def test_options_that_mean_nothing_are_refused(refused, network, words, says):
    refused("run", network, *words, code=2, says=says)


def test_an_instruction_set_that_is_not_there_is_refused(refused, network):
    refused("run", network, "--isa", "z80", code=6, says="z80")


@pytest.mark.parametrize("command", ["convert", "inspect", "check", "run"])
def test_every_command_explains_itself_and_wants_operands(engram, refused, command):
    done = engram(command, "--help")
    assert done.stdout.startswith(f"usage: engram {command} <") and not done.stderr
    refused(command, code=2, says=["wants", f"(see engram {command} --help)"])
    refused(command, "--nothing", code=2, says="unknown option --nothing")


def test_the_command_explains_itself(engram, refused):
    assert "engram run <file>" in engram("--help").stdout
    assert engram("--version").stdout.startswith("engram 0.")
    refused("fly", code=2, says="unknown command 'fly'")
    assert "usage: engram" in engram(code=2).stderr


def test_operands_may_look_like_options(engram, tmp_path):
    write(tmp_path / "--for", document())
    engram("run", "--quiet", "--", "--for", cwd=tmp_path)


def test_seeds_decide_what_is_drawn(engram, tmp_path):
    made = spiking(n=20)
    group(made)["equations"][0]["expr"] = "(20*mV - v) / tau + 10*mV * sqrt(1/tau) * xi"
    path = write(tmp_path / "noisy.mpk", made)
    counts = {}
    for seed in ("7", "7", "8"):
        got = json.loads(engram("run", path, "--json", "--seed", seed).stdout)
        assert got["seed"] == int(seed)
        counts.setdefault(seed, []).append(got["spikes"])
    assert counts["7"][0] == counts["7"][1] != counts["8"][0]


def test_both_numbers_find_the_same_spikes(engram, network, tmp_path):
    trains = []
    for math in ("strict", "fast"):
        engram("run", network, "--math", math, "--out", tmp_path / "r.h5", "--quiet")
        with h5py.File(tmp_path / "r.h5") as results:
            assert results["runs/0"].attrs["math"].decode() == math
            trains.append((results["results/spikes/i"][...], results["results/spikes/t"][...]))
    assert np.array_equal(trains[0][0], trains[1][0])
    assert np.array_equal(trains[0][1], trains[1][1])


def test_the_archive_runs_as_its_document_does(engram, network, tmp_path):
    engram("convert", network, tmp_path / "net.h5")
    digests = []
    for path in (network, tmp_path / "net.h5"):
        engram("run", path, "--out", tmp_path / "r.h5", "--quiet")
        with h5py.File(tmp_path / "r.h5") as results:
            digests.append(results["runs/0"].attrs["digest"])
    assert digests[0] == digests[1]


# ---- progress -------------------------------------------------------------------------------


def test_progress_is_shown_on_a_terminal(long_run, started):
    ours, theirs = pty.openpty()
    child = started("run", long_run, stderr=theirs)
    os.close(theirs)
    said = b""
    while said.count(b"\r") < 4:
        said += os.read(ours, 4096)
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == INTERRUPTED
    lines = said.decode().split("\r")
    assert lines[0] == ""
    for word in ("%", "t = ", "RTF ", "left"):
        assert word in lines[1]
    assert all(len(line) < 80 for line in lines)
    os.close(ours)


def test_no_progress_where_nobody_looks(long_run, started):
    child = started("run", long_run)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=20)
    assert len(err.splitlines()) == 1 and "%" not in err
    assert "stopped before the end" in out


# ---- signals --------------------------------------------------------------------------------


@pytest.mark.parametrize("number, code", [(signal.SIGINT, INTERRUPTED),
                                          (signal.SIGTERM, TERMINATED)])
def test_a_signal_ends_a_run_properly(long_run, started, tmp_path, number, code):
    out = tmp_path / "r.h5"
    partial = tmp_path / "r.h5.partial"
    child = started("run", long_run, "--out", out)
    wait_for(partial.exists)
    time.sleep(0.3)
    assert not out.exists()
    child.send_signal(number)
    _, err = child.communicate(timeout=20)
    assert child.returncode == code, err
    assert len(err.splitlines()) == 1
    assert err.startswith(f"engram: stopped by {signal.Signals(number).name} at t = ")
    assert str(out) in err and "incomplete" in err
    assert not partial.exists()
    with h5py.File(out) as results:
        assert not results.attrs["complete"]
        run = results["runs/0"].attrs
        assert not run["complete"] and 0 < run["simulated"] < run["duration"] == 1e6
        assert results["results/spikes/t"].size == results["results/spikes/i"].size > 0
        assert results["results/trace/v"].shape[1] == pytest.approx(run["simulated"] / 0.01, abs=1)
        assert results["state"].attrs["t"] == pytest.approx(run["simulated"])


def test_json_says_that_a_run_was_stopped(long_run, started):
    child = started("run", long_run, "--json")
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=20)
    got = json.loads(out)
    assert child.returncode == INTERRUPTED
    assert got["complete"] is False and 0 < got["biological_seconds"] < 1e6


def test_a_second_signal_kills(started, tmp_path):
    """While the step that was going on at the first one takes its time."""
    made = spiking(n=2_000_000, duration=1e6, monitors=False)
    made["network"]["groups"][0].update(method="euler")
    made["network"]["groups"][0]["equations"][0]["expr"] = (
        "(20*mV*" + "sin(" * 80 + "1 + v/mV" + ")" * 80 + " - v) / tau")  # about a second a step
    child = started("run", write(tmp_path / "big.mpk", made), "--math", "strict")
    wait_for(lambda: catches(child, signal.SIGINT))
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    wait_for(lambda: not catches(child, signal.SIGINT))
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == -signal.SIGINT


def test_ignored_signals_stay_ignored(network, tmp_path):
    """nohup, or a shell's background job: Ctrl-C is meant for somebody else."""
    child = subprocess.Popen([CLI, "run", network, "--for", "200s", "--quiet"],
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    wait_for(lambda: catches(child, signal.SIGTERM))
    assert not catches(child, signal.SIGINT) and child.poll() is None
    child.send_signal(signal.SIGINT)
    assert child.wait(60) == 0


# ---- the process ----------------------------------------------------------------------------


@pytest.mark.parametrize("results", [False, True])
def test_no_python_in_the_process_and_hdf5_only_if_needed(long_run, started, tmp_path, results):
    out = ["--out", tmp_path / "r.h5"] if results else []
    child = started("run", long_run, *out)
    wait_for(lambda: catches(child, signal.SIGINT))
    time.sleep(0.2)
    maps = Path(f"/proc/{child.pid}/maps").read_text()
    assert child.poll() is None
    assert "engram_plugin.so" in maps and "libengram.so" in maps
    assert "libpython" not in maps
    assert ("libhdf5" in maps) == results
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == INTERRUPTED


def test_operations_are_left_out_on_request_alone(engram, refused, tmp_path):
    network = Path(__file__).parents[1] / "golden" / "operation.mpk"
    refused("run", network, code=6, says="cannot run here: kick: a NetworkOperation")
    done = engram("run", network, "--ignore-operations", "--out", tmp_path / "r.h5")
    assert done.stderr == "engram: warning: left out, as asked: operations: kick\n"
    with h5py.File(tmp_path / "r.h5") as results:
        assert results.attrs["left_out"] == b"operations: kick"
