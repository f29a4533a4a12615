"""The price decomposition: its bound holds, its plans pass the check, and both agree with the exact search."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from app.analysis.training_plan import PlanState, SolveSettings, check_plan, solve
from app.analysis.training_plan.bidding import search_by_prices
from app.analysis.training_plan.clashes import has_hopeless_lock
from app.analysis.training_plan.enrol import candidates
from app.analysis.training_plan.keeping import unkept_demands
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.opening import all_steps, opening_plan
from app.analysis.training_plan.problem import Enrolment
from app.analysis.training_plan.repair import search_with_demands
from app.analysis.training_plan.wishes import by_person
from app.progress import Progress, silent
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
    first = solve(problem, SolveSettings(seconds=600, gap_pct=4))
    assert check_plan(problem, first) == []
    assert first.lines
    assert first.gap_pct <= 4
    assert first.state is not PlanState.INFEASIBLE
    assert solve(problem, SolveSettings(seconds=600, gap_pct=4)).lines == first.lines


@pytest.mark.parametrize("seed", range(share(8)))
def test_no_plan_of_the_exact_search_beats_the_bound_of_middle_cases(seed):
    """Cohorts that fill in part, pathways, hours and seats that bind: where cuts of whole groups are in play."""
    problem = large_problem(50, 24, 2, seed=seed, share=0.12)
    exact = solve(problem, SolveSettings(seconds=6, gap_pct=0.5))
    found = candidates(problem)
    prices = search_by_prices(problem, found, SolveSettings(gap_pct=1), time.monotonic() + 20, silent())
    assert exact.objective <= prices.bound
    assert prices.lines is not None
    assert Ledger(problem).broken(prices.lines) == []
    assert prices.stages[0].value <= exact.bound


def test_a_cut_of_whole_groups_keeps_every_number_of_people_that_whole_groups_can_seat():
    for group in range(1, 7):
        for whole in range(4):
            for rest in range(1, group + 1):
                crowd = whole * group + rest
                for groups in range(8):
                    seated = min(crowd, group * groups)
                    assert seated <= crowd - rest * (whole + 1 - groups)


def test_news_closes_in_and_a_cancelled_search_keeps_its_plan():
    problem, progress = large_problem(800, 60), Progress()
    heard: list[tuple[float, float]] = []

    def news(closed, at_most):
        heard.append((closed, at_most))
        if len(heard) == 3:
            progress.cancel()

    result = solve(problem, SolveSettings(seconds=600, keep_on_cancel=True), progress, news)
    assert result.lines
    assert check_plan(problem, result) == []
    assert all(closed <= at_most for closed, at_most in heard)
    assert all(a[0] <= b[0] and a[1] >= b[1] for a, b in pairwise(heard))


@pytest.mark.parametrize(("people", "courses"), [(20, 12), (60, 40), (400, 60)])
def test_a_search_stopped_at_once_has_the_plain_plan_and_tells_it_first(people, courses):
    """On every road (few candidates, HiGHS alone, prices) time running out costs no more than the search."""
    problem = large_problem(people, courses, seed=3)
    plain = opening_plan(problem, candidates(problem), silent())
    assert plain
    assert Ledger(problem).broken(plain) == []
    levels = Levels(problem)
    least = sum(levels.worth(person, own) for person, own in by_person(plain).items())
    heard: list[tuple[float, float]] = []
    result = solve(problem, SolveSettings(seconds=0.001), on_news=lambda *news: heard.append(news))
    assert check_plan(problem, result) == []
    assert result.objective >= least > 0
    assert result.bound >= result.objective
    assert all(closed * 10_000 >= least - 1 for closed, _ in heard)
    # HiGHS tells infinity before it has a limit of its own
    assert all(at_most * 10_000 <= all_steps(problem, candidates(problem)) + 1 for _, at_most in heard)


@pytest.mark.parametrize("seed", range(share(20)))
def test_the_plain_plan_keeps_locked_lines_and_every_limit(seed):
    problem = large_problem(40, 24, 3, seed=seed, share=0.15)
    first = opening_plan(problem, candidates(problem), silent())
    assert first
    locked = replace(problem, locked=tuple(first[:3]))
    again = opening_plan(locked, candidates(locked), silent())
    assert again is None or (set(first[:3]) <= set(again) and Ledger(locked).broken(again) == [])


@pytest.mark.parametrize("seed", range(share(20)))
def test_the_search_at_prices_keeps_what_is_booked_and_plans_around_it(seed):
    """Booked: lines of an earlier plan, two people of a group that needs five, and a line that closes nothing."""
    rng = random.Random(f"booked {seed}")
    problem = large_problem(300, 40, 2, seed=seed)
    earlier = opening_plan(problem, candidates(problem), silent())
    assert earlier
    grouped = [line for line in earlier if problem.offers.min_group[line.course] > 1]
    locked = set(grouped[:2]) | set(rng.sample(earlier, 25))
    found = candidates(problem)
    serves = set(zip(found.person.tolist(), found.course.tolist(), strict=True))
    free = (problem.offers.person_cost + problem.offers.cohort_cost == 0).nonzero()[0].tolist()
    busy = {line.person for line in earlier}
    hours = problem.offers.hours / problem.offers.duration
    useless = (
        Enrolment(person, course, 0)
        for person in range(300)
        for course in free
        if person not in busy
        and (person, course) not in serves
        and hours[course] <= problem.learners.hours[person].min()
    )
    locked.add(next(useless))
    booked = replace(problem, locked=tuple(sorted(locked)))
    lone = {
        run
        for run in {(line.course, line.quarter) for line in locked}
        if sum((line.course, line.quarter) == run for line in locked) < problem.offers.min_group[run[0]]
    }
    found = search_by_prices(
        booked, candidates(booked), SolveSettings(gap_pct=8), time.monotonic() + 60, silent()
    )
    assert lone
    assert found.lines is not None
    assert locked <= set(found.lines)
    assert Ledger(booked).broken(found.lines) == []
    assert found.stages[0].value >= 0.85 * found.bound
