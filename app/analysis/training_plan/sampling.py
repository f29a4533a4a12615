"""A part of the people with their part of money and seats: its prices are near those of all, in a tenth of the time.

The prices are only where the search among all begins. Whatever they are, the bound worked out with them holds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.analysis.training_plan.problem import NO_LIMIT, Learners, Needs, PlanProblem


def sampled(problem: PlanProblem, size: int) -> PlanProblem:
    """``size`` people in even steps, their needs, and their share of budgets and seats.

    Locked lines, demands and what ties single people together are left out.
    """
    people = len(problem.learners.staff_ids)
    # staff are listed department by department as often as not, so even steps take of each its part
    chosen = np.unique(np.linspace(0, people - 1, size).astype(np.int64))
    share = len(chosen) / people
    place = np.full(people, -1)
    place[chosen] = np.arange(len(chosen))
    learners, needs, offers = problem.learners, problem.needs, problem.offers
    own = (place[needs.person] >= 0).nonzero()[0]
    places = np.where(offers.places >= NO_LIMIT, NO_LIMIT, np.rint(offers.places * share).astype(np.int64))
    return replace(
        problem,
        learners=Learners(
            tuple(learners.staff_ids[person] for person in chosen.tolist()),
            learners.department[chosen],
            learners.hours[chosen],
            learners.last_quarter[chosen],
            learners.in_scope[chosen],
        ),
        needs=Needs(
            place[needs.person[own]],
            needs.skill[own],
            needs.held[own],
            needs.required[own],
            needs.weight[own],
            needs.in_scope[own],
        ),
        offers=replace(offers, places=places, mentor_hours=None, max_mentees=None, pool=None),
        limits=tuple(replace(limit, pence=int(limit.pence * share)) for limit in problem.limits),
        locked=(),
        forbidden=tuple(
            replace(line, person=int(place[line.person]))
            for line in problem.forbidden
            if place[line.person] >= 0
        ),
        reserves=(),
        release=None,
        mentors=None,
        targets=(),
        fair_shares=(),
    )
