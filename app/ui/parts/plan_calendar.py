"""The calendar of a plan: a team a row, a quarter a column, tinted by the hours used; a cell opens its lines."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.services.training.team_calendar import TeamCalendar, TeamLine, TeamQuarter
from app.ui import theme
from app.ui.focus import paint_ring
from app.ui.formats import people, share, whole
from app.ui.widgets import label, line, rows

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
CELL_HEIGHT = 44
TEAM_WIDTH = 300
_DEPARTMENTS, _TEAMS = "department", "team"


class CalendarModel(QAbstractTableModel):
    """Team lines × quarters; the display text of a cell says hours and people, as a screen reader reads it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._lines: tuple[TeamLine, ...] = ()
        self._heads: tuple[str, ...] = ()

    def show(self, lines: tuple[TeamLine, ...], heads: tuple[str, ...]) -> None:
        """Put other lines in."""
        self.beginResetModel()
        self._lines, self._heads = lines, heads
        self.endResetModel()

    def cell(self, row: int, column: int) -> TeamQuarter:
        """The cell at a place."""
        return self._lines[row].cells[column]

    def team(self, row: int) -> TeamLine:
        """The team of a row."""
        return self._lines[row]

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.cell(index.row(), index.column())
        hours = f"{whole(float(cell.hours))} of {whole(float(cell.available))} hours"
        away = f"{cell.away:,} of {people(cell.people)}"
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{hours}, {away} away"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            when = f"{cell.team}, {cell.quarter.label}"
            return f"{when}: {hours} ({share(cell.share_used)}); {away} on a course. Enter shows the lines."
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            return self._heads[section] if role == Qt.ItemDataRole.DisplayRole else None
        team = self._lines[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return team.name
        return team.team if role == Qt.ItemDataRole.ToolTipRole else None


class _CellDelegate(QStyledItemDelegate):
    """Two lines in a tinted cell: hours used and their share; people away of the team."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = theme.tokens()
        area: QRect = option.rect  # type: ignore[attr-defined]  # the stub leaves out the fields of style options
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]  # as above
        model = index.model()
        assert isinstance(model, CalendarModel)
        cell = model.cell(index.row(), index.column())
        ground = look.heat[theme.heat_step(min(1.0, cell.share_used))] if cell.hours else look.surface
        ink = theme.text_on(ground) if cell.hours else look.secondary
        painter.save()
        box = area.adjusted(1, 1, -1, -1)
        painter.fillRect(box, QColor(ground))
        painter.setPen(QColor(ink))
        upper = box.adjusted(8, 4, -8, -box.height() // 2)
        lower = box.adjusted(8, box.height() // 2, -8, -4)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        if cell.hours:
            painter.drawText(upper, left | middle, f"{whole(float(cell.hours))} h")
            painter.drawText(upper, right | middle, share(cell.share_used))
            painter.drawText(lower, left | middle, f"{cell.away:,} of {cell.people:,} away")
        else:
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "–")
        painter.restore()
        view = self.parent()
        is_current = isinstance(view, QTableView) and view.currentIndex() == index and view.hasFocus()
        if is_current or state & QStyle.StateFlag.State_Selected:
            paint_ring(painter, area.adjusted(1, 1, -1, -1))


class _Grid(QTableView):
    """Cells walked with the arrows; Enter or a click opens one; Tab leaves."""

    cell_opened = Signal(object)

    def __init__(self, model: CalendarModel) -> None:
        super().__init__()
        self._cells = model
        self.setModel(model)
        self.setItemDelegate(_CellDelegate(self))
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Hours of learning by team and quarter")
        upright = self.verticalHeader()
        upright.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        upright.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        upright.setFixedWidth(TEAM_WIDTH)
        upright.setStyleSheet("QHeaderView::section { border: none; font-weight: 400; padding: 0 8px; }")
        self.setCornerButtonEnabled(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setSectionsClickable(False)
        self.clicked.connect(self._open)
        self._size()

    def _size(self) -> None:
        height = max(CELL_HEIGHT, 2 * self.fontMetrics().height() + 12)
        self.verticalHeader().setDefaultSectionSize(height)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.cell_opened.emit(self._cells.cell(index.row(), index.column()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            event.accept()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size()

    def sizeHint(self) -> QSize:
        return QSize(640, 320)


class PlanCalendar(QWidget):
    """Departments or teams over the quarters. ``cell_opened(TeamQuarter)``."""

    cell_opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._calendar: TeamCalendar | None = None
        self._model = CalendarModel(self)
        self.grid = _Grid(self._model)
        self.grid.setMinimumHeight(160)
        self.grid.cell_opened.connect(self.cell_opened)
        self.rows_by = QComboBox()
        self.rows_by.setAccessibleName("Rows of the calendar")
        self.rows_by.addItem("By department", _DEPARTMENTS)
        self.rows_by.addItem("By team", _TEAMS)
        self.rows_by.currentIndexChanged.connect(lambda _place: self._show())
        self.words = label("", "secondary")
        top = line(self.words, self.rows_by, space=12)
        top.setStretch(0, 1)
        box = rows(top, self.grid, space=8)
        box.setStretch(1, 1)
        self.setLayout(box)

    def show_calendar(self, calendar: TeamCalendar) -> None:
        """Show the quarters of a plan."""
        self._calendar = calendar
        self._show()

    def _show(self) -> None:
        if self._calendar is None:
            return
        by_team = self.rows_by.currentData() == _TEAMS
        lines = self._calendar.by_team if by_team else self._calendar.by_department
        self._model.show(lines, tuple(quarter.label for quarter in self._calendar.quarters))
        busiest = max(
            (cell for one in lines for cell in one.cells), key=lambda cell: cell.share_away, default=None
        )
        if busiest is None:
            self.words.setText("Nobody is on a course in these quarters.")
            return
        self.words.setText(
            "Hours of learning, their share of the hours there could be, and people on a course. Most are away in "
            f"{busiest.quarter.label}: {busiest.away:,} of {busiest.people:,} of {_name(lines, busiest)}."
        )


def _name(lines: tuple[TeamLine, ...], cell: TeamQuarter) -> str:
    return next(one.name for one in lines if one.team == cell.team)
