"""The strategy as it is shown: areas, priorities, programmes and their lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.services.people_import import as_date


@dataclass(frozen=True, slots=True)
class NeedView:
    """One line of a priority or programme. ``department`` is a unit path, blank for everywhere; FTE in hundredths."""

    line_id: int
    version: int
    priority_id: int
    programme_id: int | None
    programme: str
    department: str
    role: str
    role_level: str
    skill_id: int
    skill: str
    fte_hundredths: int | None
    from_quarter: int | None
    to_quarter: int | None
    is_by_hand: bool


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme or service under a priority; ``weight`` in ten-thousandths, None where none is given."""

    programme_id: int
    version: int
    priority_id: int
    name: str
    kind: str
    department: str
    starts_on: date | None
    ends_on: date | None
    weight: int | None


@dataclass(frozen=True, slots=True)
class PriorityView:
    """A priority with its programmes and lines; ``weight`` in ten-thousandths, None where none is given."""

    priority_id: int
    version: int
    area_id: int
    area: str
    name: str
    target_on: date | None
    weight: int | None
    is_set_aside: bool
    description: str
    source: str
    programmes: tuple[ProgrammeView, ...] = ()
    needs: tuple[NeedView, ...] = ()


@dataclass(frozen=True, slots=True)
class AreaView:
    """An area of the strategy."""

    area_id: int
    version: int
    name: str
    source: str


_AREAS = "SELECT id, version, name, source FROM strategy_area ORDER BY position, id"
_PRIORITIES = """
SELECT p.id, p.version, a.id, a.name, p.name, p.target_on, p.weight, p.is_set_aside, p.description, p.source
FROM priority AS p JOIN strategy_area AS a ON a.id = p.area_id ORDER BY a.position, a.id, p.position, p.id
"""
_PROGRAMMES = """
SELECT g.id, g.version, g.priority_id, g.name, g.kind, u.path, g.starts_on, g.ends_on, g.weight
FROM programme AS g LEFT JOIN unit AS u ON u.id = g.unit_id ORDER BY g.id
"""
_NEEDS = """
SELECT d.id, d.version, d.priority_id, d.programme_id, g.name, u.path, gu.path, d.role, d.role_level, d.skill_id,
       s.name, d.fte_hundredths, d.from_quarter, d.to_quarter, d.is_by_hand
FROM demand_line AS d LEFT JOIN programme AS g ON g.id = d.programme_id LEFT JOIN unit AS u ON u.id = d.unit_id
LEFT JOIN unit AS gu ON gu.id = g.unit_id LEFT JOIN skill AS s ON s.id = d.skill_id ORDER BY d.id
"""


def load_areas(session: Session) -> list[AreaView]:
    """The areas in their order."""
    return [AreaView(*row) for row in session.execute(text(_AREAS))]


def load_priorities(session: Session) -> list[PriorityView]:
    """Every priority with what belongs to it, in the order of areas and priorities."""
    programmes: dict[int, list[ProgrammeView]] = {}
    for row in session.execute(text(_PROGRAMMES)):
        parts: list[Any] = [*row[:5], row[5] or "", as_date(row[6]), as_date(row[7]), row[8]]
        programmes.setdefault(row[2], []).append(ProgrammeView(*parts))
    needs: dict[int, list[NeedView]] = {}
    for row in session.execute(text(_NEEDS)):
        parts = [*row[:4], row[4] or "", row[5] or row[6] or "", row[7], row[8], row[9] or 0, row[10] or ""]
        parts += [*row[11:14], bool(row[14])]
        needs.setdefault(row[2], []).append(NeedView(*parts))
    found: list[PriorityView] = []
    for row in session.execute(text(_PRIORITIES)):
        parts = [*row[:5], as_date(row[5]), row[6], bool(row[7]), row[8], row[9]]
        parts += [tuple(programmes.get(row[0], ())), tuple(needs.get(row[0], ()))]
        found.append(PriorityView(*parts))
    return found
