"""One sheet of a workbook as XML, rows streamed: openpyxl writes what is around the rows, we the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import SheetDimension
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from app.files.formulas import shown
from app.files.report import Cell, Sheet
from app.files.safe_text import cell_text, one_line
from app.files.workbook_cells import ColumnEncoder, body_rows, inline_text, row_xml, style_of
from app.files.workbook_layout import ROW_POINTS, Layout, RowHeights, header_height, totals
from app.files.workbook_styles import (
    HEAT_DARK_TEXT,
    HEAT_HIGH,
    HEAT_LOW,
    HEAT_MIDDLE,
    HEAT_TURNS_WHITE,
    SURFACE,
    CellStyle,
    StyleBook,
)

_EMPTY_BODY = b"<sheetData></sheetData>"
_ROWS_A_CHUNK = 500
_MOST_ROWS_WITH_LINKS = 2_000
_CHARACTERS_A_PAGE = 165.0  # that can be read when an A4 landscape page is scaled to fit them
LONGEST_INLINE_LIST = 255


@dataclass(slots=True)
class SheetWriter:
    """Writes one sheet: :meth:`prepare` before any sheet is written, :meth:`chunks` when its turn comes."""

    worksheet: Worksheet
    layout: Layout
    styles: StyleBook
    marking: str
    lists: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])
    links: dict[str, str] = field(default_factory=dict[str, str])
    rels: Any = None

    def prepare(self) -> None:
        """Set up all that stands around the rows: widths, panes, print, table, lists, colours."""
        _set_up_view(self.worksheet, self.layout)
        _set_up_print(self.worksheet, self.layout, self.marking)
        _add_table(self.worksheet, self.layout)
        _add_heat(self.worksheet, self.layout)
        self._add_choices()

    def chunks(self, on_row: Callable[[int], None]) -> Iterator[bytes]:
        """The sheet's XML in pieces; ``on_row`` is told the count of rows written so far."""
        writer: Any = _FrameWriter(self.worksheet, self.layout, self._hyperlinks())
        writer.write()
        frame = writer.read()
        self.rels = writer._rels
        before, found, after = frame.partition(_EMPTY_BODY)
        if not found:
            raise RuntimeError("openpyxl writes an empty sheet in another way than it used to")
        yield before + b"<sheetData>"
        yield "".join(self._head()).encode("utf-8")
        yield from self._body(on_row)
        yield b"</sheetData>" + self._without_warnings(after)

    def _without_warnings(self, after: bytes) -> bytes:
        # Staff ids are text on purpose: without this Excel puts a green corner on every one of them.
        ignored = f'<ignoredError sqref="{self.layout.table_ref}" numberStoredAsText="1"/>'
        before_tables = min(
            place for tag in (b"<drawing ", b"<tableParts") if (place := after.find(tag)) >= 0
        )
        return (
            after[:before_tables]
            + f"<ignoredErrors>{ignored}</ignoredErrors>".encode("ascii")
            + after[before_tables:]
        )

    def _head(self) -> Iterator[str]:
        layout = self.layout
        yield self._line(1, self.marking, "marking")
        yield self._line(2, layout.sheet.title or layout.sheet.name, "title", 24.0)
        for number, note in enumerate(layout.notes, 3):
            yield self._line(number, note, "note")
        if layout.totals_row:
            yield self._totals()
        upright = self.styles.number(CellStyle(part="upright"))
        cells: list[str] = []
        for position, text in enumerate(layout.headers):
            stands = layout.sheet.upright_headers and position >= layout.sheet.freeze_columns
            column = layout.sheet.columns[position]
            flat = self.styles.number(CellStyle(column.kind, left=column.align == "left", part="header"))
            cells.append(f' s="{upright if stands else flat}" t="inlineStr">{inline_text(text)}</c>')
        yield row_xml(layout.header_row, cells, self._letters(), header_height(layout))

    def _line(self, number: int, text: str, part: str, height: float | None = None) -> str:
        style = self.styles.number(CellStyle(part=part))
        return row_xml(
            number, [f' s="{style}" t="inlineStr">{inline_text(one_line(text))}</c>'], ["A"], height
        )

    def _totals(self) -> str:
        layout = self.layout
        figures = totals(layout)
        label = next((place for place in range(len(layout.headers)) if place not in figures), None)
        cells: list[str] = []
        for position, column in enumerate(layout.sheet.columns):
            kind = "int" if column.total == "count" else column.kind
            encode = ColumnEncoder(self.styles, CellStyle(kind, column.places, part="total"))
            if position in figures:
                text = shown(column.total, layout.table_name, layout.headers[position], figures[position])
                cells.append(encode(text))
            else:
                cells.append(encode("Total of the rows shown" if position == label else None))
        return row_xml(layout.totals_row, cells, self._letters())

    def _body(self, on_row: Callable[[int], None]) -> Iterator[bytes]:
        layout = self.layout
        encoders = [
            ColumnEncoder(self.styles, _body_style(layout, place)) for place in range(len(layout.headers))
        ]
        if not len(layout.sheet.rows):
            yield row_xml(layout.first_row, [encode(None) for encode in encoders], self._letters()).encode(
                "utf-8"
            )
            return
        chunk: list[str] = []
        for number, xml in body_rows(layout.sheet.rows, encoders, layout.first_row, RowHeights(layout)):
            chunk.append(xml)
            if len(chunk) >= _ROWS_A_CHUNK:
                on_row(number - layout.header_row)
                yield "".join(chunk).encode("utf-8")
                chunk.clear()
        yield "".join(chunk).encode("utf-8")

    def _letters(self) -> list[str]:
        return [get_column_letter(position) for position in range(1, len(self.layout.headers) + 1)]

    def _hyperlinks(self) -> list[Hyperlink]:
        if len(self.layout.sheet.rows) > _MOST_ROWS_WITH_LINKS:
            return []
        found: list[Hyperlink] = []
        for number, row in enumerate(self.layout.sheet.rows, self.layout.first_row):
            for position, value in enumerate(row, 1):
                if isinstance(value, Cell) and value.link in self.links:
                    place = f"{get_column_letter(position)}{number}"
                    found.append(
                        Hyperlink(
                            ref=place,
                            location=self.links[value.link],
                            tooltip=f"Go to {one_line(value.link)[:100]}",
                        )
                    )
        return found

    def _add_choices(self) -> None:
        for position, column in enumerate(self.layout.sheet.columns):
            if not column.choices:
                continue
            rule = DataValidation(
                type="list",
                formula1=self.lists.get(column.choices) or inline_list(column.choices),
                allow_blank=True,
                showErrorMessage=True,
                errorTitle=self.layout.headers[position][:32],
                error="Choose one of the words in the list.",
            )
            rule.add(self.layout.body_ref(position))
            self.worksheet.add_data_validation(rule)


def inline_list(choices: tuple[str, ...]) -> str:
    """The choices as a list inside the rule itself, ``"proposed,approved"``; "" where they do not fit."""
    joined = ",".join(cell_text(choice) for choice in choices)
    fits = len(joined.encode("utf-16-le")) // 2 <= LONGEST_INLINE_LIST
    if not fits or any("," in choice or '"' in choice or choice != choice.strip() for choice in choices):
        return ""
    return f'"{joined}"'


class _FrameWriter(WorksheetWriter):
    """openpyxl's writer of a sheet without rows, told how large it really is and where its links are."""

    def __init__(self, worksheet: Worksheet, layout: Layout, links: list[Hyperlink]) -> None:
        super().__init__(
            worksheet, out=BytesIO()
        )  # in memory: staff data never touches the shared temp folder
        self._layout = layout
        self._links = links

    def write_dimensions(self) -> None:
        self.xf.send(SheetDimension(f"A1:{self._layout.last_letter}{self._layout.last_row}").to_tree())

    def write_hyperlinks(self) -> None:
        worksheet: Any = self.ws
        worksheet._hyperlinks.extend(self._links)
        super().write_hyperlinks()


def _body_style(layout: Layout, position: int) -> CellStyle:
    sheet = layout.sheet
    centred = sheet.upright_headers and position >= sheet.freeze_columns
    wrap, middle = layout.wraps[position], sheet.upright_headers
    return style_of(sheet.columns[position], wrap=wrap, centred=centred, middle=middle)


def _set_up_view(worksheet: Worksheet, layout: Layout) -> None:
    for position, width in enumerate(layout.widths, 1):
        worksheet.column_dimensions[get_column_letter(position)].width = width
        if layout.sheet.columns[position - 1].is_hidden:
            worksheet.column_dimensions[get_column_letter(position)].hidden = True
    freeze = min(layout.sheet.freeze_columns, max(0, len(layout.headers) - 1))
    worksheet.freeze_panes = f"{get_column_letter(freeze + 1)}{layout.first_row}"
    worksheet.sheet_view.showGridLines = False
    worksheet.sheet_format.defaultRowHeight = ROW_POINTS
    worksheet.sheet_format.customHeight = True
    for selection in worksheet.sheet_view.selection:
        selection.activeCell, selection.sqref = "A1", "A1"


def _set_up_print(worksheet: Worksheet, layout: Layout, marking: str) -> None:
    sheet: Any = worksheet
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    # A page that needs a magnifying glass is no page: very wide tables take several, first columns repeated.
    seen = sum(
        width
        for width, column in zip(layout.widths, layout.sheet.columns, strict=True)
        if not column.is_hidden
    )
    sheet.page_setup.fitToWidth = max(1, round(seen / _CHARACTERS_A_PAGE))
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = f"{layout.header_row}:{layout.header_row}"
    if sheet.page_setup.fitToWidth > 1 and layout.sheet.freeze_columns:
        sheet.print_title_cols = f"A:{get_column_letter(layout.sheet.freeze_columns)}"
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.75
    margins.header = margins.footer = 0.3
    shown_marking = _for_page(marking)
    sheet.oddHeader.center.text = shown_marking
    sheet.oddFooter.center.text = shown_marking
    sheet.oddFooter.left.text = _for_page(layout.name)
    sheet.oddFooter.right.text = "Page &P of &N"


def _for_page(text: str) -> str:
    """Text for a page's header or footer, where ``&`` starts a command."""
    return one_line(text)[:120].replace("&", "&&")


def _add_table(worksheet: Worksheet, layout: Layout) -> None:
    table: Any = Table(displayName=layout.table_name, name=layout.table_name, ref=layout.table_ref)
    table._initialise_columns()
    for column, header in zip(table.tableColumns, layout.headers, strict=True):
        column.name = header
    if not layout.sheet.filters:
        table.autoFilter = None
    table.tableStyleInfo = TableStyleInfo(
        name="TableStyleLight1", showRowStripes=True, showColumnStripes=False
    )
    worksheet.add_table(table)


def _add_heat(worksheet: Worksheet, layout: Layout) -> None:
    for first, last, top in _heat_areas(layout.sheet):
        left, right = get_column_letter(first + 1), get_column_letter(last + 1)
        top_row = min(layout.first_row + layout.sheet.first_line_is_total, layout.last_row)
        area = f"{left}{top_row}:{right}{layout.last_row}"
        fixed = f"${left}${top_row}:${right}${layout.last_row}"
        limit = f"MAX({fixed})" if top is None else f"{top:g}"
        corner = f"{left}{top_row}"
        for sign, colour in ((">=", SURFACE), ("<", HEAT_DARK_TEXT)):
            here = f"AND(ISNUMBER({corner}),{corner}{sign}{HEAT_TURNS_WHITE}*{limit})"
            worksheet.conditional_formatting.add(area, FormulaRule(formula=[here], font=Font(color=colour)))
        scale = ("max", None) if top is None else ("num", top)
        middle = ("percent", 50) if top is None else ("num", top / 2)
        worksheet.conditional_formatting.add(
            area,
            ColorScaleRule(
                start_type="num",
                start_value=0,
                start_color=HEAT_LOW,
                mid_type=middle[0],
                mid_value=middle[1],
                mid_color=HEAT_MIDDLE,
                end_type=scale[0],
                end_value=scale[1],
                end_color=HEAT_HIGH,
            ),
        )


def _heat_areas(sheet: Sheet) -> Iterator[tuple[int, int, float | None]]:
    """Runs of neighbouring heat columns on one scale, as (first, last, top), one scale each."""
    start: int | None = None
    for position in range(len(sheet.columns) + 1):
        column = sheet.columns[position] if position < len(sheet.columns) else None
        begun = sheet.columns[start] if start is not None else None
        if start is not None and begun is not None:
            goes_on = column is not None and column.heat and column.heat_top == begun.heat_top
            if not goes_on:
                yield start, position - 1, begun.heat_top
                start = None
        if start is None and column is not None and column.heat:
            start = position
