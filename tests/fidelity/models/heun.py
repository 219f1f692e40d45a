"""heun: multiplicative noise, one and two sources, shared between equations."""
from brian2 import *

G = NeuronGroup(3, """dx/dt = -x / (10 * ms) + 0.2 * x * xi_a / ms ** 0.5 + 0.1 * y * xi_b / ms ** 0.5 : 1
                      dy/dt = (x - y) / (10 * ms) + 0.3 * y * xi_a / ms ** 0.5 : 1""",
                method="heun", name="G")
G.x, G.y = 1, 0.5
H = NeuronGroup(2, "dx/dt = -x / (10 * ms) + 0.2 * (1 + x ** 2) * xi / ms ** 0.5 : 1",
                method="heun", name="H")
trace = StateMonitor(G, ["x", "y"], record=True, name="trace")
single = StateMonitor(H, "x", record=True, name="single")
run(20 * ms)
