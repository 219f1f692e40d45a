"""An exponential integrate-and-fire neuron with adaptation, clipped; a jump in the reset."""
from brian2 import *

C, gL, EL, VT, DT = 281 * pF, 30 * nS, -70.6 * mV, -50.4 * mV, 2 * mV
G = NeuronGroup(3, """dvm/dt = (gL * (EL - vm) + gL * DT * exp((clip(vm, -1 * volt, 0 * mV) - VT) / DT) + I - w) / C : volt
                      dw/dt = (4 * nS * (vm - EL) - w) / (40 * ms) : amp
                      I : amp""", threshold="vm > -20 * mV", reset="vm = EL; w += 0.0805 * nA", method="euler",
                name="G")
G.vm = EL
G.I = "(0.8 + 0.2 * i) * nA"
trace = StateMonitor(G, ["vm", "w"], record=True, name="trace")
spikes = SpikeMonitor(G, name="spikes")
run(40 * ms)
