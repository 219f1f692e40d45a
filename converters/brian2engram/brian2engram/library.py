"""libengram from Python: converting documents, through the public C API by ctypes.

The mirror of formats/include/engram/status.h and converters/include/engram/convert.h.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from pathlib import Path

from .errors import LibraryError

NAMES = ("libengram.so", "libengram.so.0", "libengram.dylib")
BUILD = ("build/lib", "build", "build/*/lib", "build/*")


class ErrorReport(ctypes.Structure):
    """engram_error: the caller owns it, nothing in it is to be freed."""

    _fields_ = [("code", ctypes.c_int), ("line", ctypes.c_uint32), ("column", ctypes.c_uint32),
                ("message", ctypes.c_char * 512), ("source", ctypes.c_char * 256)]


def candidates() -> list[str]:
    """Where it may be: ENGRAM_LIBRARY alone, or the package, the system, a build tree."""
    chosen = os.environ.get("ENGRAM_LIBRARY")
    if chosen:
        return [chosen]
    here = Path(__file__).resolve().parent
    found = [str(here / name) for name in NAMES if (here / name).exists()]
    system = ctypes.util.find_library("engram")
    if system:
        found.append(system)
    for parent in here.parents:
        if (parent / "CMakePresets.json").exists():
            found += [str(path) for folder in BUILD for name in NAMES
                      for path in sorted(parent.glob(f"{folder}/{name}"))]
            break
    return found


def load() -> ctypes.CDLL:
    """The library with its functions declared; LibraryError says what was tried."""
    reasons = []
    for path in candidates():
        try:
            library = ctypes.CDLL(path)
            convert_file = library.engram_convert_file
        except (OSError, AttributeError) as error:
            reasons.append(str(error))
            continue
        convert_file.restype = ctypes.c_int
        convert_file.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p,
                                 ctypes.c_void_p, ctypes.POINTER(ErrorReport)]
        return library
    detail = "; ".join(reasons) or "neither in the package, nor the system, nor a build tree"
    raise LibraryError(f"no usable libengram ({detail}); build Engram or set ENGRAM_LIBRARY")


def convert(source: str, target: str) -> None:
    """Convert file `source` to `target`, by content and ending; LibraryError with the reason.

    A failed conversion leaves whatever stood under `target` untouched.
    """
    report = ErrorReport()
    status = load().engram_convert_file(os.fsencode(source), os.fsencode(target), None, None,
                                        ctypes.byref(report))
    if status != 0:
        message = report.message.decode("utf-8", "replace") or f"status {status}"
        raise LibraryError(f"{source} to {target}: {message}")
