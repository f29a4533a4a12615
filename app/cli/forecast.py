"""``forecast`` and ``scenarios``: supply against demand by quarter, under named assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.gaps import AsAt, Contractors, Departments, RoleFamily, say_disclosure, scope_of
from app.cli.output import counted, print_rows, say
from app.cli.session import current, parse_day, parsed, workspace
from app.errors import UsageError
from app.services.workforce import (
    BASELINE,
    DEFAULT_QUARTERS,
    Assumptions,
    BackTest,
    Forecast,
    RateKind,
    ScenarioLine,
)
from app.services.workforce.disclosed import hidden_back_test, hidden_groups
from app.services.workforce.scenario_words import per_cent, read_rate, read_slip
from app.terms import FinancialQuarter

scenarios = typer.Typer(help="Scenarios of a forecast: list, show, save, remove.", no_args_is_help=True)

COLUMNS = (
    "scenario", "unit", "role_family", "role", "role_level", "grade", "quarter", "supply_fte", "supply_low",
    "supply_high", "demand_fte", "shortfall_fte",
)  # fmt: skip
BACK_TEST_COLUMNS = (
    "scenario", "role_family", "quarter", "expected_fte", "expected_low", "expected_high", "actual_fte", "error_fte",
    "inside_band",
)  # fmt: skip

Rates = Annotated[
    list[str] | None,
    typer.Option(
        "--attrition",
        help="Yearly leavers: 8 (per cent), Data=8 for a role family or grade, +2 or -2 points; repeatable.",
    ),
]
Promotions = Annotated[
    list[str] | None,
    typer.Option("--promotion", help="Yearly promotions to the next level, in the forms of --attrition."),
]
Success = Annotated[str, typer.Option("--success", help="Per cent of vacancies that recruitment fills.")]
Lag = Annotated[int | None, typer.Option("--lag", help="Whole quarters from a vacancy to a joiner.")]
Freeze = Annotated[
    str, typer.Option("--freeze", help="No recruitment in these quarters of the forecast: 1-4, or 2.")
]
Slips = Annotated[
    list[str] | None,
    typer.Option("--slip", help="Demand comes later: 2 (quarters, every programme) or NAME=2; repeatable."),
]


def register(app: typer.Typer) -> None:
    """Hang ``forecast`` and ``scenarios`` onto the command line."""
    app.command("forecast")(forecast)
    app.add_typer(scenarios, name="scenarios")


def forecast(
    quarters: Annotated[int, typer.Option("--quarters", help="How many quarters ahead.")] = DEFAULT_QUARTERS,
    scenario: Annotated[str, typer.Option("--scenario", help="A scenario by name.")] = BASELINE,
    start: Annotated[
        str, typer.Option("--from", help="The first quarter, as 2026Q4; the next whole one.")
    ] = "",
    by: Annotated[
        str,
        typer.Option(
            "--by", help="Sums: cell (all), role-family, role, role-level, unit, department or all."
        ),
    ] = "cell",
    attrition: Rates = None,
    promotion: Promotions = None,
    success: Success = "",
    lag: Lag = None,
    freeze: Freeze = "",
    slip: Slips = None,
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="on hides small counts; off is raw.")
    ] = "off",
    back_test: Annotated[
        str, typer.Option("--back-test", help="Forecast from this earlier day, against what happened since.")
    ] = "",
) -> None:
    """Show supply with its 80 % band, demand and shortfall by unit, role level, grade and quarter, in FTE."""
    is_shared = say_disclosure(disclosure)
    scope = scope_of(department, role_family, "", as_at, contractors)
    first = parsed(FinancialQuarter.parse, start, "a quarter such as 2026Q4") if start else None
    if by != "cell" and by not in SUMS:
        raise UsageError(f"A forecast cannot be summed by “{by}”.", f"Use cell, {', '.join(SUMS)}.")
    with workspace(read_only=True) as ws:
        line = ws.workforce.scenario(scenario)
        changed = changed_assumptions(line.assumptions, attrition, promotion, success, lag, freeze, slip)
        if changed != line.assumptions:
            line = replace(line, name=f"{line.name}, changed", assumptions=changed)
        if back_test:
            _print_back_test(
                ws.workforce.back_test(parse_day(back_test) or ws.today(), scope, line), is_shared
            )
            return
        found = ws.workforce.forecast(scope, line, quarters, first)
    _say_what_is_left_out(found)
    _print(found, by, is_shared=is_shared)


def _print(found: Forecast, by: str, *, is_shared: bool) -> None:
    if by == "cell":
        print_rows(COLUMNS, _cell_rows(found, is_shared=is_shared), current().form)
    else:
        heads = (COLUMNS[0], by.replace("-", "_"), *COLUMNS[6:], *MOVES)
        print_rows(heads, _sum_rows(found, by, is_shared=is_shared), current().form)


def _print_back_test(found: BackTest, is_shared: bool) -> None:
    hidden = hidden_back_test(found) if is_shared else (False,) * len(found.lines)
    rows: list[tuple[Any, ...]] = []
    for one, is_hidden in zip(found.lines, hidden, strict=True):
        figures: tuple[Any, ...] = (
            one.expected_fte, one.low_fte, one.high_fte, one.actual_fte, one.error_fte, one.is_inside,
        )  # fmt: skip
        figures = (SUPPRESSED,) * len(figures) if is_hidden else figures
        rows.append((found.scenario, one.role_family, one.quarter.code, *figures))
    for sentence in found.notes:
        say(sentence)
    if not any(hidden):
        say(found.sentence)
    print_rows(BACK_TEST_COLUMNS, rows, current().form)


def _say_what_is_left_out(found: Forecast) -> None:
    for sentence in found.scenario.assumptions.in_words(found.first):
        say(f"assumed: {sentence}")
    for sentence in found.undated:
        say(f"not in any quarter: {sentence}")
    if found.unmapped:
        say(f"{counted(found.unmapped, 'person', 'people')} without a role are in no figure.")


SUMS = ("role-family", "role", "role-level", "unit", "department", "all")
MOVES = ("leavers", "joiners", "promotions", "ended", "moved")


def _names(found: Forecast, by: str) -> tuple[str, ...]:
    if by == "all":
        return ("Everybody",) * len(found.cells)
    if by == "department":
        return tuple(cell.unit.split(" / ")[0] for cell in found.cells)
    field = by.replace("-", "_")
    return tuple(str(getattr(cell, field)) for cell in found.cells)


def _cell_rows(found: Forecast, *, is_shared: bool) -> list[tuple[Any, ...]]:
    names = [str(at) for at in range(len(found.cells))]
    hidden = list(hidden_groups(found, names).values()) if is_shared else [False] * len(names)
    rows: list[tuple[Any, ...]] = []
    for place, line in enumerate(found.lines()):
        cell = line.cell
        figures: tuple[Any, ...] = (
            line.supply_fte,
            line.supply_low,
            line.supply_high,
            line.demand_fte,
            line.shortfall_fte,
        )
        if hidden[place // found.quarters]:
            # the shortfall beside a demand that is known would give the supply away
            figures = (SUPPRESSED, SUPPRESSED, SUPPRESSED, line.demand_fte, SUPPRESSED)
        names = (cell.unit, cell.role_family, cell.role, cell.role_level, cell.grade)
        rows.append((found.scenario.name, *names, line.quarter.code, *figures))
    return rows


def _sum_rows(found: Forecast, by: str, *, is_shared: bool) -> list[tuple[Any, ...]]:
    names = _names(found, by)
    hidden = hidden_groups(found, names) if is_shared else {}
    rows: list[tuple[Any, ...]] = []
    for line in found.by(names):
        figures: tuple[Any, ...] = (
            line.supply_fte,
            line.supply_low,
            line.supply_high,
            line.demand_fte,
            line.shortfall_fte,
        )
        moves: tuple[Any, ...] = tuple(
            round(figure, 2)
            for figure in (line.leavers, line.joiners, line.promotions, line.ended, line.moved)
        )
        if hidden.get(line.group, False):
            figures = (SUPPRESSED, SUPPRESSED, SUPPRESSED, line.demand_fte, SUPPRESSED)
            moves = (SUPPRESSED,) * len(moves)
        rows.append((found.scenario.name, line.group, line.quarter.code, *figures, *moves))
    return rows


def changed_assumptions(
    known: Assumptions,
    attrition: Sequence[str] | None,
    promotion: Sequence[str] | None,
    success: str,
    lag: int | None,
    freeze: str,
    slips: Sequence[str] | None,
) -> Assumptions:
    """Assumptions with what the options say in place of, or beside, what was there."""
    rules = [read_rate(RateKind.LEAVE, one) for one in attrition or ()]
    rules += [read_rate(RateKind.PROMOTE, one) for one in promotion or ()]
    made = replace(known, rules=(*known.rules, *rules))
    if success:
        made = replace(made, success=per_cent(success))
    if lag is not None:
        made = replace(made, lag=lag)
    if freeze:
        first, _, last = freeze.partition("-")
        number = "quarters such as 1-4"
        begin = parsed(int, first, number)
        made = replace(
            made, freeze_from=begin - 1, freeze_to=(parsed(int, last, number) if last else begin) - 1
        )
    for one in slips or ():
        made = replace(made, slips=(*made.slips, read_slip(one)))
    return made


@scenarios.command("list")
def list_scenarios() -> None:
    """List the scenarios: those that come with Muster, and your own."""
    with workspace(read_only=True) as ws:
        rows = [
            (one.name, "own" if one.is_own else "comes with Muster", one.note)
            for one in ws.workforce.scenarios()
        ]
    print_rows(("scenario", "kind", "note"), rows, current().form)


@scenarios.command("show")
def show_scenario(name: Annotated[str, typer.Argument(help="The scenario.")]) -> None:
    """Show what a scenario takes for granted."""
    with workspace(read_only=True) as ws:
        line, first = ws.workforce.scenario(name), ws.workforce.default_start()
    print_rows(
        ("scenario", "assumption"),
        [(line.name, one) for one in line.assumptions.in_words(first)],
        current().form,
    )


@scenarios.command("save")
def save_scenario(
    name: Annotated[str, typer.Argument(help="A name; one that is there is changed.")],
    like: Annotated[str, typer.Option("--like", help="Start from this scenario.")] = BASELINE,
    note: Annotated[str, typer.Option("--note", help="What it is for.")] = "",
    attrition: Rates = None,
    promotion: Promotions = None,
    success: Success = "",
    lag: Lag = None,
    freeze: Freeze = "",
    slip: Slips = None,
) -> None:
    """Keep assumptions under a name."""
    with workspace() as ws:
        known: ScenarioLine = ws.workforce.scenario(like)
        made = changed_assumptions(known.assumptions, attrition, promotion, success, lag, freeze, slip)
        kept = ws.workforce.save_scenario(name, made, note or known.note).value
    print(f"Saved the scenario “{kept}”.")


@scenarios.command("remove")
def remove_scenario(name: Annotated[str, typer.Argument(help="The scenario.")]) -> None:
    """Take a scenario of your own away."""
    with workspace() as ws:
        gone = ws.workforce.remove_scenario(name).value
    print(f"Removed the scenario “{gone}”.")
