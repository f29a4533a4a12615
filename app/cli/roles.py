"""``roles …``: rank roles for job titles, accept suggestions in bulk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.analysis.role_match import Suggestion, TitleQuery
from app.cli.gaps import Departments, scope_of
from app.cli.output import print_rows, say, say_problems
from app.cli.session import current, progress, workspace
from app.errors import UsageError
from app.files.options import ReadOptions
from app.files.titles import read_titles
from app.services.roles import bundled_suggestions
from app.terms import MatchKind

group = typer.Typer(
    help="Roles for job titles: suggest, accept, list what was confirmed.", no_args_is_help=True
)

COLUMNS = ("title", "rank", "kind", "role_family", "role", "role_level", "score", "reason")


def register(app: typer.Typer) -> None:
    """Hang ``roles`` onto the command line."""
    app.add_typer(group, name="roles")


@group.command("suggest")
def suggest(
    file: Annotated[Path, typer.Argument(help="A list of job titles: xlsx, xls, ods or csv.")],
    column: Annotated[str, typer.Option("--column", help="The heading of the titles.")] = "",
    top: Annotated[int, typer.Option("--top", min=1, max=20, help="How many answers per title.")] = 3,
) -> None:
    """Rank roles for the job titles of a file. No workspace is needed; one that is named lends its framework."""
    shown = progress()
    found = read_titles(file, column, ReadOptions(), shown)
    say_problems(found.problems)
    queries = [TitleQuery(row.title, row.grade, row.organisation, row.profession) for row in found.rows]
    if current().workspace:
        with workspace(read_only=True) as ws:
            answers = ws.roles.suggest(queries, top, shown)
    else:
        answers = bundled_suggestions(queries, top, shown)
    rows = (
        _row(query.title, suggestion)
        for query, suggestions in zip(queries, answers, strict=True)
        for suggestion in suggestions
    )
    print_rows(COLUMNS, rows, current().form)


def _row(title: str, found: Suggestion) -> tuple[Any, ...]:
    return (
        title, found.rank, found.kind.value, found.role_family, found.role, found.role_level,
        round(found.score, 4), found.reason,
    )  # fmt: skip


@group.command("accept")
def accept(
    min_score: Annotated[float, typer.Option("--min-score", help="The lowest score to accept, 0 to 1.")],
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be accepted.")] = False,
    not_digital: Annotated[
        bool, typer.Option("--not-digital", help="Accept “not digital” and “no single role” as well.")
    ] = False,
    department: Departments = None,
) -> None:
    """Confirm every suggestion scored this high, for everybody who holds the title."""
    if not 0 <= min_score <= 1:
        raise UsageError(f"A score lies between 0 and 1, not {min_score}.", "Try --min-score 0.9.")
    kinds = tuple(MatchKind) if not_digital else (MatchKind.ROLE,)
    with workspace(read_only=preview) as ws:
        scope = scope_of(department, "", "", None, "include")
        found = ws.roles.preview_above(scope, min_score, kinds)
        say(
            f"{len(found.groups):,} titles of {found.people:,} people score {min_score:g} or more; "
            f"about {found.expected_right:.0%} are expected to be right."
        )
        if preview:
            rows = [
                (group.title, group.headcount, group.best.kind.value, group.best.role, group.best.role_level,
                 round(group.best.score, 4), group.best.reason)
                for group in found.groups
            ]  # fmt: skip
            print_rows(
                ("title", "people", "kind", "role", "role_level", "score", "reason"), rows, current().form
            )
            return
        outcome = ws.roles.accept_above(found, progress())
        board = ws.roles.board(scope)
    accepted = outcome.value if outcome else 0
    print(
        f"Accepted suggestions for {accepted:,} people; {board.left:,} people in {len(board.groups):,} titles left."
    )


@group.command("confirmed")
def confirmed() -> None:
    """List the titles this organisation has confirmed."""
    with workspace(read_only=True) as ws:
        rows = [
            (rule.title, rule.kind.value, rule.role, rule.role_level, rule.made_by)
            for rule in ws.roles.rules()
        ]
    print_rows(("title", "kind", "role", "role_level", "confirmed_by"), rows, current().form)
