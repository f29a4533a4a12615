"""People as cells of unit × role level × grade, and everything the forecast needs of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.supply import NO_NEXT, Floats, Ints, SupplyProblem, quarterly
from app.files.words import grade_of
from app.services.people_import import as_date
from app.services.population import Flags, Population
from app.services.scope import Scope
from app.services.workforce.establishment import load_posts, posts_by_cell
from app.services.workforce.history import OwnRates
from app.services.workforce.known_moves import CellKey, count_tracks, known_tracks
from app.services.workforce.records import ForecastCell
from app.services.workforce.scenarios import Assumptions, RateKind
from app.terms import FinancialQuarter

_COMING = """
SELECT p.start_date, s.unit_id, s.grade, a.role_level_id
FROM person AS p
JOIN person_spell AS s ON s.person_id = p.id AND s.status = 'active'
  AND s.valid_from <= :day AND (s.valid_to IS NULL OR s.valid_to > :day)
JOIN role_assignment AS a ON a.person_id = p.id AND a.is_primary
  AND a.valid_from <= :day AND (a.valid_to IS NULL OR a.valid_to > :day)
  AND a.source IN ('confirmed', 'imported') AND a.role_level_id IS NOT NULL
WHERE p.start_date > :day
"""


@dataclass(frozen=True, slots=True)
class SupplyCells:
    """The cells in the order of their columns. ``fte`` [C] is the mean FTE of the people there at the start.

    ``heads`` [C] counts everybody, those with a known last day too; ``vacancies`` [C] posts less heads, NaN where no
    establishment is known.
    """

    keys: tuple[CellKey, ...]
    heads: Ints
    fte: Floats
    vacancies: Floats
    leave: Floats
    promote: Floats
    problem: SupplyProblem


def supply_cells(
    session: Session,
    population: Population,
    scope: Scope,
    assumptions: Assumptions,
    rates: OwnRates,
    quarters: tuple[FinancialQuarter, int],
) -> SupplyCells:
    """Everybody in the scope with a counting role as a problem of supply over ``quarters`` (the first, how many)."""
    first, count = quarters
    mask = population.mask(scope) & (population.role_level_id > 0)
    inside = _inside(population, scope)
    tracks = known_tracks(
        session, population, scope, lambda level: _fits(population, scope, level), (first, count)
    )
    found = _Found.of(population, mask, {track.person_id for track in tracks})
    coming = _coming(session, population, scope, inside, first)
    posts = _posts(session, population, scope, inside, found.heads)
    nexts = _Nexts(population, found)
    moving = {cell for track in tracks for cell in track.cells if cell is not None}
    keys = nexts.closed({*found.heads, *(key for _, key in coming), *posts, *moving})
    place = {key: at for at, key in enumerate(keys)}
    heads = np.array([found.heads.get(key, 0) for key in keys], dtype=np.int64)
    moved = count_tracks(tracks, place, count)
    known = _known(found.ending, place, (first, count)) + moved.known
    next_cell = np.array([place.get(nexts.of(key) or (0, 0, ""), NO_NEXT) for key in keys], dtype=np.int64)
    yearly = [_yearly(population, key, assumptions, rates) for key in keys]
    leave, promote = (np.array([pair[at] for pair in yearly], dtype=np.float64) for at in (0, 1))
    starting = moved.starting.copy()
    for quarter, key in coming:
        if quarter < count:
            starting[quarter, place[key]] += 1
    wanted = _wanted(keys, heads, posts)
    success = np.array([assumptions.succeeds(quarter) for quarter in range(count)])
    problem = SupplyProblem(
        heads=heads - known[0],
        known=known,
        leave=np.broadcast_to(quarterly(leave), (count, len(keys))),
        promote=np.broadcast_to(quarterly(promote), (count, len(keys))),
        next_cell=next_cell,
        posts=np.broadcast_to(wanted, (count + 1, len(keys))),
        lag=np.full(len(keys), assumptions.lag, dtype=np.int64),
        success=np.repeat(success[:, None], len(keys), axis=1),
        starting=starting,
        moves=moved.moves,
    )
    vacancies = wanted - heads if posts else np.full(len(keys), np.nan)
    return SupplyCells(keys, heads, found.mean_fte(keys), vacancies, leave, promote, problem)


def described(population: Population, cells: SupplyCells) -> tuple[ForecastCell, ...]:
    """The cells in words, in the order of their columns."""
    found: list[ForecastCell] = []
    for at, (unit, level_id, grade) in enumerate(cells.keys):
        level, vacancies = population.levels[level_id], float(cells.vacancies[at])
        found.append(
            ForecastCell(
                population.units[unit].path, level.family, level.role, level.name, grade, int(cells.heads[at]),
                None if np.isnan(vacancies) else int(vacancies), float(cells.leave[at]), float(cells.promote[at]),
            )
        )  # fmt: skip
    return tuple(found)


@dataclass(slots=True)
class _Found:
    """Heads and hundredths of FTE by occupied cell, and those of the people whose last day is known.

    ``ending`` has one entry for each of those who are not ``moving`` (person ids): their cell and the number of the
    last day.
    """

    keys: list[CellKey]
    heads: dict[CellKey, int]
    hundredths: dict[CellKey, int]
    ending: list[tuple[CellKey, int]]

    @classmethod
    def of(cls, population: Population, mask: Flags, moving: set[int]) -> _Found:
        chosen = np.flatnonzero(mask)
        grades, words = canonical_grades(population, chosen)
        units, levels = (
            column[chosen].astype(np.int64) for column in (population.unit_id, population.role_level_id)
        )
        most_levels = int(levels.max(initial=0)) + 1
        packed = (units * most_levels + levels) * max(len(words), 1) + grades
        codes, place, counts = np.unique(packed, return_inverse=True, return_counts=True)
        cell, grade = np.divmod(codes, max(len(words), 1))
        unit, level = np.divmod(cell, most_levels)
        keys: list[CellKey] = list(
            zip(unit.tolist(), level.tolist(), [words[code] for code in grade.tolist()], strict=True)
        )
        fte = np.bincount(place, population.fte_hundredths[chosen], minlength=len(keys)).astype(np.int64)
        last = population.last_day[chosen]
        is_moving = np.isin(population.person_id[chosen], sorted(moving))
        ends = np.flatnonzero((last < date.max.toordinal()) & ~is_moving)
        ending = [(keys[at], day) for at, day in zip(place[ends].tolist(), last[ends].tolist(), strict=True)]
        return cls(
            keys,
            dict(zip(keys, counts.tolist(), strict=True)),
            dict(zip(keys, fte.tolist(), strict=True)),
            ending,
        )

    def mean_fte(self, keys: Sequence[CellKey]) -> Floats:
        """Mean FTE of each cell; of an empty one that of everybody, 1 where there is nobody at all."""
        everybody = sum(self.hundredths.values()) / 100 / max(sum(self.heads.values()), 1) or 1.0
        return np.array(
            [
                self.hundredths[key] / 100 / self.heads[key] if key in self.heads else everybody
                for key in keys
            ],
            dtype=np.float64,
        )


def canonical_grades(population: Population, chosen: Ints) -> tuple[Ints, tuple[str, ...]]:
    """The grades of chosen rows as codes into Civil Service grades: "Grade 7" and "G7" are one."""
    words = tuple(dict.fromkeys(grade_of(word) for word in population.grade.words))
    code = np.array([words.index(grade_of(word)) for word in population.grade.words], dtype=np.int64)
    raw = population.grade.codes[chosen].astype(np.int64)
    return (code[raw] if len(raw) else raw), words


class _Nexts:
    """Where somebody who moves up arrives: the next level of the role in the same unit.

    Its grade is the one most people of that level have in the unit, else anywhere, else the grade they had.
    """

    def __init__(self, population: Population, found: _Found) -> None:
        self._levels, self._units = tuple(population.levels), tuple(population.units.values())
        self._above: dict[int, int] = {}
        by_role: dict[int, list[tuple[int, int]]] = {}
        for level in population.levels.values():
            by_role.setdefault(level.role_id, []).append((level.seniority, level.role_level_id))
        for levels in by_role.values():
            ordered = [level for _, level in sorted(levels)]
            self._above.update(pairwise(ordered))
        self._here: dict[tuple[int, int], Counter[str]] = {}
        self._anywhere: dict[int, Counter[str]] = {}
        for (unit, level, grade), heads in sorted(found.heads.items()):
            self._here.setdefault((unit, level), Counter())[grade] += heads
            self._anywhere.setdefault(level, Counter())[grade] += heads

    def of(self, key: CellKey) -> CellKey | None:
        """The cell above a cell, None at the top of a role."""
        unit, level, grade = key
        above = self._above.get(level)
        if above is None:
            return None
        grades = self._here.get((unit, above)) or self._anywhere.get(above) or Counter({grade: 1})
        return unit, above, max(grades.items(), key=lambda pair: (pair[1], pair[0]))[0]

    def closed(self, keys: set[CellKey]) -> tuple[CellKey, ...]:
        """The cells with every cell above them, in a fixed order."""
        open_keys = list(keys)
        while open_keys:
            above = self.of(open_keys.pop())
            if above is not None and above not in keys:
                keys.add(above)
                open_keys.append(above)
        levels = {level: at for at, level in enumerate(self._levels)}
        units = {unit.unit_id: unit.path.casefold() for unit in self._units}
        return tuple(sorted(keys, key=lambda key: (units[key[0]], levels[key[1]], key[2])))


def _inside(population: Population, scope: Scope) -> set[int]:
    return population.units_below(scope.departments) if scope.departments else set(population.units)


def _fits(population: Population, scope: Scope, level_id: int) -> bool:
    level = population.levels.get(level_id)
    return level is not None and level.is_in(scope)


def _coming(
    session: Session, population: Population, scope: Scope, inside: set[int], first: FinancialQuarter
) -> list[tuple[int, CellKey]]:
    """People whose first day is known and still to come, by quarter of the forecast (from 0) and cell."""
    found: list[tuple[int, CellKey]] = []
    for starts, unit, grade, level in session.execute(text(_COMING), {"day": population.day.isoformat()}):
        day = as_date(starts)
        if day is not None and unit in inside and _fits(population, scope, level):
            key = (unit, level, grade_of(grade))
            found.append((max(int(FinancialQuarter.of(day)) - int(first), 0), key))
    return found


def _posts(
    session: Session, population: Population, scope: Scope, inside: set[int], heads: Mapping[CellKey, int]
) -> dict[CellKey, int]:
    """Established posts by cell, empty where no establishment was loaded."""
    return posts_by_cell(
        population,
        [
            post
            for post in load_posts(session)
            if post.unit_id in inside and _fits(population, scope, post.role_level_id)
        ],
        heads,
    )


def _wanted(keys: Sequence[CellKey], heads: Ints, posts: Mapping[CellKey, int]) -> Floats:
    """Heads there is a post for: as established in units that have an establishment, else as many as there are now."""
    units = {unit for unit, _, _ in posts}
    return np.array(
        [
            float(posts.get(key, 0)) if key[0] in units else float(now)
            for key, now in zip(keys, heads.tolist(), strict=True)
        ],
        dtype=np.float64,
    )


def _known(
    ending: Sequence[tuple[CellKey, int]],
    place: Mapping[CellKey, int],
    quarters: tuple[FinancialQuarter, int],
) -> Ints:
    """[Q + 1 × C]: people whose last day is known and who are still there when each quarter is over.

    Row 0 counts all of them. Whoever leaves before the first quarter begins is gone at its end.
    """
    first, count = quarters
    known = np.zeros((count + 1, len(place)), dtype=np.int64)
    if not ending:
        return known
    cell = np.array([place[key] for key, _ in ending], dtype=np.int64)
    last = np.array([day for _, day in ending], dtype=np.int64)
    known[0] = np.bincount(cell, minlength=len(place))
    for quarter in range(1, count + 1):
        stays = last >= (first + (quarter - 1)).last_day.toordinal()
        known[quarter] = np.bincount(cell[stays], minlength=len(place))
    return known


def _yearly(
    population: Population, key: CellKey, assumptions: Assumptions, rates: OwnRates
) -> tuple[float, float]:
    """Yearly rates of leaving and of promotion of one cell."""
    unit, level, grade = key
    family = population.levels[level].family
    path = population.units[unit].path
    of = (family, grade, path)
    return (
        assumptions.yearly(RateKind.LEAVE, rates.leave_of(family, grade, unit), of),
        assumptions.yearly(RateKind.PROMOTE, rates.promote_of(family, grade, unit), of),
    )
