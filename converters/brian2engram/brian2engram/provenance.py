"""The `provenance` part: whose network it is and what took part in making it."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib import metadata

from brian2 import prefs

from .document import Element

PACKAGES = ("Brian2", "Cython", "brian2engram", "brian2tools", "msgpack", "numpy", "sympy")
PREFERENCES = ("codegen.loop_invariant_optimisations", "codegen.string_expression_target",
               "codegen.target", "core.default_float_dtype", "core.default_integer_dtype",
               "core.network.default_schedule", "legacy.refractory_timing")


def provenance_part(script: str | None = None, title: str = "",
                    authors: Sequence[str] = (), doi: str = "", licence: str = "") -> Element:
    """The `provenance` element; `script` is the path of the script's file, if there is one."""
    element: Element = {
        "title": title, "authors": [authors] if isinstance(authors, str) else list(authors),
        "doi": doi, "licence": licence,
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "platform": platform_text(), "cpu": cpu_text(),
        "libm": libm_text(),
        "versions": versions(),
        "preferences": [{"name": name, "version": preference(name)} for name in PREFERENCES],
    }
    if script and os.path.isfile(script):
        element["script_name"] = os.path.basename(script)
        with open(script, encoding="utf-8", errors="replace") as file:
            element["script"] = file.read()
    return element


def preference(name: str) -> str:
    """A Brian2 preference as text; types by their name."""
    value = prefs[name]
    return value.__name__ if isinstance(value, type) else str(value)


def versions() -> list[Element]:
    """Packages that are there, and Python, by name."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    found.setdefault("brian2engram", _own_version())
    return [{"name": name, "version": found[name]} for name in sorted(found)]


def _own_version() -> str:
    from . import __version__
    return __version__


def platform_text() -> str:
    """Operating system, C library, machine."""
    libc = " ".join(platform.libc_ver()).strip()
    return ", ".join(filter(None, (f"{platform.system()} {platform.release()}", libc,
                                   platform.machine())))


def cpu_text() -> str:
    """The processor's own name where the system tells it."""
    return cpu_field("model name") or platform.processor()


def cpu_field(name: str) -> str:
    """What the system tells of the first processor; '' for nothing."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.split(":", 1)[0].strip() == name:
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return ""


def libm_text() -> str:
    """C library and its FMA variant, in the words of formats/common/libm.c: they decide the
    last bits of exp and its friends."""
    try:
        library = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        library = ""
    if not library.startswith("glibc"):
        return "unknown"
    if platform.machine() not in ("x86_64", "AMD64"):
        return library
    return f"{library} {'fma' if 'fma' in cpu_field('flags').split() else 'sse2'}"
