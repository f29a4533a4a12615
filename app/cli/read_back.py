"""``plan read-back``: an edited workbook of a plan, compared three ways and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import Format, counted, print_json, print_rows, say, say_problems
from app.cli.plans import group
from app.cli.session import current, progress, workspace
from app.services.training.read_back import Accept, ReadBackDone, ReadBackKind, ReadBackPreview, ReadBackRow
from app.terms import LineStatus

COLUMNS = (
    "outcome", "key", "staff_id", "name", "course_code", "what", "sent", "workbook", "workspace", "sheet", "row",
)  # fmt: skip


def register(_app: typer.Typer) -> None:
    """The command hangs onto ``plan`` when this module is imported."""


@group.command("read-back")
def read_back(
    file: Annotated[Path, typer.Argument(help="The edited workbook.")],
    preview: Annotated[bool, typer.Option("--preview", help="Say what would happen; write nothing.")] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            help="Where workbook and workspace both changed: all (the workbook's), none (the workspace's), or the "
            "key of a change that the workbook wins (repeatable).",
        ),
    ] = None,
    skip_bad_rows: Annotated[
        bool,
        typer.Option("--skip-bad-rows", help="Leave out what cannot be understood or done, and list it."),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Also where a limit of the plan (money, hours, places) would be broken."),
    ] = False,
) -> None:
    """Read an edited plan workbook back: changed status, quarter or course, comments, lines added and taken out."""
    with workspace(read_only=preview) as ws:
        found = ws.training.read_back.preview(file, progress())
        _print_rows(found)
        if preview:
            _say_preview(found)
            raise typer.Exit(1 if found.errors else 0)
        outcome = ws.training.read_back.commit(
            found, _accept(accept), skip_bad_rows=skip_bad_rows, accept_broken=yes
        )
    say_problems(found.problems)
    _say_done(outcome.value if outcome is not None else None, found)


def _accept(words: list[str] | None) -> Accept | None:
    if not words:
        return None
    if words == ["all"]:
        return "all"
    return "none" if words == ["none"] else set(words)


def _print_rows(found: ReadBackPreview) -> None:
    rows = [_cells(row) for row in found.rows]
    if current().form is Format.JSON:
        print_json(
            {
                "plan": found.plan_id,
                "lines": found.lines,
                "unchanged": found.unchanged,
                "rows": [dict(zip(COLUMNS, row, strict=True)) for row in rows],
                "limits": list(found.limits),
                "problems": [
                    {
                        "sheet": problem.sheet, "row": problem.row, "column": problem.column, "value": problem.value,
                        "what": problem.what, "advice": problem.advice, "severity": problem.severity,
                    }
                    for problem in found.problems
                ],
            }
        )  # fmt: skip
        return
    print_rows(COLUMNS, rows, current().form)


def _cells(row: ReadBackRow) -> tuple[str | int | None, ...]:
    return (
        row.kind.value, row.key, row.staff_id, row.name, row.course_code, row.what, row.sent, row.workbook,
        row.workspace, row.sheet, row.row or None,
    )  # fmt: skip


def _say_preview(found: ReadBackPreview) -> None:
    say_problems(found.problems)
    by_kind = {kind: len(found.of(kind)) for kind in ReadBackKind}
    say(
        f"{found.title}: {counted(found.lines, 'line')} sent, {found.unchanged:,} unchanged; "
        + ", ".join(f"{count:,} {kind.value}" for kind, count in by_kind.items())
        + f"; {counted(len(found.errors), 'problem')}. Nothing was written."
    )
    if found.effect is not None:
        before, after = found.effect.before, found.effect.after
        say(
            f"Cost £{before.cost_gbp:,.2f} becomes £{after.cost_gbp:,.2f}; "
            f"steps closed {before.steps_closed:,} become {after.steps_closed:,}."
        )
    for limit in found.limits:
        say(f"A limit would be broken: {limit} (--yes accepts it).")


def _say_done(done: ReadBackDone | None, found: ReadBackPreview) -> None:
    if done is None:
        say(f"{found.title}: nothing to change.")
        return
    after = done.effect.after
    say(
        f"{done.title}: {counted(done.applied, 'change')} made, {done.kept:,} conflicts left to the workspace, "
        f"{done.skipped:,} rows skipped. Cost £{after.cost_gbp:,.2f}, {after.steps_closed:,} steps closed."
    )
    completed = sum(line.after is LineStatus.COMPLETED for line in done.effect.statuses)
    if completed:
        say(
            f"{counted(completed, 'completed line')} propose new ratings; sign them off under Training plans."
        )
