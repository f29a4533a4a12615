"""Who is near to a role level: the people who may move, what they hold, and the cheapest courses for the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.analysis.learning_routes import Offer, Route, Routes
from app.analysis.mobility import distances_to
from app.files.words import grade_of
from app.models import Course, CourseOutcome
from app.services.current_levels import levels_as_at
from app.services.population import Ints, Population
from app.services.workforce.closing_records import Candidate, ClosingLimits, Way
from app.services.workforce.known_moves import people_moving
from app.services.workforce.records import Forecast
from app.terms import NOT_ASSESSED, FinancialQuarter, name_key


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A role level in a department and the hundredths of FTE missing by quarter.

    ``level_ids`` are those of the level in every framework version, the newest last. Where any level of the role will
    do (``role_level`` blank), they are those of the most junior one.
    """

    department: str
    role_family: str
    role: str
    role_level: str
    need: tuple[int, ...]
    level_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Who may move: rows of the population, and those whose place is not needed, by row: from which quarter on.

    ``ending`` are the rows of people whose own role ends, so that nothing is left open behind them.
    """

    rows: Ints
    freed: Mapping[int, FinancialQuarter]
    ending: frozenset[int] = frozenset()


def pool_of(
    found: Forecast, population: Population, people: Ints, ends: Mapping[int, date] | None = None
) -> Pool:
    """Civil servants without a known last day, those whose own role level is short left out.

    Free to go are, in this order: whose role ends (``ends``: by person id the day from which they have none); so many
    as a cell has more heads than posts; and so many as a programme that ends leaves without a task, from then on.
    Staff ids decide who, so that two runs name the same people.
    """
    going = ends or {}
    short = {
        (cell.unit, name_key(cell.role), name_key(cell.role_level))
        for at, cell in enumerate(found.cells)
        if found.shortfall[:, at].any()
    }
    over = {
        (cell.unit, name_key(cell.role), name_key(cell.role_level), cell.grade): -cell.vacancies
        for cell in found.cells
        if cell.vacancies is not None and cell.vacancies < 0
    }
    later = freed_places(found)
    rows: list[int] = []
    freed: dict[int, FinancialQuarter] = {}
    ending: set[int] = set()
    for _, row in sorted((population.staff_id[place], place) for place in people.tolist()):
        level = population.levels[int(population.role_level_id[row])]
        unit = population.units[int(population.unit_id[row])].path
        place_of = (unit, name_key(level.role), name_key(level.name))
        key = (*place_of, grade_of(population.grade[row]))
        person, fte = int(population.person_id[row]), int(population.fte_hundredths[row])
        if person in going:
            freed[row] = _first_whole_quarter(going[person])
            ending.add(row)
        elif place_of not in short and over.get(key, 0) > 0:
            over[key] -= 1
            freed[row] = found.first
        else:
            at = next((at for at, left in later.get(place_of, {}).items() if left >= fte), None)
            if at is not None:
                later[place_of][at] -= fte
                freed[row] = found.first + at
        if place_of not in short or row in freed:
            rows.append(row)
    return Pool(np.array(rows, dtype=np.int64), freed, frozenset(ending))


def free_pool(session: Session, found: Forecast, population: Population, people: Ints) -> Pool:
    """As :func:`pool_of`, with the role changes that are known.

    Who is on the way to another role already counts there and cannot be asked again.
    """
    moving = people_moving(session, population.day)
    gone = [person for person, ends in moving.items() if ends is None]
    people = people[~np.isin(population.person_id[people], gone)]
    return pool_of(found, population, people, {key: ends for key, ends in moving.items() if ends is not None})


Home = tuple[str, str, str]
"""Unit path, key of a role, key of a role level."""


def spare_places(found: Forecast) -> dict[Home, Ints]:
    """Hundredths of FTE a role level of a unit can give away from each quarter on, where anything is asked of it."""
    over: dict[Home, np.ndarray] = defaultdict(lambda: np.zeros(found.quarters))
    asked: set[Home] = set()
    for at, cell in enumerate(found.cells):
        home = cell.unit, name_key(cell.role), name_key(cell.role_level)
        over[home] += found.supply[:, at] - found.demand[:, at]
        if found.demand[:, at].any():
            asked.add(home)
    return {
        home: np.maximum(np.minimum.accumulate(over[home][::-1])[::-1] * 100 + 1e-6, 0).astype(np.int64)
        for home in asked
    }


def freed_places(found: Forecast) -> dict[Home, dict[int, int]]:
    """Hundredths of FTE that an end of demand sets free, by role level of a unit and number of the quarter."""
    demand: dict[Home, np.ndarray] = defaultdict(lambda: np.zeros(found.quarters))
    for at, cell in enumerate(found.cells):
        demand[cell.unit, name_key(cell.role), name_key(cell.role_level)] += found.demand[:, at]
    freed: dict[Home, dict[int, int]] = {}
    for home, spare in spare_places(found).items():
        falls = np.floor(np.maximum(-np.diff(demand[home]), 0) * 100 + 1e-6).astype(np.int64)
        more = np.minimum(falls, np.diff(spare))
        freed[home] = {at + 1: int(more[at]) for at in np.flatnonzero(more > 0).tolist()}
    return freed


def _first_whole_quarter(day: date) -> FinancialQuarter:
    """The first quarter from whose first day on somebody is free who is so from a day on."""
    quarter = FinancialQuarter.of(day)
    return quarter if quarter.first_day == day else quarter + 1


@dataclass(frozen=True, slots=True)
class Distance:
    """How far somebody is: steps missing, and of the skills asked for how many are met and assessed."""

    steps: int
    met: int
    assessed: int
    required: int


AT_ONCE = Route((), 0, 0, 0)
"""The way of somebody who holds the level already."""


class Nearest:
    """What the people of a pool hold, and what the catalogue could add."""

    def __init__(self, session: Session, population: Population, pool: Pool, limits: ClosingLimits) -> None:
        self._population, self._pool, self._limits = population, pool, limits
        self._session = session
        self._routes = routes_of(session)
        person, skill, level = levels_as_at(session, population.day)
        ids = population.person_id[pool.rows]
        order = np.argsort(ids)
        place = np.searchsorted(ids[order], person)
        place[place == len(ids)] = 0
        mine = ids[order][place] == person if len(ids) else np.zeros(len(person), dtype=np.bool_)
        self._place, self._skill, self._level = order[place[mine]], skill[mine], level[mine]

    def candidates(self, wanted: Shortfall, first: FinancialQuarter) -> tuple[Candidate, ...]:
        """The people nearest to a role level: fewest steps missing, then staff id.

        Those already in it, or above it in its role, are left out: to move them would open the hole they fill. Only
        who is one too many elsewhere moves within the level, at once and without a course.
        """
        needed = requirements_of(self._session, wanted.level_ids)
        rows = self._pool.rows
        if not needed or not len(rows):
            return ()
        skills = np.array(sorted(needed), dtype=np.int64)
        held = np.full((len(rows), len(skills)), NOT_ASSESSED, dtype=np.uint8)
        column = np.searchsorted(skills, self._skill)
        column[column == len(skills)] = 0
        fits = skills[column] == self._skill
        held[self._place[fits], column[fits]] = self._level[fits]
        levels = np.array([needed[int(skill)] for skill in skills], dtype=np.uint8)
        far = distances_to(held, levels)
        # somebody of whom half of what is asked is not known is not a candidate yet, but somebody to assess
        may = (far.steps <= self._limits.steps) & (2 * far.assessed >= len(skills)) & (far.met > 0)
        own = self._population.role_level_id[rows]
        may &= ~np.isin(own, self._not_from(wanted))
        at_once = np.isin(own, self._within(wanted)) & np.isin(rows, list(self._pool.freed))
        steps = np.where(at_once, 0, far.steps)
        places = np.flatnonzero(may | at_once)
        ordered = sorted(
            places.tolist(),
            key=lambda at: (not at_once[at], int(steps[at]), self._population.staff_id[int(rows[at])]),
        )
        found: list[Candidate] = []
        for at in ordered:
            if len(found) == self._limits.people_each:
                break
            route = AT_ONCE if at_once[at] else self._route(held[at], skills, levels)
            if route is not None:
                away = Distance(int(steps[at]), int(far.met[at]), int(far.assessed[at]), len(skills))
                found.append(self._candidate(int(rows[at]), route, away, first))
        return tuple(found)

    def _within(self, wanted: Shortfall) -> list[int]:
        """The role levels whose people count for a shortfall as they are."""
        if wanted.role_level:
            return list(wanted.level_ids)
        levels = self._population.levels
        roles = {levels[key].role_id for key in wanted.level_ids}
        return [key for key, one in levels.items() if one.role_id in roles]

    def _not_from(self, wanted: Shortfall) -> Ints:
        """Role levels nobody is moved from: the one wanted, and the more senior ones of its role."""
        levels = self._population.levels
        seniority = {levels[key].role_id: levels[key].seniority for key in wanted.level_ids}
        return np.array(
            [
                key
                for key, one in levels.items()
                if one.role_id in seniority and one.seniority >= seniority[one.role_id]
            ],
            dtype=np.int64,
        )

    def _route(self, held: np.ndarray, skills: Ints, levels: np.ndarray) -> Route | None:
        needs = {
            int(skill): (int(have), int(level))
            for skill, have, level in zip(skills, held, levels, strict=True)
            if have != NOT_ASSESSED and have < level
        }
        return self._routes.route(needs, int(self._limits.hours_per_quarter * 100))

    def _candidate(self, row: int, route: Route, far: Distance, first: FinancialQuarter) -> Candidate:
        population = self._population
        level, pool = population.levels[int(population.role_level_id[row])], self._pool
        ready = first + route.quarters
        return Candidate(
            person_id=int(population.person_id[row]),
            staff_id=population.staff_id[row],
            name=population.name[row],
            unit=population.units[int(population.unit_id[row])].path,
            grade=population.grade[row],
            role_level=level.name,
            way=Way.REDEPLOY if row in pool.freed else Way.TRAIN,
            steps=far.steps,
            met=far.met,
            required=far.required,
            courses=route.courses,
            cost_gbp=Decimal(route.cost) / 100,
            hours=Decimal(route.hours) / 100,
            ready=max(ready, pool.freed.get(row, ready)),
            fte=Decimal(int(population.fte_hundredths[row])) / 100,
            role=level.role,
            assessed=far.assessed,
            free_from=pool.freed.get(row),
            is_ending=row in pool.ending,
        )


def level_ids(population: Population) -> dict[tuple[str, str], list[int]]:
    """Role level ids by role and level, the newest version last; under a blank level the most junior of the role."""
    ids: dict[tuple[str, str], list[int]] = defaultdict(list)
    seen: set[int] = set()
    for level in sorted(population.levels.values(), key=lambda one: (one.version_id, one.seniority)):
        ids[name_key(level.role), name_key(level.name)].append(level.role_level_id)
        if level.role_id not in seen:
            seen.add(level.role_id)
            ids[name_key(level.role), ""].append(level.role_level_id)
    return ids


def standing(session: Session, population: Population, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """Skills that each person's own role level asks for, those assessed of them, and those met; one entry per row."""
    required, assessed, meeting = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
    person, skill, level = levels_as_at(session, population.day)
    order = np.argsort(person, kind="stable")
    sorted_person = person[order]
    asked: dict[int, dict[int, int]] = {}
    for at, row in enumerate(rows.tolist()):
        own, who = int(population.role_level_id[row]), int(population.person_id[row])
        if own not in asked:
            asked[own] = requirements_of(session, (own,))
        needed = asked[own]
        low, high = np.searchsorted(sorted_person, (who, who + 1)).tolist()
        held = {int(skill[place]): int(level[place]) for place in order[low:high].tolist()}
        required[at] = len(needed)
        assessed[at] = sum(one in held for one in needed)
        meeting[at] = sum(held.get(one, -1) >= wanted for one, wanted in needed.items())
    return required, assessed, meeting


def requirements_of(session: Session, level_ids: Sequence[int]) -> dict[int, int]:
    """Required level by skill id of a role level; of several ids the last that asks for anything."""
    query = text(
        "SELECT role_level_id, skill_id, level FROM requirement WHERE level IS NOT NULL AND role_level_id IN :ids"
    ).bindparams(bindparam("ids", expanding=True))
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for level_id, skill_id, level in session.execute(query, {"ids": list(level_ids)}):
        found[level_id][skill_id] = level
    return next((found[key] for key in reversed(level_ids) if key in found), {})


def routes_of(session: Session) -> Routes:
    """Courses on offer as routes; those that need a mentor or a group of others are left out."""
    courses = session.scalars(select(Course).where(col(Course.is_offered)).order_by(col(Course.code))).all()
    outcomes: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in session.scalars(select(CourseOutcome)):
        outcomes[row.course_id][row.skill_id] = (row.from_level, row.to_level)
    return Routes(
        [
            Offer(one.code, one.cost_per_person_pence + _share_of_group(one), one.hours_hundredths,
                  one.duration_quarters, outcomes[one.id or 0])
            for one in courses
            if not one.mentor_hours_hundredths
        ]
    )  # fmt: skip


def _share_of_group(course: Course) -> int:
    """One person's part of the price of a group that is full."""
    return -(-course.cost_per_cohort_pence // max(course.max_group or course.min_group or 1, 1))
