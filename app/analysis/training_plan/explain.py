"""Why a line is in a plan and what would drop it; what it would take to meet a need that stays open.

Everything stated as certain is: a threshold rests on a plan that exists (the old one with a change that breaks
no limit) and on the proven bound. Where the bound leaves a gap, the threshold falls by as much.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.analysis.training_plan.bookings import broken_bookings
from app.analysis.training_plan.ledger import limit_words
from app.analysis.training_plan.problem import POTS, WEIGHT_RANGE, Enrolment
from app.analysis.training_plan.result import PlanLine, UnmetNeed
from app.analysis.training_plan.standing import Standing, Way
from app.terms import NOT_ASSESSED

_MOST_WAYS = 12


class Hurdle(StrEnum):
    """What a need asks for beyond the plan's limits."""

    MONEY = "money"
    HOURS = "hours"
    PLACES = "places"
    GROUP = "group"
    SCOPE = "scope"
    BOOKING = "booking"


@dataclass(frozen=True, slots=True)
class Lack:
    """One limit in the way and by how much: pence of ``where`` (a budget), hundredths of an hour in ``where`` (a
    quarter), or people on ``where`` (a course and quarter). For bookings (a team, a mentor, places that courses
    share) ``where`` is the whole sentence."""

    hurdle: Hurdle
    where: str
    amount: int


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The best other way to the same steps for the same person.

    ``value`` and ``pence`` are beside those of the line; ``lacks`` say what stands in its way once the line is
    out. Without lacks, and neither dearer nor closing less, it is a tie, or (where the plan is not proven) a
    better way that the search did not reach.
    """

    way: Way
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class LineReasons:
    """Everything that can be said for one line of a plan, in pence and ten-thousandths of a weighted step.

    ``value``: what its own credits bring; ``loss``: what the person's lines bring less without it (more than
    ``value`` where others build on it). ``saving``: what the plan's cost falls without it, ``None`` where its
    group would be too small. ``drops_below``: the plan drops the line once money buys a weighted step for less
    than so many pence (``None``: it costs nothing). ``weight_share``: below this share of their weights its
    needs no longer carry it for certain (``None``: no such share was found). ``price_now``: pence of a weighted
    step at the dearest line of its pot.
    """

    line: PlanLine
    value: int
    loss: int
    saving: int | None
    per_step: float | None
    runner_up: RunnerUp | None
    next_use: Way | None
    drops_below: float | None
    weight_share: float | None
    price_now: float | None


def line_reasons(standing: Standing, line: PlanLine, bound: int) -> LineReasons:
    """Explain one line. ``bound`` is the proven limit of the plan's value, in ten-thousandths."""
    one = line.enrolment
    value = sum(credit.steps_closed * credit.weight for credit in line.credits)
    loss = standing.value_of_person(one.person) - standing.value_of_person(one.person, one)
    back = standing.pence_for([], [one])
    saving = None if back is None else -back
    needs = frozenset(credit.need for credit in line.credits)
    ways = standing.other_ways(one, needs) if needs else []
    lacks = {way: tuple(lacks_of(standing, way.lines, one)) for way in ways[:_MOST_WAYS]}
    open_ways = [way for way, own in lacks.items() if not own]
    shown = open_ways[0] if open_ways else next(iter(lacks), None)
    next_use = standing.best_addition(one) if saving is not None else None
    return LineReasons(
        line=line,
        value=value,
        loss=loss,
        saving=saving,
        per_step=line.cost_pence * 10_000 / value if value and line.cost_pence else None,
        runner_up=RunnerUp(shown, lacks[shown]) if shown is not None else None,
        next_use=next_use,
        drops_below=_drops_below(saving, loss, open_ways),
        weight_share=_weight_share(standing, line, needs, (next_use, *open_ways[:3]), bound),
        price_now=standing.price_now(POTS.index(line.funding)),
    )


def _drops_below(saving: int | None, loss: int, ways: Iterable[Way]) -> float | None:
    """The price of a weighted step under which the person's next best choice is worth more than the line."""
    if saving is None or saving <= 0 or loss <= 0:
        return None
    prices = [saving * 10_000 / loss]
    prices += [
        (saving - way.pence) * 10_000 / (loss - way.value)
        for way in ways
        if way.pence < saving and way.value < loss
    ]
    return max(prices)


def _weight_share(
    standing: Standing, line: PlanLine, needs: frozenset[int], ways: Iterable[Way | None], bound: int
) -> float | None:
    """The share of its needs' weights below which no best plan can hold the line.

    A plan that holds the line closes at least its steps, so at share f it is worth at most bound − (1 − f) ×
    what the line closes. Another plan, worth ``other`` of which ``still`` on these needs, is worth
    other − (1 − f) × still. The other one wins once (1 − f) × (closes − still) exceeds bound − other.
    """
    if line.is_locked or not needs:
        return None
    one = line.enrolment
    closes = sum(credit.steps_closed * credit.weight for credit in line.credits)
    best = 0.0
    for way in ways:
        added = way.lines if way else ()
        if standing.pence_for(added, [one]) is None:
            continue
        change, still = _after(standing, one, added, needs)
        share = 1.0 - (bound - standing.value - change) / (closes - still) if closes > still else 0.0
        if share > best and standing.keeps_limits(standing.with_change(added, [one])):
            best = share
    # a weight below the least allowed cannot be given, so such a share would be no help
    least = min(credit.weight for credit in line.credits)
    return best if best * least > WEIGHT_RANGE[0] else None


def _after(
    standing: Standing, one: Enrolment, added: tuple[Enrolment, ...], needs: frozenset[int]
) -> tuple[int, int]:
    """How the plan's value changes with ``one`` out and ``added`` in, and what is still closed of ``needs``."""
    change = still = 0
    for person in {one.person, *(line.person for line in added)}:
        before = standing.own.get(person, [])
        after = [line for line in before if line != one] + [line for line in added if line.person == person]
        reached = [credit for own in standing.levels.credits(person, after) for credit in own]
        change += sum(c.steps_closed * c.weight for c in reached) - standing.levels.value(person, before)
        still += sum(c.steps_closed * c.weight for c in reached if c.need in needs)
    return change, still


def lacks_of(standing: Standing, lines: tuple[Enrolment, ...], out: Enrolment | None = None) -> list[Lack]:
    """What stands in the way of adding ``lines`` (of one person) to the plan, with ``out`` taken out of it."""
    found = [lack for line in lines for lack in _seat_lacks(standing, line, out)]
    found += _hour_lacks(standing, lines, out)
    found += _money_lacks(standing, lines, out)
    found += [lack for line in lines for lack in _scope_lacks(standing, line)]
    return found + _booking_lacks(standing, lines, out)


def _booking_lacks(standing: Standing, lines: tuple[Enrolment, ...], out: Enrolment | None) -> list[Lack]:
    if not lines or standing.books_fit(lines, out):
        return []
    broken = broken_bookings(standing.problem, standing.with_change(lines, [out] if out else []))
    return [Lack(Hurdle.BOOKING, sentence, 1) for sentence in broken]


def _seat_lacks(standing: Standing, line: Enrolment, out: Enrolment | None) -> list[Lack]:
    problem = standing.problem
    where = f"{problem.offers.codes[line.course]} in {(problem.start + line.quarter).label}"
    leaves = out is not None and (out.course, out.quarter) == (line.course, line.quarter)
    size = int(standing.size[line.course, line.quarter]) + 1 - leaves
    places = int(problem.offers.places[line.course, line.quarter])
    found = [Lack(Hurdle.PLACES, where, size - places)] if size > places else []
    if standing.groups(line.course, size) is None:
        more = next(
            (n for n in range(1, size + 1_000) if standing.groups(line.course, size + n) is not None), 0
        )
        found.append(Lack(Hurdle.GROUP, where, more))
    return found


def _hour_lacks(standing: Standing, lines: tuple[Enrolment, ...], out: Enrolment | None) -> list[Lack]:
    if not lines:
        return []
    person, problem = lines[0].person, standing.problem
    hours = standing.candidates.hours
    left = standing.candidates.hour_limit[person] - standing.used[person]
    for line, sign in [*((line, -1) for line in lines), *(((out, 1),) if out is not None else ())]:
        if line.person == person:
            for later, amount in enumerate(hours[line.course].tolist()):
                left[line.quarter + later] += sign * amount
    return [
        Lack(Hurdle.HOURS, (problem.start + quarter).label, -int(left[quarter]))
        for quarter in (left < 0).nonzero()[0].tolist()
    ]


def _money_lacks(standing: Standing, lines: tuple[Enrolment, ...], out: Enrolment | None) -> list[Lack]:
    found = _reserve_lacks(standing, lines, out)
    for limit, left in zip(standing.problem.limits, standing.unspent, strict=True):
        added = [line for line in lines if standing.ledger.counts(limit, line)]
        removed = [out] if out is not None and standing.ledger.counts(limit, out) else []
        pence = standing.pence_for(added, removed)
        if pence is None:  # the group fails either way; its price for one person alone is what is missing
            pence = sum(int(standing.problem.offers.person_cost[line.course]) for line in added)
        if added and pence > left:
            found.append(Lack(Hurdle.MONEY, limit_words(limit), pence - left))
    return found


def _reserve_lacks(standing: Standing, lines: tuple[Enrolment, ...], out: Enrolment | None) -> list[Lack]:
    if not standing.problem.reserves:
        return []
    over = standing.ledger.overdrawn(standing.with_change(lines, [out] if out else []))
    reserves = standing.problem.reserves
    return [
        Lack(Hurdle.MONEY, reserve.words, pence)
        for reserve, pence in zip(reserves, over, strict=True)
        if pence > 0
    ]


def _scope_lacks(standing: Standing, line: Enrolment) -> list[Lack]:
    problem, code = standing.problem, standing.problem.offers.codes[line.course]
    banned = {(f.person, f.course) for f in problem.forbidden if f.quarter in (None, line.quarter)}
    department = problem.learners.department[line.person]
    closed = problem.offers.open_to is not None and not problem.offers.open_to[line.course, department]
    return [Lack(Hurdle.SCOPE, code, 1)] if closed or (line.person, line.course) in banned else []


@dataclass(frozen=True, slots=True)
class NeedPrice:
    """What it would take to meet an open need: the cheapest courses for it alone, and what they lack.

    ``reaches`` is the level they lead to. ``pence`` is what they add to the plan's cost. ``price``: pence a weighted
    step. ``sooner`` and ``sooner_pence``: the open needs that money would meet first, and their cost; ``None``
    where more money alone does not help.
    """

    unmet: UnmetNeed
    lines: tuple[Enrolment, ...]
    reaches: int
    pence: int
    price: float | None
    lacks: tuple[Lack, ...]
    sooner: int | None
    sooner_pence: int | None

    @property
    def money_alone(self) -> int | None:
        """The pence by which budgets must grow where money is all that is missing, else ``None``."""
        if any(lack.hurdle is not Hurdle.MONEY for lack in self.lacks):
            return None
        return max((lack.amount for lack in self.lacks), default=0)


def need_price(standing: Standing, unmet: UnmetNeed) -> NeedPrice:
    """The cheapest courses that meet an open need, on top of the plan as it stands; without any: no lines."""
    lines, reaches = _climb(standing, unmet)
    if not lines:
        return NeedPrice(unmet, (), unmet.level_after, 0, None, (), None, None)
    lacks = tuple(_merged([*lacks_of(standing, lines), *_need_scope(standing, unmet)]))
    pence = standing.pence_for(lines)
    if pence is None:
        offers = standing.problem.offers
        pence = sum(int(offers.person_cost[k.course] + offers.cohort_cost[k.course]) for k in lines)
    worth = (reaches - unmet.level_after) * int(standing.problem.needs.weight[unmet.need])
    price = pence * 10_000 / worth
    only_money = bool(lacks) and all(lack.hurdle is Hurdle.MONEY for lack in lacks)
    sooner = standing.queue_before(unmet.need, price) if only_money else (None, None)
    return NeedPrice(unmet, lines, reaches, pence, price, lacks, *sooner)


def _need_scope(standing: Standing, unmet: UnmetNeed) -> list[Lack]:
    problem = standing.problem
    is_in = bool(problem.needs.in_scope[unmet.need]) and bool(problem.learners.in_scope[unmet.person])
    return [] if is_in else [Lack(Hurdle.SCOPE, "the plan's people and skills", 1)]


def _merged(lacks: Iterable[Lack]) -> list[Lack]:
    return list(dict.fromkeys(lacks))


def _climb(standing: Standing, unmet: UnmetNeed) -> tuple[tuple[Enrolment, ...], int]:
    """The way from the level reached to the one required with fewest limits in it, then least money, then soonest.

    A search over (level, quarter): every course that starts at or after the quarter from a level held leads to
    its exit at its end.
    """
    own = {line.course for line in standing.own.get(unmet.person, [])}
    starts = [line for line in standing.of_person(unmet.person, wide=True) if line.course not in own]
    begin = _ready(standing, unmet)
    queue: list[tuple[int, int, int, int, int, tuple[Enrolment, ...]]] = [(0, 0, 0, unmet.level_after, 0, ())]
    best: tuple[tuple[Enrolment, ...], int] = ((), unmet.level_after)
    settled: set[tuple[int, int]] = set()
    while queue:
        hurdles, pence, late, level, ready, lines = heapq.heappop(queue)
        if level > best[1]:
            best = (lines, level)
        if level >= unmet.level_required:
            break
        if (level, ready) in settled:
            continue
        settled.add((level, ready))
        for line in starts:
            after = _level_after(standing, unmet, line, level)
            first = max(ready, begin.get(level, 0))
            if after <= level or line.quarter < first or line.course in {k.course for k in lines}:
                continue
            lacks = [lack for lack in lacks_of(standing, (line,)) if lack.hurdle is not Hurdle.MONEY]
            cost = standing.pence_for([line])
            if cost is None:
                offers = standing.problem.offers
                cost = int(offers.person_cost[line.course] + offers.cohort_cost[line.course])
            end = line.quarter + int(standing.problem.offers.duration[line.course])
            heapq.heappush(
                queue, (hurdles + len(lacks), pence + cost, late + line.quarter, after, end, (*lines, line))
            )
    return best


def _level_after(standing: Standing, unmet: UnmetNeed, line: Enrolment, level: int) -> int:
    exits = [b for s, a, b in standing.levels.outcomes[line.course] if s == unmet.skill and a <= level]
    return min(max(exits, default=0), unmet.level_required)


def _ready(standing: Standing, unmet: UnmetNeed) -> dict[int, int]:
    """The quarter from which each level reached within the plan is held."""
    held = int(standing.problem.needs.held[unmet.need])
    if held == NOT_ASSESSED:
        return {}
    ready = {held: 0}
    own = standing.own.get(unmet.person, [])
    for line, earned in zip(own, standing.levels.credits(unmet.person, own), strict=True):
        end = line.quarter + int(standing.problem.offers.duration[line.course])
        for credit in earned:
            if credit.need == unmet.need:
                ready[credit.level_after] = end
    return ready
