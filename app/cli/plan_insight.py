"""``plan explain``, ``plan frontier``, ``plan slips``: why a plan is as it is, and what other money would change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

import typer

from app.cli.output import Format, print_json, print_rows, say
from app.cli.plans import group
from app.cli.session import current, parsed, progress, workspace
from app.errors import UsageError
from app.services.training.insight import POINTS, SECONDS
from app.services.training.insight_records import (
    CourseStart,
    FrontierView,
    LineExplained,
    NeedExplained,
    SlipsView,
)
from app.terms import FinancialQuarter, Funding

LINE_COLUMNS = (
    "staff_id", "name", "course_code", "course", "quarter", "closes", "steps", "cost_gbp", "gbp_per_step",
    "runner_up", "runner_up_steps", "runner_up_cost_gbp", "runner_up_lacks", "next_use", "next_use_steps",
    "next_use_cost_gbp", "drops_below_gbp_per_step", "drops_below_weight_share",
)  # fmt: skip
NEED_COLUMNS = (
    "staff_id", "name", "skill", "level_after", "level_required", "reason", "way", "reaches", "cost_gbp",
    "gbp_per_step", "lacks", "more_gbp", "needs_before", "taken_after_gbp",
)  # fmt: skip
FRONTIER_COLUMNS = (
    "budget_gbp", "steps", "bound", "gap_pct", "steps_closed", "cost_gbp", "spent_gbp", "gbp_per_further_step",
    "is_current", "is_possible",
)  # fmt: skip
SLIP_COLUMNS = (
    "staff_id", "name", "department", "unit", "skill", "weight", "level_before", "level_after", "level_required",
    "steps_lost", "courses",
)  # fmt: skip

PlanId = Annotated[int | None, typer.Argument(help="The plan; the newest if left out.")]
Seconds = Annotated[float, typer.Option("--seconds", help="How long to look for each plan.")]
Pot = Annotated[
    str, typer.Option("--pot", help="Whose money: learning, levy or programme. The first with money.")
]
_POTS = {"learning": Funding.LEARNING_BUDGET, "levy": Funding.LEVY, "programme": Funding.PROGRAMME}


@group.command("explain")
def explain(
    plan_id: PlanId = None,
    line: Annotated[
        tuple[str, str] | None, typer.Option("--line", help="One line: staff id and course code.")
    ] = None,
    unmet: Annotated[
        tuple[str, str] | None, typer.Option("--unmet", help="One open need: staff id and skill.")
    ] = None,
    is_open: Annotated[bool, typer.Option("--open", help="What stays open, instead of the lines.")] = False,
) -> None:
    """Say why each line is in a plan and what would drop it, or what each open need would take."""
    if line and unmet:
        raise UsageError("One line or one open need, not both.", "Use --line or --unmet.")
    with workspace(read_only=True) as ws:
        insight = ws.training.insight
        if line:
            _print_one(insight.line(plan_id, *line), LINE_COLUMNS, _line_row)
        elif unmet:
            _print_one(insight.need(plan_id, *unmet), NEED_COLUMNS, _need_row)
        elif is_open:
            _print_all(insight.needs(plan_id, progress()), NEED_COLUMNS, _need_row)
        else:
            _print_all(insight.lines(plan_id, progress()), LINE_COLUMNS, _line_row)


@group.command("frontier")
def frontier(
    plan_id: PlanId = None,
    points: Annotated[int, typer.Option("--points", help="How many budgets.")] = POINTS,
    seconds: Seconds = SECONDS,
    pot: Pot = "",
) -> None:
    """Show budget against steps closed: what more or less money would buy, each point with a proven limit."""
    chosen = _pot(pot)
    with workspace(read_only=True) as ws:
        found = ws.training.insight.frontier(
            plan_id, progress(), points=points, seconds=_positive(seconds), pot=chosen
        )
    _print_frontier(found)


@group.command("slips")
def slips(
    plan_id: PlanId = None,
    cut: Annotated[str, typer.Option("--cut", help="By how many per cent the money is cut.")] = "10",
    seconds: Seconds = SECONDS,
    pot: Pot = "",
) -> None:
    """Show what slips when the money is cut: whose steps, by department, skill and priority."""
    percent = parsed(_percent, cut, "a share in per cent such as 10")
    chosen = _pot(pot)
    with workspace(read_only=True) as ws:
        found = ws.training.insight.slips(
            plan_id, percent, progress(), seconds=_positive(seconds), pot=chosen
        )
    _print_slips(found)


def _positive(seconds: float) -> float:
    if not seconds > 0:
        raise UsageError("The time to look for a plan is above 0 seconds.", "Try --seconds 5.")
    return seconds


def _percent(text: str) -> Decimal:
    value = Decimal(text.strip().removesuffix("%").strip())
    if not value.is_finite():
        raise ValueError(text)
    return value


def _pot(text: str) -> Funding | None:
    if not text:
        return None
    found = _POTS.get(text.strip().lower()) or next(
        (pot for pot in _POTS.values() if pot.value.lower() == text.strip().lower()), None
    )
    if found is None:
        raise UsageError(f"There is no pot “{text}”.", "Use learning, levy or programme.")
    return found


def _print_one(found: Any, columns: tuple[str, ...], row: Any) -> None:
    form = current().form
    if form is Format.JSON:
        says = [{"heading": heading, "sentence": sentence} for heading, sentence in found.sentences()]
        print_json({**dict(zip(columns, row(found), strict=True)), "says": says})
    elif form is Format.TABLE:
        print_rows(("what", "answer"), found.sentences(), form)
    else:
        print_rows(columns, [row(found)], form)


def _print_all(found: Iterable[Any], columns: tuple[str, ...], row: Any) -> None:
    rows = [row(one) for one in found]
    if current().form is Format.JSON:
        print_json([dict(zip(columns, one, strict=True)) for one in rows])
        return
    print_rows(columns, rows, current().form)


def _line_row(one: LineExplained) -> tuple[Any, ...]:
    other, use = one.runner_up, one.next_use
    closes = "; ".join(f"{gap.skill} {gap.level_now} to {gap.level_after}" for gap in one.gaps)
    return (
        one.staff_id, one.name, one.course.code, one.course.title, one.course.quarter.code, closes,
        _plain(one.steps), one.cost_gbp, one.per_step_gbp,
        _way(other.courses) if other else "", _plain(other.steps) if other else None,
        other.cost_gbp if other else None, "; ".join(other.lacks) if other else "",
        f"{use.staff_id}: {_way(use.courses)}" if use else "", _plain(use.steps) if use else None,
        use.cost_gbp if use else None, one.drops_below_gbp, _plain(one.drops_below_share),
    )  # fmt: skip


def _need_row(one: NeedExplained) -> tuple[Any, ...]:
    return (
        one.staff_id, one.name, one.skill, one.level_after, one.level_required, one.reason, _way(one.way),
        one.reaches if one.way else None, one.cost_gbp, one.per_step_gbp, "; ".join(one.lacks), one.more_gbp,
        one.sooner, one.taken_after_gbp,
    )  # fmt: skip


def _way(courses: Iterable[CourseStart]) -> str:
    return ", then ".join(f"{course.code} in {course.quarter.code}" for course in courses)


def _plain(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _print_frontier(found: FrontierView) -> None:
    rows = [
        (row.budget_gbp, _plain(row.steps), row.bound, row.gap_pct, row.steps_closed, row.cost_gbp, row.spent_gbp,
         row.next_step_gbp, row.is_current, row.is_possible)
        for row in found.rows
    ]  # fmt: skip
    if current().form is Format.JSON:
        points = [dict(zip(FRONTIER_COLUMNS, row, strict=True)) for row in rows]
        print_json(
            {
                "plan": found.plan_id,
                "pot": found.pot,
                "steps_open": _plain(found.steps_open),
                "points": points,
            }
        )
        return
    say(f"{found.title}, {found.pot}: {found.finding()}")
    _say_changed(is_changed=found.is_changed)
    print_rows(FRONTIER_COLUMNS, [(*row[:3], _rounded(row[3]), *row[4:]) for row in rows], current().form)


def _rounded(gap: float | None) -> Any:
    return gap if gap is None or current().form is not Format.TABLE else f"{gap:.2f}"


def _print_slips(found: SlipsView) -> None:
    rows = [tuple(_cell(getattr(row, name)) for name in SLIP_COLUMNS) for row in found.rows]
    if current().form is Format.JSON:
        summary = {name: _cell(value) for name, value in asdict(found).items() if name != "rows"}
        groups = {by: [asdict(one) for one in found.groups(by)] for by in ("department", "skill", "priority")}
        lost = [dict(zip(SLIP_COLUMNS, row, strict=True)) for row in rows]
        print_json({"summary": {**summary, "steps_lost": found.steps_lost}, "groups": groups, "rows": lost})
        return
    say(f"{found.title}: {found.finding()}")
    _say_changed(is_changed=found.is_changed)
    for by in ("department", "skill", "priority"):
        parts = [f"{one.label} {one.steps_lost}" for one in found.groups(by)[:5]]
        if parts:
            say(f"Steps lost by {by}: {', '.join(parts)}.")
    print_rows(SLIP_COLUMNS, rows, current().form)


def _cell(value: Any) -> Any:
    if isinstance(value, FinancialQuarter):
        return value.code
    if isinstance(value, tuple):
        return list(value)
    return _plain(value) if isinstance(value, Decimal) and value.as_tuple().exponent != -2 else value


def _say_changed(*, is_changed: bool) -> None:
    if is_changed:
        say(
            "note: ratings, courses or lines changed since the plan was made; this is worked out on today's data."
        )


def register(_app: typer.Typer) -> None:
    """Its verbs hang on ``plan`` from being imported."""
