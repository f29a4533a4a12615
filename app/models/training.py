"""Training: courses and what they lead to, plans, their lines, and what stayed open."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, SmallInteger, UniqueConstraint
from sqlmodel import Field

from app.models.base import Table, UtcDateTime, Versioned


class Course(Versioned, table=True):
    """An offer of the catalogue. Money in whole pence, hours in hundredths, so that both are exact."""

    code: str = Field(unique=True)
    title: str
    provider: str = ""
    delivery: str = ""
    funding: str
    hours_hundredths: int
    duration_quarters: int = 1
    cost_per_person_pence: int = Field(default=0, sa_type=BigInteger)
    cost_per_cohort_pence: int = Field(default=0, sa_type=BigInteger)
    min_group: int | None = None
    max_group: int | None = None
    places_per_quarter: int | None = None
    mentor_hours_hundredths: int | None = None
    max_mentees: int | None = None
    url: str = ""
    notes: str = ""
    is_offered: bool = True


class CourseOutcome(Versioned, table=True):
    """A skill that a course raises from an entry level to an exit level."""

    __table_args__ = (UniqueConstraint("course_id", "skill_id"),)

    course_id: int = Field(foreign_key="course.id", index=True)
    skill_id: int = Field(foreign_key="skill.id", index=True)
    from_level: int
    to_level: int


class Plan(Versioned, table=True):
    """A training plan: what was asked (``settings``), what came out (``summary``), and where it stands."""

    title: str
    status: str
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    summary: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = ""
    made_at_revision: int = 0
    agreed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    superseded_by_plan_id: int | None = Field(default=None, foreign_key="plan.id")
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PlanLine(Versioned, table=True):
    """One enrolment: a person on a course, starting in a quarter; the days it was approved, booked, and ended."""

    __table_args__ = (UniqueConstraint("plan_id", "person_id", "course_id"),)

    plan_id: int = Field(foreign_key="plan.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    course_id: int = Field(foreign_key="course.id", index=True)
    quarter: int
    hours_hundredths: int
    cost_pence: int = Field(sa_type=BigInteger)
    funding: str
    reason: str = ""
    status: str
    is_locked: bool = False
    comment: str = ""
    approved_on: date | None = None
    booked_on: date | None = None
    ended_on: date | None = None


class PlanLineSkill(Table, table=True):
    """What one enrolment raises: a skill, its level at the start, after it, and the one required."""

    plan_line_id: int = Field(foreign_key="plan_line.id", primary_key=True)
    skill_id: int = Field(foreign_key="skill.id", primary_key=True)
    level_now: int
    level_after: int
    level_required: int
    steps_closed: int
    weight: int = Field(description="ten-thousandths")


class PlanUnmet(Table, table=True):
    """A pair that stays below what is required after the plan, and why."""

    __table_args__ = (Index("ix_plan_unmet_plan", "plan_id"),)

    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    skill_id: int = Field(foreign_key="skill.id", primary_key=True)
    level_now: int
    level_after: int
    level_required: int
    reason: str


class ProposedRating(Versioned, table=True):
    """A rating that a completed course proposes, until somebody signs it off; it is nobody's rating before that."""

    __table_args__ = (UniqueConstraint("plan_line_id", "skill_id"),)

    person_id: int = Field(foreign_key="person.id", index=True)
    skill_id: int = Field(foreign_key="skill.id")
    course_id: int = Field(foreign_key="course.id")
    plan_line_id: int = Field(foreign_key="plan_line.id")
    level: int = Field(sa_type=SmallInteger)
    completed_on: date
    status: str = Field(index=True)
    assessment_id: int | None = Field(default=None, foreign_key="assessment.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str = ""
    comment: str = ""
