"""milstein: multiplicative diagonal noise, several sources."""
from brian2 import *

G = NeuronGroup(3, """dx/dt = -x / (10 * ms) + 0.2 * x * xi_a / ms ** 0.5 : 1
                      dy/dt = (x - y) / (10 * ms) + 0.3 * y * xi_b / ms ** 0.5 : 1""",
                method="milstein", name="G")
G.x, G.y = 1, 0.5
trace = StateMonitor(G, ["x", "y"], record=True, name="trace")
run(20 * ms)
