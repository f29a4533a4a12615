"""``shortfalls``: what is missing by when, who and what could close it, and the cheapest mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.forecast import changed_assumptions
from app.cli.gaps import AsAt, Contractors, Departments, RoleFamily, say_disclosure, scope_of
from app.cli.output import Format, counted, print_json, print_rows, say
from app.cli.session import current, parsed, progress, workspace
from app.errors import UsageError
from app.services.workforce import (
    BASELINE,
    DEFAULT_QUARTERS,
    Assumptions,
    Candidate,
    ClosingLimits,
    ClosingPlan,
    ScenarioLine,
    ShortfallCard,
)
from app.services.workforce.disclosed import hidden_cards, hidden_options, mix_sums
from app.workspace import Workspace

MIX_COLUMNS = (
    "department", "role", "role_level", "way", "quarter", "people", "fte", "cost_gbp", "staff_id", "name", "courses",
)  # fmt: skip
OPTION_COLUMNS = (
    "department", "role_family", "role", "role_level", "largest_fte", "way", "people", "fte", "ready", "cost_gbp",
    "words",
)  # fmt: skip
NEAR_COLUMNS = (
    "department", "role", "role_level", "staff_id", "name", "unit", "grade", "role_level_now", "way", "steps", "met",
    "required", "courses", "cost_gbp", "hours", "ready",
)  # fmt: skip
HAND_OVER_COLUMNS = (
    "staff_id", "name", "unit", "role_level_now", "role", "role_level", "way", "valid_from", "steps", "courses",
)  # fmt: skip
SHARED_COLUMNS = MIX_COLUMNS[:8]
SHOWS = ("mix", "options", "people", "redeployment")


def register(app: typer.Typer) -> None:
    """Hang ``shortfalls`` onto the command line."""
    app.command("shortfalls")(shortfalls)


def shortfalls(
    show: Annotated[str, typer.Option("--show", help=f"One of {', '.join(SHOWS)}.")] = "mix",
    quarters: Annotated[int, typer.Option("--quarters", help="How many quarters ahead.")] = DEFAULT_QUARTERS,
    scenario: Annotated[str, typer.Option("--scenario", help="A scenario by name.")] = BASELINE,
    budget: Annotated[
        str, typer.Option("--budget", help="Pounds for everything; no limit if left out.")
    ] = "",
    pay: Annotated[str, typer.Option("--pay", help="A recruit's yearly pay with on-costs.")] = "",
    campaign: Annotated[str, typer.Option("--campaign", help="What one round of recruitment costs.")] = "",
    day_rate: Annotated[
        str, typer.Option("--day-rate", help="A contractor's day where no contract says.")
    ] = "",
    most_campaigns: Annotated[
        int | None, typer.Option("--campaigns", help="At most so many a quarter.")
    ] = None,
    most_contractors: Annotated[
        str, typer.Option("--contractors-fte", help="At most so many FTE at once.")
    ] = "",
    steps: Annotated[int, typer.Option("--steps", help="Most levels of skills to learn for a move.")] = 6,
    success: Annotated[str, typer.Option("--success", help="Per cent of vacancies recruitment fills.")] = "",
    lag: Annotated[
        int | None, typer.Option("--lag", help="Whole quarters from a vacancy to a joiner.")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", help="Time to look for a cheaper mix.")] = 20.0,
    hand_over: Annotated[bool, typer.Option("--hand-over", help="Preview the new roles.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write what --hand-over shows.")] = False,
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="on names nobody and hides small counts; off is raw.")
    ] = "off",
) -> None:
    """Show what is missing and the cheapest way to close it by date: train, redeploy, recruit, contractors."""
    is_shared = _checked(show, disclosure, hand_over=hand_over)
    limits = _limits((budget, pay, campaign, day_rate, most_contractors), most_campaigns, steps, seconds)
    scope = scope_of(department, role_family, "", as_at, contractors)
    with workspace(read_only=not (hand_over and yes)) as ws:
        line = ws.workforce.scenario(scenario)
        assumed = changed_assumptions(line.assumptions, None, None, success, lag, "", None)
        found = ws.workforce.forecast(scope, _with(line, assumed), quarters)
        plan = ws.workforce.closing(found, limits, progress())
        moves = ws.workforce.moves_of(plan) if show == "redeployment" else ()
        _say(plan)
        if hand_over:
            _hand_over(ws, plan, is_to_write=yes)
            return
    _print(plan, moves, show, hidden_cards(found, plan.cards) if is_shared else None)


def _checked(show: str, disclosure: str, *, hand_over: bool) -> bool:
    """Whether small counts are to be hidden; UsageError where the options do not go together."""
    if show not in SHOWS:
        raise UsageError(f"There is no view “{show}” of shortfalls.", f"Use {', '.join(SHOWS)}.")
    if hand_over and show != "mix":
        raise UsageError("--hand-over takes the mix.", "Leave --show out.")
    is_shared = disclosure != "off" and say_disclosure(disclosure)
    if is_shared and (hand_over or show in ("people", "redeployment")):
        raise UsageError(
            "This view names people, which --disclosure on forbids.", "Use --show mix or --show options."
        )
    return is_shared


def _print_shared(plan: ClosingPlan, hidden: frozenset[ShortfallCard], show: str) -> None:
    """The mix added up, or the options, with what few people stand behind hidden."""
    if show == "options":
        rows = [
            (*row[:4], *(SUPPRESSED,) * 7) if card in hidden else (*row[:6], *(SUPPRESSED,) * 5) if is_hidden else row
            for card, row, is_hidden in zip(
                (card for card in plan.cards for _ in card.options), _options(plan), hidden_options(plan, hidden),
                strict=True,
            )
        ]  # fmt: skip
        print_rows(OPTION_COLUMNS, rows, current().form)
        return
    sums = mix_sums(plan, hidden, is_shared=True)
    print_rows(
        SHARED_COLUMNS,
        [
            (one.department, one.role, one.role_level, one.way.value, one.quarter.code,
             *((SUPPRESSED,) * 3 if one.is_hidden else (one.people, one.fte, one.cost_gbp)))
            for one in sums
        ],
        current().form,
    )  # fmt: skip


def _hand_over(ws: Workspace, plan: ClosingPlan, *, is_to_write: bool) -> None:
    """Show whom the mix would give a new role from when and, with ``--yes``, write it."""
    preview = ws.hand_over.preview(plan)
    done = ws.hand_over.commit(preview) if is_to_write else None
    people = counted(len(preview.lines), "person", "people")
    if preview.moves:
        say(
            f"{counted(preview.moves, 'other moves', 'others move')} without a new role, and need no training."
        )
    if preview.as_at is None:
        say("The mix trains nobody, so there is nothing to hand over.")
    elif done is not None:
        say(
            f"Handed over: {people}. Now make the plan: muster plan make --budget GBP --as-at {preview.as_at}"
        )
    else:
        say(f"Would hand over {people}; --yes writes it, and `muster history` and `revert` take it back.")
    rows = [
        (
            one.person.staff_id, one.person.name, one.person.unit, one.person.role_level, one.role, one.role_level,
            one.way.value, one.valid_from, one.person.steps, "; ".join(one.person.courses),
        )
        for one in preview.lines
    ]  # fmt: skip
    print_rows(HAND_OVER_COLUMNS, rows, current().form)


def _print(
    plan: ClosingPlan,
    moves: Sequence[tuple[ShortfallCard, Candidate]],
    show: str,
    hidden: frozenset[ShortfallCard] | None,
) -> None:
    if hidden is not None:
        _print_shared(plan, hidden, show)
    elif show == "mix":
        _print_mix(plan)
    elif show == "options":
        print_rows(OPTION_COLUMNS, _options(plan), current().form)
    else:
        near = (
            moves
            if show == "redeployment"
            else [(card, one) for card in plan.cards for one in card.candidates]
        )
        print_rows(NEAR_COLUMNS, [_near(card, one) for card, one in near], current().form)


def _limits(
    pounds: tuple[str, str, str, str, str], most_campaigns: int | None, steps: int, seconds: float
) -> ClosingLimits:
    """Limits from the options: budget, pay, campaign, day rate and FTE of contractors as they were typed."""
    budget, pay, campaign, day_rate, most_contractors = pounds
    usual = ClosingLimits()
    return ClosingLimits(
        budget_gbp=_pounds(budget, None),
        pay_gbp=_pounds(pay, usual.pay_gbp) or Decimal(0),
        campaign_gbp=_pounds(campaign, usual.campaign_gbp) or Decimal(0),
        day_rate_gbp=_pounds(day_rate, usual.day_rate_gbp) or Decimal(0),
        most_campaigns=most_campaigns,
        most_contractors_fte=_pounds(most_contractors, None),
        steps=steps,
        seconds=seconds,
    )


def _with(line: ScenarioLine, assumed: Assumptions) -> ScenarioLine:
    return (
        line
        if assumed == line.assumptions
        else replace(line, name=f"{line.name}, changed", assumptions=assumed)
    )


def _pounds(text: str, usual: Decimal | None) -> Decimal | None:
    if not text:
        return usual
    return parsed(_amount, text, "an amount such as 250000")


def _amount(words: str) -> Decimal:
    found = Decimal(words.replace(",", "").replace("£", "").strip())
    if not found.is_finite() or abs(found) > 10**12:
        raise ValueError(words)
    return found


def _say(plan: ClosingPlan) -> None:
    if not plan.cards:
        say("Nothing is missing in these quarters.")
        return
    proven = "proven" if plan.is_proven else "stopped by time"
    say(
        f"{counted(len(plan.cards), 'shortfall')}; the mix costs £{plan.cost_gbp:,.2f} (at least "
        f"£{plan.cost_bound_gbp:,.2f}) and leaves {plan.short_fte_quarters} FTE-quarters short "
        f"(at least {plan.short_bound}); {proven}."
    )
    if plan.left_out:
        say(f"{counted(plan.left_out, 'smaller shortfall')} more: narrow it to a department to see them.")


def _print_mix(plan: ClosingPlan) -> None:
    rows = [
        (
            one.department, one.role, one.role_level, one.way.value, one.quarter.code, one.people, one.fte,
            one.cost_gbp, one.staff_id, one.name, "; ".join(one.courses),
        )
        for one in plan.lines
    ]  # fmt: skip
    if current().form is not Format.JSON:
        print_rows(MIX_COLUMNS, rows, current().form)
        return
    print_json(
        {
            "lines": [dict(zip(MIX_COLUMNS, row, strict=True)) for row in rows],
            "summary": {
                "scenario": plan.scenario, "status": "optimal" if plan.is_proven else "stopped",
                "cost_gbp": plan.cost_gbp, "cost_bound_gbp": plan.cost_bound_gbp,
                "short_fte_quarters": plan.short_fte_quarters, "short_bound": plan.short_bound,
            },
        }
    )  # fmt: skip


def _options(plan: ClosingPlan) -> list[tuple[Any, ...]]:
    return [
        (
            card.department, card.role_family, card.role, card.role_level, card.largest, one.way.value, one.people,
            one.fte, one.ready.code if one.ready is not None else None, one.cost_gbp, one.words,
        )
        for card in plan.cards
        for one in card.options
    ]  # fmt: skip


def _near(card: ShortfallCard, one: Candidate) -> tuple[Any, ...]:
    return (
        card.department, card.role, card.role_level, one.staff_id, one.name, one.unit, one.grade, one.role_level,
        one.way.value, one.steps, one.met, one.required, "; ".join(one.courses), one.cost_gbp, one.hours,
        one.ready.code,
    )  # fmt: skip
