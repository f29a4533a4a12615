"""What a plan's workbook was sent with: marks in its rows, and a sheet that nobody sees with the values as sent.

A mark such as ``B7-123-KQ`` stands in a hidden column of every row about a plan line: the sheet it belongs to,
the plan, the line, and two letters worked out from these, so that a mark filled down by Excel (which counts
numbers up) or typed by hand is found out. Marks move with their rows when somebody sorts, filters or copies.
The hidden sheet is what a workbook read back is compared with; its checksum says whether it is still whole.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.errors import InputProblems, Problem
from app.files.cells import Cell, Table
from app.files.report import Column, Sheet
from app.files.safe_text import cell_text

BOOKING, DETAIL, LEARNER = "B", "P", "L"
"""The kinds of sheet whose rows carry marks: the list to be edited, a row per skill, a row per person's course."""

SENT_SHEET = "Muster sent"
MARK_HEADER = "Line (leave as it is)"
_MAGIC = "muster plan workbook 1"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_MARK = re.compile(r"([BPL])(\d{1,15})-(\d{1,15})-([A-Z]{2})")
_LINES_A_ROW = 20
_LONGEST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Mark:
    """What a row is about: the kind of its sheet, the plan, the line."""

    kind: str
    plan_id: int
    line_id: int

    def __str__(self) -> str:
        stem = f"{self.kind}{self.plan_id}-{self.line_id}"
        return f"{stem}-{_check(stem)}"


def _check(stem: str) -> str:
    high, low = divmod(zlib.crc32(stem.encode("ascii")) % (len(_LETTERS) ** 2), len(_LETTERS))
    return _LETTERS[high] + _LETTERS[low]


def mark_in(cell: Cell) -> Mark | None:
    """The mark a cell holds; None for anything else and for a mark that was counted up or typed."""
    if not isinstance(cell, str):
        return None
    found = _MARK.fullmatch(cell.strip())
    if found is None:
        return None
    mark = Mark(found[1], int(found[2]), int(found[3]))
    return mark if str(mark) == found[0] else None


def looks_like_mark(cell: Cell) -> bool:
    """Whether a cell was a mark once, right or not."""
    return isinstance(cell, str) and _MARK.fullmatch(cell.strip()) is not None


@dataclass(frozen=True, slots=True)
class SentLine:
    """One line as it was sent. ``quarter`` is its code (2026Q4); ``fixed`` the cells that are not read back, as text,
    in the order of :attr:`Sent.fixed`."""

    line_id: int
    staff_id: str
    name: str
    course: str
    title: str
    quarter: str
    status: str
    comment: str
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A whole workbook as it was sent. ``fixed`` are the headers of the cells that are not read back.

    ``action_id`` and ``fingerprint`` name the newest action of the workspace at that time: a workspace without
    it is another one.
    """

    plan_id: int
    title: str
    department: str
    revision: int
    action_id: int
    fingerprint: str
    fixed: tuple[str, ...]
    lines: tuple[SentLine, ...]

    def checksum(self) -> str:
        """SHA-256 of everything in it."""
        return hashlib.sha256(_packed(asdict(self)).encode("ascii")).hexdigest()


def sent_sheet(sent: Sent) -> Sheet:
    """The hidden sheet: the plan in the first row, then its lines, so many to a row."""
    head = {name: value for name, value in asdict(sent).items() if name != "lines"}
    rows: list[tuple[str, str]] = [(_MAGIC, _packed(head)), ("checksum", sent.checksum())]
    lines = [list(asdict(line).values()) for line in sent.lines]
    for first in range(0, len(lines), _LINES_A_ROW):
        rows += [("lines", text) for text in _pieces(lines[first : first + _LINES_A_ROW])]
    return Sheet(
        SENT_SHEET,
        (Column("what", "What", width=24), Column("text", "As sent", width=80)),
        rows,
        title="What this workbook was sent with; the program needs it to read the workbook back",
        table_name="MusterSent",
        filters=False,
        freeze_columns=0,
        is_hidden=True,
    )


def _packed(value: Any) -> str:
    # "_x" starts Excel's own way to write characters, which some programs resolve on the way.
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("_x", "\\u005fx")


def _pieces(lines: Sequence[list[Any]]) -> Iterable[str]:
    """The lines as texts short enough for a cell: long comments make a piece of their own."""
    text = _packed(lines)
    if len(text) <= 30_000 or len(lines) == 1:
        yield text
        return
    half = len(lines) // 2
    yield from _pieces(lines[:half])
    yield from _pieces(lines[half:])


def as_sent(text: str) -> str:
    """A text as it comes back from a cell: what a file cannot hold taken out, outer blanks gone."""
    return cell_text(text).strip()


def kept(text: str) -> str:
    """A text as the hidden sheet keeps it: a long one by its SHA-256, as a cell holds only so much."""
    shown = as_sent(text)
    if len(shown) <= _LONGEST_KEPT:
        return shown
    return "sha256:" + hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


def sent_in(file: str, tables: Sequence[Table]) -> Sent:
    """What the workbook was sent with; raises InputProblems where it was lost or damaged."""
    for table in tables:
        for row in range(len(table)):
            cells = [cell for cell in table.row(row) if cell != ""]
            if cells[:1] == [_MAGIC]:
                return _from_rows(file, [table.row(place) for place in range(row, len(table))])
    raise InputProblems(
        [
            Problem(
                file, "", 0, "", "",
                "This is not a workbook of a plan, or what it was sent with is gone",
                "Copy your rows into the workbook as it was exported, or export the plan anew.",
            )
        ]
    )  # fmt: skip


def _from_rows(file: str, rows: Iterable[Sequence[Cell]]) -> Sent:
    try:
        texts = [[str(cell) for cell in row if cell != ""] for row in rows]
        head: dict[str, Any] = json.loads(texts[0][1])
        lines = [
            SentLine(*line[:-1], fixed=tuple(line[-1]))
            for row in texts
            if row[:1] == ["lines"]
            for line in json.loads(row[1])
        ]
        head["fixed"] = tuple(head["fixed"])
        sent = Sent(lines=tuple(lines), **head)
        is_whole = ["checksum", sent.checksum()] in texts
    except (ValueError, TypeError, KeyError, IndexError):
        is_whole, sent = False, None
    if sent is None or not is_whole:
        raise InputProblems(
            [
                Problem(
                    file, SENT_SHEET, 0, "", "",
                    "What the workbook was sent with has been changed, so nothing can be compared with it",
                    "Copy your rows into the workbook as it was exported, or export the plan anew.",
                )
            ]
        )  # fmt: skip
    return sent
