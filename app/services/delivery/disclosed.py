"""Priorities and departments as others may see them: nothing that rests on 1 to 4 people (PRODUCT, rule 6).

A priority behind which so few stand keeps its name, date and weight and loses every figure. Of others, roles so few
people are in and skills so few are short of go. There are no totals that could give them away: what stands behind one
priority may stand behind another too.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.analysis.disclosure import SUPPRESSED
from app.services.capability import AnalystTeam, Capability
from app.services.delivery.readiness import PriorityReadiness

FEW = 5
"""Counts of people from 1 to one less than this are hidden."""


def is_few(people: int) -> bool:
    """Whether a count of people must not be shown."""
    return 0 < people < FEW


def disclosed_priority(line: PriorityReadiness) -> PriorityReadiness:
    """The priority without what must not be shown; ``people`` is 0 where all of it is hidden."""
    demand = tuple(one for one in line.demand if not is_few(one.people))
    if is_few(line.people) or len(demand) < len(line.demand):
        return replace(
            line,
            people=0,
            required=0,
            assessed=0,
            meeting=0,
            meeting_by_date=None,
            demand=(),
            holding_back=(),
            plan_cost_gbp=Decimal(0),
            plan_steps=Decimal(0),
            sentence=f"{SUPPRESSED} Its figures rest on fewer than {FEW} people and are not shown.",
        )
    return replace(
        line,
        holding_back=tuple(
            one for one in line.holding_back if not (is_few(one.short) or is_few(one.short_by_date))
        ),
    )


def is_hidden(line: PriorityReadiness) -> bool:
    """Whether a disclosed priority had its figures taken away."""
    return line.sentence.startswith(SUPPRESSED)


def disclosed_capability(one: Capability) -> Capability:
    """The department without the figures of an analyst team or digital workforce of 1 to 4 people."""
    if not (is_few(one.team.analysts) or is_few(one.digital)):
        return one
    return replace(one, digital=0, team=AnalystTeam(0, 0, None, None, None, None, None, ()), is_hidden=True)
