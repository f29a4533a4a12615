"""Delivery: how far the priorities of the strategy are served by people and plans.

How a priority stands. Set aside, undated and without demand (no FTE stated) are said first. Otherwise the FTE needed of
each role level at its peak up to the date is compared with the FTE of people in that role level who will have every
required skill by then: met where nothing is missing, impossible where something is and the next whole quarter ends
after the date, so that no course or hire begun from now on can be over by then, partly met in between. Each priority is
looked at by itself: two that need the same people are both told of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.analysis.training_plan import SolveSettings, solve
from app.db.database import Database
from app.errors import NoPlanError, UsageError
from app.files.columns import nearest
from app.models import Plan
from app.progress import Progress
from app.services.delivery.disclosed import disclosed_capability, disclosed_priority, is_hidden
from app.services.delivery.readiness import (
    Board,
    HoldBack,
    Money,
    PriorityReadiness,
    RoleDemand,
    State,
    sentence_of,
    state_of,
)
from app.services.delivery.slips import Enrolled, SlipLine, Slips, difference, of_plan, of_result
from app.services.delivery.trace import (
    NONE,
    PlannedSkill,
    PriorityName,
    Trace,
    TraceLine,
    Tracer,
    TraceTotal,
    planned_skills,
    totals_of,
)
from app.services.gap_base import GapBase, reweighted
from app.services.gaps import Gaps
from app.services.population import Flags, tables_since
from app.services.scope import Scope
from app.services.strategy.demand import NeedRow, load_needs
from app.services.strategy.records import AreaView, PriorityView, load_areas, load_priorities
from app.services.strategy_weights import WEIGHT_ONE, load_links
from app.services.training.problem import build_problem
from app.services.training.records import PlanSettings
from app.terms import NOT_ASSESSED, FinancialQuarter, PlanStatus, name_key

__all__ = [
    "NONE",
    "Delivery",
    "HoldBack",
    "PersonBehind",
    "PriorityReadiness",
    "RoleDemand",
    "SlipLine",
    "Slips",
    "State",
    "StrategyBoard",
    "Trace",
    "TraceLine",
    "TraceTotal",
    "disclosed_capability",
    "is_hidden",
]


@dataclass(frozen=True, slots=True)
class StrategyBoard:
    """The strategy page: areas, priorities with how they stand, and the plan they were looked at with."""

    areas: tuple[AreaView, ...]
    lines: tuple[PriorityReadiness, ...]
    plan_id: int | None
    plan_title: str
    plan_status: str
    unlinked_cost_gbp: Decimal
    revision: int

    def count(self, state: State) -> int:
        """How many priorities stand so."""
        return sum(line.state is state for line in self.lines)


@dataclass(frozen=True, slots=True)
class PersonBehind:
    """One person and skill behind a priority; ``by_date`` is the level after the plan, ``plan_line`` what raises it."""

    person_id: int
    staff_id: str
    name: str
    unit: str
    role: str
    role_level: str
    skill: str
    held: int | None
    required: int
    by_date: int | None
    plan_line: str


class Delivery:
    """Readiness of priorities, what of a plan serves them, and what slips when one is cut."""

    def __init__(self, db: Database, gaps: Gaps, today: Callable[[], date]) -> None:
        self._db, self._gaps, self._today = db, gaps, today

    def board(
        self, scope: Scope | None = None, plan_id: int | None = None, *, is_shared: bool = False
    ) -> StrategyBoard:
        """Every priority with how it stands, looked at with a plan: the one named, the latest agreed, the newest.

        ``is_shared`` leaves out what rests on 1 to 4 people.
        """
        scope = scope or Scope()
        base = self._gaps.base(scope.as_at)
        with self._db.read() as session:
            plan = _plan(session, plan_id)
            planned = planned_skills(session, plan.id or 0) if plan else []
            priorities, areas = load_priorities(session), load_areas(session)
            needs: dict[int, list[NeedRow]] = {}
            for need in load_needs(session):
                needs.setdefault(need.priority_id, []).append(need)
            lines = Tracer(base, load_links(session), _names(priorities)).lines(planned)
        money, unlinked = _money(lines)
        board = Board(base, base.population.mask(scope), planned, self._today())
        found = [
            self._line(board, one, needs.get(one.priority_id, []), money.get(one.priority_id, Money()))
            for one in priorities
        ]
        return StrategyBoard(
            areas=tuple(areas),
            lines=tuple(disclosed_priority(line) if is_shared else line for line in found),
            plan_id=plan.id if plan else None,
            plan_title=plan.title if plan else "",
            plan_status=plan.status if plan else "",
            unlinked_cost_gbp=unlinked,
            revision=base.revision,
        )

    def _line(
        self, board: Board, one: PriorityView, needs: Sequence[NeedRow], money: Money
    ) -> PriorityReadiness:
        chosen = board.pairs_of(one.needs)
        now, then = board.pairs.held, board.held_by(one.target_on)
        demand = board.demand(needs, one.target_on)
        is_ahead = one.target_on is not None and one.target_on >= self._today()
        line = PriorityReadiness(
            priority_id=one.priority_id,
            version=one.version,
            area=one.area,
            priority=one.name,
            target_on=one.target_on,
            weight=None if one.weight is None else one.weight / WEIGHT_ONE,
            state=state_of(one, demand, self._today()),
            sentence="",
            people=len(board.people_in(chosen)),
            required=int(chosen.sum()),
            assessed=int((now[chosen] != NOT_ASSESSED).sum()),
            meeting=int((board.met(now) & chosen).sum()),
            meeting_by_date=int((board.met(then) & chosen).sum()) if is_ahead else None,
            demand=demand,
            holding_back=board.holding_back(chosen, then),
            needs=one.needs,
            programmes=one.programmes,
            plan_cost_gbp=money.cost_gbp,
            plan_steps=money.steps,
            source=one.source,
            description=one.description,
        )
        return replace(line, sentence=sentence_of(line, self._today()))

    def find(self, priority: str | int) -> int:
        """The number of the priority of this name or number; UsageError."""
        with self._db.read() as session:
            return _priority(load_priorities(session), priority).priority_id

    def people_behind(
        self, priority_id: int, scope: Scope | None = None, skill: str = "", role_level: str = ""
    ) -> tuple[PersonBehind, ...]:
        """The people and skills behind a priority, those short first, with the plan line that raises each."""
        scope = scope or Scope()
        base = self._gaps.base(scope.as_at)
        with self._db.read() as session:
            plan = _plan(session, None)
            planned = planned_skills(session, plan.id or 0) if plan else []
            one = _priority(load_priorities(session), priority_id)
        board = Board(base, base.population.mask(scope), planned, self._today())
        chosen = board.pairs_of(one.needs)
        return _people(board, base, chosen, one.target_on, planned, (skill, role_level))

    def trace(self, plan_id: int | None = None) -> Trace:
        """Every pound and step of a plan, traced to a priority or to "none"; UsageError where there is no plan."""
        base = self._gaps.base(None)
        with self._db.read() as session:
            plan = _needed_plan(session, plan_id)
            priorities = load_priorities(session)
            names = _names(priorities)
            lines = Tracer(base, load_links(session), names).lines(planned_skills(session, plan.id or 0))
        return Trace(
            plan_id=plan.id or 0,
            title=plan.title,
            status=plan.status,
            lines=tuple(lines),
            totals=totals_of(lines, names.values()),
            cost_gbp=Decimal(sum(line.cost_pence for line in lines)) / 100,
            steps=Decimal(sum(line.step_hundredths for line in lines)) / 100,
        )

    def slips(self, priority: str | int, progress: Progress, plan_id: int | None = None) -> Slips:
        """What of a plan goes when a priority is cut; solves the plan again. UsageError, NoPlanError.

        Where the priority changes no weight nothing can slip, and nothing is solved. Where the data changed since the
        plan was made, the plan is made anew as well, so that only the cut makes a difference.
        """
        progress.step(0.02, "Reading people, gaps and courses")
        with self._db.read() as session:
            plan = _needed_plan(session, plan_id)
            priorities = load_priorities(session)
            one = _priority(priorities, priority)
            planned = planned_skills(session, plan.id or 0)
            settings = PlanSettings.from_json(plan.settings)
            base = self._gaps.base(settings.scope.as_at)
            links = load_links(session, without=one.priority_id)
            traced = Tracer(base, load_links(session), _names(priorities)).lines(planned)
            has_moved = bool(tables_since(session, plan.made_at_revision + 1) - _OWN)
        cut = reweighted(base, links)
        if np.array_equal(cut.weights, base.weights):
            note = "This priority changes no weight, so the plan would be the same without it."
            return Slips(one.priority_id, one.name, plan.id or 0, (), note)
        before, is_whole = of_plan(planned), True
        if has_moved:
            before, is_whole = self._solved(base, settings, progress.part(0.05, 0.5))
        after, is_proven = self._solved(cut, settings, progress.part(0.5, 0.98))
        serving = frozenset(
            (line.person_id, line.course_code) for line in traced if line.priority_id == one.priority_id
        )
        notes = (
            [] if is_whole and is_proven else ["A plan was stopped by time; with more time it may differ."]
        )
        if has_moved:
            notes.append("The data changed since the plan was made, so the plan made anew today is compared.")
        progress.step(1.0, "Compared")
        lines = difference(before, after, base, serving)
        return Slips(one.priority_id, one.name, plan.id or 0, tuple(lines), " ".join(notes))

    def _solved(
        self, base: GapBase, settings: PlanSettings, progress: Progress
    ) -> tuple[list[Enrolled], bool]:
        """The enrolments of a plan made from these settings now, and whether every stage was proven."""
        start = settings.start if settings.start is not None else FinancialQuarter.next_whole(self._today())
        with self._db.read() as session:
            problem, key = build_problem(session, base, settings, start)
            titles = {row[0]: row[1] for row in session.execute(text("SELECT id, title FROM course"))}
        result = solve(problem, SolveSettings(seconds=settings.seconds, gap_pct=settings.gap_pct), progress)
        if result.lines is None:
            raise NoPlanError(
                "No plan is possible with the plan’s settings any more.", "Make a new plan first."
            )
        proven = all(stage.is_proven for stage in result.stages)
        return of_result(result.lines, problem, key, titles), proven


_OWN = frozenset({"plan", "plan_line", "plan_line_skill", "plan_unmet", "workspace_setting", "maturity_rating",
                  "leadership_evidence", "contract", "contract_line"})  # fmt: skip
"""Tables that a solve does not rest on."""


def _plan(session: Session, plan_id: int | None) -> Plan | None:
    """The plan named, else the latest agreed one, else the newest that is not put away."""
    if plan_id is not None:
        return session.get(Plan, plan_id)
    shown = select(Plan).where(col(Plan.archived_at).is_(None)).order_by(col(Plan.id).desc())
    agreed = session.scalars(shown.where(col(Plan.status) == PlanStatus.AGREED.value)).first()
    return agreed or session.scalars(shown).first()


def _needed_plan(session: Session, plan_id: int | None) -> Plan:
    plan = _plan(session, plan_id)
    if plan is None:
        raise UsageError(
            "There is no plan yet." if plan_id is None else f"There is no plan {plan_id}.",
            "Make one with `muster plan --budget GBP`; `muster plan list` names them.",
        )
    return plan


def _names(priorities: Sequence[PriorityView]) -> dict[int, PriorityName]:
    return {one.priority_id: PriorityName(one.priority_id, one.area, one.name) for one in priorities}


def _priority(priorities: Sequence[PriorityView], wanted: str | int) -> PriorityView:
    """The priority of this number or name; UsageError with the nearest name otherwise."""
    if isinstance(wanted, int):
        found = [one for one in priorities if one.priority_id == wanted]
    else:
        found = [one for one in priorities if name_key(one.name) == name_key(wanted)]
        if not found and wanted.isdigit():
            found = [one for one in priorities if one.priority_id == int(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        areas = ", ".join(f"“{one.area}”" for one in found)
        raise UsageError(f"Several areas have a priority “{wanted}”: {areas}.", "Name it by its number.")
    close = nearest(str(wanted), [one.name for one in priorities])
    hint = f"The nearest name is “{close}”." if close else "`muster strategy list` names them."
    raise UsageError(f"There is no priority “{wanted}”.", hint)


def _money(lines: Sequence[TraceLine]) -> tuple[dict[int, Money], Decimal]:
    """What of a plan serves each priority, and the pounds that serve none."""
    pence: dict[int | None, list[int]] = {}
    for line in lines:
        sums = pence.setdefault(line.priority_id, [0, 0])
        sums[0] += line.cost_pence
        sums[1] += line.step_hundredths
    money = {
        key: Money(Decimal(cost) / 100, Decimal(steps) / 100)
        for key, (cost, steps) in pence.items()
        if key is not None
    }
    return money, Decimal(pence.get(None, [0, 0])[0]) / 100


def _people(
    board: Board,
    base: GapBase,
    chosen: Flags,
    target: date | None,
    planned: Sequence[PlannedSkill],
    wanted: tuple[str, str],
) -> tuple[PersonBehind, ...]:
    population, pairs, then = base.population, board.pairs, board.held_by(target)
    raising = {(one.person_id, one.skill): one for one in planned}
    lines: list[PersonBehind] = []
    for place in np.flatnonzero(chosen).tolist():
        row, skill = int(pairs.person[place]), base.skill_names[int(pairs.skill[place])]
        level = population.levels[int(population.role_level_id[row])]
        if (wanted[0] and wanted[0] != skill) or (wanted[1] and wanted[1] != level.name):
            continue
        held, by_date = int(pairs.held[place]), int(then[place])
        raised = raising.get((int(population.person_id[row]), skill))
        lines.append(
            PersonBehind(
                person_id=int(population.person_id[row]),
                staff_id=population.staff_id[row],
                name=population.name[row],
                unit=population.units[int(population.unit_id[row])].path,
                role=level.role,
                role_level=level.name,
                skill=skill,
                held=None if held == NOT_ASSESSED else held,
                required=int(pairs.required[place]),
                by_date=None if by_date == NOT_ASSESSED else by_date,
                plan_line=f"{raised.course}, {FinancialQuarter(raised.quarter).label}" if raised else "",
            )
        )
    return tuple(sorted(lines, key=_worst_first))


def _worst_first(line: PersonBehind) -> tuple[object, ...]:
    gap = -1 if line.held is None else max(0, line.required - line.held)
    return (0 if gap > 0 else 1 if gap < 0 else 2, -gap, line.name, line.staff_id, line.skill)
