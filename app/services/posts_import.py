"""Posts files against the workspace: what is new, changed, gone; and writing it in one transaction.

**What a newer file does.** A file speaks for the organisations, days and kinds (senior or junior) in it. Within
one of these, a row is known again by its post number and, where it has none, by its unit, the post it reports
to, its title, grade and profession; rows equal in that are told apart by the order in which they stand. A row
known again is updated, another is added, and posts absent from the file go where the file names their unit: a
body may publish in parts, so the units a file does not name keep their posts. While rows are left out because
of problems nothing goes, since the post may be one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.role_match import normal_title
from app.db.database import WriteScope
from app.files.organogram import PostsFile
from app.files.organogram_words import is_no_number, is_no_title
from app.models import ImportBatch, Post
from app.progress import Progress
from app.services.people_import import as_date
from app.services.scope import PATH_MARK, path_key, unit_path
from app.terms import PostKind, clean_name, name_key

FACTS = (
    "status", "post_number", "reports_to", "title", "grade", "profession", "fte_hundredths", "pay_floor_gbp",
    "pay_ceiling_gbp", "total_pay_gbp",
)  # fmt: skip
"""What can differ between two editions of a post, beside its unit."""

Group: TypeAlias = tuple[str, date, str]
"""Path key of the organisation, day and kind: what one file speaks for."""


class PostFacts(NamedTuple):
    """One post as the workspace would hold it; ``values`` in the order of FACTS."""

    group: Group
    organisation: str
    unit: str
    values: tuple[Any, ...]
    file: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class KnownPost:
    """One post as the workspace holds it."""

    post_id: int
    facts: PostFacts


@dataclass(slots=True)
class PostsComparison:
    """The whole difference between files and the workspace. Nothing in it has been written."""

    new: list[PostFacts] = field(default_factory=list)
    changed: list[tuple[KnownPost, PostFacts]] = field(default_factory=list)
    gone: list[KnownPost] = field(default_factory=list)
    unchanged: int = 0
    kept_elsewhere: int = 0
    new_units: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the workspace already holds all the files say, and nothing else of their units."""
        return not self.new and not self.changed and not self.gone


class UnitPaths:
    """Names of units -> the paths the workspace uses for them; those it lacks are noted, parents first."""

    def __init__(self, known: Iterable[str]) -> None:
        self._paths = {path_key(path): path for path in known}
        self._spelled: dict[tuple[str, ...], str] = {}
        self.new: list[tuple[str, ...]] = []

    def path_of(self, names: tuple[str, ...]) -> str:
        """The path for these names; what is above keeps the spelling the workspace knows."""
        path = self._spelled.get(names, "")
        if path:
            return path
        for name in names:
            parts = (*path.split(PATH_MARK), clean_name(name)) if path else (clean_name(name),)
            below = unit_path(parts)
            key = path_key(below)
            if key not in self._paths:
                self._paths[key] = below
                self.new.append(parts)
            path = self._paths[key]
        self._spelled[names] = path
        return path


def facts_of(files: Sequence[PostsFile], units: UnitPaths) -> Iterator[PostFacts]:
    """The usable rows of some files, in their order."""
    for number, file in enumerate(files):
        for row in file.rows:
            organisation = units.path_of(row.unit_names[: row.organisation_depth])
            group = (path_key(organisation), row.as_at, row.kind.value)
            values = (row.status.value, *(getattr(row, name) for name in FACTS[1:]))
            yield PostFacts(group, organisation, units.path_of(row.unit_names), values, number, row.row)


_KNOWN = """
SELECT p.id, o.path, p.as_at, p.kind, u.path, p.status, p.post_number, p.reports_to, p.title, p.grade,
       p.profession, p.fte_hundredths, p.pay_floor_gbp, p.pay_ceiling_gbp, p.total_pay_gbp
FROM post AS p JOIN unit AS u ON u.id = p.unit_id JOIN unit AS o ON o.id = p.organisation_id
WHERE p.as_at BETWEEN :first AND :last
ORDER BY p.id
"""


def load_known_posts(session: Session, files: Sequence[PostsFile]) -> list[KnownPost]:
    """The posts the workspace holds for the span of days that the files speak of, in the order they came."""
    days = [row.as_at for file in files for row in file.rows]
    if not days:
        return []
    span = {"first": min(days).isoformat(), "last": max(days).isoformat()}
    known: list[KnownPost] = []
    for row in session.execute(text(_KNOWN), span):
        group = (path_key(row[1]), as_date(row[2]) or date.min, row[3])
        known.append(KnownPost(row[0], PostFacts(group, row[1], row[4], tuple(row[5:]))))
    return known


def compare_posts(
    incoming: Sequence[PostFacts], known: Sequence[KnownPost], *, may_remove: bool
) -> PostsComparison:
    """The difference between the rows of files and the posts of the workspace."""
    result = PostsComparison()
    groups = {facts.group for facts in incoming}
    named = {(facts.group, path_key(facts.unit)) for facts in incoming}
    waiting: dict[tuple[Any, ...], list[KnownPost]] = {}
    for post in known:
        if post.facts.group in groups:
            waiting.setdefault(_identity(post.facts), []).append(post)
    left = _take_equal(incoming, waiting, result)
    for facts in left:
        same = waiting.get(_identity(facts))
        if same:
            result.changed.append((same.pop(0), facts))
        else:
            result.new.append(facts)
    for post in sorted((post for posts in waiting.values() for post in posts), key=lambda post: post.post_id):
        if may_remove and (post.facts.group, path_key(post.facts.unit)) in named:
            result.gone.append(post)
        else:
            result.kept_elsewhere += 1
    return result


def _take_equal(
    incoming: Sequence[PostFacts], waiting: dict[tuple[Any, ...], list[KnownPost]], result: PostsComparison
) -> list[PostFacts]:
    """Take out what is there already, word for word; returns the rows that are new or changed."""
    left: list[PostFacts] = []
    for facts in incoming:
        same = waiting.get(_identity(facts), [])
        place = next((place for place, post in enumerate(same) if _is_equal(post.facts, facts)), -1)
        if place >= 0:
            del same[place]
            result.unchanged += 1
        else:
            left.append(facts)
    return left


def _is_equal(first: PostFacts, second: PostFacts) -> bool:
    return first.unit == second.unit and first.values == second.values


def _identity(facts: PostFacts) -> tuple[Any, ...]:
    """What a post is known again by within its group (see the head of this module)."""
    _status, number, reports_to, title, grade, profession, *_ = facts.values
    if facts.group[2] == PostKind.SENIOR.value and not is_no_number(number):
        return (facts.group, number.casefold())
    said = (name_key(text) for text in (reports_to, title, grade, profession))
    return (facts.group, "", path_key(facts.unit), *said)


def write_posts(
    w: WriteScope,
    difference: PostsComparison,
    unit_ids: dict[str, int],
    batches: Sequence[ImportBatch],
    progress: Progress,
) -> None:
    """New posts in bulk, changed and gone ones row by row, so that the history keeps what they were."""
    keys = _title_keys(difference)
    _write_new(w, difference.new, unit_ids, batches, keys)
    steps = max(1, len(difference.changed) + len(difference.gone))
    for number, (before, facts) in enumerate(difference.changed):
        if number % 200 == 0:
            progress.step(number / steps, "Writing changed posts")
        _write_changed(w, before, facts, unit_ids, batches, keys)
    for number, post in enumerate(difference.gone, start=len(difference.changed)):
        if number % 200 == 0:
            progress.step(number / steps, "Removing posts that are gone")
        w.session.delete(w.fetch(Post, post.post_id))


def title_key_of(title: str) -> str:
    """The key under which equal titles meet; blank for Vacant, Not in post and their like."""
    return "" if is_no_title(title) else normal_title(title)


def _title_keys(difference: PostsComparison) -> dict[str, str]:
    place = FACTS.index("title")
    titles = {facts.values[place] for facts in difference.new}
    titles |= {facts.values[place] for _, facts in difference.changed}
    return {title: title_key_of(title) for title in titles}


def _write_new(
    w: WriteScope,
    new: Sequence[PostFacts],
    unit_ids: dict[str, int],
    batches: Sequence[ImportBatch],
    title_keys: dict[str, str],
) -> None:
    if not new:
        return
    first, count = w.next_id(Post), len(new)
    values = dict(zip(FACTS, zip(*(facts.values for facts in new), strict=True), strict=True))
    w.bulk_insert(
        Post,
        {
            "id": range(first, first + count),
            "version": [1] * count,
            "organisation_id": [unit_ids[facts.organisation] for facts in new],
            "unit_id": [unit_ids[facts.unit] for facts in new],
            "kind": [facts.group[2] for facts in new],
            "as_at": [facts.group[1] for facts in new],
            **values,
            "title_key": [title_keys[title] for title in values["title"]],
            "import_batch_id": [batches[facts.file].id for facts in new],
        },
    )


def _write_changed(
    w: WriteScope,
    before: KnownPost,
    facts: PostFacts,
    unit_ids: dict[str, int],
    batches: Sequence[ImportBatch],
    title_keys: dict[str, str],
) -> None:
    post = w.fetch(Post, before.post_id)
    values = dict(zip(FACTS, facts.values, strict=True))
    values |= {"title_key": title_keys[values["title"]], "unit_id": unit_ids[facts.unit]}
    values["import_batch_id"] = batches[facts.file].id
    for name, value in values.items():
        if getattr(post, name) != value:
            setattr(post, name, value)
