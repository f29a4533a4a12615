"""``strategy`` by hand: ``add``, ``set-weight``, ``set-date``, ``link``, ``unlink``, ``cut``, ``preset``, ratings."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from app.cli.gaps import AsAt, Departments
from app.cli.output import counted, print_rows, say
from app.cli.session import current, parse_day, parsed, workspace
from app.cli.strategy_changes import hundredths, quarter_number
from app.errors import UsageError
from app.services.scope import Scope
from app.services.strategy.editing import LineInput, PriorityInput

MATURITY_COLUMNS = (
    "department", "area", "score", "change", "assessed_on", "assessor", "evidence", "age_days", "ratings",
)  # fmt: skip
LEADERSHIP_COLUMNS = ("department", "skill", "evidenced", "evidence", "recorded_on", "recorded_by")

Name = Annotated[str, typer.Argument(help="A priority by its name or number.")]
Role = Annotated[str, typer.Option("--role", help="A role, with all its levels.")]
RoleLevel = Annotated[str, typer.Option("--role-level", help="A role level.")]
Skill = Annotated[str, typer.Option("--skill", help="A skill.")]


def register(group: typer.Typer) -> None:
    """Hang the edits onto ``strategy``."""
    for name, command in (
        ("add", add), ("remove", remove), ("set-weight", set_weight), ("set-date", set_date), ("link", link),
        ("unlink", unlink), ("cut", cut), ("restore", take_up), ("preset", preset), ("maturity", maturity),
        ("leadership", leadership),
    ):  # fmt: skip
        group.command(name)(command)


def _say_done(outcome: Any, sentence: str) -> None:
    print("Nothing to change." if outcome is None else sentence)


def add(
    area: Annotated[str, typer.Argument(help="The area; made where it is new.")],
    priority: Annotated[str, typer.Argument(help="The priority.")],
    target_date: Annotated[str, typer.Option("--by", help="Its date, as 2027-03-31; none if left out.")] = "",
    weight: Annotated[float | None, typer.Option("--weight", help="From 0.1 to 10; 1 is usual.")] = None,
) -> None:
    """Add a priority by hand."""
    with workspace() as ws:
        ws.strategy_desk.save_priority(PriorityInput(area, priority, parse_day(target_date), weight))
    print(f"Added “{priority}”.")


def remove(priority: Name) -> None:
    """Take a priority away with its programmes and lines; `muster revert` brings it back."""
    with workspace() as ws:
        name = ws.strategy_desk.remove_priority(priority).value
    print(f"Removed “{name}”.")


def set_weight(
    priority: Name,
    weight: Annotated[str, typer.Argument(help="From 0.1 to 10; “none” takes the weight away.")],
    programme: Annotated[str, typer.Option("--programme", help="One of its programmes instead.")] = "",
) -> None:
    """Give a priority, or one of its programmes, a weight, which gaps and plans follow."""
    wanted = None if weight == "none" else parsed(float, weight, "a weight such as 2.5")
    with workspace() as ws:
        outcome = ws.strategy_desk.set_weight(priority, wanted, programme)
    _say_done(outcome, f"The weight of “{outcome.value if outcome else ''}” is now {weight}.")


def set_date(
    priority: Name, day: Annotated[str, typer.Argument(help="As 2027-03-31; “none” takes the date away.")]
) -> None:
    """Give a priority a date, or take it away."""
    wanted = None if day == "none" else parse_day(day)
    with workspace() as ws:
        outcome = ws.strategy_desk.set_date(priority, wanted)
    _say_done(outcome, f"“{outcome.value if outcome else ''}”: {day}.")


def link(
    priority: Name,
    role: Role = "",
    role_level: RoleLevel = "",
    skill: Skill = "",
    department: Annotated[
        str, typer.Option("--department", help="Where it is needed; everywhere if left out.")
    ] = "",
    programme: Annotated[str, typer.Option("--programme", help="For one of its programmes.")] = "",
    fte: Annotated[str, typer.Option("--fte", help="FTE needed, such as 2.5; a link if left out.")] = "",
    first: Annotated[str, typer.Option("--from", help="The first quarter, as 2026Q3.")] = "",
    last: Annotated[str, typer.Option("--to", help="The last quarter.")] = "",
) -> None:
    """Say what a priority rests on: a role, role level or skill; with --fte how many of it are needed."""
    wanted = LineInput(
        role,
        role_level,
        skill,
        department,
        programme,
        hundredths(fte),
        quarter_number(first),
        quarter_number(last),
    )
    with workspace() as ws:
        outcome = ws.strategy_desk.link(priority, wanted)
    _say_done(outcome, "Linked.")


def unlink(priority: Name, role: Role = "", role_level: RoleLevel = "", skill: Skill = "") -> None:
    """Take what a priority rests on away again."""
    with workspace() as ws:
        outcome = ws.strategy_desk.unlink(priority, LineInput(role, role_level, skill))
    print(f"{counted(outcome.value, 'line')} taken away.")


def cut(priority: Name) -> None:
    """Set a priority aside: it gives no weight and needs nobody until it is restored."""
    with workspace() as ws:
        outcome = ws.strategy_desk.set_aside(priority)
    _say_done(outcome, f"Set “{outcome.value if outcome else ''}” aside.")


def take_up(priority: Name) -> None:
    """Take a priority up again that was set aside."""
    with workspace() as ws:
        outcome = ws.strategy_desk.set_aside(priority, is_set_aside=False)
    _say_done(outcome, f"Took “{outcome.value if outcome else ''}” up again.")


def preset(name: Annotated[str, typer.Argument(help="Its name; without one they are listed.")] = "") -> None:
    """Add a bundled strategy as facts to be edited; priorities that are there already stay as they are."""
    if not name:
        with workspace(read_only=True) as ws:
            found = ws.strategy_desk.presets()
        rows = [(one.name, one.title, len(one.priorities), one.source, one.licence) for one in found]
        print_rows(("name", "title", "priorities", "source", "licence"), rows, current().form)
        return
    with workspace() as ws:
        outcome = ws.strategy_desk.load_preset(name)
    if outcome is None:
        print("Nothing to change: all its priorities are there.")
        return
    say(outcome.value.note)
    print(f"Added {outcome.value.title}.")


def maturity(
    rating: Annotated[
        list[str] | None,
        typer.Argument(help="A department, an area and a score of 0 to 5; without them all is listed."),
    ] = None,
    evidence: Annotated[str, typer.Option("--evidence", help="What the score rests on.")] = "",
    on: Annotated[str, typer.Option("--on", help="The day it was assessed on; today if left out.")] = "",
    assessor: Annotated[str, typer.Option("--assessor", help="Who assessed it; you if left out.")] = "",
    as_at: AsAt = None,
) -> None:
    """List how far departments are in each area; with a department, an area and a score, add a rating."""
    if not rating:
        with workspace(read_only=True) as ws:
            found = ws.maturity.profile(parse_day(as_at))
        say(f"coverage {found.coverage or 0:.0%}")
        rows = [
            (cell.department, cell.area, cell.score, cell.change, cell.assessed_on, cell.assessor, cell.evidence,
             cell.age_days, len(cell.history))
            for one in found.departments
            for cell in one.cells
        ]  # fmt: skip
        print_rows(MATURITY_COLUMNS, rows, current().form)
        return
    if len(rating) != 3:
        raise UsageError("A rating needs a department, an area and a score.", "See --help.")
    score = parsed(int, rating[2], "a score from 0 to 5")
    with workspace() as ws:
        day: date | None = parse_day(on)
        outcome = ws.maturity.rate(
            rating[0], rating[1], score, evidence=evidence, assessed_on=day, assessor=assessor
        )
    print(f"Rated {outcome.value}.")


def leadership(
    department: Departments = None,
    evidenced: Annotated[str, typer.Option("--evidenced", help="This skill is evidenced.")] = "",
    missing: Annotated[str, typer.Option("--missing", help="This skill is not evidenced.")] = "",
    evidence: Annotated[str, typer.Option("--evidence", help="What it rests on.")] = "",
) -> None:
    """List the senior leadership checklist by department, or record one skill of one department."""
    skill = evidenced or missing
    if skill:
        if not department or len(department) != 1 or (evidenced and missing):
            raise UsageError("One skill of one department is recorded at a time.", "Name one --department.")
        with workspace() as ws:
            outcome = ws.capability.record(
                department[0], skill, is_evidenced=bool(evidenced), evidence=evidence
            )
        print(f"{department[0]}: {outcome.value} is {'evidenced' if evidenced else 'not evidenced'}.")
        return
    with workspace(read_only=True) as ws:
        found = ws.capability.departments(Scope(tuple(department or ())))
    words = {True: "yes", False: "no", None: "not looked at"}
    rows = [
        (
            one.department,
            item.skill,
            words[item.is_evidenced],
            item.evidence,
            item.recorded_on,
            item.recorded_by,
        )
        for one in found
        for item in one.checklist
    ]
    print_rows(LEADERSHIP_COLUMNS, rows, current().form)
