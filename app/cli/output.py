"""What commands print: results to standard output as table, JSON or CSV; everything else to standard error."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.errors import Problem, UsageError
from app.files.safe_text import csv_text


class Format(StrEnum):
    """The forms a result can be printed in."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Verbatim(str):
    """Text that comes back letter by letter in CSV too, because others join on it: the user's own input."""

    __slots__ = ()


def parse_format(text: str) -> Format:
    """The format named on the command line; UsageError for another."""
    try:
        return Format(text.lower())
    except ValueError:
        raise UsageError(f"There is no format “{text}”.", "Choose table, json or csv.") from None


_MONEY = "\x00money:"


def plain(value: Any) -> Any:
    """A value as JSON holds it: dates as ISO text, blanks as null, pounds marked for :func:`print_json`."""
    if isinstance(value, Decimal):
        return f"{_MONEY}{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def print_json(value: Any) -> None:
    """Print one JSON document, keys in the order given, UTF-8; pounds as numbers with two places."""
    document = json.dumps(plain(value), ensure_ascii=False, indent=2)
    marked = json.dumps(_MONEY)[:-1]
    _write(re.sub(re.escape(marked) + r'(-?[0-9.]+)"', r"\1", document) + "\n")


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], form: Format) -> None:
    """Print rows under these snake_case column names."""
    if form is Format.JSON:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif form is Format.CSV:
        print_csv(columns, rows)
    else:
        print_table(columns, list(rows))


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print CSV: UTF-8, LF, one header; text that a spreadsheet would run as a formula gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
    _write(buffer.getvalue())


def _csv_cell(value: Any) -> Any:
    if value is None or isinstance(value, Verbatim):
        return value or ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return csv_text(value) if isinstance(value, str) else plain(value)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table for reading; numbers to the right, blanks as they are."""
    from rich import box  # late: a third of the start-up time of the command line
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, header_style="bold", pad_edge=False)
    for place, column in enumerate(columns):
        numeric = any(isinstance(row[place], int | float | Decimal) for row in rows[:50])
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    width = None if sys.stdout.isatty() else 200
    Console(file=sys.stdout, width=width, highlight=False).print(table)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value)


def _write(text: str) -> None:
    stream = sys.stdout
    if hasattr(stream, "buffer"):
        stream.flush()
        stream.buffer.write(text.encode("utf-8", "replace"))
        stream.buffer.flush()
    else:
        stream.write(text)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 row", "2 rows"; ``many`` where the plural is more than an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def workbook_name(path: Path) -> Path:
    """The path of a workbook to write; UsageError for another ending, which Excel would not open."""
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"“{path.name}” is not the name of a workbook.", "Use the ending .xlsx.")
    return path


def say(sentence: str) -> None:
    """One line on standard error: progress, notes, what was done."""
    print(sentence, file=sys.stderr, flush=True)


def say_problems(problems: Sequence[Problem], limit: int = 20_000) -> None:
    """List problems on standard error, errors before notes, in file order."""
    ordered = sorted(problems, key=lambda problem: problem.severity != "error")
    for problem in ordered[:limit]:
        mark = "problem" if problem.severity == "error" else "note"
        say(f"{mark}: {problem.sentence()}")
    if len(ordered) > limit:
        say(f"… and {len(ordered) - limit:,} more.")
