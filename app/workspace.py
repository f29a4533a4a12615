"""The one door into the core: opens the data, hands out the services, closes. No domain methods of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType

from app.db.backup import newest_good, restore, thin
from app.db.database import Database
from app.db.lock import InstanceLock
from app.db.store_file import prepare, prepare_server
from app.errors import AppError, StoreError, UsageError
from app.services.admin import Admin
from app.services.assessments import Assessments
from app.services.capability import Capabilities
from app.services.comparison import Comparison
from app.services.coverage import Coverage
from app.services.delivery import Delivery
from app.services.frameworks import Frameworks
from app.services.gaps import Gaps
from app.services.maturity import Maturity
from app.services.mentors import Mentors
from app.services.overview import OverviewBoard
from app.services.people import People
from app.services.population import PopulationCache
from app.services.posts import Posts
from app.services.profession import Profession
from app.services.prospects import ProspectsOf
from app.services.quality import Quality
from app.services.reports import Reports
from app.services.reports.briefings import Briefings
from app.services.reports.workforce_reports import WorkforceReports
from app.services.resilience import Resilience
from app.services.roles import RoleMapping
from app.services.skills import Skills
from app.services.starter import Starter
from app.services.strategy import Strategy
from app.services.strategy.editing import StrategyDesk
from app.services.strong_levels import StrongLevelsCache
from app.services.training import Training
from app.services.trends import Trends
from app.services.workforce import Workforce
from app.services.workforce.establishment import EstablishedPosts
from app.services.workforce.exits import ContractExits
from app.services.workforce.hand_over import HandOver
from app.services.workforce.mobility import Mobility
from app.settings import account_name, local_date, now

Clock = Callable[[], datetime]
BACKUP_EVERY = timedelta(minutes=30)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """Which backup was put back, and where the earlier file is kept (None where there was none)."""

    backup: Path
    kept: Path | None


class Workspace:
    """An open workspace. Use it as a context manager, or call :meth:`close`.

    ``notice`` is a sentence for the banner (opened for reading only, network folder), empty when all is well.
    """

    def __init__(self, db: Database, lock: InstanceLock | None, notice: str, clock: Clock) -> None:
        self._db = db
        self._lock = lock
        self._clock = clock
        self._opened_at = db.revision() if lock is not None else 0
        self.notice = notice

    @classmethod
    def open(
        cls,
        target: str | Path,
        *,
        user: str = "",
        clock: Clock = now,
        create: bool = False,
        read_only: bool = False,
        wait_seconds: float = 0,
    ) -> Workspace:
        """Open a ``.muster`` file or a ``postgresql+psycopg://`` address; with ``create``, make it.

        Raises StoreError and its family: in use elsewhere, damaged, newer, not there.
        """
        who = user or account_name()
        if isinstance(target, str) and "://" in target:
            return cls._open_server(target, who, clock, create=create, read_only=read_only)
        path = Path(target).expanduser()
        if not path.suffix and create:
            raise UsageError(f"“{path}” has no ending.", "Name the workspace with the ending .muster.")
        lock = None if read_only else InstanceLock.acquire(path, who, wait_seconds)
        try:
            prepared = prepare(path, create=create, read_only=read_only, now=clock())
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        if prepared.read_only and lock is not None:
            lock.release()  # who can only read must not keep others from writing
            lock = None
        db = Database.connect(path.absolute(), who, clock, read_only=prepared.read_only)
        return cls(db, lock, prepared.notice, clock)

    @classmethod
    def _open_server(cls, url: str, who: str, clock: Clock, *, create: bool, read_only: bool) -> Workspace:
        db = Database.connect(url, who, clock, read_only=read_only)
        prepared = prepare_server(db.engine, create=create, now=clock())
        db.is_read_only = read_only or prepared.read_only
        return cls(db, None, prepared.notice, clock)

    @classmethod
    def restore(
        cls, target: str | Path, backup: Path | None, *, user: str = "", clock: Clock = now
    ) -> Restored:
        """Put a backup (the newest good one when None) in the place of a workspace file; nobody may have it open."""
        path = Path(target).expanduser()
        with InstanceLock.acquire(path, user or account_name(), 0):
            if backup is None:
                newest = newest_good(path)
                if newest is None:
                    raise StoreError(f"There is no good backup of {path.name}.", "Name a backup file.")
                backup = newest.path
            kept = restore(path, backup, clock())
        return Restored(backup, kept)

    @property
    def path(self) -> Path | None:
        """The workspace file; None on a server."""
        return self._db.path

    @property
    def name(self) -> str:
        """What the workspace is called in the window and in workbooks."""
        return self._db.path.name if self._db.path else str(self._db.engine.url.database)

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be changed here."""
        return self._db.is_read_only

    @property
    def user(self) -> str:
        """The name under which changes go into the history."""
        return self._db.user

    def revision(self) -> int:
        """The number of the last write; caches and pages are keyed by it."""
        return self._db.revision()

    def today(self) -> date:
        """The day that "today" means here; the fixed clock's where one is set."""
        return local_date(self._clock())

    def moment(self) -> datetime:
        """Now, in UTC."""
        return self._clock()

    @cached_property
    def _population(self) -> PopulationCache:
        return PopulationCache(self._db)

    @cached_property
    def frameworks(self) -> Frameworks:
        """Frameworks and their versions."""
        return Frameworks(self._db)

    @cached_property
    def people(self) -> People:
        """People, units, roles."""
        return People(self._db, self._population, self.today)

    @cached_property
    def roles(self) -> RoleMapping:
        """Role mapping."""
        return RoleMapping(self._db, self._population, self.today)

    @cached_property
    def posts(self) -> Posts:
        """Posts of published organograms."""
        return Posts(self._db, self.roles, self._population, self.today)

    @cached_property
    def quality(self) -> Quality:
        """Checks on the data."""
        return Quality(self._db, self._population, self.today)

    @cached_property
    def strategy(self) -> Strategy:
        """Areas, priorities, programmes, contracts."""
        return Strategy(self._db, self._population, self.today)

    @cached_property
    def strategy_desk(self) -> StrategyDesk:
        """Changes to the strategy by hand."""
        return StrategyDesk(self._db)

    @cached_property
    def maturity(self) -> Maturity:
        """How far departments are in each area."""
        return Maturity(self._db, self._population, self.today)

    @cached_property
    def capability(self) -> Capabilities:
        """Analyst teams, chief data officers, the leadership checklist."""
        return Capabilities(self._db, self.gaps, self.posts, self.today)

    @cached_property
    def assessments(self) -> Assessments:
        """Ratings and their history."""
        return Assessments(self._db, self._population, self.today)

    @cached_property
    def gaps(self) -> Gaps:
        """Skill gaps."""
        return Gaps(self._db, self._population, self.today)

    @cached_property
    def coverage(self) -> Coverage:
        """What has been assessed, and what has not."""
        return Coverage(self.gaps, self.assessments)

    @cached_property
    def skills(self) -> Skills:
        """Skills: weight, tag, and where the organisation stands in each."""
        return Skills(self._db, self.gaps)

    @cached_property
    def trends(self) -> Trends:
        """What changed between two days, and why."""
        return Trends(self._db, self.gaps, self.today)

    @cached_property
    def comparison(self) -> Comparison:
        """Departments against one another."""
        return Comparison(self.gaps)

    @cached_property
    def _strong_levels(self) -> StrongLevelsCache:
        return StrongLevelsCache(self._db)

    @cached_property
    def resilience(self) -> Resilience:
        """Skills that rest on one or two people."""
        return Resilience(self.gaps, self._strong_levels)

    @cached_property
    def mentors(self) -> Mentors:
        """Who could help whom."""
        return Mentors(self.gaps, self._strong_levels)

    @cached_property
    def workforce(self) -> Workforce:
        """Supply against demand by quarter."""
        return Workforce(self._db, self._population, self.strategy, self.today)

    @cached_property
    def mobility(self) -> Mobility:
        """Who could move where."""
        return Mobility(self._db, self._population, self.today)

    @cached_property
    def hand_over(self) -> HandOver:
        """From the mix that closes shortfalls to the training plan."""
        return HandOver(self._population, self.roles, self.today)

    @cached_property
    def exits(self) -> ContractExits:
        """Internal cover of contracts that end."""
        return ContractExits(self._db, self._population, self.strategy, self.workforce, self.today)

    @cached_property
    def establishment(self) -> EstablishedPosts:
        """Posts that units have, and what of them is vacant."""
        return EstablishedPosts(self._db, self._population, self.today)

    @cached_property
    def training(self) -> Training:
        """Catalogue and training plans."""
        return Training(self._db, self.gaps, self.today)

    @cached_property
    def delivery(self) -> Delivery:
        """How far people and plans serve the priorities."""
        return Delivery(self._db, self.gaps, self.today)

    @cached_property
    def overview(self) -> OverviewBoard:
        """Where we stand, and what to do next."""
        return OverviewBoard(self._db, self.gaps, self.training)

    @cached_property
    def starter(self) -> Starter:
        """First contents of a new workspace."""
        return Starter(
            self.frameworks, self.people, self.roles, self.assessments, self.training, self.strategy
        )

    @cached_property
    def reports(self) -> Reports:
        """Workbooks and pictures."""
        return Reports(self._db, self.gaps, self.training, self.name, self.today)

    @cached_property
    def workforce_reports(self) -> WorkforceReports:
        """The workforce workbook and the periodic return."""
        return WorkforceReports(
            self._db,
            self.workforce,
            self.establishment,
            self.strategy,
            self._population,
            self.reports,
            self.today,
        )

    @cached_property
    def profession(self) -> Profession:
        """One role family over all departments."""
        return Profession(self._db, self.gaps)

    @cached_property
    def prospects(self) -> ProspectsOf:
        """One person's skills, and what could be done about them."""
        return ProspectsOf(self._db, self.gaps, self.assessments, self.mentors, self.today)

    @cached_property
    def briefings(self) -> Briefings:
        """One page of PDF per department."""
        return Briefings(self._db, self.gaps, self.training, self.reports, self.name, self.today)

    @cached_property
    def admin(self) -> Admin:
        """History, revert, backup, check."""
        return Admin(self._db)

    def close(self) -> None:
        """Close the data and give up the lock; safe to call twice.

        What changed since it was opened is backed up, at most every half hour, and old backups are thinned.
        """
        if self._lock is not None and self.path is not None:
            self._back_up_on_close(self.path)
        self._db.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _back_up_on_close(self, path: Path) -> None:
        try:
            if self._db.revision() != self._opened_at:
                self._db.back_up_if_changed("on closing", older_than=BACKUP_EVERY)
                thin(path, self._clock())
        except AppError as error:
            # closing must not fail over a backup; the file itself is whole
            log.warning("no backup on closing: %s", type(error).__name__)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
