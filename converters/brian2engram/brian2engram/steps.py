"""What a script does to objects, as `setup` elements, while it does it.

``watched()`` notes each call of ``connect``, each assignment to a variable and each seed, as
they are executed and in their order: texts stay texts, with the values that their names had.
What no text of a document can say (a function with code of its own, numbers of synapses in an
array) is noted by its result: the values, or the synapses, that came of it.

In a document with `state` these steps are history: the engine takes the arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from brian2.core.functions import Function
from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS, get_local_namespace
from brian2.core.network import Network
from brian2.core.variables import Constant, VariableView
from brian2.devices.device import RuntimeDevice, get_device
from brian2.groups.group import Group
from brian2.groups.subgroup import Subgroup
from brian2.input.timedarray import TimedArray
from brian2.synapses.synapses import Synapses
from brian2.utils.stringtools import get_identifiers

from . import describe
from .document import Element
from .names import DEFAULT_FUNCTIONS, resolved

ENDS = ("_synaptic_pre", "_synaptic_post")
VALUES = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}

ASSIGNMENTS = ("set_with_expression", "set_with_expression_conditional", "set_with_index_array")
Act = Callable[..., Any]

_of_network: WeakKeyDictionary[Network, list[Element]] = WeakKeyDictionary()
_watching: list[Steps] = []


class _NotText(Exception):
    """A step that only its result describes."""


class Steps:
    """Steps in the order in which they were done.

    The methods that do something take the function that does it, then its arguments.
    """

    def __init__(self, paused: bool = False) -> None:
        self.done: list[Element] = []
        self._paused = paused

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Brian2 itself, or whoever calls on it, is at work: not the script."""
        before, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = before

    def add(self, steps: list[Element]) -> None:
        """These steps are done, by whatever means."""
        if not self._paused:
            self.done += steps

    def set_with_expression(self, act: Act, view: Any, item: Any, code: str,
                            run_namespace: Any, check_units: bool = True) -> None:
        """VariableView.set_with_expression."""
        self._note(lambda: act(view, item, code, run_namespace, check_units=check_units),
                   lambda: _assignment(view, item, code, run_namespace), lambda: _whole(view))

    def set_with_expression_conditional(self, act: Act, view: Any, cond: str, code: str,
                                        run_namespace: Any, check_units: bool = True) -> None:
        """VariableView.set_with_expression_conditional."""
        self._note(lambda: act(view, cond, code, run_namespace, check_units=check_units),
                   lambda: _conditional(view, cond, code, run_namespace), lambda: _whole(view))

    def set_with_index_array(self, act: Act, view: Any, item: Any, value: Any,
                             check_units: bool = True) -> None:
        """VariableView.set_with_index_array."""
        self._note(lambda: act(view, item, value, check_units=check_units),
                   lambda: _values(view, item, value), lambda: _whole(view))

    def connect(self, act: Act, synapses: Synapses, condition: Any = None, i: Any = None,
                j: Any = None, p: Any = 1.0, n: Any = 1, skip_if_invalid: bool = False,
                namespace: Any = None, level: int = 0) -> None:
        """Synapses.connect; one call away from the script, or with a namespace."""
        if namespace is None:
            namespace = get_local_namespace(level=level + 2)
        before = len(synapses)
        self._note(lambda: act(synapses, condition, i, j, p, n, skip_if_invalid,
                               namespace=namespace),
                   lambda: _connection(synapses, condition, i, j, p, n, skip_if_invalid,
                                       namespace),
                   lambda: _made(synapses, before))

    def seed(self, act: Act, value: int | None) -> None:
        """RuntimeDevice.seed."""
        self._note(lambda: act(value),
                   lambda: {"kind": "seed", "seed": -1 if value is None else int(value)}, dict)

    def _note(self, act: Callable[[], Any], text: Callable[[], Element],
              result: Callable[[], Element]) -> None:
        """Let `act` happen; if it does, its step is that of `text`, else that of `result`."""
        if self._paused:
            act()
            return
        with self.paused():
            act()
            try:
                step = text()
            except (_NotText, ReferenceError):  # Brian2 holds slices weakly
                step = result()
        self.done.append(step)


def of_network(network: Network) -> list[Element]:
    """Steps that a document has already told of a network made from it."""
    return _of_network.get(network, [])


def remember(network: Network, steps: list[Element]) -> None:
    """`network` was made from a document that tells these steps."""
    _of_network[network] = steps


@contextmanager
def told(steps: list[Element]) -> Iterator[None]:
    """What is done in the block are these steps, by whatever means it is done."""
    listeners = [*_watching, getattr(get_device(), "steps", Steps())]
    with ExitStack() as stack:
        for listener in listeners:
            stack.enter_context(listener.paused())
        yield
    for listener in listeners:
        listener.add(steps)


@contextmanager
def watched() -> Iterator[Steps]:
    """Note what happens in the block."""
    steps = Steps()
    original = {name: getattr(VariableView, name) for name in ASSIGNMENTS}
    connect, seed = Synapses.connect, RuntimeDevice.seed

    def assigning(name: str) -> Act:
        @wraps(original[name])
        def assign(*arguments: Any, **keywords: Any) -> None:
            getattr(steps, name)(original[name], *arguments, **keywords)

        return assign

    @wraps(connect)
    def connected(synapses: Synapses, *arguments: Any, **keywords: Any) -> None:
        steps.connect(connect, synapses, *arguments, **keywords)

    @wraps(seed)
    def seeded(device: RuntimeDevice, value: int | None = None) -> None:
        steps.seed(partial(seed, device), value)

    for name in ASSIGNMENTS:
        setattr(VariableView, name, assigning(name))
    Synapses.connect, RuntimeDevice.seed = connected, seeded
    _watching.append(steps)
    try:
        yield steps
    finally:
        _watching.remove(steps)
        for name, method in original.items():
            setattr(VariableView, name, method)
        Synapses.connect, RuntimeDevice.seed = connect, seed


def of_objects(steps: Iterable[Element], names: set[str]) -> list[Element]:
    """The steps that act on described objects, and seeds."""
    return [step for step in steps if step["kind"] == "seed" or step["target"] in names]


# ---- assignments ------------------------------------------------------------------------


def _place(view: Any) -> Element:
    """Where an assignment goes; _NotText if through an index to another object's variable."""
    group = view.group
    target, start, stop = describe.slice_of(group)
    owner, variable = _stored(view.variable)
    if (owner, variable) != (target, view.name) and variable != "delay":
        raise _NotText
    return {"kind": "initialise", "target": owner, "start": start, "stop": stop,
            "variable": variable}


def _stored(variable: Any) -> tuple[str, str]:
    """Object and name of an array: delays are the pathway's, whatever Brian2 says."""
    for pathway in getattr(variable.owner, "_pathways", ()):
        if pathway.variables.get("delay") is variable:
            return pathway.name, "delay"
    return getattr(variable.owner, "name", ""), variable.name


def _assignment(view: Any, item: Any, code: str, namespace: Any) -> Element:
    step = _place(view)
    if isinstance(view.group, Subgroup):  # numbers of the group, but `i` of the slice
        raise _NotText
    indices = np.atleast_1d(view.indexing(item)).astype(np.int32)
    return {**step, "code": code, "indices": indices, **_used(view.group, (code,), namespace)}


def _conditional(view: Any, cond: str, code: str, namespace: Any) -> Element:
    condition = "" if cond == "True" else cond
    return {**_place(view), "code": code, "condition": condition,
            **_used(view.group, (code, condition), namespace)}


def _values(view: Any, item: Any, value: Any) -> Element:
    step = _place(view)
    step["values"] = _numbers(value)
    if not (isinstance(item, slice) and item == slice(None)):
        step["indices"] = np.atleast_1d(view.indexing(item)).astype(np.int32)
        step.update(start=0, stop=-1)  # numbers of the whole group
    return step


def _whole(view: Any) -> Element:
    """The values that a variable has got."""
    owner, variable = _stored(view.variable)
    return {"kind": "initialise", "target": owner, "variable": variable,
            "values": _numbers(view.variable.get_value())}


def _numbers(value: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind not in VALUES:
        raise _NotText
    return np.array(array, dtype=VALUES[array.dtype.kind]).reshape(-1)


def _used(group: Group, texts: Iterable[str], namespace: Any) -> Element:
    """`constants` and `functions` of a step: what its external names stand for."""
    constants: list[Element] = []
    functions: list[Element] = []
    names = set().union(*(get_identifiers(text) for text in texts))
    for name in sorted(names - set(group.variables)):
        var = resolved(group, name, namespace)
        if isinstance(var, Constant):
            if name in DEFAULT_CONSTANTS or name in DEFAULT_UNITS:
                continue
            if not describe.constant_dtype(var.dtype):
                raise _NotText
            constants.append(describe.constant(name, var))
        elif isinstance(var, TimedArray):
            functions.append(describe.function(name, var))
        elif isinstance(var, Function) and DEFAULT_FUNCTIONS.get(name) is not var:
            raise _NotText
    return {"constants": constants, "functions": functions}


# ---- synapses ---------------------------------------------------------------------------


def _connection(synapses: Synapses, condition: Any, i: Any, j: Any, p: Any, n: Any,
                skip_if_invalid: bool, namespace: Any) -> Element:
    step: Element = {"kind": "connect", "target": synapses.name,
                     "skip_if_invalid": bool(skip_if_invalid)}
    if condition is not None and str(condition) != "True":
        step["condition"] = str(condition)
    for field, value in (("p", p), ("n", n)):
        text = _text(value)
        if text not in ("1", "1.0"):
            step[field] = text
    texts = [step.get(key, "") for key in ("condition", "p", "n")]
    if i is not None and j is not None:
        sides = (side._indices() if hasattr(side, "_indices") else side for side in (i, j))
        step["i_array"], step["j_array"] = (
            np.array(side, dtype=np.int32) for side in np.broadcast_arrays(
                *(np.atleast_1d(np.asarray(side)) for side in sides)))
    else:
        step.update({key: text for key, text in (("i", i), ("j", j)) if text is not None})
        texts += [text for text in (i, j) if text is not None]
    return {**step, **_used(synapses, texts, namespace)}


def _text(number: float | str) -> str:
    """p or n as Brian2 takes them: a float, an integer or a text."""
    if isinstance(number, str):
        return number
    return repr(float(number) if isinstance(number, float) else int(number))


def _made(synapses: Synapses, before: int) -> Element:
    """The synapses that a call of ``connect`` has made, one by one."""
    pre, post = (synapses.variables[name].get_value()[before:] for name in ENDS)
    return {"kind": "connect", "target": synapses.name,
            "i_array": np.array(pre - getattr(synapses.source, "start", 0), dtype=np.int32),
            "j_array": np.array(post - getattr(synapses.target, "start", 0), dtype=np.int32)}
