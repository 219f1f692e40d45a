"""euler with additive noise: xi, two named sources, one source in two equations."""
from brian2 import *

tau = 5 * ms
G = NeuronGroup(3, "dx/dt = -x / tau + 0.5 * tau ** -0.5 * xi : 1", method="euler", name="G")
H = NeuronGroup(3, """dy/dt = -y / tau + s * xi_one + 0.1 * s * xi_two : 1
                      dz/dt = (y - z) / tau + s * xi_one : 1
                      s : hertz ** 0.5 (constant)""", method="euler", name="H")
H.s = "(10 + i) * hertz ** 0.5"
one = StateMonitor(G, "x", record=True, name="one")
two = StateMonitor(H, ["y", "z"], record=True, name="two")
run(20 * ms)
