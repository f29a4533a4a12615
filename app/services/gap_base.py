"""What every gap figure stands on: the population of a day, requirements, weights and held levels as blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.gaps import HeldLevels, LevelBlocks, Requirements
from app.db.database import Database
from app.services.assessments import levels_as_at
from app.services.population import Ints, Population, PopulationCache

WEIGHT_ONE = 10_000
"""Priority weights are kept in ten-thousandths; this is weight 1."""


@dataclass(frozen=True, slots=True)
class GapBase:
    """One day's requirements and levels, ready to be masked and grouped.

    ``requirement_skill`` and ``requirement_weight`` have one entry per requirement, in the order the blocks were
    built with; ``skill_ids`` and ``skill_names`` one per skill code, by name.
    """

    revision: int
    day: date
    population: Population
    blocks: LevelBlocks
    skill_ids: Ints
    skill_names: tuple[str, ...]
    weights: np.ndarray[tuple[int], np.dtype[np.float64]]

    def skill_code(self, name: str) -> int:
        """The code of a skill by its name; raises KeyError."""
        try:
            return self.skill_names.index(name)
        except ValueError:
            raise KeyError(name) from None


def load_gap_base(session: Session, population: Population, revision: int) -> GapBase:
    """Read requirements and levels of a day and build the blocks."""
    used = np.unique(population.role_level_id[population.role_level_id > 0])
    rows = session.execute(
        text(
            "SELECT q.role_level_id, q.skill_id, q.level, s.name, s.weight FROM requirement AS q "
            "JOIN skill AS s ON s.id = q.skill_id WHERE q.level IS NOT NULL"
        )
    ).all()
    wanted = set(used.tolist())
    rows = [row for row in rows if row[0] in wanted]
    by_name = sorted({(row[3], row[1]) for row in rows}, key=lambda pair: (pair[0].casefold(), pair[0]))
    skill_ids = np.array([pair[1] for pair in by_name], dtype=np.int64)
    code_of_skill = {pair[1]: code for code, pair in enumerate(by_name)}
    code_of_level = {int(level): code for code, level in enumerate(used)}
    requirements = Requirements(
        n_levels=len(used),
        n_skills=len(by_name),
        role_level=np.array([code_of_level[row[0]] for row in rows], dtype=np.int64),
        skill=np.array([code_of_skill[row[1]] for row in rows], dtype=np.int64),
        required=np.array([row[2] for row in rows], dtype=np.uint8),
    )
    person_levels = np.full(len(population), -1, dtype=np.int64)
    mapped = population.role_level_id > 0
    person_levels[mapped] = np.searchsorted(used, population.role_level_id[mapped])
    held = _held(session, population, code_of_skill)
    blocks = LevelBlocks.build(person_levels, requirements, held, _tree_order(population))
    weights = np.array([row[4] / WEIGHT_ONE for row in rows], dtype=np.float64)
    return GapBase(
        revision, population.day, population, blocks, skill_ids, tuple(pair[0] for pair in by_name), weights
    )


def _held(session: Session, population: Population, code_of_skill: dict[int, int]) -> HeldLevels:
    """Current levels on the day as person rows and skill codes; skills nobody needs get -1 and are ignored."""
    person, skill, level = levels_as_at(session, population.day)
    place = np.searchsorted(population.person_id, person)
    place[place == len(population)] = 0
    is_known = (
        population.person_id[place] == person if len(population) else np.zeros(len(person), dtype=np.bool_)
    )
    codes = np.full(int(skill.max(initial=0)) + 1, -1, dtype=np.int64)
    for skill_id, code in code_of_skill.items():
        if skill_id < len(codes):
            codes[skill_id] = code
    return HeldLevels(place[is_known], codes[skill[is_known]], level[is_known])


def _tree_order(population: Population) -> Ints:
    """For each person the place of the unit in the tree, departments together, units before what is below."""
    ordered = sorted(population.units.values(), key=lambda unit: unit.path.casefold())
    places = np.zeros(max(population.units, default=0) + 1, dtype=np.int64)
    for place, unit in enumerate(ordered):
        places[unit.unit_id] = place
    return places[population.unit_id]


class GapBaseCache:
    """The last few days looked at, by revision."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db, self._population, self._today = db, population, today
        self._kept: dict[tuple[int, date], GapBase] = {}

    def get(self, day: date | None) -> GapBase:
        """The base of a day (today when None is given)."""
        revision, population = self._population.get(day or self._today())
        key = (revision, population.day)
        found = self._kept.get(key)
        if found is None:
            with self._db.read() as session:
                found = load_gap_base(session, population, revision)
            self._kept = {old: base for old, base in self._kept.items() if old[0] == revision}
            while len(self._kept) >= 3:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = found
        return found
