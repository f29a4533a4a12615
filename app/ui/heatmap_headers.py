"""The headers of the heat map: names that are never cut, coverage beside each, group headers over those that belong
together. They are real headers of the table, so they stay while it scrolls and a screen reader finds them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from app.ui import theme
from app.ui.heatmap_cells import HeatmapCell, HeatmapModel, Run

SMALL = 0.9
EDGE = 6
BAR_HEIGHT = 3
LONGEST_NAME = 190
"""So long may a line of a skill's name be, in pixels, before it goes on in the next line or is cut at last."""
MOST_LINES = 3
MOST_PICTURES = 1_000
MARKS = {"strategic": " ▲", "legacy": " ▽"}
"""What stands after the name of a tagged skill; the key of the map says what it means."""

_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def wrapped(text: str, metrics: QFontMetricsF, most_lines: int) -> tuple[str, ...]:
    """A name broken between words into up to so many lines of about the same length."""
    words = text.split()
    if most_lines < 2 or len(words) < 2:
        return (text,)
    room = max(
        metrics.horizontalAdvance(text) / most_lines, *(metrics.horizontalAdvance(one) for one in words)
    )
    while True:
        lines = _filled(words, metrics, room)
        if len(lines) <= most_lines:
            return tuple(lines)
        room *= 1.06


def _filled(words: list[str], metrics: QFontMetricsF, room: float) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if metrics.horizontalAdvance(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


class _Header(QHeaderView):
    """What both headers share: the small font, the coverage under or beside a name, the group bands."""

    def __init__(self, orientation: Qt.Orientation, grid: QTableView) -> None:
        super().__init__(orientation, grid)
        self._grid = grid
        self._wrapped: dict[tuple[str, int, str], tuple[str, ...]] = {}
        self._small: tuple[str, QFont] = ("", QFont())
        self._pictures: dict[tuple[int, int, int, bool], QPixmap] = {}
        self._drawn_for: tuple[object, ...] = ()
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(2)
        self.setHighlightSections(False)
        self.setSectionsClickable(False)

    @property
    def cells(self) -> HeatmapModel:
        """The model behind the table."""
        return cast(HeatmapModel, self._grid.model())

    def small(self) -> QFont:
        """The font of the names over columns and of coverage."""
        font = self._grid.font()
        if self._small[0] != font.key():  # asked for each header of each frame
            self._small = (font.key(), theme.scaled(font, SMALL))
        return QFont(self._small[1])

    def lines_of(self, text: str, metrics: QFontMetricsF, most: int) -> tuple[str, ...]:
        """A wrapped name, worked out once for each font."""
        key = (text, most, self._grid.font().key())
        found = self._wrapped.get(key)
        if found is None:
            if len(self._wrapped) > 4_000:
                self._wrapped.clear()
            found = self._wrapped[key] = wrapped(text, metrics, most)
        return found

    def band(self) -> int:
        """How much room the group headers take; 0 where there are no groups."""
        has_groups = (
            self.cells.row_runs if self.orientation() == Qt.Orientation.Vertical else self.cells.column_runs
        )
        return math.ceil(QFontMetricsF(self.small()).height()) + 8 if has_groups else 0

    def is_current(self, section: int) -> bool:
        """Whether the keyboard is in this row or column."""
        index = self._grid.currentIndex()
        place = index.row() if self.orientation() == Qt.Orientation.Vertical else index.column()
        return index.isValid() and place == section and self._grid.hasFocus()

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Each name is drawn once for its size and look: scrolling only copies pictures."""
        scale = self.devicePixelRatioF()
        drawn_for = (self.cells, self.cells.shown, theme.tokens(), self._grid.font().key(), scale)
        if drawn_for != self._drawn_for or len(self._pictures) > MOST_PICTURES:
            self._drawn_for = drawn_for
            self._pictures.clear()
        key = (section, rect.width(), rect.height(), self.is_current(section))
        found = self._pictures.get(key)
        if found is None:
            found = QPixmap(rect.size() * scale)
            found.setDevicePixelRatio(scale)
            found.fill(QColor(theme.tokens().surface))
            inside = QPainter(found)
            self.paint_content(inside, QRect(0, 0, rect.width(), rect.height()), section)
            inside.end()
            self._pictures[key] = found
        painter.drawPixmap(rect.topLeft(), found)

    def paint_content(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw one section into its room."""
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setFont(self.small())
        is_rows = self.orientation() == Qt.Orientation.Vertical
        for run in self.cells.row_runs if is_rows else self.cells.column_runs:
            start = self.sectionViewportPosition(run.first)
            end = self.sectionViewportPosition(run.last) + self.sectionSize(run.last)
            shown = self.viewport().height() if is_rows else self.viewport().width()
            if end > 0 and start < shown:
                self._paint_run(painter, run, max(0, start), min(end, shown))
        painter.end()

    def _paint_run(self, painter: QPainter, run: Run, start: int, end: int) -> None:
        raise NotImplementedError


def _ink(is_current: bool) -> QColor:
    look = theme.tokens()
    return QColor(look.accent if is_current else look.text)


def _paint_coverage(painter: QPainter, area: QRect, cell: HeatmapCell) -> None:
    """The share of assessed in words, and as a bar along the foot of its area."""
    look = theme.tokens()
    words = cell.coverage_words()
    if not words:
        return
    painter.setPen(QColor(look.secondary))
    painter.drawText(area.adjusted(0, 0, 0, -BAR_HEIGHT), _CENTRE, words)
    track = QRectF(area.left() + 4, area.bottom() - BAR_HEIGHT, area.width() - 8, BAR_HEIGHT)
    painter.fillRect(track, QColor(look.hairline))
    if not cell.is_hidden:
        track.setWidth(track.width() * min(1.0, cell.coverage))
        painter.fillRect(track, QColor(look.secondary))


class ColumnNames(_Header):
    """The names over the columns, upright, in up to three lines; under each the coverage of the column."""

    def __init__(self, grid: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, grid)

    def fit(self, width: int, most_height: int) -> int:
        """The height the names need over columns of a width; :meth:`setFixedHeight` is left to the map."""
        metrics = QFontMetricsF(self.small())
        if width < metrics.height():
            return self.band() + (0 if self.band() else 2)
        lines = self.line_count(width)
        longest = max(
            (
                metrics.horizontalAdvance(one)
                for column in range(self.cells.columnCount())
                for one in self.lines_of(self.name(column), metrics, lines)
            ),
            default=0.0,
        )
        least = metrics.height() * 2
        room = max(least, min(longest, LONGEST_NAME, max(135, most_height)))
        return math.ceil(room + self.coverage_height()) + self.band() + EDGE + 2

    def line_count(self, width: int) -> int:
        """How many lines of a name stand side by side over a column."""
        line = QFontMetricsF(self.small()).height()
        return max(1, min(MOST_LINES, int((width - 2) // (line * 0.94))))

    def name(self, column: int) -> str:
        """The name with the mark of its tag."""
        return self.cells.column_label(column) + MARKS.get(self.cells.column_tag(column), "")

    def coverage_height(self) -> int:
        """The room for the coverage under a name."""
        return math.ceil(QFontMetricsF(self.small()).height()) + BAR_HEIGHT + 2

    def sizeHint(self) -> QSize:
        # the table asks for the height alone; Qt's own would measure hundreds of names
        return QSize(0, max(2, self.minimumHeight()))

    def paint_content(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.fillRect(rect, QColor(theme.tokens().surface))
        font = self.small()
        font.setBold(self.cells.is_total(1, section) or self.is_current(section))
        metrics = QFontMetricsF(font)
        if rect.width() < metrics.height():
            return
        foot = rect.bottom() - self.coverage_height()
        painter.setFont(self.small())
        _paint_coverage(
            painter,
            QRect(rect.left(), foot, rect.width(), self.coverage_height()),
            self.cells.column_sum(section),
        )
        painter.setFont(font)
        painter.setPen(_ink(self.is_current(section)))
        lines = self.lines_of(self.name(section), QFontMetricsF(self.small()), self.line_count(rect.width()))
        pitch = metrics.height() * 0.94
        length = foot - EDGE - rect.top() - self.band()
        painter.save()
        painter.translate(rect.center().x() + 1 - pitch * len(lines) / 2, foot - EDGE)
        painter.rotate(-90)
        for number, line in enumerate(lines):
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, length)
            painter.drawText(QRectF(0, number * pitch, length + 2, pitch), _LEFT, shown)
        painter.restore()

    def _paint_run(self, painter: QPainter, run: Run, start: int, end: int) -> None:
        look = theme.tokens()
        box = QRect(start + 1, 1, end - start - 2, self.band() - 4)
        painter.fillRect(box, QColor(look.accent_soft))
        painter.setPen(QColor(look.text))
        room = box.adjusted(4, 0, -4, 0)
        shown = painter.fontMetrics().elidedText(run.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT, shown)


class RowNames(_Header):
    """The names at the left, in up to two lines; at the right of each the coverage of the row."""

    def __init__(self, grid: QTableView) -> None:
        super().__init__(Qt.Orientation.Vertical, grid)

    def coverage_width(self) -> int:
        """The room for the coverage beside a name."""
        return math.ceil(QFontMetricsF(self.small()).horizontalAdvance("100 %")) + 14

    def name(self, row: int) -> str:
        """The name with the mark of its tag."""
        return self.cells.row_label(row) + MARKS.get(self.cells.row_tag(row), "")

    def fit(self, most: int) -> int:
        """The width names, coverage and group bands would like, up to ``most`` pixels."""
        metrics = QFontMetricsF(self._grid.font())
        bold = QFont(self._grid.font())
        bold.setBold(True)
        rows = range(self.cells.rowCount())
        widest = max((metrics.horizontalAdvance(self.name(row)) for row in rows), default=0.0)
        return min(most, max(110, math.ceil(widest) + 2 * EDGE) + self.coverage_width() + self.band())

    def lines_needed(self, width: int) -> int:
        """1 where every name fits into a header of this width in one line, else 2."""
        metrics = QFontMetricsF(self._grid.font())
        room = width - self.coverage_width() - self.band() - 2 * EDGE
        rows = range(self.cells.rowCount())
        return 1 if all(metrics.horizontalAdvance(self.name(row)) <= room + 2 for row in rows) else 2

    def sizeHint(self) -> QSize:
        # as over the columns: the table asks for the width alone
        return QSize(max(2, self.minimumWidth()), 0)

    def paint_content(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.fillRect(rect, QColor(theme.tokens().surface))
        small = QFontMetricsF(self.small())
        if rect.height() < small.height():
            return
        painter.setFont(self.small())
        side = QRect(
            rect.right() - self.coverage_width(), rect.top() + 3, self.coverage_width() - 4, rect.height() - 7
        )
        _paint_coverage(painter, side, self.cells.row_sum(section))
        room = QRectF(rect.adjusted(self.band(), 0, -self.coverage_width() - EDGE, 0))
        painter.setPen(_ink(self.is_current(section)))
        self._paint_name(painter, room, section, is_bold=self.cells.is_total(section, 1))

    def _paint_name(self, painter: QPainter, room: QRectF, row: int, *, is_bold: bool) -> None:
        font = QFont(self._grid.font())
        font.setBold(is_bold or self.is_current(row))
        name, width = self.name(row), int(room.width())
        if QFontMetricsF(font).horizontalAdvance(name) > room.width():
            font = self.small()
            font.setBold(is_bold or self.is_current(row))
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        lines = (name,)
        if metrics.horizontalAdvance(name) > room.width() and room.height() >= 2 * metrics.height() - 2:
            lines = self.lines_of(name, metrics, 2)
        if len(lines) == 1:
            painter.drawText(room, _LEFT, metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width))
            return
        pitch = metrics.height() * 0.95
        top = room.center().y() - pitch
        for number, line in enumerate(lines):
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, width)
            painter.drawText(QRectF(room.left(), top + number * pitch, room.width(), pitch), _LEFT, shown)

    def _paint_run(self, painter: QPainter, run: Run, start: int, end: int) -> None:
        look = theme.tokens()
        box = QRect(0, start + 1, self.band() - 4, end - start - 2)
        painter.fillRect(box, QColor(look.accent_soft))
        painter.setPen(QColor(look.text))
        painter.save()
        painter.translate(box.left(), box.bottom())
        painter.rotate(-90)
        room = QRect(4, 0, box.height() - 8, box.width())
        shown = painter.fontMetrics().elidedText(run.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT, shown)
        painter.restore()


class Corner(QWidget):
    """The corner between the headers: what stands along their inner edge, and the key of the map where it has room."""

    def __init__(self, grid: QTableView) -> None:
        super().__init__(grid)
        self._grid = grid
        self._lines: tuple[str, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_key(self, lines: Sequence[str]) -> None:
        """What the colours and marks of the map mean; the first line stands beside the scale of colours."""
        self._lines = tuple(lines)
        self.update()

    def has_room(self, width: int, height: int, lines: Sequence[str]) -> bool:
        """Whether a key fits into a corner of this size."""
        columns = cast(ColumnNames, self._grid.horizontalHeader())
        metrics = QFontMetricsF(columns.small())
        widest = max((metrics.horizontalAdvance(one) for one in lines), default=0.0)
        least = len(lines) * metrics.height() + columns.coverage_height() + columns.band() + EDGE
        return (
            height >= least
            and width >= max(widest, RAMP_WIDTH + 8 + metrics.horizontalAdvance(lines[0])) + EDGE
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        columns = cast(ColumnNames, self._grid.horizontalHeader())
        look, foot = theme.tokens(), columns.coverage_height()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.surface))
        painter.setFont(columns.small())
        painter.setPen(QColor(look.secondary))
        if self.height() > foot + columns.band():
            area = QRect(0, self.height() - foot, self.width() - EDGE, foot - BAR_HEIGHT)
            painter.drawText(area, _RIGHT, "Coverage")
        pitch, top = painter.fontMetrics().height(), columns.band() + 2
        for place, words in enumerate(self._lines):
            left = 0
            if not place:
                paint_ramp(painter, QRect(0, top + 2, RAMP_WIDTH, pitch - 4))
                painter.setPen(QColor(look.secondary))
                left = RAMP_WIDTH + 8
            painter.drawText(QRect(left, top + place * pitch, self.width() - left, pitch), _LEFT, words)
        painter.end()


RAMP_WIDTH = 81


def paint_ramp(painter: QPainter, area: QRect) -> None:
    """The colours of the scale from least to most."""
    heat = theme.tokens().heat
    for place, colour in enumerate(heat):
        start, end = (area.left() + area.width() * at // len(heat) for at in (place, place + 1))
        painter.fillRect(start, area.top(), end - start, area.height(), QColor(colour))
