"""What a plan could work on before it is made: open steps, people, courses, and a first budget to start from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from app.analysis.gaps import gap_pairs
from app.services.gap_base import GapBase
from app.services.scope import Scope
from app.terms import NOT_ASSESSED

POUNDS_PER_PERSON = 500
"""Where no plan was made before, the budget shown first is this much for each person who is short: a figure to start
from, said to be one beside the field, not a recommendation."""


@dataclass(frozen=True, slots=True)
class PlanOutlook:
    """The people of a scope, those short of something, their open steps, the courses on offer."""

    people: int
    people_short: int
    pairs_assessed: int
    steps_open: int
    courses: int

    @property
    def first_budget(self) -> Decimal:
        """A budget to start from, in whole thousands of pounds."""
        pounds = self.people_short * POUNDS_PER_PERSON
        return Decimal(-(-pounds // 1_000) * 1_000)


def outlook_of(base: GapBase, scope: Scope, courses: int) -> PlanOutlook:
    """Count the open steps of a scope."""
    mask = base.population.mask(scope)
    pairs = gap_pairs(base.blocks, mask)
    is_assessed = pairs.held != NOT_ASSESSED
    is_open = is_assessed & (pairs.held < pairs.required)
    steps = pairs.required[is_open].astype(np.int64) - pairs.held[is_open].astype(np.int64)
    return PlanOutlook(
        people=int(mask.sum()),
        people_short=len(np.unique(pairs.person[is_open])),
        pairs_assessed=int(is_assessed.sum()),
        steps_open=int(steps.sum()),
        courses=courses,
    )
