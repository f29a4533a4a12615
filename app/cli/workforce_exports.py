"""``export workforce`` and ``export return``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.exports import group
from app.cli.gaps import AsAt, Contractors, Departments, RoleFamily, scope_of
from app.cli.output import counted, say, workbook_name
from app.cli.session import progress, workspace
from app.errors import UsageError
from app.services.reports.returns import USUAL
from app.services.reports.workforce_reports import WorkforceWish
from app.services.workforce import BASELINE, DEFAULT_QUARTERS, ClosingLimits

Shared = Annotated[str, typer.Option("--disclosure", help="on hides small counts; off is raw.")]


def register(_app: typer.Typer) -> None:
    """Nothing to hang: the commands are those of ``export``."""


@group.command("workforce")
def export_workforce(
    out: Annotated[Path, typer.Option("--out", help="The workbook to write.")],
    scenario: Annotated[str, typer.Option("--scenario", help="A scenario by name.")] = BASELINE,
    quarters: Annotated[int, typer.Option("--quarters", help="How many quarters ahead.")] = DEFAULT_QUARTERS,
    seconds: Annotated[float, typer.Option("--seconds", help="Time to look for a cheaper mix.")] = 20.0,
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    named: Annotated[
        bool, typer.Option("--named", help="With the people of one department, by name.")
    ] = False,
    disclosure: Shared = "on",
) -> None:
    """Write the workforce workbook: demand, supply with its band, shortfalls, options, the mix, assumptions."""
    scope = scope_of(department, role_family, "", as_at, contractors)
    workbook_name(out)
    wish = WorkforceWish(scope, scenario, quarters, _is_on(disclosure), named, ClosingLimits(seconds=seconds))
    with workspace(read_only=True) as ws:
        print(f"Workbook: {ws.workforce_reports.workbook(wish, out, progress())}")


@group.command("return")
def export_return(
    out: Annotated[Path, typer.Option("--out", help="The file to write: .csv or .xlsx.")],
    columns: Annotated[
        str,
        typer.Option(
            "--columns", help="Column names with commas; see the guide. Figures and names in any order."
        ),
    ] = ",".join(USUAL),
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    disclosure: Shared = "on",
) -> None:
    """Write the periodic return: people by role, level and grade, FTE, headcount and employment by department."""
    scope = scope_of(department, role_family, "", as_at, contractors)
    wanted = [one for one in columns.split(",") if one.strip()]
    is_shared = _is_on(disclosure)
    with workspace(read_only=True) as ws:
        found = ws.workforce_reports.return_table(scope, wanted, is_shared=is_shared)
        written = ws.workforce_reports.return_file(scope, out, progress(), wanted, is_shared=is_shared)
    if found.hidden:
        say(f"{counted(found.hidden, 'figure')} of 1 to 4 people, or that would give one away, shown as [c].")
    print(f"Return: {written} ({counted(len(found.rows), 'row')})")


def _is_on(text: str) -> bool:
    if text not in ("on", "off"):
        raise UsageError(f"--disclosure cannot be “{text}”.", "Use on or off.")
    return text == "on"
