"""Who counts on a day: people, their unit, grade and role level as columns (PRODUCT, rule 1).

Shared by the services that need people as arrays. Loaded once per revision and day; a change of filter only
makes another mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.database import Database
from app.errors import UsageError
from app.services.scope import Scope, path_key
from app.terms import Employment, PersonStatus, name_key

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_PRESENT = (PersonStatus.ACTIVE.value,)

_PEOPLE = """
SELECT p.id, p.staff_id, p.name, s.unit_id, s.grade, s.employment, s.status, s.fte_hundredths,
       s.job_title, s.location, p.start_date, p.end_date, p.profession
FROM person_spell AS s JOIN person AS p ON p.id = s.person_id
WHERE s.valid_from <= :day AND (s.valid_to IS NULL OR s.valid_to > :day)
ORDER BY p.id
"""

_ROLES = """
SELECT a.person_id, a.role_level_id, a.kind
FROM role_assignment AS a
WHERE a.is_primary AND a.source IN ('confirmed', 'imported')
  AND a.valid_from <= :day AND (a.valid_to IS NULL OR a.valid_to > :day)
ORDER BY a.person_id, a.id
"""

_LEVELS = """
SELECT l.id, l.name, l.seniority, r.id, r.name, f.id, f.name, v.id, v.label
FROM role_level AS l
JOIN role AS r ON r.id = l.role_id
JOIN role_family AS f ON f.id = r.role_family_id
JOIN framework_version AS v ON v.id = f.framework_version_id
ORDER BY v.id, f.position, r.position, l.seniority
"""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit of the tree; ``department_id`` is the unit at the top of its branch."""

    unit_id: int
    parent_id: int | None
    name: str
    path: str
    depth: int
    department_id: int


@dataclass(frozen=True, slots=True)
class RoleLevelLine:
    """A role level with the names above it."""

    role_level_id: int
    name: str
    seniority: int
    role_id: int
    role: str
    family_id: int
    family: str
    version_id: int
    version: str


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody in the workspace on one day, one entry per person in every column.

    ``role_level_id`` is 0 where nobody has given the person a counting role. ``is_present`` is False for
    people absent, on loan, on notice, gone, or not started yet.
    """

    day: date
    person_id: Ints
    staff_id: tuple[str, ...]
    name: tuple[str, ...]
    unit_id: Ints
    grade: tuple[str, ...]
    employment: tuple[str, ...]
    status: tuple[str, ...]
    fte_hundredths: Ints
    job_title: tuple[str, ...]
    location: tuple[str, ...]
    profession: tuple[str, ...]
    role_level_id: Ints
    mapped_kind: tuple[str, ...]
    is_present: Flags
    is_contractor: Flags
    last_day: Ints
    units: dict[int, UnitLine]
    levels: dict[int, RoleLevelLine]

    def __len__(self) -> int:
        return len(self.person_id)

    def department_ids(self) -> Ints:
        """The top-level department of every person."""
        return self._lookup(self.unit_id, {unit.unit_id: unit.department_id for unit in self.units.values()})

    def family_ids(self) -> Ints:
        """The role family of every person's role level, 0 where unmapped."""
        return self._lookup(self.role_level_id, {key: line.family_id for key, line in self.levels.items()})

    @staticmethod
    def _lookup(values: Ints, table: dict[int, int]) -> Ints:
        size = int(values.max(initial=0)) + 1
        codes = np.zeros(max(size, max(table, default=0) + 1), dtype=np.int64)
        for key, value in table.items():
            codes[key] = value
        return codes[values]

    def mask(self, scope: Scope) -> Flags:
        """The people a scope takes in: present on the day, in the units, family, framework and employment."""
        chosen = self.is_present.copy()
        if not scope.with_contractors:
            chosen &= ~self.is_contractor
        if scope.departments:
            wanted = self.units_below(scope.departments)
            chosen &= np.isin(self.unit_id, np.fromiter(wanted, dtype=np.int64, count=len(wanted)))
        if scope.role_family or scope.framework:
            fitting = [key for key, line in self.levels.items() if _fits(line, scope)]
            chosen &= np.isin(self.role_level_id, np.array(fitting, dtype=np.int64))
        return chosen

    def units_below(self, paths: Sequence[str]) -> set[int]:
        """Ids of the units with these paths (or unique names) and of everything below them."""
        tops = {self.find_unit(path).unit_id for path in paths}
        inside: set[int] = set()
        for unit in self.units.values():
            node: UnitLine | None = unit
            while node is not None:
                if node.unit_id in tops:
                    inside.add(unit.unit_id)
                    break
                node = self.units.get(node.parent_id) if node.parent_id else None
        return inside

    def find_unit(self, path: str) -> UnitLine:
        """The unit with this path, or with this name where only one has it; UsageError otherwise."""
        key = path_key(path)
        exact = [unit for unit in self.units.values() if path_key(unit.path) == key]
        named = exact or [unit for unit in self.units.values() if name_key(unit.name) == key]
        if len(named) == 1:
            return named[0]
        if not named:
            raise UsageError(
                f"There is no department or unit called “{path}”.",
                "Use a name or a path such as “Home Office / Data”; `muster gaps --by unit` lists them.",
            )
        paths = "; ".join(sorted(unit.path for unit in named)[:5])
        raise UsageError(f"Several units are called “{path}”: {paths}.", "Name one by its whole path.")


def _fits(line: RoleLevelLine, scope: Scope) -> bool:
    if scope.role_family and name_key(line.family) != name_key(scope.role_family):
        return False
    return not scope.framework or name_key(line.version) == name_key(scope.framework)


def load_units(session: Session) -> dict[int, UnitLine]:
    """The organisation tree, parents before children."""
    rows = session.execute(
        text("SELECT id, parent_id, name, path, depth FROM unit ORDER BY depth, path")
    ).all()
    units: dict[int, UnitLine] = {}
    for unit_id, parent_id, name, path, depth in rows:
        top = units[parent_id].department_id if parent_id is not None else unit_id
        units[unit_id] = UnitLine(unit_id, parent_id, name, path, depth, top)
    return units


def load_levels(session: Session) -> dict[int, RoleLevelLine]:
    """Every role level of every framework version, in order of version, family, role and seniority."""
    return {row[0]: RoleLevelLine(*row) for row in session.execute(text(_LEVELS)).all()}


def load_population(session: Session, day: date) -> Population:
    """Everybody on the given day, as columns."""
    rows = session.execute(text(_PEOPLE), {"day": day.isoformat()}).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 13
    person_id = np.fromiter(columns[0], dtype=np.int64, count=len(rows))
    role_level_id, kinds = _primary_roles(session, day, person_id)
    starts, ends = _ordinals(columns[10], 0), _ordinals(columns[11], date.max.toordinal())
    status = tuple(columns[6])
    today = day.toordinal()
    is_active = np.fromiter((value in _PRESENT for value in status), dtype=np.bool_, count=len(rows))
    contractors = {e.value for e in Employment if e.is_contractor}
    return Population(
        day=day,
        person_id=person_id,
        staff_id=tuple(columns[1]),
        name=tuple(columns[2]),
        unit_id=np.fromiter(columns[3], dtype=np.int64, count=len(rows)),
        grade=tuple(columns[4]),
        employment=tuple(columns[5]),
        status=status,
        fte_hundredths=np.fromiter(columns[7], dtype=np.int64, count=len(rows)),
        job_title=tuple(columns[8]),
        location=tuple(columns[9]),
        profession=tuple(columns[12]),
        role_level_id=role_level_id,
        mapped_kind=kinds,
        is_present=is_active & (starts <= today) & (ends >= today),
        is_contractor=np.fromiter((e in contractors for e in columns[5]), dtype=np.bool_, count=len(rows)),
        last_day=ends,
        units=load_units(session),
        levels=load_levels(session),
    )


def _primary_roles(session: Session, day: date, person_id: Ints) -> tuple[Ints, tuple[str, ...]]:
    """Role level id and kind of the counting primary role of each person; 0 and "" where there is none."""
    levels = np.zeros(len(person_id), dtype=np.int64)
    kinds = [""] * len(person_id)
    place = {int(key): index for index, key in enumerate(person_id)}
    for key, level, kind in session.execute(text(_ROLES), {"day": day.isoformat()}):
        index = place.get(key)
        if index is not None:
            levels[index] = level or 0
            kinds[index] = kind
    return levels, tuple(kinds)


def _ordinals(values: Sequence[object], blank: int) -> Ints:
    """Dates (ISO text from SQLite, dates from a server) as day numbers."""
    known: dict[object, int] = {None: blank}
    for value in set(values) - {None}:
        known[value] = (value if isinstance(value, date) else date.fromisoformat(str(value))).toordinal()
    return np.fromiter((known[value] for value in values), dtype=np.int64, count=len(values))


class PopulationCache:
    """The last few populations, keyed by revision and day, so that a change of filter needs no reading."""

    def __init__(self, db: Database, size: int = 3) -> None:
        self._db, self._size = db, size
        self._kept: dict[tuple[int, date], Population] = {}

    def get(self, day: date) -> tuple[int, Population]:
        """The population of a day with the revision it was read at."""
        revision = self._db.revision()
        found = self._kept.get((revision, day))
        if found is None:
            with self._db.read() as session:
                found = load_population(session, day)
            self._kept = {key: value for key, value in self._kept.items() if key[0] == revision}
            while len(self._kept) >= self._size:
                self._kept.pop(next(iter(self._kept)))
            self._kept[revision, day] = found
        return revision, found
