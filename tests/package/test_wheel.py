"""The wheel: built from the build tree, installed where nothing points to that, it carries all
that the engine needs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ENGRAM_BUILD_DIR") or ROOT / "build")
PACKAGE = ROOT / "converters" / "brian2engram"
CHAIN = ROOT / "tests" / "golden" / "chain.mpk"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
QUIET = ["-q", "--no-deps", "--no-build-isolation", "--no-index"]
#: what every system with the C library has
BASE = ("linux-vdso", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "ld-linux")


def run(*words, **more):
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """run(words) with the Python of a fresh environment that has the wheel; no ENGRAM_ variable,
    and this environment's packages but for what is installed for development."""
    folder = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", *QUIET, "-w", folder, "--config-settings",
        f"cmake.define.ENGRAM_BUILT={BUILD}", PACKAGE)
    wheel, = folder.glob("brian2engram-*.whl")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env" / "bin" / "python"
    run(*PIP, "--python", python, "install", *QUIET, wheel)
    place = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")[:-1])
    (place / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    clean = {key: value for key, value in os.environ.items()
             if not key.startswith(("ENGRAM_", "PYTHONPATH"))}

    def call(*words):
        return run(python, *words, env=clean, cwd=folder)

    call.package, call.folder = place / "brian2engram", folder
    return call


@pytest.mark.parametrize("part", ["bin/engram", "lib/libengram.so.0", "lib/engram/engram_plugin.so",
                                  "lib/engram/libengram_hdf5.so"])
def test_it_carries_what_it_loads(installed, part):
    for line in run("ldd", installed.package / part).splitlines():
        name, _, where = line.strip().partition(" => ")
        if not Path(name).name.startswith(BASE):
            assert Path(where).is_relative_to(installed.package), line


def test_it_finds_its_own_library_and_command(installed):
    out = installed("-c", "from brian2engram import library\n"
                          "print(library.candidates()[0], library.command())")
    assert out.split() == [str(installed.package / "lib" / "libengram.so.0"),
                           str(installed.package / "bin" / "engram")]


def test_the_command_converts_runs_and_inspects(installed):
    installed("-m", "brian2engram", "convert", CHAIN, "chain.h5")
    assert "16, 14 synaptic" in installed("-m", "brian2engram", "run", "chain.h5", "--out", "r.h5")
    assert "synapses" in installed("-m", "brian2engram", "inspect", "chain.h5")
    out = installed("-c", "import brian2engram\n"
                          "with brian2engram.Results('r.h5') as results:\n"
                          "    print(len(results['spikes'].t))")
    assert out == "16\n"


def test_the_device_runs_a_network(installed):
    script = installed.folder / "script.py"
    script.write_text("""
from brian2 import *
import brian2engram
prefs.codegen.target = 'numpy'
set_device('engram', archive='script.h5')
G = NeuronGroup(3, 'dv/dt = (1.1 - v)/(5*ms) : 1', threshold='v > 1', reset='v = 0',
                method='exact')
M = SpikeMonitor(G)
run(50*ms)
print(M.num_spikes, brian2engram.engram_device.runs)
""")
    assert installed(script) == "12 1\n"
    assert "12, 0 synaptic" in installed("-m", "brian2engram", "run", "script.h5")


def test_it_is_for_every_python_3_of_this_machine(installed):
    wheel, = installed.folder.glob("*.whl")
    assert "-py3-none-linux_" in wheel.name and wheel.stat().st_size < 10e6


def test_a_source_distribution_is_refused(tmp_path):
    code = "import sys; from scikit_build_core.build import build_sdist; build_sdist(sys.argv[1])"
    run(sys.executable, "-c", code, tmp_path, cwd=PACKAGE)
    source, = tmp_path.glob("*.tar.gz")
    done = subprocess.run([*PIP, "wheel", *QUIET, "-w", tmp_path, source], capture_output=True,
                          text=True)
    assert done.returncode != 0 and "build it in the repository" in done.stdout + done.stderr
