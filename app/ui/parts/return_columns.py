"""Which columns a periodic return has, before asking where to write it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from app.errors import AppError
from app.services.reports.returns import FIGURES, KEYS, USUAL, checked_columns
from app.ui.form import Field, Form
from app.ui.widgets import Banner, button, label, line, rows

_SAID = {
    "fte": "FTE",
    "headcount": "Headcount",
    "civil_servant": "Civil servants",
    "contractor": "Contractors",
}


def _choices(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _SAID.get(name, name.replace("_", " ").capitalize())) for name in names)


FIELDS = (
    Field("keys", "People told apart by", "multi", choices=_choices(KEYS)),
    Field("figures", "Figures", "multi", choices=_choices(FIGURES)),
)


class ReturnColumns(QDialog):
    """Asks which columns; ``chosen(tuple of names)`` when the user goes on."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Periodic return")
        self.form = Form(FIELDS)
        self.form.set_values(
            {
                "keys": tuple(name for name in KEYS if name in USUAL),
                "figures": tuple(name for name in FIGURES if name in USUAL),
            }
        )
        self.banner = Banner()
        self.go_on = button("Choose where to save", "primary", "", self._go_on)
        feet = line(button("Cancel", clicked=self.reject), self.go_on, space=12)
        feet.insertStretch(0, 1)
        note = label("Counts of 1 to 4 people, and what would give them away, show as [c].", "secondary")
        self.setLayout(rows(self.banner, self.form, note, feet, space=16, margins=(24, 20, 24, 20)))
        self.setMinimumWidth(480)
        self.form.editor("keys").setFocus()

    def _go_on(self) -> None:
        values = self.form.values()
        try:
            columns = checked_columns((*(values["keys"] or ()), *(values["figures"] or ())))
        except AppError as error:
            self.banner.say(f"{error.sentence} {error.advice}", tone="bad")
            return
        self.chosen.emit(columns)
        self.accept()
