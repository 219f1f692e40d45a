"""libengram's judgement of a document: every rule of docs/format.md, as `engram check` has it."""

from __future__ import annotations

import ctypes
import os

from brian2engram import library


class Finding(ctypes.Structure):
    """engram_finding of formats/include/engram/network.h."""

    _fields_ = [("severity", ctypes.c_int), ("status", ctypes.c_int), ("rule", ctypes.c_char_p),
                ("path", ctypes.c_char_p), ("message", ctypes.c_char_p),
                ("line", ctypes.c_uint32), ("column", ctypes.c_uint32),
                ("source", ctypes.c_char_p)]


VISITOR = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Finding),
                           ctypes.c_void_p)


def findings(path):
    """One line for each finding: rule, path, message."""
    lib = library.load()
    report, network, found = library.ErrorReport(), ctypes.c_void_p(), []
    status = lib.engram_network_open(ctypes.byref(network), os.fsencode(path), None,
                                     ctypes.byref(report))
    assert status == 0, report.message.decode()

    def visit(_, finding, __):
        it = finding.contents
        found.append(f"{it.rule.decode()} {it.path.decode()}: {it.message.decode()}")
        return 0

    status = lib.engram_network_check(network, VISITOR(visit), None, None, ctypes.byref(report))
    assert status == 0, report.message.decode()
    lib.engram_network_close(network)
    return found
