"""Pictures of what was recorded: raster, rate, traces, connectivity.

    from brian2engram import plot
    plot.raster(spikes)                           # a SpikeMonitor of a script
    with brian2engram.Results('results.h5') as results:
        plot.raster(results['spikes'])            # or what `engram run --out` wrote
        plot.overview(results)                    # all of it

Everything is drawn in milliseconds, hertz and SI base units. Each function draws into `ax`, or
the current axes, and returns them; further keywords go to matplotlib. matplotlib is no
dependency of the package: `pip install 'brian2engram[plot]'`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from brian2.synapses.synapses import Synapses
from brian2.units import second
from brian2.units.fundamentalunits import Dimension, get_dimensions, get_unit_for_display

from .errors import MissingError, ResultsError
from .results import Array, Connections, Events, Rate, Results, States

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MS = 1e3  #: milliseconds in a second
POINTS = 20_000  #: connections drawn one by one; more are counted in cells
CELLS = 100  #: of the matrix of counts, along each side at most
LINES = 10  #: recorded elements that `traces` draws unless it is told which


def raster(events: Any, ax: Axes | None = None, **style: Any) -> Axes:
    """Each spike a mark at its time and element.

    events: a SpikeMonitor or EventMonitor, or Events of a results file.
    """
    ax = _axes(ax)
    ax.plot(_times(events), np.asarray(events.i[:]),
            **{"linestyle": "", "marker": ",", "color": "k", **style})
    return _labelled(ax, events, f"{_source(events)} index")


def rate(recorded: Any, bin: Any = None, ax: Axes | None = None, **style: Any) -> Axes:
    """Population rate over time.

    recorded: a PopulationRateMonitor, a SpikeMonitor, or Rate or Events of a results file.
    bin: a time; what falls into one is averaged. Spikes are counted in bins of 1 ms unless it
        says otherwise, recorded rates drawn as they are.

    ValueError for a bin that is not longer than 0, or than which no time was recorded.
    """
    ax = _axes(ax)
    times, rates = _rate(recorded, bin)
    ax.plot(times * MS, rates, **style)
    return _labelled(ax, recorded, f"{_source(recorded)} rate (Hz)")


def _rate(recorded: Any, bin: Any) -> tuple[Array, Array]:
    """Seconds (middle of each bin), Hz."""
    width = None if bin is None else float(bin / second)
    if width is not None and not width > 0:
        raise ValueError(f"bin is {bin}, expected more than 0 s")
    times = _times(recorded) / MS
    if hasattr(recorded, "rate"):
        rates = np.asarray(recorded.rate[:])
        if width is None:
            return times, rates
        cell = np.floor(times / width + 1e-9).astype(int)
        weight = np.bincount(cell)
        kept = weight > 0
        return ((np.flatnonzero(kept) + 0.5) * width,
                np.bincount(cell, rates)[kept] / weight[kept])
    width = width or 1e-3
    cell = np.floor(times / width + 1e-9).astype(int)
    count = np.bincount(cell, minlength=1)
    return ((np.arange(len(count)) + 0.5) * width,
            count / (width * len(np.asarray(recorded.count[:]))))


def traces(states: Any, variable: str | None = None, elements: Sequence[int] | None = None,
           ax: Axes | None = None, **style: Any) -> Axes:
    """A line over time for each recorded element.

    states: a StateMonitor, or States of a results file.
    variable: which one; the first that was recorded if not given.
    elements: of the source, as recorded; the first ten if not given.

    ResultsError for a variable or an element that was not recorded.
    """
    ax = _axes(ax)
    variable = _known(states, variable, list(states.record_variables))
    recorded = np.asarray(states.record)
    rows = range(min(len(recorded), LINES)) if elements is None else \
        [_row(states, recorded, element) for element in elements]
    values = np.asarray(getattr(states, variable))
    for row in rows:
        ax.plot(_times(states), values[row], **{"label": str(recorded[row]), **style})
    return _labelled(ax, states, _with_unit(states, variable))


def connectivity(synapses: Any, variable: str | None = None, ax: Axes | None = None,
                 **style: Any) -> Axes:
    """The matrix of connections, source along x, target along y.

    synapses: Synapses, or Connections of a results file.
    variable: gives each connection its colour.

    Up to 20,000 connections are drawn one by one; of more, how many there are in each of at
    most 100 x 100 cells, or the mean of `variable` in it.
    ResultsError for a variable that synapses do not have.
    """
    ax = _axes(ax)
    i, j = np.asarray(synapses.i[:]), np.asarray(synapses.j[:])
    values = None
    if variable is not None:
        variable = _known(synapses, variable, _per_synapse(synapses))
        values = np.asarray(getattr(synapses, variable)[:])
    if len(i) <= POINTS:
        drawn = ax.scatter(i, j, c="k" if values is None else values, **{"s": 2, **style})
    else:
        drawn = _cells(ax, i, j, values, style)
    if values is not None or len(i) > POINTS:
        ax.figure.colorbar(drawn, ax=ax, label="synapses" if values is None
                           else _with_unit(synapses, variable))
    ax.set(xlabel="source index", ylabel="target index", title=synapses.name)
    return ax


def _cells(ax: Axes, i: Array, j: Array, values: Array | None, style: dict[str, Any]) -> Any:
    sides = [np.linspace(-0.5, index.max() + 0.5, min(CELLS, int(index.max()) + 1) + 1)
             for index in (i, j)]
    drawn = np.histogram2d(i, j, bins=sides)[0]
    if values is not None:
        total = np.histogram2d(i, j, bins=sides, weights=values)[0]
        drawn = np.divide(total, drawn, out=np.full_like(total, np.nan), where=drawn > 0)
    return ax.pcolormesh(sides[0], sides[1], drawn.T, **style)


def overview(results: Results, names: Sequence[str] = (), *, variable: str | None = None,
             bin: Any = None) -> Figure:
    """One panel below the other for each of `names`, or for all monitors.

    variable: for state monitors and synapses; bin: a time, draws spikes as a rate.
    ResultsError for names that the file does not have, or if there is nothing to draw.
    """
    recorded = [results[name] for name in names or list(results)]
    if not recorded:
        raise ResultsError(f"{results.path}: it holds no monitor")
    figure, panels = _pyplot().subplots(len(recorded), 1, squeeze=False, layout="constrained",
                                        figsize=(8, 2.5 * len(recorded)))
    for each, ax in zip(recorded, panels[:, 0]):
        if isinstance(each, Connections):
            connectivity(each, variable, ax=ax)
        elif isinstance(each, States):
            traces(each, variable, ax=ax)
        elif isinstance(each, Rate) or bin is not None:
            rate(each, bin, ax=ax)
        else:
            raster(each, ax=ax)
    return figure


def save(figure: Figure, path: str) -> None:
    """Write a picture; its ending says in which form. ResultsError for one that is not known."""
    try:
        figure.savefig(path)
    except ValueError as error:
        raise ResultsError(f"{path}: {error}") from None


def show() -> None:
    """Show what was drawn, until the window is closed; ResultsError where there is no screen."""
    pyplot = _pyplot()
    if pyplot.get_backend().lower() == "agg":
        raise ResultsError("there is no screen to draw on; -o FILE writes a picture")
    pyplot.show()


# ---- what is drawn ------------------------------------------------------------------------------


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise MissingError.of("matplotlib", "pictures") from error
    return matplotlib.pyplot


def _axes(ax: Axes | None) -> Axes:
    return _pyplot().gca() if ax is None else ax


def _times(recorded: Any) -> Array:
    """Milliseconds."""
    return np.asarray(recorded.t[:]) * MS


def _source(recorded: Any) -> str:
    source = recorded.source
    return source if isinstance(source, str) else source.name


def _labelled(ax: Axes, recorded: Any, what: str) -> Axes:
    ax.set(xlabel="time (ms)", ylabel=what, title=recorded.name)
    return ax


def _known(recorded: Any, variable: str | None, known: list[str]) -> str:
    if variable is None and known:
        return known[0]
    if variable not in known:
        raise ResultsError(f"{recorded.name} has no {variable!r}; it has "
                           f"{', '.join(known) or 'no variables'}")
    return variable


def _row(states: Any, recorded: Array, element: int) -> int:
    found = np.flatnonzero(recorded == element)
    if len(found) == 0:
        raise ResultsError(f"{states.name} did not record element {element}")
    return int(found[0])


def _per_synapse(synapses: Any) -> list[str]:
    if not isinstance(synapses, Synapses):
        return synapses.variables
    return [name for name in [*synapses.equations.names, "delay"]
            if name == "delay" or not synapses.variables[name].scalar]


def _with_unit(recorded: Any, variable: str) -> str:
    dimensions = getattr(recorded, "dimensions", None)
    dimension: Dimension = dimensions[variable] if dimensions is not None else \
        get_dimensions(getattr(recorded, variable))
    unit = get_unit_for_display(dimension)
    return variable if dimension.is_dimensionless else f"{variable} ({unit})"


__all__ = ["raster", "rate", "traces", "connectivity", "overview", "save", "show", "Events",
           "Rate", "States", "Connections"]
