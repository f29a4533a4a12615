"""Time, cancelling and news of one search, so that every stage of it asks and tells in one place."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.progress import Progress

NewsReport = Callable[[float, float], None]
"""Told weighted steps closed by the best plan so far, and how many can be closed at most."""


@dataclass(slots=True)
class Clock:
    """``gap_pct``: when to be content; ``value`` and ``bound`` are the best so far, in ten-thousandths."""

    deadline: float
    progress: Progress
    gap_pct: float = 0.0
    seed: int = 0
    on_news: NewsReport | None = None
    begun: float = field(default_factory=time.monotonic)
    value: int | None = None
    bound: int | None = None

    def is_over(self, share: float = 1.0) -> bool:
        """Whether this share of the time is used up, or the search was cancelled."""
        end = self.begun + (self.deadline - self.begun) * share
        return self.progress.is_cancelled or time.monotonic() >= end

    def left(self) -> float:
        """Seconds to the deadline."""
        return self.deadline - time.monotonic()

    def tell(self, fraction: float, words: str) -> None:
        """Show how far the search is."""
        if not self.progress.is_cancelled:
            self.progress.step(fraction, words)

    def heard(self, *, value: int | None = None, bound: int | None = None) -> None:
        """A better plan or a lower bound."""
        if value is not None:
            self.value = value if self.value is None else max(value, self.value)
        if bound is not None:
            self.bound = bound if self.bound is None else min(bound, self.bound)
        if self.on_news is None or self.value is None or self.bound is None or self.progress.is_cancelled:
            return
        closed, at_most = self.value / 10_000, max(self.value, self.bound) / 10_000
        self.on_news(closed, at_most)
        self.progress.step(-1.0, f"{closed:,.1f} steps closed so far, at most {at_most:,.1f}")

    @property
    def is_content(self) -> bool:
        """Whether the plan is as near its bound as was asked for."""
        if self.value is None or self.bound is None:
            return False
        return self.bound - self.value <= self.value * self.gap_pct / 100
