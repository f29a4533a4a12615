"""Single points of failure equal taking every one or two holders out of the unit and counting what is left."""

from __future__ import annotations

import random

import numpy as np
import pytest

from app.analysis.resilience import single_points
from tests.analysis.small_units import SmallUnits, random_units
from tests.counts import share


def _sums(found: SmallUnits, rows: list[int]) -> tuple[int, int]:
    """Assessed and met pairs of some people."""
    pairs = [
        (found.members[row].held[skill], need)
        for row in rows
        for skill, need in found.required(row).items()
        if skill in found.members[row].held
    ]
    return len(pairs), sum(held >= need for held, need in pairs)


def _by_removal(found: SmallUnits) -> dict[tuple[int, int], tuple[object, ...]]:
    """(unit, skill) -> holders, requiring, sums and sums left, by asking of each skill who could still do it."""
    points: dict[tuple[int, int], tuple[object, ...]] = {}
    for unit in range(found.n_units):
        here = [row for row, one in enumerate(found.members) if one.unit == unit and one.in_scope]
        for skill in range(found.n_skills):
            requiring = [row for row in here if skill in found.required(row)]
            able = [row for row in here if found.members[row].held.get(skill, 0) >= 3]
            if not requiring or not 1 <= len(able) <= 2:
                continue
            left = [row for row in here if row not in able]
            assert not [row for row in left if found.members[row].held.get(skill, 0) >= 3]
            points[unit, skill] = (tuple(able), len(requiring), *_sums(found, here), *_sums(found, left))
    return points


@pytest.mark.parametrize("seed", range(share(500)))
def test_single_points_equal_exhaustive_removal(seed: int) -> None:
    organisation = random_units(random.Random(seed))
    found = single_points(
        organisation.blocks(),
        organisation.units(),
        organisation.n_units,
        organisation.strong(),
        organisation.mask(),
    )
    points = {
        (int(found.unit[place]), int(found.skill[place])): (
            tuple(row for row in found.holder[place].tolist() if row >= 0),
            int(found.requiring[place]),
            int(found.assessed[place]),
            int(found.meeting[place]),
            int(found.assessed_left[place]),
            int(found.meeting_left[place]),
        )
        for place in range(len(found.unit))
    }
    assert points == _by_removal(organisation)


def test_without_people_there_is_nothing_to_fail() -> None:
    organisation = SmallUnits([], [{0: 3}], 1, 1)
    found = single_points(organisation.blocks(), organisation.units(), 1, organisation.strong())
    assert not len(found.unit)
    assert found.holder.shape == (0, 2)
    assert found.meeting.dtype == np.int64
