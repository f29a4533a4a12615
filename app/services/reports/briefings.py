"""Briefings: one page of PDF per department, or several in one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
from sqlmodel import col, select

from app import __version__
from app.analysis.gaps import gap_pairs
from app.charts.briefing import BriefingPage, briefing
from app.charts.pictures import DocumentFacts, document, picture
from app.db.database import Database
from app.errors import UsageError
from app.files.atomic import atomic_write
from app.models import ImportBatch
from app.progress import Progress
from app.services.current_levels import months_before, ratings_as_at
from app.services.disclosed import few_holders, hidden_trend
from app.services.gap_groups import GapDimension
from app.services.gaps import Gaps
from app.services.people_import import as_date
from app.services.reports import Reports
from app.services.reports.briefing_words import (
    NO_FIGURES,
    UNIT_CHANGES,
    BriefingFacts,
    ChangeFound,
    PlanFound,
    RatingsFound,
    briefing_page,
)
from app.services.reports.file_names import free_stem
from app.services.resilience import Resilience
from app.services.scope import PATH_MARK, Scope
from app.services.strong_levels import StrongLevelsCache
from app.services.training import Training
from app.services.training.records import PlanView
from app.services.trends import Trends
from app.services.unit_figures import UnitFigures, UnitTables
from app.terms import AssessedBy, LineStatus, PlanStatus


@dataclass(frozen=True, slots=True)
class BriefingWish:
    """What to write: ``scope`` names the departments (none: every one); ``since`` None is a year before."""

    scope: Scope = field(default_factory=Scope)
    is_named: bool = False
    marking: str = ""
    since: date | None = None


class Briefings:
    """One page per department that a director would read."""

    def __init__(
        self,
        db: Database,
        gaps: Gaps,
        training: Training,
        reports: Reports,
        name: str,
        today: Callable[[], date],
    ) -> None:
        self._db = db
        self._gaps = gaps
        self._training = training
        self._reports = reports
        self._name = name
        self._today = today

    def departments(self, wish: BriefingWish) -> tuple[str, ...]:
        """The paths a wish takes in: those named, or every department with anybody in the scope.

        Raises UsageError for an unknown one, and for a named briefing of other than one unit.
        """
        population = self._gaps.base(wish.scope.as_at).population
        if wish.is_named and len(wish.scope.departments) != 1:
            raise UsageError(
                "A named briefing is of one department or unit.", "Choose one with --department."
            )
        if wish.scope.departments:
            named = (population.find_unit(path).path for path in wish.scope.departments)
            return tuple(dict.fromkeys(named))
        present = set(population.department_ids()[population.mask(wish.scope)].tolist())
        paths = sorted((population.units[key].path for key in present), key=str.casefold)
        if not paths:
            raise UsageError(
                "There is nobody to write a briefing about.", "Load an HR extract, or widen the scope."
            )
        return tuple(paths)

    def pages(self, wish: BriefingWish, progress: Progress) -> tuple[BriefingPage, ...]:
        """The pages in words and figures, in the order of :meth:`departments`."""
        paths = self.departments(wish)
        scope = Scope(
            (), wish.scope.role_family, wish.scope.framework, wish.scope.as_at, wish.scope.with_contractors
        )
        marking = wish.marking or self._reports.marking()
        plan = self._agreed_plan()
        changes = _Changes(self._trends(), scope, wish.since, scope.as_at or self._today())
        tables = UnitTables(self._gaps, scope)
        made: list[BriefingPage] = []
        for number, path in enumerate(paths):
            progress.step(number / len(paths), f"Writing {path}")
            figures = tables.unit(path, is_named=wish.is_named)
            facts = self._facts(figures, changes, plan, marking, is_named=wish.is_named)
            made.append(briefing_page(facts))
        return tuple(made)

    def document(self, wish: BriefingWish, progress: Progress) -> bytes:
        """One PDF with a page for each department of the wish."""
        return self._drawn(self.pages(wish, progress))

    def pictures(self, wish: BriefingWish, progress: Progress, dpi: int = 300) -> tuple[bytes, ...]:
        """The pages as PNG, for a printer."""
        pages = self.pages(wish, progress)
        return tuple(picture(briefing(page), "png", title=page.title, dpi=dpi) for page in pages)

    def write(self, wish: BriefingWish, target: Path, progress: Progress) -> tuple[Path, ...]:
        """Write one PDF with all pages where ``target`` ends in .pdf, else a folder with a PDF per department."""
        pages = self.pages(wish, progress.part(0.0, 0.7))
        if target.suffix.lower() == ".pdf":
            return (_save(target, self._drawn(pages)),)
        if target.suffix and not target.is_dir():
            raise UsageError(f"“{target.name}” is not a PDF.", "Use the ending .pdf, or name a folder.")
        target.mkdir(parents=True, exist_ok=True)
        written: list[Path] = []
        taken: set[str] = set()
        for number, page in enumerate(pages):
            progress.step(0.7 + 0.3 * number / len(pages), f"Drawing {page.department}")
            stem = free_stem(page.department.replace(PATH_MARK, " - "), taken)
            written.append(_save(target / f"{stem}.pdf", self._drawn((page,))))
        return tuple(written)

    def _drawn(self, pages: Sequence[BriefingPage]) -> bytes:
        title = (
            f"Digital skills briefing: {pages[0].department}"
            if len(pages) == 1
            else "Digital skills briefings"
        )
        facts = DocumentFacts(
            title=title,
            author=self._db.user,
            made_at=self._db.clock(),
            subject=pages[0].title if len(pages) == 1 else "",
            keywords=pages[0].marking,
        )
        return document([briefing(page) for page in pages], facts)

    def _trends(self) -> Trends:
        return Trends(self._db, self._gaps, self._today)

    def _facts(
        self, figures: UnitFigures, changes: _Changes, plan: PlanView | None, marking: str, *, is_named: bool
    ) -> BriefingFacts:
        resilience = Resilience(self._gaps, StrongLevelsCache(self._db))
        department = GapDimension.DEPARTMENT
        holders = few_holders(
            self._gaps, figures.scope, department, resilience.counts(figures.scope, department)
        )
        # of a whole tree, not of each unit in it: who else in the tree could step in counts
        points = resilience.single_points(figures.scope, department, 3) if is_named else ()
        versions = {
            line.version
            for key, line in self._gaps.base(figures.scope.as_at).population.levels.items()
            if key in self._levels_used(figures)
        }
        return BriefingFacts(
            figures=figures,
            change=changes.of(figures, is_named=is_named),
            holders=holders[0] if holders else None,
            points=points,
            plan=None if plan is None else self._plan_of(figures, plan, is_named=is_named),
            ratings=self._ratings(figures),
            framework=", ".join(sorted(versions)),
            workspace=self._name,
            program=f"Muster {__version__}",
            marking=marking,
            made_on=self._today(),
            is_named=is_named,
        )

    def _levels_used(self, figures: UnitFigures) -> set[int]:
        population = self._gaps.base(figures.scope.as_at).population
        return set(np.unique(population.role_level_id[population.mask(figures.scope)]).tolist())

    def _agreed_plan(self) -> PlanView | None:
        """The newest agreed plan."""
        agreed = [card for card in self._training.plans() if card.status == PlanStatus.AGREED.value]
        return self._training.plan(agreed[0].plan_id) if agreed else None

    def _plan_of(self, figures: UnitFigures, plan: PlanView, *, is_named: bool) -> PlanFound:
        gone = (LineStatus.WITHDRAWN.value, LineStatus.DID_NOT_ATTEND.value)
        every = [line for line in plan.lines if line.status not in gone]
        top = figures.unit.path
        lines = [line for line in every if line.unit == top or line.unit.startswith(f"{top}{PATH_MARK}")]
        where = {line.person_id: line.unit for line in every}
        is_hidden = not is_named and figures.hides_list((unit, 1) for unit in where.values())
        return PlanFound(
            title=plan.title,
            people=len({line.person_id for line in lines}),
            steps=sum(line.steps_closed for line in lines),
            pairs=self._pairs_met_by(figures, {
                (line.person_id, line.skill): line.level_after for line in lines if line.level_after is not None
            }),
            hours=sum((line.hours for line in lines), Decimal(0)),
            cost_gbp=sum((line.cost_gbp for line in lines), Decimal(0)),
            is_hidden=is_hidden,
        )  # fmt: skip

    def _pairs_met_by(self, figures: UnitFigures, after: dict[tuple[int, str], int]) -> int:
        """How many pairs that are short today would be met at these levels."""
        base = self._gaps.base(figures.scope.as_at)
        ids = base.population.person_id
        wanted = np.isin(ids, np.array(sorted({key for key, _ in after}), dtype=np.int64))
        pairs = gap_pairs(base.blocks, base.population.mask(figures.scope) & wanted)
        short = np.flatnonzero(pairs.is_assessed & (pairs.gap > 0))
        return sum(
            after.get((int(ids[pairs.person[at]]), base.skill_names[int(pairs.skill[at])]), -1)
            >= int(pairs.required[at])
            for at in short.tolist()
        )

    def _ratings(self, figures: UnitFigures) -> RatingsFound:
        """Age and kind of the ratings that count for pairs of the unit's people."""
        base = self._gaps.base(figures.scope.as_at)
        population = base.population
        pairs = gap_pairs(base.blocks, population.mask(figures.scope))
        rated = pairs.is_assessed
        people = population.person_id[pairs.person[rated]]
        wanted = set((people * 1_000_000 + base.skill_ids[pairs.skill[rated]]).tolist())
        limit = months_before(base.day, 12)
        days: dict[object, date | None] = {}
        ratings = old = by_self = 0
        newest: date | None = None
        with self._db.read() as session:
            for person, skill, on, by in ratings_as_at(
                session, base.day, np.unique(people).tolist(), is_current=base.is_packed
            ):
                if person * 1_000_000 + skill not in wanted:
                    continue
                day = days[on] if on in days else days.setdefault(on, as_date(on))
                ratings += 1
                old += day is not None and day <= limit
                by_self += by == AssessedBy.SELF.value
                newest = max(newest or date.min, day) if day is not None else newest
            loaded = session.scalar(
                select(col(ImportBatch.as_at))
                .where(col(ImportBatch.kind) == "people", col(ImportBatch.is_reverted).is_(False))
                .where(col(ImportBatch.as_at) <= base.day)
                .order_by(col(ImportBatch.as_at).desc())
                .limit(1)
            )
        return RatingsFound(ratings, old, by_self, newest, loaded)


class _Changes:
    """What changed since a day, over all departments at once, and read once."""

    def __init__(self, trends: Trends, scope: Scope, since: date | None, until: date) -> None:
        self._trends, self._scope, self._until = trends, scope, until
        self.since = since or months_before(until, 12)
        self._kept: dict[str, ChangeFound] | None = None

    def of(self, figures: UnitFigures, *, is_named: bool) -> ChangeFound:
        """The change of one unit. Of a unit below a department only where it is named: see briefing_words."""
        if is_named:
            view = self._trends.between(figures.scope, self.since, self._until)
            return ChangeFound(self.since, view.total)
        if figures.unit.parent_id is not None:
            return ChangeFound(self.since, None, note=UNIT_CHANGES)
        if self._kept is None:
            view = self._trends.between(self._scope, self.since, self._until)
            masks = hidden_trend(view).lines if view.lines else ()
            self._kept = {
                line.group: ChangeFound(self.since, line, tuple(mask.tolist()))
                for line, mask in zip(view.lines, masks, strict=True)
            }
        nothing = ChangeFound(self.since, None, note=NO_FIGURES)
        return self._kept.get(figures.unit.name, nothing)


def _save(path: Path, content: bytes) -> Path:
    def write(part: Path) -> None:
        part.write_bytes(content)

    atomic_write(path, write)
    return path
