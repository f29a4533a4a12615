"""``plan …``: make a draft, show it, list, agree."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.gaps import AsAt, Contractors, Departments, RoleFamily, scope_of
from app.cli.output import Format, counted, print_json, print_rows, say, say_problems, workbook_name
from app.cli.plan_limits import (
    DepartmentBudget,
    FairShare,
    IgnoreBooked,
    LevyStrict,
    NoMentoring,
    ProgrammeBudget,
    Release,
    Reserve,
    SeparateGroups,
    Targets,
    budgets_of,
    limits_of,
)
from app.cli.session import current, parsed, progress, workspace
from app.errors import UsageError
from app.files.options import ReadOptions
from app.files.plan_wishes import read_wishes
from app.services.training import DEFAULT_HOURS, LineWish, PlanLimits, PlanSettings, PlanView, PotBudget
from app.terms import FinancialQuarter, Funding
from app.workspace import Workspace

group = typer.Typer(help="Training plans: make, show, list, agree.", no_args_is_help=True)

LINE_COLUMNS = (
    "staff_id", "name", "department", "unit", "grade", "role_family", "role", "role_level", "course_code", "course",
    "provider", "delivery", "quarter", "skill", "level_now", "level_after", "level_required", "steps_closed",
    "weight", "hours", "cost_gbp", "funding", "reason", "status",
)  # fmt: skip
SUMMARY_KEYS = (
    "status", "objective", "bound", "gap_pct", "cost_gbp", "hours", "seconds", "steps_open_before", "steps_closed",
    "steps_left",
)  # fmt: skip
UNMET_KEYS = ("staff_id", "skill", "level_now", "level_after", "level_required", "reason")


def register(app: typer.Typer) -> None:
    """Hang ``plan`` onto the command line."""
    app.add_typer(group, name="plan")


Money = list[str] | None
Budget = Annotated[Money, typer.Option("--budget", help="L&D budget in pounds, or 2026-27=GBP; repeatable.")]
Levy = Annotated[Money, typer.Option("--levy", help="Apprenticeship levy; 0 if left out.")]
Programme = Annotated[Money, typer.Option("--programme", help="Programme money; 0 if left out.")]
Hours = Annotated[str, typer.Option("--hours-per-quarter", help="Hours per person and quarter.")]
Start = Annotated[str, typer.Option("--from", help="First quarter, as 2026Q3; the next whole one.")]
Seconds = Annotated[float, typer.Option("--seconds", help="How long to look for a better plan.")]
Overrun = Annotated[bool, typer.Option("--overrun", help="Allow courses that end after the plan.")]
ByFte = Annotated[bool, typer.Option("--scale-hours-by-fte", help="Part-timers get their share.")]
Gap = Annotated[float, typer.Option("--gap", help="Be content with a plan this many per cent from the best.")]

Around = Annotated[
    int | None,
    typer.Option(
        "--around", help="A plan whose booked and completed lines stand; its scope and quarters are taken."
    ),
]


Quarters = Annotated[int, typer.Option("--quarters", help="How many quarters.")]
Lock = Annotated[Path | None, typer.Option("--lock", help="Lines that must (or must not) be in.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write the plan's workbook here as well.")]


@group.command("make")
def make(
    budget: Budget = None, levy: Levy = None, programme: Programme = None,
    department_budget: DepartmentBudget = None, reserve: Reserve = None, programme_budget: ProgrammeBudget = None,
    hours: Hours = "", department: Departments = None, role_family: RoleFamily = "",
    start: Start = "", quarters: Quarters = 4, seconds: Seconds = 30.0, gap: Gap = 0.0,
    contractors: Contractors = "exclude", as_at: AsAt = None, overrun: Overrun = False, by_fte: ByFte = False,
    release_pct: Release = "", target: Targets = None, fair_share: FairShare = "",
    separate_groups: SeparateGroups = None, no_mentoring: NoMentoring = False, levy_strict: LevyStrict = False,
    ignore_booked: IgnoreBooked = False, lock: Lock = None, around: Around = None, out: Out = None,
) -> None:  # fmt: skip
    """Make a draft plan: the most useful training the money can buy, with a proven bound."""
    general = {Funding.LEARNING_BUDGET: budget, Funding.LEVY: levy, Funding.PROGRAMME: programme}
    flags = (no_mentoring, levy_strict, ignore_booked)
    settings = PlanSettings(
        scope=scope_of(department, role_family, "", as_at, contractors),
        budgets=budgets_of(general, department_budget, programme_budget),
        hours_per_quarter=parsed(_hours, hours, "a number of hours") if hours else DEFAULT_HOURS,
        start=parsed(FinancialQuarter.parse, start, "a quarter such as 2026Q3") if start else None,
        quarters=quarters,
        seconds=seconds,
        gap_pct=gap,
        is_overrun_allowed=overrun,
        is_scaled_by_fte=by_fte,
        wishes=_wishes(lock),
        limits=limits_of(reserve, release_pct, target, fair_share, separate_groups, flags),
    )
    if out is not None:
        workbook_name(out)  # before the work, not after it
    has_budget = bool(budget or department_budget or reserve)
    with workspace() as ws:
        settings = _filled_up(ws, settings, around, has_budget=has_budget, has_hours=bool(hours))
        _say_past(settings, ws)
        shown = progress()
        plan = ws.training.generate(settings, shown).value
        if out is not None:
            ws.reports.plan_workbook(plan, out, shown)
            say(f"Workbook: {out}")
    print_plan(plan)


def _say_past(settings: PlanSettings, ws: Workspace) -> None:
    """A plan may be made for a time gone by (to compare with what was done), but not without a word."""
    if settings.start is not None and settings.start < FinancialQuarter.of(ws.today()):
        say(f"note: {settings.start.label} is over already.")


def _hours(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


def _with_saved(
    settings: PlanSettings, saved: PlanSettings | None, *, has_budget: bool, has_hours: bool
) -> PlanSettings:
    """Budgets and hours of the last plan where none are given; no L&D budget at all is a wrong usage."""
    if saved is not None and not has_hours:
        settings = replace(settings, hours_per_quarter=saved.hours_per_quarter)
    if has_budget:
        return settings
    if saved is None:
        raise UsageError("A plan needs a budget.", "Use --budget GBP; 0 plans free courses only.")
    given = {limit.pot for limit in settings.budgets}
    kept: tuple[PotBudget, ...] = tuple(limit for limit in saved.budgets if limit.pot not in given)
    limits = replace(settings.limits, reserves=saved.limits.reserves)
    return replace(settings, budgets=(*settings.budgets, *kept), limits=limits)


def _filled_up(
    ws: Workspace, settings: PlanSettings, around: int | None, *, has_budget: bool, has_hours: bool
) -> PlanSettings:
    """What was not given: from the plan to make a new one around, or from the last one made."""
    if around is not None:
        return _around(settings, ws.training.plan(around), has_hours=has_hours)
    return _with_saved(settings, ws.training.saved_settings(), has_budget=has_budget, has_hours=has_hours)


def _around(settings: PlanSettings, plan: PlanView, *, has_hours: bool) -> PlanSettings:
    """The settings of the plan to make a new one around, with what was given on the command line."""
    kept = plan.settings
    given = {limit.pot for limit in settings.budgets}
    return replace(
        kept,
        budgets=(*settings.budgets, *(limit for limit in kept.budgets if limit.pot not in given)),
        hours_per_quarter=settings.hours_per_quarter if has_hours else kept.hours_per_quarter,
        seconds=settings.seconds,
        gap_pct=settings.gap_pct,
        wishes=settings.wishes or kept.wishes,
        title="",
        around_plan_id=plan.plan_id,
        limits=_limits_around(settings, kept),
    )


def _limits_around(given: PlanSettings, kept: PlanSettings) -> PlanLimits:
    """The earlier plan's limits unless some are given now; the reserve goes with the money."""
    if given.limits == PlanLimits():
        return kept.limits
    return replace(given.limits, reserves=given.limits.reserves or kept.limits.reserves)


def _wishes(lock: Path | None) -> tuple[LineWish, ...]:
    if lock is None:
        return ()
    found = read_wishes(lock, ReadOptions(), progress())
    say_problems(found.problems)
    return tuple(LineWish(row.staff_id, row.course_code, row.quarter, row.is_forbidden) for row in found.rows)


@group.command("show")
def show(
    plan_id: Annotated[int | None, typer.Argument(help="The plan; the newest if left out.")] = None,
) -> None:
    """Print a plan."""
    with workspace(read_only=True) as ws:
        print_plan(ws.training.plan(plan_id))


@group.command("list")
def list_plans(
    everything: Annotated[bool, typer.Option("--all", help="Those put away as well.")] = False,
) -> None:
    """List every plan, newest first."""
    columns = (
        "plan",
        "title",
        "status",
        "made_at",
        "made_by",
        "cost_gbp",
        "steps_closed",
        "steps_open_before",
    )
    with workspace(read_only=True) as ws:
        rows = [
            (card.plan_id, card.title, card.status, card.made_at.isoformat(timespec="seconds"), card.made_by,
             card.cost_gbp, card.steps_closed, card.steps_open_before)
            for card in ws.training.plans(with_archived=everything)
        ]  # fmt: skip
    print_rows(columns, rows, current().form)


@group.command("agree")
def agree(plan_id: Annotated[int, typer.Argument(help="The draft to agree.")]) -> None:
    """Agree a draft; an earlier agreed plan for the same departments and time is superseded."""
    with workspace() as ws:
        seen = ws.training.life.agree_preview(plan_id)
        print(f"Agreed: {ws.training.agree(plan_id).value}")
        for number, title in seen.supersedes:
            say(f"Superseded: plan {number}, {title}")
        if seen.left_behind:
            say(f"note: {counted(seen.left_behind, 'booked line')} of superseded plans are not in this one.")


def print_plan(plan: PlanView) -> None:
    """Print a plan in the format asked for; the summary goes to standard error beside tables and CSV."""
    form = current().form
    rows = [tuple(_cell(getattr(line, name), name) for name in LINE_COLUMNS) for line in plan.lines]
    if form is Format.JSON:
        unmet = [{name: getattr(need, name) for name in UNMET_KEYS} for need in plan.unmet]
        lines = [dict(zip(LINE_COLUMNS, row, strict=True)) for row in rows]
        print_json({"lines": lines, "summary": _summary(plan), "unmet": unmet})
        return
    _say_summary(plan)
    if form is Format.TABLE:
        shown = (
            "staff_id",
            "name",
            "course",
            "quarter",
            "skill",
            "level_now",
            "level_after",
            "hours",
            "cost_gbp",
        )
        print_rows(shown, [[row[LINE_COLUMNS.index(name)] for name in shown] for row in rows], form)
        return
    print_rows(LINE_COLUMNS, rows, form)


def _cell(value: Any, name: str) -> Any:
    if isinstance(value, FinancialQuarter):
        return value.code
    if isinstance(value, Decimal) and name != "cost_gbp":
        return int(value) if value == int(value) else float(value)
    return value


def _summary(plan: PlanView) -> dict[str, Any]:
    return {name: _cell(getattr(plan.summary, name), name) for name in SUMMARY_KEYS}


def _say_summary(plan: PlanView) -> None:
    summary = plan.summary
    gap = "not known" if summary.gap_pct is None else f"{summary.gap_pct:.2f} %"
    say(
        f"{plan.title} ({plan.status}): closes {summary.steps_closed:,} of {summary.steps_open_before:,} steps for "
        f"£{summary.cost_gbp:,.2f} and {summary.hours:,.0f} hours; {summary.enrolments:,} enrolments of "
        f"{summary.people:,} people."
    )
    say(
        f"status {summary.status}, objective {summary.objective:g}, bound {summary.bound:g}, gap {gap}, "
        f"{summary.seconds:.1f} s; {summary.steps_left:,} steps stay open."
    )
    for heading, words in plan.settings.limits.asked():
        say(f"{heading}: {words}")
    for note in summary.notes:
        say(f"note: {note}")
