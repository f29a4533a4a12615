"""Who reports to whom among the posts of organograms, whatever is wrong with the numbers they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.files.column_reading import loose_key
from app.files.organogram_words import is_no_number
from app.services.establishment import PostLine
from app.terms import PostKind


class Standing(StrEnum):
    """Why a post stands where it stands."""

    TOP = "top"
    UNDER = "under"
    UNKNOWN = "reports to a post that is not published"
    RING = "reports to itself, directly or round a ring"


@dataclass(frozen=True, slots=True)
class TreeLine:
    """A post in the tree; its whole branch follows it, ``depth`` one more at each step.

    ``posts_below`` and ``fte_below_hundredths`` count its branch without itself (FTE: what was published).
    """

    post: PostLine
    depth: int
    standing: Standing
    posts_below: int
    fte_below_hundredths: int

    @property
    def fte_below(self) -> float:
        """FTE of the branch below."""
        return self.fte_below_hundredths / 100


@dataclass(frozen=True, slots=True)
class ReportingTree:
    """Every post once, each branch after the post it hangs on; senior posts before junior groups."""

    lines: tuple[TreeLine, ...]
    revision: int

    def count(self, standing: Standing) -> int:
        """How many posts stand so."""
        return sum(line.standing is standing for line in self.lines)


def reporting_tree(posts: Sequence[PostLine], revision: int) -> ReportingTree:
    """Hang every post on the one it reports to.

    The number is looked up in the same organisation first, then in the whole department, as at the same day;
    of several posts with one number (a job share) the first one holds the branch. Posts that report to a
    number nobody has stand at the top, marked; a ring is cut at its first post.
    """
    own, wide = _numbers(posts)
    parents: list[int | None] = []
    standings: list[Standing] = []
    for post in posts:
        parent, standing = _parent(post, own, wide)
        parents.append(parent)
        standings.append(standing)
    _cut_rings(parents, standings)
    children: dict[int | None, list[int]] = {}
    for place, parent in enumerate(parents):
        children.setdefault(parent, []).append(place)
    return ReportingTree(tuple(_walk(posts, standings, children)), revision)


def _numbers(
    posts: Sequence[PostLine],
) -> tuple[dict[tuple[object, ...], int], dict[tuple[object, ...], int]]:
    """Places of senior posts by number: within each organisation, and within each department."""
    own: dict[tuple[object, ...], int] = {}
    wide: dict[tuple[object, ...], int] = {}
    for place, post in enumerate(posts):
        if post.kind is PostKind.SENIOR and not is_no_number(post.post_number):
            key = loose_key(post.post_number)
            own.setdefault((post.organisation_id, post.as_at, key), place)
            wide.setdefault((post.department_id, post.as_at, key), place)
    return own, wide


def _parent(
    post: PostLine, own: dict[tuple[object, ...], int], wide: dict[tuple[object, ...], int]
) -> tuple[int | None, Standing]:
    if is_no_number(post.reports_to):
        return None, Standing.TOP
    key = loose_key(post.reports_to)
    found = own.get((post.organisation_id, post.as_at, key))
    if found is None:
        found = wide.get((post.department_id, post.as_at, key))
    return (None, Standing.UNKNOWN) if found is None else (found, Standing.UNDER)


def _cut_rings(parents: list[int | None], standings: list[Standing]) -> None:
    """Make the first post of every ring a top."""
    settled: set[int] = set()
    for start in range(len(parents)):
        path: list[int] = []
        on_path: set[int] = set()
        place: int | None = start
        while place is not None and place not in settled and place not in on_path:
            path.append(place)
            on_path.add(place)
            place = parents[place]
        if place is not None and place in on_path:
            first = min(path[path.index(place) :])
            parents[first], standings[first] = None, Standing.RING
        settled.update(path)


def _walk(
    posts: Sequence[PostLine], standings: Sequence[Standing], children: dict[int | None, list[int]]
) -> list[TreeLine]:
    """Each branch from the top down, without recursion: a chain of posts may be longer than the stack."""
    for places in children.values():
        places.sort(key=lambda place: (posts[place].kind is PostKind.JUNIOR, place))
    order: list[tuple[int, int]] = []
    waiting = [(place, 0) for place in reversed(children.get(None, []))]
    while waiting:
        place, depth = waiting.pop()
        order.append((place, depth))
        waiting += [(below, depth + 1) for below in reversed(children.get(place, []))]
    counts: dict[int, tuple[int, int]] = {}
    for place, _depth in reversed(order):
        below = children.get(place, [])
        counts[place] = (
            sum(counts[child][0] + 1 for child in below),
            sum(counts[child][1] + (posts[child].fte_hundredths or 0) for child in below),
        )
    return [TreeLine(posts[place], depth, standings[place], *counts[place]) for place, depth in order]
