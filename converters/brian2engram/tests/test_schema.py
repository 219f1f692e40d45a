"""The mirror of schema.def agrees with it, by the generator and by a second parser."""

from __future__ import annotations

import runpy

import validate
from brian2engram.schema import ELEMENTS
from conftest import PACKAGE


def test_mirror_is_what_the_generator_writes():
    tool = runpy.run_path(str(PACKAGE / "tools" / "generate_schema.py"))
    assert tool["main"](["--check"]) == 0


def test_mirror_agrees_with_an_independent_reading():
    elements = validate.load()
    assert list(ELEMENTS) == list(elements)
    for name, fields in elements.items():
        assert [field.name for field in ELEMENTS[name]] == list(fields)
        for field in ELEMENTS[name]:
            kind, required, default, sub = fields[field.name]
            assert (field.kind.upper(), field.required, field.element) == (kind, required, sub)
            if kind in ("F64", "I64", "FLAG"):
                assert field.default == default and type(field.default) is type(default)
