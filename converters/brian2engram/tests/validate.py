"""A strict judge of documents that shares no code with the package: it reads schema.def.

It works on the MessagePack values as they are on disk and answers with a list of
complaints, as the C reader would refuse them.
"""

from __future__ import annotations

import re
from pathlib import Path

SCHEMA = Path(__file__).resolve().parents[3] / "formats" / "network" / "schema.def"
ITEMSIZE = {"bool": 1, "int32": 4, "int64": 8, "uint8": 1, "uint32": 4, "uint64": 8,
            "float32": 4, "float64": 8}


def load():
    """element -> ordered {field: (kind, required, default, sub-element)}."""
    text = re.sub(r"/\*.*?\*/", "", SCHEMA.read_text(), flags=re.S)
    text = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    elements = {}
    for macro, inner in re.findall(r"EG_([A-Z0-9]+)\(([^()]*)\)", text):
        words = [word.strip() for word in inner.split(",") if word.strip()]
        if macro == "ELEMENT":
            elements[words[0]] = {}
        elif macro in ("ONE", "LIST", "SEQ", "TABLE"):
            elements[words[0]][words[1]] = (macro, False, None, words[2])
        elif macro != "END":
            default = {"STR": "", "STRS": [], "DIM": [0.0] * 7, "ARRAY": None}.get(macro)
            if macro in ("F64", "I64", "FLAG"):
                literal = words[3] if len(words) > 3 else "0"
                default = {"true": True, "false": False}.get(literal)
                if default is None:
                    default = float(literal) if macro == "F64" else int(literal)
            elements[words[0]][words[1]] = (macro, words[2] == "EG_REQ", default, None)
    return elements


def complaints(value, element="document", path="", elements=None):
    """What is wrong with an unpacked document; an empty list if nothing is."""
    elements = elements or load()
    fields = elements[element]
    if not isinstance(value, dict):
        return [f"{path}: not a map"]
    known = {*fields, "digest"} if element == "document" else fields  # of the bytes: F25
    found = [f"{path}/{name}: unknown" for name in value if name not in known]
    order = [name for name in fields if name in value]
    if [name for name in value if name in fields] != order:
        found.append(f"{path}: fields out of order")
    for name, (kind, required, default, sub) in fields.items():
        where = f"{path}/{name}"
        if name not in value:
            if required:
                found.append(f"{where}: missing")
            continue
        content = value[name]
        if not required and kind != "ARRAY" and content in (default, []):
            found.append(f"{where}: default written")
        found += check(kind, content, where, sub, elements)
    return found


def check(kind, content, where, sub, elements):
    """Complaints about one field's value."""
    if kind == "ONE":
        return complaints(content, sub, where, elements)
    if kind in ("LIST", "SEQ", "TABLE"):
        if not isinstance(content, list):
            return [f"{where}: not a list"]
        found = []
        if kind == "LIST":
            names = [item.get("name") for item in content]
            if names != sorted(set(names)):
                found.append(f"{where}: not sorted by unique name")
        for position, item in enumerate(content):
            found += complaints(item, sub, f"{where}[{position}]", elements)
        return found
    if kind == "ARRAY":
        return check_array(content, where)
    fits = {
        "STR": lambda: isinstance(content, str),
        "F64": lambda: type(content) is float,
        "I64": lambda: type(content) is int,
        "FLAG": lambda: type(content) is bool,
        "DIM": lambda: isinstance(content, list) and len(content) == 7
        and all(type(number) is float for number in content),
        "STRS": lambda: isinstance(content, list) and all(isinstance(t, str) for t in content),
    }[kind]()
    return [] if fits else [f"{where}: {content!r} is no {kind}"]


def check_array(content, where):
    """Complaints about {"dtype", "shape", "data"}."""
    if not isinstance(content, dict) or list(content) != ["dtype", "shape", "data"]:
        return [f"{where}: no array"]
    size = ITEMSIZE.get(content["dtype"])
    if size is None:
        return [f"{where}: dtype {content['dtype']}"]
    count = 1
    for extent in content["shape"]:
        count *= extent
    pieces = content["data"]
    found = []
    if sum(map(len, pieces)) != count * size:
        found.append(f"{where}: {sum(map(len, pieces))} bytes for shape {content['shape']}")
    if any(len(piece) > 64 << 20 or len(piece) % size for piece in pieces):
        found.append(f"{where}: a piece too long or not whole")
    if any(len(piece) != len(pieces[0]) for piece in pieces[:-1]):
        found.append(f"{where}: pieces differ")
    return found
