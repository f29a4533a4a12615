"""``new``, ``history``, ``revert``, ``backup``, ``restore``, ``check``: the data's own safety."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import print_rows, say
from app.cli.session import current, progress, target, workspace
from app.errors import StoreError
from app.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Hang these commands onto the command line."""
    app.command("new")(new)
    app.command("history")(history)
    app.command("revert")(revert)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("check")(check)


def new(
    bare: Annotated[bool, typer.Option("--bare", help="Without the bundled catalogue of courses.")] = False,
) -> None:
    """Make an empty workspace with the bundled framework and catalogue."""
    with workspace(create=True) as ws:
        made = ws.starter.furnish(progress(), with_catalogue=not bare)
        say(f"Framework: {made.framework}; catalogue: {made.courses:,} courses")
    print(f"Made {target()}.")


def history(
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many actions.")] = 50,
) -> None:
    """List what was done, newest first."""
    columns = ("id", "at", "user", "action", "rows", "details", "reverted")
    with workspace(read_only=True) as ws:
        rows = [
            (line.action_id, line.at.isoformat(timespec="seconds"), line.user, line.action, line.rows, line.details,
             line.is_reverted)
            for line in ws.admin.history(limit)
        ]  # fmt: skip
    print_rows(columns, rows, current().form)


def revert(action_id: Annotated[int, typer.Argument(help="The id that `history` shows.")]) -> None:
    """Take one action back, where nothing it made was changed since."""
    with workspace() as ws:
        print(f"Reverted: {ws.admin.revert(action_id).value}")


def backup() -> None:
    """Make a backup now, beside the workspace."""
    with workspace() as ws:
        print(f"Backup: {ws.admin.back_up()}")


def restore(
    file: Annotated[Path | None, typer.Argument(help="The backup; the newest good one if left out.")] = None,
) -> None:
    """Put a backup in the workspace's place. The present file is kept."""
    done = Workspace.restore(target(), file, user=current().settings.user())
    print(f"Restored {done.backup.name}.")
    if done.kept is not None:
        say(f"The earlier file is kept as {done.kept}.")


def check() -> None:
    """Check the file, the references, the current levels, the history and the backups."""
    with workspace(read_only=True) as ws:
        results = ws.admin.check()
    print_rows(
        ("check", "good", "finding"), [(r.name, r.is_good, r.finding) for r in results], current().form
    )
    bad = [result for result in results if not result.is_good]
    if bad:
        raise StoreError(f"{len(bad)} of {len(results)} checks failed.", "Restore the newest good backup.")
