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


@pytest.mark.parametrize("path", ["/no/such/libengram.so", __file__,
                                  ctypes.util.find_library("c")])
def test_no_library_is_said_before_anything_is_written(tmp_path, monkeypatch, path):
    monkeypatch.setenv("ENGRAM_LIBRARY", path)
    with pytest.raises(LibraryError, match="no usable libengram") as caught:
        brian2engram.save(tmp_path / "net.h5", networks.cuba(), duration=1 * ms)
    assert "ENGRAM_LIBRARY" in str(caught.value) and list(tmp_path.iterdir()) == []
