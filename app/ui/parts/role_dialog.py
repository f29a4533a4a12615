"""Choose a role level by typing part of its name, from which day on; and as a secondary role with its share of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QDialog, QHBoxLayout, QSpinBox, QWidget

from app.services.population import RoleLevelLine
from app.services.roles import Choice
from app.terms import MatchKind
from app.ui.table import Column, TablePane
from app.ui.widgets import button, label, line, rows


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """Something that can be chosen as a role, and the day it holds from; ``share`` of time in hundredths."""

    role_level: str
    role: str
    family: str
    choice: Choice
    valid_from: date | None = None
    share: int = 100


Made = Callable[[RoleLevelLine], object]
MakeOwn = Callable[[QWidget, int, Made], object]
"""Makes our own role from a role level, given the window it is asked in, its id, and what to do with the new one."""

NOT_DIGITAL = (
    RoleChoice("Not a digital role", "", "", Choice(MatchKind.NONE)),
    RoleChoice("Digital, no single role", "", "", Choice(MatchKind.DIGITAL_UNMAPPED)),
)
ROLE_COLUMNS = (
    Column("role_level", "Role level", width=230),
    Column("role", "Role", width=180),
    Column("family", "Role family", width=140),
)


class RoleDialog(QDialog):
    """Choose a role level and the day it holds from. ``chosen(RoleChoice)``.

    ``today`` is the day offered. With ``make_own`` our own role can be made from the level in focus.
    """

    chosen = Signal(object)
    title, verb = "Choose role", "Choose this role"
    others: tuple[RoleChoice, ...] = NOT_DIGITAL

    def __init__(
        self,
        parent: QWidget,
        sentence: str,
        levels: Sequence[RoleLevelLine],
        today: date,
        make_own: MakeOwn | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(self.title)
        self._levels, self._make_own = tuple(levels), make_own
        self.pane = TablePane("", "roles")
        self._show_levels()
        self.pane.table.row_opened.connect(self._take)
        self.pane.filter.returnPressed.connect(self._take_first)
        self.since = QDateEdit(QDate(today.year, today.month, today.day))
        self.since.setDisplayFormat("d MMM yyyy")
        self.since.setCalendarPopup(True)
        self.since.setMinimumWidth(140)
        self.since.setAccessibleName("From")
        self.terms = self._make_terms()
        self.problem = label("", "problem")
        self._own = button("Make our own role…", clicked=self._ask_own)
        feet = line(
            self._own,
            button("Cancel", clicked=self.reject),
            button(self.verb, "primary", "", self._take_current),
            space=12,
        )
        feet.insertStretch(1, 1)
        box = rows(
            label(sentence), self.pane, self.terms, self.problem, feet, space=16, margins=(24, 20, 24, 20)
        )
        box.setStretch(1, 1)
        self.setLayout(box)
        self._own.setVisible(make_own is not None)  # not earlier: it would open as a window
        self.problem.hide()
        self.resize(680, 560)
        self.pane.focus_filter()

    def set_latest(self, day: date) -> None:
        """Offer no later day than this."""
        self.since.setMaximumDate(QDate(day.year, day.month, day.day))

    def _make_terms(self) -> QHBoxLayout:
        """What is agreed beside the role: here the day it holds from."""
        name = label("From", "label", wraps=False)
        name.setBuddy(self.since)
        made = line(name, self.since, space=8)
        made.addStretch(1)
        return made

    def _show_levels(self) -> None:
        offered = [
            RoleChoice(one.name, one.role, one.family, Choice(MatchKind.ROLE, one.role_level_id))
            for one in self._levels
        ]
        self.pane.table.set_records(ROLE_COLUMNS, (*offered, *self.others))

    def _take_current(self) -> None:
        record = self.pane.table.current_record()
        if record is None:
            self._take_first()
        else:
            self._take(record)

    def _take_first(self) -> None:
        if self.pane.table.rows.rowCount():
            self._take(self.pane.table.rows.record(0))

    def _take(self, record: RoleChoice) -> None:
        self.chosen.emit(self._agreed(record))
        self.accept()

    def _agreed(self, record: RoleChoice) -> RoleChoice:
        chosen = self.since.date()
        return replace(record, valid_from=date(chosen.year(), chosen.month(), chosen.day()))

    def _ask_own(self) -> None:
        record = self.pane.table.current_record()
        base = record.choice.role_level_id if record is not None else None
        self.problem.setText("" if base else "Choose the role level that our own role starts from.")
        self.problem.setVisible(not base)
        if base and self._make_own is not None:
            self._make_own(self, base, self._on_own)

    def _on_own(self, made: RoleLevelLine) -> None:
        """Offer the new role with the cursor on it; the person decides whether to take it."""
        self._levels = (*self._levels, made)
        self.pane.filter.setText(made.name)
        self._show_levels()
        table = self.pane.table
        for row in range(table.rows.rowCount()):
            if table.rows.record(row).choice.role_level_id == made.role_level_id:
                table.choose_row(row)
        table.setFocus(Qt.FocusReason.OtherFocusReason)


class SecondaryRoleDialog(RoleDialog):
    """Choose a second role with its share of time. ``chosen(RoleChoice)``."""

    title, verb = "Add secondary role", "Add secondary role"
    others = ()

    def _make_terms(self) -> QHBoxLayout:
        self.share = QSpinBox()
        self.share.setRange(1, 99)
        self.share.setValue(20)
        self.share.setSuffix(" %")
        self.share.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.share.setMinimumWidth(96)
        self.share.setAccessibleName("Share of time")
        name = label("Share of time", "label", wraps=False)
        name.setBuddy(self.share)
        made = super()._make_terms()
        made.insertWidget(0, name)
        made.insertWidget(1, self.share)
        made.insertSpacing(2, 16)
        return made

    def _agreed(self, record: RoleChoice) -> RoleChoice:
        return replace(super()._agreed(record), share=self.share.value())
