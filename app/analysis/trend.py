"""What changed between two days, split into parts that add up exactly to the change.

Every pair that is there on either day and differs belongs to the first part that applies, in the order of
:class:`Part`. What is taken off and what is added is booked in the row the pair stands in on that day, so that the
parts add up in every row and in total, whatever the rows are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from app.analysis.gaps import GapMatrix, Mask, by_skill, gap_matrix, gap_pairs
from app.analysis.level_blocks import Bytes, Codes, Ints, LevelBlocks
from app.terms import NOT_ASSESSED


class Part(IntEnum):
    """Why a figure changed; a pair belongs to the first that applies."""

    LEAVERS = 0
    JOINERS = 1
    MOVES = 2
    ROLES = 3
    REQUIREMENTS = 4
    TRAINING = 5
    REASSESSMENT = 6


class Measure(IntEnum):
    """What is counted: people required, assessed, meeting and short, and levels short (PRODUCT, rule 2)."""

    REQUIRED = 0
    ASSESSED = 1
    MEETING = 2
    SHORT = 3
    LEVELS_SHORT = 4


UNCHANGED = -1
"""The part of a pair that is the same on both days."""


@dataclass(frozen=True, slots=True)
class PeopleOnDay:
    """The people of one day, one row each, ``person`` ids ascending.

    ``is_counted``: there on the day and of a kind of employment that counts; somebody counted on one day only is a
    leaver or a joiner. ``place`` is the unit (or finer, what else the rows go by); ``role_level`` an id and ``role``
    a code that is equal for equal names; ``version`` the framework version. Codes mean the same on both days.
    """

    person: Ints
    is_counted: Mask
    place: Ints
    role_level: Ints
    role: Ints
    version: Ints


@dataclass(frozen=True, slots=True)
class PairsOnDay:
    """The pairs of one day that are in the scope, ascending by person id and skill code, each once.

    ``row`` is the row of the table the pair counts in, -1 for none; ``held`` is 255 where not assessed;
    ``is_from_course`` says that the rating that counts came after a completed course. Skill codes and rows mean the
    same on both days.
    """

    person: Ints
    skill: Ints
    row: Codes
    required: Bytes
    held: Bytes
    is_from_course: Mask


@dataclass(frozen=True, slots=True)
class Trend:
    """Sums before and after, and what each part did; int64 [measures × rows] and [parts × measures × rows].

    ``after - before`` equals ``parts.sum(axis=0)`` in every place. ``people`` [parts × rows] counts the different
    people a part rests on.
    """

    before: Ints
    after: Ints
    parts: Ints
    people: Ints


FromCourse = Callable[[Ints, Codes, Bytes], Mask]
"""Of person ids, skill codes of the last day's blocks and levels: which ratings came after a completed course."""


@dataclass(frozen=True, slots=True)
class BlocksOnDay:
    """One day's levels: ``person`` ids ascending, who is in the scope, the row each counts in (-1: none) by group.

    ``skill`` takes a skill code of the blocks to one that means the same on both days and keeps their order.
    """

    blocks: LevelBlocks
    person: Ints
    is_chosen: Mask
    row: Codes
    skill: Ints

    def pairs(self, mask: Mask, is_from_course: FromCourse | None) -> PairsOnDay:
        """The pairs of some of the people."""
        found = gap_pairs(self.blocks, mask)
        person = self.person[found.person]
        return PairsOnDay(
            person=person,
            skill=self.skill[found.skill],
            row=self.row[found.person],
            required=found.required,
            held=found.held,
            is_from_course=_asked(is_from_course, person, found.skill, found.held),
        )

    def sums(self, n_groups: int, *, over_skills: bool) -> Ints:
        """[measures × groups, or × groups × skills of both days]: the figures of everybody in the scope."""
        found = gap_matrix(self.blocks, self.row, n_groups, self.is_chosen)
        if over_skills:
            found = found.over_skills()
        return _measures(found)

    def total(self) -> Ints:
        """[measures]: the figures of everybody in the scope, those in no group as well."""
        return _measures(by_skill(self.blocks, self.is_chosen).over_skills())[:, 0, 0]


def _measures(found: GapMatrix) -> Ints:
    """A table's figures in the order of :class:`Measure`."""
    return np.stack([found.required, found.assessed, found.meeting, found.short, found.levels_short])


Changes = tuple[tuple[Ints, Ints], PairsOnDay, PairsOnDay]
"""The part of each pair of the first and of the last day, and the pairs of both."""


def changed_pairs(
    people: tuple[PeopleOnDay, PeopleOnDay],
    days: tuple[BlocksOnDay, BlocksOnDay],
    is_from_course: FromCourse | None,
) -> Changes:
    """The pairs that may have changed, which are few, with their parts.

    Whoever is in the same place with the same requirements on both days has those pairs only whose levels differ:
    they are found block by block, without a list of all pairs.
    """
    first, last = days
    ids, part_of_person = _parts_of_people(*people)
    is_same, now = _same_people(people, days, part_of_person[np.searchsorted(ids, first.person)])
    levels = _levels_that_differ(first, last, is_same, now)
    is_same_now = np.zeros(len(last.person), np.bool_)
    is_same_now[now[is_same]] = True
    before = first.pairs(first.is_chosen & ~is_same, None)
    after = last.pairs(last.is_chosen & ~is_same_now, is_from_course)
    parts = _parts_of_pairs(ids, part_of_person, before, after)
    if not levels:
        return parts, before, after
    columns: list[Any] = [np.concatenate([found[at] for found in levels]) for at in range(7)]
    person, row, skill, code, required, held, held_now = columns
    from_course = _asked(is_from_course, person, code, held_now)
    was = PairsOnDay(person, skill, row, required, held, np.zeros(len(person), np.bool_))
    became = PairsOnDay(person, skill, row, required, held_now, from_course)
    everything = np.arange(len(person))
    part = _part_of_kept(was, became, everything, everything)
    return (
        (np.concatenate([parts[0], part]), np.concatenate([parts[1], part])),
        _together(before, was),
        _together(after, became),
    )


def _asked(is_from_course: FromCourse | None, person: Ints, skill: Codes, held: Bytes) -> Mask:
    if is_from_course is None:
        return np.zeros(len(person), np.bool_)
    return is_from_course(person, skill, held)


def _together(one: PairsOnDay, other: PairsOnDay) -> PairsOnDay:
    return PairsOnDay(
        np.concatenate([one.person, other.person]),
        np.concatenate([one.skill, other.skill]),
        np.concatenate([one.row, other.row]),
        np.concatenate([one.required, other.required]),
        np.concatenate([one.held, other.held]),
        np.concatenate([one.is_from_course, other.is_from_course]),
    )


def _same_people(
    people: tuple[PeopleOnDay, PeopleOnDay], days: tuple[BlocksOnDay, BlocksOnDay], part: Ints
) -> tuple[Mask, Ints]:
    """Who is in the scope, in the same place, row and role level on both days, and each one's place on the last."""
    first, last = days
    now = _rows_of(first.person, last.person)
    is_same = (part == UNCHANGED) & (now >= 0) & first.is_chosen
    if len(last.person):
        is_same &= last.is_chosen[now] & (first.row == last.row[now])
        is_same &= people[0].role_level == people[1].role_level[now]
    return is_same, now


_Differing = tuple[Ints, Codes, Ints, Ints, Bytes, Bytes, Bytes]


def _levels_that_differ(first: BlocksOnDay, last: BlocksOnDay, is_same: Mask, now: Ints) -> list[_Differing]:
    """Person, row, skill, skill code of the last day, required, held then and now of pairs whose levels differ.

    Takes people out of ``is_same`` whose role level no longer requires the same.
    """
    then, after = first.blocks.layout, last.blocks.layout
    found: list[_Differing] = []
    for level in range(then.n_levels):
        own = then.people[then.level_ptr[level] : then.level_ptr[level + 1]]
        rows = np.flatnonzero(is_same[own])
        if not len(rows):
            continue
        people = own[rows]
        other = now[people]
        level_now = int(after.role_level[other[0]])
        slots = slice(int(then.slot_ptr[level]), int(then.slot_ptr[level + 1]))
        slots_now = slice(int(after.slot_ptr[level_now]), int(after.slot_ptr[level_now + 1]))
        skill = first.skill[then.slot_skill[slots]]
        code = after.slot_skill[slots_now]
        required = then.slot_required[slots]
        if not (
            np.array_equal(skill, last.skill[code])
            and np.array_equal(required, after.slot_required[slots_now])
        ):
            is_same[people] = False
            continue
        held = then.block(first.blocks.held, level)[:, rows].astype(np.uint8, copy=False)
        held_now = after.block(last.blocks.held, level_now)[:, after.row_of_person[other]]
        slot, at = np.nonzero(held != held_now)
        who = people[at]
        found.append(
            (
                first.person[who], first.row[who], skill[slot], code[slot], required[slot],
                held[slot, at], held_now[slot, at].astype(np.uint8, copy=False),
            )
        )  # fmt: skip
    return found


def parts_of(
    people: tuple[PeopleOnDay, PeopleOnDay], before: PairsOnDay, after: PairsOnDay
) -> tuple[Ints, Ints]:
    """The part each pair of the first and of the last day belongs to, :data:`UNCHANGED` where it is the same."""
    return _parts_of_pairs(*_parts_of_people(*people), before, after)


def _parts_of_pairs(
    ids: Ints, part_of_person: Ints, before: PairsOnDay, after: PairsOnDay
) -> tuple[Ints, Ints]:
    part_before = part_of_person[np.searchsorted(ids, before.person)]
    part_after = part_of_person[np.searchsorted(ids, after.person)]
    in_before, in_after = _same_pairs(before, after)
    lone_before, lone_after = np.ones(len(part_before), np.bool_), np.ones(len(part_after), np.bool_)
    lone_before[in_before] = lone_after[in_after] = False
    part_before[lone_before & (part_before == UNCHANGED)] = int(Part.REQUIREMENTS)
    part_after[lone_after & (part_after == UNCHANGED)] = int(Part.REQUIREMENTS)
    is_open = part_before[in_before] == UNCHANGED
    in_before, in_after = in_before[is_open], in_after[is_open]
    part = _part_of_kept(before, after, in_before, in_after)
    part_before[in_before], part_after[in_after] = part, part
    return part_before, part_after


def split_change(
    changes: Changes, rows: tuple[Codes, Codes], n_rows: int, sums: tuple[Ints, Ints] | None = None
) -> Trend:
    """The change in each row; the parts come from :func:`parts_of` or :func:`changed_pairs`.

    ``rows`` are the rows of the pairs of both days. Other rows than those the parts were found with are right as
    long as pairs that are the same on both days stand in the same row. ``sums`` [measures × rows] of both days are
    those of the pairs where not given.
    """
    parts, before, after = changes
    moved = np.zeros((len(Part), len(Measure), n_rows), np.int64)
    own = np.zeros((2, len(Measure), n_rows), np.int64)
    for day, (pairs, row, part, sign) in enumerate(
        ((before, rows[0], parts[0], -1), (after, rows[1], parts[1], 1))
    ):
        counted = np.flatnonzero(row >= 0)
        cell = (part[counted] + 1) * n_rows + row[counted]
        size = (len(Part) + 1) * n_rows
        for measure, values in enumerate(_values(pairs)):
            found = _sum(cell, values[counted], size).reshape(len(Part) + 1, n_rows)
            own[day, measure] = found.sum(axis=0)
            moved[:, measure] += sign * found[1:]
    if sums is None:
        sums = own[0], own[1]
    return Trend(*sums, moved, _people_per_part(parts, (before, after), rows, n_rows))


def _values(pairs: PairsOnDay) -> tuple[Mask, Mask, Mask, Mask, Bytes]:
    """What each pair adds to each measure."""
    rated = pairs.held != NOT_ASSESSED
    short = rated & (pairs.held < pairs.required)
    gap = np.where(short, pairs.required - np.where(rated, pairs.held, 0), 0).astype(np.uint8)
    return np.ones(len(rated), np.bool_), rated, rated & ~short, short, gap


def _sum(cell: Codes, values: Mask | Bytes, size: int) -> Ints:
    return np.bincount(cell, weights=values, minlength=size).astype(np.int64)


_LARGEST_TABLE = 2**25
"""Bytes up to which who stands in which row is marked in a table."""


def _people_per_part(
    parts: tuple[Ints, Ints], days: tuple[PairsOnDay, PairsOnDay], rows: tuple[Codes, Codes], n_rows: int
) -> Ints:
    """[parts × rows]: different people with a pair on either day; somebody is counted once in each place."""
    cells: list[Ints] = []
    people: list[Ints] = []
    for part, pairs, row in zip(parts, days, rows, strict=True):
        chosen = (row >= 0) & (part != UNCHANGED)
        cells.append(part[chosen] * n_rows + row[chosen])
        people.append(pairs.person[chosen])
    cell, person = np.concatenate(cells), np.concatenate(people)
    width = int(person.max(initial=0)) + 1
    if width * len(Part) * n_rows <= _LARGEST_TABLE:
        is_there = np.zeros(width * len(Part) * n_rows, np.bool_)
        is_there[cell * width + person] = True
        return is_there.reshape(len(Part), n_rows, width).sum(axis=2)
    # ids have 31 bits, and a table of parts with 2 ** 32 cells would not fit into memory: one number holds both
    found = np.sort(cell * width + person)
    is_new = np.ones(len(found), np.bool_)
    is_new[1:] = found[1:] != found[:-1]
    size = len(Part) * n_rows
    return np.bincount(found[is_new] // width, minlength=size).astype(np.int64).reshape(len(Part), n_rows)


def _parts_of_people(first: PeopleOnDay, last: PeopleOnDay) -> tuple[Ints, Ints]:
    """Everybody's id, and the part that takes in all pairs of the person, :data:`UNCHANGED` where none does."""
    is_alike = np.array_equal(first.person, last.person)
    ids = first.person if is_alike else np.union1d(first.person, last.person)
    then, now = _rows_of(ids, first.person), _rows_of(ids, last.person)
    was_there = (then >= 0) & first.is_counted[then] if len(first.person) else np.zeros(len(ids), np.bool_)
    is_there = (now >= 0) & last.is_counted[now] if len(last.person) else np.zeros(len(ids), np.bool_)
    part = np.full(len(ids), UNCHANGED, np.int64)
    part[was_there & ~is_there] = int(Part.LEAVERS)
    part[is_there & ~was_there] = int(Part.JOINERS)
    stayed = np.flatnonzero(was_there & is_there)
    then, now = then[stayed], now[stayed]
    has_moved = first.place[then] != last.place[now]
    # a level of another version with the same names is the same role under a changed framework
    is_other_level = first.role_level[then] != last.role_level[now]
    is_carried = (first.role[then] == last.role[now]) & (first.version[then] != last.version[now])
    part[stayed[is_other_level & ~is_carried]] = int(Part.ROLES)
    part[stayed[has_moved]] = int(Part.MOVES)
    return ids, part


def _rows_of(ids: Ints, known: Ints) -> Ints:
    """The row of each id among known ones (ascending), -1 where it is not there."""
    if not len(known):
        return np.full(len(ids), -1, np.int64)
    row = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[row] == ids, row, -1)


def _same_pairs(before: PairsOnDay, after: PairsOnDay) -> tuple[Ints, Ints]:
    """Places of the pairs that are there on both days."""
    n_skills = max(int(before.skill.max(initial=0)), int(after.skill.max(initial=0))) + 1
    row = _rows_of(before.person * n_skills + before.skill, after.person * n_skills + after.skill)
    in_before = np.flatnonzero(row >= 0)
    return in_before, row[in_before]


def _part_of_kept(before: PairsOnDay, after: PairsOnDay, in_before: Ints, in_after: Ints) -> Ints:
    """The part of pairs there on both days, of people who neither came, went, moved nor changed role.

    A pair that changes its row all the same (its role family was renamed, say) is a change of the framework.
    Training raises a level: a lower rating after a course is a reassessment.
    """
    held, held_after = before.held[in_before], after.held[in_after]
    was_rated = held != NOT_ASSESSED
    has_risen = (held_after != NOT_ASSESSED) & (~was_rated | (held_after > held))
    part = np.full(len(held), UNCHANGED, np.int64)
    part[held != held_after] = int(Part.REASSESSMENT)
    part[has_risen & after.is_from_course[in_after]] = int(Part.TRAINING)
    is_other = before.required[in_before] != after.required[in_after]
    is_other |= before.row[in_before] != after.row[in_after]
    part[is_other] = int(Part.REQUIREMENTS)
    return part
