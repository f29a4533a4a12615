"""Single points of failure: skills that one or two people hold up, and what is left when they go.

A skill is held up by few where, in a unit in which somebody's role requires it, only one or two people hold it at
practitioner or above. What is left is the unit's readiness without them: their pairs, of all skills, leave both sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.analysis.gaps import Mask, gap_pairs
from app.analysis.level_blocks import Codes, Ints, LevelBlocks
from app.analysis.mentors import StrongLevels

MOST_HOLDERS = 2
"""A skill held by more people than this is no single point of failure."""


@dataclass(frozen=True, slots=True)
class SinglePoints:
    """One entry per unit and skill held up by one or two people, by unit and skill.

    ``holder`` [entries × 2] are rows of people, the second -1 where there is one holder; ``requiring`` counts the
    people whose role requires the skill, holders included; ``assessed`` and ``meeting`` are the unit's sums over all
    skills, ``assessed_left`` and ``meeting_left`` those without the holders.
    """

    unit: Ints
    skill: Ints
    holder: Ints
    requiring: Ints
    assessed: Ints
    meeting: Ints
    assessed_left: Ints
    meeting_left: Ints


def single_points(
    blocks: LevelBlocks, units: Codes, n_units: int, strong: StrongLevels, mask: Mask | None = None
) -> SinglePoints:
    """The single points of failure of every unit.

    ``units`` [people] are codes from 0 to ``n_units - 1``, -1 for people in none; ``strong`` says who holds what at
    practitioner or above, each person and skill once; ``mask`` [people] is the filter: those outside it neither hold
    nor require.
    """
    n_skills, size = blocks.layout.n_skills, n_units * blocks.layout.n_skills
    chosen = units >= 0 if mask is None else mask & (units >= 0)
    pairs = gap_pairs(blocks, chosen)
    requiring = np.bincount(units[pairs.person].astype(np.int64) * n_skills + pairs.skill, minlength=size)
    is_held = chosen[strong.person]
    person = strong.person[is_held].astype(np.int64)
    cell = units[person].astype(np.int64) * n_skills + strong.skill[is_held]
    holders = np.bincount(cell, minlength=size)
    found = np.flatnonzero((holders >= 1) & (holders <= MOST_HOLDERS) & (requiring > 0))
    holder = _holders(found, cell, person)
    counts = blocks.person_counts()

    def sums(values: np.ndarray[tuple[int], np.dtype[np.int32]]) -> tuple[Ints, Ints]:
        whole = np.bincount(units[chosen], weights=values[chosen], minlength=n_units).astype(np.int64)
        theirs = np.where(holder >= 0, values[holder], 0).sum(axis=1)
        return whole[found // max(n_skills, 1)], whole[found // max(n_skills, 1)] - theirs

    assessed, assessed_left = sums(counts.assessed)
    meeting, meeting_left = sums(counts.meeting)
    unit, skill = np.divmod(found, max(n_skills, 1))
    return SinglePoints(
        unit, skill, holder, requiring[found].astype(np.int64), assessed, meeting, assessed_left, meeting_left
    )


def _holders(found: Ints, cell: Ints, person: Ints) -> Ints:
    """[found × 2]: the people of each found cell in order of row, -1 where there is no second."""
    order = np.lexsort((person, cell))
    cell, person = cell[order], person[order]
    first = np.searchsorted(cell, found)
    has_second = np.searchsorted(cell, found, side="right") - first > 1
    holder = np.full((len(found), MOST_HOLDERS), -1, np.int64)
    if len(found):
        holder[:, 0] = person[first]
        holder[has_second, 1] = person[first[has_second] + 1]
    return holder
