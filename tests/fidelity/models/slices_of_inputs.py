"""Slices of Poisson groups and of neurons as sources; a slice in the middle hears its own alone."""
from brian2 import *

P = PoissonGroup(8, "100 * Hz * (i + 1)", name="P")
G = NeuronGroup(4, "x : 1\nn : integer", name="G")
S = Synapses(P[2:6], G, on_pre="x_post = x_post * 0.9 + i; n_post += 1", delay=0.2 * ms, name="S")
S.connect(condition="i >= j")
T = Synapses(P[6:], G[1:3], on_pre="x_post -= 0.5 * j", name="T")
T.connect()
spikes = SpikeMonitor(P[2:6], name="spikes")
rate = PopulationRateMonitor(P[6:], name="rate")
trace = StateMonitor(G, ["x", "n"], record=True, name="trace")
seed(8)
run(20 * ms)
