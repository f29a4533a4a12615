"""The strategy: areas, priorities, programmes, demand, contracts, maturity and the leadership checklist."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from app.models.base import Versioned


class StrategyArea(Versioned, table=True):
    """An area of a strategy, such as "Better use of data". ``source`` says where the wording comes from."""

    name: str = Field(unique=True)
    position: int = 0
    source: str = ""


class Priority(Versioned, table=True):
    """Something an area is to reach by a date.

    ``weight`` is in ten-thousandths (1,000 to 100,000), None where nobody gave one. One set aside stays here and
    gives no weight and no demand until it is taken up again.
    """

    __table_args__ = (UniqueConstraint("area_id", "name"),)

    area_id: int = Field(foreign_key="strategy_area.id", index=True)
    name: str
    position: int = 0
    target_on: date | None = None
    weight: int | None = None
    is_set_aside: bool = False
    description: str = ""
    source: str = ""


class Programme(Versioned, table=True):
    """A programme or service under a priority, in a department (empty: across all), from one day to another."""

    __table_args__ = (UniqueConstraint("priority_id", "name"),)

    priority_id: int = Field(foreign_key="priority.id", index=True)
    name: str
    kind: str = "programme"
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    starts_on: date | None = None
    ends_on: date | None = None
    weight: int | None = None


class DemandLine(Versioned, table=True):
    """What a priority or one of its programmes needs: a role (level) or a skill, in FTE over quarters.

    Without FTE it is a link: the priority rests on that role or skill. Roles are kept by name, because roles of two
    framework versions are the same where their names are (PRODUCT, rule 1); an empty ``role_level`` is every level.
    Quarters are those of :class:`app.terms.FinancialQuarter`. Lines made by hand outlive a newer file.
    """

    priority_id: int = Field(foreign_key="priority.id", index=True)
    programme_id: int | None = Field(default=None, foreign_key="programme.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    role: str = ""
    role_level: str = ""
    skill_id: int | None = Field(default=None, foreign_key="skill.id", index=True)
    fte_hundredths: int | None = None
    from_quarter: int | None = None
    to_quarter: int | None = None
    is_by_hand: bool = False


class Contract(Versioned, table=True):
    """A contract with a supplier that ends on a day; what it supplies is in its lines."""

    __table_args__ = (UniqueConstraint("supplier", "service"),)

    supplier: str
    service: str
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    ends_on: date
    value_pence: int | None = Field(default=None, sa_type=BigInteger)


class ContractLine(Versioned, table=True):
    """FTE of one role level under a contract, its day rate, and the share still needed after the end.

    ``retained_hundredths`` is a percentage in hundredths (6,000 is 60 %), None where the file says nothing.
    """

    contract_id: int = Field(foreign_key="contract.id", index=True)
    role: str
    role_level: str
    fte_hundredths: int
    day_rate_pence: int | None = Field(default=None, sa_type=BigInteger)
    retained_hundredths: int | None = None


class MaturityRating(Versioned, table=True):
    """How far a department is in an area, 0 to 5, on a day; only ever added to, so that there is a history."""

    __table_args__ = (Index("ix_maturity_rating_unit_area", "unit_id", "area_id"),)

    unit_id: int = Field(foreign_key="unit.id")
    area_id: int = Field(foreign_key="strategy_area.id", index=True)
    score: int
    evidence: str = ""
    assessed_on: date
    assessor: str = ""


class LeadershipEvidence(Versioned, table=True):
    """Whether a department's leadership shows a skill of the senior checklist (PRODUCT, rule 5); the latest counts."""

    __table_args__ = (Index("ix_leadership_evidence_unit_skill", "unit_id", "skill_id"),)

    unit_id: int = Field(foreign_key="unit.id")
    skill_id: int = Field(foreign_key="skill.id", index=True)
    is_evidenced: bool
    evidence: str = ""
    recorded_on: date
    recorded_by: str = ""
