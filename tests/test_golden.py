"""tests/golden/1.0 must load for ever; files of newer versions are read or refused by name."""

import json
import os
import shutil
import struct
import subprocess
from pathlib import Path

import h5py
import pytest
import xxhash

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
CLI = os.environ.get("ENGRAM_CLI") or str(ROOT / "build" / "bin" / "engram")


def engram(*words, code=0):
    done = subprocess.run([CLI, *map(str, words)], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
    return done


NAMES = sorted(p.name for p in (GOLDEN / "1.0").iterdir())


def test_there_are_files_of_both_kinds():
    assert {Path(name).suffix for name in NAMES} == {".h5", ".mpk"} and len(NAMES) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_what_version_1_0_wrote_is_sound(name):
    said = json.loads(engram("check", GOLDEN / "1.0" / name, "--json").stdout)
    assert said["errors"] == 0


@pytest.mark.parametrize("name", ["minimal", "chain", "coded", "changed"])
def test_both_forms_are_one_network(name, tmp_path):
    document, archive = (GOLDEN / "1.0" / f"{name}.{ending}" for ending in ("mpk", "h5"))
    assert engram("diff", document, archive).stdout == "the same\n"
    engram("convert", document, tmp_path / "canonical.mpk")
    engram("convert", archive, tmp_path / "back.mpk")
    assert (tmp_path / "back.mpk").read_bytes() == (tmp_path / "canonical.mpk").read_bytes()


@pytest.mark.parametrize("name", [n for n in NAMES if n != "results.h5"])
def test_it_runs(name, tmp_path):
    engram("run", GOLDEN / "1.0" / name, "--out", tmp_path / "r.h5", "--quiet")
    engram("check", tmp_path / "r.h5")


@pytest.mark.parametrize("math", ["strict", "fast"])
def test_it_does_what_it_did(math):
    done = subprocess.run([CLI, "verify", "--math", math, GOLDEN / "1.0" / "expected.h5"],
                          capture_output=True, text=True)
    comparable = done.returncode != 6 or math == "fast"
    assert (done.returncode == 0) == comparable, done.stdout + done.stderr


def test_tables_may_be_datasets():
    """As writers of 1.0 made them, of any size, before it was released."""
    assert engram("diff", GOLDEN / "1.0" / "tables.h5",
                  GOLDEN / "1.0" / "minimal.mpk").stdout == "the same\n"


def test_compression_changes_nothing():
    assert engram("diff", GOLDEN / "1.0" / "compressed.h5",
                  GOLDEN / "1.0" / "wide.mpk").stdout == "the same\n"
    assert (GOLDEN / "1.0" / "compressed.h5").stat().st_size < 40000


@pytest.mark.parametrize("ending, ignored", [
    ("mpk", {"/network/groups/0/colour"}),
    ("h5", {"/network/groups/P/colour", "/network/novelties"})])
def test_a_newer_minor_is_read_and_what_is_ignored_named(ending, ignored, tmp_path):
    path = GOLDEN / f"newer-minor.{ending}"
    prefix = "engram: ignored, of a newer version: "
    for command in ("inspect", "run"):
        said = engram(command, path).stderr.splitlines()
        assert {line.removeprefix(prefix) for line in said if line.startswith(prefix)} == ignored
    said = engram("convert", path, tmp_path / "x.mpk").stderr
    assert all(f"{name}: not known to this version" in said for name in ignored)
    assert engram("diff", tmp_path / "x.mpk", GOLDEN / "minimal.mpk").stdout == "the same\n"


@pytest.mark.parametrize("name", ["newer-major.mpk", "major-newer.h5"])
@pytest.mark.parametrize("command", ["check", "run", "inspect", "verify"])
def test_a_newer_major_is_refused_by_name(name, command):
    assert "version 2.0, this library reads 1.x" in \
        engram(command, ROOT / "tests" / "refused" / name, code=4).stderr


def test_every_refused_archive_is_refused_by_check_and_run(tmp_path):
    archives = sorted((ROOT / "tests" / "refused").glob("*.h5"))
    assert len(archives) >= 40
    for path in archives:
        status, message = path.with_suffix(".txt").read_text().splitlines()
        for command in ("check", "run"):
            done = subprocess.run([CLI, command, path], capture_output=True, text=True)
            assert done.returncode in (4, 5) and message in done.stderr, (path, done.stderr)
            assert done.stderr.count("\n") == 1 and not done.stdout


def test_forced_hostile_archives_end_in_an_answer(tmp_path):
    """No digest stands before them then; what they provoke is refused all the same."""
    for path in sorted((ROOT / "tests" / "refused").glob("*.h5")):
        broken = tmp_path / path.name
        shutil.copy(path, broken)
        with broken.open("r+b") as f:
            f.seek(40)
            f.write(b"\0\0")
        done = subprocess.run([CLI, "check", broken, "--force"], capture_output=True, text=True)
        _, message = path.with_suffix(".txt").read_text().splitlines()
        if path.name == "digest-element.h5":  # of what is forced, damage is named only
            assert done.returncode == 0 and "does not match its digest" in done.stdout
        else:
            assert done.returncode in (4, 5) and message in done.stderr, (path, done.stderr)


def test_event_clocks_in_both_forms(tmp_path):
    document = GOLDEN / "events.mpk"
    engram("convert", document, tmp_path / "x.h5")
    assert engram("diff", document, tmp_path / "x.h5").stdout == "the same\n"
    engram("convert", tmp_path / "x.h5", tmp_path / "back.mpk")
    engram("convert", document, tmp_path / "canonical.mpk")
    assert (tmp_path / "back.mpk").read_bytes() == (tmp_path / "canonical.mpk").read_bytes()
    said = engram("inspect", tmp_path / "x.h5").stdout.splitlines()
    assert "  P_run_at_eventclock: at 4 times from 1.05 ms to 25.1 ms" in said
    assert "    at 4 times from 1.05 ms to 25.1 ms: v += 0.004*volt + 1*volt*t/second" in said
    assert "  traces: state of P: v, all elements, at 5 times from 0 s to 500 ms" in said


def test_another_time_is_a_difference(tmp_path):
    document = (GOLDEN / "events.mpk").read_bytes()
    other = document.replace(struct.pack("<d", 0.5), struct.pack("<d", 0.75))[:-32]
    path = tmp_path / "x.mpk"
    path.write_bytes(other + xxhash.xxh3_128_hexdigest(other).encode())
    assert "/network/clocks/looks/times" in engram("diff", GOLDEN / "events.mpk", path,
                                                   code=1).stdout


def test_single_precision_in_both_forms_and_in_results(tmp_path):
    document = GOLDEN / "single.mpk"
    engram("convert", document, tmp_path / "x.h5")
    assert engram("diff", document, tmp_path / "x.h5").stdout == "the same\n"
    found = engram("diff", document, GOLDEN / "chain.mpk", code=1).stdout
    assert "float_dtype" in found and "dtype" in found
    said = engram("inspect", tmp_path / "x.h5").stdout.splitlines()
    assert "dialect brian2-standalone, random numbers as in brian-standalone, numbers of float32" \
        in said and "    drive : volt (float64)" in said
    engram("run", tmp_path / "x.h5", "--out", tmp_path / "r.h5", "--quiet")
    engram("run", GOLDEN / "chain.mpk", "--out", tmp_path / "double.h5", "--quiet")
    with h5py.File(tmp_path / "r.h5") as single, h5py.File(tmp_path / "double.h5") as double:
        types = {name: single["state"][name].dtype.name
                 for name in ("P/v", "P/drive", "S/w", "S_pre/delay")}
        assert types == {"P/v": "float32", "P/drive": "float64", "S/w": "float32",
                         "S_pre/delay": "float32"}
        assert {item.dtype.name for name in ("P/v", "S/w", "S_pre/delay")
                for item in [double["state"][name]]} == {"float64"}
        assert 0 < abs(single["state/P/v"][...] - double["state/P/v"][...]).max() < 1e-6
        assert (single["results/spikes/i"][...] == double["results/spikes/i"][...]).all()


def test_links_through_index_arrays(tmp_path):
    """The script's numbers, a variable, a slice's elements: from rules alone, in both forms."""
    document = GOLDEN / "indexed.mpk"
    engram("convert", document, tmp_path / "x.h5")
    assert engram("diff", document, tmp_path / "x.h5").stdout == "the same\n"
    said = engram("inspect", tmp_path / "x.h5").stdout.splitlines()
    assert {"    u is P.drive through _u_indices", "    w is P.v through k",
            "    x is P.drive through P_last._sub_idx"} <= set(said)
    engram("run", tmp_path / "x.h5", "--out", tmp_path / "r.h5", "--quiet")
    with h5py.File(tmp_path / "r.h5") as f:
        assert list(f["state/L"]) == ["i", "k"]
        found = {name: f[f"results/linked/{name}"][...] for name in ("all", "u", "w", "x")}
        rows = found["u"].shape[1] == 3 and found or {k: v.T for k, v in found.items()}
        assert rows["u"][0].tolist() == [0, 0.02, 0.02]
        assert not rows["x"].any()
        assert (rows["all"] == rows["u"] + rows["w"] + rows["x"]).all()
        traces = f["results/traces/v"][...]
        traces = traces if traces.shape[1] == 8 else traces.T
        assert (rows["w"] == traces[:, [2, 1, 0]]).all() and rows["w"].any()
