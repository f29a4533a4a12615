"""Which limits clash when no plan is possible: those that the locked lines break by themselves."""

from __future__ import annotations

from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.problem import PlanProblem


def clashing_limits(problem: PlanProblem) -> tuple[str, ...]:
    """The limits that the locked lines alone break, in words; empty where they break none."""
    offers, learners = problem.offers, problem.learners
    forbidden = {(f.person, f.course, f.quarter) for f in problem.forbidden}
    found: list[str] = []
    for line in sorted(problem.locked):
        when = (problem.start + line.quarter).label
        name = f"{learners.staff_ids[line.person]} on {offers.codes[line.course]} in {when}"
        if {(line.person, line.course, None), (line.person, line.course, line.quarter)} & forbidden:
            found.append(f"{name} is both locked and forbidden")
        if line.quarter + int(offers.duration[line.course]) - 1 > learners.last_quarter[line.person]:
            found.append(f"{name} is locked, but ends after the person leaves")
    return tuple(found + Ledger(problem).broken(sorted(problem.locked), groups_may_grow=True))
