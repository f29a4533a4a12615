"""Native charts in a workbook, with the alternative text that openpyxl leaves out (SAFETY 4)."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.series_factory import SeriesFactory as Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.graphic import GraphicFrame
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor, SpreadsheetDrawing
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.utils.units import cm_to_EMU
from openpyxl.worksheet.worksheet import Worksheet

from app.files.report import Chart, Kind
from app.files.workbook_layout import Layout
from app.files.workbook_styles import FONT_NAME, HAIRLINE, SECONDARY, SERIES_COLOURS, TEXT, number_format

_CM_A_ROW = 0.56
_CM_BETWEEN = 0.4
_CHARACTERS_A_CM = 4.4  # of the title at its size


class DescribedDrawing(SpreadsheetDrawing):
    """A sheet's drawing whose charts carry a title and a description for people who cannot see them."""

    __elements__ = SpreadsheetDrawing.__elements__  # openpyxl does not inherit them

    def describe(self, texts: list[tuple[str, str]]) -> None:
        """Give the (title, alternative text) of each chart, in the order in which they were added."""
        self._texts = texts

    def _chart_frame(self, idx: int) -> GraphicFrame:
        parent: Any = super()  # openpyxl has no types here
        frame = parent._chart_frame(idx)
        title, alt_text = self._texts[idx - 1]
        properties = frame.nvGraphicFramePr.cNvPr
        properties.title, properties.descr = title, alt_text
        return frame


def make_charts(own: Layout, source_of: Callable[[str], tuple[Layout, Worksheet]]) -> list[Any]:
    """The native charts of a sheet, each with its place; ``source_of`` finds a sheet of figures by name."""
    made: list[Any] = []
    row, bottom, across = 0, own.last_row + 1, 0.0
    for chart in own.sheet.charts:
        native: Any = _make(chart, *source_of(chart.sheet or own.sheet.name))
        if chart.place == "right":
            native.anchor = f"{get_column_letter(len(own.headers) + 2)}{own.header_row}"
        else:
            if chart.place == "below" or not across:
                row, across = bottom, 0.0
            native.anchor = _anchor(own, chart, row, across)
            across += chart.width_cm + _CM_BETWEEN
            bottom = max(bottom, row + int(chart.height_cm / _CM_A_ROW) + 2)
        made.append(native)
    return made


def _anchor(own: Layout, chart: Chart, row: int, across_cm: float) -> OneCellAnchor:
    column, into = own.place_at(across_cm)
    corner = AnchorMarker(col=column, colOff=cm_to_EMU(into), row=row, rowOff=0)
    size = XDRPositiveSize2D(cm_to_EMU(chart.width_cm), cm_to_EMU(chart.height_cm))
    anchor: Any = OneCellAnchor(ext=size)
    anchor._from = corner
    return anchor


def _make(chart: Chart, source: Layout, source_sheet: Worksheet) -> Any:
    native: Any = LineChart() if chart.kind == "line" else BarChart()
    if chart.kind != "line":
        native.type = "bar" if "bar" in chart.kind else "col"
        native.gapWidth = 60
        if chart.kind.startswith("stacked"):
            native.grouping, native.overlap = "stacked", 100
    if chart.by_rows:
        _add_rows(native, chart, source, source_sheet)
    else:
        _add_columns(native, chart, source, source_sheet)
    _dress(native, chart, source.sheet.columns[source.sheet.position(chart.series[0])].kind)
    return native


def _add_rows(native: Any, chart: Chart, source: Layout, source_sheet: Worksheet) -> None:
    first, last = (source.sheet.position(chart.series[end]) + 1 for end in (0, -1))
    names = get_column_letter(source.sheet.position(chart.categories) + 1)
    count = min(len(source.sheet.rows), chart.first_rows or len(source.sheet.rows))
    for row in range(source.first_row, source.first_row + count):
        series: Any = Series(Reference(source_sheet, min_col=first, max_col=last, min_row=row))
        series.tx = SeriesLabel(strRef=StrRef(f"{quote_sheetname(source.name)}!${names}${row}"))
        native.series.append(series)
    native.set_categories(Reference(source_sheet, min_col=first, max_col=last, min_row=source.header_row))


def _add_columns(native: Any, chart: Chart, source: Layout, source_sheet: Worksheet) -> None:
    last = min(source.last_row, source.header_row + (chart.first_rows or source.last_row))
    for key in chart.series:
        column = source.sheet.position(key) + 1
        figures = Reference(source_sheet, min_col=column, min_row=source.header_row, max_row=last)
        native.add_data(figures, titles_from_data=True)
    labels = source.sheet.position(chart.categories) + 1
    native.set_categories(Reference(source_sheet, min_col=labels, min_row=source.first_row, max_row=last))


def _dress(native: Any, chart: Chart, kind: Kind) -> None:
    native.width, native.height = chart.width_cm, chart.height_cm
    wrapped = textwrap.wrap(chart.title, max(20, int(chart.width_cm * _CHARACTERS_A_CM)))
    native.title = _title(wrapped, 12, bold=True)
    native.style = 2
    native.roundedCorners = False
    native.graphical_properties = GraphicalProperties(ln=LineProperties(noFill=True))
    for number, series in enumerate(native.series):
        colour = SERIES_COLOURS[number % len(SERIES_COLOURS)]
        if chart.kind == "line":
            series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=28_000))
            series.smooth = False
            series.marker.symbol = ("circle", "square", "triangle", "diamond")[number % 4]
            series.marker.graphicalProperties = GraphicalProperties(solidFill=colour)
        else:
            series.graphicalProperties = GraphicalProperties(solidFill=colour)
            series.invertIfNegative = False
    _dress_axes(native, chart, kind)
    if len(native.series) > 1:
        native.legend.position = "b"
        native.legend.txPr = _text_body(9)
    else:
        native.legend = None


def _dress_axes(native: Any, chart: Chart, kind: Kind) -> None:
    places = 0 if kind in ("money", "decimal") else None
    for axis, title in ((native.x_axis, chart.x_title), (native.y_axis, chart.y_title)):
        axis.delete = False  # openpyxl 3.1 hides both axes unless told
        axis.title = _title([title], 9, bold=False) if title else None
        axis.txPr = _text_body(9)
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=HAIRLINE))
    native.x_axis.majorGridlines = None
    native.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E3E4E5", w=6_350))
    native.y_axis.number_format = number_format(kind, places)
    native.y_axis.numFmt.sourceLinked = False
    native.y_axis.scaling.min = 0
    if kind == "share":
        native.y_axis.scaling.max, native.y_axis.majorUnit = 1, 0.25
    if native.tagname == "barChart" and native.type == "bar":
        native.x_axis.scaling.orientation = "maxMin"  # first line of the table on top, as it is read
        native.y_axis.crosses = "max"


def _title(lines: list[str], points: int, *, bold: bool) -> Title:
    look = _letters(points, bold=bold)
    paragraphs = [
        Paragraph(
            pPr=ParagraphProperties(defRPr=look), r=[RegularTextRun(rPr=_letters(points, bold=bold), t=line)]
        )
        for line in lines
    ]
    title: Any = Title(overlay=False)
    title.tx = Text(rich=RichText(bodyPr=RichTextProperties(), p=paragraphs))
    return title


def _text_body(points: int) -> RichText:
    look = _letters(points, bold=False)
    return RichText(
        bodyPr=RichTextProperties(), p=[Paragraph(pPr=ParagraphProperties(defRPr=look), endParaRPr=look)]
    )


def _letters(points: int, *, bold: bool) -> CharacterProperties:
    colour = TEXT if bold else SECONDARY
    return CharacterProperties(sz=points * 100, b=bold, solidFill=colour, latin=Font(typeface=FONT_NAME))
