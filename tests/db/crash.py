"""Runs a job on a workspace again and again, killed a little later each time.

    python -m tests.db.crash JOB HOME POINT     kill at that point (0: never), in this process
    python -m tests.db.crash JOB HOME           say on standard output how many points there are

A point is a step of SQLite's own engine, or a file of HOME being opened, renamed, linked or removed. Kills
inside a commit are made from outside, at system calls (test_crashes.py).
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.db.backup import back_up, list_backups, restore
from app.db.database import Database
from app.db.store_file import prepare
from app.errors import StoreError
from app.models import Unit
from tests.db import next_version

NAME = "staff.muster"
LATER = datetime(2026, 4, 2, 10, 15, tzinfo=UTC)
_FILE_EVENTS = {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.truncate", "shutil.copyfile"}
_STEPS_OF_SQLITE = 3000
WRITES = 3
UNITS_EACH = 20


def create(home: Path) -> None:
    prepare(home / NAME, create=True, read_only=False, now=LATER)


def upgrade(home: Path) -> None:
    next_version.become()
    prepare(home / NAME, create=False, read_only=False, now=LATER)


def make_backup(home: Path) -> None:
    back_up(home / NAME, LATER, "on closing")


def put_back(home: Path) -> None:
    restore(home / NAME, list_backups(home / NAME, check=False)[-1].path, LATER)


def write(home: Path) -> None:
    """Write a few times; after each commit that is acknowledged, say so."""
    database = Database.connect(home / NAME, "Amy", lambda: LATER)
    for number in range(WRITES):
        with database.write("Add units") as scope:
            for part in range(UNITS_EACH):
                path = f"New {number} / {part}"
                scope.session.add(Unit(name=path, path=path, path_key=path.casefold(), depth=1))
        os.write(1, f"{number}\n".encode("ascii"))
    database.close()


JOBS: dict[str, Callable[[Path], None]] = {
    job.__name__: job for job in (create, upgrade, make_backup, put_back, write)
}


class Points:
    """Counts the points a job passes, and kills the process at one of them."""

    def __init__(self, home: Path, fatal: int) -> None:
        self._home = str(home)
        self._fatal = fatal
        self.count = 0
        sys.addaudithook(self._on_event)
        connect = sqlite3.connect

        def counted(*arguments: Any, **named: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **named)
            connection.set_progress_handler(self._pass, _STEPS_OF_SQLITE)
            return connection

        sqlite3.connect = counted

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _FILE_EVENTS and any(str(part).startswith(self._home) for part in arguments[:2]):
            self._pass()

    def _pass(self) -> int:
        self.count += 1
        if self.count == self._fatal:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        return 0


def main(job: str, home: Path, fatal: int | None) -> int:
    """The exit code: 3 where the data store refused, as on the command line."""
    points = None if fatal == 0 else Points(home, fatal or -1)
    try:
        JOBS[job](home)
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    if fatal is None and points is not None:
        sys.stdout.write(f"points {points.count}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None))
