"""connect() by the engine: the same synapses as Brian2's compiled code, bit for bit, and the
same random numbers behind it; nothing is compiled (connects.py has the forms)."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import brian2
import brian2engram  # noqa: F401
import connects
import numpy as np
import pytest
from brian2 import NetworkOperation, Network, NeuronGroup, Synapses, ms, prefs, set_device
from brian2.codegen.runtime.cython_rt.extension_manager import cython_extension_manager
from brian2.devices import device as devices
from brian2.utils.logger import BrianLogger, catch_logs
from brian2engram import device_connect
from brian2engram.device_engine import api

REFERENCES = json.loads(connects.REFERENCES.read_text())
ENGINE = sorted(set(connects.FORMS) - set(connects.LEFT))
#: what a live Brian2 is asked for; ENGRAM_LONG=1 asks for everything
LIVE = sorted(connects.FORMS) if os.environ.get("ENGRAM_LONG") == "1" else [
    "a_condition_and_a_probability", "a_small_fixed_number"]

REAL = "cdef double looped(double x):\n    return x"


@pytest.fixture(autouse=True)
def no_compiler(fresh_brian, monkeypatch):
    """The target is one that compiles, and whoever does fails."""
    api()

    def refuse(*_, **__):
        raise AssertionError("Brian2 compiles")

    monkeypatch.setattr(cython_extension_manager, "create_extension", refuse)
    monkeypatch.setattr(devices, "auto_target", refuse)
    prefs.codegen.target = "cython"
    set_device("engram")


def test_each_form_has_its_reference():
    assert sorted(REFERENCES) == sorted(connects.FORMS)


@pytest.mark.parametrize("name", ENGINE)
def test_synapses_and_streams_are_those_of_compiled_code(name):
    assert connects.outcome(name) == REFERENCES[name]


@pytest.mark.parametrize("name", sorted(connects.LEFT))
def test_what_is_left_to_brian2_says_why(name):
    with catch_logs(log_level=10) as logs, pytest.raises(AssertionError, match="compiles"):
        connects.outcome(name)
    said = [text for level, source, text in logs if source.startswith("brian2.devices.engram")
            and "Brian2 itself connects synapses" in text]
    assert len(said) == 1
    assert connects.LEFT[name] in said[0]


def test_references_are_what_a_live_brian2_gives(tmp_path):
    """In a process of its own: what is compiled is loaded for good."""
    done = subprocess.run(
        [sys.executable, connects.__file__, "--only", *LIVE], capture_output=True, text=True,
        env={**os.environ, "CONNECTS_CACHE": str(tmp_path), "PYTHONHASHSEED": "0"})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        name: REFERENCES[name] for name in LIVE}


def test_automatic_choice_of_the_target():
    """Brian2 would look for a compiler first."""
    prefs.codegen.target = "auto"
    for name in ("a_small_probability", "several_connects"):
        assert connects.outcome(name) == REFERENCES[name]


def test_a_function_of_python_is_named_as_slow():
    BrianLogger._log_messages.clear()  # it is said once
    with catch_logs() as logs:
        for name in ("another_function", "a_function_of_python"):  # the first is translated
            connects.outcome(name)
    said = [text for _, source, text in logs if source.endswith("slow_function")]
    assert len(said) == 1
    assert "looped() cannot be translated" in said[0] and "each pair of synapses" in said[0]


def test_ctrl_c_in_a_function_of_python():
    def interrupted(x):
        raise KeyboardInterrupt

    group = NeuronGroup(3, "v : 1")
    synapses = Synapses(group, group)
    with pytest.raises(KeyboardInterrupt):
        synapses.connect("looped(i) >= 0", namespace={
            "looped": connects.function(interrupted, connects.LOOPED)})
    assert len(synapses) == 0
    synapses.connect()
    assert len(synapses) == 9


def test_functions_of_python_draw_from_the_same_stream():
    numbers = []

    def noisy(x):
        numbers.extend([*np.ravel(x), *np.random.rand(1), *np.random.randn(1)])
        return x

    group = NeuronGroup(5, "v : 1")
    synapses = Synapses(group, group)
    brian2.seed(8)
    for _ in range(3):
        synapses.connect("looped(rand()) < 0.5", namespace={
            "looped": connects.function(noisy, REAL)})
        numbers.extend(np.random.rand(2))
    assert len(numbers) == 3 * (25 * 3 + 2)
    assert len(set(numbers)) == len(numbers)


def test_brian2_itself_begins_with_the_streams_as_they_were():
    """Where a function fails that has code of its own, the engine has not drawn."""

    def failing_late(x):
        if np.random.rand() > 0.9:
            raise ValueError("late")
        return x

    group = NeuronGroup(30, "v : 1")
    synapses = Synapses(group, group)
    brian2.seed(8)
    device = brian2.get_device()
    np.random.randn(3)
    before = np.random.get_state(), device.rand_buffer_index[0], device.randn_buffer_index[0]
    with pytest.raises(AssertionError, match="compiles"):
        synapses.connect("looped(rand()) < 0.5", namespace={
            "looped": connects.function(failing_late, REAL)})
    after = np.random.get_state(), device.rand_buffer_index[0], device.randn_buffer_index[0]
    np.testing.assert_array_equal(before[0][1], after[0][1])
    assert before[0][2:] == after[0][2:] and before[1:] == after[1:]


def test_numpy_connects_itself(monkeypatch):
    prefs.codegen.target = "numpy"
    monkeypatch.setattr(device_connect, "connecting", None)
    found = connects.outcome("a_small_probability")
    set_device("runtime")
    assert connects.outcome("a_small_probability") == found


def failing(**arguments):
    """The exception of a connect, and how many synapses are there behind it."""
    group = NeuronGroup(10, "n : integer")
    synapses = Synapses(group, group)
    synapses.connect(j="i")
    with pytest.raises(Exception) as caught:
        synapses.connect(**arguments)
    assert len(synapses) == 10
    return caught.value


def test_errors_are_those_of_brian2():
    def told(error):
        return f"{error} {error.__cause__}"  # Brian2 2.10 keeps ours as the cause

    error = failing(j="i + 1")
    assert isinstance(error, IndexError)
    assert "Tried to create synapse indices outside valid range" in str(error)
    assert "index j = 10" in told(error)
    error = failing(j="k for k in sample(N_post, size=11)")
    assert isinstance(error, IndexError) and "11 out of 10" in told(error)
    error = failing(j="k for k in sample(N_post, size=i - 5)")
    assert isinstance(error, IndexError) and "-5 out of 10" in told(error)
    assert isinstance(failing(j="i//n_pre"), ZeroDivisionError)
    assert isinstance(failing(condition="nobody > 3"), KeyError)
    assert isinstance(failing(condition="i + 1"), TypeError)
    assert isinstance(failing(i=[3], j=[10]), IndexError)
    assert isinstance(failing(j="k for k in range(0, 5, i)"), ValueError)


def test_namespaces_and_levels():
    group = NeuronGroup(10, "")
    limit = 3

    def inner():
        synapses = Synapses(group, group)
        synapses.connect("i < limit and j == 0", level=1)
        return synapses

    assert len(inner()) == 3
    synapses = Synapses(group, group)
    synapses.connect("i < limit and j == 0", namespace={"limit": 5})
    assert len(synapses) == 5
    assert limit == 3


def test_synapses_cannot_be_made_while_a_run_goes_on():
    group = NeuronGroup(3, "")
    synapses = Synapses(group, group, "w : 1")
    synapses.connect(j="i")

    def grow():
        synapses.connect()

    net = Network(group, synapses, NetworkOperation(grow, dt=0.1 * ms))
    with pytest.raises(NotImplementedError, match="while a run goes on"):
        net.run(1 * ms)
    assert len(synapses) == 3
    synapses.connect(i=[0], j=[1])
    np.testing.assert_array_equal(synapses.i[:], [0, 1, 2, 0])


def test_the_arrays_are_read_where_they_are():
    """What is changed between two connects counts in the second."""
    group = NeuronGroup(6, "n : integer")
    synapses = Synapses(group, group)
    for value in (1, 2):
        group.n[2:] = value
        synapses.connect("n_pre == 2 and i == j")
        brian2.seed(value)
    np.testing.assert_array_equal(synapses.i[:], [2, 3, 4, 5])
