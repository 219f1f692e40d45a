"""Nothing to do: no synapse, no spike, no equation, one neuron, monitors of what never comes."""
from brian2 import *

G = NeuronGroup(1, "v : 1", threshold="v > 1", reset="v = 0", name="G")
none = SpikeGeneratorGroup(2, [], [] * ms, name="none")
S = Synapses(G, G, "w : 1", on_pre="w += 1; v_post += 1", name="S")
S.connect(i=[0], j=[0])
T = Synapses(none, G, on_pre="v_post += 1", name="T")
T.connect()
spikes = SpikeMonitor(G, variables="v", name="spikes")
silence = SpikeMonitor(none, name="silence")
rate = PopulationRateMonitor(none, name="rate")
trace = StateMonitor(G, "v", record=True, name="trace")
run(1 * ms)
