"""Beside the map of skill gaps: readiness as bars, and the top ten shortages in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QWidget

from app.services.gap_views import Shortage
from app.services.gaps import GroupLine
from app.ui.parts.bars import draw_bars
from app.ui.parts.gap_details import shortage_line
from app.ui.parts.held_back import veiled
from app.ui.parts.line_list import LineList
from app.ui.table import Column, Table
from app.ui.widgets import Card, rows

COLUMNS = (
    Column("label", "Department", width=176),
    Column("readiness", "Met", "share", width=124, align="left", blank="Not assessed",
           tooltip="Requirements met as a share of those assessed"),
    Column("coverage", "Assessed", "share", width=84, tooltip="Requirements assessed as a share of all"),
)  # fmt: skip
LEAST_ROWS = 3


class GapSide(QWidget):
    """``group_opened(str)`` with the key of a group; ``skill_opened(str)`` with the name of a skill."""

    group_opened = Signal(str)
    skill_opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.readiness = Table("gaps-readiness", "Readiness")
        self.readiness.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.readiness.setWordWrap(True)
        self.readiness.set_comfortable(True)
        self.readiness.row_opened.connect(lambda group: self.group_opened.emit(group.key))
        self.readiness.clicked.connect(
            lambda index: self.group_opened.emit(self.readiness.rows.record(index.row()).key)
        )
        self.readiness_card = Card()
        self.readiness_card.body.addWidget(self.readiness)
        self.shortages = LineList("Top ten shortages")
        self.shortages.opened.connect(self.skill_opened)
        self.shortages_card = Card()
        self.shortages_card.body.addWidget(self.shortages)
        box = rows(self.readiness_card, self.shortages_card, space=16)
        box.setStretch(0, 1)
        box.setStretch(1, 1)
        self.setLayout(box)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 40)

    def fill(
        self, word: str, groups: Sequence[tuple[GroupLine, Collection[str]]], short: Sequence[Shortage]
    ) -> None:
        """Show groups, furthest from ready first, and shortages; ``word`` says what the groups are.

        Each group comes with the figures of it that must not be shown.
        """
        columns = (replace(COLUMNS[0], header=word.capitalize()), *COLUMNS[1:])
        shown = [
            veiled(group, ("readiness", "coverage") if "shares" in hidden else ()) for group, hidden in groups
        ]
        self.readiness.set_records(columns, shown)
        draw_bars(self.readiness, "readiness")
        header = self.readiness.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.readiness_card.set_heading(
            f"Readiness by {word}", f"Furthest from ready first. Enter shows the {word}."
        )
        height = self.readiness.verticalHeader().defaultSectionSize()
        self.readiness.setMinimumHeight(height * (min(len(groups), LEAST_ROWS) + 1) + 8)
        self.shortages.set_lines([shortage_line(one) for one in short])
        note = (
            "By levels short, over everybody in the scope."
            if short
            else "Nobody assessed is short of anything."
        )
        self.shortages_card.set_heading("Top ten shortages", note)
