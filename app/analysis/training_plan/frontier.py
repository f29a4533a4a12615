"""The efficient frontier: one pot's money against what a plan can close, each point with a proven limit.

Three facts make the curve. A plan that fits a budget fits every larger one, so a point is worth at least what
the points to its left are. For the same reason a limit proven for a budget holds for every smaller one, so a
point can give no more than the points to its right. And a limit stays one when it is raised, so the limits may
be lifted to the lowest concave curve above them (their upper hull): still proven at every point, and a curve
on which money never buys more the more there is of it, as prices have it (decision 042).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.analysis.training_plan.demands import Reserve
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.problem import MoneyLimit, PlanProblem, SolveSettings
from app.analysis.training_plan.result import PlanLine, PlanResult
from app.analysis.training_plan.solve import solve
from app.errors import UsageError
from app.progress import Progress, silent
from app.terms import Funding

MOST_POINTS = 41
_PURSES = (Funding.LEARNING_BUDGET, Funding.LEVY, Funding.PROGRAMME)


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """What a budget of ``pence`` buys: ``value`` and ``bound`` in ten-thousandths of a weighted step.

    ``bound`` is a fraction of one where it lies on a straight piece of the curve. ``proven`` is the limit that
    the point's own search proved, before the curve was made of them (None where there is no plan).
    ``steps_closed`` counts unweighted steps; ``cost_pence`` is over all pots, ``spent_pence`` of the pot alone.
    ``is_possible`` is ``False`` where locked lines or targets need more money than this.
    """

    pence: int
    value: int
    bound: float
    proven: int | None
    steps_closed: int
    cost_pence: int
    spent_pence: int
    is_current: bool = False
    is_possible: bool = True

    @property
    def gap_pct(self) -> float:
        """100 × (bound − value) ÷ value; 0 when both are 0, infinite when only the value is."""
        if self.bound <= self.value:
            return 0.0
        return 100.0 * (self.bound - self.value) / self.value if self.value else float("inf")


@dataclass(frozen=True, slots=True)
class Frontier:
    """The points in order of money. ``given`` is what the plan's own settings give the pot, in pence."""

    pot: Funding
    given: int
    points: tuple[FrontierPoint, ...]

    @property
    def current(self) -> FrontierPoint:
        """The point of the plan itself."""
        return next(point for point in self.points if point.is_current)


def purse_of(problem: PlanProblem) -> Funding:
    """The pot whose money is varied when nobody names one: the first with money in it, else the L&D budget."""
    for pot in _PURSES:
        if given_pence(problem, pot):
            return pot
    return Funding.LEARNING_BUDGET


def given_pence(problem: PlanProblem, pot: Funding) -> int:
    """What a pot may spend over the plan: its tightest whole-plan limit, else the sum of its years.

    Budgets of departments lie inside these and add nothing.
    """
    everybody = [limit for limit in problem.limits if limit.pot is pot and limit.departments is None]
    whole = [limit.pence for limit in everybody if limit.year is None]
    years = [limit.pence for limit in everybody if limit.year is not None]
    if whole:
        return min([*whole, sum(years)] if years else whole)
    return sum(years) if years else _departments_pence(problem, pot)


def _departments_pence(problem: PlanProblem, pot: Funding) -> int:
    """The departments' own money and the reserves they share."""
    reserves = [one for one in problem.reserves if _pot_of(problem, one) is pot]
    drawing = {place: own for reserve in reserves for place, own in reserve.accounts}
    own = sum(
        drawing.get(place, limit.pence) for place, limit in enumerate(problem.limits) if limit.pot is pot
    )
    return own + sum(reserve.pence for reserve in reserves)


def _pot_of(problem: PlanProblem, reserve: Reserve) -> Funding | None:
    return problem.limits[reserve.accounts[0][0]].pot if reserve.accounts else None


def with_budget(problem: PlanProblem, pot: Funding, pence: int) -> PlanProblem:
    """The same problem with so much in one pot: all its limits change in proportion.

    A pot that has nothing now is given the whole sum as one limit. Raises UsageError where the pot is not
    limited, as more or less money would change nothing.
    """
    given = given_pence(problem, pot)
    if not any(limit.pot is pot for limit in problem.limits):
        raise UsageError(
            f"This plan sets no limit to {pot}.", "Choose a pot with a limit, such as the L&D budget."
        )
    if pence == given:
        return problem
    if not given:
        # the limits stay in their places, which reserves speak of; those of years and departments would add up
        whole = MoneyLimit(pot, pence)
        limits = [whole if limit.pot is pot else limit for limit in problem.limits]
        reserves = [one for one in problem.reserves if _pot_of(problem, one) is not pot]
        return replace(problem, limits=tuple(limits), reserves=tuple(reserves))
    limits = [
        replace(limit, pence=limit.pence * pence // given) if limit.pot is pot else limit
        for limit in problem.limits
    ]
    reserves = []
    for reserve in problem.reserves:
        if _pot_of(problem, reserve) is not pot:
            reserves.append(reserve)
            continue
        shared = reserve.pence * pence // given
        accounts = tuple((place, own * pence // given) for place, own in reserve.accounts)
        for place, own in accounts:
            limits[place] = replace(limits[place], pence=own + shared)
        reserves.append(replace(reserve, pence=shared, accounts=accounts))
    return replace(problem, limits=tuple(limits), reserves=tuple(reserves))


def efficient_frontier(
    problem: PlanProblem,
    current: Sequence[PlanLine],
    settings: SolveSettings,
    *,
    points: int = 9,
    pot: Funding | None = None,
    progress: Progress | None = None,
) -> Frontier:
    """Solve for ``points`` budgets from nothing to twice what is given, and the plan's own among them.

    ``current`` are the lines of the plan that belongs to ``problem``; where they still keep its limits, its
    point is worth at least what they are. ``settings.seconds`` are for each point. Raises
    Cancelled when cancelled.
    """
    progress = progress or silent()
    if not 2 <= points <= MOST_POINTS:
        raise UsageError(
            f"A frontier has 2 to {MOST_POINTS} points, not {points}.", "Choose a number such as 9."
        )
    pot = pot or purse_of(problem)
    given = given_pence(problem, pot)
    quick = replace(settings, is_value_only=True, keep_on_cancel=False)
    budgets = budgets_of(given, points, _top(problem, pot, given, quick, progress))
    found: list[PlanResult] = []
    for place, pence in enumerate(budgets):
        progress.step(place / len(budgets), f"Budget {place + 1} of {len(budgets)}: £{pence / 100:,.0f}")
        result = solve(with_budget(problem, pot, pence), quick, progress.part(0.0, 0.0))
        found.append(_with_current(problem, result, current) if pence == given else result)
    progress.step(1.0, "Drawing the curve")
    return Frontier(pot, given, curve(budgets, found, pot, given))


def _with_current(problem: PlanProblem, result: PlanResult, current: Sequence[PlanLine]) -> PlanResult:
    """The plan itself at its own budget, where a short search has found none as good."""
    value = sum(credit.steps_closed * credit.weight for line in current for credit in line.credits)
    if result.lines is None or value <= result.objective:
        return result
    if Ledger(problem).broken([line.enrolment for line in current]):
        return result
    cost = dict.fromkeys(Funding, 0)
    for line in current:
        cost[line.funding] += line.cost_pence
    return replace(
        result,
        lines=tuple(current),
        objective=value,
        steps_closed=sum(credit.steps_closed for line in current for credit in line.credits),
        cost_by_pot=cost,
    )


def _top(problem: PlanProblem, pot: Funding, given: int, settings: SolveSettings, progress: Progress) -> int:
    """The largest budget shown: twice what is given; where that is nothing, what a plan without a limit spends."""
    if given:
        return 2 * given
    progress.step(0.0, "Finding what could be spent")
    offers = problem.offers
    most = int(offers.person_cost.max(initial=0) + offers.cohort_cost.max(initial=0))
    free = with_budget(problem, pot, max(1, most) * max(1, len(problem.needs.person)) * 4)
    return max(100_00, solve(free, settings, progress.part(0.0, 0.0)).cost_by_pot.get(pot, 0))


def budgets_of(given: int, points: int, top: int) -> list[int]:
    """``points`` budgets in whole pounds, evenly from nothing to ``top``, the nearest one moved onto ``given``."""
    even = [round(top * place / (points - 1) / 100) * 100 for place in range(points)]
    if given not in even:
        inner = range(1, points - 1) if 0 < given < top and points > 2 else range(points)
        even[min(inner, key=lambda place: abs(even[place] - given))] = given
    return sorted(set(even))


def curve(
    budgets: Sequence[int], found: Sequence[PlanResult], pot: Funding, given: int
) -> tuple[FrontierPoint, ...]:
    """The points of the curve from one solved plan for each budget, both in order of money."""
    proven = [result.bound if result.lines is not None else None for result in found]
    limits = concave(budgets, _falling_left(proven))
    best: PlanResult | None = None
    points: list[FrontierPoint] = []
    for pence, result, limit, own in zip(budgets, found, limits, proven, strict=True):
        if result.lines is not None and (best is None or result.objective > best.objective):
            best = result
        points.append(
            FrontierPoint(
                pence=pence,
                value=best.objective if best else 0,
                bound=max(limit, best.objective if best else 0),
                proven=own,
                steps_closed=best.steps_closed if best else 0,
                cost_pence=best.cost_pence if best else 0,
                spent_pence=best.cost_by_pot.get(pot, 0) if best else 0,
                is_current=pence == given,
                is_possible=best is not None,
            )
        )
    return tuple(points)


def _falling_left(proven: Sequence[int | None]) -> list[int]:
    """Each limit, or a lower one of a larger budget; nothing where no plan is possible."""
    lowest: int | None = None
    limits: list[int] = []
    for limit in reversed(proven):
        if limit is not None:
            lowest = limit if lowest is None else min(lowest, limit)
        limits.append(0 if limit is None or lowest is None else lowest)
    return limits[::-1]


def concave(x: Sequence[int], y: Sequence[int]) -> list[float]:
    """The lowest concave curve on or above the points, at the same places. ``x`` must rise."""
    hull: list[int] = []
    for place in range(len(x)):
        while len(hull) > 1 and _turns_up(x, y, hull[-2], hull[-1], place):
            hull.pop()
        hull.append(place)
    lifted: list[float] = list(y)
    for left, right in pairwise(hull):
        for place in range(left + 1, right):
            rise = (y[right] - y[left]) * (x[place] - x[left])
            lifted[place] = y[left] + rise / (x[right] - x[left])
    return lifted


def _turns_up(x: Sequence[int], y: Sequence[int], first: int, middle: int, last: int) -> bool:
    return (y[middle] - y[first]) * (x[last] - x[middle]) <= (y[last] - y[middle]) * (x[middle] - x[first])
