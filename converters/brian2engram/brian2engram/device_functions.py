"""Python functions that cannot be translated, called by the engine while a network runs and while
synapses are made."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.functions import Function
from brian2.parsing.bast import brian_ast

from .device_engine import view
from .recorder import StandIn

TYPES = {"integer": np.int64, "boolean": np.bool_}


class Given:
    """One function of the script, as Brian2's numpy target would call it."""

    def __init__(self, name: str, function: Function, reason: str, user: str = "") -> None:
        self.name, self.reason, self.user = name, reason, user
        self.arguments = len(function._arg_units)
        self._function = function
        self._types: list[type | None] = []
        self._scalar: list[bool] = []  #: arguments that are the same for all elements

    def prepare(self, codes: Iterable[StandIn]) -> None:
        """Get ready for calls from these code objects."""
        owner, uses = None, []
        for code in codes:
            for name, var in code.variables.items():
                if not isinstance(var, Function) or var.pyfunc is not self._function.pyfunc:
                    continue
                owner = owner or code.owner
                uses += [(name, statement.expr, code.variables)
                         for part in code.statements or () for statement in part]
        self.prepare_for(owner, uses, scalars=True)

    def prepare_for(self, owner: Any, uses: Iterable[tuple[str, str, dict[str, Any]]],
                    scalars: bool = False) -> None:
        """Get ready for calls: which arguments are integers or booleans is seen from the
        expressions that call it: (name, expression, what its names are). With `scalars`, what
        is the same for all elements comes as a number."""
        found: list[set[tuple[str, bool]]] = [set() for _ in range(self.arguments)]
        for name, expr, variables in uses:
            if f"{name}(" in expr.replace(" ", ""):
                _argument_types(found, name, expr, variables)
        types = [{kind for kind, _ in kinds} for kinds in found]
        self._types = [TYPES.get(kinds.pop()) if len(kinds) == 1 else None for kinds in types]
        self._scalar = [scalars and bool(kinds) and all(scalar for _, scalar in kinds)
                        for kinds in found]
        implementations = self._function.implementations
        try:
            implementations[NumpyCodeObject]
        except KeyError:
            implementations.add_numpy_implementation(self._function.pyfunc)
        self._code: Callable[..., Any] = implementations[NumpyCodeObject].get_code(owner)

    def __call__(self, count: int, arguments: Any, result: int) -> None:
        """Compute `count` values; `arguments` are addresses of arrays of doubles, as is
        `result`."""
        values: list[Any] = []
        for k, kind in enumerate(self._types):
            value = view(arguments[k], np.dtype(float), count)
            value = value[0] if self._scalar[k] else value.copy()
            values.append(value.astype(kind) if kind else value)
        if self._function.auto_vectorise:
            values.append(np.arange(count))
        view(result, np.dtype(float), count)[...] = self._code(*values)


def _argument_types(found: list[set[tuple[str, bool]]], name: str, expr: str,
                    variables: dict[str, Any]) -> None:
    for node in ast.walk(brian_ast(expr, variables)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
            for kinds, argument in zip(found, node.args):
                kinds.add((argument.dtype, argument.scalar))
