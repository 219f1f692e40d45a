"""``connect`` by libengram: the synapses, and the draws, of Brian2's compiled code for it.

Brian2 checks what it is asked for, resolves names and makes abstract code. Where it would
compile that, the engine evaluates the same generator: it gets a document of two groups that
have nothing but the variables which the generator reads, and those variables' arrays where
they are; it gives back both ends of each new synapse. Functions of the script's own are translated
as in a run, or Python computes them pair by pair.

What cannot be described so (``Elsewhere``) is left to Brian2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np
from brian2 import prefs
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable, Constant, Subexpression
from brian2.devices.device import RuntimeDevice
from brian2.input.timedarray import TimedArray
from brian2.parsing.bast import brian_ast
from brian2.synapses.synapses import Synapses
from brian2.utils.logger import get_logger
from brian2.utils.stringtools import get_identifiers, word_substitute

from . import describe
from . import device_engine as engine
from .device_around import templates_read
from .device_functions import Given
from .device_random import Exchange, Kept, bring_random, random_streams
from .document import Element, encode, new_document
from .names import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS, DEFAULT_UNITS
from .sources import custom_function

logger = get_logger("brian2.devices.engram")  # so that Brian2 shows it

SOURCE, TARGET = "source", "target"  #: the two groups of the document
SIDES = {"_raw_pre_idx": (SOURCE, "_pre"), "_raw_post_idx": (TARGET, "_post"),
         "0": (SOURCE, "_pre")}
TYPES = {"float64": "float", "int32": "integer", "bool": "boolean"}
#: names that connects themselves define
OWN = ("i", "j", "N_pre", "N_post")
#: failures of the connect itself: Brian2 would have failed as well
FAILURES = {engine.E_LIMIT: IndexError, engine.E_ARGUMENT: ValueError,
            engine.E_NUMERIC: ZeroDivisionError, engine.E_MEMORY: MemoryError}


class Elsewhere(Exception):
    """The engine does not make these synapses, for the reason given; nothing has changed."""


def is_compiled() -> bool:
    """Whether Brian2 would make synapses in compiled code."""
    target = prefs.codegen.target
    return target in ("auto", "cython") or getattr(target, "class_name", "") == "cython"


@contextmanager
def connecting(device: RuntimeDevice) -> Iterator[None]:
    """While Brian2 prepares a connect: the engine is its compiled code."""
    try:
        from brian2.codegen.runtime.cython_rt import CythonCodeObject
    except ImportError as error:
        raise Elsewhere("there is no Cython, whose code would be the model") from error

    def code_object_class(codeobj_class: Any = None,
                          fallback_pref: str = "codegen.target") -> Any:
        if codeobj_class is None and fallback_pref == "codegen.target":
            return CythonCodeObject  # for 'auto', Brian2 would try its compiler first
        return RuntimeDevice.code_object_class(device, codeobj_class, fallback_pref)

    def code_object(owner: Any, name: str, abstract_code: dict[str | None, str],
                    variables: dict[str, Any], template_name: str,
                    variable_indices: dict[str, str], codeobj_class: Any = None,
                    template_kwds: dict[str, Any] | None = None, **further: Any) -> Any:
        if template_name == "synapses_create_array":
            return lambda: _store(owner, *_given(variables))
        if template_name == "synapses_create_generator":
            return _Generator(device, owner, abstract_code["update"], variables,
                              variable_indices, template_kwds or {})
        return RuntimeDevice.code_object(
            device, owner, name, abstract_code, variables, template_name, variable_indices,
            codeobj_class=codeobj_class, template_kwds=template_kwds, **further)

    device.code_object_class = code_object_class  # type: ignore[method-assign]
    device.code_object = code_object  # type: ignore[method-assign]
    try:
        with templates_read(CythonCodeObject):
            yield
    finally:
        del device.code_object_class, device.code_object


def _offset(variables: dict[str, Any], name: str) -> int:
    return int(np.asarray(variables[name].get_value()).item()) if name in variables else 0


def _given(variables: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of synapses that were listed."""
    return (variables["sources"].get_value() + _offset(variables, "_source_offset"),
            variables["targets"].get_value() + _offset(variables, "_target_offset"))


def _store(synapses: Synapses, source: np.ndarray, target: np.ndarray) -> None:
    """As the template ends."""
    before = int(synapses.variables["N"].get_value().item())
    for name, ends in (("_synaptic_pre", source), ("_synaptic_post", target)):
        variable = synapses.variables[name]
        variable.resize(before + len(ends))
        variable.get_value()[before:] = ends
    synapses._resize(before + len(source))
    synapses._update_synapse_numbers(before)


class _Generator:
    """In place of a code object: makes the synapses of one generator, once."""

    def __init__(self, device: RuntimeDevice, synapses: Synapses, update: str,
                 variables: dict[str, Any], indices: dict[str, str],
                 parsed: dict[str, Any]) -> None:
        self._device, self._synapses = device, synapses
        texts = _Texts(synapses, variables, indices, parsed["inner_variable"])
        step = {"kind": "connect", "target": synapses.name,
                "skip_if_invalid": bool(parsed["skip_if_invalid"]),
                "j" if parsed["outer_index"] == "i" else "i": _generator(parsed, texts)}
        number = texts.told(update[update.rindex("_n = ") + 5:].strip())
        if number != "1":
            step["n"] = number
        step["constants"] = texts.constants()
        functions = texts.functions()
        self._lent, self._given = texts.lent, texts.given()
        self._document = b"".join(encode(_document(synapses, variables, texts, functions,
                                                   step)))

    def __call__(self) -> None:
        random = random_streams(self._device)
        kept = Kept(self._device) if self._given else None
        calls = _Calls()
        failed = calls.failed
        functions = [(one.name, one.arguments, calls.of(one)) for one in self._given]
        for one in self._given:
            logger.warn(f"{one.name}() cannot be translated into Engram's language "
                        f"({one.reason}): Python computes it for each pair of {one.user}, which "
                        "is slow", "slow_function", once=True)
        with _failing(), engine.Connecting(self._document, self._lent, functions) as connect:
            calls.random = Exchange(self._device, connect)
            try:
                source, target = connect.connect(random)
            except engine.EngineError as error:
                if kept:  # Brian2 may begin anew
                    kept.restore()
                if failed and isinstance(failed[0][1], Exception):
                    # Python's may only hold the place of the code for Cython, which is there
                    raise Elsewhere(f"{failed[0][0].name}() has code of its own, and fails in "
                                    f"Python: {failed[0][1]!r}") from None
                if failed or error.code in FAILURES:
                    bring_random(self._device, random)
                if failed:
                    raise failed[0][1] from None
                raise
            bring_random(self._device, random)
            _store(self._synapses, source, target)


class _Calls:
    """What the engine calls for functions that are not translated."""

    def __init__(self) -> None:
        self.failed: list[tuple[Given, BaseException]] = []
        self.random: AbstractContextManager[None] = nullcontext()  #: around each call

    def of(self, given: Given) -> Callable[..., int]:
        """For one of them."""

        def called(_: Any, count: int, arguments: Any, result: int) -> int:
            try:
                with self.random:
                    given(count, arguments, result)
            except BaseException as error:
                self.failed.append((given, error))
                return -1
            return 0

        return called


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except engine.EngineError as error:
        if error.code in FAILURES:
            raise FAILURES[error.code](str(error)) from None
        raise Elsewhere(str(error)) from None


def _generator(parsed: dict[str, Any], texts: _Texts) -> str:
    """The text of a generator in the names of the document."""
    asked = parsed["iterator_kwds"]
    arguments = [texts.told(asked[name]) for name in ("low", "high", "step")]
    for name in ("p", "size"):
        if asked.get(name) is not None:
            arguments.append(f"{name}={texts.told(asked[name])}")
    text = (f"{texts.told(parsed['element'])} for {parsed['inner_variable']} in "
            f"{parsed['iterator_func']}({', '.join(arguments)})")
    condition = parsed["if_expression"]
    return text if condition == "True" else f"{text} if {texts.told(condition)}"


class _Texts:
    """Expressions of Brian2 with names of the document, and what these stand for.

    Subexpressions are written out, arrays get names of their own: ``engram3_pre`` is
    variable `engram3` of the source.
    """

    def __init__(self, synapses: Synapses, variables: dict[str, Any], indices: dict[str, str],
                 inner: str) -> None:
        if np.dtype(prefs.core.default_float_dtype) != np.float64:
            raise Elsewhere("floating point numbers are single")
        self._synapses = synapses
        self._variables, self._indices, self._inner = variables, indices, inner
        self._arrays: dict[str, str] = {}
        self._constants: dict[str, Constant] = {}
        self._functions: dict[str, Function] = {}
        self._reasons: dict[str, str] = {}  #: why a function has no translation
        self._texts: list[str] = []  #: as Brian2 has them
        self.lent: list[engine.Lent] = []
        self.equations: dict[str, list[Element]] = {SOURCE: [], TARGET: []}
        self.stored: dict[str, list[Element]] = {SOURCE: [], TARGET: []}

    def told(self, text: str) -> str:
        """`text` in names of the document."""
        self._texts.append(text)
        return word_substitute(text, {name: self._meaning(name)
                                      for name in get_identifiers(text)})

    def _meaning(self, name: str) -> str:
        var = self._variables.get(name)
        if name == self._inner or name in OWN or var is None:
            return name
        if isinstance(var, Function):
            return self._function(name, var)
        if isinstance(var, Constant):
            if name not in DEFAULT_CONSTANTS and name not in DEFAULT_UNITS:
                if not describe.constant_dtype(var.dtype):
                    raise Elsewhere(f"constant {name} is of type {var.dtype}")
                self._constants[name] = var
            return name
        if isinstance(var, Subexpression):
            return self._subexpression(name, var)
        if isinstance(var, ArrayVariable):
            return self._array(name, var)
        raise Elsewhere(f"{name} is of class {type(var).__name__}")

    def _function(self, name: str, function: Function) -> str:
        if DEFAULT_FUNCTIONS.get(name) is function:
            return name
        if not isinstance(function, TimedArray) \
                and (not function.stateless or function.auto_vectorise):
            raise Elsewhere(f"{name}() has code of its own that may draw")
        self._functions[name] = function
        return name

    def _subexpression(self, name: str, var: Subexpression) -> str:
        """Typed as its declaration says, evaluated wherever it is named."""
        functions = (self._variables.get(inner) for inner in get_identifiers(var.expr))
        if any(isinstance(inner, Function) and not inner.stateless for inner in functions):
            raise Elsewhere(f"subexpression {name} draws")
        declared = TYPES.get(describe.dtype_name(var.dtype), "")
        found = brian_ast(var.expr, self._variables).dtype
        text = f"({self.told(var.expr)})"
        if found == declared:
            return text
        if (found, declared) == ("integer", "float"):
            return f"(1.0*{text})"
        raise Elsewhere(f"subexpression {name} is {declared}, and {found} as it is written")

    def _array(self, name: str, var: ArrayVariable) -> str:
        index = "0" if var.scalar else self._indices.get(name, "")
        dtype = describe.dtype_name(var.dtype)
        if index not in SIDES:
            raise Elsewhere(f"{name} is read through {index or 'no index'}")
        if dtype not in TYPES:
            raise Elsewhere(f"{name} is of type {dtype}")
        side, suffix = SIDES[index]
        if name not in self._arrays:
            own = f"engram{len(self._arrays)}"
            array = var.get_value()
            self._arrays[name] = own + suffix
            self.lent.append(engine.Lent(side, own, array))
            self.equations[side].append({
                "name": own, "kind": "parameter", "type": TYPES[dtype],
                "flags": "shared" if index == "0" else "",
                "dim": describe.dimensions(var.dim)})
            self.stored[side].append({
                "name": own, "dtype": dtype, "size": int(array.size),
                "scalar": index == "0", "dim": describe.dimensions(var.dim)})
        return self._arrays[name]

    def constants(self) -> list[Element]:
        """`constant` elements."""
        return [describe.constant(name, self._constants[name])
                for name in sorted(self._constants)]

    def functions(self) -> list[Element]:
        """`function` elements: TimedArrays, and functions of the script's own."""
        found = []
        for name, function in sorted(self._functions.items()):
            if isinstance(function, TimedArray):
                found.append(describe.function(name, function))
            else:
                found.append(custom_function(name, function))
                if "reason" in found[-1]:
                    self._reasons[name] = found[-1]["reason"]
        return found

    def given(self) -> list[Given]:
        """Those of them that Python has to compute."""
        found = []
        for name, reason in self._reasons.items():
            one = Given(name, self._functions[name], reason, self._synapses.name)
            one.prepare_for(self._synapses,
                            [(name, text, self._variables) for text in self._texts])
            found.append(one)
        return found


def _document(synapses: Synapses, variables: dict[str, Any], texts: _Texts,
              functions: list[Element], step: Element) -> Element:
    clock, rule = synapses.clock, describe.rng_rule()
    ends: Element = {}
    groups = []
    for side, start, n in ((SOURCE, "_source_offset", "N_pre"),
                           (TARGET, "_target_offset", "N_post")):
        first = _offset(variables, start)
        stop = first + _offset(variables, n)
        sizes = [variable["size"] for variable in texts.stored[side]
                 if not variable["scalar"]]
        groups.append({"name": side, "kind": "neurons", "n": max([stop, *sizes]),
                       "clock": clock.name, "equations": texts.equations[side],
                       "variables": texts.stored[side]})
        ends.update({side: side, f"{side}_start": first, f"{side}_stop": stop})
    return new_document(
        network={"name": "connect", "dialect": f"brian2-{rule.removeprefix('brian-')}",
                 "rng_rule": rule, "origin": "capture", "schedule": [],
                 "clocks": [describe.clock_element(clock)],
                 "functions": functions,
                 "groups": groups,
                 "synapses": [{"name": synapses.name, "clock": clock.name, **ends}],
                 "setup": [step]},
        code={"executables": []},
        state={"t": 0.0, "clocks": [{"name": clock.name, "timestep": 0}]})

