"""Writes tests/golden/{minimal,chain,...}.mpk and tests/refused/*.mpk with the expected message beside each.

    python tests/golden/make_documents.py

Documents end with the digest of their bytes; those that are damaged on purpose are so before
they get it, so that it does not hide what is wrong.

A refused file x.mpk has x.txt: the status' name on the first line, and on the second a part
of the message. A second writer of the format: it uses the packages msgpack and xxhash only.
"""

import copy
import struct
from pathlib import Path

import msgpack
import xxhash

HERE = Path(__file__).resolve().parent
REFUSED = HERE.parent / "refused"
SCHEDULE = ["start", "groups", "thresholds", "synapses", "resets", "end"]
VOLT = [2.0, 1.0, -3.0, -1.0, 0.0, 0.0, 0.0]


def minimal():
    """One leaky group on itself: every kind of field, canonical."""
    return {
        "format": "engram-network", "major": 1, "minor": 0,
        "network": {
            "dialect": "brian2-runtime", "rng_rule": "brian-runtime", "origin": "capture",
            "schedule": SCHEDULE,
            "clocks": [{"name": "defaultclock", "dt": 1e-4}],
            "groups": [{
                "name": "P", "kind": "neurons", "n": 2, "clock": "defaultclock",
                "equations": [{"name": "v", "kind": "differential", "type": "float",
                               "expr": "-v / tau", "dim": VOLT, "unit": "V"}],
                "events": [{"name": "spike", "condition": "v > 10*mV", "reset": "v = 0*mV"}],
                "constants": [{"name": "tau", "dtype": "float64", "value": 0.01,
                               "dim": [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]}],
                "variables": [{"name": "v", "dtype": "float64", "size": 2, "dim": VOLT}]}],
            "synapses": [{
                "name": "S", "source": "P", "target": "P", "clock": "defaultclock",
                "pathways": [{"name": "S_pre", "key": "pre", "prepost": "pre",
                              "code": "v_post += 1*mV", "order": -1}]}],
            "runs": [{"duration": 0.1}]},
        "state": {
            "t": 0.0,
            "arrays": [{"name": "P.v", "owner": "P", "variable": "v",
                        "data": {"dtype": "float64", "shape": [2],
                                 "data": [struct.pack("<2d", 0.011, -0.0)]},
                        "dim": VOLT}]},
    }


def chain():
    """Rules only, two runs with an initialiser in between: 8 neurons, the first is driven, each
    hands its spike on to the next after 0.5 ms. Runs without Brian2 having seen it."""
    minimal_network = minimal()["network"]
    group, synapses = minimal_network["groups"][0], minimal_network["synapses"][0]
    equations = [{"name": "v", "kind": "differential", "type": "float",
                  "expr": "(drive - v) / tau", "dim": VOLT, "unit": "V"},
                 {"name": "drive", "kind": "parameter", "type": "float", "dim": VOLT}]
    group = {**group, "n": 8, "equations": equations, "method": "euler"}
    group.pop("variables")
    synapses = {**synapses, "equations": [{"name": "w", "kind": "parameter", "type": "float",
                                           "dim": VOLT}]}
    synapses["pathways"] = [{**synapses["pathways"][0], "code": "v_post += w",
                             "homogeneous": True, "delay": 5e-4}]
    one = lambda value: {"dtype": "float64", "shape": [], "data": [struct.pack("<d", value)]}
    network = {
        **minimal_network, "dialect": "brian2-standalone", "rng_rule": "brian-standalone",
        "origin": "export", "groups": [group], "synapses": [synapses],
        "monitors": [{"name": "spikes", "kind": "spike", "source": "P", "variables": ["i", "t"]},
                     {"name": "traces", "kind": "state", "source": "P", "variables": ["v"],
                      "record_all": True, "clock": "defaultclock"},
                     {"name": "weights", "kind": "state", "source": "S", "variables": ["w"],
                      "record_all": True, "clock": "defaultclock"},
                     {"name": "rate", "kind": "rate", "source": "P"}],
        "setup": [{"kind": "seed", "seed": 5},
                  {"kind": "connect", "target": "S", "j": "i + 1 for _ in range(1)",
                   "skip_if_invalid": True},
                  {"kind": "initialise", "target": "S", "variable": "w", "values": one(0.011)},
                  {"kind": "initialise", "target": "P", "variable": "drive", "code": "0.02*volt",
                   "condition": "i == 0"},
                  {"kind": "initialise", "target": "P", "variable": "drive", "values": one(0.0)}],
        "runs": [{"duration": 0.0203, "setup_end": 4}, {"duration": 0.01, "setup_end": 5}]}
    return {"format": "engram-network", "major": 1, "minor": 0, "network": network}


def single():
    """The chain of numbers that are float32, but for its drive."""
    document = chain()
    network = document["network"]
    network["float_dtype"] = "float32"
    network["groups"][0]["equations"][1]["dtype"] = "float64"
    return document


def array(dtype, *values, shape=None):
    letter = {"int32": "i", "int64": "q", "float64": "d", "bool": "?", "uint32": "I"}[dtype]
    return {"dtype": dtype, "shape": [len(values)] if shape is None else shape,
            "data": [struct.pack(f"<{len(values)}{letter}", *values)]}


def stored(owner, variable, data):
    return {"name": f"{owner}.{variable}", "owner": owner, "variable": variable, "data": data}


def binding(name, owner, variable, dtype="float64", index="_idx", **more):
    return {"name": name, "kind": "array", "dtype": dtype, "owner": owner, "variable": variable,
            "index": index, **more}


def statement(variable, op, expr, dtype="float64"):
    return {"part": "vector", "op": op, "variable": variable, "expr": expr, "dtype": dtype}


def executable(name, template, owner, statements, bindings, **more):
    return {"name": name, "template": template, "owner": owner, "when": "groups", "order": 0,
            "clock": "defaultclock", "statements": statements, "bindings": bindings, **more}


def coded():
    """What a capture holds beyond that: code, synapses, a slice, monitors, spikes in flight."""
    document = minimal()
    network = document["network"]
    variable = lambda name, dtype, size, **more: {"name": name, "dtype": dtype, "size": size,
                                                  **more}
    network["groups"] = [
        {"name": "G", "kind": "spikegenerator", "n": 2, "clock": "defaultclock",
         "indices": array("int32", 1, 0), "times": array("float64", 0.01, 0.02),
         "variables": [variable("_lastindex", "int32", 1)]},
        network["groups"][0],
        {"name": "P_half", "kind": "subgroup", "n": 1, "clock": "defaultclock", "source": "P",
         "start": 1, "stop": 2, "variables": [variable("_sub_idx", "int32", 1)]}]
    network["groups"][1].update(refractory="1*ms", refractory_kind="time", variables=[
        variable("v", "float64", 2, dim=VOLT), variable("x", "float64", 2),
        variable("lastspike", "float64", 2), variable("not_refractory", "bool", 2)])
    network["synapses"][0]["variables"] = [
        variable("_synaptic_pre", "int32", 3, dynamic=True),
        variable("_synaptic_post", "int32", 3, dynamic=True),
        variable("w", "float64", 3, dynamic=True, dim=VOLT)]
    network["monitors"] = [
        {"name": "M", "kind": "state", "source": "P", "variables": ["v"], "start": 1, "stop": 2,
         "indices": array("int32", 0)},
        {"name": "R", "kind": "spike", "source": "P", "variables": ["i", "t"]}]
    network["functions"] = [{"name": "drive", "kind": "timedarray", "dt": 0.01, "ndim": 2,
                             "values": array("float64", 1.0, 2.0, 3.0, 4.0, shape=[2, 2])}]
    neurons = [binding("lastspike", "P", "lastspike"),
               binding("not_refractory", "P", "not_refractory", "bool"),
               binding("v", "P", "v", guard="not_refractory")]
    ends = [binding("_postsynaptic_idx", "S", "_synaptic_post", "int32"),
            binding("_presynaptic_idx", "S", "_synaptic_pre", "int32")]
    document["code"] = {"executables": [
        executable("M", "statemonitor", "M", [statement("_to_record_v", ":=", "_source_v")],
                   [binding("_source_v", "P", "v", index="_sub_idx"),
                    binding("_sub_idx", "P_half", "_sub_idx", "int32"),
                    {"name": "_to_record_v", "kind": "output", "dtype": "float64"}],
                   record=["v"]),
        executable("P_resetter", "reset", "P", [statement("v", "=", "0")], neurons,
                   event="spike", event_source="P"),
        executable("P_stateupdater", "stateupdate", "P",
                   [statement("_v", ":=", "v - v*dt/tau + drive(t, 1)"),
                    statement("v", "=", "_v")],
                   neurons + [binding("dt", "defaultclock", "dt", index="0"),
                              binding("t", "defaultclock", "t", index="0"),
                              {"name": "drive", "kind": "function", "dtype": "float64",
                               "owner": "drive"},
                              {"name": "tau", "kind": "constant", "dtype": "float64",
                               "value": 0.01}]),
        executable("P_thresholder", "threshold", "P",
                   [statement("_cond", ":=", "v > 0.01 and not_refractory", "bool")],
                   neurons + [{"name": "_cond", "kind": "output", "dtype": "bool"}],
                   event="spike", refractory=True),
        executable("S_pre", "synapses", "S", [statement("v_post", "+=", "w")],
                   ends + [binding("v_post", "P", "v", index="_postsynaptic_idx"),
                           binding("w", "S", "w")],
                   event="spike", event_source="P", pathway="S_pre"),
        executable("S_summed", "summed_variable", "S",
                   [statement("_synaptic_var", ":=", "v_pre")],
                   ends + [{"name": "_synaptic_var", "kind": "output", "dtype": "float64"},
                           binding("v_pre", "P", "v", index="_presynaptic_idx")],
                   target="P", target_variable="x", target_index="_synaptic_post")]}
    document["state"].update(
        clocks=[{"name": "defaultclock", "timestep": 0}],
        arrays=[stored("G", "_lastindex", array("int32", 0)),
                stored("P", "lastspike", array("float64", -1e4, -1e4)),
                stored("P", "not_refractory", array("bool", True, True)),
                stored("P", "v", array("float64", 0.011, -0.0)),
                stored("P", "x", array("float64", 0.0, 0.0)),
                stored("P_half", "_sub_idx", array("int32", 1)),
                stored("S", "_synaptic_post", array("int32", 1, 0, 1)),
                stored("S", "_synaptic_pre", array("int32", 0, 0, 1)),
                stored("S", "w", array("float64", 0.1, 0.2, 0.3)),
                stored("S_pre", "delay", array("float64", 0.0, 1e-4, 2e-4))],
        queues=[{"name": "S_pre", "steps": array("int32", 0, 1),
                 "synapses": array("int32", 2, 0)}],
        random={"kind": "mt19937", "words": array("uint32", *range(1, 625)), "position": 624})
    return document


def operation():
    """The chain with a NetworkOperation in slot start."""
    document = chain()
    document["network"]["operations"] = [{"name": "kick", "clock": "defaultclock",
                                          "source": "def kick(t): ..."}]
    return document


def functions():
    """The chain with functions of the script's own: one translated, two not, and an operation."""
    document = operation()
    network = document["network"]
    custom = {"kind": "custom", "arguments": ["metre**2*kilogram*second**-3*amp**-1"],
              "result": "metre**2*kilogram*second**-3*amp**-1", "dim": VOLT,
              "parameters": ["u"], "stateless": True}
    network["functions"] = [
        {**custom, "name": "lifted", "source": "def lifted(u): ...",
         "body": "most = 0.5*volt\n_result = where(u > most, most, u + 0.001*volt)"},
        {**custom, "name": "looped", "source": "def looped(u): ...",
         "reason": "line 2: a loop",
         "implementations": [{"target": "cython", "code": "cdef double looped(double u): ..."}]},
        {**custom, "name": "unused", "reason": "line 9: a loop"}]
    network["groups"][0]["regulars"] = [
        {"name": "P_run_regularly", "code": "drive = lifted(drive)", "clock": "defaultclock"}]
    network["synapses"][0]["pathways"][0]["code"] = "v_post += looped(w)"
    return document


def sparse():
    """The chain, but which neurons are connected is drawn: with another seed there are more or
    fewer synapses, whose weights are recorded."""
    document = chain()
    setup = document["network"]["setup"]
    setup[1] = {"kind": "connect", "target": "S", "condition": "i != j", "p": "0.5"}
    return document


def events():
    """The chain with event clocks: neuron 0 is pushed at four times, one between two steps and one
    where the first run ends, and its voltage is looked at when the third clock says so."""
    document = chain()
    network = document["network"]
    network["dialect"] = "brian2-runtime"
    network["clocks"] = [
        {"name": "P_run_at_eventclock", "times": array("float64", 0.00105, 0.0101, 0.0203, 0.0251)},
        {"name": "defaultclock", "dt": 1e-4},
        {"name": "looks", "times": array("float64", 0.0, 0.00031, 0.00105, 0.0204, 0.5)}]
    network["groups"][0]["regulars"] = [
        {"name": "P_run_at", "code": "v += 0.004*volt + 1*volt*t/second",
         "clock": "P_run_at_eventclock"}]
    network["monitors"][1]["clock"] = "looks"
    return document


def linked():
    """The minimal network, a group that reads its v in other order, and what only names."""
    document = minimal()
    network, state = document["network"], document["state"]
    network["groups"][0]["resolved_method"] = "euler"
    network["groups"][0]["method_options"] = '{"simplify": false}'
    network["groups"][0]["equations"][0]["expr"] = \
        "-v / tau + (xi_a - 2*xi_b)*mV/tau**0.5"
    network["groups"][0]["noise"] = ["xi_b", "xi_a"]
    network["groups"].append({
        "name": "L", "kind": "neurons", "n": 2, "clock": "defaultclock",
        "equations": [{"name": "u", "kind": "parameter", "type": "float", "flags": "linked",
                       "dim": VOLT, "unit": "V"}],
        "variables": [{"name": "_u_indices", "dtype": "int64", "size": 2, "constant": True,
                       "read_only": True}],
        "links": [{"name": "u", "source": "P", "variable": "v", "index": "_u_indices"}]})
    network["functions"] = [
        {"name": "draw", "kind": "binomial", "n": 10, "p": 0.25},
        {"name": "many", "kind": "binomial", "n": 1000, "p": 0.25, "normal": True},
        {"name": "twice", "kind": "custom", "source": "def twice(x):\n    return 2*x\n",
         "arguments": ["1"], "result": "1", "stateless": True}]
    state["arrays"].append({"name": "L._u_indices", "owner": "L", "variable": "_u_indices",
                            "data": {"dtype": "int64", "shape": [2],
                                     "data": [struct.pack("<2q", 1, 0)]}})
    for part, key in ((network, "groups"), (state, "arrays")):
        part[key].sort(key=lambda item: item["name"])
    return document


def indexed():
    """Rules only: a group that reads the chain in other order, by the script's numbers, by a variable
    of its own, and by those of a slice."""
    document = chain()
    network = document["network"]
    linked = lambda name: {"name": name, "kind": "parameter", "type": "float", "flags": "linked",
                           "dim": VOLT, "unit": "V"}
    network["groups"] = [
        {"name": "L", "kind": "neurons", "n": 3, "clock": "defaultclock", "method": "euler",
         "equations": [linked("u"), linked("w"), linked("x"),
                       {"name": "k", "kind": "parameter", "type": "integer"},
                       {"name": "all", "kind": "subexpression", "type": "float",
                        "expr": "u + w + x", "dim": VOLT, "unit": "V"}],
         "links": [{"name": "u", "source": "P", "variable": "drive", "index": "_u_indices"},
                   {"name": "w", "source": "P", "variable": "v", "index": "k"},
                   {"name": "x", "source": "P", "variable": "drive", "index": "_x_index__sub_idx",
                    "index_owner": "P_last", "index_variable": "_sub_idx"}],
         "index_arrays": [{"name": "_u_indices", "values": array("int64", 7, 0, 0)}]},
        *network["groups"],
        {"name": "P_last", "kind": "subgroup", "n": 3, "clock": "defaultclock", "source": "P",
         "start": 5, "stop": 8}]
    network["setup"] = [
        *network["setup"][:4],
        {"kind": "initialise", "target": "L", "variable": "k", "code": "2 - i"},
        network["setup"][4]]
    network["runs"][0]["setup_end"], network["runs"][1]["setup_end"] = 5, 6
    network["monitors"].append(
        {"name": "linked", "kind": "state", "source": "L", "variables": ["all", "u", "w", "x"],
         "record_all": True, "clock": "defaultclock"})
    network["monitors"].sort(key=lambda item: item["name"])
    return document


def changed():
    """The chain, whose second run has a voltage that the script changed, and code of its own:
    nothing but a threshold, so that neuron 3 spikes in every step."""
    document = chain()
    document["network"]["runs"][1] = {
        "duration": 0.01, "setup_end": 5,
        "code": {"executables": [{
            "name": "P_spike_thresholder", "template": "threshold", "owner": "P",
            "when": "thresholds", "order": 0, "clock": "defaultclock", "event": "spike",
            "statements": [{"part": "vector", "op": ":=", "variable": "_cond",
                            "expr": "v > 0.5", "dtype": "bool"}],
            "bindings": [
                {"name": "_cond", "kind": "output", "dtype": "bool"},
                {"name": "v", "kind": "array", "dtype": "float64", "owner": "P",
                 "variable": "v", "index": "_idx", "dim": VOLT}]}]},
        "state": {"t": 0.0203, "arrays": [{
            "name": "P.v", "owner": "P", "variable": "v",
            "data": {"dtype": "float64", "shape": [8],
                     "data": [struct.pack("<8d", 0, 0, 0, 1, 0, 0, 0, 0)]}, "dim": VOLT}]}}
    document["network"]["groups"][0]["variables"] = [
        {"name": "v", "dtype": "float64", "size": 8, "dim": VOLT},
        {"name": "drive", "dtype": "float64", "size": 8, "dim": VOLT},
        {"name": "i", "dtype": "int32", "size": 8, "constant": True, "read_only": True}]
    return document


def plain(value):
    return msgpack.packb(value, use_bin_type=True)


def pack(value):
    """The bytes of a document, with their digest."""
    head = plain({**value, "digest": "0" * 32})[:-32]
    return head + xxhash.xxh3_128_hexdigest(head).encode()


def refused():
    """name -> (bytes, status, part of the message)."""
    whole = plain(minimal())
    cases = {"truncated": (whole[:-5], "ENGRAM_E_FORMAT", "ends inside a value"),
             "digest": (pack(minimal())[:-1] + b"x", "ENGRAM_E_DIGEST", "damaged"),
             "digest-not-last": (plain({"digest": "0" * 32, **minimal()}), "ENGRAM_E_DIGEST",
                                 "does not stand at the end"),
             "trailing": (whole + b"\xc0", "ENGRAM_E_FORMAT", "1 bytes behind the end"),
             "count-bomb": (b"\x84\xa6format\xaeengram-network\xa5major\x01\xa5minor\x00"
                            b"\xa7network\xdd\xff\xff\xff\xff", "ENGRAM_E_LIMIT",
                            "an array of 4294967295, but only 0 bytes"),
             "duplicate-key": (plain({"format": "engram-network", "major": 1, "minor": 0})
                               .replace(b"\x83", b"\x84", 1) + b"\xa5minor\x00", "ENGRAM_E_SCHEMA",
                               "/minor, byte 43: the field stands here a second time"),
             "bad-utf8": (whole.replace(b"\xa1V", b"\xa1\xff", 1), "ENGRAM_E_SCHEMA",
                          "is not valid UTF-8"),
             "nul-in-text": (whole.replace(b"\xa1V", b"\xa1\x00", 1), "ENGRAM_E_SCHEMA",
                             "texts may not contain")}

    def change(name, status, message, edit, write=pack):
        document = copy.deepcopy(minimal())
        edit(document)
        cases[name] = (write(document), status, message)

    group = lambda d: d["network"]["groups"][0]
    change("newer-without-digest", "ENGRAM_E_DIGEST", "no digest at the end",
           lambda d: d.update(minor=1), plain)
    change("newer-major", "ENGRAM_E_VERSION", "version 2.0, this library reads 1.x",
           lambda d: d.update(major=2, network=5))
    nested = []
    for _ in range(60):
        nested = [nested]
    change("depth-bomb", "ENGRAM_E_LIMIT", "nested more than 24",
           lambda d: d.update(network=nested))
    change("other-format", "ENGRAM_E_FORMAT", '"sonata", expected "engram-network"',
           lambda d: d.update(format="sonata"))
    change("unknown-field", "ENGRAM_E_SCHEMA", 'unknown field "colour" of group',
           lambda d: group(d).update(colour="red"))
    change("missing-field", "ENGRAM_E_SCHEMA", 'without the required field "n"',
           lambda d: group(d).pop("n"))
    change("wrong-type", "ENGRAM_E_SCHEMA", "/network/groups/0/n, byte ",
           lambda d: group(d).update(n="two"))
    change("same-name", "ENGRAM_E_SCHEMA", 'both named "P"',
           lambda d: d["network"]["groups"].append(group(d)))
    change("short-array", "ENGRAM_E_SCHEMA", "8 bytes of data, but the shape needs 16",
           lambda d: d["state"]["arrays"][0]["data"].update(data=[b"\0" * 8]))
    change("ragged-pieces", "ENGRAM_E_SCHEMA", "a piece of 16 bytes, expected 8",
           lambda d: d["state"]["arrays"][0]["data"].update(shape=[3], data=[b"\0" * 8, b"\0" * 16]))
    change("circle", "ENGRAM_E_REFERENCE", 'synapses "S" and "S" refer to each other',
           lambda d: d["network"]["synapses"][0].update(source="S"))
    change("unknown-kind", "ENGRAM_E_SCHEMA", 'unknown kind "neuron"',
           lambda d: group(d).update(kind="neuron"))
    change("dangling", "ENGRAM_E_REFERENCE", 'synapses "S" names source group "Q"',
           lambda d: d["network"]["synapses"][0].update(source="Q"))
    change("dimension", "ENGRAM_E_DIMENSION", "/network/groups/P/equations/0/expr",
           lambda d: group(d)["equations"][0].update(expr="-v / volt"))
    change("syntax", "ENGRAM_E_SYNTAX", "/network/groups/P/equations/0/expr",
           lambda d: group(d)["equations"][0].update(expr="-v / (tau"))
    change("equation-dtype", "ENGRAM_E_SCHEMA",
           'unknown dtype "float16", expected one of:  bool int32 int64 float32 float64',
           lambda d: group(d)["equations"][0].update(dtype="float16"))
    change("equation-dtype-of-another-kind", "ENGRAM_E_SCHEMA",
           "v is of int64, which is no float (rule F12)",
           lambda d: group(d)["equations"][0].update(dtype="int64"))
    change("equation-dtype-of-no-variable", "ENGRAM_E_SCHEMA",
           "v is of float32, but its variable is of float64 (rule F12)",
           lambda d: group(d)["equations"][0].update(dtype="float32"))
    change("float-dtype", "ENGRAM_E_SCHEMA", 'unknown float_dtype "float64"',
           lambda d: d["network"].update(float_dtype="float64"))
    change("state-step", "ENGRAM_E_SCHEMA",
           "/state/clocks/0/dt: a clock begins with its step in network/clocks",
           lambda d: d["state"].update(
               clocks=[{"name": "defaultclock", "timestep": 0, "dt": 1e-3}]))
    def change_noise(name, status, message, *order):
        document = linked()
        next(g for g in document["network"]["groups"] if g["name"] == "P")["noise"] = list(order)
        cases[name] = (pack(document), f"ENGRAM_E_{status}", f"/network/groups/P/noise{message}")

    change_noise("noise-of-nothing", "REFERENCE",
                 '/1: "xi_aa" is no noise of the equations (rule F16)', "xi_b", "xi_aa")
    change_noise("noise-twice", "SCHEMA", '/2: "xi_b" stands here a second time (rule F16)',
                 "xi_b", "xi_a", "xi_b")
    change_noise("noise-missing", "SCHEMA",
                 ": 1 names, but the equations have 2 noises: all of them are put in order, or none",
                 "xi_b")

    change("state-tick-twice", "ENGRAM_E_SCHEMA",
           '/state/clocks/1: "defaultclock" stands here a second time (rule F13)',
           lambda d: d["state"].update(
               clocks=[{"name": "defaultclock", "timestep": k} for k in (0, 7)]))

    constants = lambda d: group(d)["constants"]
    change("constant-twice", "ENGRAM_E_SCHEMA",
           '/network/groups/P/constants/1: "tau" stands here a second time (rule F13)',
           lambda d: constants(d).append({**constants(d)[0], "value": 0.02}))
    change("equation-twice", "ENGRAM_E_SCHEMA",
           '/network/groups/P/equations/1: "v" stands here a second time (rule F13)',
           lambda d: group(d)["equations"].append(group(d)["equations"][0]))
    change("event-twice", "ENGRAM_E_SCHEMA",
           '/network/groups/P/events/1: "spike" stands here a second time (rule F13)',
           lambda d: group(d)["events"].append({**group(d)["events"][0], "condition": "v > 20*mV"}))
    change("recorded-twice", "ENGRAM_E_SCHEMA",
           '/network/monitors/M/variables/1: "v" stands here a second time (rule F13)',
           lambda d: d["network"].update(monitors=[
               {"name": "M", "kind": "state", "source": "P", "variables": ["v", "v"],
                "record_all": True, "clock": "defaultclock"}]))

    def change_run(name, status, message, edit, of=changed):
        document = of()
        document["network"]["runs"][1].setdefault("state", {"t": 0.0203})
        edit(document["network"]["runs"][1])
        cases[name] = (pack(document), status, message)

    def change_function(name, status, message, **fields):
        document = functions()
        document["network"]["functions"][0].update(fields)
        cases[name] = (pack(document), f"ENGRAM_E_{status}", message)

    change_function("function-itself", "UNSUPPORTED", "'lifted' calls itself (rule F26)",
                    body="_result = lifted(u)")
    change_function("function-dimension", "DIMENSION",
                    "/network/functions/lifted/body: cannot add", body="_result = u + 1")
    change_function("function-name", "REFERENCE", "unknown name 'drive'", body="_result = drive")
    change_function("function-result", "DIMENSION", "the result has the dimension",
                    body="_result = u*u")
    change_function("function-arguments", "SCHEMA", "1 units of 2 arguments",
                    parameters=["u", "w"])
    change_function("function-type", "SCHEMA", 'unknown result_type "complex"',
                    result_type="complex")
    def change_indices(name, status, message, *values, dtype="int64"):
        document = indexed()
        document["network"]["groups"][0]["index_arrays"][0]["values"] = array(dtype, *values)
        cases[name] = (pack(document), f"ENGRAM_E_{status}", message)

    change_indices("index-array-length", "SCHEMA", "2 values of int64 with 1 dimensions, expected 3 of "
                   "int32 or int64 with 1 (rule F12)", 7, 0)
    change_indices("index-array-type", "SCHEMA", "3 values of float64 with 1 dimensions", 7, 0, 0,
                   dtype="float64")
    change_indices("index-array-outside", "LIMIT", "a link to element 8, expected 0 to 7 (rule F20)",
                   0, 8, 1)

    def change_reader(name, status, message, edit):
        document = indexed()
        edit(document["network"]["groups"][0])
        cases[name] = (pack(document), f"ENGRAM_E_{status}", f"/network/groups/L/{message}")

    def called(name):
        return lambda g: (g["index_arrays"][0].update(name=name), g["links"][0].update(index=name))

    def through(link, **fields):
        return lambda g: g["links"][link].update(fields)

    change_reader("index-array-like-an-equation", "SCHEMA",
                  'index_arrays/k: "k" is an equation of the group (rule F13)', called("k"))
    change_reader("index-array-like-a-built-in", "SCHEMA",
                  'index_arrays/i: "i" is what Brian2 gives to the group (rule F13)', called("i"))
    change_reader("index-array-like-the-element", "SCHEMA",
                  'index_arrays/_idx: "_idx" is what Brian2 gives to the group', called("_idx"))
    change_reader("index-array-no-identifier", "SCHEMA",
                  'index_arrays/u[]: "u[]" is no identifier (letters, digits and _) (rule F13)',
                  called("u[]"))
    change_reader("link-index-like-an-equation", "SCHEMA",
                  'links/2/index: "k" is P_last._sub_idx, and a name of the object\'s own (rule F13)',
                  through(2, index="k"))
    change_reader("link-index-of-two", "SCHEMA",
                  'links/2/index: "m" is P_last._sub_idx, and in another link L.k (rule F13)',
                  lambda g: (through(1, index="m", index_owner="L", index_variable="k")(g),
                             through(2, index="m")(g)))
    change_reader("equation-like-a-built-in", "SCHEMA",
                  'equations/5: "lastspike" is what Brian2 gives to the group (rule F13)',
                  lambda g: (g["equations"].append({**g["equations"][3], "name": "lastspike"}),
                             g.update(refractory="1*ms", refractory_kind="time")))
    nothing = ('group "L" names index array or integer variable "{}", which is not there '
               "(rule F14)").format
    change_reader("link-through-nothing", "REFERENCE", "links/1: " + nothing("_nowhere"),
                  through(1, index="_nowhere"))
    change_reader("link-through-floats", "REFERENCE", "links/1: " + nothing("all"),
                  through(1, index="all"))
    change_reader("link-through-another-s-nothing", "REFERENCE",
                  'links/2: group "L" names another\'s index array "drive", which is not there',
                  through(2, index_owner="P", index_variable="drive"))

    def change_clocks(name, status, message, edit):
        document = events()
        edit(document["network"]["clocks"])
        cases[name] = (pack(document), f"ENGRAM_E_{status}", message)

    times = lambda *values: lambda clocks: clocks[2].update(times=array("float64", *values))
    change_clocks("clock-of-both", "SCHEMA", "a clock has a step or times, not both (rule F11)",
                  lambda clocks: clocks[2].update(dt=1e-3))
    change_clocks("clock-of-neither", "SCHEMA", "a clock's step must be finite and above 0",
                  lambda clocks: clocks[2].pop("times"))
    change_clocks("clock-times-twice", "SCHEMA", "time 2 is 0.5 s: times of a clock must be",
                  times(0.25, 0.5, 0.5))
    change_clocks("clock-times-descend", "SCHEMA", "/network/clocks/looks/times: time 1 is 0.25 s",
                  times(0.5, 0.25))
    change_clocks("clock-times-negative", "SCHEMA", "time 0 is -0.25 s", times(-0.25, 0.5))
    change_clocks("clock-times-endless", "SCHEMA", "time 1 is inf s", times(0.5, float("inf")))
    change_clocks("clock-times-nan", "SCHEMA", "time 0 is nan s", times(float("nan")))
    change_clocks("clock-times-type", "SCHEMA",
                  "times is an array of int32 with 1 dimensions, expected float64 with 1",
                  lambda clocks: clocks[2].update(times=array("int32", 1, 2)))
    change_clocks("clock-times-shape", "SCHEMA",
                  "times is an array of float64 with 2 dimensions, expected float64 with 1",
                  lambda clocks: clocks[2].update(times=array("float64", 0.5, 1.0, shape=[1, 2])))
    change_run("run-step-of-events", "ENGRAM_E_SCHEMA",
               "/network/runs/1/state/clocks/0/dt: an event clock has no step",
               lambda r: r["state"].update(
                   clocks=[{"name": "looks", "timestep": 0, "dt": 1e-3}]), events)
    for name, dt in (("nan", float("nan")), ("negative", -1e-3), ("endless", float("inf"))):
        change_run(f"run-step-{name}", "ENGRAM_E_SCHEMA",
                   "/network/runs/1/state/clocks/0/dt: a clock's step must be finite and above 0",
                   lambda r, dt=dt: r["state"].update(
                       clocks=[{"name": "defaultclock", "timestep": 203, "dt": dt}]))
    change_run("run-tick-twice", "ENGRAM_E_SCHEMA",
               '/network/runs/1/state/clocks/1: "defaultclock" stands here a second time',
               lambda r: r["state"].update(
                   clocks=[{"name": "defaultclock", "timestep": 203, "dt": dt}
                           for dt in (1e-4, 1e-3)]))
    change_run("run-ticks-of-events", "ENGRAM_E_SCHEMA", "6 steps done by a clock of 5 times",
               lambda r: r["state"].update(clocks=[{"name": "looks", "timestep": 6}]), events)
    change_run("run-state", "ENGRAM_E_SCHEMA", "/network/runs/1/state",
               lambda r: r["state"]["arrays"][0]["data"].update(
                   shape=[7], data=[b"\0" * 56]))
    change_run("run-code", "ENGRAM_E_REFERENCE", "/network/runs/1/code",
               lambda r: r["code"]["executables"][0].update(clock="no_clock"))
    change("slot", "ENGRAM_E_REFERENCE", 'slot "later" is not in the schedule',
           lambda d: group(d).update(when="later"))
    refused_arrays(cases)
    return cases


def refused_arrays(cases):
    """Rules F11, F12, F14 and F19 to F22: what would lead the engine out of its arrays."""

    def change(name, status, message, edit):
        document = coded()
        edit(document)
        cases[name] = (pack(document), f"ENGRAM_E_{status}", message)

    def state(document, name):
        return next(a for a in document["state"]["arrays"] if a["name"] == name)

    def code(document, name):
        return next(e for e in document["code"]["executables"] if e["name"] == name)

    def bound(document, name, key):
        return next(b for b in code(document, name)["bindings"] if b["name"] == key)

    def data(owner, variable, value):
        return lambda d: state(d, f"{owner}.{variable}").update(data=value)

    def rebind(name, key, **change):
        return lambda d: bound(d, name, key).update(change)

    def execute(name, **change):
        return lambda d: code(d, name).update(change)

    def write(owner, variable, dtype="int32", index="_idx"):
        return lambda d: code(d, "P_resetter").update(
            statements=[statement("y", "=", "1000000", dtype)],
            bindings=[binding("y", owner, variable, dtype, index)])

    network = lambda d, key, k: d["network"][key][k]

    change("array-name", "SCHEMA", "the array of P.x, which should be its name (rule F19)",
           lambda d: state(d, "P.v").update(variable="x"))
    change("variable-size", "SCHEMA",
           "/network/groups/P/variables: v has 1 elements, expected 2 (rule F12)",
           lambda d: network(d, "groups", 1)["variables"][0].update(size=1))
    change("end-behind", "LIMIT", "a synapse at element 2, expected 0 to 1 (rule F20)",
           data("S", "_synaptic_post", array("int32", 1, 2, 1)))
    change("end-negative", "LIMIT", "a synapse at element -1, expected 0 to 1 (rule F20)",
           data("S", "_synaptic_pre", array("int32", 0, -1, 1)))
    change("end-outside-slice", "LIMIT", "a synapse at element 0, expected 1 to 1 (rule F20)",
           lambda d: network(d, "synapses", 0).update(source_start=1, source_stop=2))
    change("ends-differ", "SCHEMA", "3 and 2 elements, expected as many (rule F12)",
           data("S", "_synaptic_post", array("int32", 1, 0)))
    change("delays-missing", "SCHEMA", "2 delays of float64, expected 3 of float64 or float32 (rule F12)",
           data("S_pre", "delay", array("float64", 0.0, 0.0)))
    change("generated-spike", "LIMIT", "a spike of element 2, expected 0 to 1 (rule F20)",
           lambda d: network(d, "groups", 0).update(indices=array("int32", 1, 2)))
    change("recorded-element", "LIMIT", "element 1, expected 0 to 0 (rule F20)",
           lambda d: network(d, "monitors", 0).update(indices=array("int32", 1)))
    change("recorded-slice", "LIMIT", "slice from 1 to 3 of a group of 2 (rule F11)",
           lambda d: network(d, "monitors", 0).update(stop=3))
    change("heard-slice", "LIMIT", "slice from 0 to 9 of a group of 2 (rule F11)",
           execute("S_pre", stop=9))
    change("queued-synapse", "LIMIT", "a delivery at synapse 3, expected 0 to 2 (rule F20)",
           lambda d: d["state"]["queues"][0].update(synapses=array("int32", 3, 0)))
    change("queued-step", "LIMIT", "a delivery in steps -1, expected 0 to 4194303 (rule F20)",
           lambda d: d["state"]["queues"][0].update(steps=array("int32", -1, 0)))
    change("queue-of-nothing", "REFERENCE", 'pathway "T_pre", which is not there (rule F14)',
           lambda d: d["state"]["queues"][0].update(name="T_pre"))
    change("timestep", "SCHEMA", "steps done must be 0 to 2**53 (rule F11)",
           lambda d: d["state"]["clocks"][0].update(timestep=2**63 - 1))
    change("random-next", "SCHEMA", "a next one of 0 to 19999, not 20000 (rule F12)",
           lambda d: d["state"]["random"].update(
               uniforms=array("float64", *([0.5] * 20000)), next_uniform=20000))
    change("random-position", "SCHEMA", "a position of 0 to 624 (rule F12)",
           lambda d: d["state"]["random"].update(position=625))
    change("table-without-rows", "SCHEMA", "a timedarray needs values of float64",
           lambda d: network(d, "functions", 0).update(values=array("float64", shape=[0, 2])))
    change("table-without-extent", "SCHEMA", "with 0 dimensions (1 or 2), not empty",
           lambda d: network(d, "functions", 0).update(
               ndim=0, values=array("float64", 1.0, shape=[])))
    change("link-of-nothing", "REFERENCE", 'names linked source "Q", which is not there',
           lambda d: network(d, "groups", 0).update(
               links=[{"name": "u", "source": "Q", "variable": "v"}]))
    change("binding-of-nothing", "REFERENCE", '"w" is S.u, which is not stored (rule F21)',
           rebind("S_pre", "w", variable="u"))
    change("binding-short", "LIMIT", "P.v has 2 elements, and the code reads 3 (rule F21)",
           rebind("S_pre", "w", owner="P", variable="v"))
    change("binding-type", "SCHEMA", '"w" is of int32, but S.w is of float64 (rule F21)',
           rebind("S_pre", "w", dtype="int32"))
    change("binding-twice", "SCHEMA",
           '/code/executables/S_pre/bindings/4: "w" stands here a second time (rule F13)',
           lambda d: code(d, "S_pre")["bindings"].append(binding("w", "P", "v")))
    def without_step(document):
        document["network"]["clocks"].append({"name": "never", "times": array("float64")})
        bound(document, "P_stateupdater", "dt").update(owner="never")

    change("binding-of-no-step", "REFERENCE", '"dt" is never.dt, which is not stored (rule F21)',
           without_step)
    change("index-array-leads-out", "LIMIT",
           "P_half._sub_idx leads to element 2 of P.v, which has 2 (rule F21)",
           data("P_half", "_sub_idx", array("int32", 2)))
    change("index-array-short", "LIMIT",
           "P_half._sub_idx has 1 elements, and the code reads 2 (rule F21)",
           lambda d: network(d, "monitors", 0).update(start=0))
    change("index-array-of-doubles", "SCHEMA",
           "the index array S.w is of float64, expected int32 or int64 (rule F21)",
           rebind("S_pre", "_postsynaptic_idx", variable="w", dtype="float64"))
    change("index-of-an-index", "REFERENCE", 'is indexed by "_postsynaptic_idx", expected _idx',
           rebind("S_pre", "_postsynaptic_idx", index="v_post"))
    change("index-of-itself", "REFERENCE", 'is indexed by "v_post", expected _idx',
           rebind("S_pre", "v_post", index="v_post"))
    change("guard-of-doubles", "REFERENCE", 'the guard "lastspike" of "v" is no bool array',
           rebind("P_resetter", "v", guard="lastspike"))
    change("output-of-reset", "SCHEMA", 'a reset has no output "v" (rule F21)',
           rebind("P_resetter", "v", kind="output"))
    change("condition-of-doubles", "SCHEMA", "_cond is of float64, expected bool (rule F21)",
           rebind("P_thresholder", "_cond", dtype="float64"))
    change("summed-target", "REFERENCE", "sums into P.y by S._synaptic_post",
           execute("S_summed", target_variable="y"))
    change("summed-index", "SCHEMA", "S.w is of float64, not of int32 (rule F21)",
           execute("S_summed", target_index="w"))
    change("summed-slice", "LIMIT", "sums into elements 0 to 3 of 2 (rule F21)",
           execute("S_summed", stop=3))
    change("refractory-arrays", "SCHEMA", "refractoriness wants not_refractory (bool) of G",
           execute("P_thresholder", owner="G", statements=[], bindings=[]))
    change("reset-of-another", "LIMIT", "hears 2 elements, and P_half has 1 (rule F21)",
           execute("P_resetter", owner="P_half", statements=[]))
    change("writes-clock", "SCHEMA", "writes defaultclock.timestep, by which the engine counts",
           write("defaultclock", "timestep", "int64", "0"))
    change("writes-lastindex", "SCHEMA", "writes G._lastindex, by which the engine counts",
           write("G", "_lastindex", index="0"))
    change("writes-end", "SCHEMA", 'writes S._synaptic_pre, an index array of "S" (rule F22)',
           write("S", "_synaptic_pre"))
    change("writes-index-array", "SCHEMA", 'writes P_half._sub_idx, an index array of "M"',
           write("P_half", "_sub_idx", index="0"))


def main():
    REFUSED.mkdir(exist_ok=True)
    (HERE / "minimal.mpk").write_bytes(pack(minimal()))
    (HERE / "chain.mpk").write_bytes(pack(chain()))
    (HERE / "single.mpk").write_bytes(pack(single()))
    (HERE / "indexed.mpk").write_bytes(pack(indexed()))
    (HERE / "changed.mpk").write_bytes(pack(changed()))
    (HERE / "operation.mpk").write_bytes(pack(operation()))
    (HERE / "functions.mpk").write_bytes(pack(functions()))
    (HERE / "events.mpk").write_bytes(pack(events()))
    (HERE / "sparse.mpk").write_bytes(pack(sparse()))
    (HERE / "linked.mpk").write_bytes(pack(linked()))
    (HERE / "coded.mpk").write_bytes(pack(coded()))
    newer = minimal()
    newer["minor"] = 1
    newer["network"]["groups"][0]["colour"] = "red"
    (HERE / "newer-minor.mpk").write_bytes(pack(newer))
    (HERE / "unsealed.mpk").write_bytes(plain(minimal()))
    pieces = minimal()
    array = pieces["state"]["arrays"][0]["data"]
    array["data"] = [array["data"][0][:8], array["data"][0][8:]]
    (HERE / "pieces.mpk").write_bytes(pack(pieces))
    for name, (content, status, message) in refused().items():
        (REFUSED / f"{name}.mpk").write_bytes(content)
        (REFUSED / f"{name}.txt").write_text(f"{status}\n{message}\n")


if __name__ == "__main__":
    main()
