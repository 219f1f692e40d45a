"""A second reader of archives, written from docs/format.md alone, in h5py.

    python tests/second_reader.py cuba.h5 > cuba.json

Prints what `engram inspect --json --digests` prints. It knows no element of the format: the
tables in docs/format.md tell it what is there. If the two differ, one of them or the page is
wrong (tests/test_second_reader.py).
"""

import json
import math
import struct
import sys
from fractions import Fraction
from pathlib import Path

import h5py
import numpy as np
import xxhash

PAGE = Path(__file__).resolve().parents[1] / "docs" / "format.md"
MARK = b"ENGRAM\r\n\x1a\n"
BASE = ("metre", "kilogram", "second", "ampere", "kelvin", "mole", "candela")
RANGE_MOST = 1 << 24  # longer arrays are not read for their range


class Refused(Exception):
    """Against a rule; the rule is named."""


def need(holds, rule):
    if not holds:
        raise Refused(f"against rule {rule}")


def schema():
    """element -> {field: (kind, element of its own or None, default as the page prints it)}"""
    page = PAGE.read_text().split("<!-- elements -->")[1].split("<!-- end of elements -->")[0]
    elements = {}
    for part in page.split("### ")[1:]:
        rows = [line.split(" | ") for line in part.splitlines() if line.startswith("| ")][1:]
        elements[part.split("\n", 1)[0].strip()] = {
            row[0][2:]: (*(row[1].split(" of ") + [None])[:2], row[2]) for row in rows}
    return elements


ELEMENTS = schema()


def unseal(path):
    """A1: the user block, before HDF5 sees a byte."""
    data = Path(path).read_bytes()
    block, body = data[:512], data[512:]
    need(block[:10] == MARK and block[10:11] == b"N" and not any(block[11:16]), "A1")
    version, zero, length = struct.unpack("<IIQ", block[16:32])
    need(version == 1 and zero == 0 and length == len(body), "A1")
    need(block[32:48] == xxhash.xxh3_128_digest(body), "A1")
    need(block[48:56] == xxhash.xxh3_64_digest(block[:48]) and not any(block[56:]), "A1")


# ---- values ---------------------------------------------------------------------------------


def text(value):
    """A4: fixed length, UTF-8, NUL padded."""
    return bytes(value).rstrip(b"\0").decode()


def dimension(exponents):
    """Seven exponents as words: "metre**2 kilogram second**-3 ampere**-1"."""
    words = [name if e == 1 else f"{name}**{e:g}"
             for name, e in zip(BASE, exponents) if e]
    return UNITS.get(tuple(float(e) for e in exponents)) or " ".join(words) or "1"


UNITS = {tuple(map(float, exponents.split(","))): name for name, exponents in {
    "volt": "2,1,-3,-1,0,0,0", "siemens": "-2,-1,3,2,0,0,0", "ohm": "2,1,-3,-2,0,0,0",
    "farad": "-2,-1,4,2,0,0,0", "coulomb": "0,0,1,1,0,0,0", "hertz": "0,0,-1,0,0,0,0",
    "joule": "2,1,-2,0,0,0,0", "watt": "2,1,-3,0,0,0,0", "newton": "1,1,-2,0,0,0,0",
    "pascal": "-1,1,-2,0,0,0,0"}.items()}  # of the SI, as `engram inspect` shows them


def number(value):
    """JSON has no inf and nan."""
    value = float(value)
    return value if math.isfinite(value) else "nan" if value != value else \
        "inf" if value > 0 else "-inf"


def value_of(kind, raw):
    if kind == "text":
        return text(raw)
    if kind == "texts":
        return [] if isinstance(raw, h5py.Empty) else [text(item) for item in raw]
    if kind == "number":
        return number(raw)
    if kind == "integer":
        return int(raw)
    if kind == "flag":
        return bool(raw)
    need(kind == "dimension" and len(raw) == 7, "A4")
    return list(map(float, raw))


def is_default(kind, value, default):
    """A8, from the column `default` of the page."""
    if default == "required":
        return False
    if kind in ("text", "texts"):
        return not value
    if kind == "dimension":
        return not any(value)
    if kind == "flag":
        return value == (default == "true")
    if kind == "number" and value == 0:
        return default == "0" and math.copysign(1, value) > 0
    return not isinstance(value, str) and value == Fraction(default)


def array(dataset):
    """A7 and A12: type, shape, range and digest."""
    need(dataset.ndim <= 2 and not dataset.is_virtual and not dataset.external, "A10")
    names = {"int8": "bool"} if dataset.dtype.metadata else {}
    need(dataset.dtype.byteorder in "<|=", "A7")
    content = np.ascontiguousarray(dataset[()])
    found = {"dtype": names.get(content.dtype.name, content.dtype.name),
             "shape": list(dataset.shape), "bytes": content.nbytes}
    finite = content[np.isfinite(content)]
    if finite.size and content.size <= RANGE_MOST:
        found |= {"min": float(finite.min()), "max": float(finite.max())}
    found["xxh3_128"] = xxhash.xxh3_128_hexdigest(content.tobytes())
    if "xxh3_128" in dataset.attrs:
        need(text(dataset.attrs["xxh3_128"]) == found["xxh3_128"], "A12")
    return found


# ---- elements -------------------------------------------------------------------------------


def fields(element, get):
    """The fields of an element that do not hold their default, in the order of the page."""
    found = {}
    for name, (kind, part, default) in ELEMENTS[element].items():
        value = get(name, kind, part)
        if value is not None and not (part is None and kind != "array"
                                      and is_default(kind, value, default)):
            found[name] = dimension(value) if kind == "dimension" else value
    return found


def table(rows, element):
    """A6: one compound value; a column that is not there holds the default in every row."""
    def cell(row):
        return lambda name, kind, part: \
            value_of(kind, row[name]) if name in rows.dtype.names else None
    return [fields(element, cell(row)) for row in rows]


def read(group, element):
    """A3: a group with `type` and `type_version`."""
    need(text(group.attrs["type"]) == element and group.attrs["type_version"] == 1, "A3")

    def member(name, kind, part):
        if kind == "table" and (name in group.attrs or name in group):
            return table(group.attrs[name] if name in group.attrs else group[name][:], part)
        if name in group.attrs:
            return value_of(kind, group.attrs[name])
        if name not in group:
            return None
        need(isinstance(group.get(name, getlink=True), h5py.HardLink), "A10")
        if kind in ("text", "texts"):
            return value_of(kind, group[name][()])
        if kind == "array":
            return array(group[name])
        if kind == "one":
            return read(group[name], part)
        names = sorted(group[name], key=str.encode)
        if kind == "sequence":
            need(names == [f"{k:04}" for k in range(len(names))], "A5")
        return [read(group[name][key], part) for key in names]
    return fields(element, member)


def inventory(path):
    unseal(path)
    with h5py.File(path) as file:
        need(text(file.attrs["format"]) == "engram-network" and file.attrs["major"] == 1, "A2")
        return read(file, "document")


if __name__ == "__main__":
    json.dump(inventory(sys.argv[1]), sys.stdout, indent=2, ensure_ascii=False)
    print()
