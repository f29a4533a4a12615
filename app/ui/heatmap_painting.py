"""Paints the cells of the heat map: heat, hatch, number. Each distinct cell is drawn once, then copied.

A map of 60 × 190 has a few hundred distinct cells (a share, hatched or not), so that painting all of it, or the strip
that scrolling lays bare, is copying small pictures. ``docs/decisions/050-heat-map-pictures.md`` has the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPixmap

from app.ui import theme
from app.ui.heatmap_cells import HeatmapCell, HeatmapModel

LOW_COVERAGE = 0.5
GAP = 1
LEAST_WITH_GAP = 8
"""Narrower cells stand side by side without a gap, which would take most of them."""
TOTALS_GAP = 4
"""Room between the totals and the cells they add up, in pixels."""

PLATE = 8
"""Room of a figure's plate on both sides together; a cell too small for its figure shows its colour alone."""
BESIDE = 12
MOST_PICTURES = 20_000
"""Pictures kept at most, about 5 kB each; counts up to the thousands differ in nearly every cell."""

_LOOKED_AT_ONCE = 32

_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

Span = tuple[int, int, int]
"""A row or column in sight: its place, where it starts on the screen, and its size in pixels."""
Kind = tuple[str, str, str, bool, bool, bool]
"""What cells that look the same share: both figures, the colour, whether required, hatched, and a total."""


@dataclass(frozen=True, slots=True, eq=False)
class CellLook:
    """One kind of cell ready to be drawn; ``lines`` hatch low coverage, ``outline`` boxes nobody assessed."""

    text: str
    beside: str
    fill: QColor
    ink: QColor
    lines: QBrush | None
    outline: QColor | None
    width: int
    height: int
    is_total: bool


class CellPainter:
    """Paints the cells in sight. :meth:`begin` comes before each painting; the ring is the view's."""

    def __init__(self) -> None:
        self._kinds: dict[Kind, CellLook] = {}
        self._looks: dict[tuple[int, int], CellLook | None] = {}
        self._pictures: dict[tuple[CellLook, int, int], QPixmap] = {}
        self._placed: dict[tuple[int, int, int, int], QPixmap | None] = {}
        self._looked_at = 0
        self._made_for: tuple[object, ...] = ()
        self._font, self._bold = QFont(), QFont()
        self._metrics = QFontMetrics(self._font)
        self._scale = 1.0

    @property
    def looks(self) -> Mapping[tuple[int, int], CellLook | None]:
        """What the cells look like that were looked at so far, by row and column; None where nothing is required."""
        return self._looks

    def begin(self, model: HeatmapModel, font: QFont, scale: float) -> None:
        """Forget what cells look like where the data, the colours, the font or the screen have changed."""
        drawn_for = theme.tokens(), font.key(), scale
        if drawn_for != self._made_for[2:]:
            self._kinds.clear()
            self._pictures.clear()
            self._font, self._bold, self._scale = QFont(font), QFont(font), scale
            self._bold.setBold(True)
            self._metrics = QFontMetrics(self._font)
        made_for = model, model.shown, *drawn_for
        if made_for != self._made_for or len(self._placed) > MOST_PICTURES:
            self._made_for = made_for
            self._looks.clear()
            self._looked_at = 0
            self._placed.clear()
        if len(self._pictures) > MOST_PICTURES:
            self._pictures.clear()
            self._placed.clear()

    def look_ahead(self, model: HeatmapModel, seconds: float) -> bool:
        """Find out for about so long what cells look like that are not in sight yet; False when all are known.

        The whole map is then painted at once, where it would ask for thousands of figures in one step.
        """
        width, until = model.columnCount(), perf_counter() + seconds
        total = model.rowCount() * width
        while self._looked_at < total:
            for place in range(self._looked_at, min(total, self._looked_at + _LOOKED_AT_ONCE)):
                self._look(model, *divmod(place, width))
            self._looked_at = min(total, self._looked_at + _LOOKED_AT_ONCE)
            if perf_counter() > until:
                return self._looked_at < total
        return False

    def paint(
        self, painter: QPainter, model: HeatmapModel, rows: Iterable[Span], columns: Iterable[Span]
    ) -> None:
        """Paint the cells where these rows and columns cross."""
        columns = tuple(columns)
        if self._scale != int(self._scale):  # copied pictures would fall between the pixels of the screen
            for row, top, height in rows:
                for column, left, width in columns:
                    self._paint_direct(painter, model, (row, column), QRect(left, top, width, height))
            return
        placed, draw = self._placed, painter.drawPixmap
        for row, top, height in rows:
            for column, left, width in columns:
                key = (row, column, width, height)
                if key in placed:
                    picture = placed[key]
                else:
                    picture = placed[key] = self._picture(model, row, column, width, height)
                if picture is not None:
                    draw(left + (GAP if width >= LEAST_WITH_GAP else 0), top + GAP, picture)

    def _paint_direct(
        self, painter: QPainter, model: HeatmapModel, place: tuple[int, int], area: QRect
    ) -> None:
        look, box = self._look(model, *place), _box(model, *place, area)
        if look is not None and not box.isEmpty():
            painter.setBrushOrigin(box.topLeft())
            self._draw(painter, box, look)

    def _picture(self, model: HeatmapModel, row: int, column: int, width: int, height: int) -> QPixmap | None:
        look, box = self._look(model, row, column), _box(model, row, column, QRect(0, 0, width, height))
        if look is None or box.isEmpty():
            return None
        key = (look, box.width(), box.height())
        found = self._pictures.get(key)
        if found is None:
            found = QPixmap(box.size() * self._scale)
            found.setDevicePixelRatio(self._scale)
            found.fill(look.fill)
            painter = QPainter(found)
            self._draw(painter, QRect(QPoint(0, 0), box.size()), look)
            painter.end()
            self._pictures[key] = found
        return found

    def _draw(self, painter: QPainter, box: QRect, look: CellLook) -> None:
        painter.fillRect(box, look.fill)
        if look.lines is not None:
            # a plain plate under the number, so that it reads as well as its neighbours
            painter.fillRect(box, look.lines)
            plate = QRect(0, 0, look.width + PLATE, look.height)
            plate.moveCenter(box.center())
            painter.fillRect(plate.intersected(box), look.fill)
        if look.outline is not None:
            painter.setPen(look.outline)
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        if look.text and look.width <= box.width() and look.height - 6 <= box.height():
            painter.setFont(self._bold if look.is_total else self._font)
            painter.setPen(look.ink)
            _write(painter, box, look)

    def _look(self, model: HeatmapModel, row: int, column: int) -> CellLook | None:
        place = row, column
        if place in self._looks:
            return self._looks[place]
        cell = model.cell(row, column)
        found = self._look_of(model, cell, model.is_total(row, column)) if cell.required else None
        self._looks[place] = found
        return found

    def _look_of(self, model: HeatmapModel, cell: HeatmapCell, is_total: bool) -> CellLook:
        is_shown = bool(cell.assessed) and not cell.is_hidden
        is_hatched = is_shown and cell.coverage < LOW_COVERAGE
        text, beside = cell.printed(model.measure), cell.printed_beside(model.measure)
        kind = text, beside, model.heat(cell), bool(cell.assessed), is_hatched, is_total
        found = self._kinds.get(kind)
        if found is None:
            if len(self._kinds) > MOST_PICTURES:
                self._kinds.clear()
            found = self._kinds[kind] = self._made(kind, is_shown)
        return found

    def _made(self, kind: Kind, is_shown: bool) -> CellLook:
        text, beside, colour, is_assessed, is_hatched, is_total = kind
        tokens = theme.tokens()
        ink = QColor(theme.text_on(colour) if is_shown else tokens.secondary)
        faint = QColor(ink)
        faint.setAlpha(150)
        wide = self._metrics.horizontalAdvance(text + beside) + (BESIDE if beside else 0)
        return CellLook(
            text,
            beside,
            QColor(colour),
            ink,
            QBrush(faint, Qt.BrushStyle.BDiagPattern) if is_hatched else None,
            None if is_assessed else QColor(tokens.hairline),
            wide,
            self._metrics.height(),
            is_total,
        )


def _box(model: HeatmapModel, row: int, column: int, area: QRect) -> QRect:
    """The coloured part of a cell: a gap around it, and a wider one between the totals and the cells they add up."""
    gap = GAP if area.width() >= LEAST_WITH_GAP else 0
    right, foot = gap, GAP
    if model.is_total(row, column):
        right += TOTALS_GAP if column == 0 and model.columnCount() > 1 else 0
        foot += TOTALS_GAP if row == 0 and model.rowCount() > 1 else 0
    return area.adjusted(gap, GAP, -right, -foot)


def _write(painter: QPainter, box: QRect, look: CellLook) -> None:
    """The figure in the middle; two figures side by side, with a thin line between them."""
    if not look.beside:
        painter.drawText(box, _CENTRE, look.text)
        return
    middle = box.left() + round(box.width() * 0.46)
    painter.drawText(QRect(box.left(), box.top(), middle - box.left() - 3, box.height()), _RIGHT, look.text)
    painter.drawText(QRect(middle + 5, box.top(), box.right() - middle - 4, box.height()), _LEFT, look.beside)
    painter.drawLine(middle + 1, box.top() + 6, middle + 1, box.bottom() - 6)
