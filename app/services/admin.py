"""The data's own safety: history, reverting one action, backups, restore, checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, delete, func, select, text
from sqlalchemy import inspect as describe
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from app.change import Outcome
from app.db.audit import PERSON_COLUMN, NetRow, chain_hash, net_rows
from app.db.backup import BackupInfo, back_up, list_backups, verify
from app.db.database import Database, WriteScope
from app.db.packing import differences
from app.errors import ConflictError, UsageError
from app.models import ActionEntry, AuditEntry
from app.services.current_levels import check_current, rebuild_current


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One action: who did what, when, to how many rows of what."""

    action_id: int
    action: str
    user: str
    at: datetime
    revision: int
    rows: int
    tables: tuple[str, ...]
    details: str
    is_reverted: bool
    can_revert: bool


@dataclass(frozen=True, slots=True)
class RowChange:
    """One changed row of an action: old and new values of what differs."""

    table: str
    key: str
    kind: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of the data's health."""

    name: str
    is_good: bool
    finding: str


class Admin:
    """History and health of a workspace."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def history(self, limit: int = 200) -> tuple[HistoryLine, ...]:
        """The last actions, newest first."""
        with self._db.read() as session:
            rows = session.scalars(
                select(ActionEntry).order_by(col(ActionEntry.id).desc()).limit(limit)
            ).all()
            counted = dict(
                session.execute(text("SELECT action_id, count(*) FROM audit_entry GROUP BY action_id")).all()
            )
            return tuple(_history_line(row, int(counted.get(row.id, 0))) for row in rows)

    def changes(self, action_id: int, limit: int = 2_000) -> tuple[RowChange, ...]:
        """The rows an action changed."""
        with self._db.read() as session:
            chosen = select(AuditEntry).where(col(AuditEntry.action_id) == action_id)
            rows = session.scalars(chosen.order_by(col(AuditEntry.id)).limit(limit)).all()
            return tuple(
                RowChange(row.table_name, row.row_key, row.kind, _words(row.before), _words(row.after))
                for row in rows
            )

    def last_own_action(self) -> HistoryLine | None:
        """My last action that can still be reverted, for Ctrl+Z."""
        for line in self.history(50):
            if line.user == self._db.user and line.can_revert:
                return line
        return None

    def revert(self, action_id: int) -> Outcome[str]:
        """Undo one action, when every row is still as that action left it; ConflictError otherwise."""
        try:
            return self._revert(action_id)
        except IntegrityError as error:
            raise ConflictError(
                "Something made later depends on what this action made.",
                "Revert the later action first.",
            ) from error

    def _revert(self, action_id: int) -> Outcome[str]:
        with self._db.write("Revert") as w:
            entry = w.session.get(ActionEntry, action_id)
            # this write has an entry of its own by now, under the next free number
            if entry is None or entry.id == w.action_id:
                raise UsageError(
                    f"There is no action {action_id} in the history.", "`muster history` lists them."
                )
            if entry.is_reverted:
                raise ConflictError(f"“{entry.action}” was reverted already.", "Look at the history.")
            if entry.reverts_action_id is not None:
                raise UsageError("A revert cannot be reverted.", "Do the action again instead.")
            touched = _Reverting(w).run(entry)
            entry.is_reverted = True
            if touched is not None or "current_level" in entry.tables:
                # an action that worked levels out without touching a rating chose which ratings count: all again
                rebuild_current(w, touched)
            w.describe(reverted=entry.action, reverted_action=action_id)
            w.mark_revert_of(action_id)
            name = entry.action
        return w.outcome(name)

    def back_up(self) -> Path:
        """Make a backup now; a shared database is backed up by its own tools."""
        return back_up(self._file(), self._db.clock(), "asked for")

    def backups(self) -> tuple[BackupInfo, ...]:
        """The backups there are, newest first."""
        return tuple(list_backups(self._file()))

    def check(self) -> tuple[CheckResult, ...]:
        """File integrity, foreign keys, current levels against the history, the chain of the history, backups."""
        results: list[CheckResult] = []
        with self._db.read() as session:
            if self._db.is_sqlite:
                found = [row[0] for row in session.execute(text("PRAGMA integrity_check"))]
                is_whole = found == ["ok"]
                results.append(CheckResult("file", is_whole, "whole" if is_whole else "; ".join(found[:5])))
                strays = session.execute(text("PRAGMA foreign_key_check")).all()
                words = (
                    "all references hold" if not strays else f"{len(strays)} rows refer to what is not there"
                )
                results.append(CheckResult("references", not strays, words))
            wrong = check_current(session)
            words = "equal to the history" if not wrong else f"{wrong} pairs differ from the history"
            results.append(CheckResult("current levels", not wrong, words))
            stray = differences(session.connection())
            words = "equal to the rows" if not stray else f"{stray} blocks differ from the rows"
            results.append(CheckResult("packed copies", not stray, words))
            broken = _broken_link(session)
            words = "unbroken" if broken is None else f"broken at action {broken}"
            results.append(CheckResult("history", broken is None, words))
        if self._db.is_sqlite:
            bad = [info.path.name for info in self.backups() if not verify(info.path)]
            words = f"{len(self.backups())} good" if not bad else "damaged: " + ", ".join(bad)
            results.append(CheckResult("backups", not bad, words))
        return tuple(results)

    def _file(self) -> Path:
        if self._db.path is None:
            raise UsageError("A shared database is backed up by its server.", "Ask for pg_dump.")
        return self._db.path


def _history_line(row: ActionEntry, entries: int) -> HistoryLine:
    bulk = sum(part["rows"] for part in row.counts.get("bulk", ()))
    told = {key: value for key, value in row.counts.items() if key not in ("bulk", "sha256")}
    return HistoryLine(
        action_id=row.id or 0,
        action=row.action,
        user=row.user,
        at=row.at,
        revision=row.revision,
        rows=entries + bulk,
        tables=tuple(row.tables),
        details=", ".join(f"{key.replace('_', ' ')} {value}" for key, value in told.items()),
        is_reverted=row.is_reverted,
        can_revert=not row.is_reverted and row.reverts_action_id is None and bool(entries + bulk),
    )


def _words(values: dict[str, Any] | None) -> str:
    if not values:
        return ""
    return "; ".join(f"{key} {value}" for key, value in values.items() if key not in ("id", "version"))


_DERIVED_FROM = frozenset({"assessment"})

_DEPENDENTS = {
    "role_level": ("requirement", "role_level_id"),
    "plan": ("plan_unmet", "plan_id"),
    "plan_line": ("plan_line_skill", "plan_line_id"),
}
"""Rows without an id of their own that come and go with the row they belong to."""


_LATER = """
SELECT DISTINCT row_key FROM audit_entry JOIN action_entry ON action_entry.id = audit_entry.action_id
WHERE table_name = :table AND action_id > :action AND NOT is_reverted AND reverts_action_id IS NULL
"""
"""Rows that later actions changed and left changed."""


class _Reverting:
    """Takes one action back, newest change first, refusing where a row moved on since."""

    def __init__(self, w: WriteScope) -> None:
        self._w = w
        self._people: set[int] = set()
        self._needs_rebuild = False
        mappers: Any = SQLModel._sa_registry.mappers  # pyright: ignore  (no public way to list tables)
        self._classes = {str(mapper.local_table.name): mapper.class_ for mapper in mappers}

    def run(self, entry: ActionEntry) -> list[int] | None:
        """Returns the people whose current levels have to be worked out again, None for nobody."""
        chosen = select(AuditEntry).where(col(AuditEntry.action_id) == entry.id)
        rows = net_rows(self._w.session.scalars(chosen.order_by(col(AuditEntry.id))).all())
        bulk = entry.counts.get("bulk", [])
        self._refuse_moved(entry.id or 0, rows, bulk)
        for row in reversed(rows):
            if not row.is_made:
                self._put_back(row)
        self._w.session.flush()
        self._keep_versions([row for row in rows if row.is_removed])
        for part in reversed(bulk):
            self._undo_bulk(part)
        for row in reversed(rows):
            if row.is_made:
                self._unmake(row)
        return sorted(self._people) if self._needs_rebuild else None

    def _refuse_moved(self, action_id: int, rows: list[NetRow], bulk: list[dict[str, Any]]) -> None:
        """ConflictError where a later action that still stands changed one of the rows."""
        for table in sorted({row.table for row in rows} | {part["table"] for part in bulk}):
            later = self._w.session.execute(text(_LATER), {"table": table, "action": action_id})
            keys = set(later.scalars())
            ranges = [(part["first_id"], part["last_id"]) for part in bulk if part["table"] == table]
            if any(row.key in keys for row in rows if row.table == table) or any(
                first <= int(key) <= last for first, last in ranges for key in keys
            ):
                raise _moved(table)

    def _put_back(self, net: NetRow) -> None:
        """Give a changed row its old values again, or bring a deleted one back."""
        cls, row = self._classes[net.table], self._row(net)
        if net.is_removed:
            if row is not None:
                raise _moved(net.table)
            self._w.session.add(cls(**_typed(cls, net.before or {})))
            return
        if row is None:
            raise _moved(net.table)
        for name, value in _typed(cls, net.before or {}).items():
            if name != "version":
                setattr(row, name, value)

    def _unmake(self, net: NetRow) -> None:
        row = self._row(net)
        if row is None:
            raise _moved(net.table)
        first = self._ident(net)[0]
        self._drop_dependents(net.table, first, first)
        self._w.session.delete(row)
        self._w.session.flush()

    def _keep_versions(self, rows: list[NetRow]) -> None:
        """A row that comes back counts on from its old version; at 1 again, an old edit of it would fit."""
        for net in rows:
            version = (net.before or {}).get("version")
            row = self._row(net)
            if version is None or row is None:
                continue
            statement = text(f"UPDATE {net.table} SET version = :version WHERE id = :id")
            self._w.execute_derived(statement, {"version": version, "id": self._ident(net)[0]})
            self._w.session.expire(row)

    def _ident(self, net: NetRow) -> list[Any]:
        keys = describe(self._classes[net.table]).primary_key
        parts = net.key.split(",") if len(keys) > 1 else [net.key]
        return [
            int(part) if isinstance(key.type, Integer) else part
            for key, part in zip(keys, parts, strict=True)
        ]

    def _row(self, net: NetRow) -> Any:
        ident = self._ident(net)
        row = self._w.session.get(self._classes[net.table], tuple(ident) if len(ident) > 1 else ident[0])
        if net.table in _DERIVED_FROM:
            self._needs_rebuild = True
            values = net.before or {}
            self._people.add(int(values.get("person_id") or getattr(row, "person_id", 0)))
        return row

    def _undo_bulk(self, part: dict[str, Any]) -> None:
        """Delete a range of ids made in bulk, when every row is still there."""
        cls = self._classes[part["table"]]
        table: Any = cls.__table__
        session = self._w.session
        within = table.c.id.between(part["first_id"], part["last_id"])
        there = session.execute(select(func.count()).select_from(table).where(within)).scalar_one()
        if there != part["rows"]:
            raise _moved(part["table"])
        if part["table"] in _DERIVED_FROM:
            self._needs_rebuild = True
            found = session.execute(select(table.c.person_id).where(within).distinct())
            self._people |= {int(row[0]) for row in found}
            # current levels point at these ratings; they are worked out again afterwards
            self._w.execute_derived(
                text("DELETE FROM current_level WHERE assessment_id BETWEEN :a AND :b"),
                {"a": part["first_id"], "b": part["last_id"]},
            )
        self._drop_dependents(part["table"], part["first_id"], part["last_id"])
        if part["table"] in PERSON_COLUMN:
            people = session.execute(select(table.c[PERSON_COLUMN[part["table"]]]).where(within).distinct())
            self._w.note_people(people.scalars())
        self._w.execute_derived(delete(table).where(within))
        self._w.touch(part["table"])

    def _drop_dependents(self, table: str, first: Any, last: Any) -> None:
        if table in _DEPENDENTS:
            dependent, column = _DEPENDENTS[table]
            statement = text(f"DELETE FROM {dependent} WHERE {column} BETWEEN :a AND :b")
            self._w.execute_derived(statement, {"a": first, "b": last})


def _moved(table: str) -> ConflictError:
    return ConflictError(
        f"A {table.replace('_', ' ')} was changed after this action, so it cannot be reverted as a whole.",
        "Revert the later action first, or put the values right by hand.",
    )


def _typed(cls: type[SQLModel], values: dict[str, Any]) -> dict[str, Any]:
    """Values of an audit entry as the columns want them: ISO text back to dates and times."""
    columns: Any = cls.__table__.c  # type: ignore[attr-defined]
    typed: dict[str, Any] = {}
    for name, value in values.items():
        kind = type(columns[name].type).__name__
        if value is not None and kind == "Date":
            value = date.fromisoformat(value)  # noqa: PLW2901
        elif value is not None and kind == "UtcDateTime":
            value = datetime.fromisoformat(value)  # noqa: PLW2901
        typed[name] = value
    return typed


def _broken_link(session: Session) -> int | None:
    """The first action whose hash does not follow from the one before, None when the chain holds."""
    previous = ""
    entries: dict[int, list[AuditEntry]] = {}
    for line in session.scalars(select(AuditEntry).order_by(col(AuditEntry.id))):
        entries.setdefault(line.action_id, []).append(line)
    for row in session.scalars(select(ActionEntry).order_by(col(ActionEntry.id))):
        if row.previous_hash != previous or row.hash != chain_hash(row, entries.get(row.id or 0, [])):
            return row.id
        previous = row.hash
    return None
