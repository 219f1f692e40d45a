"""GSL goes on where the last run left its steps; the time step has grown since.

# Captured at run 2.
"""
from brian2 import *

G = NeuronGroup(3, """dx/dt = y / ms : 1
                      dy/dt = ((1 + i) * (1 - x ** 2) * y - x) / ms : 1""", method="gsl_rkck",
                method_options={"save_failed_steps": True}, name="G")
G.x = "1 + 0.5 * i"
trace = StateMonitor(G, ["x", "y"], record=True, name="trace")
net = Network(collect())
net.run(3 * ms)
defaultclock.dt = 0.25 * ms
net.run(6 * ms)
