"""Poisson drive, event-driven STDP with on_pre and on_post, clip, a homogeneous delay."""
from brian2 import *

seed(11)
taum, taupre, taupost = 10 * ms, 20 * ms, 20 * ms
gmax, dApre = 0.01, 0.01
dApost = -dApre * taupre / taupost * 1.05 * gmax
dApre = dApre * gmax
Ee, vt, vr, El, taue = 0 * mV, -54 * mV, -60 * mV, -74 * mV, 5 * ms

source = PoissonGroup(200, rates=80 * Hz)
neurons = NeuronGroup(2, """dv/dt = (ge * (Ee - v) + El - v) / taum : volt
                            dge/dt = -ge / taue : 1""",
                      threshold="v > vt", reset="v = vr", method="euler")
neurons.v = vr
synapses = Synapses(source, neurons, """w : 1
                                        dApre/dt = -Apre / taupre : 1 (event-driven)
                                        dApost/dt = -Apost / taupost : 1 (event-driven)""",
                    on_pre="""ge += w
                              Apre += dApre
                              w = clip(w + Apost, 0, gmax)""",
                    on_post="""Apost += dApost
                               w = clip(w + Apre, 0, gmax)""", delay=0.3 * ms)
synapses.connect()
synapses.w = "rand() * gmax"
spikes_in = SpikeMonitor(source)
spikes_out = SpikeMonitor(neurons)
weights = StateMonitor(synapses, "w", record=[0, 17, 399], dt=5 * ms)
rates = PopulationRateMonitor(source)
run(400 * ms)
