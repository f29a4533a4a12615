"""What to put into a workbook of skill gaps: figures only, or names as well where that is allowed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QRadioButton, QWidget

from app.ui.widgets import button, label, line, rows

_FIGURES = (
    "For anybody who may see the totals. Nobody is named, and figures that rest on 1 to 4 people show as [c]."
)
_NAMES = (
    "For those who manage {department}: the same figures in full, and a sheet of everybody with every skill."
)
_NO_NAMES = "Choose one department in the bar above first: a workbook with names is of one department only."


class ExportGaps(QDialog):
    """Asks which workbook to write. ``chosen(bool)``: whether it names people.

    ``department`` is the one in force, or "" where the scope holds more than one.
    """

    chosen = Signal(bool)

    def __init__(self, parent: QWidget, department: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export skill gaps")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.figures = QRadioButton("Figures only")
        self.figures.setChecked(True)
        self.figures.setAccessibleDescription(_FIGURES)
        self.named = QRadioButton(f"With names, for {department}" if department else "With names")
        self.named.setEnabled(bool(department))
        why = _NAMES.format(department=department) if department else _NO_NAMES
        self.named.setAccessibleDescription(why)
        self.save = button("Choose where to save", "primary", "", self.accept)
        self.save.setDefault(True)
        buttons = line(button("Cancel", clicked=self.reject), self.save, space=12)
        buttons.insertStretch(0, 1)
        self.setLayout(
            rows(
                label("Export skill gaps to Excel", "heading"),
                rows(self.figures, label(_FIGURES, "small"), space=4),
                rows(self.named, label(why, "small"), space=4),
                buttons,
                space=16,
                margins=(24, 24, 24, 20),
            )
        )
        self.setMinimumWidth(480)

    def accept(self) -> None:
        self.chosen.emit(self.named.isChecked())
        super().accept()
