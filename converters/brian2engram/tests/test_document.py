"""The document on disk: layout, pieces, defaults, refusals, nothing partial."""

from __future__ import annotations

import io

import msgpack
import numpy as np
import pytest
from brian2engram import DocumentError, document

from validate import complaints


def minimal(**network):
    base = {"dialect": "brian2-runtime", "rng_rule": "brian-runtime", "origin": "capture",
            "schedule": ["start"]}
    return document.new_document(network={**base, **network})


def raw(content):
    return msgpack.unpackb(b"".join(document.encode(content)), raw=False)


def test_defaults_are_left_out_and_fields_follow_the_schema():
    value = raw(minimal(name="", clocks=[{"dt": 0.1, "name": "c"}]))
    assert complaints(value) == []
    assert list(value) == ["format", "major", "minor", "network", "digest"]
    assert "name" not in value["network"]
    assert list(value["network"]["clocks"][0]) == ["name", "dt"]


def test_required_fields_are_written_even_with_their_default():
    assert raw(minimal(runs=[{"duration": 0.0}]))["network"]["runs"] == [
        {"duration": 0.0}]


def test_lists_are_sorted_by_code_point_and_sequences_are_not():
    value = raw(minimal(clocks=[{"name": name, "dt": 1.0} for name in ("b", "a_1", "a1", "B")],
                        runs=[{"duration": 2.0}, {"duration": 1.0}]))
    assert [clock["name"] for clock in value["network"]["clocks"]] == ["B", "a1", "a_1", "b"]
    assert [run["duration"] for run in value["network"]["runs"]] == [2.0, 1.0]


@pytest.mark.parametrize("array", [
    np.arange(10, dtype=np.int32), np.array([True, False]), np.zeros((0,), np.float64),
    np.arange(6.0).reshape(2, 3).T, np.array([1.5, -0.0, np.nan]), np.zeros((3, 0), np.int64),
    np.arange(4, dtype=">f8")])
def test_arrays_come_back_bit_for_bit(array):
    part = {"kind": "mt19937", "words": array, "position": 1}
    content = document.new_document(state={"t": 0.0, "random": part})
    data = b"".join(document.encode(content))
    assert complaints(msgpack.unpackb(data)) == []
    again = document.decode(io.BytesIO(data))["state"]["random"]["words"]
    assert again.shape == array.shape and again.dtype.name == array.dtype.name
    assert again.tobytes() == np.ascontiguousarray(array).astype(again.dtype).tobytes()


def test_big_arrays_are_cut_in_equal_pieces(monkeypatch):
    monkeypatch.setattr(document, "PIECE", 20)  # not a multiple of 8: pieces hold two numbers
    value = raw(document.new_document(state={"t": 0.0, "random": {
        "kind": "mt19937", "words": np.arange(5.0), "position": 0}}))
    assert [len(piece) for piece in value["state"]["random"]["words"]["data"]] == [16, 16, 8]


@pytest.mark.parametrize("change, complaint", [
    ({"surprise": 1}, "/network/surprise: not a field"),
    ({"dialect": None}, "/network/dialect: missing"),
    ({"dialect": 3}, "/network/dialect: int 3, expected str"),
    ({"schedule": "start"}, "/network/schedule"),
    ({"clocks": [{"name": "c", "dt": "1"}]}, "/network/clocks/c/dt"),
    ({"clocks": [{"name": "c", "dt": True}]}, "/network/clocks/c/dt"),
    ({"clocks": [{"name": "c", "dt": 1.0}] * 2}, "two elements named c"),
    ({"runs": [{"duration": 1.0, "setup_end": 2**63}]}, "/network/runs/0/setup_end"),
    ({"runs": [{"duration": 1.0, "setup_end": False}]}, "/network/runs/0/setup_end"),
    ({"setup": [{"kind": "initialise", "values": np.array(["x"])}]}, "/network/setup/0/values"),
    ({"groups": [{"name": "g", "kind": "neurons", "n": 1, "equations": [
        {"name": "v", "kind": "parameter", "type": "float", "dim": (1, 2)}]}]},
     "equations/v/dim"),
])
def test_what_breaks_the_schema_is_refused_by_path(change, complaint, out):
    with pytest.raises(DocumentError) as caught:
        document.write(out, minimal(**change))
    assert complaint in str(caught.value)
    assert list(out.parent.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(out):
    out.write_bytes(b"old")
    with pytest.raises(DocumentError):
        document.write(out, minimal(dialect=None))
    assert out.read_bytes() == b"old" and [p.name for p in out.parent.iterdir()] == [out.name]


def test_missing_folder_is_an_oserror(tmp_path):
    with pytest.raises(OSError):
        document.write(tmp_path / "no" / "where.mpk", minimal())


@pytest.mark.parametrize("data", [
    b"", b"\xc1", b"not a document", msgpack.packb({"format": "other"}), msgpack.packb([1]),
    msgpack.packb({"format": "engram-network", "major": 2, "minor": 0}),
    b"".join(document.encode(minimal()))[:-3]])
def test_other_bytes_are_refused(data):
    with pytest.raises(DocumentError):
        document.decode(io.BytesIO(data))


def test_a_document_ends_with_the_digest_of_its_bytes():
    data = b"".join(document.encode(minimal()))
    assert data[-41:-32] == b"\xa6digest\xd9\x20"
    assert "digest" not in document.decode(io.BytesIO(data))
    for at in range(len(data)):
        for mask in (0x01, 0xff):
            flipped = bytearray(data)
            flipped[at] ^= mask
            with pytest.raises(DocumentError):
                document.decode(io.BytesIO(flipped))
