"""The ways around faults of Qt's binding do what they say."""

from __future__ import annotations

import importlib
import inspect
import sys

import pytest

from app.ui import qt_faults


def test_no_source_is_read_for_qt_when_a_module_is_imported(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    qt_faults.spare_the_sources()
    read: list[object] = []

    def getsource(module: object) -> str:
        read.append(module)
        return ""

    monkeypatch.setattr(inspect, "getsource", getsource)
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    assert importlib.import_module("colorsys").rgb_to_hls(0, 0, 0) == (0.0, 0.0, 0.0)
    assert not read
