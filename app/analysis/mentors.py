"""Surplus, and who could pass it on: possible mentors near the people who are short of a skill.

A possible mentor holds a skill at practitioner or above, and either more than the own role requires of it (nothing,
where the role does not require the skill) or expert. Near is the same unit, else the unit above it, else anywhere in
the department. A mentor helps somebody short only where the mentor holds at least what that person needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from app.analysis.gaps import Mask, gap_pairs
from app.analysis.level_blocks import Bytes, Codes, Ints, LevelBlocks
from app.terms import NOT_ASSESSED, Level

_LEVELS = 5


class Near(IntEnum):
    """How near the nearest possible mentors are."""

    NOBODY = -1
    UNIT = 0
    PARENT = 1
    DEPARTMENT = 2


@dataclass(frozen=True, slots=True)
class StrongLevels:
    """Who holds what at practitioner or above, whether or not the role requires it: one row per person and skill.

    ``person`` are rows of the people, ``skill`` codes of the requirements, ``level`` 3 or 4.
    """

    person: Ints
    skill: Ints
    level: Bytes


@dataclass(frozen=True, slots=True)
class UnitTree:
    """Where people sit: ``unit`` [people] as codes; ``parent`` and ``department`` [units], parent -1 at the top."""

    unit: Codes
    parent: Codes
    department: Codes


@dataclass(frozen=True, slots=True)
class Shortfall:
    """People short of a skill in one unit who need the same level, and the nearest who could mentor them.

    Arrays with one entry per unit, skill and required level, in that order. ``short`` is how many people; ``near``
    is a :class:`Near`; ``mentors`` how many possible mentors there are at that distance. Those of entry *i* are
    ``candidate[first[i]:first[i] + mentors[i]]`` with ``candidate_level``, the strongest first, then by row.
    """

    unit: Ints
    skill: Ints
    required: Ints
    short: Ints
    near: Ints
    mentors: Ints
    first: Ints
    candidate: Ints
    candidate_level: Bytes


def surplus_by_skill(blocks: LevelBlocks, mask: Mask | None = None) -> Ints:
    """How many people hold more of each skill than their role requires; [skills]."""
    pairs = gap_pairs(blocks, mask)
    above = (pairs.held != NOT_ASSESSED) & (pairs.held > pairs.required)
    return np.bincount(pairs.skill[above], minlength=blocks.layout.n_skills).astype(np.int64)


def possible_mentors(blocks: LevelBlocks, strong: StrongLevels, may_mentor: Mask) -> StrongLevels:
    """The rows of ``strong`` with something to pass on, of the people in ``may_mentor`` [people]."""
    layout = blocks.layout
    slot = np.full(len(strong.person), -1, np.int64)
    level = layout.role_level[strong.person]
    if layout.slot_of.size:
        slot = np.where(level >= 0, layout.slot_of[level, strong.skill], -1).astype(np.int64)
    own = np.zeros(len(slot), np.int64)
    own[slot >= 0] = layout.slot_required[slot[slot >= 0]]
    has_more = (strong.level > own) | (strong.level >= int(Level.EXPERT))
    chosen = may_mentor[strong.person] & has_more & (strong.level >= int(Level.PRACTITIONER))
    return StrongLevels(strong.person[chosen], strong.skill[chosen], strong.level[chosen])


def shortfalls(
    blocks: LevelBlocks,
    tree: UnitTree,
    mentors: StrongLevels,
    mask: Mask | None = None,
    skill: int | None = None,
) -> Shortfall:
    """Everybody short in ``mask`` (of one skill, where given), with the nearest of ``mentors``."""
    n_skills = max(blocks.layout.n_skills, 1)
    pairs = gap_pairs(blocks, mask, skill)
    is_short = pairs.gap > 0
    cell = tree.unit[pairs.person[is_short]].astype(np.int64) * n_skills + pairs.skill[is_short]
    keys, counts = np.unique(cell * _LEVELS + pairs.required[is_short], return_counts=True)
    cell, required = np.divmod(keys, _LEVELS)
    unit, of_skill = np.divmod(cell, n_skills)
    near = np.full(len(keys), int(Near.NOBODY), np.int64)
    found, first = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
    by_unit = _sorted(tree.unit[mentors.person], mentors, n_skills)
    by_department = _sorted(tree.department[tree.unit[mentors.person]], mentors, n_skills)
    rings = (
        (Near.UNIT, by_unit, unit, 0),
        (Near.PARENT, by_unit, tree.parent[unit].astype(np.int64), 0),
        (Near.DEPARTMENT, by_department, tree.department[unit].astype(np.int64), len(mentors.person)),
    )
    for ring, ranked, where, offset in rings:
        start, count = _look_up(ranked[1], where * n_skills + of_skill, required)
        takes = (near == int(Near.NOBODY)) & (where >= 0) & (count > 0)
        near[takes], found[takes], first[takes] = int(ring), count[takes], start[takes] + offset
    order = np.concatenate([by_unit[0], by_department[0]])
    return Shortfall(
        unit, of_skill, required, counts.astype(np.int64), near, found, first, mentors.person[order],
        mentors.level[order],
    )  # fmt: skip


def _sorted(place: Codes, mentors: StrongLevels, n_skills: int) -> tuple[Ints, Ints]:
    """The order of mentors by place, skill, strongest first, row; and their sorted keys."""
    key = (place.astype(np.int64) * n_skills + mentors.skill) * _LEVELS + (
        _LEVELS - 1 - mentors.level.astype(np.int64)
    )
    order = np.lexsort((mentors.person, key))
    return order, key[order]


def _look_up(places: Ints, cell: Ints, required: Ints) -> tuple[Ints, Ints]:
    """Where the mentors of a cell at or above a level begin, and how many there are."""
    start = np.searchsorted(places, cell * _LEVELS, side="left")
    end = np.searchsorted(places, cell * _LEVELS + (_LEVELS - 1 - required), side="right")
    return start.astype(np.int64), np.maximum(end - start, 0).astype(np.int64)
