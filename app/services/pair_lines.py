"""The pairs behind a figure as lines: a line is made, and the day of its rating read, when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import overload

import numpy as np

from app.analysis.gaps import GapPairs, gap_pairs
from app.db.database import Database
from app.services.current_levels import ratings_as_at
from app.services.gap_base import GapBase
from app.services.people_import import as_date
from app.services.population import Flags, Ints
from app.terms import NOT_ASSESSED

LINES_AT_ONCE = 5_000
"""Lines made together where all are gone through; up to so many there is no gain in waiting."""
LINES_LOOKED_AT = 200
"""Lines made together where somebody looks at a place."""
MOST_NAMED = 20_000
"""People up to whom their names are read and sorted here; the order of more comes from the database."""


@dataclass(frozen=True, slots=True)
class PairLine:
    """One pair (FORMATS, ``gaps --by person``); ``held`` and ``gap`` are None where not assessed."""

    person_id: int
    staff_id: str
    name: str
    department: str
    unit: str
    grade: str
    role_family: str
    role: str
    role_level: str
    skill: str
    held: int | None
    required: int
    gap: int | None
    assessed_on: date | None
    assessed_by: str


class PairLines(Sequence[PairLine]):
    """The required pairs of the people in ``mask``, of one skill or of all, by person and skill."""

    def __init__(self, db: Database, base: GapBase, mask: Flags, skill: int | None) -> None:
        self._db, self._base = db, base
        self._pairs = gap_pairs(base.blocks, mask, skill)
        self._made: tuple[int, list[PairLine]] = (-1, [])

    def worst_first(self) -> PairLines:
        """Largest gap first, then not assessed, then met; by name inside each."""
        pairs = self._pairs
        rank = self._name_ranks()[pairs.person]
        order = np.lexsort((rank, pairs.is_assessed, -pairs.gap.astype(np.int64)))
        self._pairs = GapPairs(
            pairs.person[order],
            pairs.skill[order],
            pairs.held[order],
            pairs.required[order],
            pairs.slot[order],
        )
        return self

    def _name_ranks(self) -> Ints:
        """By person row a number that orders names as Python does, equal names by row; 0 for who is not here."""
        population = self._base.population
        people = np.unique(self._pairs.person)
        if len(people) > MOST_NAMED:
            with self._db.read() as session:
                return population.name_ranks(session)
        places: list[int] = people.tolist()
        population.fetch_texts(places)
        names = {place: population.name[place] for place in places}
        ranks = np.zeros(len(population), dtype=np.int64)
        ranks[sorted(places, key=names.__getitem__)] = np.arange(len(places))
        return ranks

    def counts(self) -> tuple[int, int, int, int]:
        """Pairs required, assessed and short, and levels short, without making a line."""
        gap = self._pairs.gap
        return (
            len(gap),
            int(self._pairs.is_assessed.sum()),
            int((gap > 0).sum()),
            int(gap.sum(dtype=np.int64)),
        )

    def __len__(self) -> int:
        return len(self._pairs.person)

    @overload
    def __getitem__(self, index: int) -> PairLine: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PairLine]: ...
    def __getitem__(self, index: int | slice) -> PairLine | Sequence[PairLine]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        part, within = divmod(at, LINES_LOOKED_AT)
        made = self._made
        if made[0] != part:
            made = self._made = part, self._lines(part * LINES_LOOKED_AT, LINES_LOOKED_AT)
        return made[1][within]

    def __iter__(self) -> Iterator[PairLine]:
        for start in range(0, len(self), LINES_AT_ONCE):
            yield from self._lines(start, LINES_AT_ONCE)

    def _lines(self, start: int, count: int) -> list[PairLine]:
        base, part = self._base, slice(start, start + count)
        people, skills = self._pairs.person[part].tolist(), self._pairs.skill[part].tolist()
        held, required = self._pairs.held[part].tolist(), self._pairs.required[part].tolist()
        base.population.fetch_texts(sorted(set(people)))
        facts = {place: _person_facts(base, place) for place in set(people)}
        rated = self._ratings([entry[0] for entry in facts.values()])
        lines: list[PairLine] = []
        for place, code, level, need in zip(people, skills, held, required, strict=True):
            is_assessed = level != NOT_ASSESSED
            key = (facts[place][0], int(base.skill_ids[code]))
            on, by = rated.get(key, (None, "")) if is_assessed else (None, "")
            lines.append(
                PairLine(
                    *facts[place],
                    skill=base.skill_names[code],
                    held=level if is_assessed else None,
                    required=need,
                    gap=max(0, need - level) if is_assessed else None,
                    assessed_on=on,
                    assessed_by=by,
                )
            )
        return lines

    def _ratings(self, person_ids: Sequence[int]) -> dict[tuple[int, int], tuple[date | None, str]]:
        """Day and kind of the rating that counts, for the pairs of these people."""
        days: dict[object, date | None] = {}
        found: dict[tuple[int, int], tuple[date | None, str]] = {}
        with self._db.read() as session:
            rows = ratings_as_at(session, self._base.day, person_ids, is_current=self._base.is_packed)
            for person, skill, on, by in rows:
                day = days.get(on) or days.setdefault(on, as_date(on))
                found[person, skill] = (day, by)
        return found


def _person_facts(base: GapBase, place: int) -> tuple[int, str, str, str, str, str, str, str, str]:
    population = base.population
    unit = population.units[int(population.unit_id[place])]
    level = population.levels[int(population.role_level_id[place])]
    return (
        int(population.person_id[place]),
        population.staff_id[place],
        population.name[place],
        population.units[unit.department_id].name,
        unit.path,
        population.grade[place],
        level.family,
        level.role,
        level.name,
    )
