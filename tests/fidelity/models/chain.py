"""Zero delays through a chain of groups: one group a step, whatever the names."""
from brian2 import *

P = SpikeGeneratorGroup(1, [0, 0], [0.5, 2] * ms, name="P")
groups = [NeuronGroup(1, "v : 1", threshold="v > 0.5", reset="v = 0", name=name) for name in ("z", "m", "a")]
made = []
for source, target in zip([P, *groups], groups):
    S = Synapses(source, target, on_pre="v_post += 1", name="from_" + source.name)
    S.connect()
    made.append(S)
monitors = [SpikeMonitor(group, name="spikes_" + group.name) for group in groups]
net = Network(P, groups, made, monitors)
net.run(3 * ms)
