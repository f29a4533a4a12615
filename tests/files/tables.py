"""Small files for the readers to be tested on: CSV and workbooks with anything in their cells."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from app.files.options import ReadOptions

HEAD = ["Staff ID", "Job title", "Department"]
QUICK = ReadOptions(seconds=60)

Rows = Sequence[Sequence[Any]]


def csv_bytes(rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Rows as CSV bytes."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def write_csv(path: Path, rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Rows as a CSV file."""
    path.write_bytes(csv_bytes(rows, encoding, delimiter))
    return path


def write_xlsx(path: Path, rows: Rows, change: Callable[[Workbook], None] | None = None) -> Path:
    """Rows as a workbook, changed by ``change`` before it is saved."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Extract"
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(book)
    book.save(path)
    return path


def rezipped(source: Path, target: Path, edit: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy of a workbook with its members edited; None leaves a member out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = edit(name, old.read(name))
            if member is not None:
                new.writestr(name, member)
    return target


_ODS_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def ods_row(cells: Sequence[str], repeated: int = 1) -> str:
    """One row of an OpenDocument sheet, said to occur ``repeated`` times."""
    inside = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{inside}</table:table-row>'


def write_ods(path: Path, *rows: str) -> Path:
    """Rows as an OpenDocument spreadsheet of one sheet."""
    head = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_NAMES}><office:body>'
    body = f'<office:spreadsheet><table:table table:name="People">{"".join(rows)}</table:table></office:spreadsheet>'
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{manifest}"/>')
        archive.writestr("content.xml", f"{head}{body}</office:body></office:document-content>")
    return path
