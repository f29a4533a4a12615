"""Watching a plan being made, and stopping it early with the best plan so far."""

from __future__ import annotations

from threading import Event, Lock

from app.progress import Progress


class PlanWatch:
    """Shared between whoever asks for a plan and the worker that makes it; safe from any thread.

    :meth:`stop` keeps the best plan found so far; cancelling the job instead keeps nothing.
    """

    def __init__(self) -> None:
        self._stop = Event()
        self._lock = Lock()
        self._news: tuple[float, float] | None = None

    def stop(self) -> None:
        """Be content with the best plan so far."""
        self._stop.set()

    @property
    def is_stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    @property
    def news(self) -> tuple[float, float] | None:
        """Weighted steps closed by the best plan so far, and at most possible; None before the first plan."""
        with self._lock:
            return self._news

    def over(self, progress: Progress) -> Progress:
        """The progress for the search: stopped by this watch, everything else as the job's own."""
        return _Watched(progress, self)

    def tell(self, closed: float, at_most: float) -> None:
        """The worker's report."""
        with self._lock:
            best = self._news
            self._news = (closed, at_most) if best is None else (max(best[0], closed), min(best[1], at_most))


class _Watched(Progress):
    """The progress of a job that counts as cancelled once its watch was stopped, without being so."""

    def __init__(self, whole: Progress, watch: PlanWatch) -> None:
        super().__init__()
        self._whole, self._watch = whole, watch

    @property
    def is_cancelled(self) -> bool:
        return self._watch.is_stopped or self._whole.is_cancelled

    def cancel(self) -> None:
        self._whole.cancel()

    def step(self, share: float, sentence: str = "") -> None:
        self._whole.step(share, sentence)

    def check(self) -> None:
        self._whole.check()
