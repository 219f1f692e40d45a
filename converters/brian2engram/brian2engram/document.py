"""The MessagePack document: writing, reading and checking it.

In Python a document is a nested dict of field -> value, as ``schema.ELEMENTS`` says; big
arrays are numpy arrays. On disk an element is a map of field -> value in the order of the
schema, without the optional fields that hold their default; lists are sorted by name (by
code point); an array is ``{"dtype", "shape", "data": [bin, ...]}``, little-endian, C
order, in pieces of at most 64 MiB that are all equal but the last. So equal networks give
equal bytes.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import msgpack
import numpy as np
import xxhash

from .errors import DocumentError
from .schema import ELEMENTS, FORMAT, MAJOR, MINOR, Field

PIECE = 64 << 20  #: bytes in one piece of an array
DTYPES = ("bool", "int32", "int64", "uint8", "uint32", "uint64", "float32", "float64")

Element = dict[str, Any]


def new_document(network: Element | None = None, code: Element | None = None,
                 state: Element | None = None, provenance: Element | None = None,
                 losses: Sequence[Element] = ()) -> Element:
    """A document of this version from its parts; None leaves a part out."""
    return {"format": FORMAT, "major": MAJOR, "minor": MINOR, "network": network,
            "code": code, "state": state, "provenance": provenance, "losses": list(losses)}


# ---- writing ----------------------------------------------------------------------------


def write(path: str | os.PathLike[str], document: Element) -> None:
    """Write `document` to `path`: first beside it, then renamed, so nothing partial stays.

    DocumentError if the document does not follow the schema, OSError from the file system.
    """
    path = os.fspath(path)
    folder = os.path.dirname(path) or "."
    handle, beside = tempfile.mkstemp(prefix=os.path.basename(path) + ".", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in encode(document):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(beside, 0o666 & ~umask)  # as open() would have made it
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def encode(document: Element) -> Iterator[bytes]:
    """The bytes of a document, piece by piece, so that arrays are never copied whole."""
    pack = msgpack.Packer(use_bin_type=True)
    pieces = _encode_element("document", document, "", pack)
    hashed = xxhash.xxh3_128()
    head = pack.pack_map_header(next(pieces)[0] - 0x80 + 1)  # less than 15 fields, and a digest
    for piece in itertools.chain([head], pieces, [pack.pack("digest"), b"\xd9\x20"]):
        hashed.update(piece)
        yield piece
    yield hashed.hexdigest().encode()


class Encoded(bytes):
    """An element that is encoded already, to be used in several documents."""


def encode_element(element: str, value: Element) -> Encoded:
    """The bytes of one element."""
    return Encoded(b"".join(_encode_element(element, value, "",
                                            msgpack.Packer(use_bin_type=True))))


def _encode_element(element: str, value: Any, path: str,
                    pack: msgpack.Packer) -> Iterator[bytes]:
    if isinstance(value, Encoded):
        yield value
        return
    if not isinstance(value, Mapping):
        raise DocumentError(f"{path or '/'}: {type(value).__name__}, expected {element}")
    fields = ELEMENTS[element]
    unknown = set(value) - {field.name for field in fields}
    if unknown:
        raise DocumentError(f"{path}/{sorted(unknown)[0]}: not a field of {element}")
    present = []
    for field in fields:
        content = _checked(field, value.get(field.name), f"{path}/{field.name}")
        if content is not None:
            present.append((field, content))
    yield pack.pack_map_header(len(present))
    for field, content in present:
        yield pack.pack(field.name)
        yield from _encode_field(field, content, f"{path}/{field.name}", pack)


def _encode_field(field: Field, value: Any, path: str, pack: msgpack.Packer) -> Iterator[bytes]:
    if field.kind == "array":
        yield from _encode_array(value, pack)
    elif field.kind == "one":
        yield from _encode_element(field.element or "", value, path, pack)
    elif field.kind in ("list", "seq", "table"):
        items = sorted(value, key=lambda item: item["name"]) if field.kind == "list" else value
        yield pack.pack_array_header(len(items))
        for position, item in enumerate(items):
            where = f"{path}/{item.get('name', position)}"
            yield from _encode_element(field.element or "", item, where, pack)
    else:
        yield pack.pack(value)


def _encode_array(array: np.ndarray, pack: msgpack.Packer) -> Iterator[bytes]:
    array = np.ascontiguousarray(array)  # of a 0-d array this makes 1-d, which documents have
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    yield pack.pack_map_header(3)
    yield pack.pack("dtype") + pack.pack(array.dtype.name)
    yield pack.pack("shape") + pack.pack(list(array.shape))
    yield pack.pack("data")
    content = memoryview(array.reshape(-1).view(np.uint8)) if array.size else memoryview(b"")
    step = PIECE - PIECE % array.dtype.itemsize
    starts = range(0, len(content), step)
    yield pack.pack_array_header(len(starts))
    for start in starts:
        yield pack.pack(content[start:start + step])


# ---- checking ---------------------------------------------------------------------------


def _checked(field: Field, value: Any, path: str) -> Any:
    """`value` as it is written, or None if the field is to be left out."""
    if value is None:
        if field.required:
            raise DocumentError(f"{path}: missing")
        return None
    value = _typed(field, value, path)
    if field.required:
        return value
    if field.kind in ("strs", "list", "seq", "table") and not value:
        return None
    return None if field.kind != "array" and value == field.default else value


def _typed(field: Field, value: Any, path: str) -> Any:
    kind = field.kind

    def wrong() -> DocumentError:
        return DocumentError(f"{path}: {type(value).__name__} {value!r:.40}, expected {kind}")

    if kind == "str":
        if not isinstance(value, str):
            raise wrong()
        return str(value)
    if kind == "flag":
        if not isinstance(value, (bool, np.bool_)):
            raise wrong()
        return bool(value)
    if kind == "i64":
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
            raise wrong()
        if not -(2**63) <= value < 2**63:
            raise DocumentError(f"{path}: {value} does not fit 64 bits")
        return int(value)
    if kind == "f64":
        if isinstance(value, (bool, np.bool_)) or not isinstance(
                value, (int, float, np.integer, np.floating)):
            raise wrong()
        return float(value)
    if kind == "dim":
        if len(value) != 7:
            raise wrong()
        return tuple(float(exponent) for exponent in value)
    if kind == "strs":
        if isinstance(value, str) or not all(isinstance(text, str) for text in value):
            raise wrong()
        return tuple(str(text) for text in value)
    if kind == "array":
        if not isinstance(value, np.ndarray):
            raise wrong()
        if value.dtype.name not in DTYPES:
            raise DocumentError(f"{path}: array of {value.dtype}, expected one of "
                                + ", ".join(DTYPES))
        return value
    if kind == "one":
        if not isinstance(value, (Mapping, Encoded)):
            raise wrong()
        return value
    return _typed_list(field, value, path, wrong)


def _typed_list(field: Field, value: Any, path: str, wrong: Any) -> Any:
    if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
        raise wrong()
    if field.kind == "list":
        seen: set[str] = set()
        for item in value:
            if item.get("name") in seen:
                raise DocumentError(f"{path}: two elements named {item['name']}")
            seen.add(item.get("name"))
    return value


def check(document: Element) -> None:
    """DocumentError unless `document` follows the schema. Arrays are not read."""

    def visit(element: str, value: Any, path: str) -> None:
        unknown = set(value) - {field.name for field in ELEMENTS[element]}
        if unknown:
            raise DocumentError(f"{path}/{sorted(unknown)[0]}: not a field of {element}")
        for field in ELEMENTS[element]:
            content = _checked(field, value.get(field.name), f"{path}/{field.name}")
            if content is None:
                continue
            if field.kind == "one":
                visit(field.element or "", content, f"{path}/{field.name}")
            elif field.kind in ("list", "seq", "table"):
                for position, item in enumerate(content):
                    where = f"{path}/{field.name}/{item.get('name', position)}"
                    visit(field.element or "", item, where)

    visit("document", document, "")


# ---- reading ----------------------------------------------------------------------------


def read(path: str | os.PathLike[str]) -> Element:
    """A document from its file, arrays as numpy arrays, defaults left out as on disk.

    DocumentError if the bytes are no document of this major version.
    """
    with open(path, "rb") as file:
        return decode(file)


def decode(file: BinaryIO) -> Element:
    """As `read`, from an open file."""
    data = file.read()
    try:
        value = msgpack.unpackb(data, raw=False, strict_map_key=True, max_bin_len=PIECE)
    except (ValueError, msgpack.UnpackException) as error:
        raise DocumentError(f"not a MessagePack document: {error}") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise DocumentError(f"not an {FORMAT} document")
    if value.get("major") != MAJOR:
        raise DocumentError(f"format version {value.get('major')}, expected {MAJOR}")
    digest = value.pop("digest", None)
    if digest is not None and (not data.endswith(str(digest).encode())
                               or digest != xxhash.xxh3_128_hexdigest(memoryview(data)[:-32])):
        raise DocumentError("the digest does not match: damaged")
    _decode_arrays("document", value, "")
    check(value)
    return value


def _decode_arrays(element: str, value: Element, path: str) -> None:
    for field in ELEMENTS[element]:
        content = value.get(field.name)
        if content is None:
            continue
        where = f"{path}/{field.name}"
        if field.kind == "array":
            value[field.name] = _decode_array(content, where)
        elif field.kind == "one":
            _decode_arrays(field.element or "", content, where)
        elif field.kind in ("list", "seq", "table"):
            for position, item in enumerate(content):
                _decode_arrays(field.element or "", item, f"{where}/{position}")


def _decode_array(content: Any, path: str) -> np.ndarray:
    if not isinstance(content, dict) or set(content) != {"dtype", "shape", "data"}:
        raise DocumentError(f"{path}: expected dtype, shape and data")
    if content["dtype"] not in DTYPES:
        raise DocumentError(f"{path}: array of {content['dtype']}")
    dtype = np.dtype(content["dtype"]).newbyteorder("<")
    flat = np.frombuffer(b"".join(content["data"]), dtype=dtype)
    if flat.size != int(np.prod(content["shape"], dtype=np.int64)):
        raise DocumentError(f"{path}: {flat.size} elements, shape {content['shape']}")
    return flat.astype(dtype.newbyteorder("="), copy=False).reshape(content["shape"])
