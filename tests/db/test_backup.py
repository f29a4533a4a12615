"""Backups: exact, checked, thinned with age, and put back without losing what was there."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from app.db import migrations
from app.db.backup import back_up, backup_folder, kept_on, list_backups, newest_good, restore, thin, verify
from app.db.store_file import prepare
from app.errors import DamagedError, NewerVersionError, StoreError
from tests.counts import share
from tests.db import contents


def _rename_everybody(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE person SET name = ?", (name,))
        connection.commit()


def _names(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM person")}


def test_a_backup_holds_everything(filled: Path, now: datetime) -> None:
    backup = back_up(filled, now, "before an\nimport")
    assert backup.parent == backup_folder(filled) == filled.parent.resolve() / "staff-backups"
    assert contents.everything_in(backup) == contents.everything_in(filled)
    (info,) = list_backups(filled)
    assert (info.path, info.made_at, info.reason, info.is_good) == (backup, now, "before an import", True)
    assert info.size == backup.stat().st_size
    assert verify(backup)


def test_sha256sum_can_check_it(filled: Path, now: datetime) -> None:
    backup = back_up(filled, now, "on closing")
    lines = backup.with_name(backup.name + ".sha256").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == f"{hashlib.sha256(backup.read_bytes()).hexdigest()}  {backup.name}"
    assert all(line.startswith("#") for line in lines[:-1])


def test_nothing_else_is_left_in_the_folder(filled: Path, now: datetime) -> None:
    folder = backup_folder(filled)
    folder.mkdir()
    for name in (".staff-0007.muster.part", ".staff-0007.muster.part-journal", "staff-0007.muster.sha256"):
        (folder / name).write_bytes(b"left by a killed program")
    backup = back_up(filled, now, "on closing")
    assert sorted(entry.name for entry in folder.iterdir()) == [backup.name, backup.name + ".sha256"]


def test_a_workspace_is_backed_up_while_it_is_open(filled: Path, now: datetime) -> None:
    with closing(sqlite3.connect(filled, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE person SET name = 'not yet saved'")
        backup = back_up(filled, now, "before an import")
        writer.execute("COMMIT")
    assert _names(backup) != {"not yet saved"}
    assert verify(backup)


def test_order_is_by_number_when_the_clock_was_set_back(filled: Path, now: datetime) -> None:
    first = back_up(filled, now, "first")
    second = back_up(filled, now - timedelta(days=400), "second")
    assert [info.path for info in list_backups(filled)] == [second, first]
    newest = newest_good(filled)
    assert newest is not None
    assert newest.path == second


def test_a_damaged_workspace_is_not_backed_up(filled: Path, now: datetime) -> None:
    data = bytearray(filled.read_bytes())
    data[4096 * 3 : 4096 * 4] = b"\xa5" * 4096
    filled.write_bytes(data)
    with pytest.raises(DamagedError, match="is damaged"):
        back_up(filled, now, "on closing")
    assert list_backups(filled) == []
    assert list(backup_folder(filled).iterdir()) == []


def test_a_full_disk_is_said_before_anything_is_written(
    filled: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("app.db.backup.shutil.disk_usage", lambda _folder: usage(10, 9, 1_000_000))
    with pytest.raises(StoreError, match="not enough room on the disk: 5 MB are needed, 1 MB are free"):
        back_up(filled, now, "on closing")
    assert list(backup_folder(filled).iterdir()) == []


@pytest.mark.parametrize("seed", range(share(300)))
def test_a_changed_bit_in_a_backup_is_always_found(filled: Path, now: datetime, seed: int) -> None:
    backup = back_up(filled, now, "on closing")
    data = bytearray(backup.read_bytes())
    chance = random.Random(seed)
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    backup.write_bytes(data)
    assert not verify(backup)
    assert [info.is_good for info in list_backups(filled)] == [False]
    assert newest_good(filled) is None
    before = filled.read_bytes()
    with pytest.raises(DamagedError, match="was not restored"):
        restore(filled, backup, now)
    assert filled.read_bytes() == before


@pytest.mark.parametrize("change", ["cut", "no note", "note without a sum", "text"])
def test_other_harm_to_a_backup_is_found(filled: Path, now: datetime, change: str) -> None:
    backup = back_up(filled, now, "on closing")
    note = backup.with_name(backup.name + ".sha256")
    if change == "cut":
        backup.write_bytes(backup.read_bytes()[:-4096])
    elif change == "no note":
        note.unlink()
    elif change == "note without a sum":
        note.write_text("# made: yesterday\n", encoding="utf-8")
    else:
        backup.write_text("not a database", encoding="utf-8")
    assert not verify(backup)
    (info,) = list_backups(filled)
    assert not info.is_good
    assert info.made_at.date() == now.date()


# --- put back ---


def test_restored_and_the_present_one_kept(filled: Path, now: datetime) -> None:
    backup = back_up(filled, now, "before an import")
    wanted = contents.everything_in(filled)
    _rename_everybody(filled, "imported")
    kept = restore(filled, backup, now)
    assert contents.everything_in(filled) == wanted
    assert kept is not None
    assert _names(kept) == {"imported"}
    assert list_backups(filled)[0].reason == "before another backup was restored"
    assert sorted(entry.name for entry in filled.parent.iterdir()) == ["staff-backups", "staff.muster"]
    assert prepare(filled, create=False, read_only=False, now=now).notice == ""


def test_a_bare_name_stands_for_one_of_the_backups(filled: Path, now: datetime) -> None:
    backup = back_up(filled, now, "before an import")
    _rename_everybody(filled, "imported")
    restore(filled, Path(backup.name), now)
    assert _names(filled) != {"imported"}


def test_restored_over_a_damaged_file(filled: Path, now: datetime) -> None:
    backup = back_up(filled, now, "before an import")
    wanted = contents.everything_in(filled)
    data = bytearray(filled.read_bytes())
    data[4096 * 3 : 4096 * 4] = b"\xa5" * 4096
    filled.write_bytes(data)
    Path(f"{filled}-journal").write_bytes(b"of the damaged file")
    kept = restore(filled, backup, now)
    assert kept == filled.resolve().with_name("staff.muster.damaged-20260401-101500")
    assert kept.read_bytes() == data
    assert not Path(f"{filled}-journal").exists()
    assert contents.everything_in(filled) == wanted


@pytest.mark.parametrize("present", [None, b"", b"a shopping list"])
def test_restored_where_no_workspace_is_left(filled: Path, now: datetime, present: bytes | None) -> None:
    backup = back_up(filled, now, "before an import")
    wanted = contents.everything_in(filled)
    filled.unlink()
    if present is not None:
        filled.write_bytes(present)
    kept = restore(filled, backup, now)
    assert (kept and kept.read_bytes()) == present
    assert contents.everything_in(filled) == wanted


def test_a_journal_left_behind_is_not_played_into_the_restored_file(
    filled: Path, now: datetime, tmp_path: Path
) -> None:
    backup = back_up(filled, now, "before an import")
    wanted = contents.everything_in(filled)
    with closing(sqlite3.connect(filled, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size=1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE assessment SET comment = printf('%.4000c', 'x')")
        crashed = tmp_path / "crashed.muster"
        for ending in ("", "-journal"):
            shutil.copy(f"{filled}{ending}", f"{crashed}{ending}")
        writer.execute("ROLLBACK")
    restore(crashed, backup, now)
    assert not Path(f"{crashed}-journal").exists()
    assert contents.everything_in(crashed) == wanted


def test_a_backup_of_a_newer_program_is_refused(filled: Path, now: datetime) -> None:
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute(f"PRAGMA user_version={migrations.SCHEMA_NUMBER + 1}")
    backup = back_up(filled, now, "on closing")
    before = filled.read_bytes()
    with pytest.raises(NewerVersionError, match="newer version of Muster"):
        restore(filled, backup, now)
    assert filled.read_bytes() == before


@pytest.mark.usefixtures("next_step")
def test_an_older_backup_is_brought_up_to_date_on_opening(filled: Path, now: datetime) -> None:
    backup = back_up(filled, now, "before an import")
    prepare(filled, create=False, read_only=False, now=now)
    restore(filled, backup, now)
    assert prepare(filled, create=False, read_only=False, now=now).read_only is False
    assert "known_as" in {row[1] for row in sqlite3.connect(filled).execute("PRAGMA table_info(person)")}


def test_a_backup_that_is_not_there(filled: Path, now: datetime) -> None:
    with pytest.raises(StoreError, match="There is no backup at"):
        restore(filled, filled.with_name("gone.muster"), now)


# --- thinned ---


def test_a_year_of_daily_backups_keeps_the_schedule() -> None:
    """366 days, three backups a day, thinned every day: what is left grows to the schedule and stays there."""
    start = date(2024, 1, 1)
    kept: list[date] = []
    for number in range(366):
        today = start + timedelta(days=number)
        kept = [today] * 3 + kept
        kept = [day for day, is_kept in zip(kept, kept_on(today, kept), strict=True) if is_kept]
        assert kept[:3] == [today] * 3
    today = start + timedelta(days=365)
    ages = [(today - day).days for day in kept]
    assert ages[:6] == [0, 0, 0, 1, 1, 1]
    assert ages[6:18] == list(range(2, 14))
    weekly = kept[18:28]
    assert len(weekly) == len({day.isocalendar()[:2] for day in weekly}) == 10
    assert 1 <= (kept[17] - weekly[0]).days <= 7
    assert {(newer - older).days for newer, older in pairwise(weekly)} == {7}
    monthly = kept[28:]
    assert len(monthly) == len({(day.year, day.month) for day in monthly}) == 9
    assert all(newer > older for newer, older in pairwise(monthly))
    assert 200 < ages[-1] < 400


def test_backups_of_tomorrow_are_kept() -> None:
    today = date(2026, 4, 1)
    assert kept_on(today, [today + timedelta(days=30), today]) == [True, True]


def test_thinning_deletes_files_with_their_notes(filled: Path) -> None:
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    made = [back_up(filled, start + timedelta(hours=8 * number), "on closing") for number in range(12)]
    now = start + timedelta(days=30)
    gone = thin(filled, now)
    left = [info.path for info in list_backups(filled)]
    assert sorted([*gone, *left]) == sorted(made)
    assert len(left) == 5
    assert left[0] == made[-1]
    assert {entry.name for entry in backup_folder(filled).iterdir()} == {
        name for path in left for name in (path.name, path.name + ".sha256")
    }


def test_thinning_leaves_alone_what_is_not_good(filled: Path) -> None:
    start = datetime(2020, 1, 1, 12, tzinfo=UTC)
    odd = back_up(filled, start, "on closing")
    odd.with_name(odd.name + ".sha256").unlink()
    for number in range(3):
        back_up(filled, start + timedelta(minutes=number), "on closing")
    thin(filled, start + timedelta(days=900))
    assert odd.exists()
    assert len(list_backups(filled)) == 2
