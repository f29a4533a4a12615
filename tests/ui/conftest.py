"""The window's tests: one look, jobs closed at the end, nothing left behind (no window, no job, no widget)."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.settings import Settings
from app.ui import application, icons
from app.ui.jobs import Jobs
from tests.ui.stage import Stage


@pytest.fixture(scope="session")
def appearance(qapp: QApplication) -> Iterator[application.Look]:
    """The application set up once, in the light look."""
    yield application.set_up(qapp, "light")
    icons.forget()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_CONFIG", str(tmp_path / "config"))


@pytest.fixture(autouse=True)
def _nothing_left_behind(qapp: QApplication, appearance: application.Look) -> Iterator[None]:
    """Deferred deletes run only inside a loop: flush them, then see that no window outlived its test."""
    appearance.choose("light")
    gc.freeze()  # what was there before the test need not be gone through three times after it
    yield
    for widget in QApplication.topLevelWidgets():
        with suppress(RuntimeError, SystemError):  # gone with its parent meanwhile
            widget.close()
            widget.deleteLater()
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.processEvents()
        gc.collect()
    gc.unfreeze()
    left = [widget for widget in QApplication.topLevelWidgets() if shiboken6.isValid(widget)]
    assert not left, f"windows left behind: {left}"
    assert not [jobs for jobs in _made if shiboken6.isValid(jobs) and jobs.running], "jobs left running"
    _made.clear()


_made: list[Jobs] = []


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[Jobs]:
    """Jobs that are closed at the end of the test."""
    made = Jobs()
    _made.append(made)
    yield made
    assert made.close(), "a worker did not stop"
    made.deleteLater()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings in a folder of their own."""
    return Settings(tmp_path / "settings")


@pytest.fixture
def stage(qapp: QApplication, settings: Settings, appearance: application.Look) -> Iterator[Stage]:
    """A window over a small stand-in organisation, shown and settled when asked for."""
    made = Stage(settings, appearance.choose)
    _made.append(made.window.jobs)
    yield made
    made.window.shut_down()
    made.window.close()
