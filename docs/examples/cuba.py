"""CUBA: leaky integrate-and-fire neurons with exponential synaptic currents.

Benchmark 2 of Brette et al. (2007), "Simulation of networks of spiking neurons: a review of
tools and strategies", J. Comput. Neurosci. 23, 349-398, after Brian2's example CUBA.py.
"""

from brian2 import *

seed(4711)

taum = 20*ms
taue = 5*ms
taui = 10*ms
Vt = -50*mV
Vr = -60*mV
El = -49*mV

eqs = '''
dv/dt  = (ge+gi-(v-El))/taum : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt
'''

P = NeuronGroup(4000, eqs, threshold='v>Vt', reset='v = Vr', refractory=5*ms,
                method='exact')
P.v = 'Vr + rand() * (Vt - Vr)'
P.ge = 0*mV
P.gi = 0*mV

we = (60*0.27/10)*mV  # excitatory synaptic weight (voltage)
wi = (-20*4.5/10)*mV  # inhibitory synaptic weight
Ce = Synapses(P, P, on_pre='ge += we')
Ci = Synapses(P, P, on_pre='gi += wi')
Ce.connect('i<3200', p=0.02)
Ci.connect('i>=3200', p=0.02)

spikes = SpikeMonitor(P)
traces = StateMonitor(P, ['v', 'ge', 'gi'], record=[0, 100, 3200, 3999])

run(1*second)

print(f'{spikes.num_spikes} spikes, {spikes.num_spikes/4000:.2f} Hz per neuron')
