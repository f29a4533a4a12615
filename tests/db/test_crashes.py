"""Killed at any point, a workspace is as it was before or as it should be after, and goes on from there."""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from app.db.backup import back_up, list_backups, restore, verify
from app.db.database import Database
from app.db.store_file import inspect_file, prepare
from tests import counts
from tests.db import contents, crash, next_version

PROJECT = Path(__file__).resolve().parents[2]
NEXT = next_version.SETTINGS["SCHEMA_NUMBER"]
"""The schema number that the upgrade under test leads to."""

KILLED = {-9, 137, 1}
"""Exit codes of a killed process: POSIX, POSIX through strace, Windows."""


def _setup(job: str, filled: Path, home: Path, now: datetime) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    if job == "create":
        return
    path = Path(shutil.copy(filled, home / crash.NAME))
    if job in {"make_backup", "put_back"}:
        back_up(path, now, "before an import")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE person SET name = 'imported'")
            connection.commit()


def _check_create(path: Path, filled: Path, now: datetime, said: str) -> None:
    if not path.exists():
        prepare(path, create=True, read_only=False, now=now)
    assert prepare(path, create=False, read_only=False, now=now).notice == ""
    left = {entry.name for entry in path.parent.iterdir()}
    # a name beside the finished file may be left, never a file under the workspace's own name that is not whole
    assert all(name == path.name or name.startswith(f".{path.name}.new-") for name in left)


def _check_upgrade(path: Path, filled: Path, now: datetime, said: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        number = connection.execute("PRAGMA user_version").fetchone()[0]
        columns = {row[1] for row in connection.execute("PRAGMA table_info(person)")}
    assert ("known_as" in columns) == (number == NEXT)
    assert all(info.is_good for info in list_backups(path))
    if number == NEXT - 1:
        assert contents.everything_in(path) == contents.everything_in(filled)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in next_version.SETTINGS.items():
            patch.setattr(f"app.db.migrations.{name}", value)
        assert prepare(path, create=False, read_only=False, now=now).notice == ""
    assert inspect_file(path).user_version == NEXT
    after, before = contents.everything_in(path), contents.everything_in(filled)
    assert {name: len(rows) for name, rows in after.items()} == {
        name: len(rows) for name, rows in before.items()
    }


def _check_backup(path: Path, filled: Path, now: datetime, said: str) -> None:
    there = list_backups(path)
    assert len(there) in {1, 2}
    assert all(info.is_good and verify(info.path) for info in there)
    assert _names(path) == {"imported"}
    again = back_up(path, now + timedelta(days=9), "on closing")
    assert verify(again)
    left = {entry.name for entry in again.parent.iterdir()}
    assert left == {
        name for info in list_backups(path) for name in (info.path.name, info.path.name + ".sha256")
    }


def _check_restore(path: Path, filled: Path, now: datetime, said: str) -> None:
    assert prepare(path, create=False, read_only=False, now=now).notice == ""
    there = list_backups(path)
    assert all(verify(info.path) for info in there)
    first = contents.everything_in(there[-1].path)
    if _names(path) == {"imported"}:
        restore(path, there[-1].path, now + timedelta(days=9))
    else:
        # what was replaced is not lost
        assert {"imported"} in [_names(info.path) for info in there]
    assert contents.everything_in(path) == first


def _check_write(path: Path, filled: Path, now: datetime, said: str) -> None:
    acknowledged = len(re.findall(r"^\d+$", said, re.MULTILINE))
    assert prepare(path, create=False, read_only=False, now=now).notice == ""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        made = dict(
            connection.execute(
                "SELECT substr(path, 1, 5), count(*) FROM unit WHERE path LIKE 'New %' GROUP BY 1"
            ).fetchall()
        )
        actions = connection.execute(
            "SELECT count(*) FROM action_entry WHERE action = 'Add units'"
        ).fetchone()[0]
        audited = connection.execute(
            "SELECT count(*) FROM audit_entry WHERE action_id IN"
            " (SELECT id FROM action_entry WHERE action = 'Add units')"
        ).fetchone()[0]
        revision = connection.execute("SELECT number FROM revision").fetchone()[0]
    assert len(made) in {acknowledged, acknowledged + 1}
    assert set(made.values()) <= {crash.UNITS_EACH}
    assert (actions, audited, revision) == (len(made), len(made) * crash.UNITS_EACH, len(made))
    database = Database.connect(path, "Amy", lambda: now)
    with database.write("Go on") as scope:
        scope.describe(went_on=True)
    database.close()


def _names(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM person")}


CHECKS: dict[str, Callable[[Path, Path, datetime, str], None]] = {
    "create": _check_create,
    "upgrade": _check_upgrade,
    "make_backup": _check_backup,
    "put_back": _check_restore,
    "write": _check_write,
}


def _command(job: str, home: Path, *point: int) -> list[str]:
    return [sys.executable, "-m", "tests.db.crash", job, str(home), *map(str, point)]


_run = partial(
    subprocess.run, capture_output=True, text=True, encoding="utf-8", cwd=PROJECT, timeout=120, check=False
)


def _chosen(number: int, job: str) -> list[int]:
    """Points to kill at: all of them with --all, otherwise a seeded few and the last one."""
    points = list(range(1, number + 1))
    if counts.is_whole():
        return points
    return sorted({*random.Random(job).sample(points, min(number, 2)), number})


@pytest.mark.long
@pytest.mark.parametrize("job", CHECKS)
def test_killed_at_its_own_points(job: str, filled: Path, tmp_path: Path, now: datetime) -> None:
    home = tmp_path / "home"
    _setup(job, filled, home, now)
    whole = _run(_command(job, home))
    found = re.search(r"points (\d+)", whole.stdout)
    assert found is not None, whole.stderr
    CHECKS[job](home / crash.NAME, filled, now, whole.stdout)
    for point in _chosen(int(found[1]), job):
        _setup(job, filled, home, now)
        killed = _run(_command(job, home, point))
        assert killed.returncode in KILLED, (point, killed.stderr)
        CHECKS[job](home / crash.NAME, filled, now, killed.stdout)


# --- at system calls, where strace is there ---

CALLS = "pwrite64,write,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,link,linkat"
needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not there (Debian package strace)"
)


def _traced(
    home: Path, job: str, inject: str
) -> tuple[subprocess.CompletedProcess[str], list[tuple[str, int]]]:
    """The job under strace; the calls it made on files of its home, each with its number among its kind."""
    log = home.with_suffix(".trace")
    log.unlink(missing_ok=True)
    extra = ["-e", inject] if inject else []
    command = ["strace", "-f", "-y", "-qq", "-o", str(log), "-e", f"trace={CALLS}", *extra]
    # SQLAlchemy's pool and the job run in one thread: strace counts calls per thread
    done = _run([*command, *_command(job, home, 0)], env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    calls: list[tuple[str, int]] = []
    number: dict[str, int] = {}
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    for line in lines:
        match = re.match(r"\d+\s+(\w+)\((.*)", line)
        if match:
            number[match[1]] = number.get(match[1], 0) + 1
            if str(home) + os.sep in match[2]:
                calls.append((match[1], number[match[1]]))
    return done, calls


def _points(calls: list[tuple[str, int]], job: str, fault: str) -> list[tuple[str, int]]:
    """With --all every call of a write is killed; of the other pairs every call but a share of the page writes."""
    chance = random.Random(job + fault)
    if not counts.is_whole():
        return chance.sample(calls, 1)
    if (job, fault) == ("write", "signal=KILL"):
        return calls
    pages = [point for point in calls if point[0] == "pwrite64"]
    return [point for point in calls if point[0] != "pwrite64"] + chance.sample(pages, min(12, len(pages)))


@needs_strace
@pytest.mark.long
@pytest.mark.parametrize("job", CHECKS)
def test_a_fault_at_its_system_calls(job: str, filled: Path, tmp_path: Path, now: datetime) -> None:
    home = tmp_path / "home"
    _setup(job, filled, home, now)
    whole, calls = _traced(home, job, "")
    if whole.returncode and "ptrace" in whole.stderr.lower():
        pytest.skip("strace may not trace here")
    assert whole.returncode == 0, whole.stderr
    assert calls
    for fault in ("signal=KILL", "error=ENOSPC", "error=EIO"):
        for call, number in _points(calls, job, fault):
            _setup(job, filled, home, now)
            done, _ = _traced(home, job, f"inject={call}:{fault}:when={number}")
            # SQLite goes on where the loss does no harm (a journal that is not emptied at once)
            allowed = KILLED if fault == "signal=KILL" else {0, 3}
            assert done.returncode in allowed, (call, number, done.returncode, done.stderr[-2000:])
            CHECKS[job](home / crash.NAME, filled, now, done.stdout)
