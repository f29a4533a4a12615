"""Reserves, teams, mentors, targets and fair shares: other solvers never beat the bound, the check finds what is
tampered with, a plan built step by step keeps them, and large plans that miss them are mended."""

from __future__ import annotations

import dataclasses
import random
import time

import numpy as np
import pytest

from app.analysis.milp import Milp, MilpLimits, solve_milp
from app.analysis.training_plan import (
    NO_LIMIT,
    Enrolment,
    FairShare,
    PlanProblem,
    Release,
    SolveSettings,
    Target,
    UnmetReason,
    check_plan,
    fair_shares,
    solve,
)
from app.analysis.training_plan.bidding import search_by_prices
from app.analysis.training_plan.bookings import Bookings, broken_bookings
from app.analysis.training_plan.enrol import candidates
from app.analysis.training_plan.fairness import closable_steps
from app.analysis.training_plan.keeping import unkept_demands
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.repair import search_with_demands
from app.analysis.training_plan.wishes import by_person
from app.progress import silent
from tests.analysis.plan_brute_demands import closable, has_mentors, keeps_places, keeps_release
from tests.analysis.plan_cases import problem_of, random_case
from tests.analysis.plan_scale import large_problem
from tests.analysis.test_training_plan import FREE, PAID, one_person
from tests.counts import share


def random_plan(problem: PlanProblem, rng: random.Random) -> list[Enrolment]:
    """Another solver: candidates in random order, each taken where the plan still keeps every limit."""
    found = candidates(problem)
    lines = found.lines(found.is_locked)
    others = found.lines(~found.is_locked)
    rng.shuffle(others)
    levels, ledger = Levels(problem), Ledger(problem)
    for line in others:
        own = [k for k in lines if k.person == line.person]
        gains = levels.worth(line.person, [*own, line]) > levels.worth(line.person, own)
        if gains and line.course not in {k.course for k in own} and not ledger.broken([*lines, line]):
            lines.append(line)
    return lines


def relaxed_best(problem: PlanProblem) -> float:
    """Another formulation: fractions of enrolments, each need at most once a step, budgets and places only."""
    found = candidates(problem)
    held, required = (getattr(problem.needs, name)[found.routes.need] for name in ("held", "required"))
    weight = problem.needs.weight[found.routes.need]
    gain = np.zeros(len(found))
    np.add.at(gain, found.credit_of, ((required - held) * weight)[found.credit_need])
    most = float(((required - held) * weight).sum())
    keys = found.course * problem.quarters + found.quarter
    rows, columns, upper = [], [], []
    for key in np.unique(keys).tolist():
        rows.append(len(upper))
        columns.append((keys == key).nonzero()[0])
        upper.append(float(problem.offers.places[key // problem.quarters, key % problem.quarters]))
    start = np.cumsum([0, *(len(own) for own in columns)])
    column = np.concatenate([*columns, np.zeros(0, dtype=np.int64)]).astype(np.int64)
    count = len(found)
    model = Milp(
        gain, np.zeros(count), np.ones(count), np.zeros(count, dtype=bool),
        np.full(len(upper), -np.inf), np.array(upper), start, column, np.ones(len(column)),
    )  # fmt: skip
    return min(most, solve_milp(model, MilpLimits(10)).objective)


@pytest.mark.parametrize("block", range(4))
def test_no_other_solver_beats_the_bound(block):
    rng = random.Random(f"others {block}")
    for _ in range(max(2, share(200) // 4)):
        problem = problem_of(random_case(rng, most_plans=20_000, demands=0.4))
        result = solve(problem)
        if result.lines is None:
            continue
        levels = Levels(problem)
        best = 0
        for _ in range(5):
            lines = random_plan(problem, rng)
            if not Ledger(problem).broken(lines) and not unkept_demands(problem, lines, levels):
                best = max(best, sum(levels.worth(person, own) for person, own in by_person(lines).items()))
        assert best <= result.bound
        if len(candidates(problem)):
            assert result.bound <= relaxed_best(problem) + levels.most_bonus + 1


def test_plans_built_step_by_step_keep_places_teams_and_mentors():
    for seed in range(share(1_000)):
        rng = random.Random(f"bookings {seed}")
        case = random_case(rng, most_plans=5_000, demands=0.8)
        for course in case["courses"]:
            course["mix"] = True
        case["locked"] = []
        problem = problem_of(case)
        bookings, found = Bookings(problem), candidates(problem)
        kept: list[Enrolment] = []
        for line in found.lines(np.ones(len(found), dtype=bool)):
            if any((k.person, k.course) == (line.person, line.course) for k in kept):
                continue
            if kept and rng.random() < 0.2:
                gone = kept.pop(rng.randrange(len(kept)))
                bookings.remove([gone])
            if bookings.fits(line.person, [line]):
                bookings.add([line])
                kept.append(line)
        plan = [(line.person, line.course, line.quarter) for line in kept]
        assert keeps_release(case, plan)
        if case["mentors"] and not any("hours of" in words for words in Ledger(problem).broken(kept)):
            assert has_mentors(case, plan)
        if problem.offers.pool is not None:
            assert keeps_places(case, plan)
        assert [words for words in broken_bookings(problem, kept) if "mentors" not in words] == []


def test_what_a_department_could_close_is_what_every_need_could_by_itself():
    for seed in range(share(300)):
        case = random_case(random.Random(f"closable {seed}"), most_plans=20_000, demands=0.5)
        problem = problem_of(case)
        home = problem.learners.homes[problem.needs.person]
        steps = closable_steps(problem)
        for at in (0, 1):
            assert int(steps[home == at].sum()) == closable(case, at)


def test_a_share_is_rounded_up_and_names_its_department():
    problem = one_person([FREE], people=3)
    shares = fair_shares(problem, 3_333, [("Home Office", frozenset({0})), ("Nobody", frozenset({7}))])
    assert shares == (
        FairShare("Home Office gets at least 33.33 % of its need closed", frozenset({0}), 19_998),
    )


def team(people: int, most: list[int]) -> Release:
    return Release(
        np.zeros(people, dtype=np.int64),
        np.array([most]),
        np.zeros((people, len(most)), dtype=bool),
        ("Data",),
    )


def test_a_need_that_the_team_has_no_room_for_says_so():
    result = solve(one_person([FREE], people=3, release=team(3, [1, 1])))
    assert len(result.lines) == 2
    assert [unmet.kind for unmet in result.unmet] == [UnmetReason.RELEASE]


def test_an_early_course_stays_though_a_later_one_closes_its_steps_too():
    """A target by the first quarter keeps a short course beside the long one that leads further."""
    short, long = (0, 0, 700, 1, 1, NO_LIMIT, 0, 1), (0, 0, 700, 2, 1, NO_LIMIT, 0, 3)
    target = Target("awareness soon", np.array([0]), np.array([1]), 0)
    with_target = solve(one_person([short, long], need=(0, 3), targets=(target,)))
    assert {line.course for line in with_target.lines} == {0, 1}
    without = solve(one_person([short, long], need=(0, 3)))
    assert {line.course for line in without.lines} == {1}
    assert with_target.objective == without.objective == 30_000


def test_the_check_finds_what_breaks_the_further_limits():
    base = one_person([FREE, PAID], people=3)
    result = solve(base)
    late = Target("all by the end of the first quarter", np.array([0, 1, 2]), np.array([2, 2, 2]), 0)
    moved = dataclasses.replace(result, lines=tuple(dataclasses.replace(k, quarter=1) for k in result.lines))
    more = dataclasses.replace(base, fair_shares=(FairShare("all of it", frozenset({0}), 60_001),))
    for problem, told in (
        (dataclasses.replace(base, release=team(3, [2, 2])), result),
        (dataclasses.replace(base, targets=(late,)), moved),
        (more, result),
        (
            dataclasses.replace(
                base, offers=dataclasses.replace(base.offers, mentor_hours=np.array([500, -1]))
            ),
            result,
        ),
        (
            dataclasses.replace(
                base,
                offers=dataclasses.replace(
                    base.offers, pool=np.array([0, 0]), places=np.full((2, 2), 2, dtype=np.int64)
                ),
            ),
            result,
        ),
    ):
        assert check_plan(problem, told), problem


def demanding(problem: PlanProblem) -> PlanProblem:
    """A large problem with a share for each department and a hard target for thirty people."""
    homes = [(f"department {k}", frozenset({k})) for k in np.unique(problem.learners.homes).tolist()]
    reach = closable_steps(problem) >= problem.needs.weight
    needs = np.flatnonzero(reach)[::97][:30]
    target = Target("one step for thirty", needs, problem.needs.held[needs] + 1, problem.quarters - 1)
    return dataclasses.replace(problem, fair_shares=fair_shares(problem, 1_500, homes), targets=(target,))


@pytest.mark.long
def test_a_large_plan_that_misses_its_demands_is_mended():
    problem = demanding(large_problem(1_500, 60))
    settings, deadline = SolveSettings(seconds=200, gap_pct=2), time.monotonic() + 200

    def search(asked, offered, end):
        return search_by_prices(asked, offered, settings, end, silent())

    found = search_with_demands(problem, candidates(problem), search, deadline, (settings, silent()))
    assert found.lines is not None
    assert Ledger(problem).broken(found.lines) == []
    assert unkept_demands(problem, found.lines) == []
    assert found.stages[0].value <= found.bound
