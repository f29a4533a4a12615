from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from PySide6.QtCore import QCoreApplication, QElapsedTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from app.ui import application, dialogs, theme
from app.ui.canvas import ChartPane
from app.ui.table import Column, TableData


class Charts:
    """Draws a plain figure and remembers for which looks."""

    def __init__(self) -> None:
        self.looks: list[bool] = []

    def draw(self, is_dark: bool) -> Figure:
        self.looks.append(is_dark)
        figure = Figure(facecolor="#000000" if is_dark else "#ffffff")
        figure.add_subplot().bar(["Data", "Testing"], [3, 5])
        return figure


@pytest.fixture
def charts() -> Charts:
    return Charts()


@pytest.fixture
def pane(qtbot: Any, charts: Charts) -> ChartPane:
    made = ChartPane("readiness", "departments")
    qtbot.addWidget(made)
    made.resize(640, 400)
    with qtbot.waitExposed(made):
        made.show()
    table = TableData.of_columns(
        (Column("skill", "Skill"), Column("n", "Short", "int")), {"skill": ["Data"], "n": [3]}
    )
    made.show_chart("Testing is shortest", charts.draw, table, "3 short of Data, 5 of Testing")
    return made


def shown(pane: ChartPane) -> QImage:
    waited = QElapsedTimer()
    waited.start()
    while pane._picture.is_drawing:
        QCoreApplication.processEvents()
        assert waited.elapsed() < 20_000
    picture = pane._picture.picture()
    assert picture is not None
    return picture


def test_a_figure_is_drawn_for_the_room_there_is(pane: ChartPane) -> None:
    size = shown(pane).deviceIndependentSize()
    assert (round(size.width()), round(size.height())) == (pane._picture.width(), pane._picture.height())
    assert pane._picture.accessibleDescription() == "3 short of Data, 5 of Testing"


def test_the_figure_is_drawn_anew_when_the_look_changes(
    pane: ChartPane, charts: Charts, qapp: QApplication, appearance: application.Look
) -> None:
    appearance.choose("dark")
    qapp.processEvents()
    assert shown(pane).pixelColor(1, 1).name() == "#000000"
    assert charts.looks[-1] is True
    assert theme.tokens().is_dark


def test_a_new_size_is_drawn_once_it_has_settled(pane: ChartPane, qtbot: Any) -> None:
    pane.resize(800, 500)
    qtbot.waitUntil(
        lambda: round(shown(pane).deviceIndependentSize().width()) == pane._picture.width(), timeout=5_000
    )


def test_the_numbers_behind_it_can_be_shown_and_copied(pane: ChartPane) -> None:
    pane.toggle_table()
    pane.copy()
    assert QGuiApplication.clipboard().text() == "Skill\tShort\nData\t3\n"
    pane.toggle_table()
    shown(pane)
    pane.copy()
    assert not QGuiApplication.clipboard().image().isNull()


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_picture_is_saved_in_light_colours(
    pane: ChartPane,
    charts: Charts,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    ending: str,
    begins: bytes,
) -> None:
    shown(pane)
    target = tmp_path / f"out.{ending}"
    monkeypatch.setattr(dialogs, "choose_save", lambda _w, _t, _n, _k, chosen: chosen(target))
    pane.choose_file()
    assert target.read_bytes().startswith(begins)
    assert charts.looks[-1] is False
    assert [path.name for path in tmp_path.glob("*out*")] == [target.name]


def test_a_picture_that_cannot_be_saved_says_so(pane: ChartPane, tmp_path: Path) -> None:
    pane.save(tmp_path / "missing" / "out.png")
    message = pane.findChildren(dialogs.MessageDialog)[0]
    assert message.sentence.text() == "“out.png” could not be saved."
    message.press("Close")
