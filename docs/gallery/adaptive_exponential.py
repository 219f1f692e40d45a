"""Six firing patterns of one neuron model (adaptive exponential; Naud et al. 2008)."""

from brian2 import *
import brian2engram

set_device('engram')

names = ['tonic', 'adapting', 'initial burst', 'bursting', 'delayed', 'transient']
neurons = NeuronGroup(6, '''
    dv/dt = (g*(El - v) + g*slope*exp((v - Vt)/slope) - w + I)/C : volt
    dw/dt = (a*(v - El) - w)/tau : amp
    C : farad (constant)
    g : siemens (constant)
    El : volt (constant)
    slope : volt (constant)
    a : siemens (constant)
    b : amp (constant)
    tau : second (constant)
    Vr : volt (constant)
    I : amp (constant)
    ''', threshold='v > 0*mV', reset='v = Vr; w += b', method='euler',
    namespace={'Vt': -50*mV})
neurons.C = [200, 200, 130, 200, 200, 100]*pF
neurons.g = [10, 12, 18, 10, 12, 10]*nS
neurons.El = [-70, -70, -58, -58, -70, -65]*mV
neurons.slope = 2*mV
neurons.a = [2, 2, 4, 2, -10, 10]*nS
neurons.b = [0, 60, 120, 100, 0, 100]*pA
neurons.tau = [30, 300, 150, 120, 300, 90]*ms
neurons.Vr = [-58, -58, -50, -46, -58, -47]*mV
neurons.I = [500, 500, 400, 210, 300, 350]*pA
neurons.v = 'El'
spikes = SpikeMonitor(neurons)
traces = StateMonitor(neurons, 'v', record=True)

run(500*ms)

figure, panels = plt.subplots(2, 3, figsize=(9, 4), layout='constrained', sharex=True)
for k, (ax, name) in enumerate(zip(panels.flat, names)):
    brian2engram.plot.traces(traces, 'v', [k], ax=ax, linewidth=0.7)
    ax.set(title=name, xlabel='', ylabel='')
plt.show()
