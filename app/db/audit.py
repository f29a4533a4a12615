"""Turns each flush into audit entries and the set of touched tables, in the same transaction.

Bulk updates and deletes would slip past it, so they are refused (ARCHITECTURE 5); bulk inserts go through
:meth:`app.db.database.WriteScope.bulk_insert`, which leaves one counted entry with the range of ids.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import TextClause, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlmodel import SQLModel

from app.db.packing import block_of
from app.models import ActionEntry, AuditEntry, CurrentLevel, PackedLevels, PackedPeople, Revision

Values = dict[str, Any]

UNAUDITED: frozenset[type[SQLModel]] = frozenset(
    {ActionEntry, AuditEntry, Revision, CurrentLevel, PackedLevels, PackedPeople}
)
"""Tables without entries of their own: the record itself, and what is derived from recorded rows."""

PERSON_COLUMN = {"person": "id", "person_spell": "person_id", "role_assignment": "person_id"}
"""Tables whose rows are packed by person, and the column that says which one."""

_WRITING_TEXT = re.compile(r"\b(insert\s+into|replace\s+into|update\s+[\w\"]|delete\s+from\b)", re.IGNORECASE)


def json_value(value: Any) -> Any:
    """A column value as JSON can hold it: dates and times as ISO text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def row_key(row: SQLModel) -> str:
    """The primary key of a row as text, parts joined by a comma."""
    return ",".join(str(part) for part in inspect(row).mapper.primary_key_from_instance(row))


def all_values(row: SQLModel) -> dict[str, Any]:
    """Every column of a row by name."""
    return {attr.key: json_value(getattr(row, attr.key)) for attr in inspect(row).mapper.column_attrs}


def changed_values(session: Session, row: SQLModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new values of the columns that differ."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    state = inspect(row)
    for attr in state.mapper.column_attrs:
        history = state.attrs[attr.key].history
        if not history.has_changes():
            continue
        # a value set on a row that was not loaded has no old value in memory
        old = history.deleted[0] if history.deleted else _stored_value(session, row, attr.key)
        new = getattr(row, attr.key)
        if history.deleted or old != new:
            before[attr.key], after[attr.key] = json_value(old), json_value(new)
    return before, after


def _stored_value(session: Session, row: SQLModel, name: str) -> Any:
    table: Any = inspect(row).mapper.local_table
    keys = inspect(row).identity or ()
    wanted = select(table.c[name]).where(
        *(column == key for column, key in zip(table.primary_key, keys, strict=True))
    )
    return session.connection().execute(wanted).scalar()


class AuditTrail:
    """Collects what one write changes. Listens to one session, from its start to its commit."""

    def __init__(self, session: Session, action: ActionEntry) -> None:
        self._session = session
        self._action = action
        self.tables: set[str] = set()
        self.counts: dict[str, Any] = {}
        self.people_blocks: set[int] = set()
        self.level_blocks: set[int] = set()
        self._pending: list[dict[str, Any]] = []
        self._digest = hashlib.sha256()
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "after_flush", self._after_flush)
        event.listen(session, "do_orm_execute", self._refuse_bulk)

    def _before_flush(self, session: Session, _context: UOWTransaction, _instances: Any) -> None:
        """Take old values while they are still known."""
        for row in session.dirty:
            if not session.is_modified(row):
                continue
            if type(row) in UNAUDITED:
                self._note_derived(row)
                continue
            before, after = changed_values(session, row)
            if before:
                seen = getattr(row, "version", None)
                if seen is not None:
                    # the version is counted up by the flush itself; revert compares it
                    before["version"], after["version"] = seen, seen + 1
                self._add(row, "update", before, after)
        for row in session.deleted:
            if type(row) in UNAUDITED:
                self._note_derived(row)
            else:
                self._add(row, "delete", all_values(row), None)

    def _after_flush(self, session: Session, _context: UOWTransaction) -> None:
        """Record inserts now that their ids are known, then write all entries of this flush."""
        for row in session.new:
            if type(row) in UNAUDITED:
                self._note_derived(row)
            else:
                self._add(row, "insert", None, all_values(row))
        if self._pending:
            session.connection().execute(AuditEntry.__table__.insert(), self._pending)  # type: ignore[attr-defined]
            self._pending = []

    def _note_derived(self, row: SQLModel) -> None:
        """Current levels have no entries, but pages that show them have to know."""
        if type(row) is CurrentLevel:
            self.tables.add("current_level")
            self.level_blocks.add(block_of(row.person_id))

    def _add(
        self, row: SQLModel, kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None
    ) -> None:
        table = str(row.__tablename__)
        self.tables.add(table)
        if table in PERSON_COLUMN:
            self.people_blocks.add(block_of(getattr(row, PERSON_COLUMN[table])))
        entry = {
            "action_id": self._action.id,
            "table_name": table,
            "row_key": row_key(row),
            "kind": kind,
            "before": before,
            "after": after,
        }
        self._digest.update(_canonical(_timeless(entry)))
        self._pending.append(entry)

    def note_bulk(self, table: str, rows: int, first_id: int | None, last_id: int | None) -> None:
        """Record one bulk insert: how many rows, and the range of ids so that it can be reverted."""
        self.tables.add(table)
        if rows and first_id is not None:
            ranges = self.counts.setdefault("bulk", [])
            ranges.append({"table": table, "rows": rows, "first_id": first_id, "last_id": last_id})

    @staticmethod
    def _refuse_bulk(state: ORMExecuteState) -> None:
        statement = state.statement
        writes = state.is_update or state.is_delete or state.is_insert
        if isinstance(statement, TextClause):
            writes = _WRITING_TEXT.search(statement.text) is not None
        if writes and not state.execution_options.get("derived"):
            raise RuntimeError("bulk statements bypass the audit trail; change rows one by one")

    def seal(self) -> None:
        """Finish the action's own row: tables, counts, and the hash that chains it to the one before."""
        action = self._action
        action.tables = sorted(self.tables)
        action.counts = self.counts
        action.hash = _chained(action, self._digest)


def _timeless(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without the time a plan took to solve: the chain's hash is in workbooks, and those repeat."""

    def without(values: dict[str, Any] | None) -> dict[str, Any] | None:
        summary = (values or {}).get("summary")
        if values is None or not isinstance(summary, dict):
            return values
        kept: dict[str, Any] = {**summary}
        kept.pop("seconds", None)
        return {**values, "summary": kept}

    return {**entry, "before": without(entry["before"]), "after": without(entry["after"])}


def _canonical(value: Any) -> bytes:
    # once to and fro first: keys that were numbers sort otherwise once they have been stored
    stored = json.loads(json.dumps(value, default=str))
    return json.dumps(stored, sort_keys=True).encode("utf-8")


def _chained(action: ActionEntry, digest: Any) -> str:  # hashlib keeps the name of its class to itself
    facts = [
        action.action,
        action.user,
        action.at.astimezone(UTC).isoformat(),
        action.revision,
        action.counts,
    ]
    digest.update(_canonical(facts))
    return hashlib.sha256(action.previous_hash.encode("utf-8") + digest.digest()).hexdigest()


def chain_hash(action: ActionEntry, entries: Sequence[AuditEntry]) -> str:
    """The hash an action must carry, worked out again from its stored entries in order of their ids."""
    digest = hashlib.sha256()
    for entry in entries:
        facts = {
            "action_id": entry.action_id,
            "table_name": entry.table_name,
            "row_key": entry.row_key,
            "kind": entry.kind,
            "before": entry.before,
            "after": entry.after,
        }
        digest.update(_canonical(_timeless(facts)))
    return _chained(action, digest)


@dataclass(slots=True)
class NetRow:
    """What one action did to one row as a whole, over all its flushes.

    ``before`` holds the old values of what it changed (all of them where it deleted the row), None where it
    made the row.
    """

    table: str
    key: str
    before: Values | None
    is_removed: bool

    @property
    def is_made(self) -> bool:
        """Whether the action made the row."""
        return self.before is None


def net_rows(entries: Sequence[AuditEntry]) -> list[NetRow]:
    """The entries of one action in order of their ids, drawn together per row. What it made and deleted is out."""
    rows: dict[tuple[str, str], NetRow] = {}
    for entry in entries:
        place = (entry.table_name, entry.row_key)
        known = rows.get(place)
        if known is None:
            before = None if entry.kind == "insert" else dict(entry.before or {})
        elif known.before is None:
            before = None
        else:
            before = {**(entry.before or {}), **known.before}
        is_removed = entry.kind == "delete"
        if before is not None or is_removed:
            rows.pop(place, None)
        if not (is_removed and before is None):
            # A row stands where the action last touched it, but one it made where it was made: what refers to
            # it was made later, and has to go before it.
            rows[place] = NetRow(*place, before, is_removed)
    return list(rows.values())
