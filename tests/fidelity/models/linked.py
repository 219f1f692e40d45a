"""Linked variables: same size, shared, index array, index by name, subexpression, slice, written."""
from brian2 import *

H = NeuronGroup(3, "dy/dt = -y / (5 * ms) : 1\ng : 1 (shared)\nz = y ** 2 + g : 1\np : 1",
                method="exact", name="H")
H.y, H.g = [1, 2, 3], 0.5
H.run_regularly("g += 0.25", dt=0.5 * ms)
O = NeuronGroup(1, "q : 1", name="O")
O.run_regularly("q += 0.01", name="O_regular")
G = NeuronGroup(3, """dx/dt = (same + one + fixed + named + sub + single - x) / (4 * ms) : 1
                      same : 1 (linked)
                      one : 1 (linked)
                      fixed : 1 (linked)
                      named : 1 (linked)
                      sub : 1 (linked)
                      back : 1 (linked)
                      part : 1 (linked)
                      single : 1 (linked)
                      k : integer""", method="euler", threshold="x > 2", reset="x = 0; back += 1",
                name="G")
G.k = [2, 0, 2]
G.same = linked_var(H, "y")
G.one = linked_var(H, "g")
G.fixed = linked_var(H, "y", index=[2, 2, 0])
G.named = linked_var(H, "y", index="k")
G.sub = linked_var(H, "z", index=np.array([1, 0, 2]))
G.back = linked_var(H, "p")
slice_of_H = H[0:3]
G.part = linked_var(slice_of_H, "y")
G.single = linked_var(O, "q")
G.run_regularly("k = (k + 1) % 3", dt=1 * ms, name="G_turn")
trace = StateMonitor(G, ["x", "sub", "named", "part"], record=True, name="trace")
spikes = SpikeMonitor(G, variables="fixed", name="spikes")
run(20 * ms)
