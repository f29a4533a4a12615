"""The mix equals brute force on small cases: every choice of people and campaigns, the cheapest contractors first."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from app.analysis.shortfall_mix import NO_LIMIT, Hiring, Mix, MixProblem, Movers, cheapest_mix
from tests.counts import share


def random_problem(seed: int) -> MixProblem:
    """One or two shortfalls over up to three quarters, with everything in play."""
    rng = np.random.default_rng(seed)
    cells, quarters, people = int(rng.integers(1, 3)), int(rng.integers(1, 4)), int(rng.integers(0, 3))
    pairs = [(one, cell) for one in range(people) for cell in range(cells) if rng.random() < 0.7]
    columns = [np.array([pair[at] for pair in pairs], dtype=np.int64) for at in (0, 1)]
    movers = Movers(
        *columns, rng.integers(0, quarters, len(pairs)), rng.choice([50, 80, 100], len(pairs)),
        rng.integers(0, 9, len(pairs)) * 50_000,
        home=np.array([one % 2 for one, _ in pairs], dtype=np.int64), spare=rng.choice([0, 60, 150, NO_LIMIT], 2),
    )  # fmt: skip
    hiring = Hiring(
        lag=rng.integers(0, 3, cells), yield_fte=rng.choice([63, 100], cells),
        campaign_cost=rng.integers(0, 9, cells) * 100_000, pay=rng.integers(0, 4, cells) * 400_000,
        contractor=rng.integers(1, 6, cells) * 1_000_000,
        most_campaigns=rng.choice([0, 1, 2, NO_LIMIT], quarters),
        most_contractors=rng.choice([0, 60, NO_LIMIT], quarters),
    )  # fmt: skip
    need = rng.integers(0, 200, (cells, quarters))
    budget = None if rng.random() < 0.4 else int(rng.integers(0, 60)) * 100_000
    return MixProblem(need, movers, hiring, budget)


def brute_force(problem: MixProblem) -> tuple[float, float] | None:
    """(least FTE-quarters short, least cost then) over every whole choice; contractors are shared out greedily."""
    cells, quarters = problem.need.shape
    hiring, movers = problem.hiring, problem.movers
    people = sorted(set(movers.person.tolist()))
    choices = [[None, *np.flatnonzero(movers.person == one).tolist()] for one in people]
    begun = [
        range(int(min(3, hiring.most_campaigns[quarter])) + 1 if quarter + hiring.lag[cell] < quarters else 1)
        for cell in range(cells) for quarter in range(quarters)
    ]  # fmt: skip
    best: tuple[float, float] | None = None
    for picked in product(*choices):
        for campaigns in product(*begun):
            found = _with_contractors(problem, [one for one in picked if one is not None], campaigns)
            if found is not None and (best is None or _less(found, best)):
                best = found
    return best


def _less(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[0] - 1e-6 or (abs(one[0] - other[0]) <= 1e-6 and one[1] < other[1])


def _with_contractors(
    problem: MixProblem, picked: list[int], campaigns: tuple[int, ...]
) -> tuple[float, float] | None:
    cells, quarters = problem.need.shape
    hiring, movers = problem.hiring, problem.movers
    table = np.array(campaigns).reshape(cells, quarters)
    if (table.sum(axis=0) > hiring.most_campaigns).any():
        return None
    assert movers.home is not None
    assert movers.spare is not None
    for home, spare in enumerate(movers.spare.tolist()):
        if sum(int(movers.fte[one]) for one in picked if movers.home[one] == home) > spare:
            return None
    cost, left = float(movers.cost[picked].sum()), problem.need.astype(float)
    for one in picked:
        left[movers.cell[one], movers.ready[one] :] -= movers.fte[one]
    for cell in range(cells):
        for quarter in range(quarters):
            first = quarter + int(hiring.lag[cell])
            counted = max(quarters - first, 0)
            cost += table[cell, quarter] * (hiring.campaign_cost[cell] + hiring.pay[cell] * counted)
            left[cell, first:] -= table[cell, quarter] * hiring.yield_fte[cell]
    left = np.maximum(left, 0)
    money = np.inf if problem.budget is None else problem.budget - cost
    if money < 0:
        return None
    room = hiring.most_contractors.astype(float)
    for cell in np.argsort(hiring.contractor, kind="stable"):
        for quarter in range(quarters):
            each = hiring.contractor[cell] / 100
            part = min(left[cell, quarter], room[quarter], money / each)
            left[cell, quarter] -= part
            room[quarter] -= part
            cost, money = cost + part * each, money - part * each
    return float(left.sum()), cost


def test_the_mix_equals_brute_force() -> None:
    for case in range(share(400)):
        problem = random_problem(case)
        wanted, found = brute_force(problem), cheapest_mix(problem)
        assert wanted is not None
        assert found.is_proven
        # a budget may end in the middle of a hundredth of a contractor
        cut = 0 if problem.budget is None else problem.need.size
        assert found.short_total == pytest.approx(wanted[0], abs=cut + 1e-6)
        assert found.cost == pytest.approx(wanted[1], abs=cut * problem.hiring.contractor.max() / 100 + 1)
        _keeps_limits(problem, found)


def _keeps_limits(problem: MixProblem, found: Mix) -> None:
    hiring, movers = problem.hiring, problem.movers
    people = movers.person[found.chosen].tolist()
    assert len(set(people)) == len(people)
    assert (found.campaigns.sum(axis=0) <= hiring.most_campaigns).all()
    assert (found.contractors.sum(axis=0) <= hiring.most_contractors + 1e-6).all()
    if problem.budget is not None:
        assert found.cost <= problem.budget + 1
    brought = found.contractors + found.short
    for one in found.chosen.tolist():
        brought[movers.cell[one], movers.ready[one] :] += movers.fte[one]
    cells, quarters = problem.need.shape
    for cell in range(cells):
        for quarter in range(quarters):
            brought[cell, quarter + hiring.lag[cell] :] += (
                found.campaigns[cell, quarter] * hiring.yield_fte[cell]
            )
    assert (brought >= problem.need).all()


def test_bounds_hold_where_time_runs_out() -> None:
    rng = np.random.default_rng(5)
    cells, quarters, people = 12, 8, 150
    pairs = np.array([(one, cell) for one in range(people) for cell in rng.choice(cells, 4, replace=False)])
    count = len(pairs)
    movers = Movers(
        pairs[:, 0], pairs[:, 1], rng.integers(0, quarters, count), rng.choice([50, 80, 100], count),
        rng.integers(1, 400, count) * 1_000,
    )  # fmt: skip
    problem = MixProblem(
        rng.integers(0, 2_500, (cells, quarters)), movers,
        Hiring(
            rng.integers(1, 4, cells), np.full(cells, 63), np.full(cells, 500_000), np.full(cells, 1_300_000),
            rng.integers(30, 60, cells) * 100_000, np.full(quarters, 6), np.full(quarters, 1_500),
        ),
        budget=400_000_000,
    )  # fmt: skip
    found = cheapest_mix(problem, seconds=4.0)
    assert found.short_bound <= found.short_total + 1e-6
    assert found.cost_bound <= found.cost + 1e-6
    _keeps_limits(problem, found)
