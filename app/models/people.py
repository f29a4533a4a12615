"""The organisation: units, people, their dated spells, roles, title rules and imports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field

from app.models.base import UtcDateTime, Versioned


class Unit(Versioned, table=True):
    """A node of the organisation tree. The path, not the name, says which unit it is (PRODUCT, rule 1)."""

    parent_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    name: str
    path: str = Field(unique=True, description="names from the department down, joined by ' / '")
    path_key: str = Field(unique=True, description="the path regardless of case")
    depth: int = 0


class Person(Versioned, table=True):
    """A civil servant or contractor. What changes with time is in :class:`PersonSpell`."""

    staff_id: str = Field(unique=True)
    name: str = ""
    email: str = ""
    manager_staff_id: str = ""
    start_date: date | None = None
    end_date: date | None = None
    profession: str = ""


class PersonSpell(Versioned, table=True):
    """Unit, title, grade, FTE, employment, status and location of a person from one day until the next spell.

    ``valid_to`` is the first day on which the spell no longer holds; empty means it still does.
    """

    __table_args__ = (Index("ix_person_spell_person_from", "person_id", "valid_from"),)

    person_id: int = Field(foreign_key="person.id")
    unit_id: int = Field(foreign_key="unit.id", index=True)
    job_title: str = ""
    title_key: str = Field(default="", index=True)
    grade: str = ""
    fte_hundredths: int = 100
    employment: str
    status: str
    location: str = ""
    valid_from: date
    valid_to: date | None = None


class RoleAssignment(Versioned, table=True):
    """Person -> role level. ``kind`` role, digital_unmapped or none; the last two have no role level."""

    __table_args__ = (Index("ix_role_assignment_person_from", "person_id", "valid_from"),)

    person_id: int = Field(foreign_key="person.id")
    role_level_id: int | None = Field(default=None, foreign_key="role_level.id", index=True)
    kind: str = "role"
    source: str
    is_primary: bool = True
    share_hundredths: int = 100
    score: float | None = None
    reason: str = ""
    valid_from: date
    valid_to: date | None = None


class JobTitleRule(Versioned, table=True):
    """A confirmed title of this organisation: visible, and removable."""

    title_key: str = Field(unique=True)
    example: str
    kind: str
    role_family: str = ""
    role: str = ""
    role_level: str = ""
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = ""


class ImportBatch(Versioned, table=True):
    """One file that came in: what it was, what it held, at which revision."""

    __table_args__ = (UniqueConstraint("kind", "file_hash", "revision"),)

    kind: str
    file_name: str
    file_hash: str = Field(index=True)
    as_at: date | None = None
    counts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    revision: int
    imported_at: datetime = Field(sa_type=UtcDateTime)
    imported_by: str = ""
    is_reverted: bool = False
