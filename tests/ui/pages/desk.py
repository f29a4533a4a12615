"""What the tests of pages drive: the window over a workspace file, with keys, clicks and waits on conditions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QDialog, QLabel, QWidget

from app.ui.main_window import MainWindow
from app.ui.page import Page
from app.workspace import Workspace
from tests.builders import USER, clock

Kind = TypeVar("Kind", bound=QWidget)
WAIT_MS = 10_000


class FileDialogs:
    """Stands in for the system's file dialogs: answers them in order, and remembers their titles."""

    def __init__(self) -> None:
        self.answers: list[Path] = []
        self.titles: list[str] = []
        self.folders: list[Path] = []

    def choose_open(
        self, _parent: QWidget, title: str, _kinds: str, chosen: Callable[[Path], object]
    ) -> None:
        self._answer(title, chosen)

    def choose_save(
        self, _parent: QWidget, title: str, _name: str, _kinds: str, chosen: Callable[[Path], object]
    ) -> None:
        self._answer(title, chosen)

    def open_folder(self, path: Path) -> None:
        self.folders.append(path)

    def _answer(self, title: str, chosen: Callable[[Path], object]) -> None:
        self.titles.append(title)
        if self.answers:
            chosen(self.answers.pop(0))


class Desk:
    """A window and the hands at it."""

    def __init__(self, window: MainWindow, qtbot: Any) -> None:
        self.window, self._qtbot = window, qtbot
        self.workspace: Workspace | None = None

    def open(self, path: Path, page: str, *, read_only: bool = False) -> Any:
        """Open a workspace at a page, and wait until it has settled."""
        self.workspace = Workspace.open(path, user=USER, clock=clock, read_only=read_only)
        self.window.show()
        self.window.show_workspace(self.workspace)
        self.settle()
        return self.show(page)

    def show(self, page: str) -> Any:
        """Show a page and wait until it has settled."""
        self.window.show_page(page)
        self.settle()
        shown = self.window.page
        assert isinstance(shown, Page)
        return shown

    def settle(self) -> None:
        """Wait until nothing is under way any more."""
        self._qtbot.waitUntil(self._is_quiet, timeout=WAIT_MS)
        QApplication.processEvents()  # what the last answer put into the window is laid out and shown

    def _is_quiet(self) -> bool:
        QApplication.processEvents()
        return self.window.jobs.is_idle

    def press(self, widget: QWidget, key: Qt.Key, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key at a widget, then wait."""
        QTest.keyClick(widget, key, modifier)
        self.settle()

    def type_into(self, widget: QWidget, text: str) -> None:
        """Type a text into a field."""
        QTest.keyClicks(widget, text)
        self.settle()

    def click(self, inside: QWidget, text: str) -> None:
        """Click the visible button with this text (or accessible name) inside a widget, then wait."""
        for made in inside.findChildren(QAbstractButton):
            if text in (made.text(), made.accessibleName()) and made.isVisible():
                assert made.isEnabled(), f"the button {text!r} cannot be pressed"
                # a box may be wider than its words, and takes no clicks beside them
                place = QPoint(10, made.height() // 2) if isinstance(made, QCheckBox) else QPoint()
                QTest.mouseClick(made, Qt.MouseButton.LeftButton, pos=place)
                self.settle()
                return
        raise LookupError(text)

    def dialog(self, kind: type[Kind] = QDialog) -> Kind:  # type: ignore[assignment]  # any dialog will do
        """The dialog that is open."""
        found = [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
        assert found, "no dialog is open"
        return found[-1]

    def texts(self, widget: QWidget) -> str:
        """Every text a widget shows, for "does it say"."""
        parts = [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]
        return "\n".join(part for part in parts if part)

    def close(self) -> None:
        """Close the window and the workspace."""
        self.window.shut_down()
        self.window.close()
        if self.workspace is not None:
            self.workspace.close()
