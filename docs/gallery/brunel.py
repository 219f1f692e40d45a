"""A sparse network with delays and noisy drive oscillates, its neurons do not (Brunel 2000)."""

from brian2 import *
import brian2engram

set_device('engram')
seed(20)

tau, J = 20*ms, 0.2*mV
neurons = NeuronGroup(2500, 'dv/dt = (24*mV - v)/tau + 4*mV*xi/sqrt(tau) : volt (unless refractory)',
                      threshold='v > 20*mV', reset='v = 10*mV', refractory=2*ms, method='euler')
neurons.v = '10*mV*rand()'
excite = Synapses(neurons[:2000], neurons, on_pre='v_post += J', delay=1.5*ms)
inhibit = Synapses(neurons[2000:], neurons, on_pre='v_post -= 5*J', delay=1.5*ms)
excite.connect(p=0.1)
inhibit.connect(p=0.1)
spikes = SpikeMonitor(neurons)
rates = PopulationRateMonitor(neurons)

run(200*ms)

figure, (top, bottom) = plt.subplots(2, 1, figsize=(9, 4), layout='constrained', sharex=True)
brian2engram.plot.raster(spikes, ax=top)
brian2engram.plot.rate(rates, bin=0.5*ms, ax=bottom)
plt.show()
