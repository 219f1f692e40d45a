"""Subgroups, heterogeneous delays, noise, per-neuron parameters and refractoriness, rk4,
run_regularly, a summed variable, a slow clock, a custom event, state monitors of a slice."""
from brian2 import *

seed(12)
tau, sigma = 12 * ms, 0.6
lif = NeuronGroup(60, """dv/dt = (mu - v) / tau + sigma * sqrt(2 / tau) * xi : 1 (unless refractory)
                         mu : 1
                         tref : second
                         high = v > 0.8 : boolean
                         ncount : integer""",
                  threshold="v > 1", reset="v = 0; ncount += 1", refractory="tref",
                  events={"half": "v > 0.5 and v < 0.55"}, method="euler", name="lif")
lif.mu = "1.1 + 0.01 * i"
lif.tref = "2 * ms + rand() * ms"
lif.run_on_event("half", "mu += 1e-3")
lif.run_regularly("mu = mu * 0.999", dt=1 * ms)
wave = NeuronGroup(10, """dx/dt = y / (5 * ms) : 1
                          dy/dt = (0.5 * (1 - x ** 2) * y - x + 0.1 * drive) / (5 * ms) : 1
                          drive : 1""", method="rk4", name="wave")
wave.x, wave.y = "0.1 * (i + 1)", 1
recurrent = Synapses(lif[:40], lif[20:], "w : 1", on_pre="v_post += w * exp(-0.1 * i)",
                     name="recurrent")
recurrent.connect(p=0.3)
recurrent.w = "0.05 * randn()"
recurrent.delay = "0.1 * ms + rand() * 2.5 * ms"
couple = Synapses(wave, wave, "drive_post = (x_pre - x_post) * g : 1 (summed)\ng : 1",
                  name="couple")
couple.connect(condition="abs(i - j) == 1")
couple.g = "0.1 + 0.01 * i"
input_spikes = SpikeGeneratorGroup(3, [0, 1, 2, 1], [5, 7.25, 7.3, 20] * ms, name="generator")
kick = Synapses(input_spikes, lif, on_pre="v += 0.2", delay=1.25 * ms, name="kick")
kick.connect(j="k for k in range(i, N_post, 3)")
all_spikes = SpikeMonitor(lif, variables=["v", "mu"], name="all_spikes")
part_spikes = SpikeMonitor(lif[10:30], name="part_spikes")
half = EventMonitor(lif, "half", name="half")
trace = StateMonitor(lif[5:], ["v", "high"], record=[0, 3, 3, 50], name="trace")
waves = StateMonitor(wave, ["x", "y"], record=True, dt=0.5 * ms, name="waves")
rate = PopulationRateMonitor(lif[:30], name="rate")
run(150 * ms)
