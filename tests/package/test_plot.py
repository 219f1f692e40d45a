"""brian2engram.plot: the numbers that are drawn, not the pixels; and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from brian2 import (Hz, Network, NeuronGroup, PopulationRateMonitor, SpikeMonitor, StateMonitor,
                    Synapses, ms, mV, prefs)
from brian2engram import MissingError, Results, ResultsError, plot

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ax():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, ax = pyplot.subplots()
    yield ax
    pyplot.close(figure)


@pytest.fixture
def recorded(chain):
    with Results(chain) as results, h5py.File(chain) as file:
        yield results, file


def line(ax, k=0):
    return ax.get_lines()[k].get_data()


def test_results_say_what_they_hold(recorded):
    results, _ = recorded
    assert list(results) == ["rate", "spikes", "traces", "weights"]
    assert results.synapses == ["S"] and results["S"].variables == ["w"]
    assert results["traces"].record_variables == ["v"]


def test_raster(recorded, ax):
    results, file = recorded
    assert plot.raster(results["spikes"], ax=ax) is ax
    t, i = line(ax)
    assert len(t) == 16
    assert np.array_equal(t, 1e3 * file["results/spikes/t"][:])
    assert np.array_equal(i, file["results/spikes/i"][:])
    assert ax.get_ylabel() == "P index" and ax.get_title() == "spikes"


def test_rate_as_recorded(recorded, ax):
    results, file = recorded
    plot.rate(results["rate"], ax=ax)
    assert np.array_equal(line(ax), [1e3 * file["results/rate/t"][:],
                                     file["results/rate/rate"][:]])


def test_rates_in_bins_of_spikes_and_of_recorded_rates_are_the_same(recorded, ax):
    results, file = recorded
    plot.rate(results["spikes"], bin=10 * ms, ax=ax)
    plot.rate(results["rate"], bin=10 * ms, ax=ax)
    (t, counted), (u, averaged) = line(ax), line(ax, 1)
    spikes = file["results/spikes/t"][:]
    assert list(t) == [5, 15] and list(u[:2]) == [5, 15]
    first = np.count_nonzero(spikes < 0.01 - 1e-9)
    assert counted[0] == pytest.approx(first / (8 * 0.01))
    assert counted == pytest.approx(averaged[:2])


@pytest.mark.parametrize("bin", [0 * ms, -1 * ms])
def test_bins_have_a_width(recorded, ax, bin):
    with pytest.raises(ValueError, match="expected more than 0 s"):
        plot.rate(recorded[0]["spikes"], bin=bin, ax=ax)


def test_traces(recorded, ax):
    results, file = recorded
    plot.traces(results["traces"], "v", [7, 2], ax=ax)
    for k, element in enumerate([7, 2]):
        assert np.array_equal(line(ax, k), [1e3 * file["results/traces/t"][:],
                                            file["results/traces/v"][element]])
    assert [each.get_label() for each in ax.get_lines()] == ["7", "2"]
    assert ax.get_ylabel() == "v (V)"


def test_connectivity_one_by_one(recorded, ax):
    results, file = recorded
    plot.connectivity(results["S"], "w", ax=ax)
    points, = ax.collections
    assert np.array_equal(points.get_offsets(),
                          np.column_stack([file["state/S/i"][:], file["state/S/j"][:]]))
    assert np.array_equal(points.get_array(), file["state/S/w"][:])


@pytest.mark.parametrize("variable", [None, "w"])
def test_connectivity_in_cells(ax, monkeypatch, variable):
    monkeypatch.setattr(plot, "POINTS", 3)
    synapses = plot.Connections("S", np.array([0, 0, 0, 1, 2]), np.array([0, 0, 1, 1, 0]),
                                {"w": np.array([1.0, 3, 5, 7, 9])}, {"w": mV.dim})
    plot.connectivity(synapses, variable, ax=ax)
    cells = np.ma.filled(ax.collections[0].get_array().reshape(2, 3).astype(float), np.nan)
    wanted = [[2, 0, 1], [1, 1, 0]] if variable is None else [[2, np.nan, 9], [5, 7, np.nan]]
    assert np.array_equal(cells, wanted, equal_nan=True)


def test_live_monitors_are_drawn_as_their_results(ax):
    prefs.codegen.target = "numpy"
    group = NeuronGroup(3, "dv/dt = 110*mV/(10*ms) : volt", threshold="v > 10*mV",
                        reset="v = 0*mV", method="euler", name="live")
    group.v = [0, 3, 6] * mV
    synapses = Synapses(group, group, "w : 1", name="links")
    synapses.connect(i=[0, 1], j=[1, 2])
    synapses.w = [4, 5]
    spikes, states = SpikeMonitor(group), StateMonitor(group, "v", record=[2])
    rates = PopulationRateMonitor(group)
    Network(group, synapses, spikes, states, rates).run(3 * ms)
    plot.raster(spikes, ax=ax)
    plot.traces(states, ax=ax)
    assert ax.get_ylabel() == "v (V)"
    plot.rate(rates, ax=ax)
    plot.rate(spikes, bin=1 * ms, ax=ax)
    assert np.allclose(line(ax), [spikes.t / ms, spikes.i[:]], rtol=1e-12)
    assert np.array_equal(line(ax, 1)[1], np.asarray(states.v)[0]) and len(spikes.i) > 0
    assert np.array_equal(line(ax, 2)[1], rates.rate / Hz)
    assert sum(line(ax, 3)[1]) * 3 * 1e-3 == pytest.approx(spikes.num_spikes)
    plot.connectivity(synapses, "w", ax=ax)
    assert list(ax.collections[-1].get_array()) == [4, 5]


def test_overview_has_a_panel_for_each(recorded):
    results, _ = recorded
    figure = plot.overview(results)
    assert [ax.get_title() for ax in figure.axes] == ["rate", "spikes", "traces", "weights"]
    figure = plot.overview(results, ["S", "spikes"], bin=5 * ms)
    assert [ax.get_title() for ax in figure.axes] == ["S", "spikes"]
    assert figure.axes[1].get_ylabel() == "P rate (Hz)"


def test_a_file_that_grows_is_cut_where_its_columns_end(chain, tmp_path):
    growing = tmp_path / "x.h5"
    growing.write_bytes(chain.read_bytes())
    with h5py.File(growing, "a", userblock_size=None) as file:
        del file["results/spikes/i"], file["state"]
        file["results/spikes/i"] = np.arange(5, dtype="i4")
    with Results(growing) as results:
        assert len(results["spikes"].t) == len(results["spikes"].i) == 5
        assert results.synapses == []


# ---- refusals ---------------------------------------------------------------------------------


def test_not_there_what_was_asked_for(recorded, ax):
    results, _ = recorded
    with pytest.raises(ResultsError, match="no monitor or synapses 'x'; it has rate, spikes"):
        results["x"]
    with pytest.raises(ResultsError, match="traces has no 'w'; it has v"):
        plot.traces(results["traces"], "w", ax=ax)
    with pytest.raises(ResultsError, match="traces did not record element 8"):
        plot.traces(results["traces"], "v", [8], ax=ax)
    with pytest.raises(ResultsError, match="S has no 'delay'; it has w"):
        plot.connectivity(results["S"], "delay", ax=ax)


def test_counts_alone(chain, tmp_path):
    counts = tmp_path / "x.h5"
    counts.write_bytes(chain.read_bytes())
    with h5py.File(counts, "a") as file:
        del file["results/spikes/t"], file["results/spikes/i"]
    with Results(counts) as results, pytest.raises(ResultsError, match="counts alone"):
        results["spikes"]


@pytest.mark.parametrize("name, says", [
    ("chain.mpk", "no HDF5"), ("1.0/chain.h5", "its format is engram-network")])
def test_no_results_file(name, says):
    with pytest.raises(ResultsError, match=f"no results file: {says}"):
        Results(ROOT / "tests" / "golden" / name)


def test_some_other_hdf5(tmp_path):
    h5py.File(tmp_path / "x.h5", "w").close()
    with pytest.raises(ResultsError, match="it has no format"):
        Results(tmp_path / "x.h5")


@pytest.mark.parametrize("package", ["matplotlib.pyplot", "h5py"])
def test_a_missing_package_is_named_with_its_extra(chain, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    wanted = rf"{package.split('.')[0]} is not installed.*brian2engram\[plot\]"
    with pytest.raises(MissingError, match=wanted):
        plot.overview(Results(chain))


def test_the_package_is_imported_without_them():
    code = ("import sys; sys.modules.update(matplotlib=None, h5py=None)\n"
            "import brian2engram, brian2engram.plot")
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- the command --------------------------------------------------------------------------------


def command(folder, *words):
    return subprocess.run([sys.executable, "-m", "brian2engram", "plot", *map(str, words)],
                          capture_output=True, text=True, cwd=folder)


def test_the_command_writes_a_picture(chain, tmp_path):
    done = command(tmp_path, chain, "spikes", "S", "-o", "x.svg", "--bin", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "x.svg: spikes, S\n" and "<svg" in (tmp_path / "x.svg").read_text()


@pytest.mark.parametrize("words, status, says", [
    (["nothing", "-o", "x.png"], 1, "no monitor or synapses 'nothing'"),
    (["-o", "x.foo"], 1, "Format 'foo' is not supported"),
    (["-o", "no/x.png"], 1, "No such file or directory"),
    (["--bin", "0"], 2, "expected more than 0 ms"),
    ([], 1, "there is no screen to draw on; -o FILE"),
])
def test_the_command_refuses_in_one_line(chain, tmp_path, words, status, says):
    done = command(tmp_path, chain, *words)
    assert done.returncode == status and not list(tmp_path.iterdir())
    lines = [text for text in done.stderr.splitlines() if text.startswith("brian2engram:")]
    assert len(lines) == 1 and says in lines[0] and "Traceback" not in done.stderr


def test_the_command_names_a_file_that_is_not_there(tmp_path):
    done = command(tmp_path, "nowhere.h5")
    assert done.returncode == 1 and "nowhere.h5: No such file or directory" in done.stderr
