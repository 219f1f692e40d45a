"""Back into Brian2: what was saved runs on, bit for bit, and is saved as the same document."""

from __future__ import annotations

import ctypes
import warnings

import brian2
import brian2engram
import numpy as np
import pytest
from brian2 import (Clock, Function, Network, NetworkOperation, NeuronGroup, SpikeMonitor,
                    StateMonitor, Synapses, check_units, defaultclock, implementation,
                    linked_var, ms, mV, prefs)
from brian2.devices.device import get_device
from brian2engram import (DocumentError, EngramWarning, UnsupportedError, document, library,
                          snapshot)

from import_models import MODELS
from roundtrip import apart, contents, differences, random_state


def built(name):
    """(network, groups outside of it) of a model."""
    made = MODELS[name]()
    return (made[0], made[1:]) if isinstance(made, tuple) else (made, ())


def small():
    """Four neurons that are refractory, all to all."""
    group = NeuronGroup(4, "dv/dt = (drive - v)/tau : 1 (unless refractory)\ndrive : 1",
                        threshold="v > top", reset="v = 0", refractory=0.3 * ms, method="exact",
                        namespace={"tau": 3 * ms, "top": 0.25}, name="P")
    group.drive = "1 + 0.2*i"
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w", name="W")
    synapses.connect()
    synapses.w = 0.01
    return Network(group, synapses, SpikeMonitor(group, name="M"),
                   StateMonitor(group, "v", True, name="S"), name="net")


def outside(net, others):
    """The groups of these names among what an imported network keeps."""
    names = {obj.name for obj in others}
    return [obj for obj in net.kept if obj.name in names]


FRESH = ["current_based_network_with_delays", "spike_generators", "inactive_objects",
         "synapses_that_nothing_reaches", "several_clocks", "refractory_conditions_and_zero"]


@pytest.mark.parametrize("name", MODELS)
def test_a_round_trip_in_the_middle(name, tmp_path):
    """With spikes in flight, records made and numbers drawn."""
    net, others = built(name)
    net.run(2.3 * ms, namespace={})
    round_trip(net, others, tmp_path)


@pytest.mark.parametrize("name", FRESH)
def test_a_round_trip_from_the_start(name, tmp_path):
    round_trip(*built(name), tmp_path)


def round_trip(net, others, tmp_path):
    """Script, document, archive, document, import, run: the same bits; save: the same file."""
    first = tmp_path / "first.mpk"
    brian2engram.save(first, net, duration=5 * ms, namespace={})
    library.convert(str(first), str(tmp_path / "first.h5"))
    net.run(5 * ms, namespace={})
    wanted, drawn = contents(net, *others), random_state()

    again = brian2engram.import_network(tmp_path / "first.h5")
    assert again.name == net.name
    assert [(obj.name, type(obj), obj.when, obj.order, obj.active, obj.clock.name)
            for obj in again.sorted_objects] == [
        (obj.name, type(obj), obj.when, obj.order, obj.active, obj.clock.name)
        for obj in net.sorted_objects]
    second = tmp_path / "second.mpk"
    brian2engram.save(second, again, duration=5 * ms, namespace={})
    assert apart(document.read(first), document.read(second)) == []
    brian2engram.run_stages(again)
    assert differences(wanted, contents(again, *outside(again, others))) == []
    assert random_state() == drawn


def gsl_network():
    """Integrators of GSL, which no target but Cython runs."""
    group = NeuronGroup(3, "dv/dt = -v/(2*ms) : volt (unless refractory)\ndw/dt = v/mV - w/ms : second",
                        threshold="w > 1*ms", refractory=1 * ms, method="gsl_rk4",
                        method_options={"absolute_error_per_variable": {"v": 2 * mV},
                                        "save_step_count": True}, name="G")
    other = NeuronGroup(2, "dx/dt = -x**2/ms : 1", method=("exact", "GSL_RKCK", "euler"), name="H")
    synapses = Synapses(group, other, "dz/dt = -z**3/ms : 1 (clock-driven)", method="gsl",
                        on_pre="x_post += z", name="W")
    synapses.connect()
    return Network(group, other, synapses, name="net")


def test_integrators_of_gsl(tmp_path):
    net, path = gsl_network(), tmp_path / "first.mpk"
    known = {name: set(net[name].variables) for name in ("G", "H", "W")}
    brian2engram.save(path, net, duration=1 * ms, namespace={})
    assert known == {name: set(net[name].variables) for name in known}  # taken away again
    first = document.read(path)
    for item in first["state"]["arrays"]:  # as if it had run
        if item["variable"] in ("_last_timestep", "_step_count"):
            item["data"] = item["data"] + np.arange(len(item["data"]), dtype=item["data"].dtype)
    document.write(path, first)
    again = brian2engram.import_network(path)
    assert again["G"].variables["_step_count"].get_value().tolist() == [0, 1, 2]
    assert again["G"].state_updater.method_options["absolute_error_per_variable"]["v"] == 2 * mV
    brian2engram.save(tmp_path / "second.mpk", again, duration=1 * ms, namespace={})
    assert apart(first, document.read(tmp_path / "second.mpk")) == []


def test_a_document_a_path_and_its_text_are_the_same_source(tmp_path):
    path = tmp_path / "x.mpk"
    brian2engram.save(path, small(), duration=2 * ms)
    results = []
    for source in (path, str(path), document.read(path)):
        net = brian2engram.import_network(source)
        net.run(2 * ms, namespace={})
        results.append(contents(net))
    assert differences(results[0], results[1]) == differences(results[0], results[2]) == []


def test_the_caller_needs_no_names_and_its_own_do_not_matter(tmp_path):
    path = tmp_path / "x.mpk"
    brian2engram.save(path, small(), duration=2 * ms)
    results = []
    for namespace in ({}, {"tau": 1 * ms, "top": 5}):
        net = brian2engram.import_network(path)
        net.run(2 * ms, namespace=namespace)
        results.append(contents(net))
    assert differences(*results) == []


def test_without_a_run_there_are_no_stages_and_what_was_inactive_is(tmp_path):
    net, _ = built("inactive_objects")
    path = tmp_path / "x.mpk"
    brian2engram.save(path, net, namespace={})
    again = brian2engram.import_network(path)
    assert again.stages == []
    brian2engram.run_stages(again)
    assert again.t == 0 * ms
    net.run(3 * ms, namespace={})
    again.run(3 * ms, namespace={})
    ran = {("G", "v"), ("G", "x"), ("W", "delay"), ("M", "t"), ("H", "v"), ("J", "v")}
    wanted, found = contents(net), contents(again)
    assert {key: wanted[key] for key in ran & wanted.keys()} == {
        key: found[key] for key in ran & wanted.keys()}


# ---- what is global ---------------------------------------------------------------------


def test_the_default_clock_is_used_if_it_is_the_same_and_never_changed(tmp_path):
    path = tmp_path / "x.mpk"
    brian2engram.save(path, small(), duration=2 * ms)
    assert brian2engram.import_network(path)["P"].clock is get_device().defaultclock
    defaultclock.dt = 0.05 * ms
    net = brian2engram.import_network(path)
    clock = net["P"].clock
    assert (clock.name, clock.dt_) == ("defaultclock", 1e-4)
    assert defaultclock.dt_ == 5e-5
    net.run(2 * ms, namespace={})
    assert net["S"].variables["t"].get_value().shape == (20,)


def test_preferences_are_left_alone_and_differences_named(tmp_path):
    path = tmp_path / "x.mpk"
    brian2engram.save(path, small(), duration=2 * ms)
    saved = {name: prefs[name] for name in ("core.default_float_dtype", "codegen.target",
                                            "codegen.loop_invariant_optimisations",
                                            "legacy.refractory_timing")}
    try:
        prefs.core.default_float_dtype = np.float32
        with pytest.warns(EngramWarning, match="core.default_float_dtype is float32 and was "
                                               "float64"):
            net = brian2engram.import_network(path)
        assert net["P"].variables["v"].dtype == np.float64
        prefs.core.default_float_dtype = saved["core.default_float_dtype"]
        prefs.codegen.loop_invariant_optimisations = False
        with pytest.warns(EngramWarning, match="loop_invariant_optimisations is False"):
            brian2engram.import_network(path)
        prefs.codegen.loop_invariant_optimisations = True
        prefs.legacy.refractory_timing = True
        with pytest.raises(UnsupportedError, match="P: preference legacy.refractory_timing"):
            brian2engram.import_network(path)
        assert prefs["legacy.refractory_timing"] is True
    finally:
        for name, value in saved.items():
            prefs[name] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error", EngramWarning)
        brian2engram.import_network(path)
    assert {name: prefs[name] for name in saved} == saved


def test_a_single_precision_network_in_a_double_precision_session(tmp_path):
    path = tmp_path / "x.mpk"
    try:
        prefs.core.default_float_dtype = np.float32
        net = small()
        brian2engram.save(path, net, duration=2 * ms)
        net.run(2 * ms)
        again = brian2engram.import_network(path)
        brian2engram.run_stages(again)
        assert differences(contents(net), contents(again)) == []
    finally:
        prefs.core.default_float_dtype = np.float64
    with pytest.warns(EngramWarning, match="core.default_float_dtype"):
        net = brian2engram.import_network(path)
    assert {net["P"].variables[name].dtype for name in ("v", "drive")} == {
        np.dtype("float32")}


def test_types_are_rules(tmp_path):
    """Of equations, subexpressions too, and of numbers by default: no table, no code, no
    preference in the provenance is needed to have them again."""
    path = tmp_path / "x.mpk"
    try:
        prefs.core.default_float_dtype = np.float32
        group = brian2.NeuronGroup(3, """f : 1
                                         d : 1
                                         k : integer
                                         l : integer
                                         b : boolean
                                         half = f / 2 : 1
                                         twice = 2 * d : 1""",
                                   dtype={"d": np.float64, "l": np.int64, "twice": np.float64},
                                   threshold="f > 1", name="mixed")
        synapses = brian2.Synapses(group, group, "w : 1", on_pre="f_post += w", name="to")
        synapses.connect()
        net = brian2.Network(group, synapses)
        brian2engram.save(path, net, duration=1 * ms)
    finally:
        prefs.core.default_float_dtype = np.float64
    rules = rules_of(path)
    network = rules["network"]
    assert network["float_dtype"] == "float32"
    found = {single["name"]: single.get("dtype", "")
             for single in network["groups"][0]["equations"]}
    assert found == {"f": "", "d": "float64", "k": "", "l": "int64", "b": "", "half": "",
                     "twice": "float64"}
    del network["groups"][0]["variables"], network["synapses"][0]["variables"]
    network["setup"] = [{"kind": "connect", "target": "to"}]
    with pytest.warns(EngramWarning, match="core.default_float_dtype"):
        again = brian2engram.import_network(rules)
    types = {name: again["mixed"].variables[name].dtype for name in found}
    assert {name: np.dtype(dtype).name for name, dtype in types.items()} == {
        "f": "float32", "d": "float64", "k": "int32", "l": "int64", "b": "bool",
        "half": "float32", "twice": "float64"}
    assert again["to"].variables["w"].dtype == np.float32
    assert again["to"].pre.variables["delay"].dtype == np.float32
    assert np.dtype(prefs.core.default_float_dtype) == np.float64


def rules_of(path):
    """A document's rules, without code, state and provenance."""
    content = document.read(path)
    return {key: content[key] for key in ("format", "major", "minor", "network")}


def test_index_arrays_of_links_are_rules(tmp_path):
    path = tmp_path / "x.mpk"
    source = NeuronGroup(4, "y : 1", name="source")
    group = NeuronGroup(3, """given : 1 (linked)
                              named : 1 (linked)
                              k : integer""", name="G")
    group.given = brian2.linked_var(source, "y", index=[3, 0, 3])
    group.named = brian2.linked_var(source, "y", index="k")
    brian2engram.save(path, Network(source, group), duration=1 * ms)
    rules = rules_of(path)
    arrays = {item["name"]: item["values"].tolist()
              for item in rules["network"]["groups"][0]["index_arrays"]}
    assert arrays == {"_given_indices": [3, 0, 3]}
    net = brian2engram.import_network(rules)
    net["source"].y = [5, 6, 7, 8]
    net["G"].k = [1, 2, 0]
    assert net["G"].given[:].tolist() == [8, 5, 8]
    assert net["G"].named[:].tolist() == [6, 7, 5]


def test_refractory_timing_is_a_rule(tmp_path):
    path = tmp_path / "x.mpk"
    try:
        prefs.legacy.refractory_timing = True
        group = NeuronGroup(2, "v : 1", threshold="v > 1", refractory=1 * ms, name="P")
        brian2engram.save(path, Network(group), duration=1 * ms)
        assert document.read(path)["network"]["legacy_refractory"] is True
        brian2engram.import_network(rules_of(path))
    finally:
        prefs.legacy.refractory_timing = False
    with pytest.raises(UnsupportedError, match="P: preference legacy.refractory_timing.*True"):
        brian2engram.import_network(rules_of(path))


def test_the_random_state_can_be_left_alone(tmp_path):
    path = tmp_path / "x.mpk"
    brian2engram.save(path, small(), duration=2 * ms)
    saved = random_state()
    brian2.seed(99)
    other = random_state()
    brian2engram.import_network(path, random_state=False)
    assert random_state() == other
    brian2engram.import_network(path)
    assert random_state() == saved


def test_numbers_that_brian2_drew_ahead_come_back(tmp_path):
    device = get_device()
    path = tmp_path / "x.mpk"
    brian2engram.save(path, small(), duration=2 * ms)
    content = document.read(path)
    numbers = np.random.RandomState(3).rand(2, snapshot.BUFFER)
    content["state"]["random"].update(uniforms=numbers[0], next_uniform=17,
                                      normals=numbers[1], next_normal=19999)
    try:
        brian2engram.import_network(content)
        found = snapshot.random_state()
        assert (found["next_uniform"], found["next_normal"]) == (17, 19999)
        assert found["uniforms"].tobytes() == numbers[0].tobytes()
        assert found["normals"].tobytes() == numbers[1].tobytes()
        content["state"]["random"]["uniforms"] = numbers[0][:5]
        with pytest.raises(DocumentError, match="a buffer of 5, expected 20000"):
            brian2engram.import_network(content)
    finally:
        free = ctypes.CDLL(None).free  # as Brian2's own code does before it draws again
        free.argtypes = [ctypes.c_void_p]
        for pointer, index in ((device.rand_buffer, device.rand_buffer_index),
                               (device.randn_buffer, device.randn_buffer_index)):
            free(int(pointer[0]))
            pointer[0], index[0] = 0, 0


# ---- code that is only text -------------------------------------------------------------


def with_function(marker):
    @check_units(x=1, result=1)
    def twice(x):
        for _ in range(1):
            x = 2 * x
        return x

    group = NeuronGroup(3, "dv/dt = (twice(v + 1) - v)/(10*ms) : 1", method="euler", name="G",
                        namespace={"twice": twice})
    group.run_regularly("v = 0.5*twice(v)", dt=1 * ms)
    content = saved(Network(group), marker.parent / "x.mpk")
    function, = content["network"]["functions"]
    assert function["source"].startswith("@check_units(x=1, result=1)\ndef twice(x):\n")
    assert (function["arguments"], function["result"]) == (["1"], "1")
    function["source"] += f"\nopen({str(marker)!r}, 'w').close()\n"
    return content, group


def saved(net, path, whole=False):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        brian2engram.save(path, net, duration=3 * ms, namespace={}, on_loss="warn")
    assert whole != any(issubclass(one.category, EngramWarning) for one in caught)
    return document.read(path)


def test_code_of_a_file_is_not_executed(tmp_path):
    marker = tmp_path / "written"
    content, _ = with_function(marker)
    with pytest.raises(UnsupportedError, match="twice: function: its code is in the document, "
                                               "and not executed") as caught:
        brian2engram.import_network(content)
    assert caught.value.losses[0].object == "twice" and not marker.exists()
    with pytest.raises(UnsupportedError):
        brian2engram.import_network(content, trust_code=False)
    assert not marker.exists()


def test_code_of_a_file_is_executed_on_request(tmp_path):
    marker = tmp_path / "written"
    content, group = with_function(marker)
    net = brian2engram.import_network(content, trust_code=True)
    assert marker.exists()
    brian2engram.run_stages(net)
    Network(group).run(3 * ms)
    assert np.array(net["G"].v[:]).tobytes() == np.array(group.v[:]).tobytes()


def test_a_function_with_a_signature_but_no_decorator(tmp_path):
    def scaled(x, y):
        return x * y

    function = Function(scaled, arg_units=[brian2.volt, 1], return_unit=brian2.volt)
    group = NeuronGroup(2, "dv/dt = scaled(v + 1*volt, -1.5)/ms : volt", method="euler",
                        name="G", namespace={"scaled": function})
    content = saved(Network(group), tmp_path / "x.mpk", whole=True)
    element, = content["network"]["functions"]
    assert element["arguments"] == ["metre**2*kilogram*second**-3*amp**-1", "1"]
    net = brian2engram.import_network(content, trust_code=True)
    assert apart(content, saved(net, tmp_path / "y.mpk", whole=True)) == []
    brian2engram.run_stages(net)
    Network(group).run(3 * ms)
    assert np.array(net["G"].v[:]).tobytes() == np.array(group.v[:]).tobytes()


def test_the_callers_function_takes_the_place_of_the_text(tmp_path):
    marker = tmp_path / "written"
    content, _ = with_function(marker)

    @check_units(x=1, result=1)
    def thrice(x):
        return 3 * x

    net = brian2engram.import_network(content, functions={"twice": thrice})
    net.run(0.1 * ms, namespace={})
    assert np.array(net["G"].v[:]).tolist() == pytest.approx([0.03] * 3) and not marker.exists()
    with pytest.raises(ValueError, match="'other' is not a function or operation"):
        brian2engram.import_network(content, functions={"twice": thrice, "other": thrice})


def test_functions_with_code_for_compilers_keep_it_in_their_text(tmp_path):
    @implementation("cython", "cdef double half(double x):\n    return 0.5*x\n")
    @check_units(x=1, result=1)
    def half(x):
        return 0.5 * x

    group = NeuronGroup(1, "dv/dt = half(1 - v)/ms : 1", method="euler", name="G",
                        namespace={"half": half})
    content = saved(Network(group), tmp_path / "x.mpk", whole=True)
    element, = content["network"]["functions"]
    assert "cdef double half" in element["source"]
    assert element["implementations"] == [
        {"target": "cython", "code": "cdef double half(double x):\n    return 0.5*x\n"}]
    net = brian2engram.import_network(content, trust_code=True)
    assert isinstance(net["G"].namespace["half"], Function)


def test_code_for_compilers_that_no_text_shows_is_data_unless_trusted(tmp_path):
    @check_units(x=1, result=1)
    def half(x):
        return 0.5 * x

    function = Function(half, arg_units=[1], return_unit=1, arg_names=["x"])
    function.implementations.add_implementation(
        "cpp", {"support_code": "double half(double x) { return 0.5*x; }",
                "hashdefine_code": "#define HALF 0.5"})
    group = NeuronGroup(1, "dv/dt = half(1 - v)/ms : 1", method="euler", name="G",
                        namespace={"half": function})
    content = saved(Network(group), tmp_path / "x.mpk", whole=True)
    found = content["network"]["functions"][0]["implementations"]
    assert [(item["target"], item["part"]) for item in found] == [
        ("cpp", "hashdefine_code"), ("cpp", "support_code")]
    net = brian2engram.import_network(content)
    assert "cpp" not in net["G"].namespace["half"].implementations._implementations
    again = saved(net, tmp_path / "y.mpk", whole=True)
    assert again["network"]["functions"] == content["network"]["functions"]
    net = brian2engram.import_network(content, trust_code=True)
    assert "cpp" in net["G"].namespace["half"].implementations._implementations


def with_operation(path):
    group = NeuronGroup(3, "dv/dt = -v/(3*ms) : 1", method="exact", name="G")
    group.v = 1

    def stir(t):
        group.v += 0.5 * (1 + t / ms)

    operation = NetworkOperation(stir, dt=0.5 * ms, when="end", order=2, name="stirring")
    net = Network(group, operation, name="net")
    return net, saved(net, path), stir


def test_an_operation_becomes_a_placeholder_that_warns_once(tmp_path):
    net, content, _ = with_operation(tmp_path / "x.mpk")
    element, = content["network"]["operations"]
    assert (element["name"], element["clock"], element["when"], element["order"]) == (
        "stirring", "stirring_clock", "end", 2)
    assert element["source"].startswith("def stir(t):\n")
    again = brian2engram.import_network(content)
    place = again["stirring"]
    assert isinstance(place, NetworkOperation)
    assert (place.when, place.order, place.clock.dt_) == ("end", 2, 5e-4)
    assert apart(content, saved(again, tmp_path / "y.mpk")) == []
    with pytest.warns(EngramWarning, match="stirring: NetworkOperation without") as caught:
        brian2engram.run_stages(again)
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error", EngramWarning)
        again.run(1 * ms)


def test_operations_of_the_caller_and_of_a_trusted_file(tmp_path):
    net, content, stir = with_operation(tmp_path / "x.mpk")
    net.run(3 * ms)
    wanted = contents(net)
    group = []
    given = brian2engram.import_network(content, operations={"stirring": lambda: group[0](
        given["stirring"].clock.t)})
    group.append(lambda t: setattr(given["G"], "v", given["G"].v + 0.5 * (1 + t / ms)))
    given.run(3 * ms, namespace={})
    assert differences(wanted, contents(given)) == []
    content["network"]["operations"][0]["source"] = \
        "@no_such_decorator\ndef stir(t):\n    G.v += 0.5*(1 + t/ms)\n"
    trusted = brian2engram.import_network(content, trust_code=True)
    trusted.run(3 * ms, namespace={})
    assert differences(wanted, contents(trusted)) == []
    with pytest.raises(ValueError, match="'other'"):
        brian2engram.import_network(content, operations={"other": stir})


# ---- what cannot come back --------------------------------------------------------------


def captured(net, tmp_path):
    path = tmp_path / "x.mpk"
    brian2engram.save(path, net, duration=1 * ms, namespace={})
    return document.read(path)


def test_an_integrator_without_a_name_is_refused(tmp_path):
    def half(equations, variables=None, method_options=None):
        return "x = 0.5*x"

    content = captured(Network(NeuronGroup(2, "dx/dt = -x/ms : 1", method=half, name="G")),
                       tmp_path)
    with pytest.raises(UnsupportedError, match="G: integrator: the script made one of its own"):
        brian2engram.import_network(content)


def test_the_integrator_is_that_of_the_document_or_an_error(tmp_path):
    group = NeuronGroup(2, "dx/dt = -x/ms : 1", name="G")
    content = captured(Network(group), tmp_path)
    element, = content["network"]["groups"]
    assert element["resolved_method"] == "exact"
    for method in ("rk2", "euler"):
        element["resolved_method"] = method
        net = brian2engram.import_network(content)
        again = captured(net, tmp_path)["network"]["groups"][0]
        assert (again["resolved_method"], again.get("method", "")) == (method, "")
    element.update(resolved_method="exact")
    element["equations"][0]["expr"] = "-x**2/ms"
    net = brian2engram.import_network(content)
    with pytest.raises(brian2.BrianObjectException):
        net.run(1 * ms, namespace={})


def test_a_link_that_the_document_lost_is_refused(tmp_path):
    net, _ = built("linked_variables")
    content = captured(net, tmp_path)
    group, = (item for item in content["network"]["groups"] if item["name"] == "G")
    lost = group["links"].pop()
    with pytest.raises(UnsupportedError, match=f"G: linked variable '{lost['name']}'"):
        brian2engram.import_network(content)
    group["links"].append({**lost, "variable": "nothing"})
    with pytest.raises(UnsupportedError, match="its link leads nowhere"):
        brian2engram.import_network(content)


def test_state_without_a_place_is_refused(tmp_path):
    content = captured(small(), tmp_path)
    array = content["state"]["arrays"][-1]
    content["state"]["arrays"].append({**array, "name": "P.other", "owner": "P",
                                       "variable": "other"})
    with pytest.raises(UnsupportedError, match="P: stored variable 'other'"):
        brian2engram.import_network(content)


def test_names_that_are_no_identifiers_are_refused(tmp_path):
    content = captured(small(), tmp_path)
    content["network"]["synapses"][0]["pathways"][0]["name"] = "x\nimport os"
    with pytest.raises(DocumentError, match="no identifier"):
        brian2engram.import_network(content)


def test_what_is_no_network_is_refused(tmp_path):
    path = tmp_path / "x.mpk"
    path.write_bytes(b"no document")
    with pytest.raises(DocumentError):
        brian2engram.import_network(path)
    with pytest.raises(DocumentError, match="/network: missing"):
        brian2engram.import_network(document.new_document())
    with pytest.raises(FileNotFoundError):
        brian2engram.import_network(tmp_path / "none.mpk")


def test_another_network_can_be_built_around_what_came_back(tmp_path):
    content = captured(small(), tmp_path)
    net = brian2engram.import_network(content)
    extra = NeuronGroup(2, "x : 1", name="extra")
    synapses = Synapses(net["P"], extra, on_pre="x_post += 1", name="more")
    synapses.connect()
    net.add(extra, synapses, StateMonitor(net["P"], "v", 0, name="T"),
            SpikeMonitor(net["P"], name="N"))
    net["P"].v = 1
    net.run(0.2 * ms, namespace={})
    assert len(net["N"].t) == 4 and float(extra.x[0]) == 4
    group = NeuronGroup(4, "v : 1 (linked)", name="L")
    group.v = linked_var(net["P"], "v")
    assert group.v[0] == net["P"].v[0]


# ---- recordings of several runs ---------------------------------------------------------


def protocol():
    """Four runs: values, constants, synapses, objects and seeds change in between."""
    own = Clock(0.1 * ms, name="own")
    group = NeuronGroup(4, "dv/dt = (drive - v)/tau + 0.01*xi*second**-0.5 : 1\ndrive : 1",
                        threshold="v > 0.25", reset="v = 0", method="euler", clock=own,
                        namespace={}, name="G")
    group.drive = "1 + 0.2*i"
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w", delay=0.3 * ms,
                        clock=own, name="W")
    synapses.connect(j="(i + 1) % 4")
    synapses.w = 0.01
    monitor = SpikeMonitor(group, name="M")
    net = Network(group, synapses, monitor, name="net")
    net.run(2 * ms, namespace={"tau": 3 * ms})
    group.drive = 1.5
    group.v[0] = 0.2
    synapses.connect(j="(i + 2) % 4")
    net.run(1 * ms, namespace={"tau": 3 * ms})
    more = Synapses(group, group, "u : 1", on_pre="u += 1", name="X", clock=own)
    more.connect(condition="i != j")
    more.delay = "0.1*ms*j"
    net.add(more, StateMonitor(more, "u", record=[0, 5], name="S"))
    monitor.active = False
    brian2.seed(8)
    net.run(2 * ms, namespace={"tau": 5 * ms})
    monitor.active = True
    net.run(1 * ms, namespace={"tau": 5 * ms})
    return net


def test_a_recording_comes_back_with_all_its_runs(tmp_path):
    with brian2engram.recording(tmp_path / "x.h5"):
        net = protocol()
    wanted, drawn = contents(net), random_state()
    again = brian2engram.import_network(tmp_path / "x.h5")
    assert len(again.stages) == 4 and "X" not in again and "S" not in again
    again.stages[0]()
    again.stages[1]()
    assert len(again["W"]) == 8 and again["M"].active
    again.stages[2]()
    assert again["X"].variables["u"].get_value().shape == (12,) and not again["M"].active
    again.stages[3]()
    assert differences(wanted, contents(again)) == [] and random_state() == drawn


def test_a_recording_that_changes_the_default_clock_changes_only_its_own(tmp_path):
    net = small()
    with brian2engram.recording(tmp_path / "x.mpk"):
        net.run(1 * ms)
        defaultclock.dt = 0.05 * ms
        net.run(1 * ms)
    wanted = contents(net)
    defaultclock.dt = 0.1 * ms
    again = brian2engram.import_network(tmp_path / "x.mpk")
    brian2engram.run_stages(again)
    assert defaultclock.dt_ == 1e-4 and again["P"].clock.dt_ == 5e-5
    assert differences(wanted, contents(again)) == []
