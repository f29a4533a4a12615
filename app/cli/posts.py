"""``posts``: the establishment of published organograms, its reporting tree, and its titles with roles."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer

from app.cli.gaps import AsAt, Departments
from app.cli.output import counted, print_rows, say
from app.cli.session import current, parse_day, progress, workspace
from app.errors import UsageError
from app.services.establishment import Dimension, EstablishmentLine, PeriodLine
from app.services.posts import TitlePosts
from app.services.reporting_tree import Standing, TreeLine
from app.services.scope import Scope
from app.terms import PostKind

group = typer.Typer(help="Posts of published organograms: counts, reporting tree, titles.")

BY = tuple(dimension.value for dimension in Dimension)
FIGURES = (
    "posts", "senior_posts", "junior_groups", "fte", "without_fte", "filled", "vacant", "vacant_fte", "eliminated",
    "not_in_post",
)  # fmt: skip
TITLE_COLUMNS = (
    "title", "rank", "kind", "role_family", "role", "role_level", "score", "reason", "posts", "vacant", "fte",
)  # fmt: skip
TREE_COLUMNS = (
    "depth", "post_number", "title", "grade", "unit", "kind", "status", "fte", "reports_to", "standing",
    "posts_below", "fte_below",
)  # fmt: skip

Newest = Annotated[
    bool, typer.Option("--newest", help="Leave out bodies shown as at an earlier day than their department.")
]


def register(app: typer.Typer) -> None:
    """Hang ``posts`` onto the command line."""
    app.add_typer(group, name="posts")


@group.callback(invoke_without_command=True)
def posts(
    context: typer.Context,
    by: Annotated[
        list[str] | None, typer.Option("--by", help=f"{', '.join(BY)}; repeatable, unit if left out.")
    ] = None,
    vacant: Annotated[bool, typer.Option("--vacant", help="Only vacant posts.")] = False,
    department: Departments = None,
    as_at: AsAt = None,
    newest: Newest = False,
) -> None:
    """Count posts by unit, grade or profession: one row is a senior post or a group of junior posts.

    Each body is shown as at its newest day that is not after --as-at.
    """
    if context.invoked_subcommand is not None:
        return
    dimensions = [_dimension(text) for text in by or ["unit"]]
    with workspace(read_only=True) as ws:
        found = ws.posts.establishment(
            _scope(department, as_at), dimensions, only_vacant=vacant, is_newest_only=newest
        )
    _say_periods(found.periods)
    say(
        f"{counted(found.total.posts, 'post')}: {found.total.filled:,} filled, {found.total.vacant:,} vacant, "
        f"{found.total.eliminated:,} eliminated, {found.total.not_in_post:,} not in post."
    )
    head = tuple(dimension.value for dimension in dimensions)
    print_rows((*head, *FIGURES), (_figures(line) for line in found.lines), current().form)


@group.command("titles")
def titles(
    top: Annotated[int, typer.Option("--top", min=1, max=20, help="How many answers per title.")] = 3,
    department: Departments = None,
    as_at: AsAt = None,
    newest: Newest = False,
) -> None:
    """Rank roles for the titles of posts that are filled or vacant, those of most FTE first."""
    with workspace(read_only=True) as ws:
        found = ws.posts.titles(_scope(department, as_at), top, progress(), is_newest_only=newest)
    say(
        f"{counted(len(found.lines), 'title')} of {counted(found.posts, 'post')}; {found.without_title:,} say "
        f"nothing about the work; {found.not_established:,} are eliminated or not in post."
    )
    print_rows(TITLE_COLUMNS, (row for line in found.lines for row in _titles(line)), current().form)


@group.command("tree")
def tree(
    depth: Annotated[int, typer.Option("--depth", min=0, help="How many steps below the top to show.")] = 99,
    department: Departments = None,
    as_at: AsAt = None,
    senior: Annotated[bool, typer.Option("--senior", help="Only senior posts.")] = False,
    newest: Newest = False,
) -> None:
    """Show who reports to whom, each branch after the post it hangs on."""
    with workspace(read_only=True) as ws:
        found = ws.posts.tree(_scope(department, as_at), is_newest_only=newest)
    lost, rings = found.count(Standing.UNKNOWN), found.count(Standing.RING)
    if lost or rings:
        say(f"{counted(lost, 'post')} report to a post that is not published; {counted(rings, 'ring')} cut.")
    rows = (
        _branch(line)
        for line in found.lines
        if line.depth <= depth and not (senior and line.post.kind is PostKind.JUNIOR)
    )
    print_rows(TREE_COLUMNS, rows, current().form)


def _dimension(text: str) -> Dimension:
    try:
        return Dimension(text.lower())
    except ValueError:
        raise UsageError(f"--by cannot be “{text}”.", f"Use {', '.join(BY)}.") from None


def _scope(department: list[str] | None, as_at: str | None) -> Scope:
    return Scope(tuple(department or ()), as_at=parse_day(as_at))


def _say_periods(periods: Sequence[PeriodLine]) -> None:
    """As at which day each body is shown; those older than their department are worth a look."""
    newest: dict[str, PeriodLine] = {}
    for line in periods:
        top = line.organisation.split(" / ")[0]
        if top not in newest or newest[top].as_at < line.as_at:
            newest[top] = line
    for line in periods:
        latest = newest[line.organisation.split(" / ")[0]].as_at
        older = "" if line.as_at == latest else f"; its department goes on to {latest.isoformat()}"
        say(f"posts: {line.organisation}, {line.kind}, as at {line.as_at.isoformat()}: {line.posts:,}{older}")


def _two_places(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths) / 100


def _figures(line: EstablishmentLine) -> tuple[Any, ...]:
    return (
        *line.names, line.posts, line.senior_posts, line.junior_groups, _two_places(line.fte_hundredths),
        line.without_fte, line.filled, line.vacant, _two_places(line.vacant_fte_hundredths), line.eliminated,
        line.not_in_post,
    )  # fmt: skip


def _titles(line: TitlePosts) -> list[tuple[Any, ...]]:
    return [
        (
            line.title, one.rank, one.kind.value, one.role_family, one.role, one.role_level, round(one.score, 4),
            one.reason, line.posts, line.vacant, _two_places(line.fte_hundredths),
        )
        for one in line.suggestions
    ]  # fmt: skip


def _branch(line: TreeLine) -> tuple[Any, ...]:
    post = line.post
    return (
        line.depth, post.post_number, post.title, post.grade, post.unit, post.kind.value, post.status.value,
        _two_places(post.fte_hundredths), post.reports_to, line.standing.value, line.posts_below,
        _two_places(line.fte_below_hundredths),
    )  # fmt: skip
