"""Archives through libengram, where it is built; what is said where it is not."""

from __future__ import annotations

import ctypes.util

import brian2engram
import pytest
from brian2 import ms
from brian2engram import LibraryError, library

import networks


def test_an_archive_and_back_is_the_same_document(tmp_path):
    path = tmp_path / "net.h5"
    brian2engram.save(path, networks.cuba(delays=True), duration=10 * ms)
    assert path.read_bytes() != b"" and (tmp_path / "net.mpk").exists()
    library.convert(str(path), str(tmp_path / "again.mpk"))
    assert (tmp_path / "again.mpk").read_bytes() == (tmp_path / "net.mpk").read_bytes()


def test_a_refused_conversion_gives_the_librarys_own_words(tmp_path):
    (tmp_path / "x.mpk").write_bytes(b"no document")
    with pytest.raises(LibraryError, match="x.mpk"):
        library.convert(str(tmp_path / "x.mpk"), str(tmp_path / "x.h5"))
    assert not (tmp_path / "x.h5").exists()


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """No variable set, the package in a repository of its own; touch(name) makes a file."""
    def touch(name):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755)
        return str(path)

    touch("CMakePresets.json")
    for name in ("ENGRAM_LIBRARY", "ENGRAM_CLI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(library, "CARRIED", tmp_path / "converters" / "brian2engram")
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: f"lib{name}.so.system")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return touch


def test_the_library_is_looked_for_in_the_wheel_then_a_build_tree_then_the_system(
        elsewhere, monkeypatch):
    assert library.candidates() == ["libengram.so.system"]
    built = elsewhere("build/lib/libengram.so")
    preset = elsewhere("build/dev/lib/libengram.so")
    assert library.candidates() == [built, preset, "libengram.so.system"]
    carried = elsewhere("converters/brian2engram/lib/libengram.so.0")
    assert library.candidates() == [carried, built, preset, "libengram.so.system"]
    monkeypatch.setenv("ENGRAM_LIBRARY", "mine.so")
    assert library.candidates() == ["mine.so"]


def test_the_command_is_looked_for_in_the_same_order(elsewhere, monkeypatch):
    with pytest.raises(LibraryError, match="no engram command.*ENGRAM_CLI"):
        library.command()
    for name in ("path/engram", "build/bin/engram", "converters/brian2engram/bin/engram"):
        path = elsewhere(name)
        assert library.command() == path
    mine = elsewhere("mine")
    monkeypatch.setenv("ENGRAM_CLI", mine)
    assert library.command() == mine


@pytest.mark.parametrize("path", ["/no/such/libengram.so", __file__,
                                  ctypes.util.find_library("c")])
def test_no_library_is_said_before_anything_is_written(tmp_path, monkeypatch, path):
    monkeypatch.setenv("ENGRAM_LIBRARY", path)
    with pytest.raises(LibraryError, match="no usable libengram") as caught:
        brian2engram.save(tmp_path / "net.h5", networks.cuba(), duration=1 * ms)
    assert "ENGRAM_LIBRARY" in str(caught.value) and list(tmp_path.iterdir()) == []
