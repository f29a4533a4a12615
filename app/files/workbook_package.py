"""The zip file a workbook is: openpyxl's parts, our rows, fixed times, alternative text on charts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from app.files.report import Cell, Column, Report, Sheet
from app.files.safe_text import one_line
from app.files.workbook_charts import DescribedDrawing, make_charts
from app.files.workbook_layout import Layout, lay_out
from app.files.workbook_sheets import SheetWriter, inline_list
from app.files.workbook_styles import FONT_NAME, FONT_POINTS, StyleBook
from app.progress import Progress

ABOUT = "About"
LISTS = "Lists"


def write_package(report: Report, path: Path, progress: Progress) -> None:
    """Write the report's workbook to a file that nobody else reads yet; see :func:`write_workbook`."""
    progress.step(0.0, "Laying out the workbook")
    whole, extra = _with_about(report), _lists_sheet(report)
    layouts = lay_out(whole, extra)
    book = _new_book(whole)
    sheets = [book.create_sheet(layout.name) for layout in layouts]
    styles = StyleBook(sheets[0])
    writers = [
        SheetWriter(
            worksheet,
            layout,
            styles,
            one_line(report.marking),
            _list_places(layouts[-1]) if extra else {},
            {other.sheet.name: other.address() for other in layouts},
        )
        for worksheet, layout in zip(sheets, layouts, strict=True)
    ]
    for writer in writers:
        writer.prepare()
        if writer.layout.sheet.is_hidden:
            writer.worksheet.sheet_state = "veryHidden"
    described = {writer.layout.name: _add_charts(writer, writers) for writer in writers}
    lines = sum(len(layout.sheet.rows) for layout in layouts)
    with _DatedZip(path, whole.made_at) as archive:
        _Package(book, archive, writers, described, _counted(progress, lines)).write_data()
    progress.step(1.0, "Workbook written")


class _DatedZip(zipfile.ZipFile):
    """A zip whose members carry one time and one system, so that the same content is the same bytes."""

    def __init__(self, path: Path, made_at: datetime) -> None:
        super().__init__(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        moment = made_at.astimezone(UTC)
        self._stamp = (max(moment.year, 1980), *moment.timetuple()[1:6])

    def member(self, name: str) -> zipfile.ZipInfo:
        """A member to be, dated."""
        stamped = zipfile.ZipInfo(name, self._stamp)
        stamped.compress_type = zipfile.ZIP_DEFLATED
        stamped.create_system = 3
        stamped.external_attr = 0o600 << 16
        return stamped

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        """Add a member under the fixed time."""
        super().writestr(self.member(str(zinfo_or_arcname)), data)


class _Package(ExcelWriter):
    """openpyxl's writer of the parts, with sheets streamed straight into the zip."""

    def __init__(
        self,
        book: Workbook,
        archive: _DatedZip,
        writers: list[SheetWriter],
        described: dict[str, list[tuple[str, str]]],
        on_row: Callable[[int, str], None],
    ) -> None:
        super().__init__(book, archive)
        self._zip = archive
        self._writers = {writer.layout.name: writer for writer in writers}
        self._described = described
        self._on_row = on_row

    def write_worksheet(self, ws: Worksheet) -> None:
        sheet: Any = ws
        writer = self._writers[sheet.title]
        drawing = DescribedDrawing()
        drawing.describe(self._described[sheet.title])
        drawing.charts = sheet._charts
        sheet._drawing = drawing
        self._on_row(0, sheet.title)
        with self._zip.open(self._zip.member(sheet.path[1:]), "w") as stream:
            for chunk in writer.chunks(lambda row: self._on_row(row, sheet.title)):
                stream.write(chunk)
        sheet._rels = writer.rels
        self.manifest.append(sheet)
        self._on_row(len(writer.layout.sheet.rows), sheet.title)


def _counted(progress: Progress, lines: int) -> Callable[[int, str], None]:
    """Progress over all rows of all sheets, from the count within each."""
    done: dict[str, int] = {}

    def tell(row: int, sheet: str) -> None:
        done[sheet] = row
        progress.step(0.05 + 0.9 * sum(done.values()) / max(1, lines), f"Writing {sheet}")

    return tell


def _new_book(report: Report) -> Workbook:
    book = Workbook()
    for worksheet in list(book.worksheets):
        book.remove(worksheet)
    made_at = report.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    about: Any = book.properties
    about.creator = about.lastModifiedBy = "Muster"
    about.title, about.language = one_line(report.title), report.language
    about.subject = about.keywords = about.category = one_line(report.marking)
    about.created = about.modified = made_at
    styles: Any = book
    # A list of its own: openpyxl's first font is one object that all workbooks of the process share.
    styles._fonts = IndexedList([Font(name=FONT_NAME, size=FONT_POINTS)])
    styles._named_styles["Normal"].font = Font(name=FONT_NAME, size=FONT_POINTS)
    return book


def _add_charts(writer: SheetWriter, writers: list[SheetWriter]) -> list[tuple[str, str]]:
    by_name = {other.layout.sheet.name: (other.layout, other.worksheet) for other in writers}
    for native in make_charts(writer.layout, by_name.__getitem__):
        writer.worksheet.add_chart(native)
    return [(one_line(chart.title), one_line(chart.alt_text)) for chart in writer.layout.sheet.charts]


def _with_about(report: Report) -> Report:
    """The report with its About sheet in front: what it covers, what its sheets are, how to read it."""
    lines = [(line.label, Cell(line.value, line.kind)) for line in report.about]
    lines.append(("Made", Cell(_moment(report.made_at))))
    shown = [sheet for sheet in report.sheets if not sheet.is_hidden]
    lines.extend(("Sheet", Cell(_contents(sheet), link=sheet.name)) for sheet in shown)
    lines.extend(("How to read it", Cell(sentence)) for sentence in report.reading)
    columns = (
        Column("what", "About this workbook", width=28),
        Column("value", "Details", width=96, wrap=True, align="left"),
    )
    name = ABOUT
    while any(sheet.name == name for sheet in report.sheets):
        name += " this workbook"
    about = Sheet(
        name=name,
        title=report.title,
        columns=columns,
        rows=[(Cell(label, look="strong"), value) for label, value in lines],
        filters=False,
        freeze_columns=0,
    )
    return Report(
        report.title,
        (about, *report.sheets),
        report.made_at,
        marking=report.marking,
        language=report.language,
    )


def _contents(sheet: Sheet) -> str:
    return f"{sheet.name}: {sheet.title}" if sheet.title and sheet.title != sheet.name else sheet.name


def _moment(made_at: datetime) -> str:
    moment = made_at.astimezone(UTC)
    return f"{moment.day} {moment:%b %Y at %H:%M} UTC, with Muster"


def _lists_sheet(report: Report) -> tuple[Sheet, ...]:
    """A sheet with the drop-down lists that are too long to stand in the rule itself, one a column."""
    long: dict[tuple[str, ...], str] = {}
    for sheet in report.sheets:
        for column in sheet.columns:
            if column.choices and not inline_list(column.choices):
                long.setdefault(column.choices, column.header)
    if not long:
        return ()
    columns = tuple(Column(f"list {number}", header) for number, header in enumerate(long.values()))
    rows = list(zip_longest(*long))
    note = "What the drop-down lists of the other sheets offer. Blank cells only fill up shorter lists."
    return (Sheet(LISTS, columns, rows, title="Lists", notes=(note,), filters=False, freeze_columns=0),)


def _list_places(layout: Layout) -> dict[tuple[str, ...], str]:
    """Where each list of the Lists sheet stands, as a rule refers to it."""
    places: dict[tuple[str, ...], str] = {}
    for position, column in enumerate(zip(*layout.sheet.rows, strict=True)):
        choices = tuple(choice for choice in column if isinstance(choice, str))
        letter = get_column_letter(position + 1)
        last = layout.header_row + len(choices)
        places[choices] = f"{quote_sheetname(layout.name)}!${letter}${layout.first_row}:${letter}${last}"
    return places
