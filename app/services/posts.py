"""Posts: load published organograms, and look at a department through them before any HR extract is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.analysis.role_match import Suggestion, TitleQuery
from app.change import Outcome
from app.db.database import Database
from app.errors import InputProblems, Problem, UsageError
from app.files.options import ReadOptions
from app.files.organogram import Fallback, PostsFile, read_organogram
from app.files.words import grade_of
from app.progress import Progress, silent
from app.services.establishment import (
    Dimension,
    Establishment,
    PeriodLine,
    PostLine,
    establishment_of,
    load_periods,
    load_posts,
    newest_of_departments,
)
from app.services.people import refuse_if_moved
from app.services.people_import import batch_of, write_units
from app.services.population import PopulationCache, load_units
from app.services.posts_import import (
    FACTS,
    PostsComparison,
    UnitPaths,
    compare_posts,
    facts_of,
    load_known_posts,
    write_posts,
)
from app.services.reporting_tree import ReportingTree, reporting_tree
from app.services.roles import RoleMapping
from app.services.scope import Scope, unit_path
from app.terms import PostStatus

_TOUCHED = frozenset({"post", "unit"})
_ESTABLISHED = (PostStatus.FILLED, PostStatus.VACANT)


@dataclass(frozen=True, slots=True)
class PostChange:
    """One value of one post that the file changes."""

    post_number: str
    title: str
    unit: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PostName:
    """A post as a list of new or gone ones shows it."""

    as_at: date
    kind: str
    post_number: str
    title: str
    grade: str
    unit: str
    status: str
    fte_hundredths: int | None

    @property
    def fte(self) -> float | None:
        """FTE, None where none was published."""
        return None if self.fte_hundredths is None else self.fte_hundredths / 100


@dataclass(frozen=True, slots=True)
class PostsPreview:
    """What loading one or two posts files would do; nothing has been written.

    ``count`` rows are in the files, ``left_out`` of them are listed as problems; ``new``, ``changed`` and
    ``unchanged`` are the others. ``gone`` posts stand in the workspace and not in the file, in units the file
    names; ``kept_elsewhere`` counts those of the same body and day in units it does not name.
    """

    file_name: str
    file_hash: str
    revision: int
    as_at: date
    columns: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    count: int
    left_out: int
    new: tuple[PostName, ...]
    changes: tuple[PostChange, ...]
    changed: int
    unchanged: int
    gone: tuple[PostName, ...]
    kept_elsewhere: int
    new_units: tuple[str, ...]
    periods: tuple[PeriodLine, ...]
    problems: tuple[Problem, ...]
    files: tuple[PostsFile, ...]
    comparison: PostsComparison

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep rows out; notes are left aside."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the workspace already holds all the files say."""
        return self.comparison.is_nothing_to_change


@dataclass(frozen=True, slots=True)
class PostsSummary:
    """What an import of posts did."""

    new: int
    changed: int
    unchanged: int
    gone: int
    new_units: int
    skipped_rows: int


@dataclass(frozen=True, slots=True)
class TitlePosts:
    """Posts that share a title, with the best roles for it. ``grades`` and ``units`` are counted."""

    title_key: str
    title: str
    spellings: tuple[str, ...]
    posts: int
    vacant: int
    fte_hundredths: int | None
    grades: tuple[tuple[str, int], ...]
    professions: tuple[tuple[str, int], ...]
    units: tuple[tuple[str, int], ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def fte(self) -> float | None:
        """FTE of all of them, None where none was published."""
        return None if self.fte_hundredths is None else self.fte_hundredths / 100


@dataclass(frozen=True, slots=True)
class PostTitles:
    """Titles of posts filled or vacant, those of most FTE first; and how many posts say nothing about work."""

    lines: tuple[TitlePosts, ...]
    posts: int
    without_title: int
    not_established: int
    revision: int


class Posts:
    """The posts of published organograms."""

    def __init__(
        self, db: Database, roles: RoleMapping, population: PopulationCache, today: Callable[[], date]
    ) -> None:
        self._db = db
        self._roles = roles
        self._population = population
        self._today = today
        self._kept: tuple[tuple[int, date], list[PostLine]] | None = None

    def preview_import(
        self,
        path: Path,
        options: ReadOptions,
        progress: Progress,
        as_at: date | None = None,
        *,
        junior: Path | None = None,
        organisation: str = "",
    ) -> PostsPreview:
        """Read one posts file, or a senior and a junior one, and say what loading would change.

        ``as_at`` and ``organisation`` hold where a file says neither itself. Raises InputProblems where a file
        is refused as a whole, UsageError.
        """
        paths = [path] if junior is None else [path, junior]
        fallback = Fallback(self._today(), as_at, organisation)
        share = 0.7 / len(paths)
        files = [
            read_organogram(one, options, fallback, progress.part(share * place, share * (place + 1)))
            for place, one in enumerate(paths)
        ]
        if len({file.file_hash for file in files}) < len(files):
            raise UsageError("Both files hold the same.", "Name the senior file and the junior file.")
        progress.step(0.7, "Comparing with the workspace")
        with self._db.read() as session:
            revision = self._db.revision()
            known = load_known_posts(session, files)
            units = UnitPaths(unit.path for unit in load_units(session).values())
        incoming = list(facts_of(files, units))
        has_errors = any(problem.severity == "error" for file in files for problem in file.problems)
        difference = compare_posts(incoming, known, may_remove=not has_errors)
        difference.new_units = units.new
        progress.step(1.0, "Compared")
        days = [facts.group[1] for facts in incoming]
        return _preview(files, difference, revision, max(days, default=as_at or self._today()))

    def commit_import(
        self, preview: PostsPreview, progress: Progress, *, skip_bad_rows: bool = False
    ) -> Outcome[PostsSummary] | None:
        """Load the previewed files in one transaction; None where there was nothing to change.

        Raises InputProblems where rows are bad and not to be skipped, ConflictError where posts or units
        changed since the preview.
        """
        if preview.errors and not skip_bad_rows:
            raise InputProblems(list(preview.problems))
        difference = preview.comparison
        if difference.is_nothing_to_change:
            return None
        counts: dict[str, Any] = {
            "new": len(difference.new), "changed": len(difference.changed), "gone": len(difference.gone)
        }  # fmt: skip
        with self._db.write("Import organogram", back_up_first=True) as w:
            refuse_if_moved(w.session, preview.revision, _TOUCHED)
            unit_ids = write_units(w, difference.new_units)
            batches = [
                batch_of(w, "organogram", file.name, file.file_hash, preview.as_at, {"posts": len(file.rows)})
                for file in preview.files
            ]
            progress.step(0.1, "Writing posts")
            write_posts(w, difference, unit_ids, batches, progress.part(0.1, 0.9))
            w.describe(file=preview.file_name, sha256=preview.file_hash, **counts)
            progress.step(0.95, "Saving")
        progress.step(1.0, "Loaded")
        return w.outcome(
            PostsSummary(
                new=counts["new"],
                changed=counts["changed"],
                unchanged=difference.unchanged,
                gone=counts["gone"],
                new_units=len(difference.new_units),
                skipped_rows=preview.left_out,
            )
        )

    def periods(self) -> tuple[PeriodLine, ...]:
        """Which organisations are there, as at which days, with how many posts."""
        with self._db.read() as session:
            return load_periods(session)

    def establishment(
        self,
        scope: Scope,
        by: Sequence[Dimension] = (Dimension.UNIT,),
        *,
        only_vacant: bool = False,
        is_newest_only: bool = False,
    ) -> Establishment:
        """Posts, FTE and vacancies by unit, grade, profession or several of them.

        Each organisation is shown as at its newest day that is not after the scope's. One that ended years ago
        keeps standing there; ``is_newest_only`` leaves out what is older than the rest of its department.
        """
        revision, posts = self._posts(scope, is_newest_only=is_newest_only)
        if only_vacant:
            posts = [post for post in posts if post.status is PostStatus.VACANT]
        return establishment_of(posts, by, revision)

    def tree(self, scope: Scope, *, is_newest_only: bool = False) -> ReportingTree:
        """Who reports to whom: senior posts with the junior groups under them, from the top down."""
        revision, posts = self._posts(scope, is_newest_only=is_newest_only)
        return reporting_tree(posts, revision)

    def titles(
        self,
        scope: Scope | None = None,
        top: int = 3,
        progress: Progress | None = None,
        *,
        is_newest_only: bool = False,
    ) -> PostTitles:
        """The titles of posts filled or vacant, with roles suggested as for people."""
        revision, posts = self._posts(scope or Scope(), is_newest_only=is_newest_only)
        established = [post for post in posts if post.status in _ESTABLISHED]
        by_key: dict[str, list[PostLine]] = {}
        for post in established:
            if post.title_key:
                by_key.setdefault(post.title_key, []).append(post)
        queries = [_query(members) for members in by_key.values()]
        found = self._roles.suggest(queries, top, progress or silent())
        lines = [
            _title_posts(key, members, query.title, suggestions)
            for (key, members), query, suggestions in zip(by_key.items(), queries, found, strict=True)
        ]
        lines.sort(key=lambda line: (-(line.fte_hundredths or 0), -line.posts, line.title_key))
        return PostTitles(
            lines=tuple(lines),
            posts=len(posts),
            without_title=sum(not post.title_key for post in established),
            not_established=len(posts) - len(established),
            revision=revision,
        )

    def _posts(self, scope: Scope, *, is_newest_only: bool) -> tuple[int, list[PostLine]]:
        """The posts in the scope's units, as at its day."""
        day = scope.as_at or self._today()
        revision, population = self._population.get(day)
        inside = population.units_below(scope.departments) if scope.departments else None
        kept = self._kept
        if kept is None or kept[0] != (revision, day):
            with self._db.read() as session:
                kept = self._kept = (revision, day), load_posts(session, day, population.units)
        posts = kept[1]
        if is_newest_only:
            posts = newest_of_departments(posts)
        return revision, [post for post in posts if inside is None or post.unit_id in inside]


def _preview(
    files: Sequence[PostsFile], difference: PostsComparison, revision: int, as_at: date
) -> PostsPreview:
    return PostsPreview(
        file_name=" and ".join(file.name for file in files),
        file_hash=" ".join(file.file_hash for file in files),
        revision=revision,
        as_at=as_at,
        columns=tuple(dict.fromkeys(pair for file in files for pair in file.columns.items())),
        unclear=tuple(dict.fromkeys(why for file in files for why in file.unclear)),
        dropped=tuple(dict.fromkeys(heading for file in files for heading in file.dropped)),
        count=sum(file.count for file in files),
        left_out=sum(file.left_out for file in files),
        new=tuple(_post_name(facts) for facts in difference.new),
        changes=tuple(change for before, after in difference.changed for change in _changes(before.facts, after)),
        changed=len(difference.changed),
        unchanged=difference.unchanged,
        gone=tuple(_post_name(post.facts) for post in difference.gone),
        kept_elsewhere=difference.kept_elsewhere,
        new_units=tuple(unit_path(names) for names in difference.new_units),
        periods=_periods_of(files),
        problems=tuple(problem for file in files for problem in file.problems),
        files=tuple(files),
        comparison=difference,
    )  # fmt: skip


def _periods_of(files: Sequence[PostsFile]) -> tuple[PeriodLine, ...]:
    """What the files speak of: organisation, day and kind, with their posts."""
    found: dict[tuple[str, date, str], list[int | None]] = {}
    for file in files:
        for row in file.rows:
            organisation = unit_path(row.unit_names[: row.organisation_depth])
            found.setdefault((organisation, row.as_at, row.kind.value), []).append(row.fte_hundredths)
    return tuple(
        PeriodLine(*key, posts=len(ftes), fte_hundredths=_sum(ftes)) for key, ftes in sorted(found.items())
    )


def _sum(ftes: Sequence[int | None]) -> int | None:
    """The sum of what was published; None where nothing was."""
    published = [fte for fte in ftes if fte is not None]
    return sum(published) if published else None


def _post_name(facts: Any) -> PostName:
    values = dict(zip(FACTS, facts.values, strict=True))
    return PostName(
        as_at=facts.group[1],
        kind=facts.group[2],
        unit=facts.unit,
        **{name: values[name] for name in ("post_number", "title", "grade", "status", "fte_hundredths")},
    )


def _changes(before: Any, after: Any) -> list[PostChange]:
    names = ("unit", *FACTS)
    old, new = (before.unit, *before.values), (after.unit, *after.values)
    number, title = new[names.index("post_number")], new[names.index("title")]
    return [
        PostChange(number, title, after.unit, name, _shown(name, was), _shown(name, is_now))
        for name, was, is_now in zip(names, old, new, strict=True)
        if was != is_now
    ]


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    return f"{value / 100:.2f}" if name == "fte_hundredths" else str(value)


def _counted(values: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Each value with its count, commonest first; of equals in order of the alphabet, so that runs repeat."""
    return tuple(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _query(members: Sequence[PostLine]) -> TitleQuery:
    """One title as the matcher is asked: the commonest spelling, grade, unit and profession of its posts."""
    title, grade, unit, profession = (
        _counted(values)[0][0]
        for values in (
            [post.title for post in members],
            [post.grade for post in members],
            [post.unit for post in members],
            [post.profession for post in members],
        )
    )
    return TitleQuery(title, grade_of(grade), unit, profession)


def _title_posts(
    key: str, members: Sequence[PostLine], title: str, suggestions: tuple[Suggestion, ...]
) -> TitlePosts:
    return TitlePosts(
        title_key=key,
        title=title,
        spellings=tuple(sorted({post.title for post in members})),
        posts=len(members),
        vacant=sum(post.status is PostStatus.VACANT for post in members),
        fte_hundredths=_sum([post.fte_hundredths for post in members]),
        grades=_counted([post.grade or "no grade" for post in members]),
        professions=_counted([post.profession or "no profession" for post in members]),
        units=_counted([post.unit for post in members]),
        suggestions=suggestions,
    )
