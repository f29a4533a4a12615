"""Every question and message of the window. Nothing blocks: dialogs open, and call back when answered.

Tests replace the functions of this module that reach outside (:func:`choose_open`, :func:`choose_save`,
:func:`choose_folder`, :func:`open_folder`); the others are real dialogs that a test can find and press.
"""

from __future__ import annotations

import platform
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QPlainTextEdit, QPushButton, QWidget

from app import __version__
from app.errors import AppError, InputProblems
from app.logs import recent_lines
from app.ui.widgets import ButtonKind, IconLabel, button, label, line, rows

Answer = tuple[str, ButtonKind, Callable[[], object] | None]
"""A button of a dialog: its verb, its kind, what it does (None only closes)."""


class MessageDialog(QDialog):
    """A sentence, its detail, perhaps a text to read or copy, and buttons that are verbs."""

    def __init__(
        self, parent: QWidget | None, title: str, sentence: str, detail: str, icon: tuple[str, str]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.sentence, self.detail = label(sentence, "heading"), label(detail)
        sign = IconLabel(*icon, size=28)
        self._words = rows(self.sentence, self.detail, space=8)
        top = line(sign, self._words, space=16)
        top.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
        top.setStretch(1, 1)
        self._buttons = line(space=12)
        self._buttons.addStretch(1)
        self._box = rows(top, self._buttons, space=24, margins=(24, 24, 24, 20))
        self.setLayout(self._box)
        self.detail.setVisible(bool(detail))  # not earlier: a widget without a parent would open as a window
        self.setMinimumWidth(440)

    def add_text(self, name: str, text: str) -> QPlainTextEdit:
        """A text that can be read and copied, under the sentence."""
        shown = QPlainTextEdit(text)
        shown.setReadOnly(True)
        shown.setTabChangesFocus(True)
        shown.setAccessibleName(name)
        shown.setMinimumHeight(160)
        self._box.insertWidget(1, shown, 1)
        self.resize(640, 420)
        return shown

    def add_answers(self, *answers: Answer) -> None:
        """The buttons, from left to right; the last one is what Enter does."""
        for verb, kind, act in answers:
            made = button(verb, kind)
            made.clicked.connect(self.accept)
            if act is not None:
                made.clicked.connect(lambda _checked=False, act=act: act())
            self._buttons.addWidget(made)
            if (verb, kind, act) == answers[-1]:
                made.setDefault(True)
                made.setFocus()

    def press(self, verb: str) -> None:
        """Press the button with this text; raises LookupError where there is none."""
        for place in range(self._buttons.count()):
            item = self._buttons.itemAt(place)
            made = item.widget() if item is not None else None
            if isinstance(made, QPushButton) and made.text() == verb:
                made.click()
                return
        raise LookupError(verb)


def ask(
    parent: QWidget, sentence: str, detail: str, verb: str, act: Callable[[], object], *, keep: str = "Cancel"
) -> MessageDialog:
    """Ask before something that cannot be undone; ``sentence`` says what will happen, ``verb`` does it."""
    dialog = MessageDialog(parent, "Muster", sentence, detail, ("help", "accent"))
    dialog.add_answers((keep, "secondary", None), (verb, "primary", act))
    dialog.open()
    return dialog


def tell(parent: QWidget | None, sentence: str, detail: str = "") -> MessageDialog:
    """Say something that needs no answer but must be seen."""
    dialog = MessageDialog(parent, "Muster", sentence, detail, ("info", "accent"))
    dialog.add_answers(("Close", "primary", None))
    dialog.open()
    return dialog


def show_error(parent: QWidget | None, error: AppError, *more: Answer) -> MessageDialog:
    """Say what happened and what to do; problems of a file are listed with their places."""
    dialog = MessageDialog(parent, "Muster", error.sentence, error.advice, ("warning", "warn"))
    if isinstance(error, InputProblems):
        listed = "\n".join(problem.sentence() for problem in error.problems[:500])
        dialog.add_text("Problems found", listed)
    dialog.add_answers(*more, ("Close", "primary", None))
    dialog.open()
    return dialog


def show_conflict(
    parent: QWidget, error: AppError, mine: str, theirs: str, take_theirs: Callable[[], object]
) -> MessageDialog:
    """Somebody else changed the same thing: both values, and the choice."""
    dialog = MessageDialog(parent, "Changed elsewhere", error.sentence, error.advice, ("warning", "warn"))
    dialog.add_text("Both values", f"You entered:\n{mine}\n\nIt is now:\n{theirs}")
    dialog.add_answers(("Keep editing", "secondary", None), ("Load what it is now", "primary", take_theirs))
    dialog.open()
    return dialog


def crash_report(error: BaseException) -> str:
    """A report about a fault of the program: versions, places in the program, last lines of the log.

    The message of an exception may quote somebody's data, and folders may hold the name of an account: both are
    left out.
    """
    head = (
        f"Muster {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    )
    log = "\n".join(recent_lines()[-40:]) or "(empty)"
    return "\n".join([head, "", *places(error), "", "Last lines of the log:", log])


def places(error: BaseException) -> list[str]:
    """The kind of an exception and of those behind it, with the places they passed, innermost last."""
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [*places(behind), "which led to"] if behind is not None else []
    lines += [
        f"  {'/'.join(Path(frame.filename).parts[-3:])}, line {frame.lineno}, in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return [*lines, type(error).__name__]


def show_crash(parent: QWidget | None, error: BaseException) -> MessageDialog:
    """Own up to a fault of the program, with a report that the user may read and copy."""
    dialog = MessageDialog(
        parent,
        "Muster has a fault",
        "Something went wrong in Muster itself.",
        "Nothing you had saved is lost. You can go on; if it happens again, send this report to whoever looks after "
        "Muster. It holds no names and no values.",
        ("error", "bad"),
    )
    report = crash_report(error)
    dialog.add_text("Report", report)
    dialog.add_answers(
        ("Copy report", "secondary", lambda: QGuiApplication.clipboard().setText(report)),
        ("Go on", "primary", None),
    )
    dialog.open()
    return dialog


def choose_open(parent: QWidget, title: str, kinds: str, chosen: Callable[[Path], object]) -> None:
    """Let the user choose a file to read; ``kinds`` as Qt writes them: "HR extract (*.csv *.xlsx)"."""
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    _run(dialog, chosen)


def choose_save(parent: QWidget, title: str, name: str, kinds: str, chosen: Callable[[Path], object]) -> None:
    """Let the user choose where to write; the ending of ``name`` is added where none is typed."""
    dialog = QFileDialog(parent, title, name, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix.lstrip("."))
    _run(dialog, chosen)


def choose_folder(parent: QWidget, title: str, chosen: Callable[[Path], object]) -> None:
    """Let the user choose a folder to write into."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
    _run(dialog, chosen)


def choose_printer(parent: QWidget, title: str, chosen: Callable[[Any], object]) -> None:
    """Let the user choose a printer for A4 sheets without margins of our own; ``chosen`` gets the QPrinter."""
    from PySide6.QtGui import QPageLayout, QPageSize  # late: printing needs a library that nothing else needs
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setPageOrientation(QPageLayout.Orientation.Portrait)
    printer.setFullPage(True)
    printer.setDocName(title)
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.accepted.connect(lambda: chosen(printer))
    QDialog.open(dialog)  # its own open() wants a receiver by name


def _run(dialog: QFileDialog, chosen: Callable[[Path], object]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()


def open_folder(path: Path) -> None:
    """Show a file's folder in the system's file window."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))
