"""The establishment: posts as published, counted by unit, grade and profession, with what is vacant among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.services.people_import import as_date
from app.services.population import UnitLine
from app.terms import PostKind, PostStatus, name_key


class Dimension(StrEnum):
    """What posts can be counted by."""

    ORGANISATION = "organisation"
    UNIT = "unit"
    GRADE = "grade"
    PROFESSION = "profession"


@dataclass(frozen=True, slots=True)
class PostLine:
    """One post as stored: a senior post, or a group of junior posts whose size is its FTE.

    ``unit`` and ``organisation`` are paths; grade and profession are as published. FTE None is not zero.
    """

    post_id: int
    kind: PostKind
    status: PostStatus
    as_at: date
    organisation_id: int
    organisation: str
    department_id: int
    unit_id: int
    unit: str
    post_number: str
    reports_to: str
    title: str
    title_key: str
    grade: str
    profession: str
    fte_hundredths: int | None

    @property
    def fte(self) -> float | None:
        """FTE, None where none was published."""
        return None if self.fte_hundredths is None else self.fte_hundredths / 100


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """The posts of one kind of one organisation as at one day."""

    organisation: str
    as_at: date
    kind: str
    posts: int
    fte_hundredths: int | None


@dataclass(frozen=True, slots=True)
class EstablishmentLine:
    """What one unit, grade or profession (or several of them together, in the order asked) has.

    ``posts`` counts published rows: senior posts and groups of junior posts; filled, vacant, eliminated and
    not in post add up to it. ``fte_hundredths`` sums what was published, None where nothing was;
    ``without_fte`` is how many rows published none.
    """

    names: tuple[str, ...]
    senior_posts: int
    junior_groups: int
    fte_hundredths: int | None
    without_fte: int
    filled: int
    vacant: int
    vacant_fte_hundredths: int | None
    eliminated: int
    not_in_post: int

    @property
    def posts(self) -> int:
        """Published rows."""
        return self.senior_posts + self.junior_groups

    @property
    def fte(self) -> float | None:
        """FTE of all rows, None where none was published."""
        return None if self.fte_hundredths is None else self.fte_hundredths / 100

    @property
    def vacant_fte(self) -> float | None:
        """FTE of the vacant ones, None where none was published."""
        return None if self.vacant_fte_hundredths is None else self.vacant_fte_hundredths / 100


@dataclass(frozen=True, slots=True)
class Establishment:
    """The establishment table, its total, and as at which day each organisation is shown."""

    by: tuple[Dimension, ...]
    lines: tuple[EstablishmentLine, ...]
    total: EstablishmentLine
    periods: tuple[PeriodLine, ...]
    revision: int


_POSTS = """
SELECT p.id, p.kind, p.status, p.as_at, p.organisation_id, p.unit_id, p.post_number, p.reports_to, p.title,
       p.title_key, p.grade, p.profession, p.fte_hundredths
FROM post AS p
JOIN (SELECT organisation_id, max(as_at) AS newest FROM post WHERE as_at <= :day GROUP BY organisation_id) AS n
  ON n.organisation_id = p.organisation_id AND n.newest = p.as_at
ORDER BY p.id
"""
_PERIODS = """
SELECT u.path, p.as_at, p.kind, count(*), sum(p.fte_hundredths)
FROM post AS p JOIN unit AS u ON u.id = p.organisation_id
GROUP BY u.path, p.as_at, p.kind ORDER BY u.path, p.as_at, p.kind
"""


def load_posts(session: Session, day: date, units: Mapping[int, UnitLine]) -> list[PostLine]:
    """The posts of the newest day of each organisation that is not after ``day``, in the order they came."""
    days: dict[object, date] = {}
    posts: list[PostLine] = []
    for row in session.execute(text(_POSTS), {"day": day.isoformat()}):
        as_at = days.get(row[3])
        if as_at is None:
            as_at = days[row[3]] = as_date(row[3]) or date.min
        organisation = units[row[4]]
        posts.append(
            PostLine(
                row[0], PostKind(row[1]), PostStatus(row[2]), as_at, row[4], organisation.path,
                organisation.department_id, row[5], units[row[5]].path, *row[6:],
            )
        )  # fmt: skip
    return posts


def newest_of_departments(posts: Sequence[PostLine]) -> list[PostLine]:
    """The posts as at the newest day of their department, without bodies that are only known from before."""
    newest: dict[int, date] = {}
    for post in posts:
        newest[post.department_id] = max(newest.get(post.department_id, date.min), post.as_at)
    return [post for post in posts if post.as_at == newest[post.department_id]]


def load_periods(session: Session) -> tuple[PeriodLine, ...]:
    """Every organisation, day and kind there are posts of."""
    return tuple(
        PeriodLine(row[0], as_date(row[1]) or date.min, row[2], int(row[3]), None if row[4] is None else int(row[4]))
        for row in session.execute(text(_PERIODS))
    )  # fmt: skip


def establishment_of(posts: Sequence[PostLine], by: Sequence[Dimension], revision: int) -> Establishment:
    """The posts counted; spellings that differ in case and blanks alone are one, shown as most rows have it."""
    groups: dict[tuple[str, ...], list[PostLine]] = {}
    for post in posts:
        groups.setdefault(tuple(name_key(getattr(post, name.value)) for name in by), []).append(post)
    spelled = [_spellings(posts, name) for name in by]
    lines = [
        _line(tuple(shown[part] for shown, part in zip(spelled, key, strict=True)), members)
        for key, members in sorted(groups.items())
    ]
    return Establishment(tuple(by), tuple(lines), _line((), posts), _periods(posts), revision)


def _spellings(posts: Sequence[PostLine], by: Dimension) -> dict[str, str]:
    counted = Counter(getattr(post, by.value) for post in posts)
    best: dict[str, str] = {}
    for shown, _count in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        best.setdefault(name_key(shown), shown)
    return best


def _line(names: tuple[str, ...], posts: Sequence[PostLine]) -> EstablishmentLine:
    statuses = Counter(post.status for post in posts)
    kinds = Counter(post.kind for post in posts)
    return EstablishmentLine(
        names=names,
        senior_posts=kinds[PostKind.SENIOR],
        junior_groups=kinds[PostKind.JUNIOR],
        fte_hundredths=_fte(posts),
        without_fte=sum(post.fte_hundredths is None for post in posts),
        filled=statuses[PostStatus.FILLED],
        vacant=statuses[PostStatus.VACANT],
        vacant_fte_hundredths=_fte([post for post in posts if post.status is PostStatus.VACANT]),
        eliminated=statuses[PostStatus.ELIMINATED],
        not_in_post=statuses[PostStatus.NOT_IN_POST],
    )


def _fte(posts: Sequence[PostLine]) -> int | None:
    published = [post.fte_hundredths for post in posts if post.fte_hundredths is not None]
    return sum(published) if published else None


def _periods(posts: Sequence[PostLine]) -> tuple[PeriodLine, ...]:
    groups: dict[tuple[str, date, str], list[PostLine]] = {}
    for post in posts:
        groups.setdefault((post.organisation, post.as_at, post.kind.value), []).append(post)
    return tuple(PeriodLine(*key, len(members), _fte(members)) for key, members in sorted(groups.items()))
