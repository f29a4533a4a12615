"""``quality``: checks on the data, each with the people it has found and how to put it right."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.gaps import AsAt, Contractors, Departments, RoleFamily, scope_of
from app.cli.output import counted, print_rows, say
from app.cli.session import current, progress, workspace
from app.errors import UsageError
from app.services.quality import CheckKey, QualityBoard, QualityLine

CHECK_COLUMNS = ("check", "name", "severity", "count", "found", "how_to_fix")
PERSON_COLUMNS = ("staff_id", "name", "department", "unit", "job_title", "grade", "role_level", "found")
PAIR_COLUMNS = (*PERSON_COLUMNS, "other_staff_id", "other_name", "other_unit", "score")
GRADE_COLUMNS = (
    "role_family",
    "role",
    "role_level",
    "people",
    "grades_shown",
    "usual_grades",
    "overlap",
    "spread",
)
GRADES = "grades"


def register(app: typer.Typer) -> None:
    """Hang ``quality`` onto the command line."""
    app.command("quality")(quality)


def quality(
    check: Annotated[
        str,
        typer.Option("--check", help=f"List the people of one check: {', '.join(CheckKey)}; or {GRADES}."),
    ] = "",
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
) -> None:
    """Check the data: missing roles and grades, managers, leavers, duplicates. Nothing is changed.

    --check grades lists role levels with the grades to show: one above 85 % of its people, else all from 15 %.
    """
    if check and check != GRADES and check not in tuple(CheckKey):
        raise UsageError(f"There is no check “{check}”.", f"Use {', '.join(CheckKey)} or {GRADES}.")
    scope = scope_of(department, role_family, "", as_at, contractors)
    with workspace(read_only=True) as ws:
        board = ws.quality.checks(scope, progress())
    if check == GRADES:
        print_rows(GRADE_COLUMNS, _grades(board), current().form)
    elif check:
        found = board.check(CheckKey(check))
        say(f"{found.sentence} {found.how_to_fix}" if found.count else found.sentence)
        columns = PAIR_COLUMNS if found.key is CheckKey.DUPLICATE else PERSON_COLUMNS
        print_rows(columns, (_line(line, columns) for line in found.lines), current().form)
    else:
        say(f"{counted(board.count, 'thing')} to check about {counted(board.people, 'person', 'people')}.")
        rows = (
            (
                one.key.value,
                one.name,
                one.severity.value,
                one.count,
                one.sentence,
                one.how_to_fix if one.count else "",
            )
            for one in board.checks
        )
        print_rows(CHECK_COLUMNS, rows, current().form)


def _line(line: QualityLine, columns: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(line, name) for name in columns)


def _grades(board: QualityBoard) -> list[tuple[Any, ...]]:
    return [
        (line.role_family, line.role, line.role_level, line.people, " ".join(line.shown), " ".join(line.usual),
         line.overlap_words.lower(), line.counts_words)
        for line in board.grades
    ]  # fmt: skip
