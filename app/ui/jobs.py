"""Work off the window's thread: two lanes of one worker each, and one long-lived object that brings results home.

Workers are plain threads of two executors; nothing of Qt lives in them. Everything they have to say is a closure
posted to the thread of the window through one queued signal, so no object can die on the wrong thread.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar, cast

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.change import Change, Outcome
from app.errors import AppError
from app.progress import Cancelled, Progress

_log = logging.getLogger(__name__)

T = TypeVar("T")
CLOSE_SECONDS = 10.0


class Job(Generic[T]):
    """One piece of work: what it is called, how far it is, and how to stop it. Plain Python, no Qt."""

    def __init__(self, title: str, report: Callable[[Job[Any]], None]) -> None:
        self.title = title
        self.share = -1.0
        self.sentence = ""
        self.started_at = time.monotonic()
        self.is_over = False
        self.is_overtaken = False
        self.progress = Progress(self._note)
        self._report = report
        self._is_told = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next step; nothing it began is kept."""
        self.progress.cancel()

    @property
    def seconds(self) -> float:
        """How long it has been asked for, in seconds."""
        return time.monotonic() - self.started_at

    @property
    def took(self) -> str:
        """How long, in words: ``12 s`` or ``2 min 5 s``."""
        full = int(self.seconds)
        return f"{full} s" if full < 60 else f"{full // 60} min {full % 60} s"

    def _note(self, share: float, sentence: str) -> None:
        self.share, self.sentence = share, sentence or self.sentence
        if not self._is_told.is_set():  # one message under way at a time, however often the work reports
            self._is_told.set()
            self._report(self)

    def told(self) -> None:
        """The window has seen the latest state; the next step may be told again."""
        self._is_told.clear()


class Jobs(QObject):
    """Runs reads and writes in order on the data lane, and long sums beside them on the compute lane.

    Signals, all on the thread of the window: ``changed(Change)`` after a write touched something;
    ``started(Job)``, ``progressed(Job)``, ``ended(Job)``; ``failed(Job, Exception)`` where the asker has no
    answer of its own to an AppError; ``crashed(Job, Exception)`` for a fault of the program;
    ``idle()`` when nothing is left to do.
    """

    changed = Signal(object)
    started = Signal(object)
    progressed = Signal(object)
    ended = Signal(object)
    failed = Signal(object, object)
    crashed = Signal(object, object)
    idle = Signal()
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._data = ThreadPoolExecutor(max_workers=1, thread_name_prefix="data")
        self._compute = ThreadPoolExecutor(max_workers=1, thread_name_prefix="compute")
        self._running: list[Job[Any]] = []
        self._futures: dict[int, Future[None]] = {}
        self._latest: dict[str, Job[Any]] = {}
        self._is_closed = False
        self._posted.connect(self._run_posted, Qt.ConnectionType.QueuedConnection)

    def read(
        self,
        work: Callable[[Progress], T],
        done: Callable[[T], None],
        *,
        key: str = "",
        title: str = "",
        failed: Callable[[AppError], None] | None = None,
        cancelled: Callable[[], None] | None = None,
    ) -> Job[T]:
        """Ask something. A later read with the same ``key`` overtakes this one, whose result is then dropped."""
        job = self._job(title)
        if key:
            earlier = self._latest.get(key)
            if earlier is not None and not earlier.is_over:
                earlier.is_overtaken = True
                earlier.cancel()
            self._latest[key] = job
        return self._submit(self._data, job, work, (done, failed, cancelled))

    def write(
        self,
        work: Callable[[Progress], Outcome[T]],
        done: Callable[[T], None] | None = None,
        *,
        title: str = "",
        failed: Callable[[AppError], None] | None = None,
        cancelled: Callable[[], None] | None = None,
    ) -> Job[Outcome[T]]:
        """Change something; ``changed`` is announced before ``done`` gets the value of the Outcome."""
        return self._submit(self._data, self._job(title), work, (done, failed, cancelled))

    def compute(
        self,
        work: Callable[[Progress], T],
        done: Callable[[Any], None],
        *,
        title: str = "",
        failed: Callable[[AppError], None] | None = None,
        cancelled: Callable[[], None] | None = None,
    ) -> Job[T]:
        """Reckon for long without holding up reads. An Outcome is treated as that of a write."""
        return self._submit(self._compute, self._job(title), work, (done, failed, cancelled))

    @property
    def running(self) -> tuple[Job[Any], ...]:
        """The jobs asked for and not yet over, oldest first."""
        return tuple(self._running)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked for or under way."""
        return not self._running

    def cancel_all(self) -> None:
        """Ask everything to stop."""
        for job in self._running:
            job.cancel()

    def close(self, seconds: float = CLOSE_SECONDS) -> bool:
        """Cancel, wait for the workers and take no more work. False where one did not stop in time."""
        self._is_closed = True
        self.cancel_all()
        ends = time.monotonic() + seconds
        futures = list(self._futures.values())
        self._data.shutdown(wait=False, cancel_futures=True)
        self._compute.shutdown(wait=False, cancel_futures=True)
        stopped = True
        for future in futures:
            try:
                future.exception(timeout=max(0.0, ends - time.monotonic()))
            except TimeoutError:
                stopped = False
            except BaseException as error:
                _log.debug("A job ended while closing: %s", type(error).__name__)
        for job in self._running:
            job.is_over = True
        self._running.clear()
        self._futures.clear()
        return stopped

    # --- inside -----------------------------------------------------------------------------------------------

    def _job(self, title: str) -> Job[Any]:
        if self._is_closed:
            raise RuntimeError("a job was asked for after the window had closed")
        return Job(title, self._tell)

    def _submit(
        self,
        lane: ThreadPoolExecutor,
        job: Job[Any],
        work: Callable[[Progress], Any],
        answers: tuple[Any, Any, Any],
    ) -> Job[Any]:
        self._running.append(job)
        self.started.emit(job)
        self._futures[id(job)] = lane.submit(self._work, job, work, answers)
        return job

    def _work(self, job: Job[Any], work: Callable[[Progress], Any], answers: tuple[Any, Any, Any]) -> None:
        """Runs on the worker: does the work and posts what came of it."""
        try:
            job.progress.check()
            result = work(job.progress)
        except Cancelled:
            self._post(lambda: self._on_cancelled(job, answers[2]))
        except AppError as error:
            problem = error
            self._post(lambda: self._on_failed(job, problem, answers[1]))
        except BaseException as error:
            fault = error
            self._post(lambda: self._on_crashed(job, fault))
        else:
            self._post(lambda: self._on_done(job, result, answers[0]))

    def _tell(self, job: Job[Any]) -> None:
        self._post(lambda: self._on_progressed(job))

    def _post(self, closure: Callable[[], None]) -> None:
        if not self._is_closed and shiboken6.isValid(self):
            self._posted.emit(closure)

    @Slot(object)
    def _run_posted(self, closure: Callable[[], None]) -> None:
        if not self._is_closed:
            closure()

    def _on_progressed(self, job: Job[Any]) -> None:
        job.told()
        if not job.is_over and not job.is_overtaken:
            self.progressed.emit(job)

    def _on_done(self, job: Job[Any], result: Any, done: Callable[[Any], None] | None) -> None:
        self._over(job)
        try:
            if isinstance(result, Outcome):
                outcome = cast("Outcome[Any]", result)
                self._announce(outcome.change)
                result = outcome.value
            if done is not None and not job.is_overtaken and _is_alive(done):
                done(result)
        finally:
            self._rest()

    def _on_cancelled(self, job: Job[Any], cancelled: Callable[[], None] | None) -> None:
        self._over(job)
        if cancelled is not None and not job.is_overtaken and _is_alive(cancelled):
            cancelled()
        self._rest()

    def _on_failed(self, job: Job[Any], error: AppError, failed: Callable[[AppError], None] | None) -> None:
        self._over(job)
        _log.info("%s: %s", job.title or "A job", type(error).__name__)
        if not job.is_overtaken:
            if failed is None:
                self.failed.emit(job, error)
            elif _is_alive(failed):
                failed(error)
        self._rest()

    def _on_crashed(self, job: Job[Any], error: BaseException) -> None:
        self._over(job)
        self.crashed.emit(job, error)
        self._rest()

    def _announce(self, change: Change) -> None:
        if not change.is_empty:
            self.changed.emit(change)

    def _over(self, job: Job[Any]) -> None:
        job.is_over = True
        self._futures.pop(id(job), None)
        if job in self._running:
            self._running.remove(job)
        self._latest = {key: one for key, one in self._latest.items() if one is not job}
        self.ended.emit(job)

    def _rest(self) -> None:
        if not self._running:
            self.idle.emit()


def _is_alive(callback: Callable[..., object]) -> bool:
    """Whether the widget behind a callback still exists; a result for a closed page is dropped."""
    owners: list[object] = [getattr(callback, "__self__", None)]
    for cell in (
        getattr(callback, "__closure__", None) or ()
    ):  # a lambda of a method holds its widget in a cell
        with contextlib.suppress(ValueError):  # a cell that was never filled
            owners.append(cell.cell_contents)
    return all(not isinstance(owner, QObject) or shiboken6.isValid(owner) for owner in owners)
