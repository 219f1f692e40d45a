"""libengram from Python: converting documents, through the public C API by ctypes; and where
the `engram` command is.

The mirror of formats/include/engram/status.h and converters/include/engram/convert.h.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from .errors import LibraryError

NAMES = ("libengram.so", "libengram.so.0", "libengram.dylib")
BUILD = ("build", "build/*")
CARRIED = Path(__file__).resolve().parent  #: lib/ and bin/ of a wheel are below it


class ErrorReport(ctypes.Structure):
    """engram_error: the caller owns it, nothing in it is to be freed."""

    _fields_ = [("code", ctypes.c_int), ("line", ctypes.c_uint32), ("column", ctypes.c_uint32),
                ("message", ctypes.c_char * 512), ("source", ctypes.c_char * 256)]


def places(*names: str) -> list[Path]:
    """Files of these relative names, in the wheel, then in the build trees of the repository
    that the package stands in."""
    roots = [CARRIED]
    for parent in CARRIED.parents:
        if (parent / "CMakePresets.json").exists():
            roots += _sorted(parent, BUILD)
            break
    return [root / name for root in roots for name in names if (root / name).exists()]


def _sorted(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return [path for pattern in patterns for path in sorted(folder.glob(pattern))]


def candidates() -> list[str]:
    """Where libengram may be: ENGRAM_LIBRARY alone, or the wheel, a build tree, the system."""
    chosen = os.environ.get("ENGRAM_LIBRARY")
    if chosen:
        return [chosen]
    found = [str(path) for path in places(*(f"lib/{name}" for name in NAMES))]
    system = ctypes.util.find_library("engram")
    return [*found, system] if system else found


def command() -> str:
    """Path of the `engram` command: ENGRAM_CLI alone, or the wheel, a build tree, PATH.

    LibraryError if it is in none of them.
    """
    chosen = os.environ.get("ENGRAM_CLI")
    if chosen:
        if not os.access(chosen, os.X_OK):
            raise LibraryError(f"ENGRAM_CLI is {chosen}, which cannot be executed")
        return chosen
    found = [str(path) for path in places("bin/engram") if os.access(path, os.X_OK)]
    path = found[0] if found else shutil.which("engram")
    if path is None:
        raise LibraryError("no engram command, neither in the package, nor in a build tree, nor "
                           "in PATH; build Engram or set ENGRAM_CLI")
    return path


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
    detail = "; ".join(reasons) or "neither in the package, nor a build tree, nor the system"
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
