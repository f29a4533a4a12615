from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF

from app.ui import theme
from app.ui.heatmap import Heatmap, HeatmapCell, HeatmapData, HeatmapModel, Measure

DATA = HeatmapData(
    row_labels=("Home Office", "Revenue"),
    column_labels=("Data modelling", "User research", "Testing"),
    required=np.array([[48, 10, 0], [20, 5, 9]]),
    assessed=np.array([[44, 4, 0], [20, 0, 9]]),
    short=np.array([[31, 1, 0], [19, 0, 0]]),
    levels_short=np.array([[40, 1, 0], [25, 0, 0]]),
)


@pytest.fixture
def heatmap(qtbot: Any) -> Heatmap:
    made = Heatmap()
    qtbot.addWidget(made)
    made.resize(900, 500)
    with qtbot.waitExposed(made):
        made.show()
    made.set_data(DATA, worst_first=False)
    return made


def printed(heatmap: Heatmap) -> list[list[str]]:
    cells = heatmap.cells
    return [
        [cells.cell(row, column).printed(cells.measure) for column in range(cells.columnCount())]
        for row in range(cells.rowCount())
    ]


def test_the_model_keeps_qts_rules(qtmodeltester: Any) -> None:
    model = HeatmapModel()
    model.set_source(DATA, Measure.SHARE_SHORT, worst_first=True)
    qtmodeltester.check(model)


def test_cells_print_share_not_assessed_and_not_required_apart(heatmap: Heatmap) -> None:
    assert printed(heatmap) == [["70", "25", ""], ["95", "–", "0"]]


def test_other_measures_print_counts(heatmap: Heatmap) -> None:
    heatmap.set_measure(Measure.SHORT)
    assert printed(heatmap)[0] == ["31", "1", ""]
    heatmap.set_measure(Measure.LEVELS)
    assert printed(heatmap)[1] == ["25", "–", "0"]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (HeatmapCell(48, 44, 31, 40), "31 of 44 short, coverage 92 %"),
        (HeatmapCell(5, 0, 0, 0), "not assessed, 5 need it"),
        (HeatmapCell(0, 0, 0, 0), "not required"),
        (HeatmapCell(9, 3, 2, 2, is_hidden=True), "not shown, because few people stand behind it"),
    ],
)
def test_a_cell_says_itself_in_words(cell: HeatmapCell, sentence: str) -> None:
    assert cell.sentence() == sentence


def test_a_screen_reader_hears_place_and_numbers(heatmap: Heatmap) -> None:
    text = heatmap.cells.data(heatmap.cells.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert text == "Home Office, Data modelling, 31 of 44 short, coverage 92 %"


def test_hidden_cells_show_neither_number_nor_heat(heatmap: Heatmap) -> None:
    hidden = HeatmapData(("A",), ("S",), [[3]], [[3]], [[2]], [[2]], hidden=[[True]])
    heatmap.set_data(hidden)
    assert printed(heatmap) == [["[c]"]]
    assert heatmap.cells.heat(heatmap.cells.cell(0, 0)) == theme.tokens().surface
    assert "[c]" in heatmap.key.text()


def test_worst_come_first(heatmap: Heatmap) -> None:
    heatmap.set_worst_first(True)
    assert [heatmap.cells.row_label(row) for row in range(2)] == ["Home Office", "Revenue"]
    assert [heatmap.cells.column_label(at) for at in range(3)] == [
        "Data modelling",
        "User research",
        "Testing",
    ]
    heatmap.set_measure(Measure.SHARE_SHORT)
    shares = [31 + 1, 44 + 4], [19, 29]
    assert shares[0][0] / shares[0][1] > shares[1][0] / shares[1][1]


def test_worse_is_further_up_the_scale(heatmap: Heatmap) -> None:
    heat = theme.tokens().heat
    steps = [
        heat.index(heatmap.cells.heat(heatmap.cells.cell(row, at)))
        for row, at in ((1, 2), (0, 1), (0, 0), (1, 0))
    ]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[-1] == len(heat) - 1


def test_a_click_gives_the_place_in_the_data(heatmap: Heatmap, qtbot: Any) -> None:
    heatmap.set_worst_first(True)
    heatmap.choose_cell(1, 2)
    place = heatmap.grid.visualRect(heatmap.grid.currentIndex()).center()
    with qtbot.waitSignal(heatmap.cell_clicked) as clicked:
        qtbot.mouseClick(heatmap.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == [1, 2]


def test_arrows_walk_and_enter_opens(heatmap: Heatmap, qtbot: Any) -> None:
    heatmap.choose_cell(0, 0)
    qtbot.keyClick(heatmap.grid, Qt.Key.Key_Right)
    qtbot.keyClick(heatmap.grid, Qt.Key.Key_Down)
    with qtbot.waitSignal(heatmap.cell_clicked) as clicked:
        qtbot.keyClick(heatmap.grid, Qt.Key.Key_Return)
    assert clicked.args == [1, 1]


def test_new_data_keeps_the_current_department_and_skill(heatmap: Heatmap) -> None:
    heatmap.choose_cell(1, 0)
    turned = HeatmapData(
        DATA.row_labels[::-1],
        DATA.column_labels,
        DATA.required[::-1],
        DATA.assessed[::-1],
        DATA.short[::-1],
        DATA.levels_short[::-1],  # type: ignore[index]
    )
    heatmap.set_data(turned, worst_first=False)
    assert heatmap.current_cell() == (0, 0)


@pytest.mark.parametrize("width", [500, 900, 1600])
def test_no_name_is_cut(heatmap: Heatmap, qtbot: Any, width: int) -> None:
    heatmap.resize(width, 500)
    skills = tuple(
        f"Communicating between the technical and the non-technical {number}" for number in range(14)
    )
    shape = np.full((3, 14), 9)
    data = HeatmapData(
        ("Department for Land, Water and Climate", "B", "C"), skills, shape, shape, shape // 2, shape
    )
    heatmap.set_data(data)
    names = heatmap.grid.columns
    metrics = QFontMetricsF(names.small())
    room = names.height() - names.coverage_height() - 6
    for column in range(14):
        lines = names.lines_of(names.name(column), metrics, names.line_count(names.sectionSize(column)))
        assert " ".join(lines) == skills[column]
        assert max(metrics.horizontalAdvance(line) for line in lines) <= room


def test_the_map_fits_its_room_and_zooms(heatmap: Heatmap, qtbot: Any) -> None:
    fitted = heatmap.grid.columnWidth(0)
    assert heatmap.grid.horizontalScrollBar().maximum() == 0
    heatmap.zoom(3)
    assert heatmap.grid.columnWidth(0) > fitted
    heatmap.zoom_to_fit()
    assert heatmap.grid.columnWidth(0) == fitted


def test_hatch_marks_low_coverage_only(heatmap: Heatmap) -> None:
    image = heatmap.grid.viewport().grab().toImage()

    def colours(row: int, column: int) -> set[str]:
        box = heatmap.grid.visualRect(heatmap.cells.index(row, column)).adjusted(3, 3, -3, -3)
        points = [QPoint(x, box.top() + 2) for x in range(box.left(), box.left() + 12)]
        return {image.pixelColor(point).name() for point in points}

    assert len(colours(0, 0)) == 1
    assert len(colours(0, 1)) > 1


def test_the_focused_cell_has_a_ring_that_can_be_seen(heatmap: Heatmap, qtbot: Any) -> None:
    heatmap.activateWindow()
    heatmap.grid.setFocus()
    heatmap.choose_cell(0, 0)
    image = heatmap.grid.viewport().grab().toImage()
    box = heatmap.grid.visualRect(heatmap.grid.currentIndex())
    assert image.pixelColor(box.left() + 1, box.center().y()).name() == theme.tokens().focus
    assert image.pixelColor(box.left() + 3, box.center().y()).name() == theme.tokens().focus_line


def test_an_empty_map_is_no_trouble(heatmap: Heatmap) -> None:
    heatmap.set_data(HeatmapData((), (), (), (), (), ()))
    assert heatmap.current_cell() is None
    assert heatmap.grab().width() > 0
