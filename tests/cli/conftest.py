"""Fixtures of the command-line tests: the command, input files, what a refusal must look like."""

from __future__ import annotations

import copy
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))

import make_documents  # noqa: E402

CLI = os.environ.get("ENGRAM_CLI") or str(ROOT / "build" / "bin" / "engram")
NOBODY = 65534


def settled(extra=None):
    """What a test wants in the child: signals as a terminal would give them, then `extra`."""
    def prepare():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if extra:
            extra()
    return prepare


@pytest.fixture(scope="session")
def engram():
    """Run the command; returns CompletedProcess, complains about an unexpected exit code."""
    def call(*args, code=0, prepare=None, command=CLI, **kwds):
        kwds.setdefault("timeout", 60)
        kwds.setdefault("stdout", subprocess.PIPE)
        kwds.setdefault("stderr", subprocess.PIPE)
        done = subprocess.run([command, *map(str, args)], text=True,
                              preexec_fn=settled(prepare), **kwds)
        assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    call.path = CLI
    return call


@pytest.fixture
def refused(engram, tmp_path):
    """refused(*args, code, says): one "engram: ..." line on stderr that has the words, and not a
    file more or less anywhere below tmp_path. `caret`: source line and caret follow, and this
    is how the line goes on at the caret ("": it has ended there)."""
    def call(*args, code, says=(), caret=None, **kwds):
        before = tree(tmp_path)
        done = engram(*args, code=code, **kwds)
        lines = done.stderr.splitlines()
        assert lines and lines[0].startswith("engram: "), done.stderr
        assert sum(line.startswith("engram: ") for line in lines) == 1, done.stderr
        for word in [says] if isinstance(says, str) else says:
            assert word in lines[0], f"{word!r} is not in {lines[0]!r}"
        assert len(lines) == (1 if caret is None else 3), done.stderr
        if caret is not None:
            assert lines[2].strip() == "^", done.stderr
            rest = lines[1][lines[2].index("^"):]
            assert rest.startswith(caret) if caret else not rest.strip(), done.stderr
            assert ", line " in lines[0] and ", column " in lines[0], done.stderr
        assert tree(tmp_path) == before, "files came or went"
        return done

    return call


def tree(folder: Path) -> dict:
    """Every file below, with size and time of change; nothing may come or go unseen."""
    return {str(p): (p.lstat().st_size, p.lstat().st_mtime_ns)
            for p in folder.rglob("*") if not p.is_dir()}


# ---- documents ------------------------------------------------------------------------------


def document(edit=None):
    """make_documents.minimal(), changed by `edit`."""
    made = copy.deepcopy(make_documents.minimal())
    if edit:
        edit(made)
    return made


def group(made):
    return made["network"]["groups"][0]


def spiking(n=100, duration=1.0, monitors=True, sample=1e-4):
    """n neurons that are driven to spike about 140 times a second; monitors of all spikes, and
    of all v every `sample` seconds."""
    made = document()
    g = group(made)
    g.update(n=n)
    g["equations"][0]["expr"] = "(20*mV - v) / tau"
    g["variables"][0]["size"] = n
    made["network"]["runs"][0]["duration"] = duration
    made["network"].pop("synapses")
    made.pop("state")
    made["network"]["origin"] = "export"
    made["network"]["clocks"].append({"name": "sampler", "dt": sample})
    if monitors:
        made["network"]["monitors"] = [
            {"name": "spikes", "kind": "spike", "source": "P", "variables": ["i", "t"],
             "clock": "defaultclock"},
            {"name": "trace", "kind": "state", "source": "P", "variables": ["v"],
             "record_all": True, "clock": "sampler"}]
    return made


def write(path: Path, made) -> Path:
    path.write_bytes(make_documents.pack(made))
    return path


@pytest.fixture
def good(tmp_path):
    """A sound document."""
    return write(tmp_path / "good.mpk", document())


@pytest.fixture
def archive(good, engram, tmp_path):
    """A sound archive."""
    engram("convert", good, tmp_path / "good.h5")
    return tmp_path / "good.h5"


@pytest.fixture
def long_run(tmp_path):
    """A document that takes hours to run."""
    return write(tmp_path / "long.mpk", spiking(duration=1e6, sample=0.01))


# ---- permissions ----------------------------------------------------------------------------


@pytest.fixture
def as_nobody():
    """(command, folder, prepare): a copy of the command that an ordinary user may execute, an
    open folder, and what makes the child that user. Modes mean nothing to root."""
    folder = Path(tempfile.mkdtemp(prefix="engram-nobody-"))
    folder.chmod(0o755)
    build = Path(CLI).resolve().parents[1]
    (folder / "bin").mkdir()
    shutil.copy(CLI, folder / "bin" / "engram")
    libraries = next(p for p in build.glob("lib*") if (p / "engram").is_dir())
    shutil.copytree(libraries, folder / "lib", symlinks=True,
                    ignore=shutil.ignore_patterns("*.a", "cmake", "pkgconfig"))

    def drop():
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    yield str(folder / "bin" / "engram"), folder, drop
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


