"""Possible mentors: people with a skill to spare, near people who are short of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.analysis.gaps import gap_pairs
from app.analysis.mentors import Near, Shortfall, StrongLevels, UnitTree, possible_mentors, shortfalls
from app.errors import UsageError
from app.services.gap_base import GapBase
from app.services.gaps import Gaps
from app.services.population import Flags, Ints
from app.services.scope import Scope
from app.services.strong_levels import StrongLevelsCache

MOST_LINES = 1_000
"""So many lines are made unless more are asked for: with half a million people there are as many."""

NEAR_WORDS = {
    int(Near.NOBODY): "nobody in the department",
    int(Near.UNIT): "same unit",
    int(Near.PARENT): "unit above",
    int(Near.DEPARTMENT): "same department",
}
"""How near the nearest possible mentors are, in words."""


@dataclass(frozen=True, slots=True)
class MentorCard:
    """Somebody who could pass a skill on. ``required`` is what the own role asks, None where it asks nothing."""

    person_id: int
    staff_id: str
    name: str
    unit: str
    level: int
    required: int | None


@dataclass(frozen=True, slots=True)
class MentorLine:
    """People of one unit who are short of a skill at the same required level, and the nearest possible mentors.

    ``near`` is in words (:data:`NEAR_WORDS`); ``mentors_there`` how many there are at that distance, of whom
    ``mentors`` are the strongest.
    """

    unit: str
    skill: str
    required: int
    short: int
    near: str
    mentors_there: int
    mentors: tuple[MentorCard, ...]


class Mentors:
    """Who could help whom."""

    def __init__(self, gaps: Gaps, strong: StrongLevelsCache) -> None:
        self._gaps = gaps
        self._strong = strong

    def lines(
        self, scope: Scope, skill: str = "", named: int = 3, most: int = MOST_LINES
    ) -> tuple[MentorLine, ...]:
        """Where people of the scope are short (of one skill, where named), most people first, with mentors near them.

        A mentor may sit outside the scope's units: whoever is there on the day and counts by employment. ``named`` is
        how many are named on a line, ``most`` how many lines there are at the most.
        """
        base = self._gaps.base(scope.as_at)
        found = self._found(base, scope, base.population.mask(scope), skill)
        order = np.lexsort((found.required, found.skill, found.unit, -found.short))[:most]
        units = _unit_paths(base)
        return tuple(_line(base, found, place, units, named) for place in order.tolist())

    def for_person(self, person_id: int, scope: Scope, named: int = 3) -> tuple[MentorLine, ...]:
        """For each skill one person is short of, the nearest who could mentor that person."""
        base = self._gaps.base(scope.as_at)
        mask = base.population.person_id == person_id
        pairs = gap_pairs(base.blocks, mask)
        found = self._found(base, scope, mask, "", np.unique(pairs.skill[pairs.gap > 0]).astype(np.int64))
        units = _unit_paths(base)
        return tuple(_line(base, found, place, units, named) for place in range(len(found.unit)))

    def _found(
        self, base: GapBase, scope: Scope, mask: Flags, skill: str, only: Ints | None = None
    ) -> Shortfall:
        """``only`` are the codes of the skills anybody in ``mask`` is short of, where they are few and known."""
        if skill and skill not in base.skill_names:
            raise UsageError(
                f"Nobody's role requires “{skill}”.", "`muster gaps --by skill` lists the skills."
            )
        everybody = base.population.mask(Scope(as_at=scope.as_at, with_contractors=scope.with_contractors))
        strong = self._strong.get(base)
        if only is not None:
            of_them = np.isin(strong.skill, only)
            strong = StrongLevels(strong.person[of_them], strong.skill[of_them], strong.level[of_them])
        mentors = possible_mentors(base.blocks, strong, everybody)
        return shortfalls(base.blocks, _tree(base), mentors, mask, base.skill_code(skill) if skill else None)


def _unit_paths(base: GapBase) -> list[str]:
    """Paths by unit code (:func:`_tree`)."""
    return [unit.path for unit in base.population.units.values()]


def _tree(base: GapBase) -> UnitTree:
    """Units as codes in the order they were loaded in."""
    units = base.population.units
    code_of = np.full(max(units, default=0) + 1, -1, np.int64)
    code_of[np.fromiter(units, np.int64, len(units))] = np.arange(len(units))
    lines = list(units.values())
    parents = [-1 if line.parent_id is None else int(code_of[line.parent_id]) for line in lines]
    departments = [int(code_of[line.department_id]) for line in lines]
    return UnitTree(
        code_of[base.population.unit_id],
        np.array(parents, dtype=np.int64),
        np.array(departments, dtype=np.int64),
    )


def _line(base: GapBase, found: Shortfall, place: int, units: list[str], most: int) -> MentorLine:
    first, count = int(found.first[place]), int(found.mentors[place])
    skill = int(found.skill[place])
    named = slice(first, first + min(count, most))
    people, levels = found.candidate[named].tolist(), found.candidate_level[named].tolist()
    return MentorLine(
        unit=units[int(found.unit[place])],
        skill=base.skill_names[skill],
        required=int(found.required[place]),
        short=int(found.short[place]),
        near=NEAR_WORDS[int(found.near[place])],
        mentors_there=count,
        mentors=tuple(_card(base, row, skill, level) for row, level in zip(people, levels, strict=True)),
    )


def _card(base: GapBase, row: int, skill: int, level: int) -> MentorCard:
    population, layout = base.population, base.blocks.layout
    own = int(layout.role_level[row])
    slot = int(layout.slot_of[own, skill]) if own >= 0 else -1
    return MentorCard(
        person_id=int(population.person_id[row]),
        staff_id=population.staff_id[row],
        name=population.name[row],
        unit=population.units[int(population.unit_id[row])].path,
        level=level,
        required=int(layout.slot_required[slot]) if slot >= 0 else None,
    )
