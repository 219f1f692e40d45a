"""An event monitor of a slice looks before the events of the step are there: one step late."""
from brian2 import *

G = NeuronGroup(4, "v : 1", events={"tick": "t_in_timesteps % 5 == i"}, name="G")
whole = EventMonitor(G, "tick", name="whole")
part = EventMonitor(G[1:3], "tick", name="part")
run(2 * ms)
