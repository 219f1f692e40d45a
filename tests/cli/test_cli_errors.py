"""What goes wrong, provoked for real: one line on stderr, the right exit code, nothing left."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import struct
import subprocess
import time
import zlib
from pathlib import Path

import h5py
import msgpack
import pytest

import make_documents
from conftest import document, group, spiking, tree, write

IO, FORMAT, UNSOUND, LACKING = 3, 4, 5, 6
GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.fixture(params=["convert", "inspect", "check", "run", "diff", "verify"])
def every(request, refused, tmp_path):
    """every(file, ...): the file is refused, by each command in turn; its output would be
    in `folder`."""
    def call(path, folder=tmp_path, **kwds):
        words = {"convert": [folder / "out.h5"], "run": ["--out", folder / "out.h5"],
                 "diff": [path]}
        return refused(request.param, path, *words.get(request.param, []), **kwds)

    return call


@pytest.fixture
def run_refused(refused, tmp_path):
    """run_refused(document, ...): written and run with results."""
    def call(made, **kwds):
        path = write(tmp_path / "x.mpk", made)
        return refused("run", path, "--out", tmp_path / "out.h5", **kwds)

    return call


# ---- files ----------------------------------------------------------------------------------


def test_a_missing_file(every, tmp_path):
    every(tmp_path / "nowhere.h5", code=IO, says="nowhere.h5")


def test_a_folder(every, tmp_path):
    (tmp_path / "folder.h5").mkdir()
    every(tmp_path / "folder.h5", code=IO, says="folder.h5")


def test_an_empty_file(every, tmp_path):
    (tmp_path / "empty.h5").touch()
    every(tmp_path / "empty.h5", code=FORMAT, says=["empty.h5", "is empty"])


def png() -> bytes:
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b""))


OTHER_KINDS = {"png": png(), "text": b"import brian2\nnet = Network()\n",
               "zip": b"PK\x03\x04" + bytes(200), "zeros": bytes(5000),
               "list": msgpack.packb([1, 2, 3]), "map": msgpack.packb({"a": 1}),
               "noise": bytes((k * k * 31 + k) % 251 for k in range(3000)),
               "checkpoint": b"ENGRAM-CP\r\n\x1a\n" + bytes(500)}
TOLD_AS = {"text": "a text file", "zip": "a zip archive", "zeros": "a binary file",
           "checkpoint": "engram resume"}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_another_kind_of_file(every, tmp_path, kind):
    (tmp_path / "in.h5").write_bytes(OTHER_KINDS[kind])
    every(tmp_path / "in.h5", code=FORMAT, says=["in.h5", TOLD_AS.get(kind, "in.h5")])


def test_results_of_a_run_that_was_killed(every, engram, long_run, tmp_path):
    run = subprocess.Popen([engram.path, "run", long_run, "--out", tmp_path / "left.h5"])
    while not (tmp_path / "left.h5.partial").exists():
        assert run.poll() is None
    time.sleep(0.3)
    run.kill()
    run.wait()
    every(tmp_path / "left.h5.partial", code=FORMAT, says=["left.h5.partial", "engram recover"])


def test_an_hdf5_file_of_somebody_else(every, tmp_path):
    with h5py.File(tmp_path / "foreign.h5", "w") as f:
        f["data"] = [1.0, 2.0]
    every(tmp_path / "foreign.h5", code=FORMAT, says="foreign.h5")


@pytest.mark.parametrize("command", ["convert", "inspect", "run", "diff", "verify"])
def test_results_are_no_network(command, engram, refused, tmp_path, good):
    engram("run", good, "--out", tmp_path / "results.h5")
    words = {"convert": [tmp_path / "out.h5"], "diff": [good]}.get(command, [])
    refused(command, tmp_path / "results.h5", *words, code=FORMAT,
            says=["results.h5", "results"])


def test_a_document_of_a_newer_major_version(every, tmp_path):
    path = write(tmp_path / "new.mpk", document(lambda d: d.update(major=2)))
    every(path, code=FORMAT, says=["new.mpk", "2.0"])


def test_an_archive_of_a_newer_major_version(refused, archive):
    with h5py.File(archive, "r+") as f:
        f.attrs.modify("major", 2)
    for command in ("inspect", "check", "run"):  # forced: the digest is another one now
        refused(command, archive, "--force", code=FORMAT, says=["good.h5", "2.0"])


def cut(path, part):
    content = path.read_bytes()
    path.write_bytes(content[:int(part * len(content)) if isinstance(part, float) else part])


@pytest.mark.parametrize("part", [1, 17, 0.5, -1])
def test_a_truncated_document(every, good, part):
    cut(good, part)
    every(good, code=FORMAT, says="good.mpk")


@pytest.mark.parametrize("part", [3, 100, 511, 512, 700, 2048, 0.5, 0.9, -1])
def test_a_truncated_archive(every, archive, part):
    cut(archive, part)
    every(archive, code=FORMAT, says="good.h5")


@pytest.mark.parametrize("place", [520, 0.2, 0.5, 0.8, -1])
def test_a_flipped_bit_in_an_archive(every, engram, archive, place):
    content = bytearray(archive.read_bytes())
    content[int(place * len(content)) if isinstance(place, float) else place] ^= 0x10
    archive.write_bytes(content)
    every(archive, code=FORMAT, says=["good.h5", "digest"])
    # Forced, it is read or refused, in one line; nothing else.
    forced = subprocess.run([engram.path, "inspect", archive, "--force"], text=True,
                            capture_output=True, timeout=20)
    assert forced.returncode in (0, FORMAT, UNSOUND), forced.stderr
    assert len(forced.stderr.splitlines()) == (forced.returncode != 0)


def test_a_flipped_bit_in_the_user_block(every, archive):
    content = bytearray(archive.read_bytes())
    content[20] ^= 1
    archive.write_bytes(content)
    every(archive, code=FORMAT, says="good.h5")


def test_without_the_part_for_hdf5(refused, engram, archive, good, tmp_path):
    env = dict(os.environ, ENGRAM_HDF5_PROVIDER=str(tmp_path / "nowhere.so"))
    refused("run", archive, code=LACKING, says="nowhere.so", env=env)
    refused("convert", good, tmp_path / "out.h5", code=LACKING, says="nowhere.so", env=env)
    refused("run", good, "--out", tmp_path / "out.h5", code=LACKING, says="nowhere.so", env=env)
    engram("run", good, env=env)  # a document without results needs none


# ---- contents -------------------------------------------------------------------------------

judged = pytest.mark.parametrize("every", ["convert", "run"], indirect=True)
"""`inspect` shows what is unsound, and `check` has a report for it."""


@judged
def test_an_unknown_kind_of_object(every, tmp_path):
    path = write(tmp_path / "x.mpk", document(lambda d: group(d).update(kind="glia")))
    every(path, code=UNSOUND, says=["x.mpk", '"glia"', "/network/groups/P"])


@judged
def test_synapses_of_a_group_that_is_not_there(every, tmp_path):
    path = write(tmp_path / "x.mpk",
                 document(lambda d: d["network"]["synapses"][0].update(source="Q")))
    every(path, code=UNSOUND, says=["x.mpk", '"S"', '"Q"'])


@judged
def test_a_monitor_of_a_group_that_is_not_there(every, tmp_path):
    made = spiking()
    made["network"]["monitors"][0]["source"] = "Q"
    every(write(tmp_path / "x.mpk", made), code=UNSOUND, says=["x.mpk", '"spikes"', '"Q"'])


def test_an_unknown_field(every, tmp_path):
    path = write(tmp_path / "x.mpk", document(lambda d: group(d).update(colour="red")))
    every(path, code=UNSOUND, says=["x.mpk", '"colour"'])


def equation(text):
    return lambda d: group(d)["equations"][0].update(expr=text)


# what -> (edit, words of the message, how the line goes on at the caret)
TEXTS = {
    "syntax": (equation("-v / (tau"), "equations/0/expr", "(tau"),
    "an early end": (equation("-v /"), "equations/0/expr", ""),
    "dimension": (equation("-v / volt"), "dimension", "-v / volt"),
    "sum of volt and second": (equation("-(v + tau) / tau"), "second", "+ tau) / tau"),
    "unknown name": (equation("-w / tau"), "'w'", "w / tau"),
    "condition": (lambda d: group(d)["events"][0].update(condition="v > > 10*mV"),
                  "events/0/condition", "> 10*mV"),
    "second line of a reset": (lambda d: group(d)["events"][0].update(reset="v = 0*mV\nv == 3"),
                               "line 2", "== 3"),
    "pathway": (lambda d: d["network"]["synapses"][0]["pathways"][0].update(
        code="v_post += 1*m V"), "pathways/S_pre/code", "V"),
}


@judged
@pytest.mark.parametrize("what", TEXTS)
def test_equations_and_code_are_shown_with_a_caret(every, tmp_path, what):
    edit, words, caret = TEXTS[what]
    every(write(tmp_path / "x.mpk", document(edit)), code=UNSOUND, says=["x.mpk", words],
          caret=caret)


def test_a_check_reports_every_finding(engram, tmp_path):
    def edit(made):
        equation("-v / (tau")(made)
        group(made)["events"][0]["condition"] = "v > 10*second"
        made["network"]["synapses"][0]["source"] = "Q"

    path = write(tmp_path / "x.mpk", document(edit))
    done = engram("check", path, code=UNSOUND)
    assert done.stderr == f"engram: {path}: 3 errors, 0 warnings, 0 advice\n"
    for rule in ("F14", "F16", "F17"):
        assert f"error {rule}: /network/" in done.stdout
    assert [line.strip() for line in done.stdout.splitlines()].count("^") == 2


def test_control_characters_of_a_file_do_not_reach_the_terminal(refused, engram, tmp_path):
    path = write(tmp_path / "x.mpk", document(equation("-v / tau \x1b[31m")))
    done = refused("run", path, code=UNSOUND, caret=" [31m")
    assert "\x1b" not in done.stderr
    for command in ("check", "inspect"):
        done = subprocess.run([engram.path, command, path], capture_output=True, text=True)
        assert "\x1b" not in done.stdout + done.stderr


def test_a_method_that_the_engine_lacks(run_refused):
    run_refused(document(lambda d: group(d).update(method="rk45")), code=LACKING,
                says=["x.mpk", '"rk45"', "rk4"])


def test_a_library_that_a_method_needs(run_refused, engram, tmp_path, monkeypatch):
    path = write(tmp_path / "gsl.mpk", document(lambda d: group(d).update(method="gsl_rk4")))
    monkeypatch.setenv("ENGRAM_GSL_PROVIDER", "/nowhere/libengram_gsl.so")
    for command in ("check", "inspect"):  # a file is one without it
        engram(command, path)
    run_refused(document(lambda d: group(d).update(method="gsl_rk4")), code=LACKING,
                says=["P_stateupdater", "method gsl_rk4", "the GSL provider"])


def test_no_run_and_no_duration(run_refused, engram, tmp_path):
    run_refused(document(lambda d: d["network"].pop("runs")), code=2, says="x.mpk")
    assert "simulated  20 ms" in engram("run", tmp_path / "x.mpk", "--for", "20ms").stdout


# ---- output ---------------------------------------------------------------------------------


def test_the_input_is_never_the_output(refused, archive, tmp_path):
    os.link(archive, tmp_path / "same.h5")
    (tmp_path / "link.h5").symlink_to(archive)
    archive.with_name("out.h5.partial").write_bytes(archive.read_bytes())
    for out in (archive, tmp_path / "same.h5", tmp_path / "link.h5",
                archive.parent / "." / archive.name):
        refused("run", archive, "--out", out, code=2, says="replace the file that is read")
    refused("run", tmp_path / "out.h5.partial", "--out", tmp_path / "out.h5", code=2,
            says="replace the file that is read")


def test_an_output_that_is_no_file(refused, good, tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for command, out in (("convert", []), ("run", ["--out"])):
        refused(command, good, *out, tmp_path / "folder", code=IO, says="folder")
        refused(command, good, *out, tmp_path / "pipe", code=IO, says="regular file")
        refused(command, good, *out, tmp_path / "nowhere" / "x.h5", code=IO,
                says=["nowhere", "No such file"])


# words behind the command, exit code, what is said
WRONG_CALLS = [
    (["run", ""], 2, "the name of a file is empty"),
    (["run", "x" * 3000], IO, "xxx: File name too long"),
    (["run", "good.mpk/"], IO, "Not a directory"),
    (["run", "/dev/null"], IO, "not a regular file"),
    (["check", "/dev/zero"], IO, "not a regular file"),
    (["run", "dangling"], IO, "No such file"),
    (["run", "loop"], IO, "symbolic links"),
    (["run", "pipe"], IO, "not a regular file"),
    (["run", "-"], IO, "cannot open -"),
    (["run", "good.mpk", "--out", "/dev/full"], IO, "not a regular file"),
    (["run", "good.mpk", "--out", "new/"], IO, "new/: it is a folder, wanted the name of a file"),
    (["run", "good.mpk", "--out", "folder/"], IO, "it is a folder"),
    (["run", "good.mpk", "--out", "good.mpk/x.h5"], IO, "Not a directory"),
    (["run", "good.mpk", "--out", "--json"], 2, "--out wants a value, and --json is an option"),
    (["run", "good.mpk", "--out", "x" * 300], IO, "name too long"),
    (["run", "good.mpk", "--out", "c.h5", "--checkpoint-every", "0s"], 2, "--checkpoint-every"),
    (["run", "good.mpk", "--out", "c.h5", "--checkpoint-every", "nan"], 2, "'nan'"),
    (["run", "good.mpk", "--checkpoint-every", "1s"], 2, "wants --out"),
    (["run", "good.mpk", "--threads", "1e9"], 2, "'1e9'"),
    (["run", "good.mpk", "--threads", "99999999999999999999"], 2, "--threads"),
    (["run", "good.mpk", "--seed", "1.5"], 2, "'1.5'"),
    (["run", "good.mpk", "--for", "0x10s"], 2, "'0x10s'"),
    (["run", "good.mpk", "--for", "1e17s"], 2, "no countable number of steps"),
    (["run", "good.mpk", "--isa", "y" * 3000], 2, 'yyy" is unknown'),
    (["convert", "good.mpk", "folder"], IO, "it is a folder"),
    (["convert", "good.mpk", "new/", "--to", "hdf5"], IO, "wanted the name of a file"),
    (["convert", "good.mpk", "o.h5", "--to", "json"], 2, '"json", wanted hdf5 or msgpack'),
    (["convert", "good.mpk", "o.h5", "--from", "hdf5"], FORMAT, "no HDF5 file"),
    (["convert", "good.mpk", "o.h5", "--compress", "--no-compress"], 2, "not both"),
    (["inspect", "good.mpk", "--digests"], 2, "--digests goes with --json"),
    (["diff", "good.mpk"], 2, "wants two files"),
    (["diff", "good.mpk", "folder"], IO, "Is a directory"),
    (["verify", "good.mpk", "--out", "v.mpk"], 2, "--out goes with --record"),
    (["verify", "chain.mpk", "--record", "--out", "none/v.mpk"], IO, "none/v.mpk: No such file"),
    (["verify", "chain.mpk", "--record", "--out", "v.h5"], 2, "v.h5 has the ending of hdf5"),
    (["verify", "none.mpk", "--record"], IO, "cannot open none.mpk"),
    (["recover", ".partial"], 2, "no name before .partial"),
    (["recover", "good.mpk", "-o", "r.h5"], FORMAT, "no unfinished results file"),
    (["recover", "none.h5.partial"], IO, "none.h5.partial"),
    (["resume", "none.h5"], IO, "none.h5.checkpoint"),
    (["resume", "junk.h5"], FORMAT, "no checkpoint"),
    (["resume", "junk.h5", "--threads", "0"], 2, "--threads"),
    (["resume", "junk.h5", "--seed", "1"], 2, "--seed"),
]


@pytest.mark.parametrize("words, code, says", WRONG_CALLS,
                         ids=[" ".join(words)[:60] for words, *_ in WRONG_CALLS])
def test_wrong_calls(refused, good, tmp_path, monkeypatch, words, code, says):
    monkeypatch.chdir(tmp_path)
    shutil.copy(GOLDEN / "chain.mpk", "chain.mpk")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "junk.h5.checkpoint").write_bytes(b"junk" * 100)
    os.mkfifo("pipe")
    done = refused(*words, code=code, says=says)
    assert not done.stdout


def test_nothing_is_said_to_be_recorded_that_is_not(engram, tmp_path):
    """The disk, or here a limit, is full when all is computed."""
    shutil.copy(GOLDEN / "chain.mpk", tmp_path)
    before = tree(tmp_path)
    done = engram("verify", "--record", tmp_path / "chain.mpk", code=IO, prepare=limit(100))
    assert not done.stdout and len(done.stderr.splitlines()) == 1 and tree(tmp_path) == before


def test_an_output_whose_ending_says_nothing(refused, good, tmp_path):
    refused("convert", good, tmp_path / "x.docx", code=2, says="x.docx")


def test_a_folder_that_may_not_be_written(refused, as_nobody, long_run, tmp_path):
    """And it is said before the simulation begins: this one would take hours."""
    command, folder, drop = as_nobody
    inside = folder / "closed"
    inside.mkdir()
    (inside / "in.mpk").write_bytes(long_run.read_bytes())
    inside.chmod(0o555)
    before = tree(folder)
    for words in (["run", inside / "in.mpk", "--out", inside / "out.h5"],
                  ["convert", inside / "in.mpk", inside / "out.h5"]):
        refused(*words, code=IO, says=["out.h5", "Permission denied"], command=command,
                prepare=drop, timeout=20)
        assert tree(folder) == before


def test_a_file_that_may_not_be_read(every, as_nobody, good):
    command, folder, drop = as_nobody
    (folder / "in.mpk").write_bytes(good.read_bytes())
    (folder / "in.mpk").chmod(0)
    (folder / "open").mkdir()
    (folder / "open").chmod(0o777)
    every(folder / "in.mpk", folder / "open", code=IO, says=["in.mpk", "Permission denied"],
          command=command, prepare=drop)
    assert not list((folder / "open").iterdir())


def limit(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [0, 400, 3000, 20_000, 100_000, 600_000])
def test_a_limit_on_the_size_of_files(refused, tmp_path, size):
    path = write(tmp_path / "x.mpk", spiking())
    refused("run", path, "--out", tmp_path / "out.h5", code=IO, says="out.h5",
            prepare=limit(size))
    if size <= 3000:
        refused("convert", path, tmp_path / "out.h5", code=IO, says="out.h5",
                prepare=limit(size))


def test_a_limit_leaves_older_results_alone(refused, good, tmp_path):
    (tmp_path / "out.h5").write_bytes(b"older results")
    refused("run", good, "--out", tmp_path / "out.h5", code=IO, prepare=limit(3000))
    refused("convert", good, tmp_path / "out.h5", code=IO, prepare=limit(3000))
    assert (tmp_path / "out.h5").read_bytes() == b"older results"


@pytest.fixture
def small_disk(tmp_path):
    """make(kilobytes): a file system of that size, by a mount that ends with the test."""
    libc = ctypes.CDLL(None, use_errno=True)
    where = tmp_path / "disk"
    where.mkdir()

    def make(kilobytes):
        options = f"size={kilobytes}k,mode=755".encode()
        if libc.mount(b"engram-test", str(where).encode(), b"tmpfs", 0, options) == 0:
            return where
        return None

    yield make
    libc.umount2(str(where).encode(), 2)


@pytest.mark.parametrize("kilobytes", [4, 64, 512, 2048])
def test_a_full_disk(refused, small_disk, tmp_path, kilobytes):
    """Where mounting is not allowed the limit on file sizes, above, is all there is."""
    disk = small_disk(kilobytes)
    path = write(tmp_path / "x.mpk", spiking())
    if disk:
        refused("run", path, "--out", disk / "out.h5", code=IO, says="out.h5")
    else:
        refused("run", path, "--out", tmp_path / "out.h5", code=IO, says="out.h5",
                prepare=limit(1024 * kilobytes))
    assert not list((tmp_path / "disk").iterdir())


def test_output_that_cannot_be_printed(engram, good):
    """/dev/full, a closed descriptor, a pipe without a reader."""
    for words in (["inspect", good], ["check", good], ["run", good], ["run", good, "--json"],
                  ["inspect", good, "--json"], ["--help"], ["--version"], ["run", "--help"]):
        with open("/dev/full", "w") as full:
            done = engram(*words, code=IO, stdout=full)
        assert done.stderr.startswith("engram: cannot write"), done.stderr
        assert len(done.stderr.splitlines()) == 1
        engram(*words, code=IO, stdout=None, prepare=lambda: os.close(1))
        read, written = os.pipe()
        os.close(read)
        # SIGPIPE has its default here, so the command dies of it, as `yes | head` does.
        done = subprocess.run([engram.path, *map(str, words)], stdout=written)
        assert done.returncode == -signal.SIGPIPE
        done = subprocess.run([engram.path, *map(str, words)], stdout=written,
                              restore_signals=False, stderr=subprocess.PIPE, text=True)
        assert done.returncode == IO and "Broken pipe" in done.stderr
        os.close(written)


def test_differences_that_cannot_be_printed(engram, good, tmp_path):
    """Exit code 1 would say that all of them were."""
    other = write(tmp_path / "other.mpk", document(lambda d: group(d).update(n=3)))
    engram("diff", good, other, code=1)
    with open("/dev/full", "w") as full:
        done = engram("diff", good, other, code=IO, stdout=full)
    assert done.stderr.startswith("engram: cannot write"), done.stderr


def test_a_closed_output_does_not_end_up_in_the_results(engram, good, tmp_path):
    engram("run", good, "--out", tmp_path / "out.h5", code=IO, stdout=None,
           prepare=lambda: (os.close(0), os.close(1)))
    with h5py.File(tmp_path / "out.h5") as results:
        assert results.attrs["complete"]


# ---- setup code that reads through index arrays ---------------------------------------------


def linked(number, code="w"):
    """A group whose variable z is set from links: w by its variable k, which is `number`; u by the
    script's numbers, which are int64."""
    made = make_documents.indexed()
    network = made["network"]
    group = network["groups"][0]
    group["equations"].append({"name": "z", "kind": "parameter", "type": "float",
                               "dim": make_documents.VOLT, "unit": "V"})
    network["setup"][4:5] = [
        {"kind": "initialise", "target": "L", "variable": "k", "code": str(number)},
        {"kind": "initialise", "target": "L", "variable": "z", "code": code},
        {"kind": "initialise", "target": "L", "variable": "k", "code": "2 - i"}]
    network["runs"][0]["setup_end"], network["runs"][1]["setup_end"] = 7, 8
    return made


@pytest.mark.parametrize("number", [8, 1000000000, -1])
def test_setup_code_does_not_read_behind_an_array(refused, tmp_path, number):
    file = write(tmp_path / "n.mpk", linked(number))
    refused("run", file, code=4, says=["setup step 5 (initialise L.z)", '"k"',
                                       f"element {number} of P.v, which has 8"])


def test_setup_code_does_not_read_behind_a_short_variable(refused, tmp_path):
    """A variable of synapses that does not follow their number."""
    made = make_documents.chain()
    synapses = made["network"]["synapses"][0]
    z = {"name": "z", "kind": "parameter", "type": "float", "dim": make_documents.VOLT}
    synapses["equations"].append(z)
    ends = [{"name": name, "dtype": "int32", "size": 0, "dynamic": True}
            for name in ("_synaptic_post", "_synaptic_pre")]
    synapses["variables"] = [
        {"name": "N", "dtype": "int32", "scalar": True}, *ends,
        {"name": "w", "dtype": "float64", "size": 1, "dim": make_documents.VOLT},
        {"name": "z", "dtype": "float64", "size": 0, "dynamic": True, "dim": make_documents.VOLT}]
    made["network"]["setup"][2] = {"kind": "initialise", "target": "S", "variable": "z",
                                   "code": "w"}
    refused("run", write(tmp_path / "n.mpk", made), code=4,
            says="setup step 2 (initialise S.z): S.w has 1 elements, the code reads 7")


def test_setup_code_reads_links(engram, tmp_path):
    file = write(tmp_path / "n.mpk", linked(7, "w + u"))
    engram("run", file, "--out", tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as results:
        z = results["state/L/z"][:]
    drive = [0.02 * (n == 0) for n in range(8)]  # as the setup has it then; v is 0 but for noise
    assert z[1] == z[2] and z[1] - z[0] == pytest.approx(drive[0] - drive[7], abs=1e-12)
