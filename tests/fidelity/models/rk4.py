"""rk4: three coupled equations, a TimedArray at the stages."""
from brian2 import *

drive = TimedArray([0, 1, 0.5, -0.25], dt=5 * ms, name="drive")
G = NeuronGroup(3, """dx/dt = 10 * (y - x) / (50 * ms) : 1
                      dy/dt = (x * (28 - z) - y + drive(t)) / (50 * ms) : 1
                      dz/dt = (x * y - 8 / 3. * z) / (50 * ms) : 1""", method="rk4", name="G")
G.x, G.y, G.z = "1 + i", 1, 20
trace = StateMonitor(G, ["x", "y", "z"], record=True, name="trace")
run(30 * ms)
