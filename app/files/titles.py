"""Reads a list of job titles, with grade, organisation and profession where they stand beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from app.errors import InputProblems, Problem
from app.files.column_reading import ColumnReading
from app.files.columns import Field, match_table
from app.files.findings import Findings
from app.files.options import ReadOptions
from app.files.sheets import open_tables
from app.progress import Progress

FIELDS = (
    Field(
        "title",
        ("job title", "post title", "position", "position title", "role title", "job"),
        is_required=True,
    ),
    Field("grade", ("pay grade", "pay band", "band", "grade name", "grade (or equivalent)")),
    Field("organisation", ("department", "org", "unit", "organisation name")),
    Field("profession_in_source", ("profession", "professional group", "job family")),
)


@dataclass(frozen=True, slots=True)
class TitleRow:
    """One title as written, with what stands beside it."""

    title: str
    grade: str
    organisation: str
    profession: str


@dataclass(frozen=True, slots=True)
class TitlesFile:
    """The titles in the order of the file, repeats and blanks included."""

    rows: tuple[TitleRow, ...]
    problems: tuple[Problem, ...]


def read_titles(path: Path, column: str, options: ReadOptions, progress: Progress) -> TitlesFile:
    """Read titles from the named column (found by its usual headings where none is named).

    Raises InputProblems where the file or the column cannot be read, UsageError for a column that is not there.
    """
    read = open_tables(path, options, progress)
    findings = Findings(path.name)
    chosen = replace(options, mapping={**options.mapping, column: "title"}) if column else options
    reading = ColumnReading(match_table(path.name, read.tables, FIELDS, chosen, findings), findings)
    if not len(reading):
        findings.error(0, "", "", "There is no row below the headings", "Check that the list is whole.")
        raise InputProblems(findings.listed())
    columns = [reading.text(field.name) for field in FIELDS]
    rows = tuple(TitleRow(*values) for values in zip(*columns, strict=True))
    return TitlesFile(rows, tuple(findings.listed()))
