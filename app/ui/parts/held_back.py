"""Records of which some figures must not be shown: they read as ``[c]`` wherever a table, a bar or a file asks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from app.ui.formats import HELD_BACK


class Veiled:
    """A record seen through a veil: the named figures are held back, everything else is as it is."""

    __slots__ = ("_figures", "record")

    def __init__(self, record: Any, figures: Collection[str]) -> None:
        self.record = record
        self._figures = frozenset(figures)

    def __getattr__(self, name: str) -> Any:
        return HELD_BACK if name in self._figures else getattr(self.record, name)


def veiled(record: Any, figures: Collection[str]) -> Any:
    """The record itself where nothing is held back."""
    return Veiled(record, figures) if figures else record


def whole_record(record: Any) -> Any:
    """The record behind a veil."""
    return record.record if isinstance(record, Veiled) else record
