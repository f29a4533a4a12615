"""A window over a real workspace, opened at a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.settings import Settings
from app.ui import application
from app.ui.main_window import MainWindow
from app.workspace import Workspace
from tests.ui.pages.desk_fixtures import bare, desk, extract, file_dialogs, full, full_template
from tests.workspace_fixtures import (
    fixed_surroundings,
    furnished,
    furnished_template,
    small,
    small_template,
    ws,
)

__all__ = [
    "bare",
    "desk",
    "extract",
    "file_dialogs",
    "fixed_surroundings",
    "full",
    "full_template",
    "furnished",
    "furnished_template",
    "small",
    "small_template",
    "ws",
]

Opener = Callable[[Workspace, str], Any]


def settle(window: MainWindow, qtbot: Any) -> None:
    """Wait until everything asked for has been answered."""
    qtbot.waitUntil(lambda: window.jobs.is_idle, timeout=20_000)


@pytest.fixture
def open_page(settings: Settings, appearance: application.Look, qtbot: Any) -> Iterator[Opener]:
    """Opens a workspace in a window and shows the page with a key; the window closes it at the end."""
    made: list[MainWindow] = []

    def opened(workspace: Workspace, key: str) -> Any:
        window = MainWindow(settings, application.real_doors(), appearance.choose)
        made.append(window)
        window.resize(1280, 800)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        window.show_workspace(workspace)
        window.show_page(key)
        settle(window, qtbot)
        return window.page

    yield opened
    for window in made:
        window.shut_down()
        window.close()
