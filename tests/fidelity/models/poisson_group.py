"""PoissonGroup: rates of an array (zero too), of a text with t and i, of a 2d TimedArray."""
from brian2 import *

A = PoissonGroup(6, rates=[0, 50, 100, 500, 2000, 10000] * Hz, name="A")
B = PoissonGroup(4, rates="(1 + i) * 100 * Hz * (1 + sin(2 * pi * 50 * Hz * t))", name="B")
stimulus = TimedArray([[0, 100], [500, 0], [300, 900]] * Hz, dt=7 * ms, name="stimulus")
C = PoissonGroup(2, rates="stimulus(t, i)", order=-3, name="C")
monitors = [SpikeMonitor(group, name="spikes" + group.name) for group in (A, B, C)]
part = SpikeMonitor(A[3:5], name="part")
seed(7)
net = Network(collect(), monitors)
net.run(40 * ms)
