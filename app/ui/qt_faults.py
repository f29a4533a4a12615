"""Ways around faults of Qt's binding that would end the program; each names the versions it is for."""

from __future__ import annotations

import ctypes
import sys

_PLENTY = sys.maxsize // 4


def keep_true_alive() -> None:
    """Keep ``True`` from being used up.

    PySide 6.12.0 returns ``True`` from ``Signal.emit`` without counting the reference, so each emission takes one
    away; after some thousand the interpreter stops with "bool_dealloc: deallocating True or False". From Python
    3.12 on the constant cannot be used up, and PySide 6.11.3 counts rightly. Here the count is raised once, far
    beyond what a program can emit. May go when Python 3.11 or PySide 6.12.0 is no longer supported.
    """
    counts_at_the_front = sys.implementation.name == "cpython" and not hasattr(sys, "gettotalrefcount")
    if sys.version_info < (3, 12) and counts_at_the_front and sys.getrefcount(True) < _PLENTY:
        ctypes.c_ssize_t.from_address(id(True)).value += _PLENTY
