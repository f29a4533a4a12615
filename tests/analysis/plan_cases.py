"""Random training-plan cases, and their translation into a PlanProblem."""

from __future__ import annotations

import random
from datetime import date, timedelta

import numpy as np

from app.analysis.training_plan import (
    NO_LIMIT,
    Enrolment,
    Forbidden,
    Learners,
    MoneyLimit,
    Needs,
    Offers,
    Outcomes,
    PlanProblem,
    last_whole_quarter,
)
from app.terms import FinancialQuarter, Funding

POTS = [str(pot) for pot in Funding]


def random_case(rng: random.Random, *, most_plans: int = 1_000_000):
    """A small case with every kind of limit in play, small enough for the brute force."""
    from tests.analysis.plan_brute_force import count_of_plans

    while True:
        case = _case(rng)
        if count_of_plans(case) <= most_plans:
            return case


def _case(rng):
    is_rich = rng.random() < 0.6
    quarters = rng.randint(1 + is_rich, 3)
    skills = rng.randint(1, 3)
    courses = [_course(rng, k, quarters, skills) for k in range(rng.randint(2 + is_rich, 4))]
    people = [_person(rng, k, quarters, is_rich) for k in range(rng.choice([1, 2, 3, 4, 4]))]
    rng.shuffle(people)
    case = {
        "start_year": 2026,
        "start_month": rng.choice([4, 7, 10]),
        "quarters": quarters,
        "courses": courses,
        "people": people,
        "needs": [_needs(rng, skills) for _ in people],
        "skill_in_scope": [rng.random() < 0.9 for _ in range(skills)],
        "limits": [_limit(rng) for _ in range(rng.choice([0, 1, 1, 2, 3]))],
        "locked": [],
        "forbidden": set(),
        "overrun_allowed": rng.random() < 0.2,
    }
    if rng.random() < 0.2:
        line = (rng.randrange(len(people)), rng.randrange(len(courses)), rng.randrange(quarters))
        case["locked"].append(line)
    for _ in range(rng.choice([0, 0, 1, 2])):
        quarter = rng.choice([None, *range(quarters)])
        case["forbidden"].add((rng.randrange(len(people)), rng.randrange(len(courses)), quarter))
    if case["locked"]:
        person, course, quarter = case["locked"][0]
        case["forbidden"] -= {(person, course, None), (person, course, quarter)}
    return case


def _course(rng, number, quarters, skills):
    pot = rng.choice(POTS)
    free = pot == str(Funding.FREE)
    min_group = rng.choice([1, 1, 1, 2, 2, 3])
    return {
        "code": f"C{rng.randint(10, 99)}{number}",
        "pot": pot,
        "person_cost": 0 if free else rng.choice([0, 100, 333, 500]),
        "cohort_cost": 0 if free else rng.choice([0, 0, 500, 1000]),
        "hours": rng.choice([0, 250, 700, 750, 1000]),
        "duration": rng.choice([1, 1, 1, 2]),
        "min_group": min_group,
        "max_group": rng.choice([None, min_group, min_group + 1]),
        "places": [rng.choice([None, None, None, 1, 2, 3, 0]) for _ in range(quarters)],
        "outcomes": [
            _outcome(rng, skill) for skill in rng.sample(range(skills), rng.randint(1, min(2, skills)))
        ],
    }


def _outcome(rng, skill):
    entry = rng.choice([0, 0, 0, 0, 1, 2])
    return skill, entry, rng.randint(entry + 1, min(4, entry + 3))


def _person(rng, number, quarters, is_rich):
    leaves = date(2026, 9, 1) + timedelta(days=rng.randint(0, 400)) if rng.random() < 0.2 else None
    return {
        "id": f"S{rng.randint(100, 999)}{number}",
        "department": rng.randrange(2),
        "hours": [
            rng.choice([None, 1000, 1700, 2500] if is_rich else [None, 500, 1700]) for _ in range(quarters)
        ],
        "end_date": leaves,
        "in_scope": rng.random() < 0.93,
    }


def _needs(rng, skills):
    found = {}
    for skill in range(skills):
        if rng.random() < 0.85:
            held = rng.choice([None, 0, 0, 0, 1, 1, 2])
            found[skill] = (held, rng.randint(2, 4), rng.choice([10_000, 10_000, 10_000, 5_000, 12_345]))
    return found


def _limit(rng):
    return {
        "pot": rng.choice(POTS[:3]),
        "pence": rng.choice([0, 333, 500, 833, 1000, 1500, 2000, 3000]),
        "year": rng.choice([None, None, 2026, 2027]),
        "departments": rng.choice([None, None, frozenset({0}), frozenset({1})]),
    }


def problem_of(case) -> PlanProblem:
    """The case as the optimiser takes it."""
    start = FinancialQuarter.of(date(case["start_year"], case["start_month"], 1))
    people, courses = case["people"], case["courses"]
    pairs = [(p, s, *need) for p, own in enumerate(case["needs"]) for s, need in own.items()]
    pairs = [(p, s, 255 if h is None else h, r, w, case["skill_in_scope"][s]) for p, s, h, r, w in pairs]
    needs = np.array(pairs, dtype=np.int64).reshape(-1, 6)
    given = [(c, *outcome) for c, course in enumerate(courses) for outcome in course["outcomes"]]
    outcomes = np.array(given, dtype=np.int64).reshape(-1, 4)
    limited = [[NO_LIMIT if h is None else h for h in person["hours"]] for person in people]
    places = [[NO_LIMIT if p is None else p for p in course["places"]] for course in courses]

    def column(name):
        return np.array([NO_LIMIT if k[name] is None else k[name] for k in courses], dtype=np.int64)

    return PlanProblem(
        start=start,
        quarters=case["quarters"],
        learners=Learners(
            tuple(person["id"] for person in people),
            np.array([person["department"] for person in people]),
            np.array(limited),
            np.array([last_whole_quarter(person["end_date"], start) for person in people]),
            np.array([person["in_scope"] for person in people]),
        ),
        needs=Needs(*(needs[:, k] for k in range(5)), needs[:, 5].astype(bool)),
        offers=Offers(
            codes=tuple(course["code"] for course in courses),
            pot=np.array([POTS.index(course["pot"]) for course in courses]),
            person_cost=column("person_cost"),
            cohort_cost=column("cohort_cost"),
            hours=column("hours"),
            duration=column("duration"),
            min_group=column("min_group"),
            max_group=column("max_group"),
            places=np.array(places),
        ),
        outcomes=Outcomes(*outcomes.T),
        limits=tuple(
            MoneyLimit(Funding(k["pot"]), k["pence"], k["year"], k["departments"]) for k in case["limits"]
        ),
        locked=tuple(Enrolment(*line) for line in case["locked"]),
        forbidden=tuple(Forbidden(*line) for line in sorted(case["forbidden"], key=str)),
        overrun_allowed=case["overrun_allowed"],
    )
