from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication

from app.change import Change, Outcome
from app.errors import AppError, StoreError
from app.progress import Progress
from app.ui.jobs import Jobs
from tests.counts import share


class Gate:
    """Work that waits until it is let through, so that tests decide what overtakes what."""

    def __init__(self) -> None:
        self.is_open = threading.Event()
        self.has_begun = threading.Event()

    def work(self, result: Any = None) -> Callable[[Progress], Any]:
        def wait(progress: Progress) -> Any:
            self.has_begun.set()
            while not self.is_open.wait(0.005):
                progress.check()
            progress.check()
            return result

        return wait


def until_idle(qtbot: Any, jobs: Jobs) -> None:
    if not jobs.is_idle:
        with qtbot.waitSignal(jobs.idle, timeout=5_000):
            pass


def test_a_result_arrives_on_the_windows_thread(qtbot: Any, jobs: Jobs) -> None:
    seen: list[tuple[int, bool]] = []
    jobs.read(lambda _p: 42, lambda result: seen.append((result, QThread.isMainThread())))
    until_idle(qtbot, jobs)
    assert seen == [(42, True)]


def test_work_runs_off_the_windows_thread(qtbot: Any, jobs: Jobs) -> None:
    names: list[str] = []
    jobs.read(lambda _p: threading.current_thread().name, names.append)
    jobs.compute(lambda _p: threading.current_thread().name, names.append)
    until_idle(qtbot, jobs)
    assert sorted(name.split("_")[0] for name in names) == ["compute", "data"]


def test_reads_and_writes_keep_their_order(qtbot: Any, jobs: Jobs) -> None:
    order: list[int] = []
    for number in range(share(400)):
        if number % 3:
            jobs.read(lambda _p, number=number: number, order.append)
        else:
            jobs.write(lambda _p, number=number: Outcome(number, Change("w")), order.append)
    until_idle(qtbot, jobs)
    assert order == sorted(order)


def test_long_sums_do_not_hold_up_reads(qtbot: Any, jobs: Jobs) -> None:
    gate, seen = Gate(), list[str]()
    jobs.compute(gate.work("sum"), seen.append)
    with qtbot.waitSignal(jobs.ended, timeout=5_000):
        jobs.read(lambda _p: "read", seen.append)
    assert seen == ["read"]
    gate.is_open.set()
    until_idle(qtbot, jobs)
    assert seen == ["read", "sum"]


def test_an_overtaken_read_is_dropped(qtbot: Any, jobs: Jobs) -> None:
    gate, seen, cancelled = Gate(), list[str](), list[str]()
    first = jobs.read(gate.work("old"), seen.append, key="page", cancelled=lambda: cancelled.append("old"))
    gate.has_begun.wait(5)
    jobs.read(lambda _p: "new", seen.append, key="page")
    gate.is_open.set()
    until_idle(qtbot, jobs)
    assert seen == ["new"]
    assert first.is_overtaken
    assert cancelled == []


def test_reads_with_other_keys_are_not_overtaken(qtbot: Any, jobs: Jobs) -> None:
    seen: list[str] = []
    jobs.read(lambda _p: "a", seen.append, key="a")
    jobs.read(lambda _p: "b", seen.append, key="b")
    until_idle(qtbot, jobs)
    assert seen == ["a", "b"]


def test_a_write_announces_its_change_before_its_value(qtbot: Any, jobs: Jobs) -> None:
    seen: list[object] = []
    change = Change("Accept role", frozenset({"role_assignment"}), 8)
    jobs.changed.connect(seen.append)
    jobs.write(lambda _p: Outcome("done", change), seen.append)
    until_idle(qtbot, jobs)
    assert seen == [change, "done"]


def test_a_write_that_changed_nothing_announces_nothing(qtbot: Any, jobs: Jobs) -> None:
    seen: list[object] = []
    jobs.changed.connect(seen.append)
    jobs.write(lambda _p: Outcome(None, Change("Look")))
    until_idle(qtbot, jobs)
    assert seen == []


def test_a_computed_outcome_is_announced_too(qtbot: Any, jobs: Jobs) -> None:
    seen: list[object] = []
    change = Change("Generate plan", frozenset({"plan"}), 9)
    jobs.changed.connect(seen.append)
    jobs.compute(lambda _p: Outcome(3, change), seen.append)
    until_idle(qtbot, jobs)
    assert seen == [change, 3]


def test_cancel_stops_at_the_next_step(qtbot: Any, jobs: Jobs) -> None:
    gate, seen, cancelled = Gate(), list[str](), list[bool]()
    job = jobs.compute(gate.work("late"), seen.append, cancelled=lambda: cancelled.append(True))
    gate.has_begun.wait(5)
    job.cancel()
    until_idle(qtbot, jobs)
    assert (seen, cancelled) == ([], [True])


def test_a_job_cancelled_before_it_begins_never_runs(qtbot: Any, jobs: Jobs) -> None:
    gate, ran = Gate(), list[int]()
    jobs.read(gate.work(), lambda _r: None)
    waiting = jobs.read(lambda _p: ran.append(1), lambda _r: ran.append(2))
    waiting.cancel()
    gate.is_open.set()
    until_idle(qtbot, jobs)
    assert ran == []


def test_an_error_of_the_users_goes_to_who_asked(qtbot: Any, jobs: Jobs) -> None:
    seen: list[AppError] = []
    error = StoreError("The disk is full.", "Free some space.")
    shown: list[object] = []
    jobs.failed.connect(lambda *about: shown.append(about))

    def fail(_progress: Progress) -> None:
        raise error

    jobs.read(fail, lambda _r: None, failed=seen.append)
    until_idle(qtbot, jobs)
    assert (seen, shown) == ([error], [])


def test_an_error_nobody_takes_is_announced(qtbot: Any, jobs: Jobs) -> None:
    def fail(_progress: Progress) -> None:
        raise StoreError("The disk is full.")

    with qtbot.waitSignal(jobs.failed, timeout=5_000) as told:
        jobs.read(fail, lambda _r: None)
    assert str(told.args[1]) == "The disk is full."


def test_a_fault_of_the_program_is_announced_with_its_places(qtbot: Any, jobs: Jobs) -> None:
    with qtbot.waitSignal(jobs.crashed, timeout=5_000) as told:
        jobs.read(lambda _p: 1 // 0, lambda _r: None)
    assert isinstance(told.args[1], ZeroDivisionError)
    assert told.args[1].__traceback__ is not None


def test_progress_comes_home_without_flooding(qtbot: Any, jobs: Jobs) -> None:
    told: list[float] = []
    jobs.progressed.connect(lambda job: told.append(job.share))

    def work(progress: Progress) -> None:
        for step in range(100_000):
            progress.step(step / 100_000, "Matching")

    job = jobs.compute(work, lambda _r: None)
    until_idle(qtbot, jobs)
    assert job.sentence == "Matching"
    assert len(told) < 50_000
    assert told == sorted(told)


def test_a_result_for_a_closed_page_is_dropped(qtbot: Any, jobs: Jobs) -> None:
    class Owner(QObject):
        def take(self, _result: object) -> None:
            raise AssertionError("called after it was deleted")

    gate, owner, other = Gate(), Owner(), Owner()
    jobs.read(gate.work(), owner.take)
    jobs.read(lambda _p: 1, lambda result: other.take(result))  # noqa: PLW0108  (the widget in a cell is the point)
    shiboken6.delete(owner)
    shiboken6.delete(other)
    gate.is_open.set()
    until_idle(qtbot, jobs)
    assert jobs.is_idle


def test_closing_stops_what_runs_and_takes_no_more(qapp: QApplication) -> None:
    gate, seen = Gate(), list[object]()
    jobs = Jobs()
    jobs.compute(gate.work("late"), seen.append)
    jobs.read(lambda _p: 1, seen.append)
    gate.has_begun.wait(5)
    assert jobs.close()
    qapp.processEvents()
    assert seen == []
    assert jobs.is_idle
    with pytest.raises(RuntimeError, match="after the window had closed"):
        jobs.read(lambda _p: 1, seen.append)
    jobs.deleteLater()


def test_a_worker_that_does_not_stop_is_said(qapp: QApplication) -> None:
    jobs, gate = Jobs(), threading.Event()
    jobs.compute(lambda _p: gate.wait(30), lambda _r: None)
    assert not jobs.close(seconds=0.05)
    gate.set()
    jobs.deleteLater()


def test_hundreds_of_jobs_leave_nothing_behind(qtbot: Any, jobs: Jobs) -> None:
    seen: list[int] = []
    for number in range(share(3_000)):
        (jobs.compute if number % 2 else jobs.read)(lambda _p, number=number: number, seen.append)
    until_idle(qtbot, jobs)
    assert sorted(seen) == list(range(share(3_000)))
    assert jobs.running == ()
