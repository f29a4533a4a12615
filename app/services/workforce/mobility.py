"""Mobility: for a role level the nearest people, and how far role levels are from one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from app.analysis.mobility import level_distances, map_places
from app.db.database import Database
from app.errors import UsageError
from app.services.population import Ints, Population, PopulationCache, RoleLevelLine
from app.services.scope import Scope
from app.services.workforce.closing_records import Candidate, ClosingLimits
from app.services.workforce.nearest import Nearest, Pool, Shortfall, level_ids, requirements_of
from app.terms import FinancialQuarter, name_key

FAR = 1_000
"""More steps than any role level asks for: no limit."""


@dataclass(frozen=True, slots=True)
class LevelDistance:
    """Steps that somebody who meets ``start`` exactly would still have to learn for ``end``.

    ``is_next`` where ``end`` is the next level of the same role.
    """

    start: RoleLevelLine
    end: RoleLevelLine
    steps: int
    is_next: bool


@dataclass(frozen=True, slots=True)
class LevelPlace:
    """A role level on the career map; ``is_marked``: the one started from, or the next one of its role."""

    level: RoleLevelLine
    x: float
    y: float
    is_marked: bool


class Mobility:
    """Who could move where."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db, self._population, self._today = db, population, today

    def nearest(
        self, role_level: str, top: int = 20, scope: Scope | None = None, limits: ClosingLimits | None = None
    ) -> tuple[Candidate, ...]:
        """The people nearest to a role level: fewest steps missing, then staff id.

        Civil servants of the scope with another role level, of whom half of what is asked is assessed and something is
        met, and whom the catalogue can take all the way. Nobody moves down within a role. Raises UsageError for a role
        level that is not there, or that several roles have (name it as ROLE / LEVEL then).
        """
        if top < 1:
            raise UsageError("At least one person has to be asked for.", "Use --top 20.")
        scope = scope or Scope()
        day = scope.as_at or self._today()
        _, population = self._population.get(day)
        wanted = _wanted(population, role_level)
        mask = population.mask(replace(scope, role_family="", with_contractors=False))
        rows = np.flatnonzero(mask & (population.role_level_id > 0))
        limits = replace(limits or ClosingLimits(steps=FAR), people_each=top)
        with self._db.read() as session:
            desk = Nearest(session, population, Pool(rows, {}), limits)
            return desk.candidates(wanted, FinancialQuarter.next_whole(day))

    def distances(self, start: str = "", most: int | None = None) -> tuple[LevelDistance, ...]:
        """How far the role levels of the newest framework are from one another, nearest first for each.

        ``start`` names one role level to start from, ``most`` the most steps. Levels that ask for nothing are left out.
        """
        population, levels, steps = self._levels()
        only = set(_wanted(population, start).level_ids) if start else None
        return _lines(levels, steps.tolist(), only, most)

    def places(self, start: str = "", most: int | None = None) -> tuple[LevelPlace, ...]:
        """Role levels in the plane, near ones near: all, or those at most so many steps from ``start``."""
        population, levels, steps = self._levels()
        chosen = list(range(len(levels)))
        marked: set[int] = set()
        if start:
            only = set(_wanted(population, start).level_ids)
            begin = next((at for at, line in enumerate(levels) if line.role_level_id in only), None)
            if begin is None:
                raise UsageError(
                    f"“{start}” asks for no skill in the newest framework.", "Start from another level."
                )
            chosen = [at for at in chosen if most is None or at == begin or steps[begin, at] <= most]
            following = [
                one.end.role_level_id for one in _lines(levels, steps.tolist(), only, None) if one.is_next
            ]
            marked = {levels[begin].role_level_id, *following}
        spots = map_places(steps[np.ix_(chosen, chosen)])
        return tuple(
            LevelPlace(levels[at], float(x), float(y), levels[at].role_level_id in marked)
            for at, (x, y) in zip(chosen, spots.tolist(), strict=True)
        )

    def _levels(self) -> tuple[Population, list[RoleLevelLine], Ints]:
        """The role levels of the newest framework that ask for something, and the steps between them."""
        _, population = self._population.get(self._today())
        newest = max((line.version_id for line in population.levels.values()), default=0)
        levels = [line for line in population.levels.values() if line.version_id == newest]
        with self._db.read() as session:
            asked = {line.role_level_id: requirements_of(session, (line.role_level_id,)) for line in levels}
        levels = [line for line in levels if asked[line.role_level_id]]
        skills = sorted({skill for line in levels for skill in asked[line.role_level_id]})
        column = {skill: at for at, skill in enumerate(skills)}
        required = np.zeros((len(levels), len(skills)), dtype=np.uint8)
        for at, line in enumerate(levels):
            for skill, level in asked[line.role_level_id].items():
                required[at, column[skill]] = level
        return population, levels, level_distances(required)


def _lines(
    levels: list[RoleLevelLine], steps: list[list[int]], only: set[int] | None, most: int | None
) -> tuple[LevelDistance, ...]:
    found: list[LevelDistance] = []
    for at, start in enumerate(levels):
        if only is not None and start.role_level_id not in only:
            continue
        above = [one for one in levels if one.role_id == start.role_id and one.seniority > start.seniority]
        following = min(above, key=lambda one: one.seniority, default=None)
        mine = [
            LevelDistance(start, end, steps[at][place], end is following)
            for place, end in enumerate(levels)
            if place != at and (most is None or steps[at][place] <= most)
        ]
        found += sorted(mine, key=lambda one: (one.steps, one.end.name.casefold(), one.end.role_level_id))
    return tuple(found)


def _wanted(population: Population, text: str) -> Shortfall:
    """The role level of this name, in every framework version; UsageError for none or several."""
    key = name_key(text)
    lines = [
        line
        for line in population.levels.values()
        if key in (name_key(line.name), name_key(f"{line.role} / {line.name}"))
    ]
    if not lines:
        raise UsageError(f"There is no role level “{text}”.", "`muster frameworks show LABEL` lists them.")
    roles = {name_key(line.role): line.role for line in lines}
    if len(roles) > 1:
        names = "; ".join(f"{role} / {lines[0].name}" for role in roles.values())
        raise UsageError(f"Several roles have a level “{text}”.", f"Name one of: {names}.")
    line = lines[-1]
    ids = level_ids(population)[name_key(line.role), name_key(line.name)]
    return Shortfall("", line.family, line.role, line.name, (0,), tuple(ids))
