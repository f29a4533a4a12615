from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication

from app.ui import theme
from app.ui.heatmap import Heatmap, HeatmapData, Measure
from app.ui.heatmap_painting import CellPainter

ROWS, COLUMNS = 40, 60


def random_data(seed: int, *, has_totals: bool) -> HeatmapData:
    """Cells of every sort: blank, nobody assessed, hatched, hidden, plain."""
    rng = np.random.default_rng(seed)
    shape = ROWS, COLUMNS
    required = rng.integers(0, 2_000, shape) * (rng.random(shape) > 0.1)
    assessed = (required * rng.random(shape) * (rng.random(shape) > 0.1)).astype(np.int64)
    short = (assessed * rng.random(shape)).astype(np.int64)
    return HeatmapData(
        [f"Department {row}" for row in range(ROWS)],
        [f"Skill number {column}" for column in range(COLUMNS)],
        required,
        assessed,
        short,
        short * 2,
        hidden=rng.random(shape) < 0.05,
        has_totals=has_totals,
        column_groups=["", *(f"Group {column // 7}" for column in range(1, COLUMNS))] if has_totals else (),
    )


def shown_map(qtbot: Any, data: HeatmapData, measure: Measure) -> Heatmap:
    made = Heatmap()
    qtbot.addWidget(made)
    made.resize(907, 511)
    with qtbot.waitExposed(made):
        made.show()
    made.set_data(data, measure, worst_first=False)
    made.choose_cell(3, 4)
    made.activateWindow()
    made.grid.clearFocus()  # it had the keyboard while it was still empty, and the ring around the whole of it
    made.grid.setFocus()
    QApplication.processEvents()
    return made


def on_the_screen(widget: Heatmap) -> QImage:
    """What the window really shows, put together from all paintings so far."""
    return widget.screen().grabWindow(widget.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)


def painted_anew(widget: Heatmap) -> QImage:
    return widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


class Painted(QObject):
    """How many pixels of a widget were painted."""

    def __init__(self) -> None:
        super().__init__()
        self.pixels = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's own name)
        if isinstance(event, QPaintEvent):
            box = event.region().boundingRect()
            self.pixels += box.width() * box.height()
        return False


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("has_totals", [False, True])
@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK])
def test_scrolled_and_painted_anew_are_the_same_picture(
    qtbot: Any, measure: Measure, has_totals: bool, look: theme.Tokens
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = theme.tokens()
    theme.apply(app, look)
    try:
        widget = shown_map(qtbot, random_data(7, has_totals=has_totals), measure)
        across, down = widget.grid.horizontalScrollBar(), widget.grid.verticalScrollBar()
        steps = ((across, 13), (down, 29), (across, 180), (across, 171), (down, 5), (across, 9_999))
        for bar, place in steps:
            bar.setValue(place)
            QApplication.processEvents()
            assert on_the_screen(widget) == painted_anew(widget), (place, bar is across)
        widget.choose_cell(20, 30)
        QApplication.processEvents()
        assert on_the_screen(widget) == painted_anew(widget)
    finally:
        theme.apply(app, before)


def test_scrolling_paints_only_what_comes_into_sight(qtbot: Any) -> None:
    widget = shown_map(qtbot, random_data(8, has_totals=False), Measure.SHARE_SHORT)
    painted, cells, bar = Painted(), widget.grid.viewport(), widget.grid.horizontalScrollBar()
    for place in (20, 40, 60, 80, 100):
        bar.setValue(place)
        QApplication.processEvents()
    cells.installEventFilter(painted)
    bar.setValue(120)
    QApplication.processEvents()
    assert 0 < painted.pixels <= 20 * cells.height()


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("size", [(46, 26), (81, 31), (12, 12), (5, 4)])
def test_copied_pictures_and_cells_drawn_in_place_are_the_same(
    qtbot: Any, measure: Measure, size: tuple[int, int]
) -> None:
    """A screen at 125 % has cells drawn in place; on whole pixels both ways must agree."""
    widget = shown_map(qtbot, random_data(9, has_totals=True), measure)
    width, height = size
    images: list[QImage] = []
    for scale in (1.0, 1.25):
        image = QImage(COLUMNS * width, ROWS * height, QImage.Format.Format_RGB32)
        image.fill(0x808080)
        cells, painter = CellPainter(), QPainter(image)
        cells.begin(widget.cells, widget.grid.font(), scale)
        rows = [(row, row * height, height) for row in range(ROWS)]
        cells.paint(painter, widget.cells, rows, [(at, at * width, width) for at in range(COLUMNS)])
        painter.end()
        images.append(image)
    assert images[0] == images[1]


def test_another_measure_or_look_is_painted_anew(qtbot: Any) -> None:
    widget = shown_map(qtbot, random_data(10, has_totals=True), Measure.SHARE_SHORT)
    shares = painted_anew(widget)
    widget.set_measure(Measure.LEVELS)
    QApplication.processEvents()
    assert on_the_screen(widget) == painted_anew(widget) != shares
    widget.set_measure(Measure.SHARE_SHORT)
    QApplication.processEvents()
    assert on_the_screen(widget) == shares


def test_cells_out_of_sight_are_looked_at_before_they_are_painted(qtbot: Any) -> None:
    """And another measure makes what was looked at out of date, also where it was not finished."""
    widget = shown_map(qtbot, random_data(11, has_totals=True), Measure.SHARE_SHORT)
    cells = widget.grid.painting
    total = widget.cells.rowCount() * widget.cells.columnCount()
    assert len(cells.looks) < total
    for measure in (Measure.LEVELS, Measure.SHARE_SHORT):
        widget.set_measure(measure)
        QApplication.processEvents()
        assert len(cells.looks) < total
        qtbot.waitUntil(lambda: len(cells.looks) == total)
    ahead = {place: look.text if look else None for place, look in cells.looks.items()}
    painted_anew(widget)
    fresh = CellPainter()
    fresh.begin(widget.cells, widget.grid.font(), 1.0)
    while fresh.look_ahead(widget.cells, 0.0):
        pass
    assert ahead == {place: look.text if look else None for place, look in fresh.looks.items()}
