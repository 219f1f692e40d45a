"""python -m brian2engram: real processes, real scripts, exit status and one line of error."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from brian2engram import document

from conftest import PACKAGE, REPOSITORY, STAND_INS

SCRIPT = """
import sys
from brian2 import *
prefs.codegen.target = 'numpy'
seed(1)
tau = 10*ms
eqs = 'dv/dt = (1.5-v)/tau : 1'
G = NeuronGroup(3, eqs, threshold='v>1', reset='v = 0', method='exact', name='G')
G.v = 'rand()'
M = SpikeMonitor(G, name='M')
{body}
"""


def brian2engram(folder, *words, **more):
    paths = os.pathsep.join([str(PACKAGE), str(STAND_INS)])
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": paths, **more}
    return subprocess.run([sys.executable, "-m", "brian2engram", *map(str, words)],
                          capture_output=True, text=True, env=environment, cwd=folder)


@pytest.fixture
def capture(tmp_path):
    """Write a script, run the command; gives (status, stdout, stderr, path of the document)."""
    def command(body, *options, script=None, name="capture"):
        path = tmp_path / "model.py"
        if script is None:
            path.write_text(SCRIPT.format(body=body))
        out = tmp_path / "model.mpk"
        done = brian2engram(tmp_path, name, script or path, "-o", out, *options)
        return done.returncode, done.stdout, done.stderr, out
    return command


def one_line(stderr, *parts):
    lines = [line for line in stderr.splitlines() if line.startswith("brian2engram:")]
    assert len(lines) == 1 and "Traceback" not in stderr
    for part in parts:
        assert part in lines[0]


def test_capture_stops_at_the_last_run(capture):
    status, stdout, stderr, out = capture("run(20*ms)\nprint('not reached')")
    assert status == 0 and "not reached" not in stdout
    assert "1 run recorded; the script was stopped at call 1" in stdout
    assert "warning" not in stderr
    content = document.read(out)
    assert content["network"]["runs"] == [{"duration": 0.02, "setup_end": 2}]
    assert [(s["kind"], s.get("code", "")) for s in content["network"]["setup"]] == [
        ("seed", ""), ("initialise", "rand()")]
    assert content["provenance"]["script_name"] == "model.py"
    tau = [b for e in content["code"]["executables"] for b in e["bindings"]
           if b["name"] == "tau"]
    assert tau[0]["value"] == 0.01


@pytest.mark.parametrize("body, options, stopped", [
    ("run(20*ms)\nG.v = 0\nrun(30*ms)", [], True),
    ("run(20*ms)\nG.v = 0\nrun(30*ms)", ["--all"], False),
    ("for k in (20, 30):\n    run(k*ms)\n    G.v = 0", [], False),
])
def test_every_run_is_recorded(capture, body, options, stopped):
    status, stdout, stderr, out = capture(body + "\nprint('reached')", *options)
    assert status == 0 and stderr == "" and "2 runs recorded" in stdout
    assert ("stopped at call 2" in stdout) == stopped and ("reached" in stdout) != stopped
    network = document.read(out)["network"]
    assert [(run["duration"], run["setup_end"]) for run in network["runs"]] == [
        (0.02, 2), (0.03, 3)]
    assert network["setup"][2]["variable"] == "v"
    assert network["runs"][1]["state"]["arrays"][0]["name"] == "G.v"


def test_runs_that_are_left_out_are_announced(capture):
    for body, said in (("run(20*ms)\nrun(30*ms)", "calls run() 2 times"),
                       ("for k in range(3):\n    run(20*ms)", "may call run() again")):
        status, _, stderr, out = capture(body, "--run", "1")
        assert status == 0 and len(document.read(out)["network"]["runs"]) == 1
        one_line(stderr, "warning", said, "only call 1 is carried")


def test_a_later_run_is_captured_after_brian2_ran_the_others(capture):
    status, _, stderr, out = capture("net = Network(G, M)\nnet.run(20*ms)\nnet.run(30*ms)",
                                     "--run", "2")
    assert status == 0 and "warning" not in stderr
    content = document.read(out)
    assert content["state"]["t"] == 0.02 and content["network"]["runs"][0]["duration"] == 0.03
    assert any(a["name"] == "M.t" for a in content["state"]["arrays"])


def test_script_arguments_and_name(capture):
    status, stdout, _, _ = capture("print(sys.argv[1:], __name__)\nrun(1*ms)", "--", "a", "--b")
    assert status == 0 and "['a', '--b'] __main__" in stdout


def test_the_script_may_change_the_folder(capture):
    status, _, stderr, out = capture("import os\nos.chdir('/')\nrun(1*ms)")
    assert status == 0 and stderr == ""
    assert "os.chdir" in document.read(out)["provenance"]["script"]


@pytest.mark.parametrize("options", [[], ["--exporter"]])
def test_the_device_that_a_script_asks_for_is_not_set(capture, tmp_path, options):
    script = tmp_path / "device.py"
    script.write_text(SCRIPT.replace("seed(1)", "set_device('cpp_standalone')\nseed(1)").format(
        body="run(20*ms)\ndevice.build()"))
    status, _, stderr, out = capture("", *options, script=script)
    assert status == 0
    one_line(stderr, "set_device('cpp_standalone') is not followed")
    assert document.read(out)["network"]["origin"] == ("export" if options else "capture")
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("call", ["device.run", "device.build"])
def test_a_sweep_is_told(capture, call):
    """Its later runs are no calls of run(): what the file holds is the first."""
    status, _, stderr, out = capture(
        f"group = NeuronGroup(1, 'x : 1')\nrun(1*ms)\n{call}(run_args={{group.x: 2}})", "--all")
    assert status == 0 and len(document.read(out)["network"]["runs"]) == 1
    one_line(stderr, "the script ended after 1 runs: device.run(run_args=...) repeats a run")


def test_a_run_in_another_process_is_refused(capture):
    status, _, stderr, out = capture("""
import multiprocessing
def work(k):
    run(1*ms)
with multiprocessing.get_context('fork').Pool(1) as pool:
    pool.map(work, [1, 2])
""")
    assert status == 1 and not out.exists()
    one_line(stderr, "process of its own")


@pytest.mark.parametrize("body, options, status, parts", [
    ("x = 1", [], 4, ["0 calls of run(), expected at least 1"]),
    ("run(1*ms)", ["--run", "2"], 4, ["1 calls of run(), expected at least 2"]),
    ("sys.exit(3)", [], 4, ["0 calls of run()"]),
    ("foo()", [], 1, ["model.py:11: NameError", "foo"]),
    ("def (", [], 1, ["model.py:11: SyntaxError"]),
    ("tau = 3*mV\nrun(1*ms)", [], 1, ["model.py:12: DimensionMismatchError"]),
    ("N = NetworkOperation(lambda: None, name='op')\nrun(1*ms)", [], 3, ["op", "Python code"]),
    ("run(1*ms)", ["--run", "0"], 2, ["counted from 1"]),
    ("run(1*ms)", ["-o", "x.txt"], 2, ["x.txt", "expected .mpk or .h5"]),
    ("run(1*ms)", ["-o", "no/where.mpk"], 1, ["No such file or directory"]),
])
def test_errors_are_one_line(capture, body, options, status, parts):
    found, _, stderr, out = capture(body, *options)
    assert found == status
    one_line(stderr, *parts)
    assert not out.exists()


@pytest.mark.parametrize("body, options", [
    ("run(10*ms)\nfoo()", ["--all"]),
    ("for k in range(2):\n    run(10*ms)\n    if k == 1: G.v = 1*volt", []),
    ("for k in range(3):\n    run((1 - k)*10*ms)", []),
])
def test_runs_outlast_what_fails_behind_them(capture, body, options):
    """Where the text does not show which run is the last: a picture, say, is drawn behind it."""
    status, stdout, stderr, out = capture(body, *options)
    assert status == 0, stderr
    runs = len(document.read(out)["network"]["runs"])
    assert f"{runs} run" in stdout
    one_line(stderr, f"warning: the script ended after {runs} runs: ", "Error")


def test_missing_script(capture):
    status, _, stderr, out = capture("", script="nowhere.py")
    assert status == 1 and not out.exists()
    one_line(stderr, "nowhere.py", "No such file")


@pytest.mark.parametrize("own_device", ["", "set_device('exporter')\n"])
def test_exporter(capture, tmp_path, own_device):
    script = tmp_path / "own.py"
    script.write_text(SCRIPT.replace("seed(1)", own_device + "seed(1)").format(
        body="run(20*ms)\nprint('not reached')"))
    status, stdout, stderr, out = capture("", "--exporter", script=script)
    assert status == 0, stderr
    assert "1 run(s) recorded" in stdout and "not reached" not in stdout
    network = document.read(out)["network"]
    assert network["origin"] == "export"
    assert [s["kind"] for s in network["setup"]] == ["seed", "initialise"]


def test_pack_is_the_exporter(capture):
    status, stdout, _, out = capture("run(20*ms)\nrun(30*ms)", "--title", "T", name="pack")
    assert status == 0 and "2 run(s) recorded" in stdout
    content = document.read(out)
    assert content["network"]["origin"] == "export"
    assert content["provenance"]["title"] == "T"
    status, stdout, _, out = capture("run(20*ms)\nrun(30*ms)", "--run", "1", name="pack")
    assert [r["duration"] for r in document.read(out)["network"]["runs"]] == [0.02]


def test_exporter_carries_all_runs(capture):
    status, stdout, _, out = capture("run(20*ms)\nG.v = 0\nrun(30*ms)", "--exporter")
    assert status == 0
    assert [r["duration"] for r in document.read(out)["network"]["runs"]] == [0.02, 0.03]


@pytest.mark.parametrize("name, spikes", [("cuba", 3), ("cuba_delays", 3), ("cobahh", 6)])
def test_examples_are_captured_untouched(capture, name, spikes):
    status, _, stderr, out = capture("", script=REPOSITORY / "docs" / "examples" / f"{name}.py")
    assert status == 0, stderr
    content = document.read(out)
    assert content["network"]["groups"][0]["n"] == 4000
    assert [run["duration"] for run in content["network"]["runs"]] == [1.0]
    connects = [step for step in content["network"]["setup"] if step["kind"] == "connect"]
    assert [step["p"] for step in connects] == ["0.02", "0.02"]
    state, = (m for m in content["network"]["monitors"] if m["kind"] == "state")
    assert len(state["variables"]) == spikes


# ---- handed over to the engram command ---------------------------------------------------------


def test_convert_run_inspect_are_the_engram_command(tmp_path):
    chain = REPOSITORY / "tests" / "golden" / "chain.mpk"
    done = brian2engram(tmp_path, "convert", chain, "chain.h5")
    assert done.returncode == 0, done.stderr
    done = brian2engram(tmp_path, "inspect", "chain.h5", "--json")
    assert done.returncode == 0 and '"synapses"' in done.stdout
    done = brian2engram(tmp_path, "run", "chain.h5", "--out", "results.h5")
    assert done.returncode == 0 and "16, 14 synaptic events" in done.stdout
    assert (tmp_path / "results.h5").exists()


@pytest.mark.parametrize("words, status, says", [
    (["run", "nowhere.mpk"], 3, "cannot open nowhere.mpk"),
    (["run", __file__], 4, ""),
    (["convert", "one"], 2, "wants two files"),
    (["inspect", "--nonsense"], 2, "unknown option --nonsense"),
])
def test_their_exit_status_and_words_are_its_own(tmp_path, words, status, says):
    done = brian2engram(tmp_path, *words)
    assert done.returncode == status
    assert done.stderr.startswith("engram: ") and says in done.stderr


def test_a_signal_reaches_the_engine(tmp_path):
    program = tmp_path / "engram"
    program.write_text("#!/bin/sh\nkill -TERM $$\n")
    program.chmod(0o755)
    assert brian2engram(tmp_path, "run", "x", ENGRAM_CLI=str(program)).returncode == -15


def test_a_command_that_cannot_be_executed(tmp_path):
    done = brian2engram(tmp_path, "run", "x", ENGRAM_CLI=__file__)
    assert done.returncode == 1
    one_line(done.stderr, "ENGRAM_CLI is", "cannot be executed")


@pytest.mark.parametrize("words", [[], ["nonsense"], ["capture"], ["capture", "x.py"]])
def test_usage(tmp_path, words):
    done = brian2engram(tmp_path, *words)
    assert done.returncode == 2 and done.stderr.startswith("usage: python -m brian2engram")


def test_help_names_every_command(tmp_path):
    done = brian2engram(tmp_path, "--help")
    assert done.returncode == 0
    for word in ("capture", "pack", "convert", "run", "inspect", "plot", "exit status",
                 "ENGRAM_LIBRARY"):
        assert word in done.stdout
