"""Integrators derived from the rules against Brian2's own, step by step.

Each step of ours starts from Brian2's values before its step, so that the difference of one
step is seen: at most 1e-12 of the size of the values.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from brian2 import NeuronGroup, Network, StateMonitor, ms, mV, nS, pF, prefs, second
from brian2.core.namespace import get_local_namespace

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "converters" / "brian2engram"))

from brian2engram import describe, document  # noqa: E402

from compare import compare_close, load_reference  # noqa: E402

REFERENCES = Path(__file__).resolve().parent / "references"

STEPS = 20
NAMESPACE = {"tau": 10 * ms, "taue": 5 * ms, "taui": 5 * ms, "El": -49 * mV, "C": 200 * pF,
             "gl": 10 * nS, "Ee": 0 * mV, "Ei": -80 * mV, "ENa": 50 * mV, "EK": -90 * mV,
             "VT": -63 * mV, "g_na": 20000 * nS, "g_kd": 6000 * nS}
CUBA = """dv/dt = (ge+gi-(v-El))/tau : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt"""
GATES = """dv/dt = (gl*(El-v) - 20*nS*(m*m*m)*h*(v-50*mV))/C : volt
dm/dt = alpha*(1-m) - beta*m : 1
dh/dt = 0.128*exp((17*mV-v-63*mV)/(18*mV))/ms*(1-h) - 4./(1+exp((40*mV-v-63*mV)/(5*mV)))/ms*h : 1
alpha = 0.32*(mV**-1)*4*mV/exprel((13*mV-v-63*mV)/(4*mV))/ms : Hz
beta = 0.28*(mV**-1)*5*mV/exprel((v+63*mV-40*mV)/(5*mV))/ms : Hz"""
COBAHH = """dv/dt = (gl*(El-v)+ge*(Ee-v)+gi*(Ei-v)-
         g_na*(m*m*m)*h*(v-ENa)-
         g_kd*(n*n*n*n)*(v-EK))/C : volt
dm/dt = alpha_m*(1-m)-beta_m*m : 1
dn/dt = alpha_n*(1-n)-beta_n*n : 1
dh/dt = alpha_h*(1-h)-beta_h*h : 1
dge/dt = -ge*(1./taue) : siemens
dgi/dt = -gi*(1./taui) : siemens
alpha_m = 0.32*(mV**-1)*4*mV/exprel((13*mV-v+VT)/(4*mV))/ms : Hz
beta_m = 0.28*(mV**-1)*5*mV/exprel((v-VT-40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV-v+VT)/(18*mV))/ms : Hz
beta_h = 4./(1+exp((40*mV-v+VT)/(5*mV)))/ms : Hz
alpha_n = 0.032*(mV**-1)*5*mV/exprel((15*mV-v+VT)/(5*mV))/ms : Hz
beta_n = .5*exp((10*mV-v+VT)/(40*mV))/ms : Hz"""
VDP = """dx/dt = y/second*100 : 1
dy/dt = ((1-x**2)*y - x + sin(300*t/second))*100/second : 1"""
MODELS = [
    ("leak", "dv/dt = (El-v)/tau : volt", "exact", {"v": -0.06}),
    ("two rates", "dv/dt = (w-v)/tau : 1\ndw/dt = -w/taue : 1", "exact", {"v": 0.1, "w": 1.0}),
    ("both ways", "dx/dt = (y-2*x)*100/second : 1\ndy/dt = (x-2*y)*100/second : 1", "exact",
     {"x": 1.0, "y": 0.2}),
    ("cuba", CUBA, "exact", {"v": -0.055, "ge": 0.01, "gi": -0.02}),
    ("per neuron", "dv/dt = -a*v/second + b/second : 1\na : 1\nb : 1", "exact",
     {"v": 0.5, "a": 30.0, "b": 2.0}),
    ("choice: exact", "dv/dt = (El-v)/tau : volt", "", {"v": -0.06}),
    ("choice: euler", "dv/dt = I/tau : 1\nI = v**2/3 + 1/3 : 1", "", {"v": 0.4}),
    ("euler", VDP, "euler", {"x": 0.5, "y": 1.0}),
    ("rk2", VDP, "rk2", {"x": 0.5, "y": 1.0}),
    ("rk4", VDP, "rk4", {"x": 0.5, "y": 1.0}),
    ("heun", VDP, "heun", {"x": 0.5, "y": 1.0}),
    ("gates", GATES, "exponential_euler", {"v": -0.05, "m": 0.1, "h": 0.6}),
    ("cobahh", COBAHH, "exponential_euler",
     {"v": -0.06, "m": 0.05, "n": 0.3, "h": 0.6, "ge": 4e-8, "gi": 2e-7}),
    ("milstein", VDP, "milstein", {"x": 0.5, "y": 1.0}),
    ("independent", "dv/dt = (w-v)/tau : 1\ndw/dt = -w/taue : 1\ndx/dt = v/tau : 1",
     "independent", {"v": 0.1, "w": 1.0, "x": 0.3}),
    ("rate only", "dv/dt = -v*tanh(v)/tau : 1\ndw/dt = v/tau : 1", "exponential_euler",
     {"v": 0.7, "w": 0.1}),
]


@pytest.fixture(scope="module")
def stepper():
    return os.environ.get("ENGRAM_DERIVE_STEP") or str(ROOT / "build" / "bin" / "derive_step")


def stepped(stepper, path, group, names, steps, size):
    """Values before the first and after each step: [step, variable, element]."""
    done = subprocess.run([stepper, path, group, ",".join(names), str(steps)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    values = np.array([[float.fromhex(word) for word in line.split()]
                       for line in done.stdout.splitlines()])
    return values.reshape(steps + 1, len(names), size), done.stderr


def brian2_steps(equations, method, start, refractory):
    """(group, name -> rows before each step and after the last, one column a neuron)."""
    prefs.codegen.target = "numpy"
    choice = {"method": method} if method else {}
    group = NeuronGroup(3, equations, namespace=NAMESPACE, threshold="False" if refractory else None,
                        refractory=2 * ms if refractory else False, **choice)
    for name, value in start.items():
        group.variables[name].get_value()[:] = value * np.array([1.0, 0.9, 1.3])
    monitor = StateMonitor(group, list(start), record=True)
    network = Network(group, monitor)
    network.run((STEPS + 1) * group.clock.dt, namespace={})
    return group, {name: monitor.variables[name].get_value()[:STEPS + 1] for name in start}


def document_of(group, method, refractory, start, rows, step):
    """A document without code whose state is Brian2's before `step`."""
    equations = [describe.equation(single, group) for single in group.user_equations.values()]
    constants = [{"name": name, "dtype": "float64", "value": float(value),
                  "dim": describe.dimensions(value.dim)} for name, value in NAMESPACE.items()]
    arrays = [{"name": f"{group.name}.{name}", "owner": group.name, "variable": name,
               "data": np.array(rows[name][step], dtype=np.float64)} for name in start]
    element = {"name": group.name, "kind": "neurons", "n": 3, "clock": "defaultclock",
               "method": method, "equations": equations, "constants": sorted(
                   constants, key=lambda item: item["name"])}
    if refractory:
        element.update(refractory="0.002*second", refractory_kind="time")
    network = {"dialect": "brian2-runtime", "rng_rule": "brian-runtime", "origin": "export",
               "schedule": ["start", "groups", "thresholds", "synapses", "resets", "end"],
               "clocks": [{"name": "defaultclock", "dt": float(group.clock.dt_)}],
               "groups": [element]}
    state = {"t": 0.0, "clocks": [], "arrays": arrays, "queues": []}
    return document.new_document(network=network, state=state)


@pytest.mark.parametrize("name,equations,method,start", MODELS, ids=[m[0] for m in MODELS])
def test_a_step_is_brian2s(name, equations, method, start, stepper, tmp_path):
    refractory = "refractory" in equations
    group, rows = brian2_steps(equations, method, start, refractory)
    path = tmp_path / "x.mpk"
    timed = "*t/" in equations  # time runs from zero in the stepper: all steps in one go
    first = [0] if timed else range(STEPS)
    for step in first:
        document.write(path, document_of(group, method, refractory, start, rows, step))
        mine, text = stepped(stepper, path, group.name, list(start), STEPS if timed else 1, 3)
        for column, variable in enumerate(start):
            wanted = rows[variable][step:step + len(mine)]
            size = np.abs(rows[variable]).max()
            allowed = 1e-12 * (STEPS if timed else 1)
            error = np.abs(mine[:, column] - wanted).max() / size
            assert error <= allowed, f"{variable}, step {step}: {error}\n{text}"


# ---- the example networks, from a stock export ------------------------------------------


def around_updates(script, names, steps, monkeypatch):
    """Brian2's values of the neurons right before and right after each state update."""
    found = {}
    original = Network.run

    def run(net, duration, level=0, **_):
        group, = (obj for obj in net.objects if isinstance(obj, NeuronGroup))
        record = [StateMonitor(group, [*names, "lastspike", "not_refractory"], record=True,
                               when=f"{when}_groups") for when in ("before", "after")]
        net.objects.update(record)
        original(net, steps * group.clock.dt, namespace=get_local_namespace(level + 1))
        found.update(dt=float(group.clock.dt_), rows=[
            {name: np.array(monitor.variables[name].get_value())
             for name in monitor.record_variables} for monitor in record])
        raise KeyboardInterrupt

    monkeypatch.setattr(Network, "run", run)
    monkeypatch.setitem(prefs, "codegen.target", "numpy")
    with pytest.raises(KeyboardInterrupt):
        runpy.run_path(str(script))
    return found["dt"], found["rows"]


@pytest.mark.parametrize("name", ["cuba", "cuba_delays", "cobahh"])
def test_updates_derived_from_a_stock_export_are_brian2s(name, stepper, tmp_path, monkeypatch):
    script = ROOT / "docs" / "examples" / f"{name}.py"
    path = tmp_path / "stock.mpk"
    stand_ins = str(ROOT / "tests" / "support" / "python")
    subprocess.run([sys.executable, "-m", "brian2engram", "capture", "--exporter", script, "-o",
                    path], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(
                        [stand_ins, str(ROOT / "converters" / "brian2engram")])})
    content = document.read(path)
    network = content["network"]
    group, = (group for group in network["groups"] if group["kind"] == "neurons")
    names = [e["name"] for e in group["equations"] if e["kind"] == "differential"]
    steps = 200
    dt, (before, after) = around_updates(script, names, steps, monkeypatch)
    content["network"] = {key: value for key, value in network.items()
                          if key not in ("synapses", "monitors", "setup", "runs")}
    content["network"]["groups"] = [group]
    assert (before["not_refractory"][-1] == 0).any()  # the refractory are among them
    for step in range(0, steps, 10):
        state = {variable: rows[step] for variable, rows in before.items()}
        state["lastspike"] = state["lastspike"] - step * dt  # the stepper starts at zero
        content["state"] = {"t": 0.0, "clocks": [], "queues": [], "arrays": [
            {"name": f"{group['name']}.{variable}", "owner": group["name"],
             "variable": variable, "data": value} for variable, value in state.items()]}
        document.write(path, content)
        mine, text = stepped(stepper, path, group["name"], names, 1, group["n"])
        for column, variable in enumerate(names):
            assert mine[0, column].tobytes() == before[variable][step].tobytes()
            wanted = after[variable][step]
            error = np.abs(mine[1, column] - wanted).max()
            assert error <= 1e-12 * np.abs(wanted).max(), \
                f"{variable}, step {step}: {error}\n{text}"


@pytest.mark.parametrize("name", ["milstein", "heun", "noise", "noise_unread"])
def test_noisy_steps_from_the_rules_are_brian2s(name, engram, tmp_path):
    """Whole runs, noise drawn in the order that the rules have from Brian2."""
    engram("run", REFERENCES / f"{name}.mpk", "--from", "rules", "--math", "strict", "--out",
           tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as results:
        reference, _ = load_reference(REFERENCES / f"{name}.npz")
        assert not (difference := compare_close(results, reference, 1e-12)), str(difference)


@pytest.mark.parametrize("name", ["gsl", "gsl_options", "gsl_refractory", "gsl_second_run",
                                  "gsl_synapses"])
def test_adaptive_steps_from_the_rules_have_brian2s_results(name, engram, tmp_path):
    """Step sizes follow the rounding of derivatives; results stay within the errors asked for,
    spikes and numbers of steps are the same."""
    engram("run", REFERENCES / f"{name}.mpk", "--from", "rules", "--math", "strict", "--out",
           tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as results:
        reference, _ = load_reference(REFERENCES / f"{name}.npz")
        assert not (difference := compare_close(results, reference, 1e-9)), str(difference)
