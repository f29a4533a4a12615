"""``gaps``: the gap table by department, unit, skill, role family or person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.output import print_rows, say
from app.cli.session import current, parse_day, workspace
from app.errors import UsageError
from app.services.disclosed import hidden_cells_of
from app.services.gaps import GapDimension, GapRow, PairLine
from app.services.scope import Scope
from app.terms import ContractorFilter

BY = tuple(dimension.value for dimension in GapDimension)

FIGURES = ("required", "assessed", "meeting", "short", "levels_short", "coverage", "share_short", "weight")
PERSON_COLUMNS = (
    "staff_id", "name", "department", "unit", "grade", "role_family", "role", "role_level", "skill", "held",
    "required", "gap", "assessed_on", "assessed_by",
)  # fmt: skip

NOTHING = frozenset[tuple[str, str]]()

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


def say_disclosure(choice: str) -> bool:
    """Whether small counts are to be hidden; says so, or that they are not, as the first line."""
    if choice not in ("on", "off"):
        raise UsageError(f"--disclosure cannot be “{choice}”.", "Use on or off.")
    say(
        "Small counts are hidden as [c]."
        if choice == "on"
        else "These figures are raw: counts of 1 to 4 people are shown. Use --disclosure on before sharing them."
    )
    return choice == "on"


def gaps(
    by: Annotated[str, typer.Option("--by", help=f"{', '.join(BY)} or person.")] = "department",
    across: Annotated[
        str, typer.Option("--across", help="The second dimension of each row: skill, or any other of --by.")
    ] = "skill",
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
    if by != "person" and by not in BY:
        raise UsageError(f"--by cannot be “{by}”.", f"Use {', '.join(BY)} or person.")
    if across not in BY or (by == across and by != "skill"):
        raise UsageError(f"--across cannot be “{across}” here.", f"Use another one of {', '.join(BY)}.")
    scope = scope_of(department, role_family, framework, as_at, contractors)
    is_shared = say_disclosure(disclosure)
    with workspace(read_only=True) as ws:
        if by == "person":
            if is_shared:
                raise UsageError("People cannot be shown with --disclosure on.", "Choose another --by.")
            people = ws.people.table(scope)
            _say_unmapped(people.unmapped)
            print_rows(PERSON_COLUMNS, (_pair(line) for line in ws.gaps.people_behind(scope)), current().form)
            return
        dimension, columns = GapDimension(by), GapDimension(across)
        table = ws.gaps.table(scope, dimension, columns)
        _say_unmapped(table.unmapped)
        hidden = hidden_cells_of(ws.gaps.heatmap(scope, dimension, columns)) if is_shared else NOTHING
    is_one_list = dimension is columns
    names = (across,) if is_one_list else (by, across)
    rows = (_row(row, is_one_list, is_hidden=(row.group, row.skill) in hidden) for row in table.rows)
    print_rows((*(name.replace("-", "_") for name in names), *FIGURES), rows, current().form)


def _say_unmapped(unmapped: int) -> None:
    if unmapped:
        people = "person has" if unmapped == 1 else "people have"
        say(f"{unmapped:,} {people} no role yet and no part in any figure; see `muster roles suggest`.")


def _row(row: GapRow, is_one_list: bool, *, is_hidden: bool) -> tuple[Any, ...]:
    head = () if is_one_list else (row.group,)
    if is_hidden:
        return (*head, row.skill, *(SUPPRESSED for _ in FIGURES))
    return (
        *head, row.skill, row.required, row.assessed, row.meeting, row.short, row.levels_short,
        places_of(row.coverage), places_of(row.share_short), round(row.weight, 4),
    )  # fmt: skip


def places_of(share: float | None) -> float | None:
    """A share to four places; None stays blank."""
    return None if share is None else round(share, 4)


def _pair(line: PairLine) -> tuple[Any, ...]:
    return tuple(getattr(line, name) for name in PERSON_COLUMNS)
