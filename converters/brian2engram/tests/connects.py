"""Every form of ``connect``, and what Brian2's compiled code makes of it.

    python connects.py [--only NAME ...]     write connects.json anew, minutes of compiling

Each form has its groups and returns the Synapses it made (and slices, to keep them alive). In
connects.json stands of each: the number of synapses, digests of both ends and of the random
streams behind it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import brian2  # noqa: E402
import brian2engram  # noqa: E402,F401  (the device, its digest of streams)
import numpy as np  # noqa: E402
from brian2 import (  # noqa: E402
    NeuronGroup, PoissonGroup, Synapses, TimedArray, Hz, linked_var, mmetre, ms, umetre)
from brian2engram import snapshot  # noqa: E402
from brian2engram.recording import _random_digest  # noqa: E402

REFERENCES = HERE / "connects.json"
#: forms that the engine leaves to Brian2, with a piece of the reason
LEFT = {"a_function_that_draws": "code of its own that may draw",
        "a_function_for_compilers_alone": "fails in Python: NotImplementedError('compiled')",
        "single_precision": "of type float32", "a_subexpression_that_draws": "draws",
        "a_rounded_subexpression": "float as it is written"}
FORMS = {}
WIDTH = 3 * mmetre

EQUATIONS = """
x : metre
y = 2*x + 1*umetre : metre
n : integer
b : boolean
s : 1 (shared)
"""


def form(function):
    """A form of this name."""
    FORMS[function.__name__] = function
    return function


def groups(n=40, m=30):
    """Two groups with values of each type."""
    made = NeuronGroup(n, EQUATIONS), NeuronGroup(m, EQUATIONS)
    for group in made:
        group.x = np.arange(len(group)) * mmetre / 3
        group.n = np.arange(len(group)) % 4
        group.b = np.arange(len(group)) % 3 == 0
        group.s = 0.25
    return made


def simple(*slices, **arguments):
    """Two groups, or slices of them, connected so."""
    whole = source, target = groups()
    if slices:
        source, target = source[slices[0]], target[slices[1]]
    synapses = Synapses(source, target)
    synapses.connect(**arguments)
    return synapses, source, target, whole


def simply(name, *slices, **arguments):
    """A form that is one call for two groups."""
    FORMS[name] = lambda: simple(*slices, **arguments)


simply("everything")
simply("nothing", condition=False)
simply("a_condition", condition="i != j")
simply("a_small_probability", p=0.1)
simply("a_large_probability", p=0.5)
simply("certainty_is_no_draw", p=1)
simply("a_condition_and_a_probability", condition="abs(x_pre - x_post) < WIDTH", p=0.2)
simply("a_probability_of_the_source", p="0.01*(i + 1)")
simply("a_probability_of_the_target", p="j/30.0")
simply("a_probability_of_values", p="exp(-(x_pre - x_post)**2/(2*WIDTH**2))")
simply("a_condition_that_draws", condition="rand() < 0.3 and i != j")
simply("a_condition_with_a_normal_number", condition="randn() > 1.0", p=0.4)
simply("several_at_once", condition="i == j", n=3)
simply("several_by_text", condition="i < j", n="1 + i % 3")
simply("several_by_chance", p=0.3, n="int(rand()*3)")
simply("one_to_one", j="i", skip_if_invalid=True)
simply("one_to_one_under_a_condition", j="i if i < 20 and n_pre != 2")
simply("a_neighbourhood", j="k for k in range(i - 3, i + 4) if k != i", skip_if_invalid=True)
simply("a_range_with_steps", i="k for k in range(2, N_pre, 7)")
simply("a_range_that_counts_down", j="k for k in range(N_post - 1, i - 20, -3) if k >= 0")
simply("a_sample_with_steps", j="k for k in sample(0, N_post, 2, p=0.2)")
simply("a_dense_sample_with_steps", i="k for k in sample(1, N_pre, 3, p=0.6)")
simply("a_sample_that_counts_down", j="k for k in sample(N_post - 1, -1, -1, p=0.1)")
simply("a_dense_sample_that_counts_down", j="k for k in sample(N_post - 1, -1, -2, p=0.7)")
simply("a_sample_of_the_neighbours", j="k for k in sample(i - 8, i + 8, p=0.2)",
       skip_if_invalid=True)
simply("a_fixed_number", j="k for k in sample(N_post, size=5)")
simply("a_small_fixed_number", j="k for k in sample(N_post, size=1)")
simply("a_fixed_number_by_text", j="k for k in sample(0, N_post, 2, size=1 + i % 4)")
simply("a_fixed_number_that_counts_down", j="k for k in sample(N_post - 1, -1, -1, size=4)")
simply("too_large_a_number", j="k for k in sample(N_post, size=i)", skip_if_invalid=True)
simply("a_condition_on_the_outer_index", i="k for k in sample(N_pre, p=0.2) if j > 10")
simply("a_condition_on_outer_values", i="k for k in sample(N_pre, p=0.2) if b_post")
simply("a_condition_on_inner_values", i="k for k in sample(N_pre, p=0.2) if n_pre == 1")
simply("a_condition_on_both_ends", j="(k + i) % N_post for k in range(9) if n_pre == n_post")
simply("an_index_by_chance", j="int(rand()*(N_post + 3)) for _ in range(4) if rand() < 0.8",
       skip_if_invalid=True)
simply("slices", slice(10, 30), slice(5, 25), condition="i != j", p=0.2)
simply("values_in_slices", slice(10, 30), slice(5, 25), condition="x_pre < x_post and n == 1")
simply("neighbours_in_slices", slice(10, 30), slice(5, 25),
       j="k for k in range(i - 2, i + 3)", skip_if_invalid=True)
simply("subexpressions", condition="y_pre < y_post + 5*mmetre", p=0.4)
simply("shared_values", condition="b_pre or not b_post", p="s_pre")
simply("lists", i=[3, 5, 5, 39], j=[29, 0, 0, 1])
simply("lists_of_several", i=[3, 5, 7], j=2, n=3)
simply("lists_by_chance", i=np.arange(30), j=np.arange(30), p=0.5)
simply("lists_in_slices", slice(10, 30), slice(5, 25), i=[0, 19], j=[19, 0])
simply("a_poisson_number", p=0.5, n="poisson(1.5)")
simply("an_empty_row", j="k for k in range(5, i)", skip_if_invalid=True)


@form
def a_table_of_values():
    source, target = groups()
    synapses = Synapses(source, target)
    weights = TimedArray([0.1, 0.7, 0.3], dt=1 * ms)
    synapses.connect(condition="i != j", p="weights(n_pre*ms)", namespace={
        "weights": weights, "ms": ms})
    return synapses


@form
def several_connects():
    source, target = groups()
    synapses = Synapses(source, target, "w : 1", multisynaptic_index="k")
    synapses.connect(p=0.3)
    synapses.connect("i == j", n=2)
    synapses.w = "rand()"
    synapses.connect(j="k for k in sample(N_post, size=2)")
    assert np.count_nonzero(synapses.w[:]) < len(synapses)
    return synapses


@form
def many_draws():
    """More than Brian2's buffer of random numbers holds."""
    source, target = groups(300, 200)
    synapses = Synapses(source, target)
    brian2.seed(7)
    synapses.connect("i != j and rand() < 0.9", p=0.5)
    return synapses


@form
def long_rows():
    source, target = groups(5, 700)
    synapses = Synapses(source, target)
    synapses.connect("n_post != 2 and x_pre < x_post")
    synapses.connect(j="7*k % N_post for k in range(600) if k % 3 != 1", n="1 + n_post % 2")
    synapses.connect("n_post != 2", p=0.6)
    return synapses


@form
def with_itself():
    group = groups()[0]
    synapses = Synapses(group, group)
    synapses.connect("i != j and x_pre <= x_post", p=0.6)
    return synapses


@form
def from_other_kinds_of_groups():
    synapses = Synapses(PoissonGroup(20, 10 * Hz), groups()[1])
    synapses.connect("rates_pre > 5*Hz and i != j", p=0.3)
    return synapses


@form
def onto_synapses():
    source, target = groups()
    between = Synapses(source, target, "w : 1")
    between.connect(j="i", skip_if_invalid=True)
    between.w = "i"
    synapses = Synapses(source, between)
    synapses.connect("w_post > i", p=0.3)
    return synapses


@form
def a_linked_value():
    target = groups()[1]
    stored = NeuronGroup(40, "z : 1")
    stored.z = np.arange(40)
    other = NeuronGroup(40, "z : 1 (linked)")
    other.z = linked_var(stored, "z")
    synapses = Synapses(other, target)
    synapses.connect("z_pre > j", p=0.3)
    return synapses


@form
def another_function():
    source, target = groups()
    half = brian2.Function(lambda x: 0.5 * x, arg_units=[1], return_unit=1)
    half.implementations.add_implementation(
        "cython", "cdef double half(double x):\n    return 0.5*x")
    synapses = Synapses(source, target)
    synapses.connect("half(i) > j", namespace={"half": half})
    return synapses


def looped(x):
    """Which has no translation; integers come as such."""
    found = np.zeros(np.shape(x))
    for k, one in enumerate(np.atleast_1d(x)):
        assert isinstance(one, np.int64)
        while one > 2:
            one -= 3
            found[k] += 0.25
    return found


def of_compilers(x):
    raise NotImplementedError("compiled")


def function(python, code, **traits):
    """A Function of one argument with code for Cython."""
    made = brian2.Function(python, arg_units=[1], return_unit=1, **traits)
    made.implementations.add_implementation("cython", code)
    return made


LOOPED = """cdef double looped(int x):
    cdef double found = 0
    while x > 2:
        x -= 3
        found += 0.25
    return found"""


@form
def a_function_of_python():
    source, target = groups()
    synapses = Synapses(source, target)
    synapses.connect("looped(n_pre + i) > 1 or b_post", p="looped(j)/8", n="int(looped(i))",
                     namespace={"looped": function(looped, LOOPED)})
    return synapses


@form
def a_function_of_python_in_a_generator():
    source, target = groups()
    synapses = Synapses(source, target)
    synapses.connect(j="k for k in sample(int(looped(i)), N_post, p=0.5) if looped(k) < 2",
                     namespace={"looped": function(looped, LOOPED)})
    return synapses


@form
def a_function_that_draws():
    source, target = groups()
    synapses = Synapses(source, target)
    synapses.connect("looped(i) > 2", namespace={"looped": function(
        looped, LOOPED, stateless=False)})
    return synapses


@form
def a_function_for_compilers_alone():
    source, target = groups()
    synapses = Synapses(source, target)
    synapses.connect("rand() < 0.5 and looped(i) > 1", namespace={"looped": function(
        of_compilers, LOOPED)})
    return synapses


@form
def single_precision():
    source = NeuronGroup(20, "z : 1", dtype=np.float32)
    source.z = np.arange(20) / 7
    synapses = Synapses(source, source)
    synapses.connect("z_pre < z_post", p=0.5)
    return synapses


@form
def a_subexpression_that_draws():
    source = NeuronGroup(20, "z = rand() : 1")
    synapses = Synapses(source, source)
    synapses.connect("z_pre < 0.4")
    return synapses


@form
def a_rounded_subexpression():
    source = NeuronGroup(20, "n : integer\nz = n/2 : integer")
    source.n = np.arange(20)
    synapses = Synapses(source, source)
    synapses.connect("z_pre == z_post", p=0.5)
    return synapses


def outcome(name):
    """What a form leaves: digests of both ends, of counts, of the random streams."""
    brian2.seed(42)
    made = FORMS[name]()
    synapses = made[0] if isinstance(made, tuple) else made
    ends = hashlib.blake2b(digest_size=12)
    for stored in ("_synaptic_pre", "_synaptic_post", "N_incoming", "N_outgoing"):
        ends.update(np.array(synapses.variables[stored].get_value(), np.int32).tobytes())
    if synapses.multisynaptic_index is not None:
        ends.update(np.array(synapses.k[:], np.int32).tobytes())
    return {"synapses": len(synapses), "ends": ends.hexdigest(),
            "random": _random_digest(snapshot.random_state()).hex()}


def compiled(names, cache):
    """Outcomes under Brian2's own device and Cython target."""
    brian2.set_device("runtime")
    brian2.prefs.codegen.target = "cython"
    brian2.prefs.codegen.runtime.cython.cache_dir = cache
    brian2.prefs.codegen.cpp.extra_compile_args_gcc = [
        "-w", "-O0", "-fno-fast-math", "-ffp-contract=off"]
    brian2.BrianLogger.suppress_name("unused_brian_object")
    return {name: outcome(name) for name in names}


if __name__ == "__main__":
    asked = sys.argv[2:] if sys.argv[1:2] == ["--only"] else list(FORMS)
    found = compiled(asked, os.environ.get("CONNECTS_CACHE", "cython_cache"))
    if sys.argv[1:2] == ["--only"]:
        print(json.dumps(found))
    else:
        lines = [f" {json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found)]
        REFERENCES.write_text("{\n" + ",\n".join(lines) + "\n}\n")
