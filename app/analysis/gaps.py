"""Required against held: gap tables by any grouping, readiness, and the pairs behind every number.

The rules are PRODUCT's, "The rules behind the numbers", 1 to 4. Who counts on a day, which role level and
which assessment is current, is decided by the caller; here a filter is a row mask over people and a grouping
is one code per person (-1 leaves the person out of the table).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.analysis.level_blocks import (
    LONGEST_RUN,
    Codes,
    HeldLevels,
    Ints,
    Layout,
    LevelBlocks,
    PersonCounts,
    Requirements,
    Tally,
    unpack,
)
from app.terms import NOT_ASSESSED, ContractorFilter

__all__ = [
    "GapMatrix",
    "GapPairs",
    "HeldLevels",
    "LevelBlocks",
    "PeopleColumns",
    "PersonCounts",
    "Readiness",
    "Requirements",
    "by_skill",
    "gap_matrix",
    "gap_pairs",
    "readiness",
]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PeopleColumns:
    """The people who count on the chosen day, one row each, as codes; -1 where there is none.

    ``unit`` is numbered in tree order (a unit before its children), so that everything below a unit lies
    together.
    """

    staff_id: NDArray[np.str_]
    unit: Codes
    department: Codes
    role_level: Codes
    family: Codes
    grade: Codes
    is_contractor: Mask

    def where(
        self,
        departments: Codes | None = None,
        families: Codes | None = None,
        contractors: ContractorFilter = ContractorFilter.INCLUDE,
    ) -> Mask:
        """Row mask of a filter; ``None`` filters nothing, an empty selection leaves nobody."""
        mask = np.ones(len(self.role_level), np.bool_)
        if departments is not None:
            mask &= np.isin(self.department, departments)
        if families is not None:
            mask &= np.isin(self.family, families)
        if contractors is ContractorFilter.EXCLUDE:
            mask &= ~self.is_contractor
        return mask


@dataclass(frozen=True)
class GapMatrix:
    """Figures of every group × skill (PRODUCT, rule 2); int64 [groups × skills], ``weighted_levels`` float64.

    ``required`` R, ``assessed`` A, ``meeting`` M, ``short`` S = A − M people; ``levels_short`` L = Σ gap and
    ``weighted_levels`` = Σ weight · gap. A cell with R = 0 is empty, one with A = 0 is not assessed; neither
    is zero.
    """

    required: Ints
    assessed: Ints
    meeting: Ints
    short: Ints
    levels_short: Ints
    weighted_levels: Floats

    @cached_property
    def coverage(self) -> Floats:
        """A ÷ R, NaN where nobody is required."""
        return _ratio(self.assessed, self.required)

    @cached_property
    def share_short(self) -> Floats:
        """S ÷ A, NaN where nobody is assessed."""
        return _ratio(self.short, self.assessed)

    @cached_property
    def weight(self) -> Floats:
        """Σ weight · gap ÷ Σ gap, 1 where nothing is short."""
        return np.where(self.levels_short > 0, self.weighted_levels / np.maximum(self.levels_short, 1), 1.0)

    def over_groups(self) -> GapMatrix:
        """The total row: all groups together, still [1 × skills]."""
        return self._summed(0)

    def over_skills(self) -> GapMatrix:
        """The total column: all skills together, still [groups × 1]."""
        return self._summed(1)

    def _summed(self, axis: int) -> GapMatrix:
        return GapMatrix(
            self.required.sum(axis, keepdims=True),
            self.assessed.sum(axis, keepdims=True),
            self.meeting.sum(axis, keepdims=True),
            self.short.sum(axis, keepdims=True),
            self.levels_short.sum(axis, keepdims=True),
            self.weighted_levels.sum(axis, keepdims=True),
        )


@dataclass(frozen=True, slots=True)
class Readiness:
    """Readiness per group (PRODUCT, rule 3); int64 [groups].

    ``people`` counts everybody in the group, ``mapped`` those with a counting role; the difference is the
    unmapped. ``fully_ready`` people have every required skill assessed and met.
    """

    people: Ints
    mapped: Ints
    fully_ready: Ints
    required: Ints
    assessed: Ints
    meeting: Ints

    def summed(self) -> Readiness:
        """All groups together as one; whoever is in no group is left out."""
        return Readiness(
            self.people.sum(keepdims=True),
            self.mapped.sum(keepdims=True),
            self.fully_ready.sum(keepdims=True),
            self.required.sum(keepdims=True),
            self.assessed.sum(keepdims=True),
            self.meeting.sum(keepdims=True),
        )

    @property
    def unmapped(self) -> Ints:
        """People without a counting role; they are shown, never dropped."""
        return self.people - self.mapped

    @property
    def share(self) -> Floats:
        """Σ met ÷ Σ assessed, NaN where nothing is assessed."""
        return _ratio(self.meeting, self.assessed)

    @property
    def coverage(self) -> Floats:
        """Σ assessed ÷ Σ required, NaN where nothing is required."""
        return _ratio(self.assessed, self.required)


@dataclass(frozen=True, slots=True)
class GapPairs:
    """Pairs as columns, sorted by person row and skill code; ``held`` is 255 where not assessed.

    ``slot`` is the row of :class:`Requirements` the pair comes from, for weights and texts.
    """

    person: NDArray[np.int32]
    skill: NDArray[np.int32]
    held: NDArray[np.uint8]
    required: NDArray[np.uint8]
    slot: NDArray[np.int32]

    @property
    def is_assessed(self) -> Mask:
        """Whether anybody has assessed the pair."""
        return self.held != NOT_ASSESSED

    @property
    def gap(self) -> NDArray[np.uint8]:
        """Required − held where positive; 0 where met, in surplus, or not assessed."""
        return np.where(self.held < self.required, self.required - self.held, 0).astype(np.uint8)


HALF = 2**26
"""Two whole numbers below this are summed in one of 53 bits."""


def gap_matrix(
    blocks: LevelBlocks,
    groups: Codes,
    n_groups: int,
    mask: Mask | None = None,
    weights: Floats | None = None,
) -> GapMatrix:
    """The gap table of ``groups`` × skills.

    ``groups`` [people] holds codes from 0 to ``n_groups - 1``, -1 for people who belong to none; ``mask``
    [people] is the filter; ``weights`` [requirements] the priority weight of each requirement, 1 where not
    given.
    """
    layout = blocks.layout
    run = _runs(blocks, groups, mask)
    cell = run.group * layout.n_skills + layout.slot_skill[run.slot]
    shape, size = (n_groups, layout.n_skills), n_groups * layout.n_skills
    assessed, short, levels = unpack(run.sums)

    def table(values: NDArray[np.generic]) -> Floats:
        return np.bincount(cell, weights=values, minlength=size).astype(np.float64).reshape(shape)

    per_slot = np.ones(len(layout.order)) if weights is None else weights[layout.order]
    assessed_cells, short_cells = table(assessed).astype(np.int64), table(short).astype(np.int64)
    return GapMatrix(
        required=table(run.length).astype(np.int64),
        assessed=assessed_cells,
        meeting=assessed_cells - short_cells,
        short=short_cells,
        levels_short=table(levels).astype(np.int64),
        weighted_levels=table(levels * per_slot[run.slot]),
    )


def by_skill(blocks: LevelBlocks, mask: Mask | None = None, weights: Floats | None = None) -> GapMatrix:
    """The gap table of everybody together, [1 × skills]."""
    return gap_matrix(blocks, np.zeros(blocks.layout.n_people, np.int64), 1, mask, weights)


def readiness(blocks: LevelBlocks, groups: Codes, n_groups: int, mask: Mask | None = None) -> Readiness:
    """Readiness of each group, unmapped people included; ``groups`` and ``mask`` as in :func:`gap_matrix`."""
    counted = groups >= 0 if mask is None else mask & (groups >= 0)
    rows = np.flatnonzero(counted)
    group, counts = groups[rows], blocks.person_counts()

    def totals(*columns: NDArray[np.generic]) -> tuple[Ints, ...]:
        """Sums of two columns at a time: exact, as long as the lower one stays below 2 ** 26."""
        first, second = (column[rows].astype(np.float64) for column in columns)
        if first.max(initial=0) * len(rows) >= HALF or second.max(initial=0) * len(rows) >= HALF:
            return tuple(
                np.bincount(group, weights=one, minlength=n_groups).astype(np.int64)
                for one in (first, second)
            )
        both = np.bincount(group, weights=first * HALF + second, minlength=n_groups).astype(np.int64)
        return both // HALF, both % HALF

    people = np.bincount(group, minlength=n_groups).astype(np.int64)
    mapped, fully_ready = totals(blocks.layout.role_level >= 0, counts.is_fully_ready)
    required, assessed = totals(counts.required, counts.assessed)
    meeting = np.bincount(group, weights=counts.meeting[rows], minlength=n_groups).astype(np.int64)
    return Readiness(people, mapped, fully_ready, required, assessed, meeting)


def gap_pairs(blocks: LevelBlocks, mask: Mask | None = None, skill: int | None = None) -> GapPairs:
    """Every required pair of the people in ``mask``, or only those of one skill (who is behind a cell)."""
    layout = blocks.layout
    chosen = np.ones(len(layout.order), np.bool_) if skill is None else layout.slot_skill == skill
    width = np.bincount(layout.slot_level[chosen], minlength=layout.n_levels)
    per_person = np.zeros(layout.n_people, np.int64)
    per_person[layout.people] = np.repeat(width, layout.people_per_level)
    if mask is not None:
        per_person[~mask] = 0
    ends = np.cumsum(per_person)
    begins, total = ends - per_person, int(ends[-1]) if len(ends) else 0
    wanted = np.flatnonzero(per_person)
    levels = np.unique(layout.role_level[wanted]) if len(wanted) else wanted
    held, slot = np.empty(total, np.uint8), np.empty(total, np.int32)
    for level in levels.tolist():
        slots = np.arange(layout.slot_ptr[level], layout.slot_ptr[level + 1])
        local = np.flatnonzero(chosen[slots])
        people = layout.people[layout.level_ptr[level] : layout.level_ptr[level + 1]]
        rows = np.flatnonzero(per_person[people])
        place = begins[people[rows]] + np.arange(len(local))[:, None]
        held[place] = layout.block(blocks.held, level)[np.ix_(local, rows)]
        slot[place] = slots[local][:, None]
    return GapPairs(
        person=np.repeat(np.arange(layout.n_people, dtype=np.int32), per_person),
        skill=layout.slot_skill[slot].astype(np.int32),
        held=held,
        required=layout.slot_required[slot],
        slot=layout.order[slot].astype(np.int32),
    )


@dataclass(frozen=True, slots=True)
class _Runs:
    """Neighbouring people of one group under one slot: packed sums, people, group and slot of each run."""

    sums: Tally
    length: Ints
    group: Ints
    slot: Ints


def _runs(blocks: LevelBlocks, groups: Codes, mask: Mask | None) -> _Runs:
    layout = blocks.layout
    group = groups[layout.people].astype(np.int64)
    keep = group >= 0 if mask is None else mask[layout.people] & (group >= 0)
    starts = _run_starts(group, layout.level_ptr)
    # Along the home order a table has few runs and nothing is moved; across it (grades, say) people are
    # brought together first, which costs a sort of the people and a gather of the packed numbers.
    is_along_home = len(starts) * 8 <= len(group)
    if is_along_home and keep.all():
        return _sum_runs(layout, blocks.tally, group, starts, layout.level_ptr)
    rows = np.flatnonzero(keep)
    level = np.repeat(np.arange(layout.n_levels), layout.people_per_level)[rows]
    if not is_along_home:
        rows = rows[np.argsort(level * (group.max(initial=0) + 1) + group[rows])]
    level_ptr = np.searchsorted(level, np.arange(layout.n_levels + 1))
    tally, group = _gather(blocks, rows, level_ptr), group[rows]
    return _sum_runs(layout, tally, group, _run_starts(group, level_ptr), level_ptr)


def _run_starts(group: Ints, level_ptr: Ints) -> Ints:
    """Where a new role level or group begins, and again after every :data:`LONGEST_RUN` people."""
    is_start = np.empty(len(group), np.bool_)
    is_start[:1] = True
    np.not_equal(group[1:], group[:-1], out=is_start[1:])
    is_start[level_ptr[level_ptr < len(group)]] = True
    starts = np.flatnonzero(is_start)
    parts = -(-np.diff(starts, append=len(group)) // LONGEST_RUN)
    within = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    return np.repeat(starts, parts) + within * LONGEST_RUN


def _gather(blocks: LevelBlocks, rows: Ints, level_ptr: Ints) -> Tally:
    """The packed numbers of chosen rows only, laid out like the whole: role level, skill, person."""
    layout = blocks.layout
    sizes = np.diff(level_ptr) * layout.slots_per_level
    ends = np.cumsum(sizes)
    out = np.empty(int(sizes.sum()), np.uint32)
    for level in np.flatnonzero(sizes).tolist():
        local = rows[level_ptr[level] : level_ptr[level + 1]] - layout.level_ptr[level]
        part = out[ends[level] - sizes[level] : ends[level]].reshape(-1, len(local))
        np.take(layout.block(blocks.tally, level), local, axis=1, out=part, mode="clip")
    return out


def _sum_runs(layout: Layout, tally: Tally, group: Ints, starts: Ints, level_ptr: Ints) -> _Runs:
    """One sum per run and slot. ``starts`` are rows of ``group``, whose levels lie at ``level_ptr``."""
    first_run = np.searchsorted(starts, level_ptr)
    per_slot = np.diff(first_run)[layout.slot_level]
    slot = np.repeat(np.arange(len(per_slot)), per_slot)
    run = np.arange(len(slot)) - np.repeat(np.cumsum(per_slot) - per_slot, per_slot)
    run += first_run[layout.slot_level][slot]
    people = np.diff(level_ptr)[layout.slot_level]
    base = np.cumsum(people) - people - level_ptr[layout.slot_level]
    sums = np.add.reduceat(tally, base[slot] + starts[run]) if len(slot) else np.zeros(0, np.uint32)
    return _Runs(sums, np.diff(starts, append=len(group))[run], group[starts[run]], slot)


def _ratio(part: Ints, whole: Ints) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
