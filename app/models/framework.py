"""Frameworks: dated versions of families, roles, role levels, skills and requirements."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from app.models.base import Table, UtcDateTime, Versioned


class FrameworkVersion(Versioned, table=True):
    """A dated release of a framework. ``facts_hash`` is over names and numbers only (PRODUCT, rule 1)."""

    framework: str
    label: str = Field(index=True, unique=True)
    effective_on: date | None = None
    source: str = ""
    licence: str = ""
    facts_hash: str = Field(index=True, unique=True)
    is_current: bool = False
    imported_at: datetime = Field(sa_type=UtcDateTime)
    aliases: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class RoleFamily(Versioned, table=True):
    """A family of roles within one framework version."""

    __table_args__ = (UniqueConstraint("framework_version_id", "name"),)

    framework_version_id: int = Field(foreign_key="framework_version.id", index=True)
    name: str
    position: int


class Role(Versioned, table=True):
    """A role within a family."""

    __table_args__ = (UniqueConstraint("role_family_id", "name"),)

    role_family_id: int = Field(foreign_key="role_family.id", index=True)
    name: str
    position: int
    is_chief: bool = False
    description: str = ""


class RoleLevel(Versioned, table=True):
    """A level of a role; ``seniority`` 1 is the most junior.

    A local role ("our own role, based on ...") points to the level it was made from.
    """

    __table_args__ = (UniqueConstraint("role_id", "name"),)

    role_id: int = Field(foreign_key="role.id", index=True)
    name: str
    seniority: int
    description: str = ""
    based_on_role_level_id: int | None = Field(default=None, foreign_key="role_level.id")


class Skill(Versioned, table=True):
    """A skill by name, over all framework versions: equal trimmed names are one skill (PRODUCT, rule 1)."""

    name: str = Field(unique=True)
    weight: int = Field(default=10_000, description="priority weight in ten-thousandths, 1,000 to 100,000")
    tag: str = ""


class FrameworkSkill(Versioned, table=True):
    """What one framework version says about a skill."""

    __table_args__ = (UniqueConstraint("framework_version_id", "skill_id"),)

    framework_version_id: int = Field(foreign_key="framework_version.id", index=True)
    skill_id: int = Field(foreign_key="skill.id", index=True)
    description: str = ""
    level_1: str = ""
    level_2: str = ""
    level_3: str = ""
    level_4: str = ""


class Requirement(Table, table=True):
    """Role level x skill -> required level 1 to 4; empty for the checklist of a chief role (rule 5)."""

    role_level_id: int = Field(foreign_key="role_level.id", primary_key=True)
    skill_id: int = Field(foreign_key="skill.id", primary_key=True, index=True)
    level: int | None = None
