"""Workbooks and pictures of what the other services found. An export shows the numbers of the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlmodel import col, select

from app import __version__
from app.charts.career_map import career_map as draw_career_map
from app.charts.heatmap import heatmap as draw_heatmap
from app.charts.learning_plan import learning_pdf
from app.charts.pictures import picture, picture_format
from app.db.database import Database
from app.errors import UsageError
from app.files.atomic import atomic_write, write_bytes
from app.files.report import AboutLine, Column, Report, Rows, Sheet
from app.files.workbook import write_workbook
from app.models import ActionEntry, WorkspaceSetting
from app.progress import Progress
from app.services.comparison import Comparison
from app.services.disclosed import few_holders, hidden_cells
from app.services.gaps import GapDimension, Gaps, Heatmap, PairLine
from app.services.mentors import Mentors
from app.services.profession import Profession
from app.services.reports.analysis_sheets import (
    comparison_sheet,
    named_points_sheet,
    shared_points_sheet,
    trend_sheet,
)
from app.services.reports.assessment_form import assessment_form
from app.services.reports.career_picture import career_picture
from app.services.reports.file_names import free_stem
from app.services.reports.gap_report import gap_report
from app.services.reports.heat_picture import heat_picture
from app.services.reports.learning_plans import (
    LearningPlan,
    by_person,
    learning_plan,
    learning_report,
    mentors_near,
    page_of,
)
from app.services.reports.plan_report import plan_report
from app.services.reports.plan_sheets import SentFrom
from app.services.reports.profession_report import profession_report
from app.services.reports.readiness_annex import readiness_annex
from app.services.resilience import Resilience
from app.services.scope import Scope
from app.services.strong_levels import StrongLevelsCache
from app.services.training import Training
from app.services.training.grouping import enrolments
from app.services.training.records import PlanView, UnmetView
from app.services.trends import Trends
from app.services.workforce.exits import ContractCover
from app.services.workforce.mobility import LevelPlace
from app.terms import AssessedBy

DEFAULT_MARKING = "OFFICIAL-SENSITIVE"

__all__ = ["Reports", "hidden_cells"]


class Reports:
    """Documents that leave the workspace."""

    def __init__(
        self, db: Database, gaps: Gaps, training: Training, name: str, today: Callable[[], date]
    ) -> None:
        self._db = db
        self._gaps = gaps
        self._training = training
        self._name = name
        self._today = today

    def gap_workbook(
        self,
        scope: Scope,
        path: Path,
        progress: Progress,
        *,
        dimension: GapDimension = GapDimension.DEPARTMENT,
        named: bool = False,
        since: date | None = None,
    ) -> Path:
        """Write the gap workbook. Without ``named`` it is an aggregate: small counts hidden, nobody named.

        With ``since`` it says what changed from that day to the scope's. A named one is of one department or unit,
        asked for by name (PRODUCT, rule 6).
        """
        if named and len(scope.departments) != 1:
            raise UsageError(
                "A named workbook is of one department or unit.", "Choose one with --department."
            )
        if named and dimension is GapDimension.DEPARTMENT:
            dimension = GapDimension.UNIT
        progress.step(0.1, "Counting")
        heatmap = self._gaps.heatmap(scope, dimension)
        people = self._gaps.people_behind(scope) if named else None
        about = self._about(scope, heatmap)
        more = self._more_sheets(scope, dimension, since, named=named)
        report = gap_report(heatmap, about, self._db.clock(), people, more)
        return write_workbook(replace(report, marking=self.marking()), path, progress.part(0.3, 1.0))

    def _more_sheets(
        self, scope: Scope, dimension: GapDimension, since: date | None, *, named: bool
    ) -> tuple[Sheet, ...]:
        """Comparison, single points of failure and, since a day, the trend."""
        word = dimension.value.replace("-", " ")
        compared = Comparison(self._gaps).compare(scope, dimension)
        resilience = Resilience(self._gaps, StrongLevelsCache(self._db))
        sheets = [
            comparison_sheet(compared, word, is_named=named),
            named_points_sheet(resilience.single_points(scope, dimension), word)
            if named
            else shared_points_sheet(
                few_holders(self._gaps, scope, dimension, resilience.counts(scope, dimension)), word
            ),
        ]
        if since is not None:
            last = scope.as_at or self._today()
            view = Trends(self._db, self._gaps, self._today).between(scope, since, last, dimension)
            sheets.append(trend_sheet(view, word, is_named=named))
        return tuple(sheets)

    def heatmap_picture(
        self,
        scope: Scope,
        path: Path,
        *,
        most_skills: int = 30,
        dimension: GapDimension = GapDimension.DEPARTMENT,
        columns: GapDimension = GapDimension.SKILL,
    ) -> Path:
        """Draw departments × skills, or any two dimensions, as PNG, SVG or PDF (by the ending), small counts hidden.

        Only the columns with most levels short are drawn, so that every figure can be read.
        """
        wanted = picture_format(path.name)
        if wanted is None:
            raise UsageError(f"“{path.name}” is not a picture.", "Use the ending .png, .svg or .pdf.")
        record = heat_picture(self._gaps.heatmap(scope, dimension, columns), most_skills)
        drawn = picture(draw_heatmap(record), wanted, title=record.title)

        def write(part: Path) -> None:
            part.write_bytes(drawn)

        atomic_write(path, write)
        return path

    def profession_workbook(self, scope: Scope, path: Path, progress: Progress) -> Path:
        """Write the workbook of the scope's role family: an aggregate, small counts hidden."""
        progress.step(0.1, "Counting")
        view = Profession(self._db, self._gaps).view(scope)
        report = profession_report(view, self._about(view.scope, view.heatmap), self._db.clock())
        return write_workbook(replace(report, marking=self.marking()), path, progress.part(0.3, 1.0))

    def plan_workbook(self, plan: PlanView, path: Path, progress: Progress, department: str = "") -> Path:
        """Write the workbook of a plan, whole or of one department; it can be read back."""
        newest = self._newest()
        sent_from = SentFrom(department, newest[0], newest[1], self._db.revision())
        report = plan_report(
            plan,
            self._about(None, None),
            department,
            courses=self._training.courses(),
            sent_from=sent_from,
        )
        return write_workbook(replace(report, marking=self.marking()), path, progress)

    def plan_workbooks(self, plan: PlanView, folder: Path, progress: Progress) -> tuple[Path, ...]:
        """One workbook for each department of a plan, named after it."""
        folder.mkdir(parents=True, exist_ok=True)
        departments = sorted(
            {line.department for line in plan.lines} | {need.department for need in plan.unmet}
        )
        written: list[Path] = []
        taken: set[str] = set()
        for number, department in enumerate(departments):
            progress.step(number / len(departments), f"Writing {department}")
            target = folder / f"{free_stem(department, taken)}.xlsx"
            share = (number / len(departments), (number + 1) / len(departments))
            written.append(self.plan_workbook(plan, target, progress.part(*share), department))
        return tuple(written)

    def assessment_forms(
        self, scope: Scope, target: Path, progress: Progress, *, by: AssessedBy, each_unit: bool = False
    ) -> tuple[Path, ...]:
        """The workbooks units fill in with ratings: one for each department (or each lowest unit) of the scope.

        ``target`` is a folder, or one workbook (.xlsx) for everybody of one department or unit.
        """
        progress.step(0.05, "Reading people and required skills")
        groups: dict[str, list[PairLine]] = {}
        is_one = target.suffix.lower() == ".xlsx"
        if is_one and len(scope.departments) != 1:
            raise UsageError(
                "One workbook is of one department or unit.",
                "Choose one with --department, or name a folder to get one workbook for each.",
            )
        for pair in self._gaps.people_behind(scope):
            name = scope.departments[0] if is_one else pair.unit if each_unit else pair.department
            groups.setdefault(name, []).append(pair)
        if not groups:
            raise UsageError("Nobody there has a role that requires a skill.", "Map roles first.")
        if not is_one:
            target.mkdir(parents=True, exist_ok=True)
        taken: set[str] = set()
        written: list[Path] = []
        for number, name in enumerate(sorted(groups)):
            path = target if is_one else target / f"{free_stem(name.replace(' / ', ', '), taken)}.xlsx"
            report = assessment_form(name, groups[name], by, self._about(None, None), self._db.clock())
            share = (number / len(groups), (number + 1) / len(groups))
            written.append(
                write_workbook(replace(report, marking=self.marking()), path, progress.part(*share))
            )
        return tuple(written)

    def learning_plans(
        self,
        staff_id: str,
        departments: tuple[str, ...],
        plan_id: int | None,
        target: Path,
        progress: Progress,
    ) -> tuple[Path, ...]:
        """Personal learning plans of one person or one department, from a plan (the newest where None).

        ``target`` is a workbook (.xlsx), a PDF with a page for each person, or a folder for a PDF each. A named output:
        of one person or one unit tree, asked for and marked (PRODUCT, rule 6).
        """
        if bool(staff_id) == bool(departments) or len(departments) > 1:
            raise UsageError(
                "Learning plans are of one person or of one department.",
                "Give a staff id, or one --department.",
            )
        progress.step(0.05, "Reading gaps, plan and mentors")
        plans = self._learning_plans(staff_id, departments, plan_id)
        who = (plans[0].name or plans[0].staff_id) if staff_id else ", ".join(departments)
        title, ending = f"Learning plans: {who}", target.suffix.lower()
        if ending == ".xlsx":
            about = (*self._about(None, None), AboutLine("Of", who))
            report = learning_report(plans, title, about, self._db.clock())
            return (write_workbook(replace(report, marking=self.marking()), target, progress),)
        day = self._today()
        foot = f"Made on {day.day} {day:%B %Y} with Muster {__version__}"
        pages = [page_of(one, self.marking(), foot) for one in plans]
        if ending == ".pdf":
            return (write_bytes(target, learning_pdf(pages, title)),)
        target.mkdir(parents=True, exist_ok=True)
        taken: set[str] = set()
        written: list[Path] = []
        for number, (one, page) in enumerate(zip(plans, pages, strict=True)):
            progress.step(0.2 + 0.8 * number / len(plans), f"Drawing {one.name or one.staff_id}")
            stem = free_stem(f"{one.staff_id} {one.name}".strip(), taken)
            written.append(write_bytes(target / f"{stem}.pdf", learning_pdf([page], page.title)))
        return tuple(written)

    def _learning_plans(
        self, staff_id: str, departments: tuple[str, ...], plan_id: int | None
    ) -> tuple[LearningPlan, ...]:
        base = self._gaps.base(None)
        pairs: dict[int, list[PairLine]] = {}
        if staff_id:
            ids = [str(one) for one in base.population.staff_id]
            if staff_id not in ids:
                raise UsageError(
                    f"There is nobody with staff id “{staff_id}”.", "`muster gaps --by person` lists them."
                )
            person_id = int(base.population.person_id[ids.index(staff_id)])
            pairs[person_id] = list(self._gaps.person(person_id))
        else:
            for pair in self._gaps.people_behind(Scope(departments)):
                pairs.setdefault(pair.person_id, []).append(pair)
        if not any(pairs.values()):
            raise UsageError(
                "No role there requires a skill, so there is nothing to learn for.", "Map roles first."
            )
        plan = self._training.plan(plan_id) if plan_id is not None or self._training.plans() else None
        lines = by_person(enrolments(plan)) if plan is not None else {}
        unmet: dict[int, list[UnmetView]] = {}
        for need in plan.unmet if plan is not None else ():
            unmet.setdefault(need.person_id, []).append(need)
        units = departments or tuple({pair.unit for own in pairs.values() for pair in own})
        mentors = Mentors(self._gaps, StrongLevelsCache(self._db))
        near = mentors_near(mentors.lines(Scope(units), named=2, most=1_000_000))
        made = [
            learning_plan(own, lines.get(person, ()), unmet.get(person, ()), near, plan.title if plan else "")
            for person, own in pairs.items()
        ]
        return tuple(sorted(made, key=lambda one: (one.name.casefold(), one.staff_id)))

    def career_picture(self, places: Sequence[LevelPlace], path: Path, start: str = "") -> Path:
        """Draw the career map as PNG, SVG or PDF (by the ending)."""
        wanted = picture_format(path.name)
        if wanted is None:
            raise UsageError(f"“{path.name}” is not a picture.", "Use the ending .png, .svg or .pdf.")
        record = career_picture(places, start)
        drawn = picture(draw_career_map(record), wanted, title=record.title)
        return write_bytes(path, drawn)

    def readiness_annex(
        self, covers: Sequence[ContractCover], path: Path, progress: Progress, *, named: bool = False
    ) -> Path:
        """Write the readiness annex of contract exits; without ``named`` an aggregate, small counts hidden."""
        about = [*self._about(None, None), AboutLine("Contracts", "; ".join(one.name for one in covers[:20]))]
        report = readiness_annex(covers, about, self._db.clock(), named=named)
        return write_workbook(replace(report, marking=self.marking()), path, progress)

    def list_workbook(
        self, title: str, columns: Sequence[Column], rows: Rows, path: Path, scope: Scope, progress: Progress
    ) -> Path:
        """Write a list as it is seen in the window, nothing hidden: rows of people, changes, differences.

        Tables of counts by group do not leave this way: :meth:`gap_workbook` hides small counts (PRODUCT, rule 6).
        """
        report = Report(
            title=title,
            sheets=(Sheet(title, tuple(columns), rows),),
            made_at=self._db.clock(),
            about=self._about(scope, None),
            marking=self.marking(),
        )
        return write_workbook(report, path, progress)

    def marking(self) -> str:
        """The protective marking on everything that leaves."""
        with self._db.read() as session:
            row = session.get(WorkspaceSetting, "marking")
            return str(row.value["text"]) if row else DEFAULT_MARKING

    def about(self, scope: Scope) -> tuple[AboutLine, ...]:
        """What every document says of itself."""
        return self._about(scope, None)

    def _about(self, scope: Scope | None, heatmap: Heatmap | None) -> tuple[AboutLine, ...]:
        lines = [AboutLine("Workspace", self._name)]
        if scope is not None:
            lines.append(AboutLine("Scope", scope.in_words()))
        if heatmap is not None:
            versions = {line.version for line in self._gaps.base(heatmap.day).population.levels.values()}
            lines.append(AboutLine("Framework", ", ".join(sorted(versions))))
            lines.append(AboutLine("As at", heatmap.day, "date"))
            lines.append(AboutLine("Revision", heatmap.revision, "int"))
        lines.append(AboutLine("Program", f"Muster {__version__}"))
        lines.append(AboutLine("Exported by", self._db.user))
        lines.append(AboutLine("History fingerprint", self._newest()[1]))
        return tuple(lines)

    def _newest(self) -> tuple[int, str]:
        """The newest action of the history: its number and its hash."""
        with self._db.read() as session:
            newest = session.scalars(
                select(ActionEntry).order_by(col(ActionEntry.id).desc()).limit(1)
            ).first()
            return (newest.id or 0, newest.hash) if newest else (0, "")
