"""What Data and history shows, as rows in words: actions, backups, checks, facts of the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.progress import Progress
from app.services.admin import CheckResult, HistoryLine, RowChange
from app.ui.formats import moment, whole
from app.ui.parts.line_list import Line

if TYPE_CHECKING:
    from app.workspace import Workspace

MOST_ACTIONS = 1_000
CHECK_NAMES = {
    "file": "File",
    "references": "References",
    "current levels": "Current levels",
    "history": "History",
    "backups": "Backups",
}
_OURS = ("_key", "_at", "_hash")
"""Endings of columns that say nothing to a reader."""

_KINDS = {"insert": "added", "update": "changed", "delete": "removed"}


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action of the history; ``at`` is local time."""

    action_id: int
    at: datetime
    user: str
    action: str
    details: str
    rows: int
    state: str
    can_revert: bool

    @property
    def day(self) -> date:
        """The day it was done."""
        return self.at.date()

    @property
    def time(self) -> str:
        """The time of day: ``09:12``."""
        return f"{self.at:%H:%M}"


@dataclass(frozen=True, slots=True)
class BackupRow:
    """One backup; ``at`` is local time."""

    path: Path
    at: datetime
    age: str
    reason: str
    size: str
    is_good: bool

    @property
    def day(self) -> date:
        """The day it was made."""
        return self.at.date()

    @property
    def time(self) -> str:
        """The time of day: ``09:12``."""
        return f"{self.at:%H:%M}"

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.path.name

    @property
    def state(self) -> str:
        """Whether it is what was written."""
        return "Good" if self.is_good else "Damaged"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check of the data's health."""

    name: str
    state: str
    finding: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class DataFacts:
    """The answer of the page: history, backups, facts of the workspace as (what, value, note)."""

    actions: tuple[ActionRow, ...]
    backups: tuple[BackupRow, ...]
    facts: tuple[tuple[str, str, str], ...]
    sentence: str
    is_shared: bool


def read_data(workspace: Workspace, progress: Progress) -> DataFacts:
    """Everything the page shows; runs on a worker."""
    now, path = workspace.moment(), workspace.path
    actions = tuple(_action(line) for line in workspace.admin.history(MOST_ACTIONS))
    progress.check()
    backups: tuple[BackupRow, ...] = ()
    if path is not None:
        backups = tuple(
            BackupRow(one.path, one.made_at.astimezone(), age(now - one.made_at), one.reason, size(one.size),
                      one.is_good)
            for one in workspace.admin.backups()
        )  # fmt: skip
    facts = [("Workspace", workspace.name, "Open for reading only" if workspace.is_read_only else "")]
    if path is None:
        facts.append(("Kept in", "a shared database", "Its server makes the backups"))
    else:
        facts.append(("Folder", str(path.parent), ""))
        facts.append(("Size", size(path.stat().st_size), ""))
    facts.append(("Revision", whole(workspace.revision()), "The number of writes so far"))
    facts.append(("Your name in the history", workspace.user, ""))
    return DataFacts(actions, backups, tuple(facts), _sentence(actions, backups), path is None)


def _action(line: HistoryLine) -> ActionRow:
    return ActionRow(
        action_id=line.action_id,
        at=line.at.astimezone(),
        user=line.user,
        action=line.action,
        details=line.details,
        rows=line.rows,
        state="Reverted" if line.is_reverted else "",
        can_revert=line.can_revert,
    )


def _sentence(actions: tuple[ActionRow, ...], backups: tuple[BackupRow, ...]) -> str:
    if not actions:
        said = "Nothing was changed yet"
    else:
        count = "1 change" if len(actions) == 1 else f"{whole(len(actions))} changes"
        said = f"{count}, the last on {moment(actions[0].at)} by {actions[0].user}"
    if not backups:
        return f"{said}. There is no backup yet."
    made = "1 backup" if len(backups) == 1 else f"{len(backups)} backups"
    return f"{said}. {made}, the newest made {backups[0].age}."


def age(since: timedelta) -> str:
    """How long ago, in one unit: ``3 hours ago``."""
    minutes = int(since.total_seconds() // 60)
    for unit, length in (("day", 1440), ("hour", 60), ("minute", 1)):
        count = minutes // length
        if count > 0:
            return f"{whole(count)} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def size(count: int) -> str:
    """Bytes as people say them: ``4.2 MB``."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1_000)):,} kB"
    return f"{count / 1_000_000:,.1f} MB"


def rows_words(count: int) -> str:
    """``1 row`` or ``1,204 rows``."""
    return "1 row" if count == 1 else f"{whole(count)} rows"


def change_line(change: RowChange) -> Line:
    """A changed row: what kind of thing, what happened to it, and its values before and after."""
    kind = change.table.replace("_", " ")
    title = f"{kind[:1].upper()}{kind[1:]} {change.key} {_KINDS.get(change.kind, change.kind)}"
    before, after = values_in_words(change.before), values_in_words(change.after)
    if change.kind == "update":
        return Line(
            title, "\n".join(part for part in (after, f"before: {before}" if before else "") if part), change
        )
    return Line(title, after or before, change)


def values_in_words(values: str) -> str:
    """``role_family Data; made_at …`` as people read it: column names in words, times and keys of ours left out."""
    shown: list[str] = []
    for part in values.split("; "):
        name, _, value = part.partition(" ")
        if name.endswith(_OURS) or not value:
            continue
        shown.append(f"{name.replace('_', ' ')}: {value}")
    return "; ".join(shown)


def check_row(result: CheckResult) -> CheckRow:
    """One result in words."""
    finding = result.finding[:1].upper() + result.finding[1:]
    return CheckRow(
        CHECK_NAMES.get(result.name, result.name), "Sound" if result.is_good else "Needs attention", finding,
        result.is_good,
    )  # fmt: skip
