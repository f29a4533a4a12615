"""``gaps``: the gap table by department, unit, skill, role family or person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.output import print_rows, say
from app.cli.session import current, parse_day, workspace
from app.errors import UsageError
from app.services.gaps import GapDimension, GapRow, PairLine
from app.services.reports import hidden_cells
from app.services.scope import Scope
from app.terms import ContractorFilter

BY = tuple(dimension.value for dimension in GapDimension)

FIGURES = ("required", "assessed", "meeting", "short", "levels_short", "coverage", "share_short", "weight")
PERSON_COLUMNS = (
    "staff_id", "name", "department", "unit", "grade", "role_family", "role", "role_level", "skill", "held",
    "required", "gap", "assessed_on", "assessed_by",
)  # fmt: skip

Departments = Annotated[
    list[str] | None, typer.Option("--department", help="A department or unit; repeatable.")
]
RoleFamily = Annotated[str, typer.Option("--role-family", help="Only this role family.")]
Contractors = Annotated[str, typer.Option("--contractors", help="include or exclude.")]
AsAt = Annotated[str | None, typer.Option("--as-at", help="The day to look at; today if left out.")]


def register(app: typer.Typer) -> None:
    """Hang ``gaps`` onto the command line."""
    app.command("gaps")(gaps)


def scope_of(
    departments: Sequence[str] | None, role_family: str, framework: str, as_at: str | None, contractors: str
) -> Scope:
    """The scope options as one record; UsageError where one makes no sense."""
    try:
        choice = ContractorFilter(contractors.lower())
    except ValueError:
        raise UsageError(f"--contractors cannot be “{contractors}”.", "Use include or exclude.") from None
    return Scope(
        tuple(departments or ()), role_family, framework, parse_day(as_at), choice is ContractorFilter.INCLUDE
    )


def gaps(
    by: Annotated[
        str, typer.Option("--by", help="department, unit, skill, role-family or person.")
    ] = "department",
    department: Departments = None,
    role_family: RoleFamily = "",
    framework: Annotated[str, typer.Option("--framework", help="Only roles of this version.")] = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="on hides small counts; off is raw.")
    ] = "off",
) -> None:
    """Print required against held skills."""
    if disclosure not in ("on", "off"):
        raise UsageError(f"--disclosure cannot be “{disclosure}”.", "Use on or off.")
    if by != "person" and by not in BY:
        raise UsageError(f"--by cannot be “{by}”.", f"Use {', '.join(BY)} or person.")
    scope = scope_of(department, role_family, framework, as_at, contractors)
    say(
        "Small counts are hidden as [c]."
        if disclosure == "on"
        else "These figures are raw: counts of 1 to 4 people are shown. Use --disclosure on before sharing them."
    )
    with workspace(read_only=True) as ws:
        if by == "person":
            if disclosure == "on":
                raise UsageError("People cannot be shown with --disclosure on.", "Choose another --by.")
            people = ws.people.table(scope)
            _say_unmapped(people.unmapped)
            print_rows(PERSON_COLUMNS, (_pair(line) for line in ws.gaps.people_behind(scope)), current().form)
            return
        dimension = GapDimension(by)
        table = ws.gaps.table(scope, dimension)
        _say_unmapped(table.unmapped)
        hidden = _hidden_pairs(ws, scope, dimension) if disclosure == "on" else frozenset[tuple[str, str]]()
    head = () if dimension is GapDimension.SKILL else (by.replace("-", "_"),)
    rows = (_row(row, dimension, is_hidden=(row.group, row.skill) in hidden) for row in table.rows)
    print_rows((*head, "skill", *FIGURES), rows, current().form)


def _hidden_pairs(ws: Any, scope: Scope, dimension: GapDimension) -> frozenset[tuple[str, str]]:
    heatmap = ws.gaps.heatmap(scope, dimension)
    rows, columns = hidden_cells(heatmap).cells.nonzero()
    return frozenset(
        (heatmap.groups[row].label, heatmap.skills[column])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    )


def _say_unmapped(unmapped: int) -> None:
    if unmapped:
        people = "person has" if unmapped == 1 else "people have"
        say(f"{unmapped:,} {people} no role yet and take part in no figure; see `muster roles suggest`.")


def _row(row: GapRow, dimension: GapDimension, *, is_hidden: bool) -> tuple[Any, ...]:
    head = () if dimension is GapDimension.SKILL else (row.group,)
    if is_hidden:
        return (*head, row.skill, *(SUPPRESSED for _ in FIGURES))
    return (
        *head, row.skill, row.required, row.assessed, row.meeting, row.short, row.levels_short,
        _places(row.coverage), _places(row.share_short), round(row.weight, 4),
    )  # fmt: skip


def _places(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _pair(line: PairLine) -> tuple[Any, ...]:
    return tuple(getattr(line, name) for name in PERSON_COLUMNS)
