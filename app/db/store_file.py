"""Opening and making the data store: every check of SAFETY 1.2 in its order, before a row is read.

A file: size, id and header, then soundness, then version. A newer one opens for reading only, an older one is
backed up and brought up to date, a damaged one is kept aside and never touched.
"""

from __future__ import annotations

import glob
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.db import migrations
from app.db.backup import back_up, flush_folder, keep_damaged, need_space, newest_good, remove_quietly
from app.db.database import plain_error
from app.db.file_checks import (
    FileState,
    can_write,
    damage_in,
    inspect_file,
    open_raw,
    place_warning,
    plain_sqlite_error,
)
from app.db.migrations import APPLICATION_ID
from app.db.packing import pack_all
from app.errors import AppError, DamagedError, ReadOnlyError, StoreError

__all__ = [
    "APPLICATION_ID",
    "FileState",
    "Prepared",
    "inspect_file",
    "prepare",
    "prepare_server",
    "upgrade_server",
]

_NEW_FILE_BYTES = 1_000_000
_LARGE_BYTES = 200_000_000
"""Files above this are looked through for a quarter of a second when they are opened, smaller ones whole."""

_ADVISORY_LOCK = APPLICATION_ID


@dataclass(frozen=True, slots=True)
class Prepared:
    """A data store that may be opened. ``notice`` is for the banner, empty when all is well."""

    read_only: bool
    notice: str


# --- a file ---


def prepare(path: Path, *, create: bool, read_only: bool, now: datetime) -> Prepared:
    """Check a workspace file, and make it (``create``) or bring it up to date where that is called for.

    The caller holds the instance lock unless it opens for reading only. Raises StoreError (not there, there
    already, older and not to be written), DamagedError (not one of ours, damaged), DatabaseBusy.
    """
    path = path.resolve()  # journal, lock and backups belong to the file, not to a link to it
    if create:
        _create(path)
    state = inspect_file(path)
    _refuse_foreign(state)
    may_write = not read_only and can_write(path)
    number = _sound_number(state, now, may_write=may_write)
    notices: list[str] = []
    if number > migrations.SCHEMA_NUMBER:
        may_write = False
        notices.append(
            f"“{path.name}” was made by a newer version of Muster. It is open for reading only; "
            "install the newest version to change it."
        )
    elif number < migrations.SCHEMA_NUMBER:
        _bring_up_to_date(path, now, number, may_write=may_write)
    if not (may_write or read_only or notices):
        notices.append(
            f"“{path.name}” cannot be written where it lies. It is open for reading only; "
            "copy it to a folder you can write to in order to change it."
        )
    notices.append(place_warning(path))
    return Prepared(read_only=not may_write, notice=" ".join(filter(None, notices)))


def _refuse_foreign(state: FileState) -> None:
    if state.is_ours:
        return
    if state.size == 0:
        what = "is empty (0 bytes)"
    elif state.has_header:
        what = "is a database of another program"
    else:
        what = "does not begin as a workspace does"
    raise DamagedError(
        f"“{state.path.name}” is not one of our files: it {what}. It was not touched.",
        _backup_advice(state.path) or "Choose a .muster file.",
    )


def _sound_number(state: FileState, now: datetime, *, may_write: bool) -> int:
    """The schema number of a sound file. Opening for writing first rolls back what a kill left half-done."""
    damage = ""
    number = 0
    try:
        with open_raw(state.path, read_only=not may_write) as connection:
            damage = damage_in(connection, seconds=0.25 if state.size > _LARGE_BYTES else None)
            number = int(connection.execute("PRAGMA user_version").fetchone()[0])
            step = "" if damage else _step(connection)
    except UnicodeDecodeError:
        damage = "a name that is no text"
    except sqlite3.Error as error:
        plain = plain_sqlite_error(error, state.path)
        if not isinstance(plain, DamagedError):
            raise plain from error
        damage = str(error)
    else:
        damage = damage or _contradiction(state, number, step)
    if damage:
        raise _damaged(state.path, now)
    return number


def _step(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return "" if row is None else str(row[0])


def _contradiction(state: FileState, number: int, step: str) -> str:
    """Where the header and the tables say different things; empty where they agree."""
    if not state.is_header_sound:
        return "the header has an unknown layout"
    expected = migrations.REVISIONS[number - 1] if 1 <= number <= migrations.SCHEMA_NUMBER else None
    if (expected is None and (number <= 0 or step in migrations.REVISIONS)) or (
        expected and step != expected
    ):
        return f"the header says schema {number}, the tables say {step or 'none'}"
    return ""


def _damaged(path: Path, now: datetime) -> DamagedError:
    kept = keep_damaged(path, now)
    aside = f"; a copy was kept as {kept.name}" if kept else "; no copy could be kept beside it"
    return DamagedError(
        f"“{path.name}” is damaged and was not opened. It was left as it is{aside}.",
        _backup_advice(path) or "There is no good backup beside it; look for a copy made elsewhere.",
    )


def _backup_advice(path: Path) -> str:
    newest = newest_good(path)
    if newest is None:
        return ""
    when = f"{newest.made_at.day} {newest.made_at:%B %Y, %H:%M}"
    return (
        f"The newest good backup was made on {when}, {newest.reason}. To go back to it: "
        f'muster restore "{newest.path.name}" --workspace "{path}".'
    )


def _bring_up_to_date(path: Path, now: datetime, number: int, *, may_write: bool) -> None:
    if not may_write:
        raise ReadOnlyError(
            f"“{path.name}” was made by an older version of Muster and has to be brought up to date first.",
            "Open it once for writing; where it cannot be written, open a copy of it.",
        )
    back_up(path, now, f"before it was brought up to date from schema {number} to {migrations.SCHEMA_NUMBER}")
    with _plain(path), _migrating(path) as connection:
        migrations.upgrade(connection)
        pack_all(connection)
        _check_references(connection, path)


def _create(path: Path) -> None:
    """Make an empty workspace under another name, and put it in place whole; never over a file."""
    if path.exists():
        raise StoreError(f"There is already a file at {path}.", "Open it, or choose another name.")
    if not path.parent.is_dir():
        raise StoreError(f"There is no folder {path.parent}.", "Check the path, or make the folder first.")
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.new-*"):
        remove_quietly(leftover)
    part = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        need_space(path.parent, _NEW_FILE_BYTES)
        part.touch(exist_ok=False)
        with _plain(path), _migrating(part) as connection:
            migrations.upgrade(connection)
        _put_in_place(part, path)
        flush_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"No workspace can be made at {path}: {error.strerror or error}.",
            "Choose a folder that you can write to.",
        ) from error
    finally:
        remove_quietly(part)


def _put_in_place(part: Path, path: Path) -> None:
    """Give the finished file its name, without ever replacing one that came there in the meantime."""
    try:
        if os.name == "nt":
            part.rename(path)
            return
        try:
            os.link(part, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without second names; the instance lock keeps other programs off
            if path.exists():
                raise FileExistsError(path) from None
            part.rename(path)
    except FileExistsError as error:
        raise StoreError(f"There is already a file at {path}.", "Open it, or choose another name.") from error


@contextmanager
def _migrating(path: Path) -> Generator[Connection]:
    """One writing transaction for the schema; pysqlite's own handling would commit half (SAFETY 0, 3)."""
    address = f"{path.as_uri()}?mode=rw"
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, timeout=5.0, isolation_level=None),
        poolclass=NullPool,
    )

    @event.listens_for(engine, "connect")
    def on_connect(raw: sqlite3.Connection, _record: object) -> None:
        # a table that is made anew is dropped in between: its references are checked before the commit
        for pragma in ("foreign_keys=OFF", "journal_mode=DELETE", "synchronous=FULL"):
            raw.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _check_references(connection: Connection, path: Path) -> None:
    row = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if row is not None:
        raise DamagedError(
            f"“{path.name}” holds a row of “{row[0]}” that points to a missing row of “{row[2]}”; "
            "it was left at its older version.",
            "Restore an earlier backup, or send the log to whoever looks after Muster.",
        )


@contextmanager
def _plain(path: Path) -> Generator[None]:
    """Errors of SQLite as sentences."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise plain_sqlite_error(error.orig, path) from error
        raise


# --- a server ---


def prepare_server(engine: Engine, *, create: bool, now: datetime) -> Prepared:
    """Check a PostgreSQL database; ``create`` fills an empty one, and only an administrator upgrades one.

    ``now`` is not needed here: a server's backups are its administrator's.
    """
    del now
    with _server_errors(), engine.begin() as connection:
        step = migrations.current(connection)
        if step is None:
            _fill_server(connection, create=create)
            return Prepared(read_only=False, notice="")
        if create:
            raise StoreError(
                "This database already holds a workspace.", "Open it, or choose another database."
            )
        number = migrations.number_of(step)
    if number > migrations.SCHEMA_NUMBER:
        sentence = (
            "This database was brought up to date by a newer version of Muster. It is open for reading only; "
        )
        return Prepared(read_only=True, notice=sentence + "install the newest version to change it.")
    if number < migrations.SCHEMA_NUMBER:
        raise StoreError(
            "This database was made by an older version of Muster.",
            "An administrator upgrades it with `muster check --upgrade`, after a backup.",
        )
    return Prepared(read_only=False, notice="")


def upgrade_server(engine: Engine) -> tuple[int, int]:
    """Bring a PostgreSQL database up to date, for its administrator; schema numbers before and after."""
    with _server_errors(), engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        step = migrations.current(connection)
        before = migrations.number_of(step)
        if step is None:
            raise StoreError("This database holds no workspace.", "Make one with `muster new`.")
        if before > migrations.SCHEMA_NUMBER:
            raise StoreError(
                "This database is at a newer version than this program.",
                "Install the newest version of Muster.",
            )
        migrations.upgrade(connection)
        pack_all(connection)
    return before, migrations.SCHEMA_NUMBER


def _fill_server(connection: Connection, *, create: bool) -> None:
    if not create:
        raise StoreError("This database holds no workspace.", "Make one in it with `muster new`.")
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    if migrations.current(connection) is not None:  # somebody else was faster
        raise _already_filled()
    others = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    if others:
        raise StoreError(
            f"This database holds tables of another program ({', '.join(sorted(others)[:3])}).",
            "Choose an empty database.",
        )
    migrations.upgrade(connection)


def _already_filled() -> StoreError:
    return StoreError("This database already holds a workspace.", "Open it, or choose another database.")


@contextmanager
def _server_errors() -> Generator[None]:
    try:
        yield
    except DBAPIError as error:
        plain = plain_error(error)
        if isinstance(plain, AppError):
            raise plain from error
        raise
