"""Writes tests/golden/{minimal,chain,...}.mpk and tests/refused/*.mpk with the expected message beside each.

    python tests/golden/make_documents.py

A refused file x.mpk has x.txt: the status' name on the first line, and on the second a part
of the message. The second reader of the format: it uses the msgpack package only.
"""

import copy
import struct
from pathlib import Path

import msgpack

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


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def refused():
    """name -> (bytes, status, part of the message)."""
    whole = pack(minimal())
    cases = {"truncated": (whole[:-5], "ENGRAM_E_FORMAT", "ends inside a value"),
             "trailing": (whole + b"\xc0", "ENGRAM_E_FORMAT", "1 bytes behind the end"),
             "count-bomb": (b"\x84\xa6format\xaeengram-network\xa5major\x01\xa5minor\x00"
                            b"\xa7network\xdd\xff\xff\xff\xff", "ENGRAM_E_LIMIT",
                            "an array of 4294967295, but only 0 bytes"),
             "duplicate-key": (pack({"format": "engram-network", "major": 1, "minor": 0})
                               .replace(b"\x83", b"\x84", 1) + b"\xa5minor\x00", "ENGRAM_E_SCHEMA",
                               "/minor, byte 43: the field stands here a second time"),
             "bad-utf8": (whole.replace(b"\xa1V", b"\xa1\xff", 1), "ENGRAM_E_SCHEMA",
                          "is not valid UTF-8"),
             "nul-in-text": (whole.replace(b"\xa1V", b"\xa1\x00", 1), "ENGRAM_E_SCHEMA",
                             "texts may not contain")}

    def change(name, status, message, edit):
        document = copy.deepcopy(minimal())
        edit(document)
        cases[name] = (pack(document), status, message)

    group = lambda d: d["network"]["groups"][0]
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
    change("slot", "ENGRAM_E_REFERENCE", 'slot "later" is not in the schedule',
           lambda d: group(d).update(when="later"))
    return cases


def main():
    REFUSED.mkdir(exist_ok=True)
    (HERE / "minimal.mpk").write_bytes(pack(minimal()))
    (HERE / "chain.mpk").write_bytes(pack(chain()))
    newer = minimal()
    newer["minor"] = 1
    newer["network"]["groups"][0]["colour"] = "red"
    (HERE / "newer-minor.mpk").write_bytes(pack(newer))
    pieces = minimal()
    array = pieces["state"]["arrays"][0]["data"]
    array["data"] = [array["data"][0][:8], array["data"][0][8:]]
    (HERE / "pieces.mpk").write_bytes(pack(pieces))
    for name, (content, status, message) in refused().items():
        (REFUSED / f"{name}.mpk").write_bytes(content)
        (REFUSED / f"{name}.txt").write_text(f"{status}\n{message}\n")


if __name__ == "__main__":
    main()
