"""Plans for many people: prices first, then a plan at these prices, with a bound that holds whatever they are."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.dealing import (
    Choice,
    Dealer,
    choices_of,
    dealt_plan,
    fill,
    full_courses,
    without_impossible,
)
from app.analysis.training_plan.enrol import Candidates
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.menus import WIDEST, Sets, menus_of, sets_at
from app.analysis.training_plan.prices import Market, Prices, better_prices, first_prices, set_prices
from app.analysis.training_plan.problem import Enrolment, PlanProblem, SolveSettings
from app.analysis.training_plan.wishes import ExactSearch, Search, by_person, stages_of
from app.progress import Progress

Floats = npt.NDArray[np.float64]

_ROUNDS = 5
_STEPS = 25
_FILLS = 2
_NEAR = 4
_POLISH_SHARE = 0.6

POLISHED = 60_000
"""Up to so many candidate enrolments HiGHS betters the plan among the best sets of each person."""


def search_by_prices(
    problem: PlanProblem, cands: Candidates, settings: SolveSettings, deadline: float, progress: Progress
) -> Search:
    """A plan and a proven bound; ``lines`` is ``None`` where locked lines leave this search none."""
    menus = menus_of(problem, cands)
    market = Market(problem, menus)
    dealer = Dealer(problem, cands, menus)
    prices, sets, bound = _priced(market, dealer, settings, deadline, progress)
    bound += Levels(problem).most_bonus
    progress.step(0.5, f"At most {bound / 10_000:,.1f} steps can be closed")
    worth = sets.value - set_prices(sets, market.entry_prices(prices))
    choices = choices_of(menus, sets, worth)
    if not _locked_dealt(problem, dealer, choices):
        return Search(None, bound, ())
    penny = market.money_price(prices.budget)[0].min(axis=0).astype(np.float64)
    dealt_plan(dealer, choices, penny * problem.offers.cohort_cost, progress)
    for _ in range(_FILLS):
        # what is full is out of reach now: the next best sets do without it
        is_full = np.isin(menus.course, np.array(full_courses(dealer), dtype=np.int64))
        open_sets = sets.without((set_prices(sets, is_full.astype(np.int64)) > 0).nonzero()[0])
        open_worth = open_sets.value - set_prices(open_sets, market.entry_prices(prices))
        others = choices_of(menus, open_sets, open_worth)
        fill(dealer, {person: own for person, own in others.items() if person not in dealer.fixed})
    lines = dealer.lines()
    lines = _within_limits(problem, lines, choices)
    levels = Levels(problem)
    if lines is None:
        return Search(None, bound, ())
    value = sum(levels.worth(person, own) for person, own in by_person(lines).items())
    search = Search(lines, bound, stages_of(problem, lines, value, (value >= bound,)))
    is_enough = bound - value <= value * settings.gap_pct / 100
    if is_enough or len(cands) > POLISHED or time.monotonic() > deadline - 1:
        return search
    return _polished(problem, cands, choices, search, (settings, deadline, progress))


def _polished(
    problem: PlanProblem,
    cands: Candidates,
    choices: dict[int, list[Choice]],
    search: Search,
    how: tuple[SolveSettings, float, Progress],
) -> Search:
    """The plan bettered by HiGHS among the courses of each person's best sets and the groups that run."""
    settings, deadline, progress = how
    assert search.lines is not None
    courses = len(problem.offers.codes)
    near = {
        person * courses + course
        for person, own in choices.items()
        for choice in own[:_NEAR]
        for course in choice.courses
    }
    planned = {(line.person, line.course, line.quarter) for line in search.lines}
    running = {(line.course, line.quarter) for line in search.lines}
    is_grouped = (problem.offers.cohort_cost > 0) | (problem.offers.min_group > 1)
    columns = (cands.person, cands.course, cands.quarter)
    kept = np.isin(cands.person * courses + cands.course, np.array(sorted(near), dtype=np.int64))
    for place, key in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        runs = not is_grouped[key[1]] or key[1:] in running
        kept[place] = (kept[place] and runs) or key in planned
    now = time.monotonic()
    end = now + (deadline - now) * _POLISH_SHARE
    better = ExactSearch(problem, cands.only(kept | cands.is_locked), settings, end, progress).run(
        search.lines, bound=search.bound
    )
    if better.lines is None or better.stages[0].value <= search.stages[0].value:
        return search
    proven = better.stages[0].value >= search.bound
    lines = better.lines
    return Search(lines, search.bound, stages_of(problem, lines, better.stages[0].value, (proven,)))


def _priced(
    market: Market, dealer: Dealer, settings: SolveSettings, deadline: float, progress: Progress
) -> tuple[Prices, Sets, int]:
    """Prices, the sets listed around them, and the lowest bound met."""
    prices = first_prices(market)
    best: tuple[int, Prices, Sets] | None = None
    for turn in range(_ROUNDS):
        progress.step(0.05 + 0.08 * turn, "Finding the prices of budgets and seats")
        sets = sets_at(market.menus, market.entry_prices(prices), widest=WIDEST if turn else WIDEST - 3)
        market.wide = None
        market.widen(sets, prices)
        prices, _ = better_prices(market, sets, prices, _STEPS, lambda _: progress.is_cancelled)
        if turn:
            sets = without_impossible(
                dealer,
                sets,
                lambda listed: listed.value - set_prices(listed, market.entry_prices(prices)),  # noqa: B023
                progress,
            )
        bound = market.exact_bound(sets, prices)
        is_better = best is None or bound < best[0]
        is_done = turn > 1 and best is not None and bound > best[0] * (1 - 2e-4)
        if best is None or is_better:
            best = (bound, prices, sets)
        if is_done or time.monotonic() > deadline or (progress.is_cancelled and settings.keep_on_cancel):
            break
    assert best is not None
    return best[1], best[2], best[0]


def _locked_dealt(problem: PlanProblem, dealer: Dealer, choices: dict[int, list[Choice]]) -> bool:
    """Book the people with locked lines before all others; whether that was possible."""
    for person, own in by_person(problem.locked).items():
        dealer.fixed.add(person)
        alone = Choice(tuple(line.course for line in own), 0, 0.0, builds=False)
        if not dealer.deal(person, [*choices.pop(person, []), alone], least=-1):
            return False
    return True


def _within_limits(
    problem: PlanProblem, lines: list[Enrolment], choices: dict[int, list[Choice]]
) -> list[Enrolment] | None:
    """The plan with people of least worth taken out while a department's exact share of groups is too dear."""
    ledger = Ledger(problem)
    order = sorted(choices, key=lambda person: (choices[person][0].worth, -person))
    while ledger.broken(lines):
        over = [limit for limit, left in zip(problem.limits, ledger.unspent(lines), strict=True) if left < 0]
        over += [
            problem.limits[place]
            for reserve, drawn in zip(problem.reserves, ledger.overdrawn(lines), strict=False)
            for place, _ in reserve.accounts
            if drawn > 0
        ]
        grouped = {line.person for line in lines for limit in over if ledger.counts(limit, line)}
        out = next((person for person in order if person in grouped), None)
        if out is None:
            return None
        lines = _without_small_groups(problem, [line for line in lines if line.person != out], choices)
    return lines


def _without_small_groups(
    problem: PlanProblem, lines: list[Enrolment], choices: dict[int, list[Choice]]
) -> list[Enrolment]:
    """Take out, person by person, whoever sits in a group that has become too small."""
    ledger = Ledger(problem)
    while (run := ledger.small_run(lines)) is not None:
        members = {line.person for line in lines if (line.course, line.quarter) == run} & set(choices)
        if not members:
            return lines
        lines = [line for line in lines if line.person not in members]
    return lines
