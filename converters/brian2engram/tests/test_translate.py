"""Python functions in Engram's language: what is translated computes the same, what is not says
why, and both survive the way through a document."""

import math

import brian2
import brian2engram
import numpy as np
import pytest
from brian2 import (Function, Network, NeuronGroup, TimedArray, check_units, declare_types, exp,
                    implementation, mV, ms, mvolt, prefs, volt)
from brian2engram import EngramWarning, UnsupportedError, document
from brian2engram.sources import custom_function
from brian2engram.translate import Body, Untranslatable, function_of

LIMIT, WIDE = 0.75, np.float64(2.5)
TABLE = [1, 2, 3]
threshold = -50 * mV


class Settings:
    gain = 3


def one_expression(x, y):
    """A docstring, numpy and Brian2's functions, constants of several kinds."""
    return np.exp(-x ** 2) + exp(y / WIDE) * Settings.gain - np.pi / 7 + math.e


def assignments(x, y):
    a, b = x + y, x - y
    c: float = a * b
    c = c - 1
    d = c + 0
    d += 2
    a = b = a / 2
    return a + b + c + d


def branches(x, y):
    if x > 1:
        z = x
    elif y < 0 and not x < -1:
        z = -y
        if x > 0:
            z = z * 2
    else:
        z = 0.
    if LIMIT > 1:
        z = TABLE  # never reached
    return z


def returns(x, y):
    if x < 0:
        if y < 0:
            return 1.
        x = -x
    elif x > 2:
        return x
    x = x * 3
    if y > 1: return x + y
    return x - y


def conditional(x, y):
    return (x if -1 < x <= y < 2 else y) + (1 if LIMIT < 1 else 2)


def of_numpy(x, y):
    return np.where(x > 0, x, y) + np.clip(x, -LIMIT, LIMIT) + np.maximum(x, y) \
        - np.minimum(x * y, 1) + np.sign(x) * np.square(y) + np.add(x, np.absolute(y)) \
        + np.where((x > 0) & (y > 0) | ~(x < 1), 1, -1) + np.fmax(x, LIMIT)


def of_python(x, y):
    return max(x, y) - min(x, 0.5) + abs(y) + x // LIMIT + y % -0.3 + 2 ** x


def helper(x, scale=2, shift=LIMIT):
    y = x * scale
    return y + shift


def calls(x, y):
    return helper(x) + helper(x=y, shift=1) * helper(helper(x, 3))


def shadows(e, mV):
    """Names that the language has for other things."""
    pi = e * 2
    exp = mV - pi
    return exp + pi ** 2


def meddling(y):
    y *= 2
    return y


def through_a_call(x, y):
    z = x + 1
    return meddling(z) + z


bounds = (-1.0, 0.5)


def unordered(x, y):
    return np.clip(x, a_min=y, a_max=LIMIT) + np.clip(y, 1, -1)


TRANSLATED = [one_expression, assignments, branches, returns, conditional, of_numpy, of_python,
              calls, shadows, unordered]


def element(function, **keywords):
    made = Function(function, **({"arg_units": [1, 1], "return_unit": 1} | keywords))
    return custom_function("f", made)


@pytest.mark.parametrize("function", TRANSLATED, ids=lambda function: function.__name__)
def test_what_is_translated_computes_the_same(function):
    found = element(function)
    assert "reason" not in found
    body = function_of("f", Body(found["parameters"], found["body"]))
    points = np.array([-3., -1., -0.75, -0.5, -0.0, 0.0, 0.3, 0.75, 1., 1.5, 2., 2.5, 7.])
    x, y = (side.ravel() for side in np.meshgrid(points, points))
    with np.errstate(all="ignore"):
        wanted = np.array([function(a, b) for a, b in zip(x, y)], dtype=float)
        got = np.asarray(body(x, y), dtype=float)
    assert got.tolist() == wanted.tolist()  # a zero may have another sign: np.clip's


def loop(x, y):
    for k in range(3):
        x = x + k
    return x


def raising(x, y):
    if x > y:
        raise ValueError("x")
    return x


def recursive(x, y):
    return recursive(y, x)


def indexing(x, y):
    return TABLE[0] * x


def in_place(x, y):
    x += y
    return x


def renamed(x, y):
    z = x * y
    w = z
    z += 1
    return z + w


def undefined(x, y):
    if x > 0:
        z = 1
    return z


def endless(x, y):
    if x > 0:
        return 1


def mathematics(x, y):
    return math.exp(x)


def drawing(x, y):
    return x * np.random.rand()


def unknown(x, y):
    return np.hypot(x, y)


def truths(x, y):
    return (x > 0) + (y > 0)


def not_a_number(x, y):
    return np.where(x > 0, x, np.nan)


def bitwise(x, y):
    return x & y


def shaped(x, y):
    return x * x.size


def printing(x, y):
    print(x)
    return x


def listed(x, y):
    return TABLE * x


def doubled(function):
    def both(*arguments):
        return 2 * function(*arguments)

    return both


@doubled
def decorated(x, y):
    return x


stimulus = TimedArray([1., 2.], dt=1 * ms)


def of_a_table(x, y):
    return stimulus(x)


@pytest.mark.parametrize("function, reason", [
    (loop, "line 2: a loop"), (raising, "line 3: an exception"),
    (recursive, "recursive() calls itself"), (indexing, "line 2: indexing"),
    (in_place, "line 2: x, an argument or known by two names, is changed in place"),
    (through_a_call, "meddling(), line 2: y, an argument or known by two names, is changed "
     "in place"), (renamed, "line 4: z, an argument or known by two names, is changed in place"),
    (undefined, "line 4: z may have no value"), (endless, "line 2: it may end without a value"),
    (mathematics, "line 2: math.exp() takes single numbers and raises; numpy has np.exp()"),
    (drawing, "line 2: np.random.rand(), which the language has not"),
    (unknown, "line 2: np.hypot(), which the language has not"),
    (truths, "line 2: arithmetic of two booleans"),
    (not_a_number, "nan, which the language has not"),
    (bitwise, "line 2: operator & of numbers"), (shaped, "line 2: attribute x.size"),
    (printing, "line 2: a call whose value is not used"),
    (listed, "line 2: TABLE is no number but a list"),
    (decorated, "argument list *arguments"),
    (of_a_table, "line 2: stimulus(), which the language has not"),
    (np.hypot, "it is no Python function but a ufunc"),
    (eval("lambda x, y: x"), "the text of <lambda>() is not to be read"),
], ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_not_translated_says_why(function, reason):
    found = element(function)
    assert found["reason"] == reason and "body" not in found


def test_functions_of_other_makes():
    assert element(np.tanh, arg_units=[1])["body"] == "_result = tanh(x)"
    assert element(np.vectorize(branches))["body"]
    assert "vectorize" in element(np.vectorize(branches, otypes=[int]))["reason"]
    assert element(lambda x, y: 2 * x)["body"] == "_result = 2 * x"
    assert element(helper, arg_units=[1])["body"] == "y = x * 2\n_result = y + 0.75"
    assert "number of elements" in element(helper, auto_vectorise=True)["reason"]

    @implementation("numpy", helper)
    @check_units(x=1, result=1)
    def stated(x):
        raise NotImplementedError

    assert custom_function("stated", stated)["body"] == "y = x * 2\n_result = y + 0.75"


def chain(depth):
    """A function with so many ways to return, and one with so many terms."""
    space = {"np": np}
    exec("def ways(x, y):\n" + "".join(f"    if x > {k}: return {k}.\n" for k in range(depth))
         + "    return y\n", space)
    from brian2engram.sources import remember
    remember(space["ways"], "def ways(x, y):\n" + "".join(
        f"    if x > {k}: return {k}.\n" for k in range(depth)) + "    return y\n")
    return space["ways"]


def test_deep_functions_are_flat_in_the_language_or_say_so():
    assert "where" in element(chain(150))["body"]
    assert element(chain(2000))["reason"] in ("it is too long", "it is nested too deeply")


def test_functions_that_brian2_calls_without_units(monkeypatch):
    half = -50 * mV

    @implementation("numpy", discard_units=True)
    @check_units(v=volt, result=1)
    def plain(v):
        return (v - half) / mV

    @check_units(v=volt, result=1)
    def signed(v):
        return np.sign(v - half) + (v - half) // mV

    assert "without units" in custom_function("plain", plain)["reason"]
    assert custom_function("signed", Function(signed))["body"]
    monkeypatch.setitem(prefs, "codegen.runtime.numpy.discard_units", True)
    assert "without units" in custom_function("signed", Function(signed))["reason"]


def test_units_of_sign_and_floor_division_reach_the_engine(tmp_path):
    half = -50 * mV

    @check_units(v=volt, result=1)
    def signed(v):
        return np.sign(v - half) + (v - half) // (7 * mV)

    group = NeuronGroup(5, "dv/dt = f(v)*mV/ms : volt", method="euler", name="G",
                        namespace={"f": signed})
    group.v = "-80*mV + i*14*mV"
    brian2engram.save(tmp_path / "x.h5", Network(group), duration=1 * ms)


def test_units_and_types_are_kept():
    @declare_types(n="integer", above="boolean")
    @check_units(v=volt, n=1, above=1, like="v", result=lambda v, n, above, like: v)
    def most(v, n, above, like):
        return np.where(above, v - threshold, like * n) + 0 * mvolt

    found = custom_function("most", Function(most))
    unit = "metre**2*kilogram*second**-3*amp**-1"
    assert found["arguments"] == [unit, "1", "bool", "=v"] and found["result"] == "?"
    assert found["body"] == \
        "_result = where(above, v - -0.05 * volt, like * n) + 0.0 * volt"


def net_of(function, name="f", model="dv/dt = (f(v) - v)/(10*ms) : 1"):
    group = NeuronGroup(5, model, method="euler", name="G", namespace={name: function})
    group.v = "0.2*i - 0.1"
    return group, Network(group)


@check_units(x=1, result=1)
def saturating(x):
    if x > LIMIT:
        return LIMIT
    return x ** 2 + 0.5


def test_a_body_is_carried_run_and_brought_back(tmp_path, monkeypatch):
    function = Function(np.vectorize(saturating._orig_func, otypes=[float]), arg_units=[1],
                        return_unit=1)
    group, net = net_of(function)
    losses = brian2engram.save(tmp_path / "x.mpk", net, duration=5 * ms)
    content = document.read(tmp_path / "x.mpk")
    found, = content["network"]["functions"]
    assert losses == [] and "return LIMIT" in found["source"] and "where" in found["body"]

    back = brian2engram.import_network(content)  # no trust: the body is not code
    brian2engram.save(tmp_path / "y.mpk", back, duration=5 * ms)
    again, = document.read(tmp_path / "y.mpk")["network"]["functions"]
    assert again == found
    monkeypatch.setitem(prefs, "codegen.target", "numpy")
    net.run(5 * ms)
    brian2engram.run_stages(back)
    assert np.array(back["G"].v).tobytes() == np.array(group.v).tobytes()

    found["body"] = "_result = __import__('os').getcwd()"
    with pytest.raises(UnsupportedError, match="f: body: Attribute is not of the language"):
        brian2engram.import_network(content)
    found["body"] = "_result = open(x)"
    back = brian2engram.import_network(content)
    with pytest.raises(Exception):
        back.run(0.1 * ms)


def test_bodies_hold_nothing_but_the_language():
    for text in ("_result = [x]", "_result = (lambda: x)()", "_result = x if x else 1",
                 "import os\n_result = x", "_result = f(x, k=1)", "_result = 'x'[0]", "_result = 'a' * 10", "_result = x + None"):
        with pytest.raises(Untranslatable):
            function_of("f", Body(["x"], text))
    with pytest.raises(NameError):
        function_of("f", Body(["x"], "_result = open(x)"))(1)


def test_all_refusals_come_at_once(tmp_path):
    @check_units(x=1, result=1)
    def first(x):
        while True:
            return x

    @check_units(x=1, result=1)
    def later(x):
        return x[0]

    group = NeuronGroup(2, "dv/dt = (first(v) - v)/ms : 1", method="euler", name="G",
                        namespace={"first": first, "later": later})
    group.run_regularly("v = later(v)", name="G_run")
    net = Network(group, brian2.NetworkOperation(lambda: None, name="op"))
    with pytest.raises(UnsupportedError) as caught:
        brian2engram.save(tmp_path / "x.mpk", net, duration=1 * ms)
    assert [(loss.object, loss.feature) for loss in caught.value.losses] == [
        ("op", "NetworkOperation"), ("G", "function first()"),
        ("G", "function later()")]
    assert "(line 3: a loop)" in str(caught.value) and "(line 3: indexing)" in str(caught.value)
    assert all(loss.advice for loss in caught.value.losses[1:])
    with pytest.warns(EngramWarning):
        brian2engram.save(tmp_path / "x.mpk", net, duration=1 * ms, on_loss="warn")
    assert [found["reason"] for found in document.read(tmp_path / "x.mpk")["network"]
            ["functions"]] == ["line 3: a loop", "line 3: indexing"]


def test_another_body_in_a_later_run_is_another_document(tmp_path):
    gain = 2.0

    @check_units(x=1, result=1)
    def gained(x):
        return gain * x

    _, net = net_of(Function(gained))
    with brian2engram.recording(tmp_path / "x.mpk"):
        net.run(0.1 * ms)
        gain = 3.0
        net.run(0.1 * ms)
    bodies = [document.read(tmp_path / name)["network"]["functions"][0]["body"]
              for name in ("x.mpk", "x-2.mpk")]
    assert bodies == ["_result = 2.0 * x", "_result = 3.0 * x"]
