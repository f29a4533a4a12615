"""The engine behind a workspace: one SQLite file, or a PostgreSQL database by URL.

``read()`` gives a session for reading, ``write("action")`` one transaction with audit, revision, Change and
conflict mapping (ARCHITECTURE 5). Nothing else in the program opens a transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Date, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import QueuePool
from sqlmodel import SQLModel, col

from app.change import Change, Outcome
from app.db.audit import PERSON_COLUMN, AuditTrail
from app.db.backup import back_up, list_backups
from app.db.packing import all_blocks, blocks_of, refresh
from app.errors import AppError, ConflictError, DamagedError, DatabaseBusy, ReadOnlyError, StoreError
from app.models import ActionEntry, Revision

IS_WRITE = "is_write"
"""Marks the session of a write: what is read there may never be kept, for it may be taken back."""

Row = TypeVar("Row", bound=SQLModel)
T = TypeVar("T")
Clock = Callable[[], datetime]

BUSY_SECONDS = 5.0
_SQLITE_SENTENCES: dict[int, tuple[type[StoreError], str, str]] = {
    sqlite3.SQLITE_BUSY: (
        DatabaseBusy,
        "Another program is writing to this workspace.",
        "Try again in a moment.",
    ),
    sqlite3.SQLITE_LOCKED: (DatabaseBusy, "This workspace is locked.", "Try again in a moment."),
    sqlite3.SQLITE_READONLY: (ReadOnlyError, "This workspace can only be read.", "Save a copy to change it."),
    sqlite3.SQLITE_FULL: (
        StoreError,
        "The disk is full; nothing was changed.",
        "Free some space and try again.",
    ),
    sqlite3.SQLITE_IOERR: (StoreError, "The disk did not answer; nothing was changed.", "Check the drive."),
    sqlite3.SQLITE_CORRUPT: (DamagedError, "The workspace file is damaged.", "Restore the newest backup."),
    sqlite3.SQLITE_NOTADB: (DamagedError, "This is not a Muster workspace.", "Choose a .muster file."),
    sqlite3.SQLITE_CANTOPEN: (
        StoreError,
        "The workspace cannot be opened.",
        "Check the path and your rights.",
    ),
}


class WriteScope:
    """One write under way: its session, and what services may do besides adding rows to it."""

    def __init__(self, session: Session, action: ActionEntry, trail: AuditTrail, now: datetime) -> None:
        self.session = session
        self.now = now
        self._action = action
        self._trail = trail
        self._change: Change | None = None

    @property
    def revision(self) -> int:
        """The revision that this write makes."""
        return self._action.revision

    @property
    def action_id(self) -> int:
        """The id under which this write can be reverted."""
        return self._action.id or 0

    @property
    def user(self) -> str:
        """Who makes this write."""
        return self._action.user

    def fetch(self, table: type[Row], row_id: int, seen_version: int | None = None) -> Row:
        """The row, locked in step with what the user saw; ConflictError when it is gone or moved on."""
        row = self.session.get(table, row_id)
        what = str(table.__tablename__).replace("_", " ")
        if row is None:
            raise ConflictError(f"This {what} is no longer there.", "Refresh the page to see what changed.")
        if seen_version is not None and getattr(row, "version", seen_version) != seen_version:
            raise ConflictError(
                f"This {what} was changed by somebody else since you opened it.",
                "Refresh to see the new values, then make your change again.",
            )
        return row

    def describe(self, **counts: Any) -> None:
        """Add facts about this write to its history entry (file, row counts)."""
        self._trail.counts.update(counts)

    def mark_revert_of(self, action_id: int) -> None:
        """Record that this write takes an earlier action back."""
        self._action.reverts_action_id = action_id

    def touch(self, table: str) -> None:
        """Name a table as changed by other means than rows of this session."""
        self._trail.tables.add(table)

    def next_id(self, table: type[SQLModel]) -> int:
        """The next free id of a table, for bulk inserts. Safe because writers come one at a time."""
        column = table.__table__.c.id  # type: ignore[attr-defined]
        highest = self.session.scalar(select(func.max(column)))
        return int(highest or 0) + 1

    def bulk_insert(self, table: type[SQLModel], columns: Mapping[str, Sequence[Any]]) -> int:
        """Insert many rows given as columns of equal length, straight through the driver.

        The one named exception to row-wise audit: the action keeps the number of rows and the range of ids.
        Returns the number of rows. Empty input inserts nothing.
        """
        self.session.flush()
        connection = self.session.connection()
        rows = _insert_columns(connection, table, columns)
        ids = columns.get("id")
        first, last = (int(ids[0]), int(ids[-1])) if ids is not None and rows else (None, None)
        name = str(table.__tablename__)
        self._trail.note_bulk(name, rows, first, last)
        if rows and name in PERSON_COLUMN:
            self.note_people(columns[PERSON_COLUMN[name]])
        return rows

    def note_people(self, person_ids: Iterable[int]) -> None:
        """These people changed by other means than rows of this session: their packed copies are made again."""
        self._trail.people_blocks |= blocks_of(person_ids)

    def note_levels(self, person_ids: Iterable[int] | None) -> None:
        """The current levels of these people (None: of all) changed: their packed copies are made again."""
        self.touch("current_level")
        chosen = all_blocks(self.session.connection()) if person_ids is None else blocks_of(person_ids)
        self._trail.level_blocks |= chosen

    def execute_derived(self, statement: Any, parameters: Any = None) -> None:
        """Run a bulk statement over derived rows (current levels); they carry no history of their own."""
        self.session.execute(statement, parameters, execution_options={"derived": True})

    def settle(self, change: Change) -> None:
        """Take the finished Change (called by :class:`Database` after the commit)."""
        self._change = change

    def outcome(self, value: T) -> Outcome[T]:
        """The result with its Change; only known after the ``with`` block."""
        if self._change is None:
            raise RuntimeError("the outcome of a write is known after its transaction")
        return Outcome(value, self._change)


class Database:
    """An open data store. Make one with :meth:`connect`; close it when done."""

    def __init__(
        self, engine: Engine, user: str, clock: Clock, path: Path | None, *, read_only: bool
    ) -> None:
        self.engine = engine
        self._writer = engine.execution_options(muster_write=True)
        self.user = user
        self.clock = clock
        self.path = path
        self.is_read_only = read_only
        self._identity = _identity(path)
        self._backed_up = 0

    @classmethod
    def connect(cls, target: Path | str, user: str, clock: Clock, *, read_only: bool = False) -> Database:
        """Connect to a prepared SQLite file (Path) or a PostgreSQL URL (str); checks and migrates nothing."""
        if isinstance(target, Path):
            return cls(sqlite_engine(target, read_only=read_only), user, clock, target, read_only=read_only)
        return cls(server_engine(target), user, clock, None, read_only=read_only)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file rather than a server."""
        return self.path is not None

    def close(self) -> None:
        """Give up every connection, so that the file may be replaced."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Generator[Session]:
        """A session for reading: one consistent view, no lock on writers beyond SQLite's own."""
        try:
            with Session(self.engine) as session:
                yield session
        except DBAPIError as error:
            raise plain_error(error) from error

    @contextmanager
    def write(self, action: str, *, back_up_first: bool = False) -> Generator[WriteScope]:
        """One transaction for one action of the user: audit, revision, version, Change; all or nothing.

        ``back_up_first`` is for loads of whole files: the workspace as it was is kept beside it (SAFETY 1.2).
        """
        if self.is_read_only:
            raise ReadOnlyError("This workspace is open for reading only.", "Save a copy to change it.")
        if back_up_first:
            self.back_up_if_changed(f"before “{action}”")
        now = self.clock()
        try:
            with Session(self._writer, expire_on_commit=False, info={IS_WRITE: True}) as session:
                entry = self._begin(session, action, now)
                trail = AuditTrail(session, entry)
                scope = WriteScope(session, entry, trail, now)
                yield scope
                session.flush()
                refresh(session.connection(), trail.people_blocks, trail.level_blocks, entry.revision)
                trail.seal()
                session.flush()
                self._check_identity()
                session.commit()
        except StaleDataError as error:
            raise ConflictError(
                "Somebody else changed the same row while you were working.",
                "Refresh to see the new values, then make your change again.",
            ) from error
        except DBAPIError as error:
            raise plain_error(error) from error
        scope.settle(Change(action, frozenset(trail.tables), entry.revision, entry.id or 0))

    def revision(self) -> int:
        """The number of the last write."""
        with self.read() as session:
            return int(session.scalar(select(col(Revision.number))) or 0)

    def back_up_if_changed(self, reason: str, *, older_than: timedelta | None = None) -> Path | None:
        """A backup of the file, unless it is empty or unchanged since the last one; its path.

        With ``older_than`` also none is made while the newest one is younger. A server has its own backups.
        """
        if self.path is None or self.is_read_only:
            return None
        revision = self.revision()
        if revision in (0, self._backed_up):
            return None
        if older_than is not None:
            newest = next(iter(list_backups(self.path, check=False)), None)
            if newest is not None and timedelta(0) <= self.clock() - newest.made_at < older_than:
                return None
        made = back_up(self.path, self.clock(), reason)
        self._backed_up = revision
        return made

    def _begin(self, session: Session, action: str, now: datetime) -> ActionEntry:
        row = session.get(Revision, 1, with_for_update=not self.is_sqlite)
        if row is None:
            row = Revision(id=1, number=0)
            session.add(row)
        row.number += 1
        newest = select(col(ActionEntry.hash)).order_by(col(ActionEntry.id).desc()).limit(1)
        entry = ActionEntry(
            action=action,
            user=self.user,
            at=now,
            revision=row.number,
            previous_hash=session.scalar(newest) or "",
        )
        session.add(entry)
        session.flush()
        return entry

    def _check_identity(self) -> None:
        """A file deleted or replaced while open would take writes and lose them (SAFETY 1.2)."""
        if self._identity is not None and _identity(self.path) != self._identity:
            raise StoreError(
                "The workspace file was moved, deleted or replaced while it was open; nothing was changed.",
                "Put the file back, or open the workspace again.",
            )


def _identity(path: Path | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        stat = path.stat()
    except OSError:
        return None if not path.parent.exists() else (0, 0)
    return stat.st_dev, stat.st_ino


def sqlite_engine(path: Path, *, read_only: bool = False) -> Engine:
    """An engine for a workspace file: rollback journal, synchronous FULL, BEGIN IMMEDIATE (SAFETY 1.2)."""
    mode = "ro" if read_only else "rw"
    # as_uri() escapes what SQLite would otherwise read as the punctuation of an address
    address = f"{path.absolute().as_uri()}?mode={mode}"
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False),
        poolclass=QueuePool,
        pool_size=4,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        if not read_only:
            cursor.execute("PRAGMA journal_mode=DELETE")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        is_write = connection.get_execution_options().get("muster_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")

    return engine


def server_engine(url: str) -> Engine:
    """An engine for a PostgreSQL URL; a sentence where the driver is not installed."""
    try:
        return create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StoreError(
            "The driver for shared databases is not installed here.",
            "Install Muster with its “postgres” extra, then open the database again.",
        ) from error


def plain_error(error: DBAPIError) -> AppError | DBAPIError:
    """A database error as a sentence where the user can do something; otherwise the error itself."""
    original = error.orig
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _SQLITE_SENTENCES:
        kind, sentence, advice = _SQLITE_SENTENCES[code & 0xFF]
        return kind(sentence, advice)
    if isinstance(error, IntegrityError):
        return error
    if isinstance(original, sqlite3.Error):  # one that the driver found itself: text that is none
        return _damaged() if isinstance(error, OperationalError) and code is None else error
    if isinstance(error, OperationalError):
        return StoreError("The database server cannot be reached.", "Check the network, then try again.")
    return error


def _damaged() -> StoreError:
    kind, sentence, advice = _SQLITE_SENTENCES[sqlite3.SQLITE_CORRUPT]
    return kind(sentence, advice)


def _insert_columns(
    connection: Connection, table: type[SQLModel], columns: Mapping[str, Sequence[Any]]
) -> int:
    names = list(columns)
    count = len(next(iter(columns.values()))) if columns else 0
    if count == 0:
        return 0
    if any(len(values) != count for values in columns.values()):
        raise ValueError("the columns of a bulk insert differ in length")
    is_sqlite = connection.dialect.name == "sqlite"
    shown: Any = table.__table__  # type: ignore[attr-defined]
    prepared = [_driver_values(shown.c[name].type, columns[name], is_sqlite=is_sqlite) for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join(["?" if is_sqlite else "%s"] * len(names))
    statement = f'INSERT INTO "{shown.name}" ({listed}) VALUES ({marks})'
    cursor: Any = connection.connection.cursor()
    try:
        cursor.executemany(statement, zip(*prepared, strict=True))
        if not is_sqlite and "id" in columns:
            _advance_sequence(connection, shown.name)
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlite3.Error) from error
    finally:
        cursor.close()
    return count


def _advance_sequence(connection: Connection, table: str) -> None:
    connection.execute(
        text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    )


def _driver_values(kind: Any, values: Sequence[Any], *, is_sqlite: bool) -> Sequence[Any]:
    """Values as the driver stores them, so that bulk rows and mapped rows look the same in the file."""
    name = type(kind).__name__
    if name == "JSON":
        return [json.dumps(value) for value in values]
    if not is_sqlite:
        return values
    if isinstance(kind, Date):
        written = {day: day.isoformat() if day else None for day in set(values)}
        return list(map(written.__getitem__, values))
    if name == "UtcDateTime":
        return [moment and moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") for moment in values]
    return values
