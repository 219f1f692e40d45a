"""Hodgkin-Huxley in units: exponential_euler, refractory while above threshold, a step current."""
from brian2 import *

area = 20000 * umetre ** 2
Cm, gl = (1 * ufarad * cm ** -2) * area, (5e-5 * siemens * cm ** -2) * area
El, EK, ENa, VT = -65 * mV, -90 * mV, 50 * mV, -63 * mV
g_na, g_kd = (100 * msiemens * cm ** -2) * area, (30 * msiemens * cm ** -2) * area
G = NeuronGroup(2, """dv/dt = (gl * (El - v) - g_na * m ** 3 * h * (v - ENa) - g_kd * n ** 4 * (v - EK) + I) / Cm : volt
    dm/dt = 0.32 * mV ** -1 * 4 * mV / exprel((13 * mV - v + VT) / (4 * mV)) / ms * (1 - m) - 0.28 * mV ** -1 * 5 * mV / exprel((v - VT - 40 * mV) / (5 * mV)) / ms * m : 1
    dn/dt = 0.032 * mV ** -1 * 5 * mV / exprel((15 * mV - v + VT) / (5 * mV)) / ms * (1 - n) - 0.5 * exp((10 * mV - v + VT) / (40 * mV)) / ms * n : 1
    dh/dt = 0.128 * exp((17 * mV - v + VT) / (18 * mV)) / ms * (1 - h) - 4 / (1 + exp((40 * mV - v + VT) / (5 * mV))) / ms * h : 1
    I = int(t > 5 * ms) * (0.7 + 0.1 * i) * nA : amp""", threshold="v > -40 * mV", refractory="v > -40 * mV",
                method="exponential_euler", dt=0.02 * ms, name="G")
G.v = El
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(G, ["v", "m", "n", "h"], record=True, dt=0.5 * ms, name="trace")
run(40 * ms)
