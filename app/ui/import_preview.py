"""Loading a file, the same way everywhere: read, look at what would change, put headings right, load, revert.

The dialog knows nothing of people or courses: an :class:`ImportKind` says how its files are read, what is shown
before loading, and how they are loaded. Nothing is written before the user presses the button that says what.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QStackedWidget, QTabWidget, QWidget

from app.change import Outcome
from app.errors import AppError, InputProblems, Problem
from app.files.options import ReadOptions
from app.progress import Progress
from app.ui import dialogs
from app.ui.column_matching import ColumnMatching
from app.ui.context import Context
from app.ui.jobs import Job
from app.ui.states import BusyState, SentenceState
from app.ui.table import Column, TablePane
from app.ui.table_data import TableData
from app.ui.widgets import Banner, button, label, line, rows

TABLE_FILES = "Tables (*.csv *.tsv *.txt *.xlsx *.xlsm *.xlsb *.xls *.ods);;All files (*)"

PROBLEM_COLUMNS = (
    Column("row", "Row", "int", width=64),
    Column("what", "What", width=300),
    Column("value", "Value", width=130),
    Column("column", "Column", width=120),
    Column("advice", "How to put it right", width=300),
    Column("effect", "Row is", width=96),
)


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem of a file as a row of a table."""

    row: int | None
    what: str
    value: str
    column: str
    advice: str
    effect: str

    @classmethod
    def of(cls, problem: Problem) -> ProblemLine:
        """A problem of a reader; row 0 is the whole file."""
        effect = "left out" if problem.severity == "error" else "used"
        return cls(problem.row or None, problem.what, problem.value, problem.column, problem.advice, effect)


@dataclass(frozen=True, slots=True)
class PreviewTab:
    """One list of the preview: its title with the count, and its rows."""

    title: str
    what: str
    columns: tuple[Column, ...]
    records: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the user decided about reading the file; ``as_at`` None is today."""

    options: ReadOptions = field(default_factory=ReadOptions)
    as_at: date | None = None


@dataclass(frozen=True, slots=True)
class LoadChoice:
    """What the user ticked before loading."""

    skip_bad_rows: bool = False
    end_leavers: bool = False


class ImportKind(ABC):
    """One kind of file. ``next_step`` is the verb and the page offered once it is loaded."""

    title = ""
    file_kinds = TABLE_FILES
    our_names: tuple[str, ...] = ()
    takes_day = False
    takes_date_order = False
    next_step: tuple[str, str] = ("", "")

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    def names_are_hidden(self) -> bool:
        """Whether people's names stay out of sight."""
        return self.context.settings.flag("hide_names")

    def extra(self, _dialog: ImportDialog, /) -> QWidget | None:
        """Fields of this kind alone, shown over the lists; made once."""
        return None

    @abstractmethod
    def preview(self, path: Path, reading: Reading, progress: Progress, /) -> Any:
        """Read the file and compare it, on a worker."""

    @abstractmethod
    def commit(self, preview: Any, choice: LoadChoice, progress: Progress, /) -> Outcome[Any] | None:
        """Load what was previewed, on a worker."""

    @abstractmethod
    def sentence(self, preview: Any) -> str:
        """What loading would do, in one sentence."""

    @abstractmethod
    def verb(self, preview: Any, choice: LoadChoice, /) -> str:
        """The button that loads: "Load 1,204 people"."""

    @abstractmethod
    def tabs(self, preview: Any) -> list[PreviewTab]:
        """The lists of the preview, problems left aside."""

    def leavers(self, _preview: Any, /) -> tuple[str, str]:
        """The words of the box that ends leavers, and a warning; empty where there are none."""
        return "", ""

    @abstractmethod
    def loaded(self, summary: Any) -> tuple[str, str]:
        """What was done: a sentence, and the rest of the figures."""


def choose_and_load(parent: QWidget, kind: ImportKind) -> None:
    """Ask for a file and open its preview."""
    dialogs.choose_open(parent, kind.title, kind.file_kinds, lambda path: open_import(parent, kind, path))


def open_import(parent: QWidget, kind: ImportKind, path: Path) -> ImportDialog:
    """Open the preview of a file."""
    dialog = ImportDialog(parent, kind, path)
    dialog.open()
    dialog.preview_again()
    return dialog


class ImportDialog(QDialog):
    """Preview of one file, and its loading. ``stage`` is "busy", "preview", "refused", "error" or "loaded"."""

    def __init__(self, parent: QWidget, kind: ImportKind, path: Path) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(f"{kind.title}: {path.name}")
        self.kind, self.path = kind, path
        self.stage = "busy"
        self.found: Any = None
        self._job: Job[Any] | None = None
        self._action_id = 0
        self._build()
        self.resize(940, 660)

    # --- what happens -----------------------------------------------------------------------------------------

    def preview_again(self) -> None:
        """Read the file with what is decided by now."""
        kind, path = self.kind, self.path
        reading = Reading(self.matching.options(), self.matching.as_at())
        self._job = kind.context.jobs.read(
            lambda progress: kind.preview(path, reading, progress),
            self._on_preview,
            key="import preview",
            title=f"Reading {path.name}",
            failed=self._on_failed,
            cancelled=self._on_cancelled,
        )
        self._show_busy(f"Reading {path.name}")

    def load(self) -> None:
        """Write what is shown."""
        kind, found = self.kind, self.found
        choice = self._choice()

        def work(progress: Progress) -> Any:
            outcome = kind.commit(found, choice, progress)
            self._action_id = outcome.change.action_id if outcome is not None else 0
            return outcome

        self._job = kind.context.jobs.write(
            work,
            self._on_loaded,
            title=kind.title,
            failed=self._on_failed,
            cancelled=self._on_cancelled,
        )
        self._show_busy(kind.verb(found, choice))

    def revert(self) -> None:
        """Take the load back."""
        workspace, number = self.kind.context.workspace, self._action_id
        self._job = self.kind.context.jobs.write(
            lambda _progress: workspace.admin.revert(number),
            self._on_reverted,
            title=f"Reverting {self.kind.title.lower()}",
            failed=self._on_failed,
        )
        self._show_busy("Reverting")

    def reject(self) -> None:
        """Esc and Cancel stop what is under way; nothing half-done is kept."""
        if self._job is not None and not self._job.is_over:
            self._job.cancel()
        super().reject()

    # --- answers ----------------------------------------------------------------------------------------------

    def _on_preview(self, found: Any) -> None:
        self.found = found
        kind = self.kind
        self._begin("preview", kind.sentence(found))
        self.matching.show_matches(
            (*found.columns, *((heading, "") for heading in found.dropped)), kind.our_names
        )
        for tab in kind.tabs(found):
            self._add_list(tab)
        self._add_problems(found.problems)
        self._add_matching()
        bad_rows = len({problem.row for problem in found.errors})
        self.skip.setVisible(bool(bad_rows))
        rows_ = (
            "the row that cannot be used" if bad_rows == 1 else f"the {bad_rows:,} rows that cannot be used"
        )
        self.skip.setText(f"Leave out {rows_}")
        words, warning = kind.leavers(found)
        self.leavers.setText(words)
        self.leavers.setVisible(bool(words))
        self.banner.say(" ".join(found.unclear) or warning)
        if found.unclear:
            self.tabs.setCurrentWidget(self.matching)
        self._enable_load()
        self._load.setFocus() if self._load.isEnabled() else self.tabs.setFocus()

    def _on_failed(self, error: AppError) -> None:
        if isinstance(error, InputProblems):
            self._begin("refused", f"{error.sentence} {error.advice}")
            self._add_problems(error.problems)
            if error.matches:
                self.matching.show_matches(error.matches, self.kind.our_names)
                self._add_matching()
                self.tabs.setCurrentWidget(self.matching)
            self._order_tabs()
            self.skip.hide()
            self.leavers.hide()
            self.tabs.setFocus()
            return
        self.stage = "error"
        self._say.show_error(error.sentence, error.advice, self.preview_again)
        self._stack.setCurrentWidget(self._say)
        self._show_buttons()

    def _on_cancelled(self) -> None:
        if self.found is None:
            super().reject()
            return
        self._on_preview(self.found)
        self.banner.say("Stopped. Nothing was changed.", tone="info")

    def _on_loaded(self, summary: Any) -> None:
        self.stage = "loaded"
        if summary is None:
            self._say.show_done("Nothing was changed.", "The workspace already holds all the file says.")
        else:
            verb, page = self.kind.next_step
            self._say.show_done(*self.kind.loaded(summary), verb, lambda: self._go(page))
        self._stack.setCurrentWidget(self._say)
        self._show_buttons()

    def _on_reverted(self, _name: str) -> None:
        self._action_id = 0
        self.stage = "loaded"
        self._say.show_done("The load was reverted.", "The workspace is as it was before.")
        self._stack.setCurrentWidget(self._say)
        self._show_buttons()

    def _go(self, page: str) -> None:
        self.accept()
        self.kind.context.navigator.go(page)

    # --- inside -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.sentence = label("", "answer")
        self.banner = Banner()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("What the file holds")
        self.matching = ColumnMatching(
            takes_day=self.kind.takes_day, takes_date_order=self.kind.takes_date_order, today=self._today()
        )
        self.matching.again.connect(self.preview_again)
        self.skip, self.leavers = QCheckBox(), QCheckBox()
        self.skip.toggled.connect(lambda _on: self._enable_load())
        self.leavers.toggled.connect(lambda _on: self._enable_load())
        full = QWidget()
        extra = self.kind.extra(self)
        parts = [self.sentence, self.banner, *([extra] if extra else []), self.tabs, self.leavers, self.skip]
        box = rows(*parts, space=12)
        box.setStretch(parts.index(self.tabs), 1)
        full.setLayout(box)
        self._full = full
        self._busy = BusyState()
        self._busy.cancelled.connect(self._stop)
        self._say = _Said()
        self._stack = QStackedWidget()
        for widget in (full, self._busy, self._say):
            self._stack.addWidget(widget)
        self._close = button("Cancel", clicked=self.reject)
        self._another = button("Choose another file", "secondary", "open", self._choose_another)
        self._revert = button("Revert this load", "secondary", "undo", self.revert)
        self._load = button("", "primary", "import", self.load)
        feet = line(self._another, self._revert, self._close, self._load, space=12)
        feet.insertStretch(0, 1)
        whole = rows(self._stack, feet, space=16, margins=(24, 20, 24, 20))
        whole.setStretch(0, 1)
        self.setLayout(whole)
        self.matching.hide()

    def _today(self) -> date:
        return self.kind.context.workspace.today()

    def _begin(self, stage: str, sentence: str) -> None:
        """An empty preview: its lists are added after."""
        self.stage = stage
        self._busy.rest()
        self.sentence.setText(sentence)
        self.banner.say("")
        while self.tabs.count():
            widget = self.tabs.widget(0)
            self.tabs.removeTab(0)
            if widget is not None and widget is not self.matching:
                widget.deleteLater()
        self._stack.setCurrentWidget(self._full)
        self._show_buttons()

    def _add_list(self, tab: PreviewTab) -> None:
        pane = TablePane("", tab.what)
        columns = tuple(
            column for column in tab.columns if not (self.kind.names_are_hidden and column.key == "name")
        )
        pane.set_data(TableData.of_records(columns, tab.records))
        self.tabs.addTab(_inset(pane), f"{tab.title} ({len(tab.records):,})")

    def _add_problems(self, problems: Sequence[Problem]) -> None:
        if problems:
            lines = [ProblemLine.of(problem) for problem in problems]
            has_errors = any(problem.severity == "error" for problem in problems)
            title = "Problems" if has_errors else "Notes"
            self._add_list(PreviewTab(title, title.lower(), PROBLEM_COLUMNS, lines))

    def _add_matching(self) -> None:
        if self.matching.has_matches:
            self.tabs.addTab(self.matching, "Columns")
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Lists are made for each preview; without this they would come after the buttons below them."""
        order: list[QWidget] = [self.tabs.tabBar()]
        for place in range(self.tabs.count()):
            shown = self.tabs.widget(place)
            if shown is None or shown is self.matching:
                order += self.matching.in_tab_order()
            else:
                order += [
                    one for one in shown.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus
                ]
        order += [self.leavers, self.skip, self._another, self._revert, self._close, self._load]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _choice(self) -> LoadChoice:
        """What is ticked; a box that is not shown is not ticked."""
        boxes = (self.skip, self.leavers)
        return LoadChoice(*(box.isChecked() and not box.isHidden() for box in boxes))

    def _enable_load(self) -> None:
        found, choice = self.found, self._choice()
        if found is None:
            return
        is_read = choice.skip_bad_rows or not found.errors
        self._load.setText(self.kind.verb(found, choice))
        self._load.setEnabled(is_read and (choice.end_leavers or not found.is_nothing_to_change))

    def _show_busy(self, what: str) -> None:
        self.stage = "busy"
        if self._job is not None:
            self._busy.watch(self._job, what)
        self._stack.setCurrentWidget(self._busy)
        self._show_buttons()

    def _show_buttons(self) -> None:
        """Only what can be done at this stage."""
        self._load.setVisible(self.stage == "preview")
        self._another.setVisible(self.stage in ("refused", "error"))
        self._revert.setVisible(self.stage == "loaded" and bool(self._action_id))
        self._close.setText("Close" if self.stage in ("loaded", "error") else "Cancel")
        self._close.setVisible(self.stage != "busy")  # the busy state has its own

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _choose_another(self) -> None:
        parent, kind = self.parentWidget(), self.kind
        self.reject()
        if parent is not None:
            choose_and_load(parent, kind)


class _Said(SentenceState):
    """What came of it, in a sentence."""

    def __init__(self) -> None:
        super().__init__("info", "accent")

    def show_error(self, sentence: str, advice: str, again: Any) -> None:
        self._icon.show_icon("error", "bad")
        self.say(sentence, advice, "Read the file again", again)

    def show_done(self, sentence: str, more: str, verb: str = "", act: Any = None) -> None:
        self._icon.show_icon("ok", "good")
        self.say(sentence, more, verb, act)


def _inset(widget: QWidget) -> QWidget:
    holder = QWidget()
    holder.setLayout(rows(widget, margins=(0, 12, 0, 0)))
    return holder
