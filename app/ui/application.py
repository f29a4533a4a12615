"""Starts the window: look, uncaught errors, log, and the workspace opened last.

Nothing heavy is imported before the window has been painted: numpy, the database layer, matplotlib and openpyxl
come later, on workers.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from app.settings import Settings, config_folder
from app.ui import icons, theme
from app.ui.doors import (
    Doors,
    create_sample,
    create_workspace,
    open_workspace,
    scope_choices,
    workspace_finders,
)
from app.ui.focus import FocusKeeper
from app.ui.main_window import MainWindow
from app.ui.pages import load_behind, wait_for_imports
from app.ui.qt_faults import keep_constants_alive, spare_the_sources
from app.ui.rubbish import Collector

_log = logging.getLogger(__name__)

PATIENCE = 0.0005
"""Seconds a worker keeps the interpreter while the window waits for it. Python's own are ten times as many: a window
that gives it up a dozen times in one step, to read a file or to draw, would stand still for as many hundredths."""


class Look(QObject):
    """Keeps the application in the look the user or the system has chosen."""

    def __init__(self, app: QApplication, appearance: str) -> None:
        super().__init__(app)
        self._app, self._appearance = app, appearance
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(lambda _scheme: self._follow())
        accessibility = hints.accessibility()
        accessibility.contrastPreferenceChanged.connect(lambda _wish: self._follow())
        self._follow()

    def choose(self, appearance: str) -> None:
        """Take "system", "light" or "dark"."""
        self._appearance = appearance
        self._follow()

    def _follow(self) -> None:
        wanted = theme.chosen(self._app, self._appearance)
        if wanted != theme.tokens() or not self._app.styleSheet():
            theme.apply(self._app, wanted)


class UncaughtErrors:
    """Takes the place of ``sys.excepthook``: an exception in a slot or an event ends in a report, not in silence."""

    def __init__(self) -> None:
        self.window: QMainWindow | None = None
        self._is_showing = False

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        from app.ui import dialogs  # late: not needed for the first paint

        _log.error("Uncaught\n%s", "\n".join(dialogs.places(error)))
        if (
            self._is_showing or QApplication.instance() is None
        ):  # one report at a time, also for a fault in painting
            return
        self._is_showing = True
        QTimer.singleShot(0, lambda: self._show(error))  # not inside the event that failed

    def _show(self, error: BaseException) -> None:
        from app.ui import dialogs  # late: as above

        dialog = dialogs.show_crash(self.window, error)
        dialog.finished.connect(self._on_read)

    def _on_read(self, _result: int) -> None:
        self._is_showing = False


def real_doors() -> Doors:
    """The doors into real workspaces."""
    return Doors(
        open=open_workspace,
        create=create_workspace,
        sample=create_sample,
        choices=scope_choices,
        finders=workspace_finders,
    )


def set_up(app: QApplication, appearance: str) -> Look:
    """Give an application its name, style, look and focus ring."""
    keep_constants_alive()
    spare_the_sources()
    sys.setswitchinterval(PATIENCE)
    app.setApplicationName("Muster")
    app.setApplicationDisplayName("Muster")
    app.setStyle("Fusion")
    look = Look(app, appearance)
    FocusKeeper(app)
    app.setWindowIcon(icons.icon("muster", theme.LIGHT.accent, 32))
    app.aboutToQuit.connect(icons.forget)
    return look


def _after_first_paint(window: MainWindow) -> None:
    """Start the log, open the workspace opened last, and load what the first click will need."""
    from app.logs import start_logging  # late: the handlers bring sockets and pickling along

    start_logging(config_folder() / "logs")
    last = window.settings.text("last_workspace")
    if last and Path(last).is_file():
        window.open_path(Path(last))
    else:
        load_behind(())  # while the user reads the welcome screen


def main() -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    app = QApplication(sys.argv)
    settings = Settings()
    uncaught = UncaughtErrors()
    sys.excepthook = uncaught
    look = set_up(app, settings.text("appearance"))
    window = MainWindow(settings, real_doors(), look.choose)
    uncaught.window = window
    window.painted.connect(lambda: _after_first_paint(window))
    collector = Collector(app)
    window.show()
    if settings.warnings:
        window.status.say(settings.warnings[0])
    code = app.exec()
    leave(window)
    collector.stop()
    return code


def leave(window: MainWindow) -> None:
    """Stop everything and let the window go while Qt is still whole; left to the interpreter's end it may crash."""
    window.shut_down()
    wait_for_imports()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
