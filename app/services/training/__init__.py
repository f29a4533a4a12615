"""Training: the catalogue, and plans from settings to agreement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import col, func, select

from app.analysis.training_plan import SolveSettings, solve
from app.change import Outcome
from app.db.database import Database
from app.errors import InputProblems, NoPlanError, UsageError
from app.files.catalogue import read_courses
from app.files.options import ReadOptions
from app.models import Course, Plan, Skill, WorkspaceSetting
from app.progress import Progress
from app.services.gaps import Gaps
from app.services.people import refuse_if_moved
from app.services.people_import import batch_of
from app.services.scope import Scope
from app.services.training.around import held_to, standing_lines, with_locks
from app.services.training.booked import booked_lines, booked_words, less_booked
from app.services.training.catalogue import (
    CoursesPreview,
    CoursesSummary,
    compare_courses,
    course_lines,
    write_courses,
)
from app.services.training.comparison import ComparedPlans, compared_plans
from app.services.training.edit_taking import EditKind, LineEdit
from app.services.training.edits import EditedLine, EditPreview, Edits, LimitsBroken
from app.services.training.effects import CourseEffectsService, CourseEffectsView, EffectLine
from app.services.training.insight import Insight
from app.services.training.life import AgreeView, PlanLife
from app.services.training.limit_settings import (
    PlanLimits,
    PotBudget,
    SkillTarget,
    parse_budget,
    parse_department_budget,
    parse_target,
)
from app.services.training.outlook import PlanOutlook, outlook_of
from app.services.training.problem import build_problem, pounds
from app.services.training.read_back import ReadBack
from app.services.training.records import (
    DEFAULT_HOURS,
    CourseLine,
    LineWish,
    PlanCard,
    PlanLineView,
    PlanSettings,
    PlanSummary,
    PlanView,
    UnmetView,
)
from app.services.training.saving import read_plan, write_plan
from app.services.training.sheet import LinesRefused, PlanFigures, Refusal, no_plan
from app.services.training.sign_off import ProposalLine, SignedOff, SignOff
from app.services.training.status_rules import StatusEdit, StatusLine
from app.services.training.statuses import LineChoice, StatusCount, Statuses
from app.services.training.watching import PlanWatch
from app.terms import FinancialQuarter

__all__ = [
    "DEFAULT_HOURS",
    "AgreeView",
    "ComparedPlans",
    "CourseEffectsView",
    "CourseLine",
    "CoursesPreview",
    "CoursesSummary",
    "EditKind",
    "EditPreview",
    "EditedLine",
    "EffectLine",
    "LimitsBroken",
    "LineChoice",
    "LineEdit",
    "LineWish",
    "LinesRefused",
    "PlanCard",
    "PlanFigures",
    "PlanLimits",
    "PlanLineView",
    "PlanOutlook",
    "PlanSettings",
    "PlanSummary",
    "PlanView",
    "PlanWatch",
    "PotBudget",
    "ProposalLine",
    "Refusal",
    "SignedOff",
    "SkillTarget",
    "StatusCount",
    "StatusEdit",
    "StatusLine",
    "Training",
    "UnmetView",
    "parse_budget",
    "parse_department_budget",
    "parse_target",
]

SAVED = "plan_settings"


class Training:
    """Courses and training plans."""

    def __init__(self, db: Database, gaps: Gaps, today: Callable[[], date]) -> None:
        self._db = db
        self._gaps = gaps
        self._today = today
        self.edits = Edits(db, gaps, today)
        self.statuses = Statuses(db, gaps, self.edits)
        self.life = PlanLife(db)
        self.sign_off = SignOff(db, gaps, today)
        self.insight = Insight(db, gaps)
        self.read_back = ReadBack(db, self.edits)
        self.effects = CourseEffectsService(db)

    def preview_courses(self, path: Path, options: ReadOptions, progress: Progress) -> CoursesPreview:
        """Read a catalogue and say what loading it would change."""
        with self._db.read() as session:
            known = tuple(row.name for row in session.scalars(select(Skill)))
        found = read_courses(path, replace(options, skills=known), progress)
        with self._db.read() as session:
            return compare_courses(session, found, path.name, self._db.revision())

    def commit_courses(
        self, preview: CoursesPreview, *, skip_bad_rows: bool = False
    ) -> Outcome[CoursesSummary] | None:
        """Load the previewed catalogue in one transaction; None where there was nothing to change.

        Raises InputProblems where rows are bad and not to be skipped, ConflictError where the catalogue changed
        since the preview.
        """
        if preview.errors and not skip_bad_rows:
            raise InputProblems(list(preview.problems))
        if preview.is_nothing_to_change:
            return None
        with self._db.write("Load courses", back_up_first=True) as w:
            refuse_if_moved(w.session, preview.revision, frozenset({"course", "course_outcome"}))
            outcomes = write_courses(w, preview)
            counts: dict[str, Any] = {"new": len(preview.new), "changed": len(preview.changed)}
            batch_of(w, "courses", preview.file_name, preview.file_hash, self._today(), counts)
            w.describe(file=preview.file_name, sha256=preview.file_hash, **counts)
        skipped = len({problem.row for problem in preview.errors})
        return w.outcome(
            CoursesSummary(len(preview.new), len(preview.changed), preview.unchanged, outcomes, skipped)
        )

    def courses(self) -> tuple[CourseLine, ...]:
        """The whole catalogue."""
        with self._db.read() as session:
            return course_lines(session)

    def default_start(self) -> FinancialQuarter:
        """The next whole quarter."""
        return FinancialQuarter.next_whole(self._today())

    def saved_settings(self) -> PlanSettings | None:
        """The settings of the last plan made here, or None."""
        with self._db.read() as session:
            row = session.get(WorkspaceSetting, SAVED)
            return PlanSettings.from_json(row.value) if row else None

    def outlook(self, scope: Scope) -> PlanOutlook:
        """What a plan for this scope could work on."""
        base = self._gaps.base(scope.as_at)
        with self._db.read() as session:
            wanted = select(func.count()).select_from(Course).where(col(Course.is_offered))
            return outlook_of(base, scope, session.scalar(wanted) or 0)

    def generate(
        self, settings: PlanSettings, progress: Progress, watch: PlanWatch | None = None
    ) -> Outcome[PlanView]:
        """Make a draft plan: read, solve without an open transaction, check, save.

        A ``watch`` hears how far the search is and can stop it early: the best plan so far is kept then.
        Raises NoPlanError where the limits clash (with the smallest set found), UsageError where the wishes
        name what is not there, ConflictError where a person or course went away meanwhile.
        """
        if not settings.budgets and not settings.limits.reserves:
            raise UsageError("A plan needs a budget.", "Use --budget GBP; £0 plans free courses only.")
        start = settings.start if settings.start is not None else self.default_start()
        progress.step(0.02, "Reading people, gaps and courses")
        base = self._gaps.base(settings.scope.as_at)
        with self._db.read() as session:
            standing = standing_lines(session, base, replace(settings, start=start), self.default_start())
            problem, key = build_problem(session, base, with_locks(settings, standing), start)
            problem = held_to(problem, standing)
            booked = booked_lines(session, base, settings, problem, key)
        problem = less_booked(problem, key, base, settings, booked)
        key = replace(key, notes=(*key.notes, *booked_words(booked)))
        wanted = SolveSettings(seconds=settings.seconds, gap_pct=settings.gap_pct, keep_on_cancel=True)
        watch = watch or PlanWatch()
        result = solve(problem, wanted, watch.over(progress.part(0.05, 0.9)), watch.tell)
        if result.lines is None:
            raise NoPlanError(
                f"No plan is possible: {'; '.join(result.clashes)}.",
                "These cannot all be kept together; give up or ease any one of them.",
            )
        progress.step(0.92, "Saving the plan")
        kept = replace(settings, start=start)
        with self._db.write("Make training plan") as w:
            stands = standing.kept_by_place()
            plan = write_plan(w, result, problem, key, base, kept, stands)
            saved = w.session.get(WorkspaceSetting, SAVED) or WorkspaceSetting(name=SAVED)
            saved.value = replace(kept, wishes=(), start=settings.start, around_plan_id=None).as_json()
            w.session.add(saved)
            w.session.flush()
            view = read_plan(w.session, plan, base)
        progress.step(1.0, "Plan made")
        return w.outcome(view)

    def plan(self, plan_id: int | None = None) -> PlanView:
        """A plan by its number, the newest where none is given."""
        base = self._gaps.base(None)
        with self._db.read() as session:
            chosen = select(Plan).order_by(col(Plan.id).desc()).limit(1)
            if plan_id is not None:
                chosen = select(Plan).where(col(Plan.id) == plan_id)
            row = session.scalars(chosen).first()
            if row is None:
                raise no_plan(plan_id)
            return read_plan(session, row, base)

    def plans(self, *, with_archived: bool = False) -> tuple[PlanCard, ...]:
        """Every plan, newest first; those put away only where asked for."""
        wanted = select(Plan).order_by(col(Plan.id).desc())
        if not with_archived:
            wanted = wanted.where(col(Plan.archived_at).is_(None))
        with self._db.read() as session:
            rows = session.scalars(wanted).all()
            return tuple(
                PlanCard(
                    plan_id=row.id or 0,
                    version=row.version,
                    title=row.title,
                    status=row.status,
                    made_at=row.made_at,
                    made_by=row.made_by,
                    cost_gbp=pounds(row.summary["cost_pence"]),
                    steps_closed=row.summary["steps_closed"],
                    steps_open_before=row.summary["steps_open_before"],
                    enrolments=row.summary["enrolments"],
                    is_archived=row.archived_at is not None,
                )
                for row in rows
            )

    def agree(self, plan_id: int, seen_version: int | None = None) -> Outcome[str]:
        """Agree a draft (see :meth:`PlanLife.agree`)."""
        return self.life.agree(plan_id, seen_version)

    def compare(self, first_id: int, second_id: int) -> ComparedPlans:
        """Two plans side by side: people, money per pot and department, steps, who gains and loses, line by line."""
        return compared_plans(self.plan(first_id), self.plan(second_id))
