from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication

from app.ui.table import Column, Table, TableData, TableModel, TablePane
from app.ui.table_data import Coded


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    since: date
    level: int | None


COLUMNS = (Column("name", "Name"), Column("since", "Since", "date"), Column("level", "Level", "level"))
LINES = (
    Line("Zoë", date(2025, 3, 1), 2),
    Line("amir", date(2024, 11, 5), None),
    Line("Bea", date(2025, 1, 9), 4),
)


def as_text(table: Table) -> str:
    shown = [table.rows.columns.index(column) for column in table.shown_columns()]
    lines = [" | ".join(table.rows.text(row, at) for at in shown) for row in range(table.rows.rowCount())]
    return "\n".join(lines)


@pytest.fixture
def table(qtbot: Any) -> Table:
    made = Table("lines", "Lines")
    qtbot.addWidget(made)
    made.set_records(COLUMNS, LINES)
    return made


@pytest.fixture
def pane(qtbot: Any) -> TablePane:
    made = TablePane("lines", "lines", lambda _table: None)
    qtbot.addWidget(made)
    made.set_data(TableData.of_records(COLUMNS, LINES))
    return made


def test_the_model_keeps_qts_rules(qtmodeltester: Any, qtbot: Any) -> None:
    model = TableModel()
    model.set_table(TableData.of_records(COLUMNS, LINES))
    model.sort(1)
    model.set_filter("a")
    qtmodeltester.check(model)


def test_values_are_shown_as_people_read_them(table: Table) -> None:
    assert (
        as_text(table)
        == "Zoë | 1 Mar 2025 | Working\namir | 5 Nov 2024 | Not assessed\nBea | 9 Jan 2025 | Expert"
    )


def test_sorting_goes_by_value_with_blanks_last(table: Table) -> None:
    table.sort_by("since")
    assert [record.name for record in map(table.rows.record, range(3))] == ["amir", "Bea", "Zoë"]
    table.sort_by("level", is_descending=True)
    assert [record.name for record in map(table.rows.record, range(3))] == ["Bea", "Zoë", "amir"]


def test_sorting_ignores_case(table: Table) -> None:
    table.sort_by("name")
    assert as_text(table).split(" | ")[0] == "amir"


def test_the_current_row_stays_the_same_record_through_a_sort(table: Table) -> None:
    table.choose_row(1)
    table.sort_by("name", is_descending=True)
    assert table.current_record() is LINES[1]
    assert table.selected_records() == [LINES[1]]


def test_many_kept_places_survive_a_sort(qtbot: Any) -> None:
    model = TableModel()
    model.set_table(
        TableData.of_records(COLUMNS, [Line(str(n * 7 % 20), date(2025, 1, 1), None) for n in range(20)])
    )
    kept = [(QPersistentModelIndex(model.index(row, 0)), model.record(row)) for row in range(20)]
    model.sort(0)
    assert all(model.record(index.row()) is record for index, record in kept)


def test_filter_and_sort_work_together(pane: TablePane) -> None:
    pane.table.sort_by("name")
    pane.filter.setText("a")
    assert [record.name for record in map(pane.table.rows.record, range(pane.table.rows.rowCount()))] == [
        "amir",
        "Bea",
        "Zoë",
    ]
    pane.filter.setText("ma not")
    assert as_text(pane.table) == ""
    pane.filter.setText("mi not")
    assert as_text(pane.table) == "amir | 5 Nov 2024 | Not assessed"
    assert pane.count.text() == "1 of 3"


def test_a_filter_that_finds_nothing_says_so(pane: TablePane) -> None:
    pane.filter.setText("xyz")
    assert pane._nothing.text() == "Nothing here holds “xyz”. Clear the filter to see all 3 lines."
    assert not pane._nothing.isHidden()
    pane.filter.clear()
    assert pane._nothing.isHidden()


def test_new_data_keeps_filter_and_order(pane: TablePane) -> None:
    pane.filter.setText("e")
    pane.table.sort_by("name", is_descending=True)
    pane.set_data(TableData.of_records(COLUMNS, [*LINES, Line("Eve", date(2026, 1, 1), 1)]))
    assert [pane.table.rows.text(row, 0) for row in range(pane.table.rows.rowCount())] == [
        "Zoë",
        "Eve",
        "Bea",
        "amir",
    ]


def test_copy_brings_headers_and_only_what_is_shown(table: Table) -> None:
    table.show_column(1, is_shown=False)
    table.choose_row(0)
    table.copy()
    assert QGuiApplication.clipboard().text() == "Name\tLevel\nZoë\tWorking\n"


def test_a_copied_cell_never_runs_as_a_formula(qtbot: Any) -> None:
    table = Table()
    qtbot.addWidget(table)
    table.set_records((Column("name", "Name"),), [Line("=1+1\tx\ny", date(2025, 1, 1), None)])
    assert table.copied_text() == "Name\n'=1+1 x y\n"


def test_hidden_columns_and_widths_are_remembered(table: Table, qtbot: Any) -> None:
    table.setColumnWidth(0, 222)
    table.show_column(2, is_shown=False)
    again = Table("lines", "Lines")
    qtbot.addWidget(again)
    again.set_records(COLUMNS, LINES)
    assert again.columnWidth(0) == 222
    assert [column.key for column in again.shown_columns()] == ["name", "since"]


def test_the_last_column_cannot_be_hidden(table: Table) -> None:
    table.show_column(0, is_shown=False)
    table.show_column(1, is_shown=False)
    enabled = [action.isEnabled() for action in table.column_menu().actions()]
    assert enabled == [True, True, False]


def test_what_is_seen_can_be_exported_as_values(pane: TablePane) -> None:
    pane.filter.setText("bea")
    pane.table.horizontalHeader().moveSection(2, 0)
    assert [column.key for column in pane.table.shown_columns()] == ["level", "name", "since"]
    assert pane.table.shown_values() == [[4, "Bea", date(2025, 1, 9)]]


def test_enter_opens_the_current_record(table: Table, qtbot: Any) -> None:
    table.choose_row(2)
    with qtbot.waitSignal(table.row_opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [LINES[2]]


def test_a_screen_reader_hears_header_and_value(table: Table) -> None:
    index = table.rows.index(1, 2)
    assert table.rows.data(index, Qt.ItemDataRole.AccessibleTextRole) == "Level: Not assessed"


def test_numbers_stand_at_the_right(qtbot: Any) -> None:
    model = TableModel()
    model.set_table(TableData.of_columns((Column("n", "N", "int"), Column("t", "T")), {"n": [1], "t": ["x"]}))
    sides = [model.data(model.index(0, at), Qt.ItemDataRole.TextAlignmentRole) for at in range(2)]
    assert sides[0] & Qt.AlignmentFlag.AlignRight
    assert sides[1] & Qt.AlignmentFlag.AlignLeft


def test_rows_are_28_high_and_36_when_comfortable(table: Table) -> None:
    assert table.rowHeight(0) == 28
    table.set_comfortable(True)
    assert table.rowHeight(0) == 36


def test_tab_leaves_the_table(pane: TablePane, qtbot: Any) -> None:
    with qtbot.waitExposed(pane):
        pane.show()
    pane.activateWindow()
    pane.table.setFocus()
    qtbot.keyClick(pane.table, Qt.Key.Key_Tab)
    assert not pane.table.hasFocus()


def test_half_a_million_rows_filter_and_sort_at_once(qtbot: Any) -> None:
    count = 500_000
    names = np.array([f"Unit {number % 997}" for number in range(997)])
    columns = (Column("unit", "Unit"), Column("gap", "Gap", "int"))
    data = TableData.of_columns(
        columns, {"unit": Coded(np.arange(count) % 997, list(names)), "gap": np.arange(count) % 13}
    ).prepare()
    model = TableModel()
    model.set_table(data)
    model.set_filter("unit 99")
    assert model.rowCount() == len([n for n in range(count) if "99" in str(n % 997)])
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert model.value(0, 1) == 12
