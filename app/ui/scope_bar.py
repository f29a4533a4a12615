"""The bar over every page: department, role family, framework, day, contractors, and the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from PySide6.QtCore import QDate, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCalendarWidget, QComboBox, QDialog, QFrame, QSizePolicy, QWidget

from app.services.scope import PATH_MARK, Scope
from app.ui.context import ScopeState
from app.ui.formats import day
from app.ui.widgets import TintedButton, button, label, line, rows


@dataclass(frozen=True, slots=True)
class ScopeChoices:
    """What can be chosen: unit paths in tree order, role families, framework versions (newest first)."""

    departments: Sequence[str] = ()
    role_families: Sequence[str] = ()
    frameworks: Sequence[str] = ()
    today: date | None = None


class DayDialog(QDialog):
    """Choose the day to look at."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, shown: date) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("As at")
        self.calendar = QCalendarWidget()
        self.calendar.setSelectedDate(QDate(shown.year, shown.month, shown.day))
        self.calendar.setAccessibleName("Day to look at")
        self.calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.calendar.activated.connect(lambda _date: self.accept())
        buttons = line(
            button("Cancel", clicked=self.reject), button("Show this day", "primary", "", self.accept)
        )
        buttons.insertStretch(0, 1)
        self.setLayout(
            rows(
                label("People, roles and ratings as they stood on", "label"), self.calendar, buttons, space=16
            )
        )

    def accept(self) -> None:
        picked = self.calendar.selectedDate()
        self.chosen.emit(date(picked.year(), picked.month(), picked.day()))
        super().accept()


class ScopeBar(QFrame):
    """Shows and changes a :class:`ScopeState`. ``search_asked()`` when the search button is pressed."""

    search_asked = Signal()

    def __init__(self, state: ScopeState) -> None:
        super().__init__()
        self.setObjectName("ScopeBar")
        self._state = state
        self._today: date | None = None
        self.department = _choice("Department", 20)
        self.role_family = _choice("Role family", 13)
        self.framework = _choice("Framework", 17)
        self.as_at = _choice("As at", 9)
        self.contractors = _choice("Contractors", 8)
        self.search: TintedButton = button("Go to…   Ctrl+K", "secondary", "search", self.search_asked.emit)
        self.search.setAccessibleName("Go to any page, person, role or action")
        fields = line(space=12, margins=(24, 8, 24, 10))
        for choice in (self.department, self.role_family, self.framework, self.as_at, self.contractors):
            caption = label(choice.accessibleName(), "small", wraps=False)
            caption.setBuddy(choice)
            fields.addLayout(rows(caption, choice, space=3))
        fields.addStretch(1)
        fields.addWidget(self.search)
        fields.setAlignment(self.search, Qt.AlignmentFlag.AlignBottom)
        self.setLayout(fields)
        self.contractors.addItem("Included", True)
        self.contractors.addItem("Left out", False)
        self.offer(ScopeChoices())
        for choice in (self.department, self.role_family, self.framework, self.contractors):
            choice.currentIndexChanged.connect(self._on_chosen)
        self.as_at.activated.connect(self._on_day_chosen)
        state.changed.connect(lambda _scope: self._show())

    def offer(self, choices: ScopeChoices) -> None:
        """Fill the lists; what is in force stays in force where it still exists."""
        self._today = choices.today
        _fill(self.department, "All departments", [(path, _indented(path)) for path in choices.departments])
        _fill(self.role_family, "All families", [(name, name) for name in choices.role_families])
        _fill(self.framework, "Current framework", [(name, name) for name in choices.frameworks])
        self._show()

    def _show(self) -> None:
        """Bring the lists in line with the scope in force."""
        scope = self._state.scope
        department = scope.departments[0] if len(scope.departments) == 1 else ""
        for choice, value in (
            (self.department, department),
            (self.role_family, scope.role_family),
            (self.framework, scope.framework),
            (self.contractors, scope.with_contractors),
        ):
            with QSignalBlocker(choice):
                choice.setCurrentIndex(max(0, choice.findData(value)))
        with QSignalBlocker(self.as_at):
            self.as_at.clear()
            self.as_at.addItem("Today", None)
            if scope.as_at is not None:
                self.as_at.addItem(day(scope.as_at), scope.as_at)
                self.as_at.setCurrentIndex(1)
            self.as_at.addItem("Another day…", "ask")

    def _on_chosen(self, _index: int) -> None:
        path = self.department.currentData()
        self._state.set(
            replace(
                self._state.scope,
                departments=(path,) if path else (),
                role_family=self.role_family.currentData() or "",
                framework=self.framework.currentData() or "",
                with_contractors=bool(self.contractors.currentData()),
            )
        )

    def _on_day_chosen(self, index: int) -> None:
        value = self.as_at.itemData(index)
        if value != "ask":
            self._take_day(value)
            return
        self._show()
        dialog = DayDialog(self, self._state.scope.as_at or self._today or _qt_today())
        dialog.chosen.connect(self._take_day)
        dialog.open()

    def _take_day(self, value: date | None) -> None:
        self._state.set(replace(self._state.scope, as_at=None if value == self._today else value))
        self._show()

    def scope(self) -> Scope:
        """The scope in force."""
        return self._state.scope


def _qt_today() -> date:
    now = QDate.currentDate()
    return date(now.year(), now.month(), now.day())


def _choice(name: str, characters: int) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    # Measuring every item of a long list costs seconds; the room is given in characters instead.
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(characters)
    made.setMinimumWidth(made.fontMetrics().averageCharWidth() * min(characters, 12) + 48)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    made.setMaxVisibleItems(20)
    return made


def _fill(choice: QComboBox, everything: str, items: Sequence[tuple[str, str]]) -> None:
    with QSignalBlocker(choice):
        choice.clear()
        choice.addItem(everything, "")
        for value, text in items:
            choice.addItem(text, value)
            choice.setItemData(choice.count() - 1, value, Qt.ItemDataRole.ToolTipRole)


def _indented(path: str) -> str:
    """The last name of a unit path, set in by its depth."""
    parts = path.split(PATH_MARK)
    return "    " * (len(parts) - 1) + parts[-1]
