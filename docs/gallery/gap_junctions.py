"""Electrical coupling gives neurons of different drive one rhythm, each its own phase."""

from brian2 import *
import brian2engram

set_device('engram')
seed(8)

neurons = NeuronGroup(20, '''
    dv/dt = (drive - v + gap)/(10*ms) : 1
    drive : 1
    gap : 1
    ''', threshold='v > 1', reset='v = 0', method='euler')
neurons.drive = '1.2 + 0.004*i'
neurons.v = '0.9*rand()'
junctions = Synapses(neurons, neurons, '''
    w : 1
    gap_post = w*(v_pre - v_post) : 1 (summed)
    ''')
junctions.connect(condition='i != j')
junctions.w = 0
spikes = SpikeMonitor(neurons)

run(300*ms)
junctions.w = 0.03
run(400*ms)

figure, ax = plt.subplots(figsize=(9, 3), layout='constrained')
brian2engram.plot.raster(spikes, ax=ax, marker='.', markersize=4)
ax.axvline(300, color='C1')
ax.set_title('coupled from 300 ms on')
plt.show()
