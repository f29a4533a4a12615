"""What comes out of the training plan optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.analysis.training_plan.problem import Enrolment
from app.terms import Funding


class PlanState(StrEnum):
    """How good the plan is known to be."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    STOPPED = "stopped"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class Credit:
    """One outcome of an enrolment that closes steps; ``need`` counts through the problem's needs.

    ``level_now`` is the level when the course starts. ``steps_closed`` counts each step once over all lines,
    so where two courses overlap it can be less than ``level_after - level_now``.
    """

    need: int
    skill: int
    level_now: int
    level_after: int
    level_required: int
    steps_closed: int
    weight: int


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One enrolment: cost in pence with its share of the cohort price, hours in hundredths.

    ``mentor`` is the place of the person's mentor among the problem's mentors, where the offer needs one.
    """

    person: int
    course: int
    quarter: int
    cost_pence: int
    hours: int
    funding: Funding
    credits: tuple[Credit, ...]
    is_locked: bool = False
    mentor: int | None = None

    @property
    def enrolment(self) -> Enrolment:
        """Who, what and when alone."""
        return Enrolment(self.person, self.course, self.quarter)


@dataclass(frozen=True, slots=True)
class Stage:
    """One wish in its order: its value (steps × weight in ten-thousandths; pence; quarters) and its proof.

    The fourth wish has no value of its own (0).
    """

    wish: str
    value: int
    is_proven: bool


class UnmetReason(StrEnum):
    """Why a pair stays below what is required; the first that holds (PRODUCT, "What comes out").

    Mentors and released teams stand beside places: what is there to be shared out is gone.
    """

    NO_COURSE = "no course leads there"
    OUT_OF_SCOPE = "forbidden or out of scope"
    QUARTERS = "does not fit the quarters"
    HOURS = "alone exceeds the hours"
    MENTOR = "no mentor in reach with hours left"
    PLACES = "no places, or group too small"
    RELEASE = "too many of the unit away already"
    MONEY = "exceeds the unspent money"
    DISPLACED = "displaced by better use"


@dataclass(frozen=True, slots=True)
class UnmetNeed:
    """A pair still below what is required after the plan, and the reason in words."""

    need: int
    person: int
    skill: int
    level_now: int
    level_after: int
    level_required: int
    kind: UnmetReason
    reason: str


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The plan, or why there is none.

    ``objective`` and ``bound`` are of the first wish, in ten-thousandths of a weighted step; steps of priced
    targets met in time count at their price besides. ``lines`` is ``None`` where no plan is possible, and
    ``clashes`` then says which limits clash: none can be left out of the list.
    """

    state: PlanState
    lines: tuple[PlanLine, ...] | None
    objective: int
    bound: int
    stages: tuple[Stage, ...]
    unmet: tuple[UnmetNeed, ...]
    steps_open_before: int
    steps_closed: int
    cost_by_pot: dict[Funding, int]
    hours: int
    seconds: float
    clashes: tuple[str, ...] = ()

    @property
    def gap_pct(self) -> float:
        """100 × (bound − objective) ÷ objective; 0 when both are 0, infinite when only the objective is."""
        if self.bound <= self.objective:
            return 0.0
        return 100.0 * (self.bound - self.objective) / self.objective if self.objective else float("inf")

    @property
    def cost_pence(self) -> int:
        """Money over all pots."""
        return sum(self.cost_by_pot.values())

    @property
    def steps_left(self) -> int:
        """Steps of the assessed pairs in scope that stay open."""
        return self.steps_open_before - self.steps_closed
