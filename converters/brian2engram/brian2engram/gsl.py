"""GSL's integrators, as Brian2 generates code for them (brian2/stateupdaters/GSL.py).

Their code computes derivatives, ``_gsl_<variable>_f<number>``, which GSL integrates within each
step; what lasts from step to step is in arrays of the group that Brian2 makes when it first
translates the code. A capture translates nothing, so both are prepared here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from brian2.core.variables import AuxiliaryVariable
from brian2.stateupdaters.GSL import GSLContainer, default_method_options

TEMPLATE = "gsl"  #: of an executable; Brian2 says stateupdate here, too
CLASSES = ("GSLCythonCodeObject",)
#: option that asks for it -> (array of the group or synapses, type)
ARRAYS = {"use_last_timestep": ("_last_timestep", np.float64),
          "save_failed_steps": ("_failed_steps", np.int32),
          "save_step_count": ("_step_count", np.int32)}


def is_gsl(codeobj_class: Any) -> bool:
    """Whether a code object is to be one of GSL: only the class tells."""
    return codeobj_class is not None and codeobj_class.__name__ in CLASSES


def brian2s_template(name: str) -> str:
    """What Brian2 calls the template of an executable."""
    return "stateupdate" if name == TEMPLATE else name


@contextmanager
def prepared_for_any_target() -> Iterator[None]:
    """Brian2 looks for GSL's code objects by target, and knows none for numpy."""
    original = GSLContainer.get_codeobj_class

    def cython(_: GSLContainer) -> Any:
        from brian2.codegen.runtime.GSLcython_rt import GSLCythonCodeObject
        return GSLCythonCodeObject

    GSLContainer.get_codeobj_class = cython
    try:
        yield
    finally:
        GSLContainer.get_codeobj_class = original


def add_arrays(owner: Any, updater: Any) -> list[str]:
    """Make what the options ask for and is not there, as Brian2 does; names of what is new."""
    new = []
    size = int(owner.variables["N"].get_value())
    for option, (name, dtype) in ARRAYS.items():
        if updater.method_options[option] and name not in owner.variables:
            values = np.ones(size) * owner.clock.dt_ if dtype is np.float64 else None
            owner.variables.add_array(name, size=size, values=values, dtype=dtype)
            new.append(name)
    return new


def add_array(owner: Any, name: str, size: int) -> None:
    """Make one of those arrays before Brian2 does, which then keeps it; no other name."""
    for known, dtype in ARRAYS.values():
        if name == known:
            owner.variables.add_array(name, size=size, dtype=dtype)


def remove_arrays(owner: Any, names: list[str]) -> None:
    """Take away what ``add_arrays`` made."""
    for name in names:
        del owner.variables._variables[name]
        owner.variables.indices.pop(name, None)


def with_rates(abstract_code: Mapping[str | None, str],
               variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of GSL's code with its derivatives, one value an element."""
    tagged = re.findall(r"^(_gsl_\w+_f\d+) = ", "\n".join(abstract_code.values()), re.M)
    return {**variables, **{name: AuxiliaryVariable(name, dtype=np.float64, scalar=False)
                            for name in tagged}}


def method(updater: Any) -> str:
    """Name of the integrator of a prepared state updater if it is one of GSL; else ''."""
    return f"gsl_{updater.integrator}" if is_gsl(getattr(updater, "codeobj_class", None)) else ""


def options(updater: Any) -> str:
    """All options of such an integrator as a JSON object, numbers in SI base units."""
    found = dict(updater.method_options)
    per_variable = found["absolute_error_per_variable"]
    if per_variable is not None:
        found["absolute_error_per_variable"] = {
            name: float(error) for name, error in per_variable.items()}
    found["absolute_error"] = float(found["absolute_error"])
    return json.dumps(found, sort_keys=True)


def are_defaults(name: str, found: Mapping[str, Any]) -> bool:
    """Whether options are those of a method of GSL that was given none."""
    return name.startswith("gsl") and dict(found) == default_method_options
