"""Plasticity by the timing of spikes drives weights apart (Song, Miller, Abbott 2000)."""

from brian2 import *
import brian2engram

set_device('engram')
seed(10)

gmax = 0.01
inputs = PoissonGroup(1000, rates=15*Hz)
neuron = NeuronGroup(1, '''
    dv/dt = (ge*(0*mV - v) + (-74*mV - v))/(10*ms) : volt
    dge/dt = -ge/(5*ms) : 1
    ''', threshold='v > -54*mV', reset='v = -60*mV', method='euler')
neuron.v = -74*mV
synapses = Synapses(inputs, neuron, '''
    w : 1
    dpre/dt = -pre/(20*ms) : 1 (event-driven)
    dpost/dt = -post/(20*ms) : 1 (event-driven)
    ''', on_pre='''
    ge += w
    pre += 0.1*gmax
    w = clip(w + post, 0, gmax)
    ''', on_post='''
    post -= 0.105*gmax
    w = clip(w + pre, 0, gmax)
    ''')
synapses.connect()
synapses.w = 'rand()*gmax'
before = np.array(synapses.w)
spikes = SpikeMonitor(neuron)
weights = StateMonitor(synapses, 'w', record=np.arange(10), dt=10*ms)

run(1*second)

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout='constrained')
brian2engram.plot.traces(weights, 'w', ax=left)
right.hist([before/gmax, synapses.w/gmax], 20, label=['before', 'after'])
right.set(xlabel='w / gmax', ylabel='synapses')
right.legend()
plt.show()
