"""A cortical column of a thousand simple neurons with noisy input (Izhikevich 2003)."""

from brian2 import *
import brian2engram

set_device('engram')
seed(6)

neurons = NeuronGroup(1000, '''
    dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1
    du/dt = a*(b*v - u)/ms : 1
    I : 1
    a : 1
    b : 1
    c : 1
    d : 1
    noise : 1
    ''', threshold='v > 30', reset='v = c; u += d', method='euler')
x = np.random.rand(1000)
inhibitory = np.arange(1000) >= 800
neurons.a = np.where(inhibitory, 0.02 + 0.08*x, 0.02)
neurons.b = np.where(inhibitory, 0.25 - 0.05*x, 0.2)
neurons.c = np.where(inhibitory, -65, -65 + 15*x**2)
neurons.d = np.where(inhibitory, 2, 8 - 6*x**2)
neurons.noise = np.where(inhibitory, 2, 5)
neurons.v = -65
neurons.u = 'b*v'
neurons.run_regularly('I = noise*randn()', dt=1*ms)
synapses = Synapses(neurons, neurons, 'w : 1', on_pre='I_post += w')
synapses.connect(p=0.1)
weights = np.random.rand(len(synapses))
synapses.w = np.where(synapses.i[:] >= 800, -10*weights, 5*weights)
spikes = SpikeMonitor(neurons)

run(400*ms)

figure, ax = plt.subplots(figsize=(9, 3), layout='constrained')
brian2engram.plot.raster(spikes, ax=ax)
plt.show()
