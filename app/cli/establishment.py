"""``import establishment`` and ``establishment list``: posts of units, and what of them is vacant."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.gaps import AsAt, Contractors, Departments, RoleFamily, say_disclosure, scope_of
from app.cli.imports import (
    Mapping,
    Preview,
    SheetName,
    Skip,
    group,
    read_options,
    refuse,
    say_columns,
    say_first,
    skipped,
)
from app.cli.output import counted, print_rows, say, say_problems
from app.cli.session import current, progress, workspace
from app.services.workforce.disclosed import hidden_vacancies
from app.services.workforce.establishment import EstablishmentPreview, VacancyLine

COLUMNS = ("unit", "role_family", "role", "role_level", "grade", "posts", "heads", "vacancies")

establishment = typer.Typer(help="Posts of units: list.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Hang ``establishment`` onto the command line."""
    app.add_typer(establishment, name="establishment")


@group.command("establishment")
def import_establishment(
    file: Annotated[Path, typer.Argument(help="One row per unit, role level and grade, with its posts.")],
    preview: Preview = False,
    mapping: Mapping = None,
    sheet: SheetName = "",
    skip_bad_rows: Skip = False,
) -> None:
    """Load the posts that units have; a file speaks for the units in it."""
    with workspace(read_only=preview) as ws:
        found = ws.establishment.preview_import(file, read_options(mapping, sheet), progress())
        _say_preview(found)
        if preview:
            print(
                f"Would add {counted(len(found.new), 'line')}, change {len(found.changes):,} and take away "
                f"{len(found.gone):,}; {found.unchanged:,} there already."
            )
        refuse(list(found.problems), skip=skip_bad_rows)
        if preview:
            return
        outcome = ws.establishment.commit_import(found, skip_bad_rows=skip_bad_rows)
        if outcome is None:
            print("Nothing to change: the workspace already holds all of this.")
            return
        done = outcome.value
        print(
            f"Loaded {file.name}: {counted(done.new, 'new line')} of posts, {done.changed:,} changed, "
            f"{done.gone:,} gone, {done.unchanged:,} unchanged." + skipped(done.skipped_rows)
        )


def _say_preview(found: EstablishmentPreview) -> None:
    say_columns(found)
    say_first(
        f"change: {one.unit}, {one.role_level} {one.grade or 'any grade'}: {one.before} → {one.after}"
        for one in found.changes
    )
    say_first(
        f"gone: {one.unit}, {one.role_level} {one.grade or 'any grade'}: {one.before}" for one in found.gone
    )
    say_problems(found.problems)


@establishment.command("list")
def list_posts(
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="on hides small counts; off is raw.")
    ] = "off",
) -> None:
    """Show posts, heads and vacancies by unit, role level and grade, for units with an establishment."""
    is_shared = say_disclosure(disclosure)
    with workspace(read_only=True) as ws:
        lines = ws.establishment.lines(scope_of(department, role_family, "", as_at, contractors))
    if not lines:
        say("No unit here has an establishment; load one with `import establishment FILE`.")
    hidden = hidden_vacancies(lines) if is_shared else (False,) * len(lines)
    print_rows(
        COLUMNS, [_row(line, hide=hide) for line, hide in zip(lines, hidden, strict=True)], current().form
    )
    say(
        f"{sum(one.posts for one in lines):,} posts, {sum(max(one.vacancies, 0) for one in lines):,} vacant."
        if lines and not any(hidden)
        else f"{sum(one.posts for one in lines):,} posts."
    )


def _row(line: VacancyLine, *, hide: bool) -> tuple[Any, ...]:
    names = (line.unit, line.role_family, line.role, line.role_level, line.grade, line.posts)
    return (*names, *((SUPPRESSED,) * 2 if hide else (line.heads, line.vacancies)))
