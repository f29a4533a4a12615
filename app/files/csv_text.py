"""CSV as people save it: encoding, separator and line ends are found out, and guesses are said."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.files.cells import LONGEST_CELL, Cell, ColumnCoder, Table, in_chunks
from app.files.guard import MAX_AREA, MAX_COLUMNS, RefusedError
from app.files.workbook_reading import ReadTables
from app.progress import Progress

MAX_CSV = 600 << 20
_LONGEST_FIELD = 64 << 20
_SEPARATORS = ",;\t|"
_SAMPLE = 64 << 10
_SAVE_AS_UTF8 = "In Excel choose Save as, “CSV UTF-8 (comma delimited)”, and load that file."
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"cp1252": "Windows-1252", "mac_roman": "Macintosh", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
_UTF8_PAIR = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
_NON_ASCII_WORD = re.compile(r"\S*[^\x00-\x7f]\S*")
_OPEN_QUOTE = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class Decoded:
    """The bytes to read, how to decode them, and a note where a guess was made."""

    data: bytes
    encoding: str
    note: str = ""


def find_encoding(data: bytes) -> Decoded:
    """Tell the encoding: by its mark, by its zero bytes, as UTF-8, or as an 8-bit set with a note."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _checked(data, encoding)
    stripped = data.rstrip(b"\0")
    wide = _wide_encoding(data[:_SAMPLE])
    if wide:
        return _checked(data, wide)
    data = stripped
    if _decodes(data, "utf-8"):
        return Decoded(data, "utf-8")
    if _UTF8_PAIR.search(data) and (mended := _mend_mixed(data)) is not None:
        note = "Some lines are UTF-8 and some Windows-1252; each line was read in its own way"
        return Decoded(mended, "utf-8", note)
    is_old_mac = b"\r" in data and b"\n" not in data
    for encoding in ("mac_roman", "cp1252") if is_old_mac else ("cp1252", "mac_roman"):
        if _decodes(data, encoding):
            return Decoded(data, encoding, _guess_note(data, encoding))
    raise RefusedError("is in an encoding that cannot be told", _SAVE_AS_UTF8)


def _checked(data: bytes, encoding: str) -> Decoded:
    if not _decodes(data, encoding):
        raise RefusedError(f"is damaged: it claims to be {encoding.upper()} and is not", _SAVE_AS_UTF8)
    return Decoded(data, encoding)


def _wide_encoding(sample: bytes) -> str:
    """UTF-16 without a mark shows as a zero in every second byte."""
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _decodes(data: bytes, encoding: str) -> bool:
    """Whether every byte decodes; in pieces, so that a long file is never held twice."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        for start in range(0, len(data), 1 << 20):
            decoder.decode(data[start : start + (1 << 20)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _mend_mixed(data: bytes) -> bytes | None:
    """Lines that are not UTF-8 turned from Windows-1252; None where a line is neither."""
    lines = data.split(b"\n")
    is_any_utf8 = False
    for number, line in enumerate(lines):
        if line.isascii():
            continue
        if _decodes(line, "utf-8"):
            is_any_utf8 = True
        elif _decodes(line, "cp1252"):
            lines[number] = line.decode("cp1252").encode("utf-8")
        else:
            return None
    return b"\n".join(lines) if is_any_utf8 else None


def _guess_note(data: bytes, encoding: str) -> str:
    start = next((place for place, byte in enumerate(data) if byte > 127), 0)
    shown = data[max(0, start - 40) : start + 40].decode(encoding, "replace")
    word = _NON_ASCII_WORD.search(shown)
    return f"The text was read as {_NAMES[encoding]}; check that “{word[0] if word else shown}” is right"


def read_csv(data: bytes, progress: Progress, encoding: str = "") -> ReadTables:
    """Read CSV bytes into one table without a sheet name; raises RefusedError."""
    sha256 = hashlib.sha256(data).hexdigest()
    found = _checked(data, encoding) if encoding else find_encoding(data)
    table = _CsvReading(found, progress).table()
    return ReadTables((table,), sha256, (found.note,) if found.note else ())


class _CsvReading:
    """One CSV text on its way to a table."""

    def __init__(self, found: Decoded, progress: Progress) -> None:
        self._found = found
        self._progress = progress
        self._notes: list[str] = []
        self._nul_rows: list[int] = []
        self._unreadable: dict[tuple[int, int], str] = {}
        self._separator, self._skips_line = self._find_separator()

    def table(self) -> Table:
        """Read strictly first; a text that breaks the rules for quotes is read once more, leniently."""
        csv.field_size_limit(_LONGEST_FIELD)
        try:
            coder = self._read(strict=True)
        except csv.Error as fault:
            if _OPEN_QUOTE in str(fault):
                raise RefusedError(
                    f"has a quotation mark that is opened in row {self._row} and never closed",
                    "Put the second quotation mark there, or save the file again from Excel.",
                ) from fault
            self._notes.append(f"Row {self._row} uses quotation marks in an unusual way; check it")
            self._unreadable.clear()
            self._nul_rows.clear()
            coder = self._read(strict=False)
        if self._nul_rows:
            shown = ", ".join(map(str, self._nul_rows[:10])) + (" …" if len(self._nul_rows) > 10 else "")
            self._notes.append(f"NUL characters were taken out of cells in row {shown}")
        rows = range(1, coder.rows + 1)
        columns = tuple(coder.columns())
        return Table("", columns, rows, unreadable=self._unreadable, notes=tuple(self._notes))

    def _lines(self) -> tuple[io.BytesIO, io.TextIOWrapper]:
        data = io.BytesIO(self._found.data)
        # newline="" splits at CR, LF and CRLF only: U+2028 inside a text is not the end of a line.
        text = io.TextIOWrapper(data, encoding=self._found.encoding, newline="")
        if self._skips_line:
            text.readline()
        return data, text

    def _find_separator(self) -> tuple[str, bool]:
        self._skips_line = False
        sample = self._lines()[1].read(_SAMPLE)
        named = re.match(r"\s*sep=(.)\s*(?:\r\n|\r|\n)", sample, re.IGNORECASE)
        if named:
            return named[1], True
        return _likeliest_separator(sample), False

    def _read(self, *, strict: bool) -> ColumnCoder:
        coder = ColumnCoder()
        self._row = 1
        size = max(1, len(self._found.data))
        data, lines = self._lines()
        rows = csv.reader(lines, delimiter=self._separator, strict=strict)
        for chunk in in_chunks(self._checked_rows(rows)):
            coder.add(chunk)
            if coder.rows * coder.width > MAX_AREA:
                raise RefusedError(f"has more than {MAX_AREA:,} cells", "Split it into several files.")
            self._progress.step(min(1.0, data.tell() / size), f"{coder.rows:,} rows read")
        return coder

    def _checked_rows(self, rows: Iterator[list[str]]) -> Iterator[Sequence[Cell]]:
        """The rows with NUL characters taken out and over-long cells listed; counts rows as Excel does."""
        may_hold_nul = b"\0" in self._found.data
        for number, row in enumerate(rows, start=1):
            self._row = number + 1
            if len(row) > MAX_COLUMNS:
                raise RefusedError(
                    f"has {len(row):,} columns in row {number}", f"Up to {MAX_COLUMNS} columns are read."
                )
            if may_hold_nul and "\0" in "".join(row):
                self._nul_rows.append(number)
                yield [cell.replace("\0", "")[:LONGEST_CELL] for cell in row]
            elif sum(map(len, row)) > LONGEST_CELL:
                yield self._shorten(number, row)
            else:
                yield row

    def _shorten(self, number: int, row: list[str]) -> list[str]:
        kept = list(row)
        for column, cell in enumerate(row):
            if len(cell) > LONGEST_CELL:
                kept[column] = cell[:200]
                self._unreadable[number, column] = (
                    f"holds {len(cell):,} characters, more than a cell can ({LONGEST_CELL:,})"
                )
        return kept


def _likeliest_separator(sample: str) -> str:
    """The separator under which the most rows have the same number of columns, more columns first."""
    best, best_score = ",", (0, 0)
    for separator in _SEPARATORS:
        try:
            rows = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), 60))
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if widths:
            width, rows_of_it = max(widths.items(), key=lambda item: (item[1] * min(item[0], 8), item[0]))
            score = (rows_of_it * min(width, 8), width)
            if score > best_score:
                best, best_score = separator, score
    return best
