"""The parts of a change add up exactly, and are those of a dictionary of pairs gone through one at a time."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from app.analysis.gaps import HeldLevels, LevelBlocks, Requirements
from app.analysis.trend import (
    UNCHANGED,
    BlocksOnDay,
    Measure,
    PairsOnDay,
    Part,
    PeopleOnDay,
    Trend,
    changed_pairs,
    parts_of,
    split_change,
)
from app.terms import NOT_ASSESSED
from tests.counts import share


@dataclass
class Someone:
    counted: bool
    place: int
    level: int
    role: int
    version: int


@dataclass
class Pair:
    row: int
    required: int
    held: int | None
    is_from_course: bool = False


Key = tuple[int, int]


@dataclass
class Day:
    people: dict[int, Someone]
    pairs: dict[Key, Pair]


N_ROWS, N_SKILLS = 4, 5
LEVELS = [
    Someone(True, 0, level, role, version)
    for level, role, version in ((0, 0, 0), (1, 1, 1), (2, 2, 1), (3, 1, 2))
]


def _history(rng: random.Random) -> tuple[Day, Day]:
    """A first day, and a last one on which much is as it was."""
    first = Day({}, {})
    for person in rng.sample(range(40), rng.randrange(14)):
        first.people[person] = _someone(rng)
        skills = rng.sample(range(N_SKILLS), rng.randrange(N_SKILLS + 1))
        first.pairs |= {(person, skill): _pair(rng) for skill in skills}
    last = Day({}, {})
    for person, old in first.people.items():
        if rng.random() < 0.85:
            last.people[person] = old if rng.random() < 0.6 else _someone(rng)
    for person in rng.sample(range(40), rng.randrange(5)):
        last.people.setdefault(person, _someone(rng))
    for (person, skill), pair in first.pairs.items():
        if person in last.people and rng.random() < 0.85:
            last.pairs[person, skill] = pair if rng.random() < 0.5 else _pair(rng)
    for key in itertools.product(last.people, range(N_SKILLS)):
        if rng.random() < 0.1:
            last.pairs.setdefault(key, _pair(rng))
    return first, last


def _someone(rng: random.Random) -> Someone:
    chosen = rng.choice(LEVELS)
    return Someone(rng.random() < 0.85, rng.randrange(3), chosen.level, chosen.role, chosen.version)


def _pair(rng: random.Random) -> Pair:
    held = rng.choice((None, 0, 1, 2, 3, 4))
    return Pair(rng.randrange(-1, N_ROWS), rng.randrange(1, 5), held, held is not None and rng.random() < 0.4)


def _people(day: Day) -> PeopleOnDay:
    ids = sorted(day.people)
    rows = [day.people[person] for person in ids]
    return PeopleOnDay(
        np.array(ids, np.int64), np.array([row.counted for row in rows], np.bool_),
        *(np.array([getattr(row, name) for row in rows], np.int64) for name in ("place", "level", "role", "version")),
    )  # fmt: skip


def _pairs(day: Day) -> PairsOnDay:
    keys = sorted(day.pairs)
    pairs = [day.pairs[key] for key in keys]
    held = [NOT_ASSESSED if pair.held is None else pair.held for pair in pairs]
    return PairsOnDay(
        np.array([key[0] for key in keys], np.int64),
        np.array([key[1] for key in keys], np.int64),
        np.array([pair.row for pair in pairs], np.int64),
        np.array([pair.required for pair in pairs], np.uint8),
        np.array(held, np.uint8),
        np.array([pair.is_from_course for pair in pairs], np.bool_),
    )


def _part(first: Day, last: Day, key: Key) -> Part | None:
    """The first part that applies to a pair, asked one question after the other."""
    then, now = first.people.get(key[0]), last.people.get(key[0])
    was_there, is_there = then is not None and then.counted, now is not None and now.counted
    if was_there and not is_there:
        return Part.LEAVERS
    if is_there and not was_there:
        return Part.JOINERS
    if then is not None and now is not None and was_there:
        if then.place != now.place:
            return Part.MOVES
        is_same_role = then.level == now.level or (then.role == now.role and then.version != now.version)
        if not is_same_role:
            return Part.ROLES
    return _part_of_pair(first.pairs.get(key), last.pairs.get(key))


def _part_of_pair(before: Pair | None, after: Pair | None) -> Part | None:
    if before is None or after is None:
        return Part.REQUIREMENTS
    if before.required != after.required or before.row != after.row:
        return Part.REQUIREMENTS
    if before.held == after.held:
        return None
    has_risen = after.held is not None and (before.held is None or after.held > before.held)
    return Part.TRAINING if has_risen and after.is_from_course else Part.REASSESSMENT


def _figures(pair: Pair) -> tuple[int, int, int, int, int]:
    if pair.held is None:
        return 1, 0, 0, 0, 0
    gap = max(0, pair.required - pair.held)
    return 1, 1, int(gap == 0), int(gap > 0), gap


def _check(found: Trend, first: Day, last: Day) -> None:
    moved: dict[tuple[int, int, int], int] = defaultdict(int)
    people: dict[tuple[int, int], set[int]] = defaultdict(set)
    sums = [np.zeros((len(Measure), N_ROWS), int) for _ in range(2)]
    for place, (day, sign) in enumerate(((first, -1), (last, 1))):
        for key, pair in day.pairs.items():
            if pair.row < 0:
                continue
            part = _part(first, last, key)
            if part is not None:
                people[part, pair.row].add(key[0])
            for measure, value in enumerate(_figures(pair)):
                sums[place][measure, pair.row] += value
                if part is not None:
                    moved[part, measure, pair.row] += sign * value
    assert np.array_equal(found.before, sums[0])
    assert np.array_equal(found.after, sums[1])
    for (part, measure, row), value in np.ndenumerate(found.parts):
        assert value == moved[part, measure, row], (Part(part), Measure(measure), row)
    for (part, row), value in np.ndenumerate(found.people):
        assert value == len(people[part, row])


@pytest.mark.parametrize("seed", range(share(1_000)))
def test_parts_add_up_and_equal_the_pairs_gone_through_one_at_a_time(seed: int) -> None:
    first, last = _history(random.Random(seed))
    before, after = _pairs(first), _pairs(last)
    parts = parts_of((_people(first), _people(last)), before, after)
    found = split_change((parts, before, after), (before.row, after.row), N_ROWS)
    assert np.array_equal(found.after - found.before, found.parts.sum(axis=0))
    _check(found, first, last)
    whole = split_change((parts, before, after), (before.row * 0, after.row * 0), 1)
    assert np.array_equal(whole.after - whole.before, whole.parts.sum(axis=0))


@dataclass
class Blocks:
    """One random day as blocks: the role levels required are those of :data:`LEVELS`."""

    people: PeopleOnDay
    day: BlocksOnDay
    first_code: int

    @classmethod
    def of(
        cls, rng: random.Random, day: Day, rows: dict[int, int], needs: dict[tuple[int, int], int]
    ) -> Blocks:
        """Skill codes of a day begin with another one on each, so that they mean the same only after translation."""
        ids = sorted(day.people)
        first_code = rng.randrange(2)
        keys = sorted(needs)
        requirements = Requirements(
            len(LEVELS), N_SKILLS + 1, np.array([level for level, _ in keys], np.int64),
            np.array([skill + first_code for _, skill in keys], np.int64),
            np.array([needs[key] for key in keys], np.uint8),
        )  # fmt: skip
        held = [
            (at, skill + first_code, pair.held)
            for at, person in enumerate(ids)
            for skill in range(N_SKILLS)
            if (pair := day.pairs.get((person, skill))) is not None and pair.held is not None
        ]
        columns = list(zip(*held, strict=True)) if held else [(), (), ()]
        levels = np.array([day.people[person].level for person in ids], np.int64)
        blocks = LevelBlocks.build(
            levels, requirements,
            HeldLevels(np.array(columns[0], np.int64), np.array(columns[1], np.int64), np.array(columns[2], np.uint8)),
        )  # fmt: skip
        chosen = np.array([day.people[person].counted and rng.random() < 0.95 for person in ids], np.bool_)
        return cls(
            _people(day),
            BlocksOnDay(
                blocks, np.array(ids, np.int64), chosen, np.array([rows[person] for person in ids], np.int64),
                np.arange(-first_code, N_SKILLS + 1 - first_code),
            ),
            first_code,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(share(1_000)))
def test_pairs_that_may_have_changed_give_the_parts_of_all_pairs(seed: int) -> None:
    rng = random.Random(seed)
    first, last = _history(rng)
    rows = [{person: rng.randrange(-1, N_ROWS) for person in day.people} for day in (first, last)]
    if rng.random() < 0.8:
        rows[1] |= {person: row for person, row in rows[0].items() if person in last.people}
    needs = {(at, skill): rng.randrange(1, 5) for at in range(len(LEVELS)) for skill in range(N_SKILLS)}
    needs_last = {key: value for key, value in needs.items() if rng.random() < 0.95}
    one, other = Blocks.of(rng, first, rows[0], needs), Blocks.of(rng, last, rows[1], needs_last)
    lucky = frozenset(
        (person, skill) for person in last.people for skill in range(N_SKILLS) if rng.random() < 0.4
    )

    def from_course(person: Any, skill: Any, held: Any) -> Any:
        known = [
            (int(who), int(code) - other.first_code) in lucky for who, code in zip(person, skill, strict=True)
        ]
        return np.array(known, np.bool_) & (held != NOT_ASSESSED)

    people, days = (one.people, other.people), (one.day, other.day)
    few = changed_pairs(people, days, from_course)
    before = one.day.pairs(one.day.is_chosen, None)
    after = other.day.pairs(other.day.is_chosen, from_course)
    everything = parts_of(people, before, after), before, after
    sums = tuple(day.sums(N_ROWS, over_skills=True)[:, :, 0] for day in days)
    found = split_change(few, (few[1].row, few[2].row), N_ROWS, (sums[0], sums[1]))
    whole = split_change(everything, (before.row, after.row), N_ROWS)
    for name in ("before", "after", "parts", "people"):
        assert np.array_equal(getattr(found, name), getattr(whole, name)), name
    assert np.array_equal(found.after - found.before, found.parts.sum(axis=0))
    nothing = split_change(everything, (before.row * 0, after.row * 0), 1)
    assert np.array_equal(nothing.before[:, 0], one.day.total())
    assert np.array_equal(nothing.after[:, 0], other.day.total())


@pytest.mark.parametrize("seed", range(20))
def test_people_are_counted_alike_whatever_the_size_of_the_table(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = _history(random.Random(seed))
    before, after = _pairs(first), _pairs(last)
    changes = parts_of((_people(first), _people(last)), before, after), before, after
    monkeypatch.setattr("app.analysis.trend._LARGEST_TABLE", 0)
    _check(split_change(changes, (before.row, after.row), N_ROWS), first, last)


def test_two_equal_days_have_no_parts() -> None:
    day = Day({1: LEVELS[0]}, {(1, 0): Pair(0, 2, 1), (1, 1): Pair(1, 2, None)})
    pairs = _pairs(day)
    parts = parts_of((_people(day), _people(day)), pairs, pairs)
    assert set(parts[0].tolist()) == set(parts[1].tolist()) == {UNCHANGED}


def test_two_empty_days() -> None:
    day = Day({}, {})
    pairs = _pairs(day)
    parts = parts_of((_people(day), _people(day)), pairs, pairs)
    found = split_change((parts, pairs, pairs), (pairs.row, pairs.row), 2)
    assert not found.parts.any()
    assert found.parts.shape == (len(Part), len(Measure), 2)
