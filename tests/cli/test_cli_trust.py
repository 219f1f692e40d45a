"""diff, verify, recover, --force: what a file is worth, and what a killed run leaves."""

import copy
import json
import os
import signal
import struct
import subprocess
import time

import h5py
import numpy as np
import pytest
import xxhash
from conftest import CLI, ROOT, document, group, settled, spiking, write

import make_documents

GOLDEN = ROOT / "tests" / "golden"


# ---- diff -----------------------------------------------------------------------------------


def differences(engram, a, b, *options, code=1):
    done = engram("diff", a, b, "--json", *options, code=code)
    return {d["path"]: d for d in json.loads(done.stdout)["differences"]}


def test_the_same_network_in_both_forms_and_any_order(engram, tmp_path):
    a = tmp_path / "a.h5"
    engram("convert", GOLDEN / "coded.mpk", a)
    assert engram("diff", a, GOLDEN / "coded.mpk").stdout == "the same\n"
    turned = make_documents.coded()
    turned["network"]["groups"].reverse()
    turned["network"]["groups"][1]["variables"].reverse()
    turned["state"]["arrays"].reverse()
    b = write(tmp_path / "b.mpk", turned)
    assert engram("diff", a, b).stdout == "the same\n"
    assert differences(engram, a, b, code=0) == {}


def test_diff_says_what_changed_where(engram, tmp_path):
    a = write(tmp_path / "a.mpk", make_documents.coded())
    made = make_documents.coded()
    made["network"]["groups"][1]["equations"][0]["expr"] = "-2*v / tau"
    made["network"]["groups"][1]["constants"][0]["value"] = 0.02
    made["network"]["monitors"].pop(0)
    made["network"]["runs"].append({"duration": 0.5})
    made["state"]["arrays"][3]["data"]["data"] = [struct.pack("<2d", 0.011, 0.0)]
    made["provenance"] = {"title": "T"}
    b = write(tmp_path / "b.mpk", made)
    for one, other in ((a, b), (tmp_path / "a.h5", tmp_path / "b.h5")):
        if one != a:
            engram("convert", a, one)
            engram("convert", b, other, "--compress", "--force")
        found = differences(engram, one, other)
        expr = found["/network/groups/P/equations/v/expr"]
        assert (expr["change"], expr["object"]) == ("changed", "P")
        assert (expr["a"], expr["b"]) == ("-v / tau", "-2*v / tau")
        assert found["/network/groups/P/constants/tau/value"]["b"] == "0.02"
        assert found["/network/monitors/M"]["change"] == "removed"
        assert found["/network/runs/1"]["change"] == "added"
        array = found["/state/arrays/P.v/data"]  # -0.0 and 0.0 are two numbers
        assert (array["index"], array["count"], array["a"], array["b"]) == (1, 1, "-0", "0")
        assert found["/provenance"]["change"] == "added"
        assert len(found) == 6
        assert "/provenance" not in differences(engram, one, other, "--no-provenance")
    text = engram("diff", a, b, code=1).stdout
    assert "changed /network/groups/P/equations/v/expr: -v / tau -> -2*v / tau\n" in text
    assert text.endswith("6 differences\n")


def test_diff_of_what_is_no_network(refused, good, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("hello")
    refused("diff", good, other, code=4, says="a text file")
    refused("diff", good, tmp_path / "none.h5", code=3, says="No such file")
    refused("diff", good, code=2, says="wants two files")


# ---- verify ---------------------------------------------------------------------------------


@pytest.fixture
def chain(engram, tmp_path):
    engram("convert", GOLDEN / "chain.mpk", tmp_path / "chain.h5")
    return tmp_path / "chain.h5"


def rewritten(engram, path, edit):
    """The archive's document, changed, as an archive again."""
    plain = path.with_suffix(".mpk")
    engram("convert", path, plain)
    import msgpack
    made = msgpack.unpackb(plain.read_bytes())
    made.pop("digest")
    edit(made)
    write(plain, made)
    engram("convert", plain, path)
    return path


def test_an_archive_that_does_what_it_did(engram, refused, chain, tmp_path):
    refused("verify", chain, code=2, says="expects no spikes")
    engram("verify", "--record", chain)
    assert engram("check", chain).stdout.endswith("0 errors, 0 warnings, 0 advice\n")
    said = json.loads(engram("verify", chain, "--json").stdout)
    assert said["same"] and [r["math"] for r in said["runs"]] == ["strict", "strict"]
    # the same digests as a results file has
    engram("run", chain, "--math", "strict", "--out", tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as f:
        digests = [f[f"runs/{k}"].attrs["digest"].decode() for k in range(2)]
    assert [r["digest"] for r in said["runs"]] == digests
    # a second record changes nothing
    before = chain.read_bytes()
    engram("verify", "--record", chain)
    assert chain.read_bytes() == before


def test_an_archive_that_does_something_else(engram, chain):
    engram("verify", "--record", chain)

    def drive(made):
        made["network"]["setup"][3]["code"] = "0.03*volt"

    rewritten(engram, chain, drive)
    done = engram("verify", chain, code=1)
    assert "DIFFERENT" in done.stdout and "does not do what it did" in done.stdout
    assert "expected 16 spikes" in done.stdout


def test_strict_digests_of_another_library_are_not_comparable(engram, refused, chain):
    engram("verify", "--record", chain)

    def elsewhere(made):
        for e in made["expected"]:
            if e["math"] == "strict":
                e["libm"] = "glibc 9.99 sse2"

    rewritten(engram, chain, elsewhere)
    done = engram("verify", chain)
    assert "not comparable: made with glibc 9.99 sse2" in done.stderr
    assert "run 0, fast: as expected" in done.stdout
    rewritten(engram, chain, lambda made: made.update(
        expected=[e for e in made["expected"] if e["math"] == "strict"]))
    done = engram("verify", chain, code=6)
    assert "nothing that is comparable here" in done.stderr


def test_what_cannot_be_expected(engram, refused, good, tmp_path):
    refused("verify", "--record", good, code=6, says="no spike monitor")
    made = spiking(n=4, duration=0.05)
    made["network"]["groups"][0]["equations"][0]["expr"] += " + 20*mV*xi*tau**-0.5"
    made["network"]["groups"][0]["method"] = "euler"
    noisy = write(tmp_path / "noisy.mpk", made)
    refused("verify", "--record", noisy, code=6, says="without a seed")
    refused("verify", good, "--out", tmp_path / "x.h5", code=2, says="--out goes with --record")
    made = document(lambda d: d.update(expected=[
        {"run": 3, "math": "fast", "digest": "0" * 32, "spikes": 1}]))
    refused("check", write(tmp_path / "run.mpk", made), code=4, says="1 error")


# ---- recover --------------------------------------------------------------------------------


def test_killed_at_any_moment(engram, tmp_path):
    """Many kills of a run that flushes each second and fills blocks in between: what is left
    opens, and recovered it is the beginning of what the whole run gives."""
    source = write(tmp_path / "net.mpk", spiking(n=300, duration=4000.0, sample=1e-3))
    out, partial = tmp_path / "r.h5", tmp_path / "r.h5.partial"
    recovered = {}
    for pause in (0.02, 0.4, 1.0, 1.06, 1.2, 2.2):
        process = subprocess.Popen([CLI, "run", source, "--out", out, "--quiet"],
                                   preexec_fn=settled())
        while not partial.exists():
            assert process.poll() is None
            time.sleep(0.001)
        if pause == 1.06:
            done = engram("recover", partial, "-o", tmp_path / "x.h5", code=7)
            assert "still being written" in done.stderr
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL and not out.exists()
        with h5py.File(partial, "r", libver="latest", swmr=True) as f:
            assert f["results/spikes/i"].shape[0] >= 0
        done = engram("check", partial, code=4)
        assert "never finished" in done.stderr
        engram("recover", partial)
        assert not partial.exists()
        engram("check", out)
        with h5py.File(out) as f:
            assert not f.attrs["complete"] and f.attrs["recovered"]
            recovered[pause] = ({k: f[f"results/{k}"][:] for k in
                                 ("spikes/i", "spikes/t", "spikes/count", "trace/v", "trace/t")},
                                f["until"][0])
        out.unlink()
    assert recovered[2.2][1] > recovered[1.2][1] >= 0 and recovered[0.02][1] < 0
    last = recovered[2.2]
    for got, until in recovered.values():
        for key in ("spikes/t", "spikes/i", "trace/t"):
            n = len(got[key])
            assert np.array_equal(got[key], last[0][key][:n])
        steps = len(got["trace/t"])
        assert np.array_equal(got["trace/v"], last[0]["trace/v"][:, :steps])
        assert np.array_equal(got["spikes/count"],
                              np.bincount(got["spikes/i"], minlength=300))
        # whole: everything before `until`, of every monitor
        assert len(got["spikes/t"]) == np.searchsorted(last[0]["spikes/t"], until) or \
            until > last[1]
        assert steps == np.searchsorted(last[0]["trace/t"], until) or until > last[1]
    assert not list(tmp_path.glob("*.partial"))


def test_killed_while_it_finishes(engram, tmp_path):
    """The end of a run adds what it computed to a file that others could already read."""
    made = spiking(n=200000, duration=0.01, sample=1e-3)
    made["network"]["monitors"][1].update(indices=make_documents.array("int32", 0),
                                          record_all=False)
    source = write(tmp_path / "net.mpk", made)
    out, partial = tmp_path / "r.h5", tmp_path / "r.h5.partial"
    opened, most = 0, None
    for k in range(100):  # the first is not killed, and says how long there is time to
        if k >= 25 and opened >= 3:
            break
        process = subprocess.Popen([CLI, "run", source, "--out", out, "--quiet"],
                                   preexec_fn=settled())
        while not partial.exists() and process.poll() is None:
            time.sleep(0.0005)
        began = time.monotonic()
        if most is not None:
            time.sleep(most * (k % 25) / 25)
            process.send_signal(signal.SIGKILL)
        process.wait()
        if out.exists():  # the shortest that ended: later ones find everything in memory
            most = min(most or 60, time.monotonic() - began)
            engram("check", out)
            out.unlink()
        elif partial.exists():
            with h5py.File(partial, "r", libver="latest", swmr=True) as f:
                assert "spikes" in f["results"]
            engram("recover", partial)
            engram("check", out)
            out.unlink()
            opened += 1
    assert opened >= 3


def test_recover_wants_what_a_run_left(engram, refused, chain, tmp_path):
    engram("run", chain, "--out", tmp_path / "r.h5", "--quiet")
    refused("recover", tmp_path / "r.h5", code=2, says="does not end in .partial")
    refused("recover", tmp_path / "r.h5", "-o", tmp_path / "x.h5", code=4, says="is finished")
    refused("recover", chain, "-o", tmp_path / "x.h5", code=4, says="no unfinished results file")
    refused("recover", tmp_path / "none.h5.partial", code=3, says="No such file")
    (tmp_path / "s.h5.partial").write_bytes(b"")
    (tmp_path / "s.h5").write_bytes(b"kept")
    refused("recover", tmp_path / "s.h5.partial", code=2, says="is there already")


def test_results_are_checked(engram, refused, chain, tmp_path):
    out = tmp_path / "r.h5"
    engram("run", chain, "--out", out, "--quiet")
    assert engram("check", out).stdout.startswith(f"{out}: results, complete, 2 runs, 4 monitors")
    assert json.loads(engram("check", out, "--json").stdout)["events"] == 16
    with h5py.File(out, "r+", libver="v110") as f:
        f["results/spikes/t"].resize((3,))
    refused("check", out, code=4, says="damaged")
    refused("check", out, "--force", code=5, says="columns of different lengths")


# ---- --force --------------------------------------------------------------------------------


def test_forced_reading_names_what_is_damaged(engram, archive):
    with h5py.File(archive, "r+") as f:
        f["state/arrays/P.v/data"][0] = 0.012
        f["network/clocks/defaultclock"].attrs.modify("dt", 2e-4)
    done = engram("check", archive, code=4)
    assert "damaged" in done.stderr or "was added" in done.stderr
    said = engram("check", archive, "--force").stdout
    assert "warning F23: /network/clocks/defaultclock: the element does not match" in said
    assert "warning F23: /state/arrays/P.v/data: the elements do not match" in said
    assert "groups/P:" not in said


def test_a_crash_of_what_was_forced_is_an_answer(engram, good):
    """The child is killed as a reader that crashed is; the command says so and goes on."""
    process = subprocess.Popen([CLI, "run", good, "--force", "--for", "100000s", "--quiet"],
                               stderr=subprocess.PIPE, text=True, preexec_fn=settled())
    children = ROOT / "none"
    for _ in range(1000):
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as f:
            children = f.read().split()
        if children:
            break
        time.sleep(0.005)
    time.sleep(0.2)
    os.kill(int(children[0]), signal.SIGSEGV)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 4
    assert said.startswith("engram: what was opened by force crashed its reader (Segmentation")


def test_signals_reach_what_was_forced(good):
    process = subprocess.Popen([CLI, "run", good, "--force", "--for", "100000s", "--quiet"],
                               stderr=subprocess.PIPE, text=True, preexec_fn=settled())
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 143 and said.startswith("engram: stopped by SIGTERM")
