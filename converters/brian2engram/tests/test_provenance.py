"""Whose a document is and what took part in making it."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import datetime
from importlib import metadata

import brian2
import brian2engram
import h5py
import numpy
import pytest
from brian2 import Network, NeuronGroup, ms
from brian2engram import document, provenance

ENGRAM = os.environ.get("ENGRAM_CLI")
ARGUMENTS = {"title": "A title", "authors": ["One", "Two"], "doi": "10.1000/1",
             "licence": "CC0-1.0"}


def saved(out, **keywords):
    net = Network(NeuronGroup(1, "dv/dt = -v/(10*ms) : 1", method="exact", name="G"))
    brian2engram.save(out, net, 1 * ms, namespace={}, **keywords)
    return document.read(out)["provenance"]


def told(found):
    return {**found, "authors": list(found["authors"])}


def test_arguments_and_the_script_that_calls(out):
    found = told(saved(out, **ARGUMENTS))
    assert {key: found[key] for key in ARGUMENTS} == ARGUMENTS
    assert found["script_name"] == "test_provenance.py"
    with open(__file__, encoding="utf-8") as file:
        assert found["script"] == file.read()


def test_an_export_has_the_same(out):
    brian2engram.pack([], out, **ARGUMENTS)
    found = told(document.read(out)["provenance"])
    assert {key: found[key] for key in ARGUMENTS} == ARGUMENTS
    assert found["script_name"] == "test_provenance.py"
    assert set(found) == set(saved(out, **ARGUMENTS))


def test_one_author_is_a_list_of_one(out):
    assert told(saved(out, authors="One"))["authors"] == ["One"]


def test_what_can_be_found_out(out):
    found = saved(out)
    datetime.strptime(found["created"], "%Y-%m-%dT%H:%M:%SZ")
    assert platform.system() in found["platform"] and platform.machine() in found["platform"]
    assert found["cpu"] == provenance.cpu_text() != ""
    versions = {item["name"]: item["version"] for item in found["versions"]}
    assert versions["Brian2"] == brian2.__version__
    assert versions["numpy"] == numpy.__version__
    assert versions["Python"] == platform.python_version()
    assert versions["msgpack"] == metadata.version("msgpack")
    assert {"brian2engram", "sympy"} <= set(versions)
    preferences = {item["name"]: item["version"] for item in found["preferences"]}
    assert preferences["core.default_float_dtype"] == "float64"
    assert preferences["codegen.target"] == "numpy"
    assert set(preferences) == set(provenance.PREFERENCES)


@pytest.mark.parametrize("library, machine, flags, text", [
    ("glibc 2.36", "x86_64", "avx2 fma", "glibc 2.36 fma"),
    ("glibc 2.36", "x86_64", "sse2 fma4", "glibc 2.36 sse2"),
    ("glibc 2.36", "aarch64", "fp asimd", "glibc 2.36"),
    ("", "x86_64", "fma", "unknown")])
def test_the_words_for_a_c_library(monkeypatch, library, machine, flags, text):
    monkeypatch.setattr(provenance.os, "confstr", lambda name: library)
    monkeypatch.setattr(provenance.platform, "machine", lambda: machine)
    monkeypatch.setattr(provenance, "cpu_field", lambda name: flags)
    assert provenance.libm_text() == text


def test_the_engine_has_the_same_words_for_its_c_library(out):
    libm = saved(out)["libm"]
    assert libm == provenance.libm_text()
    if ENGRAM is None:
        return
    results = out.parent / "out.h5"
    subprocess.run([ENGRAM, "run", out, "--out", results], check=True, capture_output=True)
    with h5py.File(results) as file:
        assert file["runs/0"].attrs["libm"].decode() == libm
