"""Ratings: the whole history, and the current level of each pair in its leanest form (SPEED, "The store")."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Index, SmallInteger
from sqlmodel import Field

from app.models.base import Table, Versioned


class Assessment(Versioned, table=True):
    """Person x skill -> level, on a day, by somebody, with evidence. Rows are added, never overwritten."""

    __table_args__ = (Index("ix_assessment_person_skill", "person_id", "skill_id"),)

    person_id: int = Field(foreign_key="person.id")
    skill_id: int = Field(foreign_key="skill.id")
    level: int = Field(sa_type=SmallInteger)
    assessed_on: date
    assessed_by: str
    evidence: str = ""
    comment: str = ""
    import_batch_id: int | None = Field(default=None, foreign_key="import_batch.id", index=True)


class CurrentLevel(Table, table=True):
    """The current rating of a pair (PRODUCT, rule 1), kept in the same transaction as the history.

    A table without row ids, keyed by person and skill, because that is the order it is read in.
    """

    __table_args__ = ({"sqlite_with_rowid": False},)

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    skill_id: int = Field(foreign_key="skill.id", primary_key=True)
    level: int = Field(sa_type=SmallInteger)
    assessment_id: int
