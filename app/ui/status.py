"""The line at the bottom: which workspace, which revision, what is under way with a bar and Cancel."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QStatusBar, QWidget

from app.ui.jobs import Job, Jobs
from app.ui.widgets import button, label, line

SHOW_AFTER_MS = 400
SAY_MS = 8_000


class StatusBar(QStatusBar):
    """Follows the jobs by itself; short ones are over before they are shown.

    ``share_mode_asked()`` when share mode is to be switched.
    """

    share_mode_asked = Signal()

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self._jobs = jobs
        self._name, self._revision = "", 0
        self._workspace = label("", "small", wraps=False)
        self._said = label("", wraps=False)
        self._what = label("", "small", wraps=False)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._bar.setAccessibleName("Progress of the job under way")
        self._stop = button("Cancel", "quiet", "", self._cancel)
        self._stop.setAccessibleName("Cancel the job under way")
        self._job_part = QWidget()
        self._job_part.setLayout(line(self._what, self._bar, self._stop, space=12, margins=(0, 2, 12, 2)))
        left = QWidget()
        left.setLayout(line(self._workspace, self._said, space=24, margins=(16, 4, 0, 4)))
        self.addWidget(left)
        self.addPermanentWidget(self._job_part)
        self.share = button("Share mode", "quiet", "eye-off", self.share_mode_asked.emit)
        self.share.setCheckable(True)
        self.share.setToolTip(
            "Hide names and counts of 1 to 4 people while others see this screen (Ctrl+Shift+S)"
        )
        share_part = QWidget()
        share_part.setLayout(line(self.share, margins=(0, 2, 12, 2)))
        self.addPermanentWidget(share_part)
        self.share.hide()
        self.setMinimumHeight(36)
        self._wait = QTimer(self)
        self._wait.setInterval(SHOW_AFTER_MS)
        self._wait.timeout.connect(self._tick)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(SAY_MS)
        self._quiet.timeout.connect(lambda: self._said.setText(""))
        self._job_part.hide()
        jobs.started.connect(lambda _job: self._wait.start() if not self._wait.isActive() else None)
        jobs.progressed.connect(lambda _job: self._show() if not self._job_part.isHidden() else None)
        jobs.idle.connect(self._rest)

    def show_workspace(self, name: str, *, is_read_only: bool = False) -> None:
        """Name the workspace; an empty name shows nothing."""
        self._name = f"{name} (read only)" if is_read_only else name
        self._tell()

    def show_revision(self, revision: int) -> None:
        """Show the number of the last write."""
        self._revision = revision
        self._tell()

    def show_share_mode(self, *, is_on: bool, is_open: bool) -> None:
        """Say whether share mode is on; without a workspace there is nothing to hide."""
        self.share.setVisible(is_open)
        self.share.setChecked(is_on)
        self.share.setText("Share mode is on: no names, no counts of 1 to 4" if is_on else "Share mode")

    def say(self, sentence: str) -> None:
        """A sentence that goes away by itself; nothing that must be seen."""
        self._said.setText(sentence)
        self._quiet.start()

    @property
    def said(self) -> str:
        """The sentence shown now."""
        return self._said.text()

    def _tell(self) -> None:
        self._workspace.setText(f"{self._name} · revision {self._revision:,}" if self._name else "")

    def _titled(self) -> list[Job[Any]]:
        return [job for job in self._jobs.running if job.title]

    def _tick(self) -> None:
        self._show()

    def _show(self) -> None:
        titled = self._titled()
        self._job_part.setVisible(bool(titled))
        if not titled:
            return
        job = titled[0]
        more = f" (and {len(titled) - 1} more)" if len(titled) > 1 else ""
        detail = f": {job.sentence}" if job.sentence and job.sentence != job.title else ""
        self._what.setText(f"{job.title}{detail} · {job.took}{more}")
        if job.share < 0:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(int(job.share * 1000))

    def _rest(self) -> None:
        self._wait.stop()
        self._job_part.hide()

    def _cancel(self) -> None:
        titled = self._titled()
        if titled:
            titled[0].cancel()
