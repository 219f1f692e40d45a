"""What Brian2 does around a run, with the same outcome for less time.

A short script spends more on these than on its run: the search for garbage visits every object
of every module that is loaded, the search for the network's objects reads the source of each
function on the stack, and the templates of numpy code are compiled to be asked for a few words.
"""

from __future__ import annotations

import gc
import itertools
import sys
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.codegen.templates import CodeObjectTemplate, LazyTemplateLoader
from brian2.core import magic
from brian2.core.base import BrianObject
from brian2.core.magic import MagicNetwork
from brian2.core.names import Nameable
from brian2.core.network import Network
from brian2.devices.device import all_devices, get_device
from jinja2 import TemplateNotFound

# ---- garbage ----------------------------------------------------------------------------


def has_garbage(network: Network, namespace: dict[str, Any]) -> bool:
    """Whether there may be an object of Brian2 that nobody can reach any more.

    Brian2 collects garbage around a run to warn of objects that were never used, and to have
    their names free again. There is none if each object that lives is held by `network`, by
    the caller's `namespace` or a device, itself or as an attribute of one that is.
    """
    alive = {id(one) for one in (found() for found in set(Nameable.__instances__()))
             if one is not None}
    waiting: list[Any] = [network, magic.magic_network]
    waiting += [one for device in all_devices.values() for one in _held(device)]
    waiting += _objects(namespace.values())
    while waiting and alive:
        one = waiting.pop()
        if id(one) in alive:
            alive.discard(id(one))
            waiting += _held(one)
    return bool(alive)


def _held(owner: Any) -> Iterator[Any]:
    """Objects of Brian2 among attributes, and in lists and dictionaries among them."""
    for value in vars(owner).values():
        kind = type(value)
        if kind is dict:
            yield from _objects(value.values())
        elif kind in (list, tuple, set):
            yield from _objects(value)
        elif issubclass(kind, Nameable):
            yield value


def _objects(values: Iterable[Any]) -> Iterator[Any]:
    """Those that are held: a weak reference may look like what it refers to."""
    return (value for value in values if issubclass(type(value), Nameable))


def after_run(network: Network, namespace: dict[str, Any]) -> None:
    """Network.after_run, or MagicNetwork's, which collects garbage."""
    if type(network) is not MagicNetwork:
        network.after_run()
        return
    garbage = has_garbage(network, namespace)
    Network.after_run(network)
    network.objects.clear()
    if garbage:
        gc.collect()


# ---- objects of the script --------------------------------------------------------------


_brian2s = magic.get_objects_in_namespace


def objects_in_namespace(level: int) -> set[weakref.ref[BrianObject]]:
    """brian2.core.magic.get_objects_in_namespace, from the frame that it is about.

    inspect.stack(), which it asks, looks for the source of every frame in all modules. Other
    devices have Brian2's own.
    """
    if get_device() is not all_devices["engram"]:
        return _brian2s(level + 1)
    frame = sys._getframe(level + 1)
    try:
        return {weakref.ref(value) for value in itertools.chain(
            frame.f_globals.values(), frame.f_locals.values()) if isinstance(value, BrianObject)}
    finally:
        del frame


def install() -> None:
    """Let Brian2 find the objects of a script so."""
    magic.get_objects_in_namespace = objects_in_namespace


# ---- templates --------------------------------------------------------------------------


class _Later:
    """A template that is compiled when it is to make code."""

    def __init__(self, environment: Any, name: str) -> None:
        self._environment, self._name = environment, name

    def make_module(self, words: dict[str, Any]) -> Any:
        """As jinja2's."""
        return self._environment.get_template(self._name).make_module(words)


class _Templates(LazyTemplateLoader):
    """Templates whose text alone is read: what they say about variables is in it."""

    def get_template(self, name: str) -> CodeObjectTemplate:
        """As Brian2's loader, with its error."""
        if name not in self._templates:
            for file in (name + self.extension, name):
                try:
                    text = self.env.loader.get_source(self.env, file)[0]
                except TemplateNotFound:
                    continue
                self._templates[name] = CodeObjectTemplate(_Later(self.env, file), text)
                break
            else:
                raise KeyError(f'No template with name "{name}" found.')
        return self._templates[name]


@contextmanager
def templates_read(kind: type = NumpyCodeObject) -> Iterator[None]:
    """Code objects of `kind` are not made here: their templates need not be compiled."""
    templater = kind.templater
    before = templater.templates
    templater.templates = _Templates(templater.env, templater.extension)
    try:
        yield
    finally:
        templater.templates = before
