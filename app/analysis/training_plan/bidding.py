"""Plans for many people: prices first, then plans at these prices, with a bound that holds whatever they are."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.analysis.milp import MilpLimits
from app.analysis.training_plan.clock import Clock, NewsReport
from app.analysis.training_plan.columns import Columns, How, Pool, Solved, better_prices, broken_cuts
from app.analysis.training_plan.dealing import (
    Choice,
    Dealer,
    builds_on,
    choices_of,
    dealt_plan,
    fill,
    full_courses,
    without_impossible,
)
from app.analysis.training_plan.enrol import Candidates, candidates
from app.analysis.training_plan.improving import Improver
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.locks import book_locked
from app.analysis.training_plan.menus import WIDEST, Sets, menus_of, sets_at
from app.analysis.training_plan.prices import Market, Prices, first_prices, set_prices
from app.analysis.training_plan.problem import Enrolment, PlanProblem, SolveSettings
from app.analysis.training_plan.sampling import sampled
from app.analysis.training_plan.timetable import timetabled
from app.analysis.training_plan.wishes import Search, by_person, stages_of
from app.progress import Cancelled, Progress

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ROUNDS = 10
_STEPS = 3
_FIRST_STEPS = 6
_FILLS = 2
_PRICES_SHARE = 0.5
_DEAL_SHARE = 0.3
_PROPOSAL_SHARE = 0.2
_PROPOSAL_COLUMNS = 40_000
_MANY = 8_000
"""From so many people on prices begin with those of a sample, and there is a first plan before the first near bound."""

_FEW = 2_500
"""Up to so many people the programme is solved in whole sets as well."""

_CUTS = 3
_SAMPLE = 3_000
_SAMPLE_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Priced:
    """The lowest bound met (ten-thousandths), its prices, the sets listed at them, and the last programme."""

    prices: Prices
    sets: Sets
    bound: int
    pool: Pool
    solved: Solved | None = None


def search_by_prices(
    problem: PlanProblem,
    cands: Candidates,
    settings: SolveSettings,
    deadline: float,
    progress: Progress,
    on_news: NewsReport | None = None,
) -> Search:
    """A plan and a proven bound; ``lines`` is ``None`` where locked lines leave this search none.

    Raises :class:`app.progress.Cancelled` only before there is a plan.
    """
    clock = Clock(deadline, progress, settings.gap_pct, settings.seed, on_news)
    menus = menus_of(problem, cands)
    market = Market(problem, menus, cands, clock.is_over)
    search = _PriceSearch(market, Dealer(problem, cands, menus), clock)
    try:
        search.run()
    except Cancelled:
        if search.lines is None:
            raise
    if search.lines is None:
        return Search(None, search.bound, ())
    value = _value(problem, search.lines)
    stages = stages_of(problem, search.lines, value, (value >= search.bound,))
    return Search(search.lines, search.bound, stages)


class _PriceSearch:
    """The stages of the search; ``lines`` is the best plan so far, ``bound`` the lowest limit proven."""

    def __init__(self, market: Market, dealer: Dealer, clock: Clock) -> None:
        self.market, self.dealer, self.clock = market, dealer, clock
        self.lines: list[Enrolment] | None = None
        self.bound = 2**62
        self._is_large = len(market.problem.learners.staff_ids) >= _MANY
        self._first_choices: dict[int, list[Choice]] | None = None
        self._deal_seconds = 0.0

    def run(self) -> None:
        """Prices, their rounded plan, where there is time a choice in whole groups, and better ones part by part."""
        priced = self._priced()
        if self._first_choices is None and not self._deal_first(priced):
            return
        if self.clock.is_content or self._first_choices is None:
            return
        choices = self._first_choices
        if self._is_whole_worthwhile():
            choices = self._in_whole(priced, choices)
        self.clock.tell(0.7, "Bettering the plan part by part")
        improver = Improver(self.dealer, choices, priced.prices.budget, self.clock)
        improver.seated_anew()
        improver.run()
        self._keep(self.dealer.lines())

    def _deal_first(self, priced: Priced) -> bool:
        """Deal what the programme gives, rounded; whether there is a plan."""
        self.clock.tell(0.5, "Dealing places and quarters")
        begun = time.monotonic()
        targets = _rounded(self.market, priced) if priced.solved is not None else {}
        self._first_choices = self._plan(priced, targets)
        self._deal_seconds = time.monotonic() - begun
        return self._first_choices is not None

    def _is_whole_worthwhile(self) -> bool:
        """Whether the programme in whole sets is small enough, and time is left to solve and to deal it."""
        people = len(self.market.problem.learners.staff_ids)
        return people <= _FEW and self.clock.left() > 2 * self._deal_seconds

    def _in_whole(self, priced: Priced, choices: dict[int, list[Choice]]) -> dict[int, list[Choice]]:
        """Deal what the programme in whole sets and groups gives, and hold the better plan of the two."""
        dealer = self.dealer
        before, fixed = dict(dealer.plan), set(dealer.fixed)
        self.clock.tell(0.6, "Choosing among the best sets of courses")
        targets = _targets(self.market, priced, self.clock, self._deal_seconds)
        others = self._plan(priced, targets) if targets else None
        if others is not None and _worth_of(dealer.plan) >= _worth_of(before):
            return others
        dealer.clear()
        dealer.fixed |= fixed
        for person, (choice, lines) in before.items():
            dealer.take(person, choice, lines)
        return choices

    def _keep(self, lines: list[Enrolment]) -> None:
        """Remember a plan if it is the best yet and keeps every limit."""
        problem = self.market.problem
        value = _value(problem, lines)
        if (self.lines is None or value > _value(problem, self.lines)) and not Ledger(problem).broken(lines):
            self.lines = lines
            self.clock.heard(value=value)

    def _plan(self, priced: Priced, targets: dict[int, Choice]) -> dict[int, list[Choice]] | None:
        """Deal a plan at these prices and keep it; the dealer holds it afterwards. ``None``: there is none."""
        market, dealer = self.market, self.dealer
        worth = priced.sets.value - set_prices(priced.sets, market.entry_prices(priced.prices))
        choices = choices_of(market.menus, priced.sets, worth)
        dealer.clear()
        _dealt(market, dealer, priced, (choices, targets), self.clock.progress)
        lines = _within_limits(market.problem, dealer.lines(), choices)
        if lines is None:
            return None
        stays = by_person(lines)
        for person, (choice, own) in list(dealer.plan.items()):
            if sorted(own) != sorted(stays.get(person, [])):
                dealer.give_back(person)
                if person in stays:
                    value = dealer.levels.value(person, stays[person]) // dealer.menus.unit
                    left = tuple(line.course for line in stays[person])
                    dealer.take(person, replace(choice, courses=left, value=value), stays[person])
        self._keep(lines)
        return choices

    def _first_prices(self) -> Prices:
        """Where the search begins: at the prices of a sample of the people, where there are many."""
        problem = self.market.problem
        if not self._is_large:
            return first_prices(self.market)
        self.clock.tell(0.02, "Finding the prices of a sample of the people")
        part = sampled(problem, _SAMPLE)
        cands = candidates(part)
        menus = menus_of(part, cands)
        market, dealer = Market(part, menus, cands), Dealer(part, cands, menus)
        prices, pool = first_prices(market), Pool()
        solved: Solved | None = None
        for _ in range(_SAMPLE_ROUNDS):
            sets = sets_at(menus, market.entry_prices(prices), market.favoured, widest=WIDEST - 3)
            how = How(_FIRST_STEPS, lambda: self.clock.is_over(_PRICES_SHARE), dealer.fits_hours)
            prices, _, solved = better_prices(market, sets, pool, prices, how, solved)
            self.clock.progress.check()
        # units of value may differ, and money is the same money
        scale = menus.unit / self.market.menus.unit
        return Prices(prices.budget * scale, prices.seat * scale, prices.cut)

    def _priced(self) -> Priced:
        """Prices, the sets listed around them, and the lowest bound met."""
        market, dealer, clock = self.market, self.dealer, self.clock
        prices, pool = self._first_prices(), Pool()
        bonus = Levels(market.problem).most_bonus
        best: Priced | None = None
        solved: Solved | None = None
        stale = 0
        for turn in range(1 if self._is_large else 0, _ROUNDS):
            clock.tell(0.05 + 0.04 * turn, "Finding the prices of budgets and seats")
            entry_price = market.entry_prices(prices)
            sets = sets_at(market.menus, entry_price, market.favoured, widest=WIDEST if turn else WIDEST - 3)
            if turn:
                sets = without_impossible(dealer, sets, entry_price, clock.progress)
            if turn > 1 and self._is_large and clock.is_over(_DEAL_SHARE):
                self._deal_first(Priced(prices, sets, self.bound, pool, solved))
            is_close = turn > 1 and not clock.is_over()
            bound = bonus + market.exact_bound(sets, prices, dealer.fits_hours if is_close else None)
            stale = 0 if best is None or bound < best.bound * (1 - 3e-4) else stale + 1
            if best is None or bound < best.bound:
                best = Priced(prices, sets, bound, pool, solved)
            self.bound = best.bound
            clock.heard(bound=best.bound)
            if clock.is_content or self._first_choices is not None:
                break
            if stale > 1 or clock.is_over(_PRICES_SHARE):
                break
            how = How(
                _STEPS if turn else _FIRST_STEPS, lambda: clock.is_over(_PRICES_SHARE), dealer.fits_hours
            )
            now = self._solved(sets, pool, prices, how, solved, cuts=_CUTS if turn else 0)
            if now is None or now.prices is None:
                break
            solved, prices = now, now.prices
        assert best is not None
        return replace(best, solved=solved)

    def _solved(
        self, sets: Sets, pool: Pool, prices: Prices, how: How, last: Solved | None, *, cuts: int
    ) -> Solved | None:
        """The programme over these sets, with cuts of whole groups added up to ``cuts`` times."""
        _, _, solved = better_prices(self.market, sets, pool, prices, how, last)
        for _ in range(cuts):
            if solved is None or solved.prices is None or how.is_over():
                break
            found = broken_cuts(self.market, pool, solved)
            if not found:
                break
            self.market.add_cuts(found)
            _, _, again = better_prices(self.market, sets, pool, solved.prices, how, solved)
            solved = again if again is not None and again.prices is not None else solved
        if solved is None or how.is_over():
            return solved
        # of many best prices, those of a run from nothing gave lower bounds than those of a run continued
        afresh = Columns(self.market, pool).solve()
        return solved if afresh.prices is None else afresh


def _worth_of(plan: dict[int, tuple[Choice, list[Enrolment]]]) -> int:
    return sum(choice.value for choice, _ in plan.values())


def _value(problem: PlanProblem, lines: list[Enrolment]) -> int:
    levels = Levels(problem)
    return sum(levels.worth(person, own) for person, own in by_person(lines).items())


def _dealt(
    market: Market,
    dealer: Dealer,
    priced: Priced,
    wanted: tuple[dict[int, list[Choice]], dict[int, Choice]],
    progress: Progress,
) -> None:
    """Fill the dealer with a plan."""
    choices, targets = wanted
    problem, menus, sets = market.problem, market.menus, priced.sets
    book_locked(dealer, choices)
    for person, target in targets.items():
        if person not in dealer.fixed:
            choices[person] = [
                target,
                *(own for own in choices.get(person, []) if own.courses != target.courses),
            ]
    penny = market.money_price(priced.prices.budget)[0].min(axis=0).astype(np.float64)
    meant = {person: own for person, own in targets.items() if person not in dealer.fixed}
    quarters = timetabled(dealer, meant)
    settled = {person: (own, quarters.get(person, {})) for person, own in meant.items()}
    dealt_plan(dealer, choices, penny * problem.offers.cohort_cost, settled, progress)
    price = market.entry_prices(priced.prices)
    for _ in range(_FILLS):
        # what is full is out of reach now: the next best sets do without it
        is_full = np.isin(menus.course, np.array(full_courses(dealer), dtype=np.int64))
        open_sets = sets.without((set_prices(sets, is_full.astype(np.int64)) > 0).nonzero()[0])
        others = choices_of(menus, open_sets, open_sets.value - set_prices(open_sets, price))
        fill(dealer, {person: own for person, own in others.items() if person not in dealer.fixed})


def _targets(market: Market, priced: Priced, clock: Clock, reserve: float) -> dict[int, Choice]:
    """Per person the set that the programme in whole sets and groups gives them, quarters left out.

    ``reserve`` seconds are kept for dealing it.
    """
    pool, people = priced.pool, len(market.problem.learners.staff_ids)
    entry_price = market.entry_prices(priced.prices)
    worth = pool.worth(entry_price)
    best = np.zeros(people)
    np.maximum.at(best, pool.person, worth)
    loss = best[pool.person] - worth
    if len(loss) > _PROPOSAL_COLUMNS:
        most = float(np.partition(loss, _PROPOSAL_COLUMNS)[_PROPOSAL_COLUMNS])
        pool = pool.only(loss <= most)
    seconds = max(0.1, min(clock.left() - reserve, clock.left() * _PROPOSAL_SHARE))
    solved = Columns(market, pool).solve(
        MilpLimits(seconds, 3e-3, 0.9, clock.seed, presolve=False), whole=True
    )
    return _rounded(market, replace(priced, pool=pool, solved=solved))


def _rounded(market: Market, priced: Priced) -> dict[int, Choice]:
    """Per person the set that the solved programme gives most of; nothing to whom it gives little."""
    pool, solved = priced.pool, priced.solved
    assert solved is not None
    size = len(solved.taken)
    person, taken = pool.person[:size], solved.taken
    order = np.lexsort((np.arange(size), -taken, person))
    order = order[np.unique(person[order], return_index=True)[1]]
    menus, worth = market.menus, pool.worth(market.entry_prices(priced.prices))
    builds = builds_on(menus)
    found: dict[int, Choice] = {}
    for number in order[taken[order] > 0.5 - 1e-6].tolist():
        entries = pool.entries[number][pool.entries[number] >= 0]
        found[int(pool.person[number])] = Choice(
            tuple(menus.course[entries].tolist()),
            int(pool.value[number]),
            float(worth[number]),
            bool(builds[entries].any()),
        )
    return found


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
    """Take out, person by person, whoever sits in a group that has become too small; of people with locked lines
    only that line and what is worth nothing without it."""
    ledger, levels = Ledger(problem), Levels(problem)
    locked = set(problem.locked)
    while (run := ledger.small_run(lines)) is not None:
        members = {line.person for line in lines if (line.course, line.quarter) == run and line not in locked}
        if not members:
            return lines
        kept = [line for line in lines if line.person not in members]
        for person, own in by_person(lines).items():
            if person in choices or person not in members:
                continue
            stays = [line for line in own if line in locked or (line.course, line.quarter) != run]
            while (spare := levels.spare(person, stays, locked)) is not None:
                stays.remove(spare)
            kept.extend(stays)
        lines = sorted(kept)
    return lines
