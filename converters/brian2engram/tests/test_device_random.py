"""set_device('engram'): code and Python that run together draw from one stream."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import (
    Network, NetworkOperation, NeuronGroup, check_units, get_device, mean, ms, prefs, rand, seed,
    set_device)
from brian2engram import device_random
from brian2engram.device_engine import api

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def engine(fresh_brian):
    """Every test here runs the engine."""
    api()
    set_device("engram")
    yield


def many(between):
    """Everything drawn in four runs of code that empties the buffers now and then, with an
    operation that draws itself; `between` is called by it, too."""
    seed(3)
    np.random.randn(3)  # leaves the second of a pair
    group = NeuronGroup(3500, "x : 1\ny : 1\nz : 1", name="drawing")
    group.run_regularly("y = rand()\nz = randn()", dt=0.1 * ms)
    seen = []

    def draw():
        seen.append(np.random.rand(3))
        if len(seen) % 2:
            seen.append(np.random.randn(3))
        if len(seen) % 3 == 0:
            group.x = "rand()"
        between(group, len(seen))
        seen.extend([np.array(group.x), np.array(group.y), np.array(group.z)])

    network = Network(group, NetworkOperation(draw, dt=0.2 * ms, when="end"),
                      NetworkOperation(lambda: None, when="end"))
    for _ in range(4):
        network.run(0.6 * ms, report=lambda *_: seen.append(np.random.randn(1)))
        seen.append(np.random.randn(1))
    seen += [np.array([value]) for value in np.random.get_state()[2:]]
    device = get_device()
    seen += [device.rand_buffer_index.copy(), device.randn_buffer_index.copy()]
    return np.concatenate(seen)


def nothing(*_):
    """Done between."""


def again(group, count):
    """From the beginning, in the middle of a run."""
    if count == 20:
        seed(99)


def by_hand(group, _):
    """Code that is compiled, or Brian2's buffers, where the operation stands."""
    updater = next(obj for obj in group.contained_objects if "run_regularly" in obj.name)
    updater.run()


@pytest.fixture
def compiled(tmp_path):
    """Runs something on Brian2's runtime device, with Cython."""
    pytest.importorskip("Cython")
    cache = prefs.codegen.runtime.cython.cache_dir
    prefs.codegen.runtime.cython.cache_dir = str(tmp_path)

    def run(script, *arguments):
        set_device("runtime")
        prefs.codegen.target = "cython"
        try:
            return script(*arguments)
        finally:
            prefs.codegen.target = "numpy"
            set_device("engram")

    yield run
    prefs.codegen.runtime.cython.cache_dir = cache


def test_numbers_of_code_and_python_are_those_of_cython(compiled):
    for between in (nothing, again):
        np.testing.assert_array_equal(many(between), compiled(many, between))


def test_code_run_by_hand_goes_on_in_the_same_buffers(compiled):
    expected = compiled(many, by_hand)
    prefs.codegen.target = "cython"
    np.testing.assert_array_equal(many(by_hand), expected)


def test_where_numpy_keeps_its_gauss_is_not_found(compiled, monkeypatch):
    monkeypatch.setattr(device_random, "_gauss_offset", lambda: None)
    np.testing.assert_array_equal(many(nothing), compiled(many, nothing))


def centred(x):
    """Cannot be translated: looks at the whole group."""
    return x - mean(x)


def left_to_python(code, more=""):
    """What three runs of run_regularly give that numpy code runs."""
    seed(5)
    function = check_units(x=1, result=1)(centred)
    group = NeuronGroup(5, "x : 1\ny : 1")
    group.namespace["f"] = function
    group.run_regularly(code, dt=0.1 * ms)
    if more:
        group.run_regularly(more, dt=0.1 * ms)
    network = Network(group)
    seen = []
    for _ in range(3):
        network.run(0.2 * ms)
        seen += [np.array(group.x), np.array(group.y) if more else rand(2)]
    return np.concatenate(seen)


def test_code_that_numpy_runs_draws_on():
    numbers = left_to_python("x = f(rand())")
    set_device("runtime")
    np.testing.assert_array_equal(numbers, left_to_python("x = f(rand())"))


def test_code_that_numpy_runs_shares_no_number_with_the_engine():
    numbers = left_to_python("x = rand() + 0*f(x)", "y = rand()")
    assert len(set(numbers)) == len(numbers) == 30


def test_functions_that_are_called_draw_numbers_of_their_own():
    drawn = []

    @check_units(x=1, result=1)
    def noisy(x):
        drawn.extend(np.random.rand(np.size(x)))
        return x

    group = NeuronGroup(4, "dx/dt = noisy(rand())/ms : 1", method="euler",
                        namespace={"noisy": noisy})
    network = Network(group)
    numbers = []
    for _ in range(6):
        before = np.array(group.x)
        network.run(0.1 * ms)
        numbers += list(np.round((np.array(group.x) - before) * 10, 9))
    numbers += list(np.round(drawn, 9))
    assert len(drawn) == 24 and len(set(numbers)) == 48


def test_what_python_drew_counts_when_it_fails():
    seed(1)
    group = NeuronGroup(2, "y : 1")
    group.run_regularly("y = rand()")

    def fail():
        np.random.rand(7)
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        Network(group, NetworkOperation(fail)).run(1 * ms)
    state = np.random.get_state()
    np.random.seed(1)
    np.random.rand(7)
    assert state[2] == np.random.get_state()[2]
    np.testing.assert_array_equal(state[1], np.random.get_state()[1])


def test_philox_leaves_numpys_generator_to_python():
    set_device("engram", rng="philox")
    seed(2)
    group = NeuronGroup(3, "y : 1")
    group.run_regularly("y = rand()")
    drawn = []
    network = Network(group, NetworkOperation(lambda: drawn.extend(np.random.rand(3))))
    for _ in range(3):
        network.run(0.2 * ms)
        drawn.extend(np.array(group.y))
    assert len(set(drawn)) == len(drawn) == 27
