"""The price decomposition: its bound holds, its plans pass the check, and both agree with the exact search."""

from __future__ import annotations

import random
import time

import pytest

from app.analysis.training_plan import PlanState, SolveSettings, check_plan, solve
from app.analysis.training_plan.bidding import search_by_prices
from app.analysis.training_plan.clashes import has_hopeless_lock
from app.analysis.training_plan.enrol import candidates
from app.analysis.training_plan.keeping import unkept_demands
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.repair import search_with_demands
from app.analysis.training_plan.wishes import by_person
from app.progress import silent
from tests.analysis.plan_brute_force import best_plan
from tests.analysis.plan_cases import problem_of, random_case
from tests.analysis.plan_scale import large_problem
from tests.counts import share


def found_by_prices(problem):
    settings, deadline = SolveSettings(), time.monotonic() + 60

    def search(asked, offered, end):
        return search_by_prices(asked, offered, settings, end, silent())

    return search_with_demands(problem, candidates(problem), search, deadline, (settings, silent()))


@pytest.mark.parametrize("block", range(5))
def test_the_bound_is_never_beaten_and_the_plan_keeps_every_limit(block):
    for seed in range(max(2, share(500) // 5)):
        case = random_case(random.Random(f"prices {block} {seed}"), most_plans=50_000)
        problem, best = problem_of(case), best_plan(case)
        if best is None or has_hopeless_lock(problem) or not len(candidates(problem)):
            continue
        search = found_by_prices(problem)
        assert search.bound >= best[0], (block, seed)
        if search.lines is not None:
            levels = Levels(problem)
            assert Ledger(problem).broken(search.lines) == unkept_demands(problem, search.lines) == []
            value = sum(levels.worth(person, own) for person, own in by_person(search.lines).items())
            assert value <= best[0]


def test_prices_and_the_exact_search_agree_within_both_gaps():
    problem = large_problem(60, 30, 2)
    exact = solve(problem, SolveSettings(seconds=20, gap_pct=0.5))
    prices = found_by_prices(problem)
    assert prices.lines is not None
    assert prices.stages[0].value <= exact.bound
    assert exact.objective <= prices.bound
    assert prices.stages[0].value >= 0.9 * exact.objective


def test_a_plan_for_many_people_is_near_its_bound_passes_the_check_and_repeats():
    problem = large_problem(2_500, 80)
    first = solve(problem, SolveSettings(seconds=40, gap_pct=4))
    assert check_plan(problem, first) == []
    assert first.lines
    assert first.gap_pct <= 4
    assert first.state is not PlanState.INFEASIBLE
    assert solve(problem, SolveSettings(seconds=40, gap_pct=4)).lines == first.lines
