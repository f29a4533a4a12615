"""Possible mentors and surplus equal asking everybody in turn."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from app.analysis.mentors import Near, UnitTree, possible_mentors, shortfalls, surplus_by_skill
from tests.analysis.small_units import SmallUnits, random_units
from tests.counts import share

PARENTS = (-1, 0, 0, -1)
DEPARTMENTS = (0, 0, 0, 3)


def _tree(found: SmallUnits) -> UnitTree:
    parents = [parent if parent < found.n_units else -1 for parent in PARENTS[: found.n_units]]
    return UnitTree(
        found.units(), np.array(parents, np.int64), np.array(DEPARTMENTS[: found.n_units], np.int64)
    )


def _may_mentor(found: SmallUnits, row: int, skill: int) -> bool:
    level = found.members[row].held.get(skill, 0)
    return level >= 3 and (level == 4 or level > found.required(row).get(skill, 0))


def _nearest(
    found: SmallUnits, present: list[bool], unit: int, skill: int, required: int
) -> tuple[Near, list[int]]:
    """The nearest ring with anybody in it, and who they are, strongest first."""
    able = [
        row
        for row, one in enumerate(found.members)
        if present[row] and _may_mentor(found, row, skill) and one.held[skill] >= required
    ]
    rings = (
        (Near.UNIT, [row for row in able if found.members[row].unit == unit]),
        (Near.PARENT, [row for row in able if found.members[row].unit == PARENTS[unit]]),
        (
            Near.DEPARTMENT,
            [row for row in able if DEPARTMENTS[found.members[row].unit or 0] == DEPARTMENTS[unit]],
        ),
    )
    for ring, rows in rings:
        if rows:
            return ring, sorted(rows, key=lambda row: (-found.members[row].held[skill], row))
    return Near.NOBODY, []


def _everybody_sits_somewhere(found: SmallUnits) -> SmallUnits:
    for one in found.members:
        one.unit = 0 if one.unit is None else one.unit
    return found


@pytest.mark.parametrize("seed", range(share(500)))
def test_the_nearest_mentors_are_found(seed: int) -> None:
    rng = random.Random(seed)
    organisation = _everybody_sits_somewhere(random_units(rng))
    present = [rng.random() < 0.9 for _ in organisation.members]
    blocks, tree = organisation.blocks(), _tree(organisation)
    mentors = possible_mentors(blocks, organisation.strong(), np.array(present, np.bool_))
    found = shortfalls(blocks, tree, mentors, organisation.mask())
    short = Counter(
        (one.unit, skill, need)
        for row, one in enumerate(organisation.members)
        for skill, need in organisation.required(row).items()
        if one.in_scope and skill in one.held and one.held[skill] < need
    )
    keys = list(zip(found.unit.tolist(), found.skill.tolist(), found.required.tolist(), strict=True))
    assert dict(zip(keys, found.short.tolist(), strict=True)) == dict(short)
    assert keys == sorted(keys)
    for place, (unit, skill, required) in enumerate(keys):
        ring, rows = _nearest(organisation, present, unit, skill, required)
        first, count = int(found.first[place]), int(found.mentors[place])
        assert (int(found.near[place]), count) == (int(ring), len(rows))
        if count:
            assert found.candidate[first : first + count].tolist() == rows
            levels = found.candidate_level[first : first + count].tolist()
            assert levels == [organisation.members[row].held[skill] for row in rows]


@pytest.mark.parametrize("seed", range(share(200)))
def test_surplus_is_what_is_held_above_what_is_required(seed: int) -> None:
    organisation = random_units(random.Random(seed))
    found = surplus_by_skill(organisation.blocks(), organisation.mask())
    for skill in range(organisation.n_skills):
        assert found[skill] == sum(
            one.in_scope and one.held.get(skill, -1) > organisation.required(row).get(skill, 4)
            for row, one in enumerate(organisation.members)
        )
