"""Progress and cancelling as a plain object that is passed down; nothing here knows a window."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event


class Cancelled(Exception):
    """The user asked for the work to stop; whatever was under way is rolled back."""


class Progress:
    """Tells how far a job is and raises :class:`Cancelled` once it was asked to stop.

    ``report`` is called with a share from 0 to 1 (or -1 where the share is unknown) and a short sentence.
    """

    def __init__(self, report: Callable[[float, str], None] | None = None) -> None:
        self._report = report
        self._stop = Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self._stop.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the work was asked to stop."""
        return self._stop.is_set()

    def step(self, share: float, sentence: str = "") -> None:
        """Report where the work is; raises :class:`Cancelled` when asked to stop."""
        if self._stop.is_set():
            raise Cancelled
        if self._report is not None:
            self._report(share, sentence)

    def check(self) -> None:
        """Raise :class:`Cancelled` when asked to stop, and report nothing."""
        if self._stop.is_set():
            raise Cancelled

    def part(self, start: float, end: float) -> Progress:
        """A progress for one part of the work, mapped onto ``start``..``end`` of this one."""
        return _Part(self, start, end)


class _Part(Progress):
    def __init__(self, whole: Progress, start: float, end: float) -> None:
        super().__init__()
        self._whole, self._start, self._end = whole, start, end

    @property
    def is_cancelled(self) -> bool:
        return self._whole.is_cancelled

    def cancel(self) -> None:
        self._whole.cancel()

    def step(self, share: float, sentence: str = "") -> None:
        mapped = share if share < 0 else self._start + (self._end - self._start) * share
        self._whole.step(mapped, sentence)

    def check(self) -> None:
        self._whole.check()


def silent() -> Progress:
    """A progress that tells nobody and never stops."""
    return Progress()
