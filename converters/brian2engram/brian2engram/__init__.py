"""Capture a Brian2 network as an Engram document.

    import brian2engram
    brian2engram.save('cuba.mpk', net, duration=1*second)   # a live network
    brian2engram.pack(device.runs, 'cuba.mpk')              # a brian2tools export
    net = brian2engram.import_network('cuba.mpk')           # and back
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from brian2.core.magic import collect, magic_network
from brian2.core.namespace import get_local_namespace
from brian2.core.network import Network

__version__ = "0.1.0"

from . import document, library  # noqa: E402  (provenance reads the version)
from .capture import capture, seconds, untouched  # noqa: E402
from .errors import (  # noqa: E402
    DocumentError, EngramError, EngramWarning, LibraryError, Loss, LossReport, MissingError,
    ResultsError, UnsupportedError)

from .device import EngramDevice, engram_device  # noqa: E402  (set_device('engram'))
from .importer import import_network, run_stages  # noqa: E402
from .recording import Recording, recording  # noqa: E402
from .results import Results  # noqa: E402
from . import plot  # noqa: E402  (imports matplotlib when it draws)

__all__ = ["save", "pack", "recording", "Recording", "import_network", "run_stages", "engram_device", "EngramDevice",
           "Results", "plot", "DocumentError", "EngramError", "EngramWarning", "LibraryError", "Loss",
           "MissingError", "ResultsError", "UnsupportedError", "__version__"]


def save(path: str | os.PathLike[str], net: Network | None = None, duration: Any = None, *,
         namespace: Mapping[str, Any] | None = None, level: int = 0, title: str = "",
         authors: Sequence[str] = (), doi: str = "", licence: str = "",
         on_loss: str = "error") -> list[Loss]:
    """Write a snapshot of a live network to `path`; the network runs on unchanged.

    path: ends in .mpk (a document) or .h5 (an archive; the document is written beside it and
        converted by libengram).
    net: a Network; None takes the objects visible to the caller, as ``run()`` does.
    duration: a time, as in ``run``; None describes no run.
    namespace, level: where external names are looked up, as in ``Network.run``.
    title, authors, doi, licence: go to the provenance.
    on_loss: 'error' or 'warn', for what can be left out (a NetworkOperation). What was left
        out is warned of, in the document (`losses`) and returned.

    Raises UnsupportedError (object, feature, reason) for what cannot be carried, Brian2's own
    errors for what Brian2 would not run, OSError, LibraryError.
    """
    kind = _kind_of(path)
    if namespace is None:
        namespace = get_local_namespace(level=level + 1)
    keywords: dict[str, Any] = {
        "script": _caller_file(level + 1), "title": title, "authors": authors, "doi": doi,
        "licence": licence, "on_loss": on_loss}
    length = seconds(duration)
    if net is None:
        with untouched(magic_network, collect(level=level + 1)):
            magic_network._update_magic_objects(level=level + 1)
            content = capture(magic_network, length, dict(namespace), **keywords)
    else:
        content = capture(net, length, dict(namespace), **keywords)
    _write(path, kind, content)
    return [Loss.of(element) for element in content["losses"]]


def pack(runs: Sequence[Mapping[str, Any]], path: str | os.PathLike[str], *, title: str = "",
         authors: Sequence[str] = (), doi: str = "", licence: str = "",
         on_loss: str = "error", script: str | None = None) -> list[Loss]:
    """Write what brian2tools' exporter recorded (``device.runs``) to `path` (.mpk or .h5).

    Such a document has rules, not results: equations, events, initialisers, connectors.
    Raises UnsupportedError for what the export holds or has lost and a document needs; what
    it may have lost is warned of, in the document and returned, as what on_loss='warn' waives
    (docs/brian2-gaps.md has each).
    """
    from .provenance import provenance_part
    from .stock import network_part

    kind = _kind_of(path)
    script = script or _caller_file(1)
    losses = LossReport(on_loss)
    network = network_part(runs, losses)
    content = document.new_document(
        network=network, losses=losses.elements(),
        provenance=provenance_part(script, title, authors, doi, licence))
    _write(path, kind, content)
    return losses.waived


def _kind_of(path: str | os.PathLike[str]) -> str:
    ending = os.path.splitext(os.fspath(path))[1].lower()
    if ending not in (".mpk", ".h5"):
        raise ValueError(f"{os.fspath(path)}: ends in {ending or 'nothing'}, "
                         "expected .mpk or .h5")
    if ending == ".h5":
        library.load()  # say so now, not after the capture
    return ending


def _write(path: str | os.PathLike[str], kind: str, content: document.Element) -> None:
    if kind == ".mpk":
        document.write(path, content)
        return
    beside = os.path.splitext(os.fspath(path))[0] + ".mpk"
    document.write(beside, content)
    library.convert(beside, os.fspath(path))


def _caller_file(level: int) -> str | None:
    return sys._getframe(level + 1).f_globals.get("__file__")
