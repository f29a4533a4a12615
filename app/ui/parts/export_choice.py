"""What to put into a file before asking where to write it: a few ways, each with a sentence about who it is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QRadioButton, QWidget

from app.ui.widgets import button, label, line, rows


@dataclass(frozen=True, slots=True)
class Way:
    """One way to export: its name, who it is for, and whether it can be taken now."""

    text: str
    detail: str
    value: Any
    is_open: bool = True


class ExportChoice(QDialog):
    """Asks which way; ``chosen(value)`` when the user goes on. The first way is chosen at first."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, title: str, ways: Sequence[Way], verb: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.ways = tuple(ways)
        self.buttons = tuple(QRadioButton(way.text) for way in ways)
        box = rows(label(title, "heading"), space=16, margins=(24, 24, 24, 20))
        for way, made in zip(self.ways, self.buttons, strict=True):
            made.setEnabled(way.is_open)
            made.setAccessibleDescription(way.detail)
            box.addLayout(rows(made, label(way.detail, "small"), space=4))
        self.buttons[0].setChecked(True)
        self.go_on = button(verb, "primary", "", self.accept)
        self.go_on.setDefault(True)
        answers = line(button("Cancel", clicked=self.reject), self.go_on, space=12)
        answers.insertStretch(0, 1)
        box.addLayout(answers)
        self.setLayout(box)
        self.setMinimumWidth(480)

    def accept(self) -> None:
        picked = next(way for way, made in zip(self.ways, self.buttons, strict=True) if made.isChecked())
        self.chosen.emit(picked.value)
        super().accept()
