"""A plan being made: the best one so far and the proven limit closing in on each other, and the way to stop."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressBar, QWidget

from app.services.training import PlanWatch
from app.ui.formats import decimal, share
from app.ui.jobs import Job
from app.ui.parts.closing_gap import ClosingGap
from app.ui.widgets import Card, button, label, line, rows

TICK_MS = 250


def steps(value: float) -> str:
    """Weighted steps as people read them: whole where they are."""
    return f"{int(value):,}" if value == int(value) else decimal(value)


class PlanRunning(QWidget):
    """Watches one job until :meth:`rest`."""

    def __init__(self) -> None:
        super().__init__()
        self._job: Job[Any] | None = None
        self._watch: PlanWatch | None = None
        self._seconds = 0.0
        self._began = time.monotonic()
        self.heading = label("Looking for the best plan", "heading")
        self.found = label("")
        self.detail = label("", "secondary")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Steps closed of those possible")
        self.chart = ClosingGap()
        self.keep = button("Stop and keep the best plan so far", "primary", "stop", self._stop)
        self.drop = button("Cancel without a plan", "secondary", "close", self._cancel)
        buttons = line(self.keep, self.drop, space=12)
        buttons.addStretch(1)
        card = Card()
        card.body.addLayout(
            rows(self.heading, self.found, self.bar, self.chart, self.detail, buttons, space=12)
        )
        card.setMaximumWidth(720)
        box = rows(card, margins=(0, 16, 0, 0))
        box.addStretch(1)
        self.setLayout(box)
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self.tick)

    def watch(self, job: Job[Any], watch: PlanWatch, seconds: float) -> None:
        """Show a job that may look for so many seconds."""
        self._job, self._watch, self._seconds = job, watch, seconds
        self.keep.setEnabled(True)
        self.heading.setText("Looking for the best plan")
        self._began = time.monotonic()
        self.chart.start_again()
        self._clock.start()
        self.tick()

    def rest(self) -> None:
        """Nothing is under way any more."""
        self._clock.stop()
        self._job = None

    def tick(self) -> None:
        """Bring figures and bar up to date."""
        job, watch = self._job, self._watch
        if job is None or watch is None:
            return
        news = watch.news
        if news is None:
            self.bar.setRange(0, 0)
            self.found.setText(job.sentence or "Reading people, gaps and courses")
        else:
            closed, at_most = news
            self.chart.note(time.monotonic() - self._began, closed, at_most)
            self.bar.setRange(0, 1_000)
            part = closed / at_most if at_most else 1.0
            self.bar.setValue(int(1_000 * part))
            self.found.setText(
                f"The best plan so far closes {steps(closed)} steps. No plan within these limits can close more than "
                f"{steps(at_most)}: it reaches {share(part)} of what may be possible."
            )
        self.detail.setText(f"{job.took} of at most {int(self._seconds)} s")
        self.keep.setEnabled(not watch.is_stopped)

    def _stop(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self.heading.setText("Stopping; the best plan so far is kept")
            self.keep.setEnabled(False)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.heading.setText("Stopping without a plan")
