"""Random training-plan cases, and their translation into a PlanProblem."""

from __future__ import annotations

import dataclasses
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
from app.analysis.training_plan.demands import NO_MENTOR, NOT_A_LEARNER, Mentors, Release, Reserve, Target
from app.analysis.training_plan.fairness import fair_shares
from app.analysis.training_plan.separate import with_separate_groups
from app.terms import FinancialQuarter, Funding

POTS = [str(pot) for pot in Funding]


PARENT = [-1, 0, -1, 2]
"""Units 0 and 1 are a department and a unit of it, 2 and 3 another."""


def random_case(rng: random.Random, *, most_plans: int = 300_000, demands: float = 0.25):
    """A small case with every kind of limit in play, small enough for the brute force.

    ``demands`` is how likely each of the limits beyond money, hours and places is.
    """
    from tests.analysis.plan_brute_force import count_of_plans

    while True:
        case = _case(rng)
        _add_demands(rng, case, demands)
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


def _add_demands(rng, case, likely):
    """Reserves, separate groups, released teams, mentors, targets, fair shares: each sometimes."""
    quarters, people = case["quarters"], case["people"]
    case.update(reserves=[], release=None, mentors=[], parent=PARENT, targets=[], fair_share=0)
    if rng.random() < likely:
        own = [({0, 1}, rng.choice([0, 333, 500, 1000])), ({2, 3}, rng.choice([0, 500, 1000]))]
        case["reserves"].append({"pot": POTS[0], "own": own, "pence": rng.choice([0, 333, 500, 1000])})
    for course in case["courses"]:
        course["mix"] = rng.random() >= likely
        if rng.random() < likely / 3:
            course["open_to"] = rng.choice([{0, 1}, {2, 3}, {1}])
    if rng.random() < likely:
        case["release"] = {
            "most": [[rng.choice([0, 1, 1, 1, 2]) for _ in range(quarters)] for _ in range(4)],
            "away": {(p, q) for p in range(len(people)) for q in range(quarters) if rng.random() < 0.1},
        }
    if rng.random() < likely * 1.5:
        _add_mentors(rng, case)
    for _ in range(rng.choice([0, 1, 1, 2]) if rng.random() < likely else 0):
        _add_target(rng, case)
    if rng.random() < likely:
        case["fair_share"] = rng.choice([1_000, 2_500, 3_333, 5_000, 10_000])


def _add_mentors(rng, case):
    for course in rng.sample(case["courses"], rng.randint(1, 2)):
        course["mentor_hours"] = rng.choice([0, 300, 600])
        course["max_mentees"] = rng.choice([None, 1, 1, 2])
    learners = [*range(len(case["people"])), None, None]
    for number in range(rng.randint(1, 3)):
        learner = rng.choice(learners)
        if learner is not None:
            learners.remove(learner)
        person = None if learner is None else case["people"][learner]
        leaves = date(2026, 9, 1) + timedelta(days=rng.randint(0, 400)) if rng.random() < 0.2 else None
        case["mentors"].append(
            {
                "id": f"M{rng.randint(100, 999)}{number}" if person is None else person["id"],
                "learner": learner,
                "unit": rng.choice([0, 0, 1, 2, 3]) if person is None else person["unit"],
                "hours": [rng.choice([None, 300, 600, 900]) for _ in range(case["quarters"])],
                "end_date": leaves if person is None else person["end_date"],
                "able": [rng.random() < 0.85 for _ in case["courses"]],
            }
        )


def _add_target(rng, case):
    open_pairs = [
        (person, skill, rng.randint(held + 1, required))
        for person, own in enumerate(case["needs"])
        for skill, (held, required, _) in own.items()
        if held is not None
        and held < required
        and case["skill_in_scope"][skill]
        and case["people"][person]["in_scope"]
    ]
    if open_pairs:
        needs = rng.sample(open_pairs, rng.randint(1, min(2, len(open_pairs))))
        price = rng.choice([None, 5_000, 20_000, 0])
        case["targets"].append({"needs": needs, "by": rng.randrange(case["quarters"]), "price": price})


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
        "mix": True,
        "open_to": None,
        "mentor_hours": None,
        "max_mentees": None,
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
        "unit": rng.randrange(4),
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
        "departments": rng.choice([None, None, frozenset({0, 1}), frozenset({2, 3}), frozenset({1})]),
    }


def problem_of(case) -> PlanProblem:
    """The case as the optimiser takes it."""
    start = FinancialQuarter.of(date(case["start_year"], case["start_month"], 1))
    people = case["people"]
    pairs = [(p, s, *need) for p, own in enumerate(case["needs"]) for s, need in own.items()]
    pairs = [(p, s, 255 if h is None else h, r, w, case["skill_in_scope"][s]) for p, s, h, r, w in pairs]
    needs = np.array(pairs, dtype=np.int64).reshape(-1, 6)
    given = [(c, *outcome) for c, course in enumerate(case["courses"]) for outcome in course["outcomes"]]
    outcomes = np.array(given, dtype=np.int64).reshape(-1, 4)
    limited = [[NO_LIMIT if h is None else h for h in person["hours"]] for person in people]
    limits, reserves = _money(case)
    problem = PlanProblem(
        start=start,
        quarters=case["quarters"],
        learners=Learners(
            tuple(person["id"] for person in people),
            np.array([person["unit"] for person in people]),
            np.array(limited),
            np.array([last_whole_quarter(person["end_date"], start) for person in people]),
            np.array([person["in_scope"] for person in people]),
            np.array([person["unit"] // 2 for person in people]),
        ),
        needs=Needs(*(needs[:, k] for k in range(5)), needs[:, 5].astype(bool)),
        offers=_offers(case),
        outcomes=Outcomes(*outcomes.T),
        limits=limits,
        locked=tuple(Enrolment(*line) for line in case["locked"]),
        forbidden=tuple(Forbidden(*line) for line in sorted(case["forbidden"], key=str)),
        overrun_allowed=case["overrun_allowed"],
        reserves=reserves,
        release=_release(case),
        mentors=_mentors(case, start),
        targets=tuple(_target(target, pairs) for target in case["targets"]),
    )
    apart = {c for c, course in enumerate(case["courses"]) if not course["mix"]}
    problem = with_separate_groups(problem, apart).problem
    if case["fair_share"]:
        homes = [("department 0", frozenset({0})), ("department 1", frozenset({1}))]
        problem = dataclasses.replace(problem, fair_shares=fair_shares(problem, case["fair_share"], homes))
    return problem


def _offers(case):
    courses = case["courses"]
    places = [[NO_LIMIT if p is None else p for p in course["places"]] for course in courses]

    def column(name, blank=NO_LIMIT):
        return np.array([blank if k[name] is None else k[name] for k in courses], dtype=np.int64)

    return Offers(
        codes=tuple(course["code"] for course in courses),
        pot=np.array([POTS.index(course["pot"]) for course in courses]),
        person_cost=column("person_cost"),
        cohort_cost=column("cohort_cost"),
        hours=column("hours"),
        duration=column("duration"),
        min_group=column("min_group"),
        max_group=column("max_group"),
        places=np.array(places),
        open_to=np.array(
            [[k["open_to"] is None or unit in k["open_to"] for unit in range(4)] for k in courses]
        ),
        mentor_hours=column("mentor_hours", NO_MENTOR),
        max_mentees=column("max_mentees"),
    )


def _money(case):
    limits = [MoneyLimit(Funding(k["pot"]), k["pence"], k["year"], k["departments"]) for k in case["limits"]]
    reserves = []
    for reserve in case["reserves"]:
        accounts = []
        for units, own in reserve["own"]:
            accounts.append((len(limits), own))
            limits.append(MoneyLimit(Funding(reserve["pot"]), own + reserve["pence"], None, frozenset(units)))
        reserves.append(Reserve(reserve["pence"], tuple(accounts)))
    return tuple(limits), tuple(reserves)


def _release(case):
    if not case["release"]:
        return None
    away = np.zeros((len(case["people"]), case["quarters"]), dtype=bool)
    for person, quarter in case["release"]["away"]:
        away[person, quarter] = True
    units = np.array([person["unit"] for person in case["people"]])
    return Release(units, np.array(case["release"]["most"]), away, ("unit 0", "unit 1", "unit 2", "unit 3"))


def _mentors(case, start):
    mentors = case["mentors"]
    if not mentors:
        return None
    hours = [[NO_LIMIT if h is None else h for h in mentor["hours"]] for mentor in mentors]
    return Mentors(
        tuple(mentor["id"] for mentor in mentors),
        np.array([NOT_A_LEARNER if m["learner"] is None else m["learner"] for m in mentors]),
        np.array([mentor["unit"] for mentor in mentors]),
        np.array(hours),
        np.array([last_whole_quarter(mentor["end_date"], start) for mentor in mentors]),
        np.array([mentor["able"] for mentor in mentors]),
        np.array(case["parent"]),
        np.array([person["unit"] for person in case["people"]]),
    )


def _target(target, pairs):
    number = {(person, skill): k for k, (person, skill, *_) in enumerate(pairs)}
    needs = [number[person, skill] for person, skill, _ in target["needs"]]
    levels = [level for _, _, level in target["needs"]]
    words = f"needs {needs} by quarter {target['by'] + 1}"
    return Target(words, np.array(needs), np.array(levels), target["by"], target["price"])
