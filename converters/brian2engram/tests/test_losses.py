"""A lossy capture says what it lost: as warnings, to the caller, in the document, to inspect."""

from __future__ import annotations

import json
import os
import subprocess
import warnings

import brian2engram
import pytest
from brian2 import Network, NetworkOperation, NeuronGroup, ms
from brian2engram import EngramWarning, Loss, UnsupportedError, document, errors

ENGRAM = os.environ.get("ENGRAM_CLI")
OPERATION = Loss("op", "NetworkOperation", "it runs Python code in each step")


def network():
    group = NeuronGroup(1, "dv/dt = -v/(10*ms) : 1", method="exact", name="G")
    return Network(group, NetworkOperation(lambda: None, name="op"))


def test_three_times_told(out):
    with pytest.warns(EngramWarning) as told:
        losses = brian2engram.save(out, network(), 1 * ms, namespace={}, on_loss="warn")
    assert losses == [OPERATION]
    assert [str(warning.message) for warning in told
            if warning.category is EngramWarning] == [f"left out: {OPERATION}"]
    assert document.read(out)["losses"] == [
        {"element": "op", "field": "NetworkOperation", "severity": "lost",
         "reason": "it runs Python code in each step"}]
    assert [Loss.of(element) for element in document.read(out)["losses"]] == losses


def test_an_error_unless_waived(out):
    with pytest.raises(UnsupportedError) as caught:
        brian2engram.save(out, network(), 1 * ms, namespace={})
    assert caught.value.losses == [OPERATION] and not out.exists()


def test_nothing_lost_nothing_told(out):
    net = network()
    net.remove(next(obj for obj in net.objects if obj.name == "op"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", EngramWarning)
        assert brian2engram.save(out, net, 1 * ms, namespace={}) == []
    assert "losses" not in document.read(out)


def test_a_recording_keeps_the_losses_of_all_its_runs(out):
    with pytest.warns(EngramWarning), brian2engram.recording(out, on_loss="warn"):
        net = network()
        net.run(1 * ms, namespace={})
        net.add(NetworkOperation(lambda: None, name="later"))
        net.run(1 * ms, namespace={})
    assert [loss["element"] for loss in document.read(out)["losses"]] == ["op", "later"]


def test_an_archive_keeps_them_and_inspect_shows_them(tmp_path):
    path = tmp_path / "net.h5"
    with pytest.warns(EngramWarning):
        losses = brian2engram.save(path, network(), 1 * ms, namespace={}, on_loss="warn")
    again = brian2engram.importer.load(path)
    assert [Loss.of(element) for element in again["losses"]] == losses == [OPERATION]
    if ENGRAM is None:
        return
    shown = subprocess.run([ENGRAM, "inspect", path], capture_output=True, text=True)
    assert f"lost: {OPERATION}" in shown.stdout.splitlines()
    shown = subprocess.run([ENGRAM, "inspect", "--json", path], capture_output=True, text=True)
    assert json.loads(shown.stdout)["losses"][0]["element"] == "op"


def test_a_severity_is_one_of_two_words(out):
    with pytest.warns(EngramWarning):
        brian2engram.save(out, network(), 1 * ms, namespace={}, on_loss="warn")
    content = document.read(out)
    content["losses"][0]["severity"] = "odd"
    document.write(out, content)
    if ENGRAM is None:
        return
    told = subprocess.run([ENGRAM, "check", out], capture_output=True, text=True)
    assert told.returncode != 0 and "F10" in told.stdout + told.stderr
    assert 'unknown severity "odd"' in told.stdout + told.stderr


@pytest.mark.parametrize("on_loss, certain, fatal, raises", [
    ("error", True, False, True), ("error", True, True, True), ("error", False, False, False),
    ("warn", True, False, False), ("warn", True, True, True), ("warn", False, False, False)])
def test_what_is_an_error(on_loss, certain, fatal, raises):
    report = errors.LossReport(on_loss)
    report.add("G", "its name", "nobody knows", fatal, certain=certain, severity="changed",
               advice="ask")
    if raises:
        with pytest.raises(UnsupportedError, match="G: its name: nobody knows; ask"):
            report.settle()
        assert report.waived == []
        return
    with pytest.warns(EngramWarning, match="G: its name: nobody knows; ask"):
        report.settle()
    assert report.elements() == [{"element": "G", "field": "its name", "severity": "changed",
                                  "reason": "nobody knows", "advice": "ask"}]
