"""Writes tests/golden/*.h5 and tests/refused/*.h5 with the expected message beside each.

    ENGRAM_CLI=build/bin/engram python tests/golden/make_archives.py

A refused archive is a sound one that was changed through h5py and sealed again: its digest is
right, so it is the rule itself that refuses it. x.h5 has x.txt: the status' name on the first
line, and on the second a part of the message. Golden archives are written once, by the version
that they stand for, and are then read for ever: those that are there are left alone.
"""

import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import h5py
import make_documents
import numpy as np
import xxhash

HERE = Path(__file__).resolve().parent
REFUSED = HERE.parent / "refused"
CLI = os.environ["ENGRAM_CLI"]


def seal(path, kind=b"N", version=1):
    """The user block: docs/format.md, A1."""
    data = path.read_bytes()
    body = data[512:]
    block = b"ENGRAM\r\n\x1a\n" + kind + bytes(5) + struct.pack("<IIQ", version, 0, len(body))
    block += xxhash.xxh3_128_digest(body)
    block += xxhash.xxh3_64_digest(block)
    path.write_bytes(block.ljust(512, b"\0") + body)


def replaced(name, make):
    """`make(file, parent, name)` in the place of an object."""
    def edit(f):
        parent, _, last = name.rpartition("/")
        del f[name]
        make(f[parent] if parent else f, last)
    return edit


V = "state/arrays/P.v/data"


def dataset(**words):
    return replaced(V, lambda group, name: group.create_dataset(name, **words))


def low(dtype, shape, configure):
    """A dataset whose creation properties h5py does not offer."""
    def make(group, name):
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        configure(properties)
        h5py.h5d.create(group.id, name.encode(), h5py.h5t.py_create(np.dtype(dtype)),
                        h5py.h5s.create_simple(shape), properties)
    return replaced(V, make)


def plugin_filter(properties):
    properties.set_chunk((2,))
    properties.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (3,))


def deflate_twice(properties):
    properties.set_chunk((2,))
    properties.set_deflate(1)
    properties.set_deflate(1)


def virtual(group, name):
    layout = h5py.VirtualLayout(shape=(2,), dtype="f8")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "v", shape=(2,))
    group.create_virtual_dataset(name, layout)


def deep(f):
    group = f["network/groups/P"]
    for _ in range(200):
        group = group.create_group("g")


def attribute(path, name, value, **words):
    def edit(f):
        if name in f[path].attrs:
            del f[path].attrs[name]
        f[path].attrs.create(name, value, **words)
    return edit


def many_attributes(f):
    for k in range(2000):
        f["network"].attrs[f"a{k}"] = k


def odd_flag(f):
    kind = h5py.enum_dtype({"FALSE": 0, "TRUE": 1}, basetype="i1")
    space = h5py.h5s.create(h5py.h5s.SCALAR)
    group = f["state/arrays/P.v"].parent.parent
    a = h5py.h5a.create(f["network/synapses/S/pathways/S_pre"].id, b"homogeneous",
                        h5py.h5t.py_create(kind, logical=True), space)
    a.write(np.array(7, "i1"))
    del group


def no_equations(f):
    group = f["network/groups/P"]
    del group.attrs["equations"]
    return group


def table_bomb(f):
    no_equations(f).create_dataset(
        "equations", shape=(10**9,), chunks=(1000,), compression="gzip",
        dtype=[("name", "S1"), ("kind", "S1"), ("type", "S1")])


def cases():
    """name -> (edit, status, part of the message)."""
    link, form, schema, limit = "two places", "FORMAT", "SCHEMA", "LIMIT"
    soft = "is a soft or external link: refused"
    filters = "has a filter other than shuffle, one deflate, fletcher32"
    size = "claims more bytes than the file can hold"
    number = "has an element type that no array has"
    text = h5py.string_dtype()
    return {
        # links
        "link-soft": (replaced("state", lambda g, n: g.__setitem__(
            n, h5py.SoftLink("/network"))), form, soft),
        "link-dangling": (replaced("state", lambda g, n: g.__setitem__(
            n, h5py.SoftLink("/nowhere"))), form, soft),
        "link-soft-circle": (replaced("state", lambda g, n: g.__setitem__(
            n, h5py.SoftLink("/state"))), form, soft),
        "link-external": (replaced("state", lambda g, n: g.__setitem__(
            n, h5py.ExternalLink("elsewhere.h5", "/"))), form, soft),
        "link-loop": (lambda f: f["network/groups"].__setitem__("Q", f["network/groups"]), form,
                      link),
        "link-loop-root": (lambda f: f["network/groups"].__setitem__("Q", f["/"]), form, link),
        "link-twice": (lambda f: f["network"].__setitem__("inputs", f["network/groups"]), form,
                       link),
        # storage and filters
        "storage-external": (dataset(shape=(2,), dtype="f8",
                                     external=[("elsewhere.raw", 0, 16)]), form,
                             "is stored in another file"),
        "storage-virtual": (replaced(V, virtual), form, "is a virtual dataset"),
        "filter-lzf": (dataset(data=[0.0, 1.0], compression="lzf"), form, filters),
        "filter-scaleoffset": (dataset(data=[0.0, 1.0], chunks=(2,), scaleoffset=4), form,
                               filters),
        "filter-plugin": (low("f8", (2,), plugin_filter), form, filters),
        "filter-deflate-twice": (low("f8", (2,), deflate_twice), form, filters),
        # sizes and counts
        "size-huge": (dataset(shape=(2**40,), dtype="f8", chunks=(2**16,)), limit, size),
        "size-bomb": (dataset(shape=(2**34,), dtype="u1", chunks=(2**20,), compression="gzip"),
                      limit, size),
        "size-overflow": (dataset(shape=(2**33, 2**33), dtype="f8", chunks=(2, 2)), limit,
                          "is larger than memory can be"),
        "size-rank": (dataset(data=np.zeros((1, 2, 1))), schema, "has too many dimensions"),
        "size-nothing": (dataset(data=h5py.Empty("f8")), schema, "none to read"),
        "size-table": (table_bomb, limit, size),
        "count-attributes": (many_attributes, schema, 'has the unknown attribute "a0"'),
        "depth-groups": (deep, schema, 'has the unknown member "g"'),
        "sequence-gap": (lambda f: f["network/runs"].move("0000", "0001"), schema,
                         "is missing in the sequence"),
        "name-of-another": (lambda f: f["network/groups"].move("P", "Q"), schema,
                            "has a `name` that is not its link's"),
        # types
        "type-vlen-text": (attribute("network", "dialect", "brian2-runtime", dtype=text), schema,
                           "is no text of fixed length"),
        "type-vlen-array": (dataset(shape=(2,), dtype=h5py.vlen_dtype("f8")), schema, number),
        "type-reference": (dataset(shape=(2,), dtype=h5py.ref_dtype), schema, number),
        "type-compound": (dataset(data=np.zeros(2, [("a", "f8")])), schema, number),
        "type-big-endian": (dataset(data=np.zeros(2, ">f8")), schema, number),
        "type-half": (dataset(data=np.zeros(2, "f2")), schema, number),
        "type-named": (replaced(V, lambda g, n: g.__setitem__(n, np.dtype("f8"))), schema,
                       "is no dataset"),
        "type-group": (replaced(V, lambda g, n: g.create_group(n)), schema, "is no dataset"),
        "type-dataset": (replaced("network/groups/P", lambda g, n: g.create_dataset(
            n, data=1)), schema, "is no group"),
        "type-of-another": (attribute("network/groups/P", "type", np.bytes_("clock")), schema,
                            'has the type "clock", wanted group'),
        "type-none": (lambda f: f["network/groups/P"].attrs.__delitem__("type"), schema,
                      "lacks the attributes `type` and `type_version`"),
        "type-unsigned": (attribute("network/groups/P", "n", np.uint64(2)), schema,
                          "is unsigned, wanted int64"),
        "type-flag": (odd_flag, schema, "is neither FALSE nor TRUE"),
        "type-table": (lambda f: no_equations(f).create_dataset(
            "equations", shape=(1,), dtype=[("name", text)]), schema, "is no table"),
        "type-table-attribute": (lambda f: no_equations(f).attrs.create("equations", [1, 2]),
                                 schema, "is no table"),
        "type-table-column": (lambda f: no_equations(f).attrs.create(
            "equations", np.zeros(1, [("name", "f8"), ("kind", "S1"), ("type", "S1")])), schema,
            "has a column of the wrong type"),
        "type-two-texts": (attribute("network", "dialect", [b"a", b"b"], dtype="S2"), schema,
                           "is no single text"),
        # what the file says of itself
        "digest-element": (attribute("network/clocks/defaultclock", "dt", 2e-4), "DIGEST",
                           "/network/clocks/defaultclock does not match its digest"),
        "digest-shape": (attribute("network", "xxh3_128", np.bytes_("0" * 31)), schema,
                         "has a digest that is no 32 hexadecimal digits"),
        "format-none": (lambda f: f.attrs.__delitem__("format"), form,
                        "the root lacks `format`, `major` or `minor`"),
        "format-other": (attribute("/", "format", np.bytes_("sonata")), form,
                         'the format is "sonata"'),
        "major-newer": (attribute("/", "major", np.int64(2)), "VERSION",
                        "has format version 2.0, this library reads 1.x"),
        "field-unknown": (attribute("network/groups/P", "colour", np.bytes_("red")), schema,
                          'has the unknown attribute "colour"'),
    }


def convert(name, path, *words):
    subprocess.run([CLI, "convert", HERE / name, path, *words], check=True,
                   stdout=subprocess.DEVNULL)


def run(*words):
    subprocess.run([CLI, *words], check=True, stdout=subprocess.DEVNULL)


def wide():
    """An array that compression pays for: 4000 potentials."""
    made = make_documents.minimal()
    group = made["network"]["groups"][0]
    group["n"] = group["variables"][0]["size"] = 4000
    made["state"]["arrays"][0]["data"] = make_documents.array(
        "float64", *(k * 2.0**-20 for k in range(4000)))
    return made


def golden():
    """tests/golden/1.0 is what version 1.0 wrote: once, and never again."""
    folder = HERE / "1.0"
    folder.mkdir(exist_ok=True)
    for name in ("minimal", "chain", "coded", "changed"):
        if (folder / f"{name}.mpk").exists():
            continue
        shutil.copy(HERE / f"{name}.mpk", folder)
        convert(f"{name}.mpk", folder / f"{name}.h5")
    if not (folder / "unsealed.mpk").exists():
        shutil.copy(HERE / "unsealed.mpk", folder)
        (folder / "wide.mpk").write_bytes(make_documents.pack(wide()))
        convert(folder / "wide.mpk", folder / "compressed.h5", "--compress")
        convert("chain.mpk", folder / "expected.h5")
        run("verify", "--record", folder / "expected.h5")
        run("run", HERE / "chain.mpk", "--out", folder / "results.h5", "--quiet")
    path = HERE / "newer-minor.h5"
    if not path.exists():
        convert("minimal.mpk", path)
        with h5py.File(path, "r+") as f:
            f.attrs.modify("minor", np.int64(1))
            f["network/groups/P"].attrs["colour"] = np.bytes_("red")
            f["network"].create_group("novelties").create_group("n")
        seal(path)


def main():
    golden()
    with tempfile.TemporaryDirectory() as folder:
        base, work = Path(folder) / "base.h5", Path(folder) / "work.h5"
        convert("minimal.mpk", base)
        for name, (edit, status, message) in cases().items():
            shutil.copy(base, work)
            with h5py.File(work, "r+") as f:
                edit(f)
            seal(work)
            shutil.copy(work, REFUSED / f"{name}.h5")
            (REFUSED / f"{name}.txt").write_text(f"ENGRAM_E_{status}\n{message}\n")
        shutil.copy(base, work)
        seal(work, version=2)
        shutil.copy(work, REFUSED / "block-newer.h5")
        (REFUSED / "block-newer.txt").write_text(
            "ENGRAM_E_VERSION\nhas a user block of version 2, this library reads 1\n")


if __name__ == "__main__":
    main()
