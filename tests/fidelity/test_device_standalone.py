"""set_device('engram', rng='brian-standalone'): a script that is seeded draws the numbers of the
program that Brian2's cpp_standalone makes of it (committed: standalone.py)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
MODELS = ["connect_probability", "noise", "poisson_synapses", "random_synapses", "refractory_noise",
          "stdp", "synaptic_noise"]
CHILD = """
import runpy, sys
import brian2
import brian2engram
import numpy as np
from standalone import MODELS, SEED, owner_of

model, rule, out = sys.argv[1:]
brian2.prefs.codegen.loop_invariant_optimisations = False
brian2.set_device("engram", rng=rule, math="strict")
brian2.seed(SEED)
kept = runpy.run_path(str(MODELS / f"{model}.py"), run_name="__main__")
found = {}
for variable in brian2.get_device().arrays:
    try:
        found[f"final|{owner_of(variable)}|{variable.name}"] = variable.get_value().ravel()
    except (ReferenceError, NotImplementedError):  # a slice that the script did not keep
        pass
np.savez(out, **found)
"""


def run(model, rule, out):
    path = os.pathsep.join([str(HERE), str(HERE.parent / "support" / "python"),
                            os.environ.get("PYTHONPATH", "")])
    subprocess.run([sys.executable, "-c", CHILD, model, rule, out], check=True,
                   capture_output=True, env=dict(os.environ, PYTHONHASHSEED="0", PYTHONPATH=path))
    with np.load(out) as data:
        return {key: data[key] for key in data.files}


def differences(model, mine):
    """Names of state and records that differ by more than rounding; how many were compared."""
    found, compared = [], 0
    with np.load(HERE / "standalone" / f"{model}.npz") as data:
        assert json.loads(str(data["meta"]))["flags"]
        for key in data.files:
            _, owner, variable = key.split("|") if key != "meta" else ("", "clock", "")
            hidden = variable[:1] == "_" and variable not in ("_synaptic_pre", "_synaptic_post")
            if key not in mine or "clock" in owner or hidden:
                continue
            have, want = mine[key], data[key]
            scale = np.abs(want).max(initial=0, where=np.isfinite(want)) \
                if want.dtype.kind == "f" else 0
            compared += 1
            if have.shape != want.shape or not np.allclose(have, want, rtol=0, atol=1e-10 * scale,
                                                           equal_nan=True):
                found.append(key)
    return found, compared


@pytest.mark.parametrize("model", MODELS)
def test_numbers_are_those_of_standalone(model, tmp_path):
    found, compared = differences(model, run(model, "brian-standalone", tmp_path / "s.npz"))
    assert not found and compared > 10


def test_those_of_the_runtime_are_others(tmp_path):
    found, _ = differences("random_synapses", run("random_synapses", "brian-runtime",
                                                  tmp_path / "r.npz"))
    assert found
