"""Why a plan is as it is, and what more or less money would change: explanations, the frontier, what slips.

Everything is worked out on the data as it stands today, under the plan's own settings; where that is not what the
plan was made from, the answer says so. Nothing is written.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from threading import Lock
from typing import Any

from sqlmodel import col, select

from app.analysis.training_plan import Enrolment, PlanLine, PlanProblem, SolveSettings
from app.analysis.training_plan.enrol import candidates
from app.analysis.training_plan.explain import Hurdle, Lack, line_reasons, need_price
from app.analysis.training_plan.frontier import (
    Frontier,
    efficient_frontier,
    given_pence,
    purse_of,
    with_budget,
)
from app.analysis.training_plan.slips import Slips, closed_by_need, what_slips
from app.analysis.training_plan.solve import plan_lines
from app.analysis.training_plan.standing import Standing, Way
from app.analysis.training_plan.unmet import unmet_needs
from app.db.database import Database
from app.errors import UsageError
from app.models import Course, Plan
from app.progress import Progress
from app.services.gap_base import WEIGHT_ONE, GapBase
from app.services.gaps import Gaps
from app.services.training.board import Board, less
from app.services.training.insight_records import (
    CourseStart,
    FrontierRow,
    FrontierView,
    GapClosed,
    LineExplained,
    NeedExplained,
    OtherWay,
    SlipRow,
    SlipsView,
    gbp,
)
from app.services.training.problem import ProblemKey, pounds
from app.services.training.sheet import FIXED, OVER, PlanSheet, SheetLine, no_plan, read_sheet
from app.services.training.team_calendar import TeamCalendar, team_calendar
from app.terms import FinancialQuarter, Funding, name_key

POINTS = 9
SECONDS = 5.0
"""How long each plan behind a point of the frontier, or behind a cut, is looked for."""

_KEPT = 8


@dataclass(frozen=True, slots=True)
class _Case:
    """A plan laid on today's problem. ``is_changed``: it was made from other data; ``bound``: in ten-thousandths,
    ``None`` where none holds any more."""

    sheet: PlanSheet
    base: GapBase
    problem: PlanProblem
    key: ProblemKey
    lines: tuple[PlanLine, ...]
    standing: Standing
    titles: dict[str, str]
    bound: int | None
    is_changed: bool

    @property
    def is_proven(self) -> bool:
        """Whether the lines are known to be the best."""
        return self.bound is not None and self.bound <= _value(self.lines)

    def person(self, person: int) -> tuple[int, str, str]:
        """Id, staff id and name of somebody on the problem."""
        row = int(self.key.places[person])
        return (
            int(self.key.person_ids[person]),
            self.problem.learners.staff_ids[person],
            self.base.population.name[row],
        )

    def start(self, line: Enrolment) -> CourseStart:
        """A line as a course and its quarter."""
        code = self.problem.offers.codes[line.course]
        return CourseStart(
            code, self.titles.get(code, code), FinancialQuarter(self.problem.start + line.quarter)
        )


class Insight:
    """Explanations, frontier and cuts of stored plans."""

    def __init__(self, db: Database, gaps: Gaps) -> None:
        self._db, self._gaps = db, gaps
        self._cases: OrderedDict[tuple[int, int], _Case] = OrderedDict()
        self._answers: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = Lock()

    # --- why --------------------------------------------------------------------------------------------------

    def lines(self, plan_id: int | None, progress: Progress) -> tuple[LineExplained, ...]:
        """Every line of a plan explained, in the plan's order."""
        case = self._case(plan_id)
        found: list[LineExplained] = []
        for place, line in enumerate(case.lines):
            progress.step(place / len(case.lines), "Weighing each line against the next best")
            found.append(_line(case, line))
        return tuple(found)

    def line(self, plan_id: int | None, staff_id: str, course_code: str) -> LineExplained:
        """One line explained; UsageError where the plan has no such line, or it cannot be laid on today's data."""
        case = self._case(plan_id)
        wanted = name_key(staff_id), name_key(course_code)
        codes, staff = case.problem.offers.codes, case.problem.learners.staff_ids
        for line in case.lines:
            if (name_key(staff[line.person]), name_key(_plain(codes[line.course], case))) == wanted:
                return _line(case, line)
        if any((name_key(key[0]), name_key(key[1])) == wanted for key in case.sheet.lines):
            raise UsageError(
                f"{staff_id} on {course_code} is in the plan, but today's data would not put it there: the gap is "
                "closed, or the person or the course is gone.",
                "Make the plan again to see what is worth doing now.",
            )
        raise UsageError(
            f"“{case.sheet.title}” has no line of {staff_id} on {course_code}.",
            "`muster plan show` lists its lines.",
        )

    def needs(self, plan_id: int | None, progress: Progress) -> tuple[NeedExplained, ...]:
        """Every need that stays open, with what it would take, by staff id and skill."""
        case = self._case(plan_id)
        unmet = unmet_needs(case.problem, case.standing.candidates, case.lines, is_proven=case.is_proven)
        found: list[NeedExplained] = []
        for place, need in enumerate(unmet):
            progress.step(place / len(unmet), "Pricing each open need")
            found.append(_need(case, need))
        return tuple(sorted(found, key=lambda one: (one.staff_id, one.skill)))

    def need(self, plan_id: int | None, staff_id: str, skill: str) -> NeedExplained:
        """One open need explained; UsageError where it is not one."""
        case = self._case(plan_id)
        person = _place(staff_id, case.problem.learners.staff_ids)
        code = _place(skill, case.problem.skill_names)
        for need in unmet_needs(case.problem, case.standing.candidates, case.lines, is_proven=case.is_proven):
            if (need.person, need.skill) == (person, code):
                return _need(case, need)
        raise UsageError(
            f"{skill} does not stay open for {staff_id} in “{case.sheet.title}”.",
            "`muster plan show --format json` lists what stays open under “unmet”.",
        )

    def calendar(self, plan_id: int | None) -> TeamCalendar:
        """Hours of learning and people away, by team and quarter; lines withdrawn or not attended take no part."""
        case = self._case(plan_id)
        settings, used = case.sheet.settings, case.standing.used
        found = team_calendar(case.base, settings, case.sheet.start, case.key.places, used)
        offers = case.problem.offers
        long = {
            _plain(code, case): duration
            for code, duration in zip(offers.codes, offers.duration.tolist(), strict=True)
            if duration > 1
        }
        return replace(found, durations=long)

    # --- more and less money ----------------------------------------------------------------------------------

    def frontier(
        self,
        plan_id: int | None,
        progress: Progress,
        *,
        points: int = POINTS,
        seconds: float = SECONDS,
        pot: Funding | None = None,
    ) -> FrontierView:
        """Budget against steps closed around a plan; worked out once for as long as plan and data stand."""
        case = self._case(plan_id)
        wanted = ("frontier", case.sheet.plan_id, case.base.revision, points, seconds, pot)

        def work() -> FrontierView:
            settings = SolveSettings(seconds=seconds, gap_pct=0.05)
            found = efficient_frontier(
                case.problem, case.lines, settings, points=points, pot=pot, progress=progress
            )
            return _frontier_view(case, found)

        return self._remembered(wanted, work)

    def known_frontier(self, plan_id: int | None, points: int = POINTS) -> FrontierView | None:
        """The frontier where it was worked out before, as it is asked for by default."""
        case = self._case(plan_id)
        wanted = ("frontier", case.sheet.plan_id, case.base.revision, points, SECONDS, None)
        with self._lock:
            return self._answers.get(wanted)

    def slips(
        self,
        plan_id: int | None,
        cut_pct: Decimal,
        progress: Progress,
        *,
        seconds: float = SECONDS,
        pot: Funding | None = None,
    ) -> SlipsView:
        """What slips when a pot is cut by so many per cent."""
        if not 0 < cut_pct <= 100:
            raise UsageError("A cut lies between 0 and 100 per cent.", "Try 10.")
        case = self._case(plan_id)
        wanted = ("slips", case.sheet.plan_id, case.base.revision, cut_pct, seconds, pot)

        def work() -> SlipsView:
            purse = pot or purse_of(case.problem)
            given = given_pence(case.problem, purse)
            left = int(given * (100 - cut_pct) / 100)
            settings = SolveSettings(seconds=seconds, gap_pct=0.05)
            found = what_slips(with_budget(case.problem, purse, left), case.lines, settings, progress)
            return _slips_view(case, found, purse, (given, left), cut_pct)

        return self._remembered(wanted, work)

    # --- inside -----------------------------------------------------------------------------------------------

    def _remembered(self, wanted: tuple[Any, ...], work: Any) -> Any:
        with self._lock:
            if wanted in self._answers:
                return self._answers[wanted]
        answer = work()
        with self._lock:
            self._answers[wanted] = answer
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        return answer

    def _case(self, plan_id: int | None) -> _Case:
        with self._db.read() as session:
            chosen = select(Plan.id).order_by(col(Plan.id).desc()).limit(1)
            number = plan_id if plan_id is not None else session.scalars(chosen).first()
            if number is None:
                raise no_plan(None)
            sheet = read_sheet(session, number)
        base = self._gaps.base(sheet.settings.scope.as_at)
        with self._lock:
            known = self._cases.get((number, base.revision))
        if known is not None and known.sheet.version == sheet.version:
            return known
        with self._db.read() as session:
            plan = session.get(Plan, number)
            kept = dict(plan.summary) if plan is not None else {}
            titles = {row.code: row.title for row in session.scalars(select(Course))}
            board = Board(session, base, sheet, (line.staff_id for line in sheet.lines.values()))
        case = _laid(sheet, base, board, kept, titles)
        with self._lock:
            self._cases[number, base.revision] = case
            while len(self._cases) > 2:
                self._cases.popitem(last=False)
        return case


def _laid(
    sheet: PlanSheet, base: GapBase, board: Board, kept: dict[str, Any], titles: dict[str, str]
) -> _Case:
    """The plan's lines on today's problem, those that still close something or are fixed."""
    laid: list[Enrolment] = []
    locked: list[Enrolment] = []
    is_complete = True
    outside: list[SheetLine] = []
    for line in sheet.lines.values():
        place = board.enrolment(line) if line.status not in OVER else None
        if place is None:
            outside.append(line)
            is_complete = is_complete and line.status in OVER
            continue
        laid.append(place)
        if line.is_locked or line.status in FIXED:
            locked.append(place)
    limits = tuple(less(limit, outside) for limit in board.problem.limits)
    problem = replace(board.problem, locked=tuple(sorted(locked)), forbidden=board.forbidden, limits=limits)
    lines = tuple(one for one in plan_lines(problem, laid) if one.credits or one.is_locked)
    value = _value(lines)
    is_same = is_complete and len(lines) == len(laid) and _is_near(value, kept.get("objective"))
    bound = round(kept["bound"] * WEIGHT_ONE) if is_same and kept.get("bound") is not None else None
    return _Case(
        sheet,
        base,
        problem,
        board.key,
        lines,
        Standing(problem, lines),
        titles,
        bound,
        is_changed=not is_same,
    )


def _is_near(value: int, kept: Any) -> bool:
    return kept is not None and abs(value / WEIGHT_ONE - float(kept)) < 1e-6


def _value(lines: Sequence[PlanLine]) -> int:
    return sum(credit.steps_closed * credit.weight for line in lines for credit in line.credits)


def _place(name: str, names: Sequence[str]) -> int:
    wanted = name_key(name)
    return next((place for place, one in enumerate(names) if name_key(one) == wanted), -1)


def _plain(code: str, case: _Case) -> str:
    """The code of the catalogue: groups kept apart carry their department behind it."""
    return code if code in case.titles else code.rpartition(" (")[0] or code


def _steps(ten_thousandths: float) -> Decimal:
    return Decimal(round(ten_thousandths)) / WEIGHT_ONE


def _money(pence: float | None) -> Decimal | None:
    return None if pence is None else pounds(round(pence))


def _way(case: _Case, way: Way, lacks: Sequence[Lack] = ()) -> OtherWay:
    person_id, staff_id, name = case.person(way.lines[0].person)
    return OtherWay(
        person_id=person_id,
        staff_id=staff_id,
        name=name,
        courses=tuple(case.start(line) for line in sorted(way.lines, key=lambda line: line.quarter)),
        steps=_steps(way.value),
        cost_gbp=pounds(way.pence),
        lacks=tuple(lack_words(lack, case.titles) for lack in lacks),
    )


def lack_words(lack: Lack, titles: Mapping[str, str]) -> str:
    """What is missing, in words; ``titles`` are those of the courses by their codes."""
    code, mark, when = lack.where.partition(" in ")
    where = f"{titles.get(code, code)}{mark}{when}"
    people = "1 more person" if lack.amount == 1 else f"{lack.amount:,} more people"
    return {
        Hurdle.MONEY: f"{gbp(pounds(lack.amount))} more of the {lack.where} than is left",
        Hurdle.HOURS: f"{pounds(lack.amount).normalize():f} more hours in {lack.where}",
        Hurdle.PLACES: f"{lack.amount:,} more place{'' if lack.amount == 1 else 's'} on {where}",
        Hurdle.GROUP: f"{people} on {where}, for a group large enough to run",
        Hurdle.SCOPE: f"{where} would have to be allowed for this person",
        Hurdle.BOOKING: lack.where,
    }[lack.hurdle]


def _line(case: _Case, line: PlanLine) -> LineExplained:
    found = line_reasons(case.standing, line, case.bound if case.bound is not None else 2**62)
    person_id, staff_id, name = case.person(line.person)
    share = found.weight_share
    return LineExplained(
        person_id=person_id,
        staff_id=staff_id,
        name=name,
        course=case.start(line.enrolment),
        funding=str(line.funding),
        is_locked=line.is_locked,
        gaps=tuple(
            GapClosed(
                case.problem.skill_names[credit.skill],
                credit.level_now,
                credit.level_after,
                credit.level_required,
                credit.steps_closed,
                Decimal(credit.weight) / WEIGHT_ONE,
            )
            for credit in line.credits
        ),
        steps=_steps(found.value),
        loss=_steps(found.loss),
        cost_gbp=pounds(line.cost_pence),
        per_step_gbp=_money(found.per_step),
        runner_up=_way(case, found.runner_up.way, found.runner_up.lacks) if found.runner_up else None,
        next_use=_way(case, found.next_use) if found.next_use else None,
        saving_gbp=_money(found.saving),
        drops_below_gbp=_money(found.drops_below),
        drops_below_share=None if share is None else Decimal(int(share * 10_000)) / 10_000,
        price_now_gbp=_money(found.price_now),
        is_proven=case.is_proven,
    )


def _need(case: _Case, unmet: Any) -> NeedExplained:
    found = need_price(case.standing, unmet)
    person_id, staff_id, name = case.person(unmet.person)
    more = found.money_alone if found.lines else None
    after = None if more is None or found.sooner_pence is None else pounds(more + found.sooner_pence)
    return NeedExplained(
        person_id=person_id,
        staff_id=staff_id,
        name=name,
        skill=case.problem.skill_names[unmet.skill],
        level_after=unmet.level_after,
        level_required=unmet.level_required,
        reason=unmet.reason,
        way=tuple(case.start(line) for line in found.lines),
        reaches=found.reaches,
        cost_gbp=pounds(found.pence) if found.lines else None,
        per_step_gbp=_money(found.price),
        lacks=tuple(lack_words(lack, case.titles) for lack in found.lacks),
        more_gbp=None if more is None else pounds(more),
        sooner=found.sooner,
        taken_after_gbp=after,
    )


def _frontier_view(case: _Case, found: Frontier) -> FrontierView:
    rows: list[FrontierRow] = []
    for place, point in enumerate(found.points):
        before = found.points[place - 1] if place else None
        gained = point.value - before.value if before and before.is_possible else 0
        rows.append(
            FrontierRow(
                budget_gbp=pounds(point.pence),
                steps=_steps(point.value),
                bound=point.bound / WEIGHT_ONE,
                gap_pct=None if point.gap_pct == float("inf") else point.gap_pct,
                steps_closed=point.steps_closed,
                cost_gbp=pounds(point.cost_pence),
                spent_gbp=pounds(point.spent_pence),
                next_step_gbp=_money((point.pence - before.pence) * WEIGHT_ONE / gained)
                if before and gained > 0
                else None,
                is_current=point.is_current,
                is_possible=point.is_possible,
            )
        )
    needs = case.problem.needs
    number = candidates(case.problem).routes.need
    total = int(((needs.required - needs.held)[number] * needs.weight[number]).sum())
    return FrontierView(
        plan_id=case.sheet.plan_id,
        title=case.sheet.title,
        pot=str(found.pot),
        rows=tuple(rows),
        steps_open=_steps(total),
        is_changed=case.is_changed,
    )


def _slips_view(
    case: _Case, found: Slips, pot: Funding, money: tuple[int, int], cut_pct: Decimal
) -> SlipsView:
    rows = _slip_rows(case, found)
    return SlipsView(
        plan_id=case.sheet.plan_id,
        title=case.sheet.title,
        pot=str(pot),
        cut_pct=cut_pct,
        budget_before_gbp=pounds(money[0]),
        budget_after_gbp=pounds(money[1]),
        steps_before=_steps(_value(case.lines)),
        steps_after=_steps(found.value),
        bound_after=_steps(found.bound),
        cost_after_gbp=pounds(sum(line.cost_pence for line in found.lines or ())),
        lines_dropped=len(found.dropped),
        lines_added=len(found.added),
        people_losing=len({row.person_id for row in rows}),
        gained=sum(found.won.values()),
        rows=rows,
        clashes=found.clashes,
        is_changed=case.is_changed,
    )


def _slip_rows(case: _Case, found: Slips) -> tuple[SlipRow, ...]:
    needs, population = case.problem.needs, case.base.population
    before, after = closed_by_need(case.lines), closed_by_need(found.lines or ())
    courses: dict[int, list[str]] = defaultdict(list)
    for line in found.dropped:
        for credit in line.credits:
            courses[credit.need].append(case.start(line.enrolment).words())
    rows: list[SlipRow] = []
    for need, lost in found.lost.items():
        person = int(needs.person[need])
        person_id, staff_id, name = case.person(person)
        unit = population.units[int(population.unit_id[int(case.key.places[person])])]
        held = int(needs.held[need])
        rows.append(
            SlipRow(
                person_id=person_id,
                staff_id=staff_id,
                name=name,
                department=population.units[unit.department_id].name,
                unit=unit.path,
                skill=case.problem.skill_names[int(needs.skill[need])],
                weight=Decimal(int(needs.weight[need])) / WEIGHT_ONE,
                level_before=held + before[need],
                level_after=held + after[need],
                level_required=int(needs.required[need]),
                steps_lost=lost,
                courses=", ".join(courses[need]),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.weight, -row.steps_lost, row.staff_id, row.skill)))
