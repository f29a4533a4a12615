"""Where no plan is possible, the clash named is one, and dropping any one of its demands makes a plan possible."""

from __future__ import annotations

import copy
import random

import numpy as np
import pytest

from app.analysis.training_plan import (
    Enrolment,
    Forbidden,
    MoneyLimit,
    PlanState,
    Target,
    check_plan,
    clashes,
    solve,
)
from app.analysis.training_plan.clashes import DemandKind, named_demands, smallest_clash
from app.progress import silent
from app.terms import Funding
from tests.analysis.plan_brute_force import best_plan
from tests.analysis.plan_cases import problem_of, random_case
from tests.analysis.test_training_plan import FREE, PAID, one_person
from tests.counts import share

KINDS = DemandKind


def without(case, problem, demands):
    """The case as it is when these demands are dropped, worked out on the case alone."""
    case = copy.deepcopy(case)
    gone = {(demand.kind, demand.place) for demand in demands}
    case["holders"] = {line[0] for line in case["locked"]}
    for kind, place in sorted(gone):
        if kind in ON_CASE:
            ON_CASE[kind](case)
        elif kind in (KINDS.PLACES, KINDS.GROUP):
            drop_of_course(case, kind, problem.offers.codes[place])
        elif kind in (KINDS.HOURS, KINDS.END_DATE):
            facts = case["people"][place]
            facts.update({"hours": [None] * case["quarters"]} if kind is KINDS.HOURS else {"end_date": None})
    for name, kind in (("limits", KINDS.MONEY), ("targets", KINDS.TARGET), ("locked", KINDS.LOCK)):
        case[name] = [one for place, one in enumerate(case[name]) if (kind, place) not in gone]
    bans = enumerate(sorted(case["forbidden"], key=str))
    case["forbidden"] = {ban for place, ban in bans if (KINDS.FORBIDDEN, place) not in gone}
    kept = [one for k, one in enumerate(problem.fair_shares) if (KINDS.FAIR_SHARE, k) not in gone]
    return {**case, "floors": {home: one.needed for one in kept for home in one.homes}}


def free_others(case):
    for who in (*(p for k, p in enumerate(case["people"]) if k not in case["holders"]), *case["mentors"]):
        who["hours"] = [None] * case["quarters"]


def no_mentors(case):
    for course in case["courses"]:
        course["mentor_hours"] = None


ON_CASE = {
    KINDS.HORIZON: lambda case: case.update(overrun_allowed=True),
    KINDS.RELEASE: lambda case: case.update(release=None),
    KINDS.RESERVE: lambda case: case.update(reserves=[]),
    KINDS.OTHER_HOURS: free_others,
    KINDS.MENTORS: no_mentors,
}


def drop_of_course(case, kind, code):
    """Places or the smallest group of a course dropped; where groups stay apart the group of one department only."""
    name, _, home = code.partition(" (")
    course = next(one for one in case["courses"] if one["code"] == name)
    if kind is KINDS.PLACES:
        course["places"] = [None] * case["quarters"]
    elif home:
        course.setdefault("min_group_at", {})[int(home.rstrip(")"))] = 1
    else:
        course["min_group"] = 1


def is_possible(case):
    return best_plan(case) is not None


def impossible_cases(block, count):
    rng = random.Random(f"clash {block}")
    while count:
        case = random_case(rng, most_plans=20_000, demands=0.4)
        for _ in range(rng.randint(0, 2)):
            person, course = rng.randrange(len(case["people"])), rng.randrange(len(case["courses"]))
            if (person, course) not in {line[:2] for line in case["locked"]}:
                case["locked"].append((person, course, rng.randrange(case["quarters"])))
        if best_plan(case) is None:
            count -= 1
            yield case


@pytest.mark.parametrize("block", range(5))
def test_a_clash_is_one_and_none_of_its_demands_can_be_left_out(block, monkeypatch):
    monkeypatch.setattr(clashes, "MOST_NAMED", 0 if block % 2 else clashes.MOST_NAMED)
    for case in impossible_cases(block, max(2, share(200) // 5)):
        problem = problem_of(case)
        clash = smallest_clash(problem, 60, silent())
        everything = named_demands(problem)
        others = [demand for demand in everything if demand not in clash.demands]
        assert clash.is_smallest
        assert clash.demands
        assert not is_possible(without(case, problem, others)), clash
        for demand in clash.demands:
            assert is_possible(without(case, problem, [*others, demand])), (demand, clash)


def test_the_plan_that_cannot_be_says_which_limits_clash():
    problem = one_person(
        [PAID], limits=(MoneyLimit(Funding.LEARNING_BUDGET, 100),), locked=(Enrolment(0, 0, 0),)
    )
    result = solve(problem)
    assert result.state is PlanState.INFEASIBLE
    assert result.lines is None
    assert result.clashes == ("L&D budget is £1.00", "S0 on C0 in 2026-27 Q3 is locked")
    assert check_plan(problem, result) == []


def test_a_target_no_course_leads_to_clashes_with_nothing_else():
    target = Target("everybody at working by 2026-27 Q3", np.array([0]), np.array([2]), 0)
    result = solve(one_person([(0, 0, 700, 1, 1, 9, 0, 1)], targets=(target,)))
    assert result.clashes == ("everybody at working by 2026-27 Q3 (S0, to working)",)


def test_a_line_locked_and_forbidden_clashes_with_itself():
    problem = one_person([FREE], locked=(Enrolment(0, 0, 0),), forbidden=(Forbidden(0, 0),))
    assert solve(problem).clashes == ("S0 on C0 is forbidden", "S0 on C0 in 2026-27 Q3 is locked")


def test_where_time_runs_out_the_clash_says_that_fewer_might_do():
    problem = one_person([FREE], locked=(Enrolment(0, 0, 0),), forbidden=(Forbidden(0, 0),))
    clash = smallest_clash(problem, 0.0, silent())
    assert not clash.is_smallest
    assert "perhaps fewer" in clash.sentences[-1]
