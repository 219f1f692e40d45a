"""libengram from Python: converting documents, through the public C API by ctypes."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from pathlib import Path

from .errors import LibraryError

NAMES = ("libengram.so", "libengram.so.0", "libengram.so.1", "libengram.dylib")


class ErrorReport(ctypes.Structure):
    """engram_error of engram/status.h."""


def candidates() -> list[str]:
    """Where libengram may be: ENGRAM_LIBRARY, the package, the system, a build tree."""
    chosen = os.environ.get("ENGRAM_LIBRARY")
    if chosen:
        return [chosen]
    here = Path(__file__).resolve().parent
    found = [str(here / name) for name in NAMES]
    system = ctypes.util.find_library("engram")
    if system:
        found.append(system)
    for parent in here.parents:
        if (parent / "CMakePresets.json").exists():
            found += [str(path) for pattern in ("build/lib/", "build/", "build/*/lib/", "build/*/")
                      for name in NAMES for path in sorted(parent.glob(pattern + name))]
            break
    return found


def load() -> ctypes.CDLL:
    """The library; LibraryError says where it was looked for."""
    tried = candidates()
    reasons = []
    for path in tried:
        if os.sep in path and not os.path.exists(path):
            continue
        try:
            return ctypes.CDLL(path)
        except OSError as error:
            reasons.append(str(error))
    detail = "; ".join(reasons) or f"looked for {', '.join(NAMES[:1])} in ENGRAM_LIBRARY, " \
        "the package, the system and build/"
    raise LibraryError(f"libengram not found ({detail}); build Engram or set ENGRAM_LIBRARY")
