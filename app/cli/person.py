"""``person``: one person's skills, what courses and mentors could do, and which role levels are near."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.gaps import AsAt
from app.cli.output import Format, print_json, print_rows, say
from app.cli.session import current, parse_day, workspace
from app.errors import UsageError
from app.services.prospects import CourseProspect, LevelProspect, Prospects
from app.terms import level_word

SHOWN = ("skills", "ratings", "courses", "mentors", "levels")
COLUMNS = {
    "skills": ("skill", "held", "required", "gap", "assessed_on", "assessed_by", "courses"),
    "ratings": ("skill", "level", "assessed_on", "assessed_by", "evidence", "is_current"),
    "courses": (
        "course_code", "title", "provider", "delivery", "skill", "level_now", "level_after", "level_required",
        "steps_closed", "hours", "cost_gbp", "cost_per_cohort_gbp", "funding", "leads_on",
    ),
    "mentors": ("skill", "required", "near", "staff_id", "name", "unit", "level"),
    "levels": ("kind", "role_family", "role", "role_level", "required", "assessed", "met", "steps_missing", "missing"),
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Hang ``person`` onto the command line."""
    app.command("person")(person)


def person(
    staff_id: Annotated[str, typer.Argument(help="The staff id.")],
    show: Annotated[str, typer.Option("--show", help=f"Only this part: {', '.join(SHOWN)}.")] = "",
    as_at: AsAt = None,
) -> None:
    """Print one person: required against held, ratings, courses and mentors that help, role levels that are near."""
    if show and show not in SHOWN:
        raise UsageError(f"--show cannot be “{show}”.", f"Use {', '.join(SHOWN)}.")
    with workspace(read_only=True) as ws:
        found = ws.prospects.by_staff_id(staff_id, parse_day(as_at))
    form = current().form
    who = found.person
    role = who.role_level or "no role yet"
    say(f"{who.name or who.staff_id}, {who.staff_id}: {role}, {who.unit}, as at {found.day.isoformat()}.")
    if show or form is Format.CSV:
        part = show or "skills"
        print_rows(COLUMNS[part], _rows(found, part), form)
        return
    if form is Format.JSON:
        about = {"staff_id": who.staff_id, "name": who.name, "unit": who.unit, "role_level": who.role_level}
        parts = {
            part: [dict(zip(COLUMNS[part], row, strict=True)) for row in _rows(found, part)] for part in SHOWN
        }
        print_json({"person": about, **parts})
        return
    for part in SHOWN:
        rows = _rows(found, part)
        print(f"{part.capitalize()}: {len(rows)}")
        if rows:
            print_rows(COLUMNS[part], rows, form)


def _rows(found: Prospects, part: str) -> list[tuple[Any, ...]]:
    if part == "skills":
        return [
            (
                one.skill, one.held, one.required, one.gap, one.assessed_on, one.assessed_by,
                "; ".join(course.code for course in found.raises_for(one.skill)),
            )
            for one in found.pairs
        ]  # fmt: skip
    if part == "ratings":
        return [
            (one.skill, one.level, one.assessed_on, one.assessed_by, one.evidence, one.is_current)
            for one in found.ratings
        ]
    if part == "courses":
        return [row for one in found.courses for row in _course(one)]
    if part == "mentors":
        return [
            (line.skill, line.required, line.near, one.staff_id, one.name, one.unit, one.level)
            for line in found.mentors
            for one in line.mentors
        ]
    levels = [("next", found.next_level)] if found.next_level else []
    return [_level(kind, one) for kind, one in (*levels, *(("near", one) for one in found.nearest))]


def _course(one: CourseProspect) -> list[tuple[Any, ...]]:
    """One row per skill raised; hours and cost on the first, 0 on the others (as in a plan)."""
    return [
        (
            one.code, one.title, one.provider, one.delivery, raised.skill, raised.level_now, raised.level_after,
            raised.required, raised.steps, one.hours if not place else one.hours * 0,
            one.cost_gbp if not place else one.cost_gbp * 0, one.cohort_gbp if not place else one.cohort_gbp * 0,
            one.funding, "; ".join(one.leads_on),
        )
        for place, raised in enumerate(one.raises)
    ]  # fmt: skip


def _level(kind: str, one: LevelProspect) -> tuple[Any, ...]:
    missing = "; ".join(
        f"{need.skill} ({level_word(need.held)}, needs {level_word(need.required)})" for need in one.missing
    )
    return (
        kind, one.role_family, one.role, one.role_level, one.required, one.assessed, one.met, one.steps, missing,
    )  # fmt: skip
