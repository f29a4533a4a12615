"""Who is within reach of the next role level: what it requires against what people hold, person by person.

Pure arrays; which level is the next one, and who holds what on which day, is decided by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from app.terms import NOT_ASSESSED

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]


class Reach(IntEnum):
    """How far a person is from the next level; each person is in exactly one.

    NOT_ASSESSED: what is assessed lacks at most one step, but something is not assessed, so that nobody can say.
    TOP: there is no next level with requirements.
    """

    READY = 0
    ONE_STEP = 1
    FURTHER = 2
    NOT_ASSESSED = 3
    TOP = 4


@dataclass(frozen=True, slots=True)
class NextSteps:
    """Per person, int64: skills the next level requires, of them assessed and met, steps missing, and the reach."""

    required: Ints
    assessed: Ints
    met: Ints
    steps: Ints
    reach: Ints

    def taken(self, places: Ints) -> NextSteps:
        """The same of the people at these places."""
        return NextSteps(
            self.required[places],
            self.assessed[places],
            self.met[places],
            self.steps[places],
            self.reach[places],
        )


def next_steps(held: Bytes, group: Ints, needed: Bytes) -> NextSteps:
    """Compare people with the level above their own.

    ``held`` [people × skills] has 255 where not assessed; ``group`` [people] is the row of ``needed`` that is next, -1
    where there is none; ``needed`` [groups × skills] has 0 where a skill is not required.
    """
    people = len(group)
    counts = {name: np.zeros(people, np.int64) for name in ("required", "assessed", "met", "steps")}
    for row in np.unique(group[group >= 0]).tolist():
        chosen = np.flatnonzero(group == row)
        skills = np.flatnonzero(needed[row] > 0)
        levels, wanted = held[np.ix_(chosen, skills)], needed[row, skills]
        is_known = levels != NOT_ASSESSED
        missing = np.where(is_known & (levels < wanted), wanted - levels, 0)
        counts["required"][chosen] = len(skills)
        counts["assessed"][chosen] = is_known.sum(axis=1)
        counts["met"][chosen] = (is_known & (levels >= wanted)).sum(axis=1)
        counts["steps"][chosen] = missing.sum(axis=1, dtype=np.int64)
    return NextSteps(**counts, reach=_reach(counts, group))


def _reach(counts: dict[str, Ints], group: Ints) -> Ints:
    is_whole = counts["assessed"] == counts["required"]
    near = np.where(counts["steps"] == 0, int(Reach.READY), int(Reach.ONE_STEP))
    reach = np.where(is_whole, near, int(Reach.NOT_ASSESSED))
    reach = np.where(counts["steps"] > 1, int(Reach.FURTHER), reach)
    return np.where(group < 0, int(Reach.TOP), reach).astype(np.int64)
