"""Figures at the top of a page: in one row where there is room, else in two."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.ui.widgets import FigureTile

MOST = 4


class TileRow(QWidget):
    """Tiles of equal width; ``least`` is the width in pixels at 100 % from which they stand in one row."""

    def __init__(self, tiles: Mapping[str, FigureTile], least: int, most: int = MOST) -> None:
        super().__init__()
        self.tiles = dict(tiles)
        self._least, self._most = least, most
        self._per_row = 0
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.setLayout(self._grid)
        self._place(most)

    def _place(self, per_row: int) -> None:
        if per_row == self._per_row:
            return
        self._per_row = per_row
        for place, tile in enumerate(self.tiles.values()):
            self._grid.addWidget(tile, place // per_row, place % per_row)
        for column in range(self._most):
            self._grid.setColumnStretch(column, int(column < per_row))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        unit = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        self._place(self._most if self.width() >= self._least * unit else self._most // 2)
