"""How pages send the user elsewhere without knowing one another, and what Ctrl+K can find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.progress import Progress

Finder = Callable[[str, Progress], Sequence["Destination"]]
"""Finds destinations for what was typed; runs on a worker, so it may ask the workspace."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Somewhere to go: a page, what to show there, or an action to run. ``kind`` is shown beside the title."""

    title: str
    kind: str
    page: str = ""
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    act: Callable[[], object] | None = None


class Navigator(QObject):
    """Pages call :meth:`go`; the window listens and shows the page asked for."""

    asked = Signal(str, dict)
    restore_asked = Signal(object)
    """A backup (its path) is to take the place of the open workspace; the window closes and opens it again."""

    share_mode_left = Signal()
    """Share mode is to be turned off."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._finders: list[Finder] = []

    def go(self, page: str, **about: Any) -> None:
        """Show the page with this key; ``about`` is handed to its ``receive``."""
        self.asked.emit(page, about)

    def follow(self, destination: Destination) -> None:
        """Go where a destination points."""
        if destination.act is not None:
            destination.act()
        else:
            self.go(destination.page, **destination.about)

    def add_finder(self, finder: Finder) -> None:
        """Let Ctrl+K find more: people, roles, courses."""
        self._finders.append(finder)

    def find(self, words: str, progress: Progress) -> list[Destination]:
        """Everything the finders know, in their order; runs on a worker."""
        found: list[Destination] = []
        for finder in self._finders:
            progress.check()
            found += finder(words, progress)
        return found
