"""``profession``: one role family over all departments, for its head."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.analysis.pipeline import Reach
from app.cli.gaps import AsAt, Contractors, Departments, say_disclosure, scope_of
from app.cli.output import Format, print_json, print_rows, say
from app.cli.session import current, workspace
from app.errors import UsageError
from app.services.profession import Pick, ProfessionPerson, ProfessionView
from app.services.profession_rows import COLUMNS, REACH, rows_of, summary_of
from app.services.profession_shared import HiddenProfession, hidden_profession

SHOWN = ("departments", "pyramid", "pipeline", "skills", "people")


def register(app: typer.Typer) -> None:
    """Hang ``profession`` onto the command line."""
    app.command("profession")(profession)


def profession(
    role_family: Annotated[str, typer.Option("--role-family", help="The role family.")] = "",
    show: Annotated[str, typer.Option("--show", help=f"Only this part: {', '.join(SHOWN)}.")] = "",
    department: Departments = None,
    framework: Annotated[str, typer.Option("--framework", help="Only roles of this version.")] = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    reach: Annotated[
        str, typer.Option("--reach", help=f"With --show people: only those {', '.join(REACH)}.")
    ] = "",
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="on hides small counts; off is raw.")
    ] = "off",
) -> None:
    """Print a profession: departments side by side, pyramid, pipeline to the next level, skills, people."""
    if show and show not in SHOWN:
        raise UsageError(f"--show cannot be “{show}”.", f"Use {', '.join(SHOWN)}.")
    if reach and (reach not in REACH or show != "people"):
        raise UsageError(f"--reach cannot be “{reach}” here.", f"Use --show people with {', '.join(REACH)}.")
    is_shared = say_disclosure(disclosure)
    if show == "people" and is_shared:
        raise UsageError("People cannot be shown with --disclosure on.", "Choose another --show.")
    scope = scope_of(department, role_family, framework, as_at, contractors)
    form = current().form
    with workspace(read_only=True) as ws:
        if show == "people":
            pick = Pick(reach=Reach[reach.upper()] if reach else None)
            people = ws.profession.people(scope, pick)
            print_rows(COLUMNS["people"], [_person(one) for one in people], form)
            return
        view = ws.profession.view(scope)
    kept = hidden_profession(view) if is_shared else None
    _say_summary(view, kept)
    parts = {part: rows_of(view, kept, part) for part in SHOWN if part != "people"}
    if show or form is Format.CSV:
        part = show or "departments"
        print_rows(COLUMNS[part], parts[part], form)
    elif form is Format.JSON:
        listed = {
            part: [dict(zip(COLUMNS[part], row, strict=True)) for row in rows] for part, rows in parts.items()
        }
        print_json({"summary": summary_of(view, kept), **listed})
    else:
        for part, rows in parts.items():
            print(part.capitalize())
            print_rows(COLUMNS[part], rows, form)


def _person(one: ProfessionPerson) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in COLUMNS["people"])


def _say_summary(view: ProfessionView, kept: HiddenProfession | None) -> None:
    found = summary_of(view, kept)
    say(
        f"{view.family}: {found['people']} people, {found['fte']} FTE, {found['contractors']} of them contractors; "
        f"{found['ready']} ready for the next level, {found['one_step']} one step short; {found['unmapped']} people "
        "without a role yet are in no figure."
    )
