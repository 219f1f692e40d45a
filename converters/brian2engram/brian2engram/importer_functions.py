"""Functions and operations of a document -> Brian2's; code in a file stays text unless trusted."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import brian2
import numpy as np
from brian2.core.functions import Function
from brian2.core.operations import NetworkOperation
from brian2.equations.equations import dimensions_and_type_from_string
from brian2.input.binomial import BinomialFunction
from brian2.input.timedarray import TimedArray
from brian2.units.fundamentalunits import get_unit

from .document import Element
from .errors import EngramWarning, Loss, UnsupportedError
from .importer_texts import quantity, seconds
from .sources import remember
from .translate import BODY, Body, Untranslatable, function_of, plain


class Sources:
    """Where the Python functions of a model come from: the caller, or a trusted file."""

    def __init__(self, functions: Mapping[str, Any] | None,
                 operations: Mapping[str, Callable[..., Any]] | None,
                 trust_code: bool) -> None:
        self._functions = dict(functions or {})
        self._operations = dict(operations or {})
        self._trust = trust_code

    def function(self, element: Element) -> Any:
        """What a name stands for in texts: a Function, or what Brian2 makes one of."""
        name, kind = element["name"], element["kind"]
        if name in self._functions:
            return self._functions[name]
        if kind == "timedarray":
            return TimedArray(quantity(element["values"], element["dim"]),
                              dt=seconds(element["dt"]))
        if kind == "binomial":
            return BinomialFunction(int(element["n"]), float(element["p"]),
                                    approximate=element["normal"])
        body = Body(element["parameters"], element["body"]) if element["body"] else None
        if body is not None and not self._trust:
            return _computed(element, body)
        if not element["source"]:
            raise UnsupportedError([Loss(name, "function", "only its name is in the document; "
                                         f"pass functions={{{name!r}: ...}}")])
        if not self._trust:
            raise UnsupportedError([Loss(
                name, "function", "its code is in the document, and not executed: pass "
                f"functions={{{name!r}: ...}}, or trust_code=True if you know whose it is")])
        made = self._executed(name, element["source"], {}, decorated=True)
        remember(made, element["source"], element["implementations"])
        if body is not None:
            setattr(plain(made), BODY, body)
        return _implemented(_specified(made, element), element["implementations"])

    def operation(self, element: Element, clock: Any, objects: dict[str, Any]) -> Any:
        """A NetworkOperation: the caller's function, a trusted one, or a placeholder."""
        name = element["name"]
        function = self._operations.get(name)
        if function is None and self._trust and element["source"]:
            function = self._executed(name, element["source"], objects, decorated=False)
            remember(function, element["source"])
        if function is None:
            function = Placeholder(name, element["source"])
        return NetworkOperation(function, clock=clock, when=element["when"] or "start",
                                order=element["order"], name=name)

    def unused(self, network: Element) -> list[str]:
        """Names for which the caller gave a function that the document does not have."""
        known = {item["name"] for item in network["functions"]}
        known |= {item["name"] for step in network["setup"] for item in step["functions"]}
        called = {item["name"] for item in network["operations"]}
        return sorted((set(self._functions) - known) | (set(self._operations) - called))

    def _executed(self, name: str, source: str, names: dict[str, Any],
                  decorated: bool) -> Callable[..., Any]:
        """The first function that the text defines. Only ever reached with trust_code=True."""
        tree = ast.parse(textwrap.dedent(source), f"<source of {name}>")
        made = next((node for node in tree.body
                     if isinstance(node, (ast.FunctionDef, ast.Assign))), None)
        if isinstance(made, ast.FunctionDef):
            key = made.name
            if not decorated:
                made.decorator_list = []
        elif made is not None and isinstance(made.targets[0], ast.Name):
            key = made.targets[0].id
        else:
            raise UnsupportedError([Loss(name, "source", "it does not define a function")])
        space = {**vars(brian2), "brian2": brian2, "np": np, "numpy": np, **names}
        exec(compile(tree, f"<source of {name}>", "exec"), space)  # noqa: S102
        return space[key]


class Placeholder:
    """Stands for an operation whose function is not there: says so once, does nothing."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.warned = False
        remember(self, source)

    def __call__(self) -> None:
        if not self.warned:
            self.warned = True
            warnings.warn(f"{self.name}: NetworkOperation without its function: nothing "
                          f"happens in its place; pass operations={{{self.name!r}: ...}}",
                          EngramWarning, stacklevel=2)


def _computed(element: Element, body: Body) -> Function:
    """A function from its body in Engram's language, which may come from anyone."""
    try:
        made = function_of(element["name"], body)
    except (SyntaxError, ValueError, MemoryError, Untranslatable, RecursionError) as error:
        raise UnsupportedError([Loss(element["name"], "body", str(error))]) from None
    remember(made, element["source"], element["implementations"])
    return _specified(made, element)


def _implemented(made: Any, implementations: list[Element]) -> Any:
    """`made` with its code for compilers, where its text does not bring it along."""
    texts: dict[str, dict[str, str]] = {}
    for item in implementations:
        texts.setdefault(item["target"], {})[item["part"]] = item["code"]
    for target, parts in texts.items():
        if not isinstance(made, Function) or target not in made.implementations._implementations:
            made = brian2.implementation(target, parts.get("", parts))(made)
    return made


def _specified(made: Any, element: Element) -> Any:
    """`made` with the signature of the document if it has none of its own."""
    if isinstance(made, Function) or hasattr(made, "_arg_units") or not element["result"]:
        return made
    if "?" in (*element["arguments"], element["result"]):
        raise UnsupportedError([Loss(element["name"], "function", "its units are computed")])
    return Function(made, arg_units=[_unit(text) for text in element["arguments"]],
                    arg_names=list(made.__code__.co_varnames[:made.__code__.co_argcount]),
                    return_unit=_unit(element["result"]),
                    return_type=element["result_type"] or None, stateless=element["stateless"],
                    auto_vectorise=element["auto_vectorise"])


def _unit(text: str) -> Any:
    if not text:
        return None
    if text == "bool":
        return bool
    if text.startswith("="):
        return text[1:]
    dim, _ = dimensions_and_type_from_string(text)
    return get_unit(dim)
