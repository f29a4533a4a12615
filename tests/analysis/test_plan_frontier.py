"""The frontier of budgets: steps never fall, the limits are concave, and each point agrees with a solve of its own."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.training_plan import SolveSettings, solve
from app.analysis.training_plan.frontier import (
    budgets_of,
    concave,
    efficient_frontier,
    given_pence,
    purse_of,
    with_budget,
)
from app.analysis.training_plan.slips import closed_by_need, what_slips
from app.errors import UsageError
from app.progress import Cancelled, Progress
from app.terms import Funding
from tests.analysis.plan_brute_force import best_plan
from tests.analysis.plan_cases import problem_of, random_case
from tests.counts import share

QUICK = SolveSettings(seconds=10)


def limited_case(seed):
    """A random case in which the L&D budget is limited and its courses cost something."""
    rng = random.Random(f"frontier {seed}")
    case = random_case(rng, most_plans=40_000)
    if rng.random() < 0.9:
        case["locked"] = []
    pot = str(Funding.LEARNING_BUDGET)
    for course in case["courses"]:
        course["pot"] = pot
        course["person_cost"] = course["person_cost"] or 250
    case["limits"] = [limit for limit in case["limits"] if limit["pot"] != pot]
    whole = {"pot": pot, "pence": rng.choice([0, 700, 1500, 3000]), "year": None, "departments": None}
    case["limits"].append(whole)
    if rng.random() < 0.4:
        case["limits"].append({**whole, "pence": 600, "departments": frozenset({0})})
    return case


@pytest.mark.parametrize("block", range(10))
def test_along_the_frontier_steps_never_fall_limits_are_concave_and_every_point_agrees_with_the_best_plan(
    block,
):
    for seed in range(share(100) // 10 or 1):
        case = limited_case(f"{block} {seed}")
        problem = problem_of(case)
        result = solve(problem)
        if result.lines is None:
            continue
        frontier = efficient_frontier(problem, result.lines, QUICK, points=6, pot=Funding.LEARNING_BUDGET)
        points = frontier.points
        assert frontier.current.pence == given_pence(problem, frontier.pot)
        assert all(one.value <= other.value for one, other in pairwise(points))
        assert all(point.value <= point.bound + 1e-6 for point in points)
        _assert_concave([(point.pence, point.bound) for point in points])
        for point in points:
            own = problem_of(_with_pence(case, problem, point.pence))
            best = best_plan(_with_pence(case, problem, point.pence))
            again = solve(own)
            if best is None:
                assert not point.is_possible
                continue
            assert point.value <= best[0] <= point.bound + 1e-6
            assert again.objective <= point.bound + 1e-6
            assert point.value <= again.bound
            assert point.proven == best[0]


def _with_pence(case, problem, pence):
    changed = with_budget(problem, Funding.LEARNING_BUDGET, pence)
    plain = len(case["limits"])
    limits = [
        {"pot": str(k.pot), "pence": k.pence, "year": k.year, "departments": k.departments}
        for k in changed.limits[:plain]
    ]
    reserves = [
        {
            "pot": str(changed.limits[one.accounts[0][0]].pot),
            "own": [(set(changed.limits[place].departments), own) for place, own in one.accounts],
            "pence": one.pence,
        }
        for one in changed.reserves
    ]
    return {**case, "limits": limits, "reserves": reserves}


def _assert_concave(points):
    for (x0, y0), (x1, y1), (x2, y2) in zip(points, points[1:], points[2:], strict=False):
        assert (y1 - y0) * (x2 - x1) >= (y2 - y1) * (x1 - x0) - 1e-6 * (x2 - x0)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 1_000)), min_size=1, max_size=12))
def test_the_hull_is_concave_above_the_points_and_the_lowest_such_curve(steps):
    x, y, at = [], [], 0
    for wide, high in steps:
        at += wide
        x.append(at)
        y.append(high)
    lifted = concave(x, y)
    _assert_concave(list(zip(x, lifted, strict=True)))
    for place, high in enumerate(lifted):
        chords = [
            y[a] + (y[b] - y[a]) * (x[place] - x[a]) / (x[b] - x[a])
            for a in range(place)
            for b in range(place + 1, len(x))
        ]
        assert high == pytest.approx(max([y[place], *chords]))


@given(st.integers(0, 10**9), st.integers(2, 41))
def test_budgets_rise_from_nothing_and_hold_the_plans_own(given_money, points):
    budgets = budgets_of(given_money, points, 2 * given_money or 10_000)
    assert budgets == sorted(set(budgets))
    assert given_money in budgets
    assert len(budgets) <= points


def test_a_pot_without_money_is_shown_up_to_what_a_plan_would_spend():
    case = limited_case("nothing")
    case["limits"] = [
        {"pot": str(pot), "pence": 0, "year": None, "departments": None} for pot in list(Funding)[:3]
    ]
    problem = problem_of(case)
    result = solve(problem)
    assert result.lines is not None
    frontier = efficient_frontier(problem, result.lines, QUICK, points=4)
    assert purse_of(problem) is Funding.LEARNING_BUDGET
    assert frontier.points[0].is_current
    assert frontier.points[-1].pence >= 10_000


def test_wrong_points_and_pots_without_a_limit_are_refused():
    problem = problem_of(limited_case("wrong"))
    with pytest.raises(UsageError, match="2 to 41 points"):
        efficient_frontier(problem, (), QUICK, points=1)
    with pytest.raises(UsageError, match="no limit"):
        with_budget(
            problem_of({**limited_case("wrong"), "limits": [], "reserves": []}), Funding.LEARNING_BUDGET, 5
        )


def test_a_cancelled_frontier_gives_nothing():
    problem = problem_of(limited_case("cancel"))
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        efficient_frontier(problem, (), QUICK, progress=progress)


@pytest.mark.parametrize("block", range(10))
def test_what_slips_is_what_the_best_plan_for_less_money_no_longer_closes(block):
    for seed in range(share(100) // 10 or 1):
        case = limited_case(f"slips {block} {seed}")
        problem = problem_of(case)
        result = solve(problem)
        if result.lines is None:
            continue
        cut = with_budget(
            problem, Funding.LEARNING_BUDGET, given_pence(problem, Funding.LEARNING_BUDGET) * 6 // 10
        )
        best = best_plan(_with_pence(case, problem, given_pence(cut, Funding.LEARNING_BUDGET)))
        slips = what_slips(cut, result.lines, QUICK)
        if best is None:
            assert slips.lines is None
            assert slips.clashes
            continue
        assert slips.value == best[0] == slips.bound
        before, after = closed_by_need(result.lines), closed_by_need(slips.lines)
        assert slips.lost == {k: n - after[k] for k, n in before.items() if n > after[k]}
        assert slips.won == {k: n - before[k] for k, n in after.items() if n > before[k]}
        kept = {line.enrolment for line in slips.lines}
        assert {line.enrolment for line in slips.dropped} == {k.enrolment for k in result.lines} - kept


def test_without_a_cut_nothing_slips():
    for seed in range(share(60)):
        problem = problem_of(limited_case(f"no cut {seed}"))
        result = solve(problem)
        if result.lines is not None:
            slips = what_slips(problem, result.lines, QUICK)
            assert not slips.dropped
            assert not slips.lost
