"""Ways around faults of Qt's binding that would end the program; each names the versions it is for."""

from __future__ import annotations

import sys
from typing import Any

_PLENTY = sys.maxsize // 4


def keep_constants_alive() -> None:
    """Keep ``None``, ``True`` and ``False`` from being used up.

    PySide 6.12.0 returns ``True`` from ``Signal.emit`` and ``None`` from every call without a result (each
    ``QPainter.save``, each ``QRect.moveCenter``) without counting the reference, so each call takes one away; after
    some thousand the interpreter stops with "none_dealloc: deallocating None". Painting a map of 150 cells takes
    800: sixty repaints. From Python 3.12 on the constants cannot be used up, and PySide 6.11.3 counts rightly. Here
    the counts are raised once, far beyond what a program can use. May go when Python 3.11 or PySide 6.12.0 is no
    longer supported.
    """
    counts_at_the_front = sys.implementation.name == "cpython" and not hasattr(sys, "gettotalrefcount")
    if sys.version_info >= (3, 12) or not counts_at_the_front or sys.getrefcount(None) >= _PLENTY:
        return
    import ctypes  # late: only where it is needed

    for constant in (None, True, False):
        ctypes.c_ssize_t.from_address(id(constant)).value += _PLENTY


def spare_the_sources() -> None:
    """Keep Qt's binding from reading the source of every module that is imported after it.

    PySide looks into each for its own name, to offer another spelling of Qt's methods (``__feature__``), which is
    not used here. That opens and decodes some 900 files while a workspace opens. Seen in PySide 6.8 to 6.12; where
    the binding is built otherwise nothing is changed.
    """
    feature: Any = sys.modules.get("shibokensupport.feature")
    if callable(getattr(feature, "_mod_uses_pyside", None)):
        feature._mod_uses_pyside = _uses_no_features


def _uses_no_features(_module: object) -> bool:
    return False
