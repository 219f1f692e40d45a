"""A volley of spikes runs through a feed-forward chain, or dies out (Diesmann et al. 1999)."""

from brian2 import *
import brian2engram

set_device('engram')
seed(15)

groups, size = 10, 100
neurons = NeuronGroup(groups*size, '''
    dv/dt = (-62*mV - v + x)/(10*ms) + 3*mV*xi/sqrt(10*ms) : volt (unless refractory)
    dx/dt = (-x + y)/(0.325*ms) : volt
    dy/dt = -y/(0.325*ms) : volt
    ''', threshold='v > -55*mV', reset='v = -70*mV', refractory=1*ms, method='euler')
neurons.v = '-66*mV + 8*mV*(i % size)/size'
chain = Synapses(neurons, neurons, on_pre='y += 4.2*mV', delay=5*ms)
chain.connect('i//size + 1 == j//size')
volleys = SpikeGeneratorGroup(1, [0, 0], [50, 150]*ms)
start = Synapses(volleys, neurons, 'w : volt', on_pre='y += w')
start.connect('j < size')
start.w = 330*mV
spikes = SpikeMonitor(neurons)

run(100*ms)
start.w = 130*mV
run(150*ms)

figure, ax = plt.subplots(figsize=(9, 3), layout='constrained')
brian2engram.plot.raster(spikes, ax=ax)
plt.show()
