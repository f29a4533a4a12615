"""What changed between two framework versions, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from app.analysis.framework_diff import DiffLine
from app.errors import AppError
from app.services.frameworks import FrameworkLine
from app.ui.context import Context
from app.ui.formats import whole
from app.ui.table import Column, TablePane
from app.ui.widgets import button, label, line, rows

COLUMNS = (
    Column("kind", "Change", width=92),
    Column("role_family", "Role family", width=130),
    Column("role", "Role", width=150),
    Column("role_level", "Role level", width=170),
    Column("skill", "Skill", width=180),
    Column("before", "Before", width=150),
    Column("after", "After", width=150),
    Column(
        "confidence", "Sure", "share", width=64, tooltip="How sure a rename is; everything else is certain"
    ),
)


class CompareDialog(QDialog):
    """Two versions to choose, and the differences between them."""

    def __init__(
        self, parent: QWidget, context: Context, versions: Sequence[FrameworkLine], new: str
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Compare framework versions")
        self._context = context
        self.answer = label("", "answer")
        self.old, self.new = QComboBox(), QComboBox()
        choices = line(space=12)
        for choice, caption in ((self.old, "From"), (self.new, "To")):
            for version in versions:
                choice.addItem(version.label)
            choice.setAccessibleName(f"{caption} version")
            choice.setMinimumWidth(260)
            head = label(caption, "small", wraps=False)
            head.setBuddy(choice)
            choices.addLayout(rows(head, choice, space=3))
        choices.addStretch(1)
        self.new.setCurrentText(new)
        self.old.setCurrentText(next((one.label for one in versions if one.label != new), new))
        self.pane = TablePane("framework-compare", "differences")
        feet = line(button("Close", "secondary", "", self.accept))
        feet.insertStretch(0, 1)
        box = rows(self.answer, choices, self.pane, feet, space=16, margins=(24, 20, 24, 20))
        box.setStretch(2, 1)
        self.setLayout(box)
        self.resize(1000, 660)
        self.old.currentIndexChanged.connect(lambda _place: self.compare())
        self.new.currentIndexChanged.connect(lambda _place: self.compare())

    def compare(self) -> None:
        """Ask for the differences of the versions chosen."""
        frameworks, old, new = (
            self._context.workspace.frameworks,
            self.old.currentText(),
            self.new.currentText(),
        )
        self.answer.setText(f"Comparing {old} with {new}…")
        self._context.jobs.read(
            lambda _progress: frameworks.compare(old, new),
            self._show,
            key="framework compare",
            title="Comparing framework versions",
            failed=self._on_failed,
        )

    def _show(self, lines: tuple[DiffLine, ...]) -> None:
        count = f"{whole(len(lines))} {'difference' if len(lines) == 1 else 'differences'}"
        self.answer.setText(
            f"{count} from {self.old.currentText()} to {self.new.currentText()}."
            if lines
            else "The two versions say the same."
        )
        self.pane.table.set_records(COLUMNS, lines)

    def _on_failed(self, error: AppError) -> None:
        self.answer.setText(str(error))
