"""Single points of failure: which skills of a unit rest on one or two people, and what is left without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.resilience import SinglePoints, single_points
from app.services.gap_base import GapBase
from app.services.gap_groups import GapDimension, group_people
from app.services.gaps import Gaps
from app.services.population import Flags, Ints
from app.services.scope import Scope
from app.services.strong_levels import StrongLevelsCache


@dataclass(frozen=True, slots=True)
class HolderCard:
    """Somebody a unit depends on."""

    person_id: int
    staff_id: str
    name: str
    role_level: str


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """A skill held at practitioner or above by one or two people of a unit whose roles require it.

    ``role_levels`` are those in the unit that require it, and ``people_requiring`` the people in them. The unit's
    readiness is met ÷ assessed over all skills; ``…_left`` are its sums when all the holders leave.
    """

    group: str
    skill: str
    holders: tuple[HolderCard, ...]
    role_levels: tuple[str, ...]
    people_requiring: int
    assessed: int
    meeting: int
    assessed_left: int
    meeting_left: int

    @property
    def readiness(self) -> float | None:
        """Met ÷ assessed today; None where nothing is assessed."""
        return self.meeting / self.assessed if self.assessed else None

    @property
    def readiness_left(self) -> float | None:
        """Met ÷ assessed without the holders; None where nothing is left."""
        return self.meeting_left / self.assessed_left if self.assessed_left else None


class Resilience:
    """What a unit could not do any more if somebody left."""

    def __init__(self, gaps: Gaps, strong: StrongLevelsCache) -> None:
        self._gaps = gaps
        self._strong = strong
        self._last: tuple[Scope, GapDimension, _Found] | None = None

    def single_points(
        self, scope: Scope, dimension: GapDimension = GapDimension.UNIT, most: int | None = None
    ) -> tuple[SinglePoint, ...]:
        """The single points of failure in each unit (or department, or other group) of the scope.

        Those on which most people depend come first: one holder before two, then by people requiring the skill; the
        first ``most`` of them where that is given.
        """
        base, mask, labels, codes, found = self._found(scope, dimension)
        has_second = found.holder[:, 1] >= 0
        order = np.lexsort((found.skill, found.unit, -found.requiring, has_second))[:most]
        levels = _levels_in_groups(base, codes, mask)
        holders = np.unique(found.holder[order])
        base.population.fetch_texts(holders[holders >= 0].tolist())
        return tuple(_point(base, labels, found, place, levels) for place in order.tolist())

    def counts(self, scope: Scope, dimension: GapDimension = GapDimension.UNIT) -> dict[str, int]:
        """How many single points of failure each group has that has any."""
        _, _, labels, _, found = self._found(scope, dimension)
        units, numbers = np.unique(found.unit, return_counts=True)
        return {labels[unit]: number for unit, number in zip(units.tolist(), numbers.tolist(), strict=True)}

    def _found(self, scope: Scope, dimension: GapDimension) -> _Found:
        """Everything found for a scope; kept until another is asked for, since counts and points ask in turn."""
        base, last = self._gaps.base(scope.as_at), self._last
        if last is not None and last[2][0] is base and last[:2] == (scope, dimension):
            return last[2]
        mask = base.population.mask(scope)
        labels, codes = group_people(base, dimension, mask)
        found = single_points(base.blocks, codes, len(labels), self._strong.get(base), mask)
        self._last = scope, dimension, (base, mask, labels, codes, found)
        return self._last[2]


_Found = tuple[GapBase, Flags, list[str], Ints, SinglePoints]


def _levels_in_groups(base: GapBase, codes: Ints, mask: Flags) -> dict[int, list[int]]:
    """The codes of the role levels of each group's people."""
    level = base.blocks.layout.role_level
    chosen = mask & (codes >= 0) & (level >= 0)
    n_levels = max(base.blocks.layout.n_levels, 1)
    groups: dict[int, list[int]] = {}
    for key in np.unique(codes[chosen] * n_levels + level[chosen]).tolist():
        groups.setdefault(key // n_levels, []).append(key % n_levels)
    return groups


def _point(
    base: GapBase, labels: Sequence[str], found: SinglePoints, place: int, levels: dict[int, list[int]]
) -> SinglePoint:
    group, skill = int(found.unit[place]), int(found.skill[place])
    slots = base.blocks.layout.slot_of
    names = {_level_name(base, code) for code in levels.get(group, []) if slots[code, skill] >= 0}
    return SinglePoint(
        group=labels[group],
        skill=base.skill_names[skill],
        holders=tuple(_holder(base, row) for row in found.holder[place].tolist() if row >= 0),
        role_levels=tuple(sorted(names)),
        people_requiring=int(found.requiring[place]),
        assessed=int(found.assessed[place]),
        meeting=int(found.meeting[place]),
        assessed_left=int(found.assessed_left[place]),
        meeting_left=int(found.meeting_left[place]),
    )


def _level_name(base: GapBase, code: int) -> str:
    people = base.blocks.layout.people
    first = int(people[base.blocks.layout.level_ptr[code]])
    return base.population.levels[int(base.population.role_level_id[first])].name


def _holder(base: GapBase, row: int) -> HolderCard:
    population = base.population
    level = population.levels.get(int(population.role_level_id[row]))
    return HolderCard(
        int(population.person_id[row]),
        population.staff_id[row],
        population.name[row],
        level.name if level else "",
    )
