"""A first look at a workbook before any library reads it: streaming, bounded, standard library only.

Every limit here stands for something that was measured (SAFETY, parts 0 and 1.3): a cell at XFD1048576 makes
a reader ask for 512 GB, a few kilobytes unpack to gigabytes, entities multiply. The look also finds what the
reader itself does not tell: hidden rows, error values, and formulas that were never calculated.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.errors import AppError
from app.files.cells import column_letters, column_position

MAX_FILE = 200 << 20
MAX_UNPACKED = 2 << 30
MAX_RATIO = 400
MAX_MEMBERS = 5_000
MAX_ROWS = 650_000
MAX_COLUMNS = 702
MAX_AREA = 17_000_000
MAX_LISTED = 50_000

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS_SHEETS = "content.xml"
_MARKS = (
    (b"%pdf", "PDF"),
    (b"{\\rtf", "RTF document"),
    (b"\x89png", "picture"),
    (b"\xff\xd8\xff", "picture"),
)
_CHUNK = 1 << 20
_ODD_BUILD = "is built in a way that Excel does not build files"
_HALF_COPIED = "is damaged or only half copied: it cannot be unpacked"
_SAVE_AGAIN = "Open it in Excel, save it under a new name as .xlsx, and load that."
_PASSWORD = "Open it in Excel, take the password off (under File, Info), save it and load it again."

# Literal beginnings keep these fast: they run over every cell of every workbook.
_UNUSUAL_CELL = re.compile(rb' r="(?:([A-Z]{2,})(\d+)|[A-Z](\d{6,}))')
_UNUSUAL_LATE_CELL = re.compile(rb' r="(?:([A-Z]{2,})(\d+)|[A-Z](\d{7,}))')
_ANY_CELL = re.compile(rb"\sr\s*=\s*[\"']([A-Z]+)(\d+)()")
_ROW_NUMBER = re.compile(rb"[^>]{0,400}?\sr=[\"'](\d+)")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]{0,400}?\shidden=[\"'](?:1|true)[\"']")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]{0,400}?\shidden=[\"'](?:1|true)[\"']")
_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]{0,400}?\st=[\"']e[\"'])[^>]{0,400}?\sr=[\"']([A-Z]+)(\d+)[\"'][^>]{0,400}>\s*"
    rb"(?:<(?:\w+:)?f\b[^>]{0,400}?(?:/>|>[^<]{0,9000}</(?:\w+:)?f>))?\s*(?:<(?:\w+:)?v>([^<]{0,20}))?"
)
_NEVER_CALCULATED = re.compile(
    rb"<(?:\w+:)?c\b[^>]{0,400}?\sr=[\"']([A-Z]+)(\d+)[\"'][^>]{0,400}>\s*<(?:\w+:)?f(?:\s[^>]{0,400})?"
    rb"(?:/>|>[^<]{0,9000}</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ID = re.compile(rb"\s(?:\w+:)?[iI]d=[\"']([^\"']*)[\"']")
_TARGET = re.compile(rb"\sTarget=[\"']([^\"']*)[\"']")
_REPEATED_ROWS = re.compile(rb"number-rows-repeated=[\"'](\d+)")
_REPEATED_COLUMNS = re.compile(rb"number-columns-repeated=[\"'](\d+)")


class RefusedError(AppError):
    """The whole file is refused before reading; ``sentence`` continues "The file …"."""


@dataclass(slots=True)
class SheetLook:
    """What one sheet of an .xlsx gives away: its reach, hidden rows and columns, cells without a value."""

    rows: int = 0
    columns: int = 0
    hidden_rows: int = 0
    hidden_columns: int = 0
    error_cells: int = 0
    unreadable: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])


def kind_of(head: bytes) -> str:
    """What the first bytes say a file is: zip, ole2, pdf, html, rtf, image or text."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:400].lower()
    if head.startswith(b"PK"):
        return "zip"
    if head.startswith(OLE2):
        return "ole2"
    for mark, kind in _MARKS:
        if start.startswith(mark):
            return kind
    if start.startswith((b"<html", b"<!doctype", b"<table")) or b"<html" in start:
        return "web page"
    if start.startswith(b"<?xml"):
        return "XML document"
    return "text"


def look_at_ole2(data: bytes) -> None:
    """Refuse an old-style container that is really a password-protected .xlsx, or that is no workbook."""
    names = data[: 4 << 20]
    if "EncryptedPackage".encode("utf-16-le") in names:
        raise RefusedError("is protected with a password", _PASSWORD)
    if "Book".encode("utf-16-le") not in data and "book".encode("utf-16-le") not in data:
        raise RefusedError("is protected with a password, or is a damaged old .xls file", _PASSWORD)


# RuntimeError is what zipfile raises for an encrypted member, NotImplementedError for odd compression.
_UNPACKING_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    LookupError,
    OverflowError,
)


@dataclass(slots=True)
class WorkbookLook:
    """What a zipped workbook gives away.

    ``sheets`` has one entry per sheet of an .xlsx in its order (None for a chart sheet) and is empty for an .ods,
    of which only the number of cells that hold an error is known.
    """

    sheets: list[SheetLook | None] = field(default_factory=list["SheetLook | None"])
    ods_errors: int = 0


def look_at_zip(data: bytes) -> WorkbookLook:
    """Check a zipped workbook and tell what its sheets hold; raises :class:`RefusedError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            is_ods = _check_members(members)
            looks = _look_at_members(archive, members, is_ods=is_ods)
            if is_ods:
                return WorkbookLook(ods_errors=looks[_ODS_SHEETS].error_cells if _ODS_SHEETS in looks else 0)
            return WorkbookLook([looks.get(name) for name in _sheet_members(archive)])
    except RefusedError:
        raise
    except _UNPACKING_FAULTS as fault:
        raise RefusedError(_HALF_COPIED, "Copy or fetch it again.") from fault


def _look_at_members(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], *, is_ods: bool
) -> dict[str, SheetLook]:
    looks: dict[str, SheetLook] = {}
    unpacked = 0
    for member in members:
        name = member.filename
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        is_sheet = not is_ods and re.fullmatch(r"xl/worksheets/[^/]+\.xml", name) is not None
        look = SheetLook()
        for chunk in _tidy_chunks(archive, member):
            unpacked += len(chunk)
            if unpacked > MAX_UNPACKED:
                raise RefusedError("unpacks to far more than it says", _SAVE_AGAIN)
            _check_markup(chunk)
            if is_sheet:
                _look_at_cells(chunk, look)
            elif is_ods and name == _ODS_SHEETS:
                _check_repeats(chunk)
                look.error_cells += chunk.count(b'value-type="error"')
        if is_sheet or name == _ODS_SHEETS:
            looks[name] = look
    return looks


def _sheet_members(archive: zipfile.ZipFile) -> list[str]:
    """The member behind each sheet of an .xlsx, in the order of the workbook."""
    relations: dict[bytes, str] = {}
    for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
        identity, target = _ID.search(tag), _TARGET.search(tag)
        if identity and target:
            path = target[1].decode("utf-8", "replace")
            relations[identity[1]] = path.lstrip("/") if path.startswith("/") else f"xl/{path}"
    sheets = _SHEET.findall(archive.read("xl/workbook.xml"))
    found = [_ID.search(tag) for tag in sheets]
    return [relations.get(identity[1], "") if identity else "" for identity in found]


def _check_members(members: list[zipfile.ZipInfo]) -> bool:
    """Check the list of members; whether the file is an OpenDocument one."""
    names = [member.filename for member in members]
    has_content = "content.xml" in names and "mimetype" in names
    is_ooxml = "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)
    if any(member.flag_bits & 1 for member in members):
        raise RefusedError("is protected with a password", _PASSWORD)
    if not (is_ooxml or has_content):
        raise RefusedError("is a zip archive, not a workbook", "Unpack it and load the workbook inside.")
    if "xl/workbook.bin" in names:
        raise RefusedError("is an .xlsb workbook, which cannot be checked before reading", _SAVE_AGAIN)
    odd_path = any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names)
    if len(members) > MAX_MEMBERS or len(set(names)) != len(names) or odd_path:
        raise RefusedError(_ODD_BUILD, _SAVE_AGAIN)
    is_swollen = any(
        member.file_size > _CHUNK and member.file_size > MAX_RATIO * max(1, member.compress_size)
        for member in members
    )
    if is_swollen or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise RefusedError("unpacks to far more than its size, so it is not opened", _SAVE_AGAIN)
    return not is_ooxml


def _tidy_chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member in pieces that start at a cell, so that no cell is cut in two."""
    rest = b""
    with archive.open(member) as stream:
        while block := stream.read(_CHUNK):
            block = rest + block
            cut = max(block.rfind(b"<c "), block.rfind(b"<row"))
            if cut <= 0 or len(block) - cut > 4 * _CHUNK:
                cut = len(block) - 64 if len(block) > 128 else len(block)
            rest = block[cut:]
            yield block[:cut]
    yield rest


def _check_markup(chunk: bytes) -> None:
    if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk or chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RefusedError(_ODD_BUILD, _SAVE_AGAIN)


def _look_at_cells(chunk: bytes, look: SheetLook) -> None:
    _measure(chunk, look)
    if look.rows > MAX_ROWS or look.columns > MAX_COLUMNS:
        reach = f"row {look.rows:,}"
        if look.columns > MAX_COLUMNS:
            reach = f"column {column_letters(look.columns - 1)}"
        raise RefusedError(
            f"has a cell in {reach}, outside any table",
            f"Up to {MAX_ROWS:,} rows and {MAX_COLUMNS} columns are read. Delete stray cells, or split it.",
        )
    if look.rows * look.columns > MAX_AREA:
        raise RefusedError(
            f"has a sheet of {look.rows:,} rows and {look.columns} columns, more than can be read",
            f"Up to {MAX_AREA:,} cells are read. Split it, or save it as CSV.",
        )
    if b"hidden=" in chunk:
        look.hidden_rows += len(_HIDDEN_ROW.findall(chunk))
        look.hidden_columns += len(_HIDDEN_COLUMN.findall(chunk))
    if len(look.unreadable) < MAX_LISTED:
        _list_unreadable(chunk, look)


def _measure(chunk: bytes, look: SheetLook) -> None:
    """How far the cells of a chunk reach. Cells in columns A to Z below row 100,000 are not looked at singly."""
    last = chunk.rfind(b"row ")
    if last >= 0 and (number := _ROW_NUMBER.match(chunk, last + 3)):
        look.rows = max(look.rows, int(number[1][:9]))
    look.columns = max(look.columns, 26 if b' r="' in chunk else 0)
    unusual = _UNUSUAL_CELL if look.rows < 100_000 else _UNUSUAL_LATE_CELL
    if b" r='" in chunk or (b' r="' not in chunk and b"<c" in chunk):
        unusual = _ANY_CELL
    columns: set[bytes] = set()
    for letters, number, late in unusual.findall(chunk):
        look.rows = max(look.rows, int((late or number)[:9]))
        columns.add(letters)
    for letters in columns:
        look.columns = max(look.columns, column_position(letters[:4].decode("ascii")) + 1)


def _list_unreadable(chunk: bytes, look: SheetLook) -> None:
    if b't="e"' in chunk or b"t='e'" in chunk:
        for match in _ERROR_CELL.finditer(chunk):
            shown = (match[3] or b"").decode("utf-8", "replace") or "error"
            place = (int(match[2]), column_position(match[1].decode("ascii")))
            look.unreadable[place] = f"holds the error {shown}"
    if b"<f" in chunk or b":f" in chunk:
        for match in _NEVER_CALCULATED.finditer(chunk):
            place = (int(match[2]), column_position(match[1].decode("ascii")))
            look.unreadable[place] = "holds a formula without a calculated value"


def _check_repeats(chunk: bytes) -> None:
    """An .ods may say "this row, a million times"; no sheet has more rows or columns than these."""
    rows = max(map(int, _REPEATED_ROWS.findall(chunk)), default=0)
    columns = max(map(int, _REPEATED_COLUMNS.findall(chunk)), default=0)
    if rows > 1_048_576 or columns > 16_384:
        raise RefusedError(_ODD_BUILD, _SAVE_AGAIN)
