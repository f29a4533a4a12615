"""Why lines are in a plan and needs are not: every reason stated is one whose removal changes the plan."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from app.analysis.training_plan import NO_LIMIT, Forbidden, solve
from app.analysis.training_plan.explain import Hurdle, line_reasons, need_price
from app.analysis.training_plan.ledger import Ledger, limit_words
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.problem import WEIGHT_RANGE
from app.analysis.training_plan.standing import Standing
from app.terms import Funding
from tests.analysis.plan_brute_force import costs_of, is_in_time, is_within_hours, levels_after
from tests.analysis.plan_cases import problem_of, random_case
from tests.counts import share

BLOCKS = 10
CASES = 200


def cases(block, what, demands=0.25):
    """Random cases with a plan, the plan, and where it stands."""
    for seed in range(share(CASES) // BLOCKS or 1):
        case = random_case(random.Random(f"{what} {block} {seed}"), most_plans=40_000, demands=demands)
        if what == "gap":  # a target for a gap that is gone is no plan problem any more
            case["targets"] = []
        problem = problem_of(case)
        result = solve(problem)
        if result.lines:
            yield case, problem, result, Standing(problem, result.lines)


def scarce(block):
    """Cases in which people compete for one budget, so that weights decide."""
    for seed in range(share(CASES) // BLOCKS or 1):
        rng = random.Random(f"scarce {block} {seed}")
        case = random_case(rng, most_plans=1_000, demands=0.0)
        pot = str(Funding.LEARNING_BUDGET)
        course = {
            "pot": pot,
            "cohort_cost": 0,
            "hours": 700,
            "duration": 1,
            "min_group": 1,
            "max_group": None,
            "mix": True,
            "open_to": None,
            "mentor_hours": None,
            "max_mentees": None,
        }
        case["courses"] = [
            {
                **course,
                "code": f"C{number}",
                "person_cost": rng.choice([300, 400, 650]),
                "places": [None] * case["quarters"],
                "outcomes": [(rng.randrange(2), 0, rng.randint(1, 3))],
            }
            for number in range(4)
        ]
        case["people"] = [
            {
                "id": f"S{k}",
                "unit": 0,
                "hours": [None] * case["quarters"],
                "end_date": None,
                "in_scope": True,
            }
            for k in range(5)
        ]
        case["needs"] = [
            {skill: (0, rng.randint(1, 3), rng.choice([5_000, 10_000, 20_000])) for skill in range(2)}
            for _ in case["people"]
        ]
        money = {"pot": pot, "pence": rng.choice([900, 1300, 2000]), "year": None, "departments": None}
        case |= {"skill_in_scope": [True] * 3, "limits": [money], "locked": [], "forbidden": set()}
        problem = problem_of(case)
        result = solve(problem)
        yield problem, result, Standing(problem, result.lines)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_without_its_gap_no_line_stays_for_it(block):
    for _, problem, result, _ in cases(block, "gap"):
        for line in result.lines:
            needs = [credit.need for credit in line.credits]
            held = problem.needs.held.copy()
            held[needs] = problem.needs.required[needs]
            again = solve(replace(problem, needs=replace(problem.needs, held=held)))
            if again.lines is None:  # locked lines counted on this one's group, or a share on its steps
                assert problem.locked or problem.fair_shares
                continue
            assert again.objective <= result.objective  # equal: a tie with somebody else's line
            same = [one for one in again.lines if one.enrolment == line.enrolment and not one.is_locked]
            assert not any(credit.need in needs for one in same for credit in one.credits)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_below_the_weight_stated_the_line_goes_or_it_is_a_tie(block):
    stated = 0
    for problem, result, standing in scarce(block):
        for line in result.lines:
            reasons = line_reasons(standing, line, result.bound)
            if reasons.weight_share is None:
                continue
            stated += 1
            needs = [credit.need for credit in line.credits]
            weight = problem.needs.weight.copy()
            weight[needs] = np.floor(weight[needs] * reasons.weight_share - 1e-6).astype(np.int64)
            weight[needs] = np.maximum(weight[needs], WEIGHT_RANGE[0])
            lighter = replace(problem, needs=replace(problem.needs, weight=weight))
            again = solve(lighter)
            forbidden = (*problem.forbidden, Forbidden(line.person, line.course, line.quarter))
            without = solve(replace(lighter, forbidden=forbidden))
            stays = line.enrolment in {one.enrolment for one in again.lines or ()}
            assert not stays or _closes_less(line, again) or without.objective == again.objective
    assert stated or share(CASES) < CASES


def _closes_less(line, again):
    closed = sum(
        c.steps_closed for one in again.lines if one.enrolment == line.enrolment for c in one.credits
    )
    return closed < sum(credit.steps_closed for credit in line.credits)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_runner_up_is_the_best_other_way_a_naive_search_finds(block):
    for case, _, result, standing in cases(block, "runner", demands=0.0):
        plan = [(line.person, line.course, line.quarter) for line in result.lines]
        total = sum(costs_of(case, plan).values())
        for line in result.lines:
            needs = {credit.need for credit in line.credits}
            ways = standing.other_ways(line.enrolment, frozenset(needs)) if needs else []
            wanted = _naive_ways(case, plan, total, line, {credit.skill for credit in line.credits})
            assert bool(ways) == bool(wanted)
            if ways:
                assert (-ways[0].value, ways[0].pence) == wanted


def _naive_ways(case, plan, total, line, skills):
    """(−value on the line's skills, pence) of the best other one or two courses of the person."""
    person = line.person
    kept = [one for one in plan if one[0] == person and one[1:] != (line.course, line.quarter)]
    taken = {course for _, course, _ in kept} | {line.course}
    banned = {(c, q) for p, c, q in case["forbidden"] if p == person}
    options = [
        (person, course, quarter)
        for course, offer in enumerate(case["courses"])
        for quarter in range(case["quarters"])
        if course not in taken
        and (course, None) not in banned
        and (course, quarter) not in banned
        and offer["places"][quarter] != 0
        and (case["overrun_allowed"] or quarter + offer["duration"] <= case["quarters"])
        and case["people"][person]["in_scope"]
    ]
    found = []
    for size in (1, 2):
        for chosen in itertools.combinations(options, size):
            own = [*kept, *chosen]
            if size == 2 and chosen[0][1] == chosen[1][1]:
                continue
            if not is_in_time(case, person, own) or not is_within_hours(case, person, own):
                continue
            value = _on(case, person, own, skills) - _on(case, person, kept, skills)
            spare = any(
                all(
                    _on(case, person, [k for k in own if k != one], {skill})
                    == _on(case, person, own, {skill})
                    for skill in range(3)
                )
                for one in chosen
            )
            if value <= 0 or (size == 2 and spare):
                continue
            roomy = {**case, "courses": [{**k, "places": [None] * case["quarters"]} for k in case["courses"]]}
            costs = costs_of(roomy, [*plan, *chosen])
            if costs is not None:
                found.append((-value, sum(costs.values()) - total))
    return min(found, default=None)


def _on(case, person, plan, skills):
    after = levels_after(case, person, plan)
    return sum(
        weight * (min(after[skill], required) - held)
        for skill, (held, required, weight) in case["needs"][person].items()
        if skill in skills and held is not None and held < required and case["skill_in_scope"][skill]
    )


@pytest.mark.parametrize("block", range(BLOCKS))
def test_below_the_price_stated_dropping_the_line_is_worth_more(block):
    for _, _, result, standing in cases(block, "price"):
        for line in result.lines:
            reasons = line_reasons(standing, line, result.bound)
            if reasons.drops_below is None:
                continue
            worth = 10_000 / (
                reasons.drops_below * 0.999
            )  # value of a penny where a step costs a little less
            keep = reasons.loss - worth * reasons.saving
            ways = [(0, 0)]
            if reasons.runner_up is not None and not reasons.runner_up.lacks:
                ways.append((reasons.runner_up.way.value, reasons.runner_up.way.pence))
            ways += [
                (way.value, way.pence)
                for way in standing.other_ways(line.enrolment, frozenset(c.need for c in line.credits))
            ]
            assert max(value - worth * pence for value, pence in ways) > keep


@pytest.mark.parametrize("block", range(BLOCKS))
def test_what_a_need_is_said_to_lack_is_enough_to_meet_it_and_not_a_penny_too_much(block):
    for _, problem, result, standing in cases(block, "need"):
        for unmet in result.unmet:
            price = need_price(standing, unmet)
            if not price.lines or any(
                k.hurdle in (Hurdle.GROUP, Hurdle.SCOPE, Hurdle.BOOKING) for k in price.lacks
            ):
                continue
            lines = standing.with_change(price.lines, [])
            levels = Levels(problem)
            own = [line for line in lines if line.person == unmet.person]
            earned = [c for k in levels.credits(unmet.person, own) for c in k if c.need == unmet.need]
            assert unmet.level_now + sum(c.steps_closed for c in earned) == price.reaches
            assert not Ledger(_raised(problem, price, 0)).broken(lines)
            if any(lack.hurdle is Hurdle.MONEY for lack in price.lacks):
                assert Ledger(_raised(problem, price, 1)).broken(lines)
            if price.money_alone and not any(k.departments for k in problem.limits):
                richer = solve(_raised(problem, price, 0))
                worth = (price.reaches - unmet.level_after) * int(problem.needs.weight[unmet.need])
                assert richer.objective >= result.objective + worth


def _raised(problem, price, less):
    """The problem with every limit raised by what is lacking, money by ``less`` pence less."""
    limits, hours, places = list(problem.limits), problem.learners.hours.copy(), problem.offers.places.copy()
    for lack in price.lacks:
        if lack.hurdle is Hurdle.MONEY:
            limits = [
                replace(k, pence=k.pence + lack.amount - less) if limit_words(k) == lack.where else k
                for k in limits
            ]
        if lack.hurdle is Hurdle.HOURS:
            quarters = [(problem.start + q).label for q in range(problem.quarters)]
            last = min(
                quarters.index(lack.where) if lack.where in quarters else problem.quarters,
                problem.quarters - 1,
            )
            hours[price.unmet.person, last] += lack.amount
        if lack.hurdle is Hurdle.PLACES:
            for line in price.lines:
                places[line.course, line.quarter] = NO_LIMIT
    return replace(
        problem,
        limits=tuple(limits),
        learners=replace(problem.learners, hours=hours),
        offers=replace(problem.offers, places=places),
    )
