"""``mobility nearest`` and ``mobility map``: who is near to a role level, and how far levels are from one another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.gaps import AsAt, Departments, scope_of
from app.cli.output import print_rows, say
from app.cli.session import current, workspace

group = typer.Typer(help="Mobility: nearest ROLE_LEVEL, map.", no_args_is_help=True)
NEAR_COLUMNS = (
    "staff_id", "name", "unit", "grade", "role_level_now", "steps", "met", "assessed", "required", "hours", "cost_gbp",
    "ready", "courses",
)  # fmt: skip
MAP_COLUMNS = ("role_from", "from", "role_to", "to", "steps", "next_level")


def register(app: typer.Typer) -> None:
    """Hang ``mobility`` onto the command line."""
    app.add_typer(group, name="mobility")


@group.command("nearest")
def nearest(
    role_level: Annotated[
        str, typer.Argument(help="A role level, or ROLE / LEVEL where several share a name.")
    ],
    top: Annotated[int, typer.Option("--top", help="At most so many people.")] = 20,
    department: Departments = None,
    as_at: AsAt = None,
) -> None:
    """List the people nearest to a role level: what they miss, and what learning it takes and costs."""
    with workspace(read_only=True) as ws:
        found = ws.mobility.nearest(role_level, top, scope_of(department, "", "", as_at, "exclude"))
    if not found:
        say("Nobody is near: too little is assessed, nothing is met yet, or the catalogue has no way there.")
    rows = [
        (
            one.staff_id, one.name, one.unit, one.grade, one.role_level, one.steps, one.met, one.assessed, one.required,
            one.hours, one.cost_gbp, one.ready.code, "; ".join(one.courses),
        )
        for one in found
    ]  # fmt: skip
    print_rows(NEAR_COLUMNS, rows, current().form)


@group.command("map")
def career_map(
    start: Annotated[str, typer.Option("--from", help="Only from this role level.")] = "",
    steps: Annotated[
        int | None, typer.Option("--steps", help="Only levels at most so many steps away.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Draw the map: .png, .svg or .pdf.")] = None,
) -> None:
    """List how many steps role levels are from one another in the newest framework; --out draws the map."""
    with workspace(read_only=True) as ws:
        found = ws.mobility.distances(start, steps)
        if out is not None:
            say(f"Picture: {ws.reports.career_picture(ws.mobility.places(start, steps), out, start)}")
    rows = [
        (
            one.start.role,
            one.start.name,
            one.end.role,
            one.end.name,
            one.steps,
            "yes" if one.is_next else "no",
        )
        for one in found
    ]
    print_rows(MAP_COLUMNS, rows, current().form)
