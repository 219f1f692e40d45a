"""Every run of a script, and what the script changed between them.

    with brian2engram.recording('protocol.h5'):
        ...                     # an ordinary script: it runs as it would without

All of it is one document as long as runs follow on one another. A script that begins anew
(another network whose objects have the same names, time or records taken back by restore(), a run
behind one that failed) begins another document: protocol.h5, protocol-2.h5, ...

A document's `code` and `state` are those of the first run. Each later run holds what is
different when it begins: the code if Brian2 made it anew (a changed constant, a new object),
and of the state those arrays, queues and random streams that are not as the run before left
them: values assigned, synapses connected, seeds set, a new step of a clock.

`setup` tells what the script did, step by step and in its words (steps.py), and each run how much
of it came before: for the reader, since `state` has the effect. A document that begins anew
tells what was done since the run before it.

Objects are kept by name. Nothing of the script's is kept alive: after a run only digests of
what it left remain.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from brian2.core.network import Network
from brian2.synapses.synapses import SynapticPathway

from .capture import Watched, capture_parts
from .document import Element
from .errors import EngramError
from .script import Stop, intercepted
from .snapshot import is_monitor, pending, random_state, time_of
from .steps import Steps, of_objects, watched

#: Fields that make two elements of one name the same object.
SAME: dict[str, tuple[str, ...]] = {
    "clocks": ("times",),
    "groups": ("kind", "n", "equations", "source", "start", "stop"),
    "synapses": ("source", "source_start", "source_stop", "target", "target_start",
                 "target_stop", "equations", "summed"),
    "inputs": ("target", "start", "stop", "variable", "n"),
    "monitors": ("kind", "source", "start", "stop", "event", "variables", "record", "indices"),
    "functions": ("kind", "dt", "ndim", "values", "body"),
    "operations": (),
}


class Recording:
    """Collects the runs of one script; `documents` are complete after each of them.

    first, last: calls of run() to begin and end with, counted from 1. Those before are done
        and not recorded; the last is described and not done any more: it raises Stop.
    steps: what the script does, where it is not `watching` that notes it.
    Other keywords as in ``capture``.
    """

    def __init__(self, first: int = 1, last: int | None = None, steps: Steps | None = None,
                 **keywords: Any) -> None:
        self.documents: list[Element] = []
        self.runs = 0
        self.calls = 0  #: of run()
        self._first, self._last = first, last
        self._steps = steps or Steps()
        self._told: list[Element] = []  #: steps of a document that the network was made from
        self._before: list[int] = []  #: steps before the document, before each of its runs
        self._keywords = keywords
        self._code: Element | None = None  #: of the last run
        self._dt: dict[str, float] = {}  #: dt of each clock as last written
        self._left = _Left()
        self._failed = False  #: what the last run has left cannot be repeated

    def at_run(self, network: Network, length: float, namespace: dict[str, Any], number: int,
               go_on: Callable[[], None]) -> None:
        """Describe the run that is about to begin, let it go on, remember what it leaves.

        A run that is stopped is as long as it went; one that fails is no part.
        """
        self.calls = number
        with self._steps.paused():
            if number < self._first:
                go_on()
                return
            seen = self._describe(network, length, namespace)
            if number == self._last:
                raise Stop
            start = time_of(network)
            try:
                go_on()
            except BaseException:
                self._forget()
                raise
            if network._stopped or Network._globally_stopped:
                run = self.documents[-1]["network"]["runs"][-1]
                run["duration"] = time_of(network) - start
            self._left = _Left.of(network, seen)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Record what happens in the block."""
        with watched() as self._steps, intercepted(self.at_run):
            yield

    def _describe(self, network: Network, length: float, namespace: dict[str, Any]) -> Watched:
        content, seen = capture_parts(network, length, namespace, **self._keywords)
        if self.documents and not self._failed and self._follows(content):
            self._add(content)
        else:
            self.documents.append(content)
            self._told = content["network"]["setup"]
            self._before = self._before[-1:] or [0]
            self._dt = {clock["name"]: clock["dt"] for clock in content["network"]["clocks"]
                        if "dt" in clock}
        self._code = content["code"]
        self.runs += 1
        self._failed = False
        self._before.append(len(self._steps.done))
        self._tell_steps()
        return seen

    def _forget(self) -> None:
        """The last run failed."""
        self._failed = True
        self.runs -= 1
        self._before.pop()
        self.documents[-1]["network"]["runs"].pop()
        if self.documents[-1]["network"]["runs"]:
            self._tell_steps()
        else:
            self.documents.pop()

    def _tell_steps(self) -> None:
        """Into the document: what was done to the objects it has, and before which run."""
        network = self.documents[-1]["network"]
        names = {element["name"] for field in ("groups", "synapses")
                 for element in network.get(field) or []}
        names |= {pathway["name"] for synapses in network.get("synapses") or []
                  for pathway in synapses.get("pathways") or []}
        steps = list(self._told)
        for run, first, end in zip(network["runs"], self._before, self._before[1:]):
            steps += of_objects(self._steps.done[first:end], names)
            run["setup_end"] = len(steps)
        network["setup"] = steps

    def write(self, path: str | os.PathLike[str], *, last: bool = False) -> list[str]:
        """Write the documents to `path` and, if there are several, its numbered neighbours.

        `last`: only the last of them; those before it do not change any more. Returns the
        paths written. EngramError if there was no run.
        """
        from . import _kind_of, _write

        if not self.documents:
            raise EngramError(f"{os.fspath(path)}: run() was never called, there is nothing to "
                              "record")
        stem, ending = os.path.splitext(os.fspath(path))
        paths = [os.fspath(path)] + [f"{stem}-{number}{ending}"
                                     for number in range(2, len(self.documents) + 1)]
        chosen = list(zip(paths, self.documents))[-1 if last else 0:]
        for each, content in chosen:
            _write(each, _kind_of(each), content)
        return [each for each, _ in chosen]

    def _follows(self, content: Element) -> bool:
        """Whether a run can be a later run of the same document.

        A document has one schedule, its names go on meaning the same objects, its time never
        goes back, and its runs only add to what monitors have recorded.
        """
        network, later = self.documents[-1]["network"], content["network"]
        if later["schedule"] != network["schedule"] or content["state"]["t"] < self._left.t:
            return False
        for field, keys in SAME.items():
            known = {element["name"]: element for element in network.get(field) or []}
            for element in later.get(field) or []:
                before = known.get(element["name"], element)
                if any(not _equal(before.get(key), element.get(key)) for key in keys):
                    return False
        arrays = content["state"]["arrays"]
        recorded = {array["owner"] for array in arrays}  # empty monitors are left out
        changed = {array["owner"] for array in self._changed(arrays)}
        return not any(
            name in changed or (self._left.records[name] and name not in recorded)
            for name in (monitor["name"] for monitor in later["monitors"])
            if name in self._left.records)

    def _add(self, content: Element) -> None:
        document = self.documents[-1]
        run = dict(content["network"]["runs"][0])
        for field in SAME:  # objects that are new in this run join
            known = {element["name"] for element in document["network"].get(field) or []}
            for element in content["network"].get(field) or []:
                if element["name"] not in known:
                    document["network"].setdefault(field, []).append(element)
                    if "dt" in element and field == "clocks":
                        self._dt[element["name"]] = element["dt"]
        document["losses"] += [loss for loss in content["losses"]
                               if loss not in document["losses"]]
        if content["code"] != self._code:
            run["code"] = content["code"]
        run["state"] = self._changes(content)
        document["network"]["runs"].append(run)

    def _changed(self, arrays: list[Element]) -> list[Element]:
        return [array for array in arrays
                if self._left.arrays.get(array["name"]) != _digest(array["data"])]

    def _changes(self, content: Element) -> Element:
        """The `state` of a later run: what is not as the run before left it."""
        state, left = content["state"], self._left
        queues = [queue for queue in state["queues"]
                  if left.queues.get(queue["name"], _EMPTY) != _queue_digest(queue)]
        clocks = []
        steps = {clock["name"]: clock["dt"] for clock in content["network"]["clocks"]
                 if "dt" in clock}
        for tick in state["clocks"]:
            dt = steps.get(tick["name"])
            if dt is not None and dt != self._dt[tick["name"]]:
                self._dt[tick["name"]] = dt
                clocks.append({**tick, "dt": dt})
        changes: Element = {"t": state["t"], "clocks": clocks,
                            "arrays": self._changed(state["arrays"]), "queues": queues}
        if _random_digest(state["random"]) != left.random:
            changes["random"] = state["random"]
        return changes


class _Left:
    """Digests of what a run left: arrays and queues by name, the random streams."""

    def __init__(self) -> None:
        self.arrays: dict[str, bytes] = {}
        self.queues: dict[str, bytes] = {}
        self.records: dict[str, int] = {}  #: of each monitor
        self.random = b""
        self.t = 0.0

    @classmethod
    def of(cls, network: Network, seen: Watched) -> _Left:
        left = cls()
        for owner, name, var in seen.identities.stored():
            left.arrays[f"{owner}.{name}"] = _digest(np.array(var.get_value()))
            if is_monitor(seen.identities.owners[owner]) and name == "N":
                left.records[owner] = int(var.get_value().item())
        for obj in seen.objects:
            if isinstance(obj, SynapticPathway):
                steps, synapses = pending(obj.queue._full_state())
                left.queues[obj.name] = _queue_digest({"steps": steps, "synapses": synapses})
        left.random = _random_digest(random_state())
        left.t = time_of(network)
        return left


def _digest(array: np.ndarray) -> bytes:
    content = np.ascontiguousarray(array)
    what = hashlib.blake2b(f"{content.dtype.str}{content.shape}".encode(), digest_size=16)
    what.update(content.reshape(-1).view(np.uint8).data)
    return what.digest()


def _queue_digest(queue: Mapping[str, Any]) -> bytes:
    return _digest(queue["steps"]) + _digest(queue["synapses"])


_EMPTY = _queue_digest({"steps": np.zeros(0, np.int32), "synapses": np.zeros(0, np.int32)})


def _random_digest(random: Mapping[str, Any]) -> bytes:
    what = hashlib.blake2b(digest_size=16)
    for key in sorted(random):
        value = random[key]
        what.update(key.encode())
        what.update(_digest(value) if isinstance(value, np.ndarray) else repr(value).encode())
    return what.digest()


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return isinstance(one, np.ndarray) and isinstance(other, np.ndarray) \
            and one.dtype == other.dtype and np.array_equal(one, other)
    return bool((one or None) == (other or None))


@contextmanager
def recording(path: str | os.PathLike[str], *, script: str | None = None, title: str = "",
              authors: Sequence[str] = (), doi: str = "", licence: str = "",
              on_loss: str = "error") -> Iterator[Recording]:
    """Record every ``run`` in the block, then write `path` (.mpk or .h5).

    If the script begins anew in between there are several documents: `path` with -2, -3, ...
    before its ending (``Recording.write``). The block runs as it would without. What cannot be
    carried raises UnsupportedError at the run that needs it; then, and if the block itself
    raises, nothing is written. EngramError if it never calls ``run``. Other arguments as in
    ``save``.
    """
    from . import _caller_file, _kind_of

    _kind_of(path)
    made = Recording(script=script or _caller_file(2), title=title, authors=authors, doi=doi,
                     licence=licence, on_loss=on_loss)
    with made.watching():
        yield made
    made.write(path)
