"""A whole workbook, read back: tables, types, totals, lists, colours, print, properties, bytes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine
from defusedxml import ElementTree

from app.errors import AppError
from app.files.formulas import sum_of
from app.files.report import Cell, Column, ColumnRows, Formula, Report, Sheet
from app.files.workbook_styles import (
    HEAT_DARK_TEXT,
    HEAT_HIGH,
    HEAT_LOW,
    HEAT_MIDDLE,
    HEAT_TURNS_WHITE,
    SURFACE,
)
from app.progress import Cancelled, Progress
from tests.files.workbook_examples import (
    LONG_LIST,
    MADE_AT,
    PLAN_COLUMNS,
    PLAN_ROWS,
    STATUSES,
    TOTAL_COST,
    plan_sheet,
    report,
    written,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("workbook"))


@pytest.fixture(scope="module")
def book(path: Path) -> Iterator[Any]:
    found = openpyxl.load_workbook(path)
    yield found
    found.close()


def _column(sheet: Any, header: str) -> list[Any]:
    """The cells of a table's column, found by its header."""
    (table,) = sheet.tables.values()
    head, *body = sheet[table.ref]
    place = [cell.value for cell in head].index(header)
    return [row[place] for row in body]


def test_sheets_stand_in_order_with_about_first_and_long_lists_last(book: Any) -> None:
    assert book.sheetnames == ["About", "Summary", "Plan", "Budget by quarter and pot", "Heat map", "Lists"]


def test_every_sheet_starts_with_the_marking_and_its_title(book: Any) -> None:
    assert {sheet["A1"].value for sheet in book.worksheets} == {"OFFICIAL-SENSITIVE"}
    assert book["Plan"]["A2"].value == "Who takes which course, when and why"
    assert book["About"]["A2"].value == "Training plan for the Home Office & Co"


def test_every_sheet_prints_on_a4_landscape_with_the_marking_above_and_below(book: Any) -> None:
    for sheet in book.worksheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.oddHeader.center.text == sheet.oddFooter.center.text == "OFFICIAL-SENSITIVE"
        (table,) = sheet.tables.values()
        assert sheet.print_title_rows == "${0}:${0}".format(re.findall(r"\d+", table.ref)[0])


def test_an_ampersand_in_the_marking_is_no_print_command(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(written(tmp_path, replace(report(), marking="R&D"))).worksheets[0]
    assert sheet.oddHeader.center.text in ("R&&D", "R&D")
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as archive:
        assert b"R&amp;&amp;D" in archive.read("xl/worksheets/sheet1.xml")


def test_the_cursor_is_at_a1_and_the_header_stays_in_sight(book: Any) -> None:
    for sheet in book.worksheets:
        assert {selection.activeCell for selection in sheet.sheet_view.selection} == {"A1"}
    assert book["Plan"].freeze_panes == "C6"


def test_nothing_is_merged_or_hidden(book: Any) -> None:
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert sheet.sheet_state == "visible"
        assert not [row for row in sheet.row_dimensions.values() if row.hidden]
        assert not [column for column in sheet.column_dimensions.values() if column.hidden]


def test_every_sheet_is_one_real_table_at_the_left_edge(book: Any) -> None:
    for sheet in book.worksheets:
        (table,) = sheet.tables.values()
        assert table.ref.startswith("A")
        assert table.headerRowCount == 1
        assert [cell.value for cell in sheet[table.ref][0]] == [column.name for column in table.tableColumns]
    plan = book["Plan"].tables["Plan"]
    assert plan.autoFilter.ref == plan.ref == f"A5:M{5 + len(PLAN_ROWS)}"


def test_values_keep_their_types(book: Any) -> None:
    plan = book["Plan"]
    assert [cell.value for cell in _column(plan, "Staff id")] == [row[0] for row in PLAN_ROWS]
    assert [Decimal(str(cell.value)) for cell in _column(plan, "Cost")] == [row[7] for row in PLAN_ROWS]
    assert next(cell.value for cell in _column(plan, "Assessed on")) == datetime(2026, 3, 1)  # noqa: DTZ001
    assert [cell.value for cell in _column(plan, "Quarter")][:2] == ["2026-27 Q3", "2026-27 Q4"]
    assert [cell.value for cell in _column(plan, "Level now")][:3] == [
        "below awareness",
        "awareness",
        "working",
    ]
    assert {cell.data_type for cell in _column(plan, "Steps closed")} == {"n"}


@pytest.mark.parametrize(
    ("header", "number_format"),
    [
        ("Cost", "£"),
        ("Assessed on", "d mmm yyyy"),
        ("FTE", "#,##0.00"),
        ("Hours", "#,##0.0"),
        ("Staff id", "@"),
    ],
)
def test_numbers_are_shown_as_people_write_them(book: Any, header: str, number_format: str) -> None:
    assert number_format in _column(book["Plan"], header)[0].number_format


def test_shares_are_shown_in_per_cent_and_low_coverage_with_a_star(book: Any) -> None:
    row = [cell for cell in book["Heat map"][5] if cell.value is not None]
    assert row[2].value == 0.7
    assert row[2].number_format == '0\\ %"*"'
    assert row[-1].number_format == "0\\ %"


def test_heat_map_tells_blank_from_not_assessed_and_from_zero(book: Any) -> None:
    found = [[cell.value for cell in row] for row in book["Heat map"]["C5:E7"]]
    assert found == [[0.7, None, 0.1], [0.25, 0.5, "not assessed"], [0, 1, 0.33]]


def test_heat_map_colours_live_and_leaves_totals_alone(book: Any) -> None:
    (area,) = book["Heat map"].conditional_formatting
    assert str(area.sqref) == "C5:E7"
    assert [rule.type for rule in area.rules] == ["expression", "expression", "colorScale"]
    assert area.rules[2].colorScale.color[2].rgb.endswith(HEAT_HIGH)


def test_text_on_the_heat_scale_keeps_its_contrast() -> None:
    low, middle, high = (
        [int(colour[place : place + 2], 16) for place in (0, 2, 4)]
        for colour in (HEAT_LOW, HEAT_MIDDLE, HEAT_HIGH)
    )
    for step in range(101):
        share = step / 100
        start, end, along = (low, middle, share * 2) if share < 0.5 else (middle, high, share * 2 - 1)
        ground = [one + (other - one) * along for one, other in zip(start, end, strict=True)]
        text = SURFACE if share >= HEAT_TURNS_WHITE else HEAT_DARK_TEXT
        ink = [int(text[place : place + 2], 16) for place in (0, 2, 4)]
        lighter, darker = sorted((_luminance(ground), _luminance(ink)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.49, share


def _luminance(colour: list[float] | list[int]) -> float:
    parts = [v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_status_is_a_list_to_choose_from(book: Any) -> None:
    rules = {str(rule.sqref): rule for rule in book["Plan"].data_validations.dataValidation}
    assert rules["M6:M13"].formula1 == '"' + ",".join(STATUSES) + '"'
    assert rules["M6:M13"].showErrorMessage


def test_a_list_too_long_for_a_rule_stands_on_a_sheet_of_its_own(book: Any) -> None:
    rules = {str(rule.sqref): rule for rule in book["Plan"].data_validations.dataValidation}
    sheet, _, area = rules["C6:C13"].formula1.partition("!")
    assert tuple(cell.value for (cell,) in book[sheet.strip("'")][area.replace("$", "")]) == LONG_LIST


def test_totals_are_live_and_carry_their_figure(book: Any, path: Path) -> None:
    cells = {cell.value for cell in book["Plan"][4]}
    assert {"=SUBTOTAL(109,Plan[Cost])", "=SUBTOTAL(103,Plan[Staff id])"} <= cells
    values = openpyxl.load_workbook(path, data_only=True)["Plan"][4]
    assert next(cell.value for cell in values) == len(PLAN_ROWS)
    assert Decimal(str(values[7].value)) == TOTAL_COST
    assert values[6].value == pytest.approx(7.5)


def test_budget_by_quarter_adds_up_live(book: Any, path: Path) -> None:
    formula = book["Budget by quarter and pot"]["C6"].value
    assert formula == '=SUMIFS(Plan[Cost],Plan[Paid from],"=L&D budget",Plan[Quarter],"=2026-27 Q3")'
    values = openpyxl.load_workbook(path, data_only=True)["Budget by quarter and pot"]
    by_quarter = [Decimal(str(values.cell(row, column).value)) for row in (6, 7) for column in range(3, 7)]
    assert sum(by_quarter) == TOTAL_COST
    assert Decimal(str(values["H6"].value)) == Decimal(5000) - TOTAL_COST


def test_viewers_that_do_not_calculate_show_the_figures(path: Path) -> None:
    summary = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name("Summary").to_python()
    assert ["Cost", float(TOTAL_COST), "Over all pots"] in summary


def test_contents_link_to_the_sheets(book: Any) -> None:
    links = {cell.value: cell.hyperlink.location for (cell,) in book["About"]["B4:B12"] if cell.hyperlink}
    assert links["Plan: Who takes which course, when and why"] == "'Plan'!A1"
    assert (
        links["Budget by quarter and pot: What is spent when, and from which pot"]
        == "'Budget by quarter and pot'!A1"
    )
    assert len(links) == 4


def test_charts_carry_title_and_alternative_text(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        tree = ElementTree.fromstring(archive.read("xl/drawings/drawing1.xml"))
    found = [
        (frame.get("title"), frame.get("descr")) for frame in tree.iter() if frame.tag.endswith("}cNvPr")
    ]
    assert [title for title, _ in found] == [
        "All the money is spent from the L&D budget",
        "Everybody closes one or two steps",
    ]
    assert all(text and "." in text for _, text in found)


def test_charts_draw_on_the_right_cells_with_axes_shown(book: Any) -> None:
    stacked, bars = book["Summary"]._charts
    sheet = "'Budget by quarter and pot'!"
    assert [series.val.numRef.f for series in stacked.series] == [f"{sheet}$C$6:$F$6", f"{sheet}$C$7:$F$7"]
    assert stacked.series[0].cat.numRef.f == f"{sheet}$C$5:$F$5"
    assert bars.series[0].val.numRef.f == "'Plan'!$F$6:$F$10"
    assert not (stacked.x_axis.delete)
    assert not (stacked.y_axis.delete)
    assert stacked.anchor._from.row == bars.anchor._from.row
    assert stacked.anchor._from.col < bars.anchor._from.col


def test_properties_say_what_it_is(book: Any) -> None:
    about = book.properties
    assert (about.title, about.creator, about.language) == (
        "Training plan for the Home Office & Co",
        "Muster",
        "en-GB",
    )
    assert about.subject == about.keywords == "OFFICIAL-SENSITIVE"
    assert about.created == about.modified == datetime(2026, 11, 23, 9, 12, 30)  # noqa: DTZ001


def test_the_same_report_is_the_same_bytes(tmp_path: Path, path: Path) -> None:
    assert written(tmp_path).read_bytes() == path.read_bytes()


def test_every_part_of_the_file_carries_the_reports_time(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert {part.date_time for part in archive.infolist()} == {(2026, 11, 23, 9, 12, 30)}


def test_the_dimension_is_the_real_one(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert f'<dimension ref="A1:M{5 + len(PLAN_ROWS)}"'.encode() in archive.read(
            "xl/worksheets/sheet3.xml"
        )


def test_staff_ids_are_not_flagged_as_numbers_stored_as_text(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet3.xml")
    assert b'numberStoredAsText="1"' in xml
    assert xml.index(b"<pageSetup") < xml.index(b"<ignoredErrors>") < xml.index(b"<tableParts")


def test_long_text_gets_the_height_it_needs(book: Any) -> None:
    heights = book["Plan"].row_dimensions
    assert heights[6].height > 25


def test_a_sheet_without_rows_says_so_and_keeps_its_table(tmp_path: Path) -> None:
    empty = replace(plan_sheet(), rows=(), empty_text="Nothing to book.", table_name="Nothing")
    sheet = openpyxl.load_workbook(written(tmp_path, report(empty))).worksheets[-2]
    assert sheet["A4"].value == "Nothing to book."
    assert sheet.tables["Nothing"].ref == "A6:M7"


def test_columnar_rows_are_written_as_row_tuples_are(tmp_path: Path) -> None:
    columns = [list(column) for column in zip(*PLAN_ROWS, strict=True)]
    by_column = Report("x", (plan_sheet(ColumnRows(columns)),), MADE_AT)
    by_row = Report("x", (plan_sheet(),), MADE_AT)
    first, second = written(tmp_path, by_column, "a.xlsx"), written(tmp_path, by_row, "b.xlsx")
    assert first.read_bytes() == second.read_bytes()


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        ColumnRows([[1], [1, 2]])


def test_two_sheets_may_not_ask_for_one_table_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="used twice"):
        written(tmp_path, report(plan_sheet()))
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_excel_holds_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"1,048,600 lines; an Excel sheet holds 1,048,576"):
        written(
            tmp_path,
            Report("x", (Sheet("Gaps", (Column("a", "A"),), ColumnRows([range(1_048_600)])),), MADE_AT),
        )


def test_odd_values_of_every_kind_are_written(tmp_path: Path) -> None:
    import numpy as np

    values = [
        np.int32(3),
        np.float64(0.5),
        float("nan"),
        True,
        date(1850, 1, 1),
        date(2026, 1, 2),
        Formula("1+1", "x"),
    ]
    columns = (Column("a", "A"), Column("b", "B", "int"))
    rows = [(value, Cell(value, "decimal")) for value in values]
    sheet = openpyxl.load_workbook(written(tmp_path, Report("x", (Sheet("s", columns, rows),), MADE_AT)))["s"]
    found = [sheet.cell(row, 1).value for row in range(4, 11)]
    assert found == [3, 0.5, None, "yes", "1850-01-01", datetime(2026, 1, 2), "=1+1"]  # noqa: DTZ001
    assert sheet["A10"].number_format == "General"


def test_an_infinite_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="infinite"):
        written(
            tmp_path, Report("x", (Sheet("s", (Column("a", "A", "decimal"),), [(float("inf"),)]),), MADE_AT)
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop_at", range(0, 20, 3))
def test_cancelling_anywhere_leaves_the_old_file_and_nothing_else(tmp_path: Path, stop_at: int) -> None:
    from app.files.workbook import write_workbook

    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")
    steps: list[float] = []

    def told(share: float, _: str) -> None:
        steps.append(share)
        if len(steps) == stop_at:
            progress.cancel()

    progress = Progress(told)
    if stop_at == 0:
        progress.cancel()
    try:
        write_workbook(report(), target, progress)
    except Cancelled:
        assert target.read_bytes() == b"old"
    else:
        assert len(steps) <= max(stop_at, 1) or steps[-1] == 1.0
        assert target.read_bytes() != b"old"
    assert list(tmp_path.iterdir()) == [target]
    assert steps == sorted(steps)


def test_a_chart_may_stand_beside_the_table(tmp_path: Path) -> None:
    chart = replace(report().sheets[0].charts[1], sheet="", place="right", kind="line")
    what = Report("x", (replace(plan_sheet(), charts=(chart,)),), MADE_AT)
    found = openpyxl.load_workbook(written(tmp_path, what))["Plan"]._charts[0]
    assert found.anchor._from.col == len(PLAN_COLUMNS) + 1


def test_a_report_needs_a_clock_with_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Report("x", (), datetime(2026, 1, 1))  # noqa: DTZ001


def test_formulas_can_speak_of_any_sheets_table(book: Any) -> None:
    assert sum_of("Plan", "Cost").text == "SUM(Plan[Cost])"
    assert book["Summary"]["B4"].value == "=SUM(Plan[Cost])"
