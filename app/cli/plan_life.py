"""``plan compare|line|edit|status|rename|archive|delete``: a plan's later life."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.gaps import say_disclosure
from app.cli.output import Format, counted, print_json, print_rows, say
from app.cli.plans import group
from app.cli.session import current, parse_day, parsed, progress, target, workspace
from app.errors import UsageError
from app.files.options import ReadOptions
from app.files.plan_edits import STATUSES, EditRow, read_plan_edits
from app.services.training import (
    ComparedPlans,
    EditKind,
    EditPreview,
    EffectLine,
    LimitsBroken,
    LineChoice,
    LineEdit,
    LinesRefused,
    StatusEdit,
)
from app.terms import FinancialQuarter, LineStatus
from app.workspace import Workspace

COMPARE_COLUMNS = (
    "change", "staff_id", "name", "department", "unit", "course_code", "course", "quarter_first", "quarter_second",
    "steps_first", "steps_second", "hours_first", "hours_second", "cost_first_gbp", "cost_second_gbp",
)  # fmt: skip
EDIT_COLUMNS = (
    "change", "staff_id", "name", "course_code", "quarter", "steps_closed", "cost_gbp", "status", "staff_id_before",
    "course_code_before", "quarter_before", "steps_closed_before", "cost_gbp_before", "status_before", "follows",
)  # fmt: skip
MOST_SAID = 20
"""Broken limits or notes said on standard error before the rest is counted."""

STATUS_COLUMNS = ("staff_id", "name", "course_code", "course", "before", "after", "on")

PlanId = Annotated[int, typer.Argument(metavar="PLAN", help="The number that `plan list` shows.")]
Preview = Annotated[bool, typer.Option("--preview", help="Show the effect and write nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Accept limits that are broken by it.")]
On = Annotated[str, typer.Option("--on", help="The day it happened, as 2026-11-23; today if left out.")]
Comment = Annotated[str | None, typer.Option("--comment", help="A comment kept with the line.")]


def register(app: typer.Typer) -> None:
    """The commands hang on ``plan``, which is there already."""
    del app


@group.command("compare")
def compare(
    first: Annotated[int, typer.Argument(metavar="A", help="The first plan.")],
    second: Annotated[int, typer.Argument(metavar="B", help="The second plan.")],
) -> None:
    """Compare two plans: people, money per pot and department, steps, who gains and loses what, line by line."""
    with workspace(read_only=True) as ws:
        found = ws.training.compare(first, second)
    form = current().form
    if form is Format.JSON:
        print_json(_comparison_json(found))
        return
    if form is Format.TABLE:
        names = ("figure", "first", "second", "difference")
        rows = [(one.what, one.first, one.second, one.difference) for one in found.figures]
        for what, groups in (("pot", found.pots), ("department", found.departments)):
            rows += [
                (f"{what} {one.name}, £", one.cost_first, one.cost_second, one.difference) for one in groups
            ]
        print_rows(names, [(row[0], *map(_short, row[1:])) for row in rows], form)
        _say_people(found)
    print_rows(COMPARE_COLUMNS, _line_rows(found), form)


def _short(value: Decimal) -> str:
    return f"{value:,.2f}".removesuffix(".00")


def _line_rows(found: ComparedPlans) -> list[tuple[Any, ...]]:
    return [
        (one.change, one.staff_id, one.name, one.department, one.unit, one.course_code, one.course, one.quarter_first,
         one.quarter_second, one.steps_first, one.steps_second, _number(one.hours_first), _number(one.hours_second),
         one.cost_first, one.cost_second)
        for one in found.lines
    ]  # fmt: skip


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _say_people(found: ComparedPlans) -> None:
    say(
        f"{found.first} (first), {found.second} (second): {counted(len(found.people), 'person', 'people')} with other "
        f"courses, {found.gaining:,} gain steps, {found.losing:,} lose some."
    )
    for person in found.people[:20]:
        gives = f"; only first: {person.only_first}" if person.only_first else ""
        takes = f"; only second: {person.only_second}" if person.only_second else ""
        say(f"  {person.staff_id} {person.name}: {person.difference:+d} steps{gives}{takes}")
    if len(found.people) > 20:
        say(f"  … and {len(found.people) - 20:,} more; --format json lists them all.")


def _comparison_json(found: ComparedPlans) -> dict[str, Any]:
    return {
        "first": {"plan": found.first_id, "title": found.first},
        "second": {"plan": found.second_id, "title": found.second},
        "figures": [
            {
                "figure": one.what,
                "first": one.first if one.is_money else _number(one.first),
                "second": one.second if one.is_money else _number(one.second),
                "difference": one.difference if one.is_money else _number(one.difference),
            }
            for one in found.figures
        ],
        "pots": [_group_json("funding", one) for one in found.pots],
        "departments": [_group_json("department", one) for one in found.departments],
        "people": [
            {
                "staff_id": one.staff_id,
                "name": one.name,
                "department": one.department,
                "steps_first": one.steps_first,
                "steps_second": one.steps_second,
                "difference": one.difference,
                "only_first": one.only_first,
                "only_second": one.only_second,
            }
            for one in found.people
        ],
        "lines": [dict(zip(COMPARE_COLUMNS, row, strict=True)) for row in _line_rows(found)],
    }


def _group_json(name: str, one: Any) -> dict[str, Any]:
    return {
        name: one.name,
        "people_first": one.people_first,
        "people_second": one.people_second,
        "steps_first": one.steps_first,
        "steps_second": one.steps_second,
        "cost_first_gbp": one.cost_first,
        "cost_second_gbp": one.cost_second,
        "difference_gbp": one.difference,
    }


@group.command("line")
def line(
    plan_id: PlanId,
    staff_id: Annotated[str, typer.Argument(help="Whose line.")],
    course_code: Annotated[str, typer.Argument(help="On which course.")],
    do: Annotated[
        str, typer.Option("--do", help="add, remove, change, lock, unlock, forbid or comment.")
    ] = "change",
    quarter: Annotated[str, typer.Option("--quarter", help="The quarter, or the new one, as 2026Q3.")] = "",
    to_course: Annotated[str, typer.Option("--to-course", help="Another course in its place.")] = "",
    to_person: Annotated[str, typer.Option("--to-person", help="Another person in their place.")] = "",
    comment: Comment = None,
    preview: Preview = False,
    yes: Yes = False,
) -> None:
    """Change one line by hand; says what that does to steps, money and hours, and which limit it breaks."""
    try:
        kind = EditKind(do.lower())
    except ValueError:
        raise UsageError(
            f"--do cannot be “{do}”.", "Use add, remove, change, lock, unlock, forbid or comment."
        ) from None
    wanted = parsed(FinancialQuarter.parse, quarter, "a quarter such as 2026Q3") if quarter else None
    if kind is EditKind.CHANGE and wanted is None and not to_course and not to_person:
        raise UsageError("Nothing to change was given.", "Use --quarter, --to-course, --to-person, or --do.")
    edit = LineEdit(kind, staff_id, course_code, wanted, to_course, to_person, comment)
    with workspace(read_only=preview) as ws:
        _edit(ws, plan_id, ([edit], []), preview=preview, yes=yes)


@group.command("edit")
def edit(
    plan_id: PlanId,
    file: Annotated[
        Path, typer.Argument(help="action, staff_id, course_code; quarter, to_course, to_staff, on, comment.")
    ],
    preview: Preview = False,
    yes: Yes = False,
) -> None:
    """Change lines by hand from a list (xlsx, ods or csv): an action, or a status, for each; all of them or none."""
    target()  # a workspace is missed before anything is found in the file
    rows = read_plan_edits(file, ReadOptions(), progress())
    changes = [_edit_of(row) for row in rows if row.action not in STATUSES]
    statuses = [
        StatusEdit(row.staff_id, row.course_code, LineStatus(row.action), row.on, row.comment)
        for row in rows
        if row.action in STATUSES
    ]
    with workspace(read_only=preview) as ws:
        _edit(ws, plan_id, (changes, statuses), preview=preview, yes=yes)


def _edit_of(row: EditRow) -> LineEdit:
    kind = EditKind(row.action)
    return LineEdit(
        kind, row.staff_id, row.course_code, row.quarter, row.to_course, row.to_staff, row.comment
    )


def _edit(
    ws: Workspace,
    plan_id: int,
    changes: tuple[Sequence[LineEdit], Sequence[StatusEdit]],
    *,
    preview: bool,
    yes: bool,
) -> None:
    seen = ws.training.edits.preview(plan_id, *changes)
    if not preview and not seen.refusals:
        accepted = yes or (bool(seen.conflicts) and sys.stdin.isatty() and _confirmed(seen))
        if seen.conflicts and not accepted:
            _say_effect(seen)
            raise LimitsBroken(seen.conflicts)
        seen = ws.training.edits.apply(
            plan_id, *changes, seen_version=seen.version, accept_broken=accepted
        ).value
    _print_edits(seen, is_written=not preview and not seen.refusals)
    if seen.refusals:
        raise LinesRefused(seen.refusals)


def _confirmed(seen: EditPreview) -> bool:
    for words in seen.conflicts:
        say(f"breaks: {words}")
    return typer.confirm("Do it all the same?", default=False, err=True)


def _say_effect(seen: EditPreview) -> None:
    before, after = seen.before, seen.after
    say(
        f"{seen.title}: steps closed {before.steps_closed:,} → {after.steps_closed:,}, "
        f"cost £{before.cost_gbp:,.2f} → £{after.cost_gbp:,.2f}, hours {before.hours:,.1f} → {after.hours:,.1f}, "
        f"lines {before.enrolments:,} → {after.enrolments:,}."
    )
    for mark, listed in (
        ("breaks", seen.conflicts),
        ("still broken", seen.still_broken),
        ("note", seen.notes),
    ):
        for words in listed[:MOST_SAID]:
            say(f"{mark}: {words}")
        if len(listed) > MOST_SAID:
            say(f"{mark}: … and {len(listed) - MOST_SAID:,} more; --format json lists them all.")
    for refusal in seen.refusals:
        say(f"problem: {refusal.sentence()}")


def _print_edits(seen: EditPreview, *, is_written: bool) -> None:
    _say_effect(seen)
    say("Written." if is_written and not seen.is_nothing_to_change else "Nothing was written.")
    rows = [_edit_row(one) for one in seen.lines]
    status_rows = [
        (
            one.staff_id,
            one.name,
            one.course_code,
            one.course,
            one.before.value,
            one.after.value,
            one.on.isoformat(),
        )
        for one in seen.statuses
    ]
    form = current().form
    if form is Format.JSON:
        print_json(
            {
                "plan": seen.plan_id,
                "is_written": is_written,
                "before": _figures(seen.before),
                "after": _figures(seen.after),
                "lines": [dict(zip(EDIT_COLUMNS, row, strict=True)) for row in rows],
                "statuses": [dict(zip(STATUS_COLUMNS, row, strict=True)) for row in status_rows],
                "conflicts": seen.conflicts,
                "still_broken": seen.still_broken,
                "notes": seen.notes,
                "refusals": [asdict(one) for one in seen.refusals],
            }
        )
        return
    if rows or not status_rows:
        print_rows(EDIT_COLUMNS, rows, form)
    if status_rows:
        print_rows(STATUS_COLUMNS, status_rows, form)


def _figures(found: Any) -> dict[str, Any]:
    return {
        "steps_closed": found.steps_closed,
        "objective": float(found.objective),
        "cost_gbp": found.cost_gbp,
        "hours": _number(found.hours),
        "people": found.people,
        "enrolments": found.enrolments,
    }


def _edit_row(one: Any) -> tuple[Any, ...]:
    def side(found: Any) -> tuple[Any, ...]:
        if found is None:
            return ("", "", None, None, "")
        cost = Decimal(found.cost) / 100
        return (
            found.course_code,
            FinancialQuarter(found.quarter).code,
            found.steps,
            cost,
            found.status.value,
        )

    staff_before = one.before.staff_id if one.before else ""
    return (
        one.what,
        one.staff_id,
        one.name,
        *side(one.after),
        staff_before,
        *side(one.before),
        one.is_follow_up,
    )


@group.command("status")
def status(
    plan_id: PlanId,
    wanted: Annotated[
        str, typer.Argument(metavar="STATUS", help="approved, booked, completed, withdrawn, …")
    ],
    staff: Annotated[list[str] | None, typer.Option("--staff", help="Whose lines; repeatable.")] = None,
    course: Annotated[list[str] | None, typer.Option("--course", help="On which course; repeatable.")] = None,
    department: Annotated[
        list[str] | None, typer.Option("--department", help="Of which department or unit.")
    ] = None,
    quarter: Annotated[list[str] | None, typer.Option("--quarter", help="Starting in which quarter.")] = None,
    now: Annotated[
        list[str] | None, typer.Option("--now", help="Only lines that have this status now.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every line of the plan.")] = False,
    on: On = "",
    comment: Comment = None,
    preview: Preview = False,
) -> None:
    """Set the status of lines: proposed → approved → booked → completed, withdrawn or did not attend."""
    choice = LineChoice(
        staff_ids=tuple(staff or ()),
        course_codes=tuple(course or ()),
        quarters=tuple(
            parsed(FinancialQuarter.parse, one, "a quarter such as 2026Q3") for one in quarter or ()
        ),
        departments=tuple(department or ()),
        statuses=tuple(_status(one) for one in now or ()),
    )
    if choice.is_everything and not everything:
        raise UsageError(
            "Which lines is not said.", "Use --staff, --course, --department, --quarter, --now, or --all."
        )
    day: date | None = parse_day(on) if on else None
    with workspace(read_only=preview) as ws:
        edits = ws.training.statuses.chosen(plan_id, choice, _status(wanted), day, comment)
        if not edits:
            raise UsageError("No line of the plan is meant by that.", "`muster plan show` lists them.")
        _edit(ws, plan_id, ([], edits), preview=preview, yes=False)
        if not preview and ws.training.sign_off.waiting():
            say(
                f"{counted(ws.training.sign_off.waiting(), 'rating')} to sign off: `muster assessments sign-off list`."
            )


def _status(text: str) -> LineStatus:
    try:
        return LineStatus(" ".join(text.casefold().replace("-", " ").replace("_", " ").split()))
    except ValueError:
        raise UsageError(f"There is no status “{text}”.", f"Use one of {', '.join(STATUSES)}.") from None


@group.command("rename")
def rename(plan_id: PlanId, title: Annotated[str, typer.Argument(help="The new title.")]) -> None:
    """Give a plan another title."""
    with workspace() as ws:
        print(f"Renamed: {ws.training.life.rename(plan_id, title).value}")


@group.command("archive")
def archive(
    plan_id: PlanId,
    undo: Annotated[bool, typer.Option("--undo", help="Bring it back into the lists.")] = False,
) -> None:
    """Put a draft or a superseded plan away: it is kept, and out of the lists."""
    with workspace() as ws:
        title = ws.training.life.put_away(plan_id, is_back=undo).value
    print(f"{'Brought back' if undo else 'Put away'}: {title}")


@group.command("delete")
def delete(plan_id: PlanId) -> None:
    """Delete a draft without booked lines; `muster revert` brings it back."""
    with workspace() as ws:
        print(f"Deleted: {ws.training.life.delete(plan_id).value}")


EFFECT_COLUMNS = (
    "course_code", "course", "funding", "completed", "measured", "promised", "plain", "effect", "effect_low",
    "effect_high", "cost_per_enrolment_gbp", "levels_per_1000_gbp", "levels_per_1000_low", "levels_per_1000_high",
)  # fmt: skip


@group.command("effects")
def effects(
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="on hides small counts; off is raw.")
    ] = "off",
) -> None:
    """What completed courses did: levels gained per enrolment and per £1,000, with intervals of 90 %."""
    is_shared = say_disclosure(disclosure)
    with workspace(read_only=True) as ws:
        found = ws.training.effects.table()
    masks = found.hidden() if is_shared else (False,) * len(found.lines)
    print_rows(
        EFFECT_COLUMNS,
        [_effect_row(one, is_hidden=mask) for one, mask in zip(found.lines, masks, strict=True)],
        current().form,
    )
    if found.catalogue_mean is not None and not any(masks):
        say(
            f"{found.measured:,} of {counted(found.completed, 'completed course')} measured; "
            f"{found.catalogue_mean:.2f} levels gained per course on average."
        )
    elif not found.lines:
        say("No course is completed yet: `muster plan status PLAN completed …` says so of a booked line.")


def _effect_row(one: EffectLine, *, is_hidden: bool) -> tuple[Any, ...]:
    about = (one.course_code, one.course, one.funding)
    if is_hidden:
        return (*about, *[SUPPRESSED] * (len(EFFECT_COLUMNS) - len(about)))
    figures = (one.plain, one.effect, one.low, one.high)
    priced = (one.per_1000, one.per_1000_low, one.per_1000_high)
    return (
        *about, one.completed, one.measured, round(one.promised, 4), *map(_rounded, figures), one.cost_gbp,
        *map(_rounded, priced),
    )  # fmt: skip


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)
