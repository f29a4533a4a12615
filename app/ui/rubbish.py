"""Collecting rubbish in the window's thread alone.

Python collects in whatever thread happens to allocate. A worker that ended the last ring of references around a widget
or a timer would end it outside the window's thread, which Qt answers with a warning at best.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer

TICK_MS = 100

_REST = 50
"""A whole collection waits so many times as long as the last one took: it never costs more than a fiftieth."""


class Collector(QObject):
    """Takes over from Python's own collector until :meth:`stop`; keeps to its thresholds."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._next_whole = 0.0
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(TICK_MS)

    def tick(self) -> None:
        """Collect the generations that are due; the oldest holds all that lives, and is looked at least often."""
        limits, counts = gc.get_threshold(), gc.get_count()
        if counts[2] > limits[2] and time.monotonic() >= self._next_whole:
            begun = time.monotonic()
            gc.collect()
            ended = time.monotonic()
            self._next_whole = ended + _REST * (ended - begun)
        elif counts[1] > limits[1]:
            gc.collect(1)
        elif counts[0] > limits[0]:
            gc.collect(0)

    def stop(self) -> None:
        """Give it back to Python."""
        self._timer.stop()
        gc.enable()
