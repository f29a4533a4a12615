"""What every gap figure stands on: the population of a day, requirements, weights and held levels as blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.gaps import HeldLevels, LevelBlocks, Requirements, gap_pairs
from app.analysis.level_blocks import Bytes, Codes
from app.db.database import Database
from app.db.packing import BLOCK_BITS, LevelsBlock, read_levels
from app.services.current_levels import joined, levels_before, settled_levels
from app.services.population import RESTS_ON, Ints, Population, PopulationCache, tables_since
from app.services.strategy_weights import (
    STRATEGY_TABLES,
    WEIGHT_ONE,
    StrategyLinks,
    load_links,
    requirement_weights,
)
from app.terms import NOT_ASSESSED


@dataclass(frozen=True, slots=True)
class GapBase:
    """One day's requirements and levels, ready to be masked and grouped.

    ``requirement_skill`` and ``requirement_weight`` have one entry per requirement, in the order the blocks were
    built with; ``skill_ids`` and ``skill_names`` one per skill code, by name. ``is_packed`` says that the levels are
    the packed ones, not those of the history on an earlier day. ``requirements`` are (role level id, skill id, skill
    weight in ten-thousandths); ``weights`` what the strategy makes of them (PRODUCT, rule 4).
    """

    revision: int
    day: date
    population: Population
    blocks: LevelBlocks
    skill_ids: Ints
    skill_names: tuple[str, ...]
    weights: np.ndarray[tuple[int], np.dtype[np.float64]]
    is_packed: bool = False
    requirements: tuple[tuple[int, int, int], ...] = ()

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
    held, is_packed = _held(session, population, code_of_skill)
    blocks = LevelBlocks.build(person_levels, requirements, held, _tree_order(population))
    facts = tuple((row[0], row[1], row[4]) for row in rows)
    return GapBase(
        revision=revision,
        day=population.day,
        population=population,
        blocks=blocks,
        skill_ids=skill_ids,
        skill_names=tuple(pair[0] for pair in by_name),
        weights=_weights(facts, population, load_links(session)),
        is_packed=is_packed,
        requirements=facts,
    )


def reweighted(base: GapBase, links: StrategyLinks) -> GapBase:
    """The same base under other links of the strategy, such as those without one priority."""
    return replace(base, weights=_weights(base.requirements, base.population, links))


def _weights(
    requirements: Sequence[tuple[int, int, int]], population: Population, links: StrategyLinks
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    names = {key: (line.role, line.name) for key, line in population.levels.items()}
    weights = requirement_weights(links, requirements, names)
    return np.array(weights, dtype=np.float64) / WEIGHT_ONE


def patched(base: GapBase, changed: Sequence[LevelsBlock]) -> GapBase:
    """The same base with the levels of some blocks of people changed to these."""
    population = base.population
    numbers = np.array([block.block for block in changed], dtype=np.int64)
    mask = np.isin(population.person_id >> BLOCK_BITS, numbers)
    before = gap_pairs(base.blocks, mask)
    code_of_skill = {int(key): code for code, key in enumerate(base.skill_ids)}
    now = _held_of(population, code_of_skill, *joined(changed))
    nothing = np.full(len(before.person), NOT_ASSESSED, dtype=np.uint8)
    blocks = base.blocks.patch(
        np.concatenate([before.person, now.person]),
        np.concatenate([before.skill, now.skill]),
        np.concatenate([nothing, now.level]),
    )
    return replace(base, blocks=blocks)


def _held(session: Session, population: Population, code_of_skill: dict[int, int]) -> tuple[HeldLevels, bool]:
    """Current levels on the day as person rows and skill codes, and whether they are the packed ones.

    Skills nobody needs get -1 and are ignored.
    """
    blocks = settled_levels(session, population.day)
    if blocks is None:
        person, skill, level = levels_before(session, population.day)
    else:
        person, skill, level = joined(blocks)
    return _held_of(population, code_of_skill, person, skill, level), blocks is not None


def _held_of(
    population: Population, code_of_skill: dict[int, int], person: Codes, skill: Codes, level: Bytes
) -> HeldLevels:
    size = max(int(population.person_id.max(initial=0)), int(person.max(initial=0))) + 1
    row_of = np.full(size, -1, dtype=np.int32)
    row_of[population.person_id] = np.arange(len(population), dtype=np.int32)
    row = row_of[person]
    codes = np.full(max(int(skill.max(initial=0)), max(code_of_skill, default=0)) + 1, -1, dtype=np.int16)
    for skill_id, code in code_of_skill.items():
        codes[skill_id] = code
    code = codes[skill]
    is_known = (row >= 0) & (code >= 0)
    if is_known.all():
        return HeldLevels(row, code, level)
    return HeldLevels(row[is_known], code[is_known], level[is_known])


def _tree_order(population: Population) -> Ints:
    """For each person the place of the unit in the tree, departments together, units before what is below."""
    ordered = sorted(population.units.values(), key=lambda unit: unit.path.casefold())
    places = np.zeros(max(population.units, default=0) + 1, dtype=np.int64)
    for place, unit in enumerate(ordered):
        places[unit.unit_id] = place
    return places[population.unit_id]


_FRAMEWORK = frozenset({"requirement", "skill", "role_level", "role", "role_family", "framework_version"})
_RULES = "workspace_setting"
_MOST_PATCHED = 100
"""Blocks of changed levels up to which a base is patched rather than built again."""

_LEVELS = frozenset({"current_level", "assessment"})

FIGURES_REST_ON = RESTS_ON | _FRAMEWORK | _LEVELS | {_RULES}
"""A write to none of these tables changes no count of people and pairs; weights rest on the strategy as well."""


class GapBaseCache:
    """The last few days looked at. A write to other tables changes nothing here; one to ratings only what it rated."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db, self._population, self._today = db, population, today
        self._kept: dict[date, GapBase] = {}
        self._revision = -1
        self._lock = Lock()

    def get(self, day: date | None, *, is_kept: bool = True) -> GapBase:
        """The base of a day (today when None is given); one that is not kept pushes out no other."""
        with self._lock:
            revision, population = self._population.get(day or self._today(), is_kept=is_kept)
            with self._db.read() as session:
                self._notice(session, revision)
                found = self._kept.get(population.day)
                if found is None or found.population is not population:
                    found = load_gap_base(session, population, revision)
            if found.revision != revision:
                found = replace(found, revision=revision)
            if not is_kept and population.day not in self._kept:
                return found
            self._kept.pop(population.day, None)
            while len(self._kept) >= 3:
                self._kept.pop(next(iter(self._kept)))
            self._kept[population.day] = found
        return found

    def _notice(self, session: Session, revision: int) -> None:
        """Drop, or put right, what a write since the last look has made out of date."""
        if revision == self._revision:
            return
        seen, self._revision = self._revision, revision
        changed = tables_since(session, seen) if 0 <= seen < revision else _FRAMEWORK
        if changed & _FRAMEWORK or _RULES in changed:
            self._kept.clear()
            return
        if changed & STRATEGY_TABLES:
            links = load_links(session)
            self._kept = {day: reweighted(base, links) for day, base in self._kept.items()}
        if changed & _LEVELS:
            blocks = list(read_levels(session.connection(), seen))
            if len(blocks) > _MOST_PATCHED:
                self._kept.clear()
            latest = max((block.latest_on for block in blocks), default=0)
            self._kept = {
                day: patched(base, blocks)
                for day, base in self._kept.items()
                if base.is_packed and latest <= day.toordinal()
            }
