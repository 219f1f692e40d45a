"""A synapse that tires and one that warms up (Tsodyks, Pawelzik, Markram 1998)."""

from brian2 import *
import brian2engram

set_device('engram')

times = np.concatenate([np.arange(1, 16)*25, [600]])*ms
inputs = SpikeGeneratorGroup(1, np.zeros(16, dtype=int), times)
neurons = NeuronGroup(2, '''
    dv/dt = (-70*mV - v + g)/(20*ms) : volt
    dg/dt = -g/(3*ms) : volt
    ''', threshold='v > -58*mV', reset='v = -70*mV', method='exact')
neurons.v = -70*mV
synapses = Synapses(inputs, neurons, '''
    dx/dt = (1 - x)/tau_d : 1 (clock-driven)
    du/dt = (U - u)/tau_f : 1 (clock-driven)
    U : 1
    tau_d : second
    tau_f : second
    A : volt
    ''', on_pre='''
    u += U*(1 - u)
    g += A*u*x
    x -= u*x
    ''', method='exponential_euler')
synapses.connect()
synapses.U = [0.5, 0.04]
synapses.u = 'U'
synapses.x = 1
synapses.tau_d = [300, 100]*ms
synapses.tau_f = [10, 1000]*ms
synapses.A = [150, 250]*mV
spikes = SpikeMonitor(neurons)
resources = StateMonitor(synapses, ['x', 'u'], record=True)
traces = StateMonitor(neurons, 'v', record=True)

run(700*ms)

figure, panels = plt.subplots(3, 1, figsize=(9, 5), layout='constrained', sharex=True)
brian2engram.plot.traces(resources, 'x', ax=panels[0])
brian2engram.plot.traces(resources, 'u', ax=panels[1])
brian2engram.plot.traces(traces, 'v', ax=panels[2])
plt.show()
