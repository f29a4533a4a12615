"""The overview: how ready everybody in the scope is, and what to do next on the way from an empty file to a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text

from app.db.database import Database
from app.services.gap_page import Figure, GapHead, gap_head
from app.services.gaps import Gaps, GroupLine
from app.services.scope import Scope
from app.services.training import PlanCard, Training


class StepKey(StrEnum):
    """The steps of the first hour, in their order (PRODUCT, journey A)."""

    FRAMEWORK = "framework"
    PEOPLE = "people"
    ROLES = "roles"
    ASSESSMENTS = "assessments"
    GAPS = "gaps"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step: whether it is done, whether it can be done now, and the number its sentence speaks about.

    ``count`` is: framework, role levels; people, everybody ever loaded; roles, people still to decide;
    assessments, pairs assessed; gaps, levels to close; plan, plans made.
    """

    key: StepKey
    is_done: bool
    can_start: bool
    count: int


@dataclass(frozen=True, slots=True)
class OverviewFigures:
    """Everything the overview shows. ``departments`` come least ready first, those not assessed last.

    ``undecided`` are people of the scope with neither a role nor a decision that theirs is not digital;
    ``others`` are people without a counting role for whom that was decided.
    """

    framework: str
    totals: GroupLine
    mapped: int
    undecided: int
    others: int
    departments: tuple[GroupLine, ...]
    levels_to_close: int
    latest_plan: PlanCard | None
    steps: tuple[NextStep, ...]
    revision: int
    head: GapHead | None = None

    @property
    def furthest(self) -> GroupLine | None:
        """The department furthest from ready, where at least two can be compared and may be."""
        compared = [
            line
            for line in self.departments
            if line.readiness is not None and not self.is_hidden(line.key, "shares")
        ]
        return compared[0] if len(compared) > 1 else None

    def is_hidden(self, department: str, figure: Figure) -> bool:
        """Whether a figure must not be shown on this screen; "" is the whole scope."""
        return self.head is not None and self.head.is_hidden(department, figure)

    @property
    def next_step(self) -> NextStep | None:
        """The first step that is not done, None when all are."""
        return next((step for step in self.steps if not step.is_done), None)


class OverviewBoard:
    """One question: where do we stand."""

    def __init__(self, db: Database, gaps: Gaps, training: Training) -> None:
        self._db = db
        self._gaps = gaps
        self._training = training

    def figures(self, scope: Scope, *, is_shared: bool = False) -> OverviewFigures:
        """Everything the overview shows for a scope; ``is_shared`` for a screen that others see (PRODUCT, rule 6)."""
        heatmap = self._gaps.heatmap(scope)
        population = self._gaps.base(scope.as_at).population
        undecided = int((population.mask(scope) & ~population.is_decided()).sum())
        totals = heatmap.totals
        plans = self._training.plans()
        with self._db.read() as session:
            found = session.execute(
                text("SELECT label FROM framework_version ORDER BY is_current DESC, id DESC")
            ).first()
        assessed, levels = totals.assessed, heatmap.levels_to_close
        everybody = len(population)
        steps = (
            NextStep(StepKey.FRAMEWORK, found is not None, True, len(population.levels)),
            NextStep(StepKey.PEOPLE, everybody > 0, found is not None, everybody),
            NextStep(StepKey.ROLES, everybody > 0 and not undecided, everybody > 0, undecided),
            NextStep(StepKey.ASSESSMENTS, assessed > 0, totals.required > 0, assessed),
            NextStep(StepKey.GAPS, bool(plans), assessed > 0, levels),
            NextStep(StepKey.PLAN, bool(plans), levels > 0, len(plans)),
        )
        return OverviewFigures(
            framework=str(found[0]) if found else "",
            totals=totals,
            mapped=totals.people - totals.unmapped,
            undecided=undecided,
            others=totals.unmapped - undecided,
            departments=tuple(sorted(heatmap.groups, key=_least_ready_first)),
            levels_to_close=levels,
            latest_plan=plans[0] if plans else None,
            steps=steps,
            revision=heatmap.revision,
            head=gap_head(self._gaps, scope, is_shared=True, counted=heatmap) if is_shared else None,
        )


def _least_ready_first(line: GroupLine) -> tuple[bool, float, str]:
    ready = line.readiness
    return ready is None, ready or 0.0, line.label.casefold()
