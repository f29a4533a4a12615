"""What closing shortfalls is asked with and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.errors import UsageError
from app.terms import FinancialQuarter

WORKING_DAYS_A_QUARTER = 55
"""Days a contractor is paid for in a quarter: 260 weekdays less holidays and leave, over four."""


class Way(StrEnum):
    """How a shortfall can be closed."""

    TRAIN = "train"
    REDEPLOY = "redeploy"
    RECRUIT = "recruit"
    CONTRACTOR = "contractor"


@dataclass(frozen=True, slots=True)
class ClosingLimits:
    """What closing may take and what it costs; the figures are assumptions that users put their own in place of.

    ``pay_gbp`` is a year's pay with on-costs of somebody recruited, ``campaign_gbp`` what it costs to recruit, whether
    anybody comes or not. ``steps`` is the most levels of skills somebody is asked to learn for a move.
    """

    budget_gbp: Decimal | None = None
    pay_gbp: Decimal = Decimal(60_000)
    campaign_gbp: Decimal = Decimal(4_000)
    day_rate_gbp: Decimal = Decimal(600)
    most_campaigns: int | None = None
    most_contractors_fte: Decimal | None = None
    steps: int = 6
    hours_per_quarter: Decimal = Decimal(40)
    people_each: int = 40
    seconds: float = 20.0

    def __post_init__(self) -> None:
        money = (self.budget_gbp, self.pay_gbp, self.campaign_gbp, self.day_rate_gbp)
        if any(figure is not None and figure < 0 for figure in money):
            raise UsageError("Money cannot be below £0.", "Give 0 or more.")
        if self.steps < 0 or self.hours_per_quarter < 0 or self.people_each < 0:
            raise UsageError("Steps, hours and people cannot be below 0.", "Give 0 or more.")
        if (self.most_campaigns or 0) < 0 or (self.most_contractors_fte or 0) < 0:
            raise UsageError("Limits of recruitment and contractors cannot be below 0.", "Give 0 or more.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could fill a shortfall, and what that takes.

    ``way`` is redeploy where the person's own place is one too many or ends (``free_from`` which quarter on;
    ``is_ending``: the role itself ends), train otherwise. ``ready`` is the first quarter in
    which the person counts there. Of ``required`` skills ``met`` are met and ``assessed`` known; ``role`` and
    ``role_level`` are those held now.
    """

    person_id: int
    staff_id: str
    name: str
    unit: str
    grade: str
    role_level: str
    way: Way
    steps: int
    met: int
    required: int
    courses: tuple[str, ...]
    cost_gbp: Decimal
    hours: Decimal
    ready: FinancialQuarter
    fte: Decimal
    role: str = ""
    assessed: int = 0
    free_from: FinancialQuarter | None = None
    is_ending: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One way of closing one shortfall, by itself: how much it could bring, from when, at what cost per FTE."""

    way: Way
    people: int
    fte: Decimal
    ready: FinancialQuarter | None
    cost_gbp: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class ShortfallCard:
    """A shortfall and its options: a role level in a department (blank: anywhere), FTE missing by quarter."""

    department: str
    role_family: str
    role: str
    role_level: str
    need: tuple[Decimal, ...]
    options: tuple[Option, ...]
    candidates: tuple[Candidate, ...]

    @property
    def title(self) -> str:
        """How the shortfall is called."""
        return f"{self.role_level}, {self.department}" if self.department else self.role_level

    @property
    def largest(self) -> Decimal:
        """The most FTE missing in any quarter."""
        return max(self.need, default=Decimal(0))


@dataclass(frozen=True, slots=True)
class MixLine:
    """One decision of the mix: for a shortfall, what is done from which quarter on."""

    department: str
    role: str
    role_level: str
    way: Way
    quarter: FinancialQuarter
    people: int
    fte: Decimal
    cost_gbp: Decimal
    staff_id: str = ""
    name: str = ""
    courses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClosingPlan:
    """Shortfalls, their options, and the cheapest mix by date with what is proven of it.

    ``short`` [shortfalls × quarters] FTE that stay missing. ``short_bound`` FTE-quarters and ``cost_bound_gbp`` are
    proven limits: no mix leaves less, and none that leaves as little costs less. ``left_out`` counts shortfalls that
    were not looked at, the smallest ones, where there are very many.
    """

    scenario: str
    first: FinancialQuarter
    quarters: int
    cards: tuple[ShortfallCard, ...]
    lines: tuple[MixLine, ...]
    short: tuple[tuple[Decimal, ...], ...]
    short_fte_quarters: Decimal
    short_bound: Decimal
    cost_gbp: Decimal
    cost_bound_gbp: Decimal
    is_proven: bool
    revision: int
    left_out: int = 0
