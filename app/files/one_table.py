"""A file with one table of headings and rows: opened, its columns found, and what is told of the reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import InputProblems, Problem
from app.files.column_reading import ColumnReading
from app.files.columns import Field, HeaderMatch, MatchedTable, match_table
from app.files.findings import Findings
from app.files.options import ReadOptions
from app.files.sheets import open_tables
from app.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """What every reader tells of its file beside the rows.

    ``problems`` list what keeps rows out and what is worth knowing. ``columns`` are their headings -> ours,
    ``unclear`` sentences about headings to be asked about, ``dropped`` headings that are not read; ``count`` is
    how many rows the file has.
    """

    problems: tuple[Problem, ...]
    columns: Mapping[str, str]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    sheet: str
    file_hash: str
    count: int
    match: HeaderMatch


@dataclass(frozen=True, slots=True)
class OneTable:
    """An opened table on its way to a :class:`TableFile`."""

    reading: ColumnReading
    matched: MatchedTable
    findings: Findings
    sha256: str

    def about(self) -> dict[str, Any]:
        """The fields of :class:`TableFile`, once everything is read."""
        match = self.matched.match
        return {
            "problems": tuple(self.findings.listed()),
            "columns": dict(match.pairs),
            "unclear": tuple(dict.fromkeys(unclear.why for unclear in match.unclear)),
            "dropped": match.left_out,
            "sheet": self.matched.table.sheet,
            "file_hash": self.sha256,
            "count": len(self.reading),
            "match": match,
        }


def open_one_table(
    path: Path, options: ReadOptions, progress: Progress, fields: Sequence[Field], give: str
) -> OneTable:
    """Open the file's table that has these fields; ``give`` is what to put right where it has no rows.

    Raises InputProblems where the whole file is refused, UsageError, Cancelled.
    """
    read = open_tables(path, options, progress)
    findings = Findings(path.name)
    for note in read.notes:
        findings.note(0, "", "", note)
    matched = match_table(path.name, read.tables, fields, options, findings)
    reading = ColumnReading(matched, findings)
    if not len(reading):
        findings.error(0, "", "", "There is no row below the headings", give)
        raise InputProblems(findings.listed())
    return OneTable(reading, matched, findings, read.sha256)
