"""The tables of the strategy page: their columns, and their rows where a record is not one already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from app.services.capability import Capability
from app.services.delivery import SlipLine
from app.services.maturity import DepartmentMaturity
from app.services.strategy import ContractView, ExitLine
from app.ui.table import Column

AREA = "area_"

PRIORITY_COLUMNS = (
    Column("area", "Area", width=180),
    Column("priority", "Priority", width=240),
    Column("target_on", "Date", "date", width=104, blank="No date"),
    Column("state", "Demand", width=116),
    Column("readiness", "Ready now", "share", width=130, blank="Not assessed"),
    Column("readiness_by_date", "By the date", "share", width=130, blank="–"),
    Column("coverage", "Coverage", "share", width=80),
    Column("needed_fte", "FTE needed", "fte", width=92),
    Column("short_fte", "FTE short", "fte", width=84),
    Column("plan_cost_gbp", "In the plan", "money", width=96),
    Column("weight", "Weight", "decimal", width=70, blank="1"),
    Column("people", "People", "int", width=70, is_shown=False),
    Column("source", "Source", width=220, is_shown=False),
)
CAPABILITY_COLUMNS = (
    Column("department", "Department", width=230),
    Column("digital", "Digital people", "int", width=126),
    Column("analysts", "Analysts", "int", width=80),
    Column("share", "Share", "share", width=80, tooltip="Analysts among its digital people"),
    Column(
        "similar", "Similar", "share", width=80, tooltip="The same over the five departments nearest in size"
    ),
    Column("ready", "Analysts ready", "share", width=130, blank="Not assessed"),
    Column("chief", "Chief data officer", width=130),
    Column("leadership", "Leadership skills", width=130),
)
CONTRACT_COLUMNS = (
    Column("supplier", "Supplier", width=170),
    Column("service", "Service", width=200),
    Column("department", "Department", width=190),
    Column("ends_on", "Ends", "date", width=104),
    Column("role_level", "Role level", width=190),
    Column("fte", "FTE", "fte", width=70),
    Column(
        "retained",
        "Still needed",
        "share",
        width=104,
        tooltip="Not given counts as all of it",
        blank="Not given",
    ),
    Column("needed", "FTE to find", "fte", width=92),
    Column("day_rate", "Day rate", "money", width=84),
    Column("value", "Contract value", "money", width=110),
)
PEOPLE_COLUMNS = (
    Column("staff_id", "Staff ID", width=84),
    Column("name", "Name", width=160),
    Column("unit", "Unit", width=190),
    Column("role_level", "Role level", width=160),
    Column("skill", "Skill", width=200),
    Column("held", "Held", "level", width=126),
    Column("required", "Required", "level", width=100),
    Column("by_date", "By the date", "level", width=100),
    Column("plan_line", "In the plan", width=220),
)
SLIP_COLUMNS = (
    Column("change", "What", width=72),
    Column("staff_id", "Staff ID", width=84),
    Column("name", "Name", width=160),
    Column("unit", "Unit", width=220),
    Column("course", "Course", width=240),
    Column("when", "Quarter", width=96),
    Column("skills", "Skills", width=200),
    Column("steps", "Steps", "int", width=64),
    Column("cost_gbp", "Cost", "money", width=80),
)


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """A department as the table shows it."""

    department: str
    digital: int | None
    analysts: int | None
    share: float | None
    similar: float | None
    ready: float | None
    chief: str
    leadership: str
    record: Capability


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A role level under a contract as the table shows it."""

    supplier: str
    service: str
    department: str
    ends_on: date
    role_level: str
    fte: float
    retained: float | None
    needed: float
    day_rate: Any
    value: Any
    contract: ContractView


@dataclass(frozen=True, slots=True)
class SlipRow:
    """A line that slips, its quarter in words."""

    change: str
    staff_id: str
    name: str
    unit: str
    course: str
    when: str
    skills: str
    steps: int
    cost_gbp: Any


def maturity_columns(areas: Sequence[str]) -> tuple[Column, ...]:
    """One column per area, and what sums them up."""
    scores = [
        Column(
            f"{AREA}{place}", name, "int", width=max(130, 8 * len(name) + 24), blank="Not rated", align="left"
        )
        for place, name in enumerate(areas)
    ]
    return (
        Column("department", "Department", width=240), *scores, Column("mean", "Mean", "decimal", width=64),
        Column("rated", "Rated", width=78), Column("oldest", "Oldest rating", "date", width=110),
    )  # fmt: skip


def maturity_row(found: DepartmentMaturity) -> Any:
    """A department as the table shows it: one value per area, None where it was never rated."""
    days = [cell.assessed_on for cell in found.cells if cell.assessed_on is not None]
    return SimpleNamespace(
        department=found.department,
        mean=found.mean,
        rated=f"{found.rated} of {len(found.cells)}",
        oldest=min(days, default=None),
        record=found,
        **{f"{AREA}{place}": cell.score for place, cell in enumerate(found.cells)},
    )


def capability_row(one: Capability) -> CapabilityRow:
    """A department as the table shows it."""
    if one.is_hidden:
        words = f"{one.evidenced} of {len(one.checklist)}"
        return CapabilityRow(
            f"{one.department} [c]", None, None, None, None, None, one.chief.capitalize(), words, one
        )
    return CapabilityRow(
        one.department, one.digital, one.team.analysts, one.team.share_of_digital, one.team.peer_share,
        one.team.readiness, one.chief.capitalize(), f"{one.evidenced} of {len(one.checklist)}", one,
    )  # fmt: skip


def contract_row(one: ExitLine) -> ContractRow:
    """A contract line as the table shows it; what is to be found is the most of any quarter."""
    return ContractRow(
        one.contract.supplier, one.contract.service, one.contract.department, one.contract.ends_on,
        one.line.role_level, one.line.fte_hundredths / 100,
        None if one.line.retained_hundredths is None else one.line.retained_hundredths / 10_000,
        max((months.needed_fte_hundredths for months in one.quarters), default=0) / 100,
        one.day_rate_gbp, one.contract.value_gbp, one.contract,
    )  # fmt: skip


def slip_row(one: SlipLine) -> SlipRow:
    """A line that slips as the table shows it."""
    return SlipRow(
        one.change, one.staff_id, one.name, one.unit, one.course, one.quarter.label, one.skills, one.steps,
        one.cost_gbp,
    )  # fmt: skip
