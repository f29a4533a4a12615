"""What the workspace has seen of its own leavers, joiners and promotions: events and person-years by group.

Civil servants only: contractors end with their contracts. Somebody is exposed on every day of the window on which they
are in the workspace, active, and not past their last day; years are days ÷ 365.25.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.rates import NestedRates, Observed, Path, nested_rates
from app.files.words import grade_of
from app.resources import resource
from app.services.people_import import as_date
from app.services.population import Population
from app.terms import Employment, PersonStatus, name_key

WINDOW_YEARS = 3
"""How far back leavers and promotions are counted."""

DAYS_A_YEAR = 365.25

_SPELLS = """
SELECT s.person_id, s.unit_id, s.grade, s.status, s.valid_from, s.valid_to, p.start_date, p.end_date
FROM person_spell AS s JOIN person AS p ON p.id = s.person_id
WHERE s.employment = :civil AND s.valid_from <= :today AND (s.valid_to IS NULL OR s.valid_to > :since)
ORDER BY s.person_id, s.valid_from
"""

_ROLES = """
SELECT a.person_id, a.role_level_id, a.valid_from, a.valid_to
FROM role_assignment AS a
WHERE a.is_primary AND a.role_level_id IS NOT NULL AND a.source IN ('confirmed', 'imported')
ORDER BY a.person_id, a.valid_from
"""


@dataclass(frozen=True, slots=True)
class NationalRates:
    """Yearly shares of the digital profession that left, or joined, by grade; ``all`` is every grade together."""

    leave: Mapping[str, float]
    join: Mapping[str, float]

    def leave_of(self, grade: str) -> float:
        """The national share of a grade that leaves in a year; that of all grades where it was not published."""
        return self.leave.get(name_key(grade_of(grade)), self.leave["all"])


@lru_cache(maxsize=1)
def national_rates() -> NationalRates:
    """Civil Service Statistics 2023 (resources/workforce): both kinds of leaving, over people in post."""
    with resource("workforce", "national_rates.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    leave: dict[str, float] = {}
    join: dict[str, float] = {}
    for row in rows:
        there = float(row["in_post"])
        left = sum(float(row[name] or 0) for name in ("left_civil_service", "left_for_other_department"))
        names = ("scs1", "scs2", "scs3", "scs4") if row["grade"] == "SCS" else (name_key(row["grade"]),)
        for name in names:
            leave[name], join[name] = left / there, float(row["joined_civil_service"] or 0) / there
    return NationalRates(leave, join)


@dataclass(frozen=True, slots=True)
class OwnRates:
    """Yearly rates by grade, role family and unit: what was seen, drawn towards the national figures."""

    leave: NestedRates
    promote: NestedRates
    since: date
    until: date

    def leave_of(self, family: str, grade: str, unit_id: int) -> float:
        """The share of these people that leaves in a year."""
        return self.leave.rate((name_key(grade_of(grade)), family, unit_id))

    def promote_of(self, family: str, grade: str, unit_id: int) -> float:
        """The share of these people that moves up a level of their role in a year."""
        return self.promote.rate((name_key(grade_of(grade)), family, unit_id))


@dataclass(slots=True)
class _Stay:
    """A stretch of days of one person in one unit and grade, active."""

    unit_id: int
    grade: str
    first: date
    last: date


def own_rates(session: Session, population: Population, today: date) -> OwnRates:
    """Rates from the last :data:`WINDOW_YEARS` years of the workspace's own history."""
    since = today - timedelta(days=int(WINDOW_YEARS * DAYS_A_YEAR))
    levels = _levels_of(session)
    leave: dict[Path, Observed] = defaultdict(Observed)
    promote: dict[Path, Observed] = defaultdict(Observed)
    for person_id, (stays, left_on) in _stays(session, since, today).items():
        roles = levels.get(person_id, [])
        for stay in stays:
            path = _path(population, stay, _level_on(roles, stay.last))
            years = ((stay.last - stay.first).days + 1) / DAYS_A_YEAR
            leave[path] += Observed(0, years)
            promote[path] += Observed(0, years)
        if left_on is not None and stays:
            leave[_path(population, stays[-1], _level_on(roles, stays[-1].last))] += Observed(1, 0)
        for on, before in _promotions(population, roles, since, today):
            stay = next((one for one in stays if one.first <= on <= one.last + timedelta(days=1)), None)
            if stay is not None:
                promote[_path(population, stay, before)] += Observed(1, 0)
    national = national_rates()
    by_grade = {grade: rate for grade, rate in national.leave.items() if grade != "all"}
    return OwnRates(
        nested_rates(list(leave.items()), national.leave["all"], by_grade),
        nested_rates(list(promote.items()), 0.0),
        since,
        today,
    )


def _path(population: Population, stay: _Stay, level_id: int) -> Path:
    level = population.levels.get(level_id)
    return (name_key(grade_of(stay.grade)), level.family if level else "", stay.unit_id)


def _stays(session: Session, since: date, today: date) -> dict[int, tuple[list[_Stay], date | None]]:
    """Active stretches inside the window by person, and the day after which somebody was gone (None: still there)."""
    found: dict[int, tuple[list[_Stay], date | None]] = {}
    asked = {"civil": Employment.CIVIL_SERVANT.value, "since": since.isoformat(), "today": today.isoformat()}
    for person_id, unit_id, grade, status, begun, until, starts, ends in session.execute(
        text(_SPELLS), asked
    ):
        stays, left_on = found.get(person_id, ([], None))
        end = as_date(ends)
        first = max(_later(as_date(begun), as_date(starts)), since)
        until_day = as_date(until)
        last = min(until_day - timedelta(days=1) if until_day else today, end or today, today)
        if status == PersonStatus.LEFT.value:
            left_on = left_on or max(as_date(begun) or since, since)
        elif status == PersonStatus.ACTIVE.value and first <= last:
            stays.append(_Stay(unit_id, grade, first, last))
            left_on = end if end is not None and since <= end < today else None
        found[person_id] = (stays, left_on)
    return found


def _later(one: date | None, other: date | None) -> date:
    known = [day for day in (one, other) if day is not None]
    return max(known, default=date.min)


def _levels_of(session: Session) -> dict[int, list[tuple[date, int]]]:
    levels: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for person_id, level_id, begun, _until in session.execute(text(_ROLES)):
        levels[person_id].append((as_date(begun) or date.min, level_id))
    return levels


def _level_on(roles: list[tuple[date, int]], day: date) -> int:
    return next((level for begun, level in reversed(roles) if begun <= day), 0)


def _promotions(
    population: Population, roles: list[tuple[date, int]], since: date, today: date
) -> Iterable[tuple[date, int]]:
    """Days on which somebody moved to a more senior level of the same role, and the level before."""
    for (_, before), (on, after) in pairwise(roles):
        one, other = population.levels.get(before), population.levels.get(after)
        if one is None or other is None or not since <= on <= today:
            continue
        same = name_key(one.role) == name_key(other.role)
        if same and one.version_id == other.version_id and other.seniority > one.seniority:
            yield on, before
