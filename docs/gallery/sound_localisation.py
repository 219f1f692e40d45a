"""Neurons with delay lines from both ears tell where a moving tone comes from (Jeffress 1948)."""

from brian2 import *
import brian2engram

defaultclock.dt = 0.02*ms
set_device('engram')

longest = 0.3*ms  # from ear to ear
ears = NeuronGroup(2, '''
    dv/dt = (3*sin(2*pi*500*Hz*(t + lag)) - v)/ms : 1
    lag = side*longest*sin(2*pi*4*Hz*t)/2 : second
    side : 1
    ''', threshold='v > 0.5', refractory='v > 0.5', method='euler')
ears.side = [-1, 1]
cells = NeuronGroup(60, 'dv/dt = -v/(0.15*ms) : 1', threshold='v > 1', reset='v = 0',
                    method='exact')
lines = Synapses(ears, cells, on_pre='v_post += 0.7')
lines.connect()
lines.delay['i == 0'] = 'longest*j/(N_post - 1)'
lines.delay['i == 1'] = 'longest*(1 - j/(N_post - 1))'
spikes = SpikeMonitor(cells)

run(250*ms)

figure, ax = plt.subplots(figsize=(9, 3), layout='constrained')
brian2engram.plot.raster(spikes, ax=ax, marker='.', markersize=2)
ax.set_ylabel('preferred direction')
plt.show()
