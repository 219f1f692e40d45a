"""GSL's options: errors of each variable, steps that start anew, a fixed step, counts kept."""
from brian2 import *

tau = 3 * ms
model = """dv/dt = (-70 * mV - v + u + I * sin(2 * pi * t / ms)) / tau : volt
           du/dt = -u / (0.2 * ms) * (1 + v / (50 * mV)) ** 2 : volt
           I : volt"""
counts = {"save_failed_steps": True, "save_step_count": True}
A = NeuronGroup(3, model, method="gsl_rk2", method_options={
    "absolute_error_per_variable": {"u": 0.1 * nvolt}, "absolute_error": 1e-8, "max_steps": 500,
    **counts}, name="A")
B = NeuronGroup(3, model, method="gsl_rkck", method_options={
    "use_last_timestep": False, "absolute_error": 1e-10, **counts}, name="B")
C = NeuronGroup(3, model, method="gsl_rk4", method_options={
    "adaptable_timestep": False, "absolute_error": 1e-1, "use_last_timestep": False,
    "save_step_count": True}, name="C")
D = NeuronGroup(2, model, method=("exact", "gsl_rk4", "euler"), name="D")
for group in (A, B, C, D):
    group.v, group.u, group.I = -60 * mV, "10 * (1 + i) * mV", "(5 + i) * mV"
traces = [StateMonitor(group, ["v", "u"], True, name="trace" + group.name)
          for group in (A, B, C, D)]
net = Network(collect(), traces)
net.run(4 * ms)
