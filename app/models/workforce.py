"""Workforce planning: established posts, and the scenarios a forecast is made under."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from app.models.base import UtcDateTime, Versioned


class EstablishedPost(Versioned, table=True):
    """How many posts a unit has for a role level and grade; vacancies are what is not filled of them."""

    __table_args__ = (UniqueConstraint("unit_id", "role_level_id", "grade"),)

    unit_id: int = Field(foreign_key="unit.id")
    role_level_id: int = Field(foreign_key="role_level.id", index=True)
    grade: str = ""
    posts: int


class Scenario(Versioned, table=True):
    """Named assumptions of a forecast, as :class:`app.services.workforce.scenarios.Assumptions` writes them."""

    name: str
    name_key: str = Field(unique=True)
    note: str = ""
    assumptions: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = ""
