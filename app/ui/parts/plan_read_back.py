"""An edited plan workbook in the window: what it changes, what meets other changes, what cannot be understood."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QScrollArea, QWidget

from app.change import Outcome
from app.errors import Problem
from app.progress import Progress
from app.services.training.read_back import ReadBackDone, ReadBackKind, ReadBackPreview, ReadBackRow
from app.ui.context import Context
from app.ui.formats import money, whole
from app.ui.import_kinds import counted, listed
from app.ui.import_preview import ImportDialog, ImportKind, LoadChoice, PreviewTab, Reading, choose_and_load
from app.ui.table import Column
from app.ui.widgets import button, label, line, rows

WORKBOOK_FILES = "Workbooks (*.xlsx *.xlsm *.xls *.ods);;All files (*)"
_MOST_CONFLICTS = 200
_HIGHEST = 180
_COLUMNS = (
    Column("staff_id", "Staff id", width=88),
    Column("name", "Name", width=120),
    Column("course_code", "Course", width=80),
    Column("what", "What", width=96),
    Column("sent", "As sent", width=136),
    Column("workbook", "In the workbook", width=168),
    Column("workspace", "In the workspace", width=136),
    Column("place", "Row", "int", width=56),
)


@dataclass(frozen=True, slots=True)
class ReadBackLine:
    """A change as a row of a table."""

    staff_id: str
    name: str
    course_code: str
    what: str
    sent: str
    workbook: str
    workspace: str
    place: int | None

    @classmethod
    def of(cls, row: ReadBackRow) -> ReadBackLine:
        """A row of the preview."""
        return cls(
            row.staff_id,
            row.name,
            row.course_code,
            row.what,
            row.sent,
            row.workbook,
            row.workspace,
            row.row or None,
        )


@dataclass(frozen=True, slots=True)
class ReadBackShown:
    """A preview as the dialog wants it: a workbook of ours has no headings to ask about."""

    found: ReadBackPreview
    columns: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything said about the file."""
        return self.found.problems

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What cannot be understood or done."""
        return self.found.errors

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the plan already says what the workbook says."""
        return not self.found.of(ReadBackKind.APPLY) and not self.found.of(ReadBackKind.CONFLICT)


class ConflictChoices(QWidget):
    """One choice for each change that meets another; ``accepted`` are the keys the workbook wins."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted: set[str] = set()
        self.boxes: dict[str, QComboBox] = {}
        self._words = label("", "small")
        self.all = button("Take all from the workbook", "quiet", "", lambda: self._settle(1))
        self.none = button("Keep all of the workspace", "quiet", "", lambda: self._settle(0))
        self._list = QScrollArea()
        self._list.setWidgetResizable(True)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        head = line(self._words, self.none, self.all, space=8)
        head.setStretch(0, 1)
        self.setLayout(rows(head, self._list, space=8))
        self.hide()

    def show_rows(self, conflicts: tuple[ReadBackRow, ...], *, hides_names: bool) -> None:
        """Ask about these; nothing is taken from the workbook until it is chosen."""
        self.accepted.clear()
        self.boxes.clear()
        self.setVisible(bool(conflicts))
        self._words.setText(
            f"{counted(len(conflicts), 'change')} of the workbook meet changes made here since it was sent. "
            "Choose which holds."
        )
        inner = QWidget()
        box = rows(space=4)
        for row in conflicts[:_MOST_CONFLICTS]:
            box.addLayout(self._line(row, hides_names=hides_names))
        if len(conflicts) > _MOST_CONFLICTS:
            box.addWidget(
                label(f"And {whole(len(conflicts) - _MOST_CONFLICTS)} more, which stay as they are.", "small")
            )
        box.addStretch(1)
        inner.setLayout(box)
        self._list.setFixedHeight(min(_HIGHEST, inner.sizeHint().height() + 4))
        self._list.setWidget(inner)

    def _line(self, row: ReadBackRow, *, hides_names: bool) -> Any:
        who = row.staff_id if hides_names or not row.name else f"{row.name} ({row.staff_id})"
        said = label(f"{who}, {row.course_code}: {row.what}", wraps=False)
        choice = QComboBox()
        choice.addItem(f"Keep the workspace: {row.workspace or 'blank'}")
        choice.addItem(f"Take the workbook: {row.workbook or 'delete the line'}")
        choice.setAccessibleName(f"{said.text()}: which holds")
        choice.currentIndexChanged.connect(lambda index, key=row.key: self._choose(key, bool(index)))
        self.boxes[row.key] = choice
        made = line(said, choice, space=12)
        made.setStretch(1, 1)
        made.setAlignment(said, Qt.AlignmentFlag.AlignVCenter)
        return made

    def _choose(self, key: str, takes: bool) -> None:
        if takes:
            self.accepted.add(key)
        else:
            self.accepted.discard(key)

    def _settle(self, index: int) -> None:
        for box in self.boxes.values():
            box.setCurrentIndex(index)


class PlanReadBackKind(ImportKind):
    """Edited workbooks of training plans."""

    title = "Read back workbook"
    file_kinds = WORKBOOK_FILES
    next_step = ("Show the plan", "training")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.choices: ConflictChoices | None = None

    def extra(self, _dialog: ImportDialog, /) -> QWidget:
        self.choices = ConflictChoices()
        return self.choices

    def preview(self, path: Path, _reading: Reading, progress: Progress, /) -> ReadBackShown:
        return ReadBackShown(self.context.workspace.training.read_back.preview(path, progress))

    def commit(
        self, preview: ReadBackShown, choice: LoadChoice, progress: Progress, /
    ) -> Outcome[ReadBackDone] | None:
        progress.step(0.1, "Changing the plan")
        accepted = set(self.choices.accepted) if self.choices is not None else set[str]()
        return self.context.workspace.training.read_back.commit(
            preview.found, accepted, skip_bad_rows=choice.skip_bad_rows, accept_broken=choice.end_leavers
        )

    def sentence(self, preview: ReadBackShown) -> str:
        found = preview.found
        if self.choices is not None:
            self.choices.show_rows(found.of(ReadBackKind.CONFLICT), hides_names=self.names_are_hidden)
        if preview.is_nothing_to_change and not found.errors:
            return f"“{found.title}” already is as this workbook says: {counted(found.lines, 'line')}, none to change."
        apply, conflicts = len(found.of(ReadBackKind.APPLY)), len(found.of(ReadBackKind.CONFLICT))
        parts = listed(
            f"{counted(apply, 'change')} to make" if apply else "",
            f"{counted(conflicts, 'conflict')} to settle" if conflicts else "",
            f"{counted(len(found.errors), 'problem')} to put right" if found.errors else "",
            f"{whole(found.unchanged)} lines as sent",
        )
        return f"{found.title}: {parts} {self._effect(found)}".strip()

    def _effect(self, found: ReadBackPreview) -> str:
        if found.effect is None:
            return ""
        before, after = found.effect.before, found.effect.after
        return (
            f"Cost {money(before.cost_gbp)} becomes {money(after.cost_gbp)}; "
            f"steps closed {whole(before.steps_closed)} become {whole(after.steps_closed)}."
        )

    def verb(self, preview: ReadBackShown, _choice: LoadChoice, /) -> str:
        changes, conflicts = (
            len(preview.found.of(kind)) for kind in (ReadBackKind.APPLY, ReadBackKind.CONFLICT)
        )
        if conflicts:
            settle = f"ettle {counted(conflicts, 'conflict')}"
            return f"Make {counted(changes, 'change')} and s{settle}" if changes else f"S{settle}"
        return f"Make {counted(changes, 'change')}" if changes else "Make changes"

    def tabs(self, preview: ReadBackShown) -> list[PreviewTab]:
        titles = {
            ReadBackKind.CONFLICT: "Conflicts",
            ReadBackKind.APPLY: "To be made",
            ReadBackKind.REFUSED: "Cannot be done",
            ReadBackKind.ALREADY: "Already so",
        }
        return [
            PreviewTab(title, "changes", _COLUMNS, [ReadBackLine.of(row) for row in preview.found.of(kind)])
            for kind, title in titles.items()
            if preview.found.of(kind) or kind is ReadBackKind.APPLY
        ]

    def leavers(self, preview: ReadBackShown, /) -> tuple[str, str]:
        limits = preview.found.limits
        if not limits:
            return "", ""
        shown = "; ".join(limits[:3]) + (f"; and {whole(len(limits) - 3)} more" if len(limits) > 3 else "")
        return (
            "Make the changes although limits of the plan are broken",
            f"Limits that would be broken: {shown}.",
        )

    def loaded(self, summary: ReadBackDone) -> tuple[str, str]:
        return f"{counted(summary.applied, 'change')} made to “{summary.title}”.", listed(
            f"{counted(summary.kept, 'conflict')} left to the workspace" if summary.kept else "",
            counted(summary.skipped, "row left out", "rows left out") if summary.skipped else "",
            f"the plan costs {money(summary.effect.after.cost_gbp)} now",
        )


def read_back(parent: QWidget, context: Context) -> None:
    """Ask for an edited workbook and show what it changes."""
    choose_and_load(parent, PlanReadBackKind(context))
