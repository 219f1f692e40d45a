"""gsl: a stiff oscillator, a TimedArray and time within the step, last steps kept."""
from brian2 import *

drive = TimedArray([0, 0.5, 1.5, -1], dt=1.5 * ms)
G = NeuronGroup(4, """dx/dt = (y - x ** 3 / 3 + x + drive(t)) * mu / ms : 1
                      dy/dt = (0.3 * sin(2 * pi * t / (3 * ms)) - x) / mu / ms : 1
                      mu : 1""", method="gsl", name="G")
G.mu, G.x, G.y = "1 + 3 * i", "0.1 * i", 0.2
trace = StateMonitor(G, ["x", "y"], record=True, name="trace")
run(8 * ms)
