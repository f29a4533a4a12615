"""What changed between two days, split into parts that add up exactly to the change.

Every pair that is there on either day and differs belongs to the first part that applies, in the order of
:class:`Part`. What is taken off and what is added is booked in the row the pair stands in on that day, so that the
parts add up in every row and in total, whatever the rows are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from app.analysis.gaps import Mask
from app.analysis.level_blocks import Bytes, Codes, Ints
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


def parts_of(
    people: tuple[PeopleOnDay, PeopleOnDay], before: PairsOnDay, after: PairsOnDay
) -> tuple[Ints, Ints]:
    """The part each pair of the first and of the last day belongs to, :data:`UNCHANGED` where it is the same."""
    ids, part_of_person = _parts_of_people(*people)
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
    parts: tuple[Ints, Ints], before: PairsOnDay, after: PairsOnDay, rows: tuple[Codes, Codes], n_rows: int
) -> Trend:
    """The change in each row; ``parts`` come from :func:`parts_of`.

    ``rows`` are the rows of the pairs of both days. Other rows than those the parts were found with are right as
    long as pairs that are the same on both days stand in the same row.
    """
    shape = (len(Part), len(Measure), n_rows)
    sums, moved = np.zeros((2, len(Measure), n_rows), np.int64), np.zeros(shape, np.int64)
    for day, (pairs, row, part, sign) in enumerate(
        ((before, rows[0], parts[0], -1), (after, rows[1], parts[1], 1))
    ):
        counted = row >= 0
        has_part = counted & (part != UNCHANGED)
        cell = part[has_part] * n_rows + row[has_part]
        for measure, values in enumerate(_values(pairs)):
            sums[day, measure] = _sum(row[counted], values[counted], n_rows)
            of_parts = _sum(cell, values[has_part], len(Part) * n_rows).reshape(len(Part), n_rows)
            moved[:, measure] += sign * of_parts
    return Trend(sums[0], sums[1], moved, _people_per_part(parts, (before, after), rows, n_rows))


def _values(pairs: PairsOnDay) -> tuple[Mask, Mask, Mask, Mask, Bytes]:
    """What each pair adds to each measure."""
    rated = pairs.held != NOT_ASSESSED
    short = rated & (pairs.held < pairs.required)
    gap = np.where(short, pairs.required - np.where(rated, pairs.held, 0), 0).astype(np.uint8)
    return np.ones(len(rated), np.bool_), rated, rated & ~short, short, gap


def _sum(cell: Codes, values: Mask | Bytes, size: int) -> Ints:
    return np.bincount(cell, weights=values, minlength=size).astype(np.int64)


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
    order = np.lexsort((person, cell))
    cell, person = cell[order], person[order]
    is_new = np.ones(len(cell), np.bool_)
    is_new[1:] = (cell[1:] != cell[:-1]) | (person[1:] != person[:-1])
    size = len(Part) * n_rows
    return np.bincount(cell[is_new], minlength=size).astype(np.int64).reshape(len(Part), n_rows)


def _parts_of_people(first: PeopleOnDay, last: PeopleOnDay) -> tuple[Ints, Ints]:
    """Everybody's id, and the part that takes in all pairs of the person, :data:`UNCHANGED` where none does."""
    ids = np.union1d(first.person, last.person)
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
