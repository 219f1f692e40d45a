"""The same round trip where Brian2 compiles: its buffers of random numbers, its queues."""

from __future__ import annotations

import os
import subprocess
import sys

from conftest import PACKAGE, TESTS

#: of what only compiled code has: both buffers of random numbers, queues, sums, events
NAMES = ["one_poisson_input", "binomial_functions", "poisson_groups", "multisynaptic_index",
         "events_without_spikes", "kuramoto_oscillators"]

SCRIPT = """
import sys
sys.path[:0] = {paths!r}
sys.dont_write_bytecode = True
import brian2
brian2.prefs.codegen.target = "cython"
brian2.prefs.codegen.runtime.cython.cache_dir = {cache!r}
brian2.prefs.codegen.cpp.extra_compile_args = ["-w", "-O0"]  # soon compiled, for both
brian2.BrianLogger.suppress_name("unused_brian_object")
from brian2.codegen.runtime.cython_rt.extension_manager import cython_extension_manager
import brian2engram
from brian2 import ms
from brian2engram import document, snapshot
from import_models import MODELS
from roundtrip import apart, contents, differences, random_state

buffered = set()
for name in {names!r}:
    brian2.seed(12345)
    net = MODELS[name]()
    net.run(1.1*ms, namespace={{}})
    brian2engram.save({first!r}, net, duration=2*ms, namespace={{}})
    net.run(2*ms, namespace={{}})
    wanted, drawn = contents(net), snapshot.random_state()
    buffered |= {{"uniforms", "normals"}} & drawn.keys()
    again = brian2engram.import_network({first!r})
    brian2engram.save({second!r}, again, duration=2*ms, namespace={{}})
    assert apart(document.read({first!r}), document.read({second!r})) == [], name
    brian2engram.run_stages(again)
    assert differences(wanted, contents(again)) == [], name
    assert apart(drawn, snapshot.random_state()) == [], name
    kinds = {{code.__class__.__name__ for obj in again.sorted_objects for code in obj.code_objects}}
    assert kinds == {{"CythonCodeObject"}}, (name, kinds)
assert buffered == {{"uniforms", "normals"}}
print("six")
"""


def test_six_models_under_cython(tmp_path):
    """In a process of its own: what is compiled is loaded for good."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(paths=[str(PACKAGE), str(TESTS)], names=NAMES,
                                    cache=str(tmp_path / "cache"),
                                    first=str(tmp_path / "first.mpk"),
                                    second=str(tmp_path / "second.mpk")))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().endswith("six") and "Error compiling" not in done.stderr
