"""Functions of the script's own, in equations, threshold, reset, synapses and regular code; Brian2
runs the Cython text, Engram what the Python text says."""
from brian2 import *

v_half, slope = -50 * mV, 4 * mV


@implementation("cython", """
cdef double activation(double v):
    cdef double x = (v - -0.05)/0.004
    return 1/(1 + exp(-x))
""")
@check_units(v=volt, result=1)
def activation(v):
    """An external number with a unit, a name of its own."""
    x = (v - v_half) / slope
    return 1 / (1 + np.exp(-x))


@implementation("cython", """
cdef double rectified(double x, double least):
    cdef double y
    if x > 1:
        y = 2*x - 1
    elif x < least:
        return least
    else:
        y = x*x
    y += 0.125
    return y
""")
@check_units(x=1, least=1, result=1)
def rectified(x, least):
    if x > 1:
        y = 2 * x - 1
    elif x < least:
        return least
    else:
        y = x ** 2
    y += 0.125
    return y


@implementation("cython", """
cdef double bump(double x):
    cdef double inside = 0.0 if x < 0.0 else (2.0 if x > 2.0 else x)
    return (inside if (0 < x and x < 1) else 0.5*inside) + (3.0 if x >= 2 or x != x else x)
""")
@check_units(x=1, result=1)
def bump(x):
    inside = np.clip(x, 0., 2.)
    return np.where((0 < x) & (x < 1), inside, 0.5 * inside) + \
        (3. if x >= 2 or x != x else x)


@implementation("cython", """
cdef double excess(double v, double w):
    return v + 0.045 if v > -0.045 and not w > 3 else 0
""")
@check_units(v=volt, w=1, result=volt)
def excess(v, w):
    return v + 45 * mV if (v > -45 * mV) and not w > 3 else 0 * mV


G = NeuronGroup(30, """dv/dt = (-60*mV - v + 40*mV*activation(v + 3*mV) + I)/(10*ms) : volt
                       dw/dt = (bump(w) - rectified(w, 0.25))/(20*ms) : 1
                       I : volt
                       trace_of = activation(v)*bump(2*w) : 1""",
                threshold="excess(v, w) > 0*mV", reset="v = -65*mV; w += rectified(w, 0.5)/4",
                method="euler", name="G")
G.v = "-65*mV + i*0.5*mV"
G.w = "0.1*i - 0.5"
G.I = "i*0.9*mV"
G.run_regularly("w = w*rectified(0.1*i, 0.9)/1.5", dt=1 * ms)
S = Synapses(G, G, "u : 1", on_pre="v_post += rectified(u, 0.1)*0.2*mV; u = bump(u)/2",
             name="S")
S.connect(condition="abs(i - j) == 3")
S.u = "0.05*i + 0.1"
trace = StateMonitor(G, ["v", "w", "trace_of"], record=[0, 7, 18, 29], name="trace")
spikes = SpikeMonitor(G, name="spikes")
run(25 * ms)
