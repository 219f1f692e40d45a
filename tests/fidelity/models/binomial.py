"""BinomialFunction called by a model: by inversion, normal, exact although it could be normal."""
from brian2 import *

few = BinomialFunction(10, 0.3, name="few")
many = BinomialFunction(200, 0.25, name="many")
exactly = BinomialFunction(40, 0.3, approximate=False, name="exactly")
G = NeuronGroup(5, "a : 1\nb : 1\nc : integer\nd = few() + 1 : 1 (constant over dt)", name="G")
G.run_regularly("a = few(); b += many() * 0.1; c = exactly()")
trace = StateMonitor(G, ["a", "b", "c", "d"], record=True, name="trace")
seed(5)
run(3 * ms)
