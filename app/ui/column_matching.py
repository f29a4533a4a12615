"""How the headings of a file were understood, and how to put it right: their heading, our column, preview again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QFrame, QGridLayout, QScrollArea, QWidget

from app.files.options import ReadOptions
from app.ui.widgets import button, clear, label, line, rows

LEAVE_OUT = "Leave out"
DATE_ORDERS: tuple[tuple[str, bool | None], ...] = (
    ("As Muster finds out", None),
    ("Day first", True),
    ("Month first", False),
)
_CAPITALS = {"id": "ID", "fte": "FTE", "gbp": "£", "url": "URL"}


def our_words(name: str) -> str:
    """One of our column names as people read it: "staff_id" is "Staff ID"."""
    words = [_CAPITALS.get(word, word) for word in name.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


class ColumnMatching(QWidget):
    """A list of headings with a choice each. ``again()`` when the user wants the file read anew."""

    again = Signal()

    def __init__(self, *, takes_day: bool, takes_date_order: bool, today: date) -> None:
        super().__init__()
        self._today = today
        self._choices: dict[str, QComboBox] = {}
        self._found: dict[str, str] = {}
        self._mapping: dict[str, str] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)
        holder = QWidget()
        holder.setLayout(rows(self._grid, margins=(0, 0, 12, 0)))
        scroll = QScrollArea()
        scroll.setWidget(holder)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.viewport().setAutoFillBackground(False)
        holder.setAutoFillBackground(False)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.day = QDateEdit(QDate(today.year, today.month, today.day))
        self.day.setDisplayFormat("d MMM yyyy")
        self.day.setCalendarPopup(True)
        self.day.setAccessibleName("The extract shows the state on")
        self.date_order = QComboBox()
        self.date_order.setAccessibleName("Dates such as 03/04/2026 are")
        for words, value in DATE_ORDERS:
            self.date_order.addItem(words, value)
        settings = line(space=12)
        for editor, is_taken in ((self.day, takes_day), (self.date_order, takes_date_order)):
            if is_taken:
                caption = label(editor.accessibleName(), "small", wraps=False)
                caption.setBuddy(editor)
                settings.addLayout(rows(caption, editor, space=3))
            else:
                editor.setParent(self)
                editor.hide()
        settings.addStretch(1)
        self.preview = button("Preview again", "secondary", "refresh", self.again.emit)
        settings.addWidget(self.preview)
        settings.setAlignment(self.preview, Qt.AlignmentFlag.AlignBottom)
        box = rows(
            label("Choose what each column of the file is, then preview again. Nothing is loaded by that."),
            scroll, settings, space=12, margins=(0, 12, 0, 0),
        )  # fmt: skip
        box.setStretch(1, 1)
        self.setLayout(box)

    @property
    def has_matches(self) -> bool:
        """Whether the headings of the file are known."""
        return bool(self._choices)

    def show_matches(self, matches: Sequence[tuple[str, str]], our_names: Sequence[str]) -> None:
        """Show headings with what each was taken for ("" for nothing)."""
        clear(self._grid)
        self._choices.clear()
        self._found = dict(matches)
        offered = list(dict.fromkeys([*our_names, *(ours for _, ours in matches if ours)]))
        for column, text in enumerate(("In the file", "Muster’s column")):
            self._grid.addWidget(label(text, "label"), 0, column)
        for row, (heading, ours) in enumerate(matches, start=1):
            choice = QComboBox()
            choice.addItem(LEAVE_OUT, "")
            for name in offered:
                choice.addItem(our_words(name), name)
            choice.setCurrentIndex(max(0, choice.findData(ours)))
            choice.setAccessibleName(f"Column for {heading}")
            choice.setMinimumWidth(220)
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            caption = label(heading)
            caption.setBuddy(choice)
            self._grid.addWidget(caption, row, 0)
            self._grid.addWidget(choice, row, 1)
            self._choices[heading] = choice
        self._grid.setRowStretch(len(matches) + 1, 1)

    def in_tab_order(self) -> list[QWidget]:
        """What takes the keyboard, as it is read: the headings from top to bottom, then the settings."""
        settings = [editor for editor in (self.day, self.date_order) if not editor.isHidden()]
        return [*self._choices.values(), *settings, self.preview]

    def choose(self, heading: str, ours: str) -> None:
        """Take one heading for one of our columns, as the user would."""
        choice = self._choices[heading]
        choice.setCurrentIndex(choice.findData(ours))

    def options(self) -> ReadOptions:
        """How to read the file; a choice once made by hand stays made."""
        for heading, choice in self._choices.items():
            if choice.currentData() != self._found[heading]:
                self._mapping[heading] = choice.currentData()
        return ReadOptions(mapping=dict(self._mapping), day_first=self.date_order.currentData())

    def as_at(self) -> date | None:
        """The day the extract shows, None for today."""
        chosen = self.day.date()
        day = date(chosen.year(), chosen.month(), chosen.day())
        return None if day == self._today else day
