"""Large, realistic training-plan problems from a seed: skewed demand for skills, cohorts, places, several pots."""

from __future__ import annotations

import numpy as np

from app.analysis.training_plan import (
    NO_LIMIT,
    NOT_BEFORE_LEAVING,
    Learners,
    MoneyLimit,
    Needs,
    Offers,
    Outcomes,
    PlanProblem,
)
from app.terms import FinancialQuarter, Funding

POTS = list(Funding)


def large_problem(
    people: int, courses: int, quarters: int = 4, *, seed: int = 1, share: float = 0.35
) -> PlanProblem:
    """``share``: the budget as a share of what every gap's dearest usual course would cost."""
    rng = np.random.default_rng(seed)
    skills = 170
    demand = 1.0 / np.arange(1, skills + 1) ** 0.7
    demand /= demand.sum()
    offers, outcomes = _catalogue(rng, courses, quarters, skills, demand)
    gaps = rng.poisson(4, people) + 1
    person = np.repeat(np.arange(people), gaps)
    skill = rng.choice(skills, len(person), p=demand)
    _, first = np.unique(person * skills + skill, return_index=True)
    person, skill = person[first], skill[first]
    held = rng.choice(4, len(person), p=[0.45, 0.3, 0.2, 0.05])
    required = np.minimum(4, held + rng.choice([1, 2, 3], len(person), p=[0.6, 0.3, 0.1]))
    hours = rng.integers(20, 61, people)
    budget = int(share * len(person) * 40_000)
    return PlanProblem(
        start=FinancialQuarter.parse("2026Q3"),
        quarters=quarters,
        learners=Learners(
            tuple(f"S{k:06}" for k in range(people)),
            rng.integers(0, 12, people),
            np.repeat(hours[:, None] * 100, quarters, axis=1),
            np.where(rng.random(people) < 0.05, rng.integers(0, quarters, people), NOT_BEFORE_LEAVING),
            np.ones(people, dtype=bool),
        ),
        needs=Needs(
            person,
            skill,
            held,
            required,
            rng.choice([10_000, 10_000, 15_000, 20_000], len(person)),
            person >= 0,
        ),
        offers=offers,
        outcomes=outcomes,
        limits=(MoneyLimit(Funding.LEARNING_BUDGET, budget), MoneyLimit(Funding.LEVY, budget // 4)),
    )


def _catalogue(rng, courses, quarters, skills, demand):
    pot = rng.choice([POTS.index(Funding.LEARNING_BUDGET)] * 7 + [POTS.index(Funding.FREE)] + [1, 1], courses)
    pot[rng.random(courses) < 0.08] = POTS.index(Funding.LEVY)
    free = pot == POTS.index(Funding.FREE)
    pot = np.where(np.isin(pot, [POTS.index(k) for k in (Funding.FREE, Funding.LEVY)]), pot, 0)
    is_cohort = (rng.random(courses) < 0.3) & ~free
    places = np.full((courses, quarters), NO_LIMIT)
    scarce = rng.random(courses) < 0.3
    places[scarce] = rng.integers(12, 12 + 2 * skills, (int(scarce.sum()), 1))
    number = rng.choice([1, 2, 3, 4], courses, p=[0.35, 0.35, 0.2, 0.1])
    course = np.repeat(np.arange(courses), number)
    skill = rng.choice(skills, len(course), p=demand)
    _, first = np.unique(course * skills + skill, return_index=True)
    course, skill = course[first], skill[first]
    entry = rng.choice(3, len(course), p=[0.6, 0.25, 0.15])
    exit_level = np.minimum(4, entry + rng.choice([1, 2, 3], len(course), p=[0.4, 0.45, 0.15]))
    offers = Offers(
        codes=tuple(f"C{k:03}" for k in range(courses)),
        pot=pot,
        person_cost=np.where(free, 0, np.where(is_cohort, 2_000, rng.integers(50, 1_500, courses) * 100)),
        cohort_cost=np.where(is_cohort, rng.integers(30, 90, courses) * 10_000, 0),
        hours=rng.integers(6, 70, courses) * 50,
        duration=rng.choice([1, 1, 1, 1, 2], courses),
        min_group=np.where(is_cohort, 5, 1),
        max_group=np.where(is_cohort, 14, NO_LIMIT),
        places=places,
    )
    return offers, Outcomes(course, skill, entry, exit_level)
