"""Held levels in the shape the gap figures are fastest in: one dense block per role level.

People are sorted by role level and, inside it, by a home order (unit in tree order). Each role level is then
a block *required skills × people* of bytes, 255 where nobody has assessed the pair, and all blocks lie behind
one another in one array. What a pair adds to the figures (assessed, short, levels short) is packed beside it
in one 32-bit number, so that a whole department × skill table is a single ``np.add.reduceat``. A block of
skills × people keeps each sum contiguous.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.terms import NOT_ASSESSED

Ints = NDArray[np.int64]
Codes = NDArray[np.integer]
Bytes = NDArray[np.uint8]
Tally = NDArray[np.uint32]

LONGEST_RUN = 1023
"""People one packed sum may cover: 10 bits for assessed, 10 for short, 12 for levels (4 × 1,023)."""

SHORT_SHIFT, LEVELS_SHIFT, COUNT_BITS = 10, 20, 0x3FF
_CHUNK = 1 << 20  # held levels placed at a time: keeps the temporary indexes small beside the blocks


@dataclass(frozen=True, slots=True)
class Requirements:
    """Which role level requires which skill at which level; one row per requirement.

    ``role_level`` and ``skill`` are codes from 0 to ``n_levels - 1`` and ``n_skills - 1``; ``required`` is 0
    to 4. The leadership checklists of the Senior Civil Service have no level and do not belong in here
    (PRODUCT, rule 5). Skills and roles of two framework versions share a code where their names are equal
    (rule 1). Raises ValueError for codes out of range and for a requirement that stands twice.
    """

    n_levels: int
    n_skills: int
    role_level: Codes
    skill: Codes
    required: Bytes

    def __post_init__(self) -> None:
        _check_range("role_level", self.role_level, self.n_levels)
        _check_range("skill", self.skill, self.n_skills)
        _check_range("required", self.required, 5)
        if not len(self.role_level) == len(self.skill) == len(self.required):
            raise ValueError("role_level, skill and required must be equally long")
        keys = self.role_level.astype(np.int64) * max(self.n_skills, 1) + self.skill
        if len(np.unique(keys)) != len(keys):
            raise ValueError("a role level requires the same skill twice")


@dataclass(frozen=True, slots=True)
class HeldLevels:
    """Current assessments as triples, in any order: person row, skill code, level 0 to 4.

    A skill code of -1 (a skill of no loaded framework) and pairs nobody requires are ignored. Where a pair
    stands twice the later one counts; choosing the current assessment is the caller's work.
    """

    person: Codes
    skill: Codes
    level: Bytes


@dataclass(frozen=True)
class Layout:
    """Where everything lies; never changes once built, so that copies of the levels can share it.

    A *slot* is one requirement, sorted by role level and skill. ``slot_*`` arrays have one entry per slot;
    ``slot_base`` is where its people start in the flat arrays. ``people`` are the mapped people, sorted by
    role level and home order; those of level *l* are ``people[level_ptr[l]:level_ptr[l + 1]]`` and its slots
    ``slot_ptr[l]:slot_ptr[l + 1]``. ``order`` takes a value per requirement to a value per slot.
    """

    n_people: int
    n_skills: int
    role_level: Ints
    order: Ints
    slot_level: Ints
    slot_skill: Ints
    slot_required: Bytes
    slot_base: Ints
    slot_ptr: Ints
    people: Ints
    level_ptr: Ints
    row_of_person: Ints

    @property
    def n_levels(self) -> int:
        """Number of role levels."""
        return len(self.level_ptr) - 1

    @cached_property
    def people_per_level(self) -> Ints:
        """How many people each role level has."""
        return np.diff(self.level_ptr)

    @cached_property
    def slots_per_level(self) -> Ints:
        """How many skills each role level requires."""
        return np.diff(self.slot_ptr)

    @cached_property
    def slot_of(self) -> NDArray[np.int32]:
        """[role levels × skills]: the slot, or -1 where the role level does not require the skill."""
        table = np.full((self.n_levels, self.n_skills), -1, np.int32)
        table[self.slot_level, self.slot_skill] = np.arange(len(self.slot_level), dtype=np.int32)
        return table

    @property
    def n_pairs(self) -> int:
        """Required pairs of all mapped people."""
        return int(self.people_per_level @ self.slots_per_level)

    def block(self, flat: NDArray[np.generic], level: int) -> NDArray[np.generic]:
        """The part of a flat array that belongs to one role level, as [its skills × its people], no copy."""
        slots, rows = int(self.slots_per_level[level]), int(self.people_per_level[level])
        start = int(self.slot_base[self.slot_ptr[level]]) if slots else 0
        return flat[start : start + slots * rows].reshape(slots, rows)

    @cached_property
    def _base_of(self) -> Ints:
        """For each role level, and last for nobody's, by skill: where its people start, -1 where it is not required.

        The first entry of every role level is for skills with the code -1.
        """
        table = np.full((self.n_levels + 1, self.n_skills + 1), -1, np.int64)
        table[self.slot_level, self.slot_skill + 1] = self.slot_base
        return table.ravel()

    @cached_property
    def _key_of(self) -> NDArray[np.int32]:
        """For each person where the role level starts in :attr:`_base_of`, moved on by one for skill -1."""
        level = np.where(self.role_level >= 0, self.role_level, self.n_levels)
        return (level * (self.n_skills + 1) + 1).astype(np.int32)

    def places(self, person: Codes, skill: Codes) -> tuple[Ints, NDArray[np.bool_]]:
        """Where those pairs lie that somebody requires, and which of the given ones they are."""
        start = self._base_of.take(self._key_of.take(person) + skill)
        is_pair = start >= 0
        return start[is_pair] + self.row_of_person[person[is_pair]], is_pair


class LevelBlocks:
    """Required and held levels of all mapped people; not changed once built (:meth:`patch` makes a new
    one)."""

    __slots__ = ("_counts", "held", "layout", "tally")

    def __init__(self, layout: Layout, held: Bytes, tally: Tally) -> None:
        self.layout = layout
        self.held = held
        self.tally = tally
        self._counts: PersonCounts | None = None

    @classmethod
    def build(
        cls, role_level: Codes, requirements: Requirements, held: HeldLevels, home: Codes | None = None
    ) -> LevelBlocks:
        """Sort people into blocks and place their levels.

        ``role_level`` [people] is the code of the counting primary role level, -1 for unmapped people.
        ``home`` [people] is the order inside a role level; tables grouped along it (units in tree order,
        departments) take the fast way, all others are right too. Raises ValueError for codes or levels out of
        range.
        """
        layout = _lay_out(role_level, requirements, home)
        flat = np.full(layout.n_pairs, NOT_ASSESSED, np.uint8)
        _check_range("level", held.level, 5)
        _check_range("skill", held.skill, requirements.n_skills, lowest=-1)
        _check_range("person", held.person, layout.n_people)
        for start in range(0, len(held.person), _CHUNK):
            part = slice(start, start + _CHUNK)
            places, is_pair = layout.places(held.person[part], held.skill[part])
            flat[places] = held.level[part][is_pair]
        required = np.repeat(layout.slot_required, layout.people_per_level[layout.slot_level])
        return cls(layout, flat, tally_of(flat, required))

    def patch(self, person: Codes, skill: Codes, level: Bytes) -> LevelBlocks:
        """The same people with some levels changed; 255 takes an assessment back.

        Pairs nobody requires are ignored. Costs two copies of the flat arrays (about 5 ms at six million
        pairs) instead of a new build. A change of somebody's role or unit needs :meth:`build`. Readers of the
        old object are not disturbed.
        """
        if len(level) and int(np.max(np.where(level == NOT_ASSESSED, 0, level))) > 4:
            raise ValueError("a level is 0 to 4, or 255 for not assessed")
        places, is_pair = self.layout.places(person, skill)
        held, tally = self.held.copy(), self.tally.copy()
        held[places] = level[is_pair]
        slots = self.layout.slot_of[self.layout.role_level[person[is_pair]], skill[is_pair]]
        tally[places] = tally_of(held[places], self.layout.slot_required[slots])
        return LevelBlocks(self.layout, held, tally)

    def person_counts(self) -> PersonCounts:
        """Required, assessed and met pairs of every person; worked out once."""
        if self._counts is None:
            self._counts = _count_people(self)
        return self._counts


@dataclass(frozen=True, slots=True)
class PersonCounts:
    """Per person [people]: pairs required, assessed and met, and levels short. All 0 for unmapped people."""

    required: NDArray[np.int32]
    assessed: NDArray[np.int32]
    meeting: NDArray[np.int32]
    levels_short: NDArray[np.int32]

    @property
    def is_fully_ready(self) -> NDArray[np.bool_]:
        """Every required skill assessed and met; never true where nothing is required."""
        return (self.required > 0) & (self.meeting == self.required)

    @property
    def readiness(self) -> NDArray[np.float64]:
        """Met ÷ assessed of each person, NaN where nothing is assessed (PRODUCT, rule 3)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.assessed > 0, self.meeting / self.assessed, np.nan)


def _make_tally_table() -> Tally:
    """[required 0–4 (high bits) | held 0–4 or 7 (low three bits)] → packed assessed, short, levels short."""
    table = np.zeros(64, np.uint32)
    for required in range(5):
        for held in range(5):
            gap = max(required - held, 0)
            table[required << 3 | held] = 1 | (gap > 0) << SHORT_SHIFT | gap << LEVELS_SHIFT
    return table


_TALLY = _make_tally_table()


def tally_of(held: Bytes, required: Bytes) -> Tally:
    """What each pair adds to the figures, packed. 255 ends in 7, the code of "not assessed" in the table."""
    return _TALLY.take((required << 3) | (held & 7))


def unpack(sums: NDArray[np.unsignedinteger]) -> tuple[Ints, Ints, Ints]:
    """Packed sums as assessed, short, levels short."""
    wide = sums.astype(np.int64)
    return wide & COUNT_BITS, (wide >> SHORT_SHIFT) & COUNT_BITS, wide >> LEVELS_SHIFT


def _lay_out(role_level: Codes, requirements: Requirements, home: Codes | None) -> Layout:
    n_levels = requirements.n_levels
    _check_range("role_level", role_level, n_levels, lowest=-1)
    order = np.lexsort((requirements.skill, requirements.role_level))
    slot_level = requirements.role_level[order].astype(np.int64)
    mapped = np.flatnonzero(role_level >= 0)
    keys = (role_level[mapped],) if home is None else (home[mapped], role_level[mapped])
    people = mapped[np.lexsort(keys)]
    per_level = np.bincount(role_level[mapped], minlength=n_levels).astype(np.int64)
    level_ptr = _pointers(per_level)
    row_of_person = np.zeros(len(role_level), np.int64)
    row_of_person[people] = np.arange(len(people)) - np.repeat(level_ptr[:-1], per_level)
    return Layout(
        n_people=len(role_level),
        n_skills=requirements.n_skills,
        role_level=role_level.astype(np.int64),
        order=order,
        slot_level=slot_level,
        slot_skill=requirements.skill[order].astype(np.int64),
        slot_required=requirements.required[order].astype(np.uint8),
        slot_base=_pointers(per_level[slot_level])[:-1],
        slot_ptr=_pointers(np.bincount(slot_level, minlength=n_levels)),
        people=people,
        level_ptr=level_ptr,
        row_of_person=row_of_person,
    )


def _count_people(blocks: LevelBlocks) -> PersonCounts:
    layout = blocks.layout
    sums = np.zeros(layout.n_people, np.uint32)
    for level in np.flatnonzero(layout.slots_per_level * layout.people_per_level).tolist():
        rows = layout.people[layout.level_ptr[level] : layout.level_ptr[level + 1]]
        sums[rows] = np.add.reduce(layout.block(blocks.tally, level), axis=0, dtype=np.uint32)
    assessed, short, levels = (part.astype(np.int32) for part in unpack(sums))
    required = np.zeros(layout.n_people, np.int32)
    required[layout.people] = np.repeat(layout.slots_per_level, layout.people_per_level)
    return PersonCounts(required, assessed, assessed - short, levels)


def _pointers(counts: NDArray[np.integer]) -> Ints:
    """Counts as start positions, with the total at the end."""
    return np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))


def _check_range(name: str, values: NDArray[np.integer], end: int, lowest: int = 0) -> None:
    if len(values) and (int(values.min()) < lowest or int(values.max()) >= end):
        raise ValueError(f"{name} must lie between {lowest} and {end - 1}")
