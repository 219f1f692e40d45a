"""Excitation and inhibition in balance: irregular spikes without noise (CUBA, Brette et al. 2007)."""

from brian2 import *
import brian2engram

set_device('engram')
seed(4711)

neurons = NeuronGroup(4000, '''
    dv/dt  = (ge + gi - (v + 49*mV))/(20*ms) : volt (unless refractory)
    dge/dt = -ge/(5*ms) : volt
    dgi/dt = -gi/(10*ms) : volt
    ''', threshold='v > -50*mV', reset='v = -60*mV', refractory=5*ms, method='exact')
neurons.v = '-60*mV + rand()*10*mV'
excite = Synapses(neurons, neurons, on_pre='ge += 1.62*mV')
inhibit = Synapses(neurons, neurons, on_pre='gi -= 9*mV')
excite.connect('i < 3200', p=0.02)
inhibit.connect('i >= 3200', p=0.02)
spikes = SpikeMonitor(neurons)

run(300*ms)

figure, (top, bottom) = plt.subplots(2, 1, figsize=(9, 4), layout='constrained', sharex=True)
brian2engram.plot.raster(spikes, ax=top)
brian2engram.plot.rate(spikes, bin=2*ms, ax=bottom)
plt.show()
