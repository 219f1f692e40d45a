"""Custom events: conditions, code of their own, schedule, synapses that hear them."""
from brian2 import *

G = NeuronGroup(5, "dv/dt = (1.2 + 0.1 * i - v) / (4 * ms) : 1\nup : integer\nc : 1", threshold="v > 1",
                reset="v = 0", events={"rise": "v > 0.5 and v < 0.6", "late": "t > 5 * ms and c > 1"},
                method="exact", name="G")
G.run_on_event("rise", "up += 1; v += 0.05")
G.run_on_event("late", "c = 0", when="before_end", order=2)
G.set_event_schedule("late", when="after_groups", order=1)
G.run_regularly("c += 0.1 * (i + 1)")
S = Synapses(G, G, on_pre={"a": "c_post += 0.01", "b": "v_post += 0.03"}, on_post="c_pre += 0.1",
             on_event={"a": "rise", "b": "late", "post": "rise"}, name="S")
S.connect(j="(i + 1) % 5")
rises = EventMonitor(G, "rise", variables=["v", "c"], name="rises")
part = EventMonitor(G[1:4], "rise", name="part")
lates = EventMonitor(G, "late", name="lates")
spikes = SpikeMonitor(G, name="spikes")
trace = StateMonitor(G, ["v", "c", "up"], record=True, name="trace")
run(30 * ms)
