"""The establishment: posts by unit, role level and grade from a file, against the people there.

A file speaks for the units in it: all of their lines. Units it does not name stay as they are. A post without a grade
is one of any grade; for the forecast such posts go to the grades people have (:func:`spread_posts`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.change import Outcome
from app.db.database import Database, WriteScope
from app.errors import InputProblems, Problem
from app.files.establishment import EstablishmentFile, EstablishmentInput, read_establishment
from app.files.options import ReadOptions
from app.files.words import grade_of
from app.models import EstablishedPost
from app.progress import Progress
from app.services.people import refuse_if_moved
from app.services.people_import import batch_of
from app.services.population import Population, PopulationCache
from app.services.scope import Scope
from app.services.strategy.names import known_names, unit_ids
from app.terms import name_key

_TABLES = frozenset({"established_post", "unit", "role_level"})

_POSTS = """
SELECT p.id, u.path, r.name, l.name, p.grade, p.posts, p.unit_id, p.role_level_id
FROM established_post AS p JOIN unit AS u ON u.id = p.unit_id
JOIN role_level AS l ON l.id = p.role_level_id JOIN role AS r ON r.id = l.role_id
ORDER BY u.path, r.name, l.seniority, p.grade
"""
_LEVEL_IDS = """
SELECT r.name, l.name, l.id FROM role_level AS l
JOIN role AS r ON r.id = l.role_id JOIN role_family AS f ON f.id = r.role_family_id
JOIN framework_version AS v ON v.id = f.framework_version_id
ORDER BY v.is_current DESC, v.id DESC
"""

PostKey = tuple[str, str, str, str]
"""Unit path, key of the role, key of the role level, key of the grade."""


class PostView(NamedTuple):
    """One line of the establishment as stored."""

    post_id: int
    unit: str
    role: str
    role_level: str
    grade: str
    posts: int
    unit_id: int
    role_level_id: int

    @property
    def key(self) -> PostKey:
        """What it is known again by."""
        return self.unit, name_key(self.role), name_key(self.role_level), name_key(self.grade)


@dataclass(frozen=True, slots=True)
class EstablishmentChange:
    """A line that the file changes or takes away (``after`` None)."""

    unit: str
    role_level: str
    grade: str
    before: int
    after: int | None


@dataclass(frozen=True, slots=True)
class EstablishmentPreview:
    """What loading an establishment would do; nothing has been written."""

    file_name: str
    file_hash: str
    revision: int
    columns: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    count: int
    new: tuple[EstablishmentInput, ...]
    changes: tuple[EstablishmentChange, ...]
    gone: tuple[EstablishmentChange, ...]
    unchanged: int
    problems: tuple[Problem, ...]
    changed: tuple[tuple[PostView, int], ...]
    gone_ids: tuple[int, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep rows out."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def posts(self) -> int:
        """Posts of the lines that are new or changed."""
        return sum(line.posts for line in self.new) + sum(posts for _, posts in self.changed)

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the workspace already holds all the file says."""
        return not (self.new or self.changes or self.gone)


@dataclass(frozen=True, slots=True)
class EstablishmentSummary:
    """What loading an establishment did, in lines."""

    new: int
    changed: int
    gone: int
    unchanged: int
    skipped_rows: int


@dataclass(frozen=True, slots=True)
class VacancyLine:
    """Posts and people of one unit, role level and grade ("" is any); vacancies below 0 are people over."""

    unit: str
    role_family: str
    role: str
    role_level: str
    grade: str
    posts: int
    heads: int

    @property
    def vacancies(self) -> int:
        """Posts less heads."""
        return self.posts - self.heads


class EstablishedPosts:
    """Posts that units have, loaded from a file, and what of them is vacant."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db, self._population, self._today = db, population, today

    def preview_import(self, path: Path, options: ReadOptions, progress: Progress) -> EstablishmentPreview:
        """Read an establishment and say what loading it would change; raises InputProblems, UsageError."""
        with self._db.read() as session:
            known = known_names(session)
        found = read_establishment(path, options, progress, known)
        has_errors = any(problem.severity == "error" for problem in found.problems)
        with self._db.read() as session:
            there = load_posts(session)
            return _preview(found, path.name, there, self._db.revision(), may_remove=not has_errors)

    def commit_import(
        self, preview: EstablishmentPreview, *, skip_bad_rows: bool = False
    ) -> Outcome[EstablishmentSummary] | None:
        """Load the previewed posts in one transaction; None where there was nothing to change.

        Raises InputProblems where rows are bad and not to be skipped, ConflictError where posts changed since.
        """
        if preview.errors and not skip_bad_rows:
            raise InputProblems(list(preview.problems))
        if preview.is_nothing_to_change:
            return None
        counts = {"new": len(preview.new), "changed": len(preview.changes), "gone": len(preview.gone)}
        with self._db.write("Load establishment", back_up_first=True) as w:
            refuse_if_moved(w.session, preview.revision, _TABLES)
            _write(w, preview)
            batch_of(w, "establishment", preview.file_name, preview.file_hash, self._today(), dict(counts))
            w.describe(file=preview.file_name, sha256=preview.file_hash, **counts)
        skipped = len({problem.row for problem in preview.errors})
        return w.outcome(EstablishmentSummary(**counts, unchanged=preview.unchanged, skipped_rows=skipped))

    def lines(self, scope: Scope | None = None) -> tuple[VacancyLine, ...]:
        """Posts, heads and vacancies of the scope's units that have an establishment, by unit, role level and grade.

        People count as everywhere else: present on the scope's day, with a counting role. Those of a grade without a
        post of its own are counted at the posts of any grade, where there are some. Raises UsageError for a department
        that is not there.
        """
        scope = scope or Scope()
        _, population = self._population.get(scope.as_at or self._today())
        with self._db.read() as session:
            posts = load_posts(session)
        return _vacancies(population, scope, posts)


def load_posts(session: Session) -> list[PostView]:
    """Every line of the establishment."""
    return [PostView(*row) for row in session.execute(text(_POSTS))]


def _preview(
    found: EstablishmentFile, file_name: str, there: Sequence[PostView], revision: int, *, may_remove: bool
) -> EstablishmentPreview:
    known = {line.key: line for line in there}
    wanted = {_key(line): line for line in found.lines}
    changed = tuple(
        (known[key], line.posts)
        for key, line in wanted.items()
        if key in known and known[key].posts != line.posts
    )
    units = {line.unit for line in found.lines}
    gone = [line for key, line in known.items() if may_remove and line.unit in units and key not in wanted]
    return EstablishmentPreview(
        file_name=file_name,
        file_hash=found.file_hash,
        revision=revision,
        columns=tuple(found.columns.items()),
        unclear=found.unclear,
        dropped=found.dropped,
        count=found.count,
        new=tuple(line for key, line in wanted.items() if key not in known),
        changes=tuple(
            EstablishmentChange(line.unit, line.role_level, line.grade, line.posts, posts)
            for line, posts in changed
        ),
        gone=tuple(
            EstablishmentChange(line.unit, line.role_level, line.grade, line.posts, None) for line in gone
        ),
        unchanged=sum(key in known and known[key].posts == line.posts for key, line in wanted.items()),
        problems=found.problems,
        changed=changed,
        gone_ids=tuple(line.post_id for line in gone),
    )


def _key(line: EstablishmentInput) -> PostKey:
    return line.unit, name_key(line.role), name_key(line.role_level), name_key(line.grade)


def _write(w: WriteScope, preview: EstablishmentPreview) -> None:
    units, levels = unit_ids(w.session), dict[tuple[str, str], int]()
    for role, level, level_id in w.session.execute(text(_LEVEL_IDS)):
        levels.setdefault((name_key(role), name_key(level)), level_id)
    for post_id in preview.gone_ids:
        w.session.delete(w.fetch(EstablishedPost, post_id))
    for line, posts in preview.changed:
        w.fetch(EstablishedPost, line.post_id).posts = posts
    w.session.flush()
    for line in preview.new:
        level_id = levels[name_key(line.role), name_key(line.role_level)]
        w.session.add(
            EstablishedPost(
                unit_id=units[line.unit], role_level_id=level_id, grade=line.grade, posts=line.posts
            )
        )
    w.session.flush()


def spread_posts(posts: Mapping[str, int], heads: Mapping[str, int]) -> dict[str, int]:
    """Posts of one unit and role level by grade, those of any grade ("") given to grades.

    First to people of grades that have no or too few posts of their own (the largest lack first), then, where posts are
    left, to the grade most people have; nobody there: they stay without a grade.
    """
    found = {grade: count for grade, count in posts.items() if grade}
    free = posts.get("", 0)
    if not free:
        return found
    lacks = sorted(heads, key=lambda grade: (found.get(grade, 0) - heads[grade], grade))
    for grade in lacks:
        taken = min(free, max(heads[grade] - found.get(grade, 0), 0))
        if taken:
            found[grade] = found.get(grade, 0) + taken
            free -= taken
    if free:
        most = max(heads, key=lambda grade: (heads[grade], grade), default="")
        found[most] = found.get(most, 0) + free
    return found


def posts_by_cell(
    population: Population, posts: Iterable[PostView], heads: Mapping[tuple[int, int, str], int]
) -> dict[tuple[int, int, str], int]:
    """Posts by (unit id, role level id, grade) as the cells of a forecast have them.

    A post of a role level in one version of the framework is one for whoever holds it in another.
    """
    own: dict[tuple[str, str], int] = {}
    for _, level_id, _ in heads:
        level = population.levels[level_id]
        own.setdefault((name_key(level.role), name_key(level.name)), level_id)
    wanted: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for post in posts:
        level_id = own.get((name_key(post.role), name_key(post.role_level)), post.role_level_id)
        grades = wanted[post.unit_id, level_id]
        grades[post.grade] = grades.get(post.grade, 0) + post.posts
    there: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for (unit, level_id, grade), count in heads.items():
        there[unit, level_id][grade] = count
    return {
        (*place, grade): count
        for place, grades in wanted.items()
        for grade, count in spread_posts(grades, there.get(place, {})).items()
    }


def _vacancies(population: Population, scope: Scope, posts: Sequence[PostView]) -> tuple[VacancyLine, ...]:
    inside = population.units_below(scope.departments) if scope.departments else set(population.units)
    posts = [post for post in posts if post.unit_id in inside]
    units = {post.unit for post in posts}
    heads: Counter[PostKey] = Counter()
    names: dict[PostKey, tuple[str, str, str]] = {}
    mask = population.mask(scope) & (population.role_level_id > 0)
    for row in np.flatnonzero(mask).tolist():
        unit = population.units[int(population.unit_id[row])].path
        if unit in units:
            level = population.levels[int(population.role_level_id[row])]
            grade = grade_of(population.grade[row])
            key = (unit, name_key(level.role), name_key(level.name), name_key(grade))
            heads[key] += 1
            names.setdefault(key, (level.role, level.name, grade))
    wanted: dict[PostKey, int] = {}
    for post in posts:
        wanted[post.key] = post.posts
        names[post.key] = (post.role, post.role_level, post.grade)
    for key in [key for key in heads if key not in wanted and (*key[:3], "") in wanted]:
        heads[*key[:3], ""] += heads.pop(key)
    family = {name_key(level.role): level.family for level in population.levels.values()}
    order = {name_key(level.name): level.seniority for level in population.levels.values()}
    lines = [
        VacancyLine(key[0], family.get(key[1], ""), *names[key], wanted.get(key, 0), heads[key])
        for key in {**wanted, **heads}
    ]
    if scope.role_family:
        lines = [line for line in lines if name_key(line.role_family) == name_key(scope.role_family)]
    lines.sort(key=lambda line: (line.unit.casefold(), line.role_family, line.role,
                                 order.get(name_key(line.role_level), 0), line.grade))  # fmt: skip
    return tuple(lines)
