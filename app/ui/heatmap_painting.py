"""Paints the cells of the heat map: heat, hatch, number. What a cell looks like is worked out once per look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.heatmap_cells import HeatmapModel

Index = QModelIndex | QPersistentModelIndex

LOW_COVERAGE = 0.5
GAP = 1
LEAST_WITH_GAP = 8
"""Narrower cells stand side by side without a gap, which would take most of them."""
TOTALS_GAP = 4
"""Room between the totals and the cells they add up, in pixels."""

PLATE = 8
"""Room of a figure's plate on both sides together; a cell too small for its figure shows its colour alone."""
BESIDE = 12

_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class CellLook:
    """One cell ready to be painted; ``lines`` are the hatch of low coverage, ``outline`` the box of nobody assessed."""

    text: str
    beside: str
    fill: QColor | None
    ink: QColor
    lines: QBrush | None
    outline: QColor | None
    plate: QRect
    is_total: bool


class HeatmapDelegate(QStyledItemDelegate):
    """Paints one cell. The view calls :meth:`begin` before each painting, and paints the ring of the current cell."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._looks: dict[int, CellLook] = {}
        self._made_for: tuple[object, ...] = ()
        self._colours: dict[str, QColor] = {}

    def begin(self, model: HeatmapModel, font: str) -> None:
        """Forget what cells look like where the data, the colours or the font have changed."""
        made_for = model, model.shown, theme.tokens(), font
        if made_for != self._made_for:
            self._made_for = made_for
            self._looks.clear()
            self._colours.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        key = index.row() << 16 | index.column()
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = self._make(index, painter.fontMetrics())
        area: QRect = option.rect  # type: ignore[attr-defined]  # the stub leaves out the fields of style options
        gap = GAP if area.width() >= LEAST_WITH_GAP else 0
        box = area.adjusted(gap, GAP, -gap, -GAP)
        if look.is_total:
            painter.save()
            box = _set_apart(painter, box, index)
        if look.fill is not None:
            painter.fillRect(box, look.fill)
            if look.lines is not None:
                # a plain plate under the number, so that it reads as well as its neighbours
                painter.fillRect(box, look.lines)
                plate = QRect(look.plate)
                plate.moveCenter(box.center())
                painter.fillRect(plate.intersected(box), look.fill)
        if look.outline is not None:
            painter.setPen(look.outline)
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        if (
            look.text
            and look.plate.width() - PLATE <= box.width()
            and look.plate.height() - 6 <= box.height()
        ):
            painter.setPen(look.ink)
            _write(painter, box, look)
        if look.is_total:
            painter.restore()

    def _make(self, index: Index, metrics: QFontMetrics) -> CellLook:
        model = cast(HeatmapModel, index.model())
        cell = model.cell(index.row(), index.column())
        tokens, colour = theme.tokens(), model.heat(cell)
        is_shown = bool(cell.assessed) and not cell.is_hidden
        ink = theme.text_on(colour) if is_shown else tokens.secondary
        text = cell.printed(model.measure)
        lines = None
        if is_shown and cell.coverage < LOW_COVERAGE:
            faint = QColor(ink)
            faint.setAlpha(150)
            lines = QBrush(faint, Qt.BrushStyle.BDiagPattern)
        beside = cell.printed_beside(model.measure)
        wide = metrics.horizontalAdvance(text + beside) + (BESIDE if beside else 0)
        return CellLook(
            text,
            beside,
            self._colour(colour) if cell.required else None,
            self._colour(ink),
            lines,
            self._colour(tokens.hairline) if cell.required and not cell.assessed else None,
            QRect(0, 0, wide + PLATE, metrics.height()),
            model.is_total(index.row(), index.column()),
        )

    def _colour(self, name: str) -> QColor:
        return self._colours.get(name) or self._colours.setdefault(name, QColor(name))


def _write(painter: QPainter, box: QRect, look: CellLook) -> None:
    """The figure in the middle; two figures side by side, with a thin line between them."""
    if not look.beside:
        painter.drawText(box, _CENTRE, look.text)
        return
    middle = box.left() + round(box.width() * 0.46)
    painter.drawText(QRect(box.left(), box.top(), middle - box.left() - 3, box.height()), _RIGHT, look.text)
    painter.drawText(QRect(middle + 5, box.top(), box.right() - middle - 4, box.height()), _LEFT, look.beside)
    painter.drawLine(middle + 1, box.top() + 6, middle + 1, box.bottom() - 6)


def _set_apart(painter: QPainter, box: QRect, index: Index) -> QRect:
    """Totals are bold, with a wider gap to the cells they add up."""
    model = cast(HeatmapModel, index.model())
    font = painter.font()
    font.setBold(True)
    painter.setFont(font)
    right = TOTALS_GAP if index.column() == 0 and model.columnCount() > 1 else 0
    return box.adjusted(0, 0, -right, -TOTALS_GAP if index.row() == 0 and model.rowCount() > 1 else 0)
