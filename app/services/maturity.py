"""Maturity: how far each department is in each area, 0 to 5, with evidence, day and assessor; history and age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlmodel import select

from app.change import Outcome
from app.db.database import Database
from app.errors import UsageError
from app.files.columns import nearest
from app.models import MaturityRating, StrategyArea
from app.services.people_import import as_date
from app.services.population import PopulationCache
from app.terms import clean_name, name_key

MOST = 5
OLD_AFTER_DAYS = 365
"""A rating older than a year is said to be old."""


@dataclass(frozen=True, slots=True)
class MaturityPoint:
    """One rating of the history."""

    score: int
    assessed_on: date
    assessor: str
    evidence: str


@dataclass(frozen=True, slots=True)
class MaturityCell:
    """One department in one area: the latest rating, the one before, and its age; None where never rated."""

    department: str
    area: str
    score: int | None
    change: int | None
    assessed_on: date | None
    assessor: str
    evidence: str
    age_days: int | None
    history: tuple[MaturityPoint, ...]

    @property
    def is_old(self) -> bool:
        """Whether the latest rating is more than a year old."""
        return self.age_days is not None and self.age_days > OLD_AFTER_DAYS


@dataclass(frozen=True, slots=True)
class DepartmentMaturity:
    """A department's profile; ``mean`` over rated areas, with how many of all are rated and how old the oldest is."""

    department: str
    cells: tuple[MaturityCell, ...]

    @property
    def rated(self) -> int:
        """Areas with a rating."""
        return sum(cell.score is not None for cell in self.cells)

    @property
    def mean(self) -> float | None:
        """Mean score over rated areas, None where none is."""
        scores = [cell.score for cell in self.cells if cell.score is not None]
        return sum(scores) / len(scores) if scores else None

    @property
    def oldest_days(self) -> int | None:
        """Age of the oldest rating that counts."""
        return max((cell.age_days for cell in self.cells if cell.age_days is not None), default=None)


@dataclass(frozen=True, slots=True)
class MaturityProfile:
    """Departments × areas as at a day; ``coverage`` is rated cells ÷ all cells."""

    areas: tuple[str, ...]
    departments: tuple[DepartmentMaturity, ...]
    day: date
    revision: int

    @property
    def coverage(self) -> float | None:
        """Rated cells ÷ all cells, None where there are none."""
        cells = len(self.areas) * len(self.departments)
        return sum(one.rated for one in self.departments) / cells if cells else None


_RATINGS = """
SELECT m.unit_id, a.name, m.score, m.assessed_on, m.assessor, m.evidence
FROM maturity_rating AS m JOIN strategy_area AS a ON a.id = m.area_id
WHERE m.assessed_on <= :day ORDER BY m.assessed_on, m.id
"""


class Maturity:
    """Ratings of departments by area."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db, self._population, self._today = db, population, today

    def rate(
        self,
        department: str,
        area: str,
        score: int,
        *,
        evidence: str = "",
        assessed_on: date | None = None,
        assessor: str = "",
    ) -> Outcome[str]:
        """Add a rating; earlier ones stay in the history. UsageError for a score, department or area there is not."""
        if not 0 <= score <= MOST:
            raise UsageError(f"Maturity runs from 0 to {MOST}, not {score}.", "Give a whole number.")
        day = assessed_on or self._today()
        if day > self._today():
            raise UsageError("The day of a rating cannot lie ahead.", "Give the day it was assessed on.")
        _, population = self._population.get(self._today())
        unit = population.find_unit(department)
        with self._db.write("Rate maturity") as w:
            areas = list(w.session.scalars(select(StrategyArea)))
            found = [row for row in areas if name_key(row.name) == name_key(area)]
            if not found:
                close = nearest(area, [row.name for row in areas])
                hint = f"The nearest name is “{close}”." if close else "Load a strategy first."
                raise UsageError(f"There is no area “{area}”.", hint)
            w.session.add(
                MaturityRating(
                    unit_id=unit.unit_id,
                    area_id=found[0].id or 0,
                    score=score,
                    evidence=evidence.strip(),
                    assessed_on=day,
                    assessor=clean_name(assessor) or self._db.user,
                )
            )
            w.describe(department=unit.path, area=found[0].name, score=score)
        return w.outcome(f"{unit.path}, {found[0].name}: {score}")

    def profile(self, day: date | None = None) -> MaturityProfile:
        """Every department (and every unit that was rated) in every area, as at a day."""
        when = day or self._today()
        revision, population = self._population.get(when)
        with self._db.read() as session:
            areas = tuple(
                session.execute(text("SELECT name FROM strategy_area ORDER BY position, id")).scalars()
            )
            rows = session.execute(text(_RATINGS), {"day": when.isoformat()}).all()
        points: dict[tuple[int, str], list[MaturityPoint]] = {}
        for unit_id, area, score, on, assessor, evidence in rows:
            point = MaturityPoint(score, as_date(on) or when, assessor, evidence)
            points.setdefault((unit_id, area), []).append(point)
        rated = {unit_id for unit_id, _area in points}
        units = sorted(
            (unit for unit in population.units.values() if unit.depth == 0 or unit.unit_id in rated),
            key=lambda unit: unit.path.casefold(),
        )
        departments = tuple(
            DepartmentMaturity(
                unit.path,
                tuple(_cell(unit.path, area, points.get((unit.unit_id, area), []), when) for area in areas),
            )
            for unit in units
        )
        return MaturityProfile(areas, departments, when, revision)


def _cell(department: str, area: str, history: list[MaturityPoint], day: date) -> MaturityCell:
    latest = history[-1] if history else None
    return MaturityCell(
        department=department,
        area=area,
        score=latest.score if latest else None,
        change=history[-1].score - history[-2].score if len(history) > 1 else None,
        assessed_on=latest.assessed_on if latest else None,
        assessor=latest.assessor if latest else "",
        evidence=latest.evidence if latest else "",
        age_days=(day - latest.assessed_on).days if latest else None,
        history=tuple(history),
    )
