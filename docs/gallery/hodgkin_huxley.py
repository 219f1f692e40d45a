"""Firing rate of Hodgkin-Huxley neurons against their input current (after Traub and Miles)."""

from brian2 import *
import brian2engram

set_device('engram')

area = 20000*umetre**2
Cm, gl, El = 1*ufarad/cm**2*area, 5e-5*siemens/cm**2*area, -65*mV
g_na, E_na = 100*msiemens/cm**2*area, 50*mV
g_kd, E_k = 30*msiemens/cm**2*area, -90*mV
VT = -63*mV

neurons = NeuronGroup(100, '''
    dv/dt = (gl*(El - v) - g_na*m**3*h*(v - E_na) - g_kd*n**4*(v - E_k) + I)/Cm : volt
    dm/dt = 0.32*(mV**-1)*4*mV/exprel((13*mV - v + VT)/(4*mV))/ms*(1 - m)
            - 0.28*(mV**-1)*5*mV/exprel((v - VT - 40*mV)/(5*mV))/ms*m : 1
    dn/dt = 0.032*(mV**-1)*5*mV/exprel((15*mV - v + VT)/(5*mV))/ms*(1 - n)
            - 0.5*exp((10*mV - v + VT)/(40*mV))/ms*n : 1
    dh/dt = 0.128*exp((17*mV - v + VT)/(18*mV))/ms*(1 - h)
            - 4/(1 + exp((40*mV - v + VT)/(5*mV)))/ms*h : 1
    I : amp
    ''', threshold='v > -40*mV', refractory='v > -40*mV', method='exponential_euler')
neurons.v = El
neurons.I = '0.7*nA*i/(N - 1)'
spikes = SpikeMonitor(neurons)
traces = StateMonitor(neurons, 'v', record=[30, 99])

run(400*ms)

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout='constrained')
left.plot(neurons.I/nA, spikes.count/(400*ms)/Hz)
left.set(xlabel='current (nA)', ylabel='rate (Hz)')
brian2engram.plot.traces(traces, 'v', ax=right)
right.set_xlim(0, 100)
plt.show()
