"""The plainest .xlsx there is: one sheet of headings and rows, as an HR system would export it.

Reports for people go through :mod:`app.files.workbook`. This one is for tables that are read by a program
again: the standard library alone, a tenth of the time, and the same rows are the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

Value: TypeAlias = str | int | float | date | None

MOST_ROWS = 1_048_575
"""Rows below the headings that one sheet can hold."""

_EXCEL_DAY_ZERO = date(1899, 12, 30).toordinal()
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # Two styles: general, and Excel's own short date (number format 14).
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Arial"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def write_plain_workbook(
    path: Path, sheet: str, headings: Sequence[str], rows: Iterable[Sequence[Value]], dated: date
) -> None:
    """Write headings and rows to ``path``; ``dated`` stands in the zip in place of the clock.

    Texts must be free of control characters. Raises ValueError past :data:`MOST_ROWS` rows.
    """
    stamp = (max(dated.year, 1980), dated.month, dated.day, 0, 0, 0)
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(sheet)} sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (*_PARTS.items(), ("xl/workbook.xml", book)):
            archive.writestr(_member(name, stamp), _XML + text)
        with archive.open(_member("xl/worksheets/sheet1.xml", stamp), "w", force_zip64=True) as stream:
            stream.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, row in enumerate(chain([headings], rows), 1):
                if number > MOST_ROWS + 1:
                    raise ValueError(f"a sheet holds no more than {MOST_ROWS:,} rows")
                stream.write(_row_xml(number, row))
            stream.write(b"</sheetData></worksheet>")


def _member(name: str, stamp: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, stamp)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3  # the same on every system, so that bytes can be compared
    member.external_attr = 0o600 << 16
    return member


def _row_xml(number: int, row: Sequence[Value]) -> bytes:
    cells = "".join(
        _cell_xml(f"{_letters(place)}{number}", value)
        for place, value in enumerate(row)
        if value is not None and value != ""
    )
    return f'<row r="{number}">{cells}</row>'.encode()


def _cell_xml(place: str, value: Value) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{value.toordinal() - _EXCEL_DAY_ZERO}</v></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def _letters(place: int) -> str:
    """Column 0 is A, 25 is Z, 26 is AA."""
    text = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        text = chr(ord("A") + digit) + text
    return text
