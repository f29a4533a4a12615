"""Opening a workspace file: what is there is recognised, what is damaged is kept, nothing is taken for new."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from app.db import migrations
from app.db.backup import back_up, list_backups
from app.db.database import Database
from app.db.file_checks import place_warning
from app.db.lock import InstanceLock
from app.db.store_file import APPLICATION_ID, Prepared, inspect_file, prepare
from app.errors import DamagedError, DatabaseBusy, ReadOnlyError, StoreError
from tests.counts import share
from tests.db import contents

PAGE = 4096


def _open(path: Path, now: datetime, *, read_only: bool = False) -> Prepared:
    return prepare(path, create=False, read_only=read_only, now=now)


def _pragma(path: Path, text: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(f"PRAGMA {text}").fetchone()
        connection.commit()
        return found and found[0]


def _set_number(path: Path, number: int, step: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={number}")
        connection.execute("UPDATE alembic_version SET version_num=?", (step,))
        connection.commit()


# --- made and opened ---


def test_a_new_workspace(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "Bud get's 100%.muster"
    assert prepare(path, create=True, read_only=False, now=now) == Prepared(read_only=False, notice="")
    state = inspect_file(path)
    assert (state.application_id, state.user_version) == (APPLICATION_ID, migrations.SCHEMA_NUMBER)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert _open(path, now) == Prepared(read_only=False, notice="")


def test_new_never_replaces_a_file(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "staff.muster"
    path.write_bytes(b"")
    with pytest.raises(StoreError, match="already a file"):
        prepare(path, create=True, read_only=False, now=now)
    assert path.read_bytes() == b""


def test_new_where_there_is_no_folder(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(StoreError, match="There is no folder"):
        prepare(tmp_path / "gone" / "staff.muster", create=True, read_only=False, now=now)


def test_what_a_killed_program_left_half_made_goes(tmp_path: Path, now: datetime) -> None:
    (tmp_path / ".staff.muster.new-77").write_bytes(b"x")
    (tmp_path / ".staff.muster.new-77-journal").write_bytes(b"x")
    prepare(tmp_path / "staff.muster", create=True, read_only=False, now=now)
    assert [entry.name for entry in tmp_path.iterdir()] == ["staff.muster"]


def test_a_missing_file_is_not_made(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(StoreError, match="There is no workspace at") as caught:
        _open(tmp_path / "staff.muster", now)
    assert "muster new" in caught.value.advice
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_a_workspace(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        _open(tmp_path, now)


def test_opening_changes_nothing(filled: Path, now: datetime) -> None:
    before = filled.read_bytes()
    assert _open(filled, now) == Prepared(read_only=False, notice="")
    assert _open(filled, now, read_only=True) == Prepared(read_only=True, notice="")
    assert filled.read_bytes() == before
    assert [entry.name for entry in filled.parent.iterdir()] == [filled.name]


# --- not ours, or damaged ---


def _foreign_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (title)")


FOREIGN = {
    "0 bytes": (lambda path: path.write_bytes(b""), "is empty (0 bytes)"),
    "50 bytes": (lambda path: path.write_bytes(path.read_bytes()[:50]), "does not begin as a workspace"),
    "text": (lambda path: path.write_text("name,grade\n" * 500, encoding="utf-8"), "does not begin"),
    "header overwritten": (
        lambda path: path.write_bytes(b"\0" * 100 + path.read_bytes()[100:]),
        "does not begin",
    ),
    "another program's": (_foreign_database, "database of another program"),
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("has_backup", [False, True])
def test_what_is_not_ours_is_not_touched(filled: Path, now: datetime, kind: str, has_backup: bool) -> None:
    backup = back_up(filled, now, "before an import") if has_backup else None
    change, what = FOREIGN[kind]
    change(filled)
    before = filled.read_bytes()
    with pytest.raises(DamagedError, match="is not one of our files") as caught:
        _open(filled, now)
    assert what in caught.value.sentence
    assert filled.read_bytes() == before
    assert (
        (backup.name in caught.value.advice) if backup else ("Choose a .muster file" in caught.value.advice)
    )
    left = {entry.name for entry in filled.parent.iterdir()} - {"staff-backups"}
    assert left == {filled.name}


def _used_pages(path: Path) -> list[int]:
    """Numbers of the pages that hold tables and indexes, found by their type byte."""
    data = path.read_bytes()
    return [at for at in range(1, len(data) // PAGE) if data[at * PAGE] in (2, 5, 10, 13)]


@pytest.mark.parametrize("seed", range(share(100)))
def test_a_page_of_garbage_is_never_silent(filled: Path, now: datetime, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(filled.read_bytes())
    page = chance.choice(_used_pages(filled))
    data[page * PAGE : (page + 1) * PAGE] = chance.randbytes(PAGE)
    filled.write_bytes(data)
    with pytest.raises(DamagedError, match="is damaged and was not opened"):
        _open(filled, now)
    assert filled.read_bytes() == data


@pytest.mark.parametrize("seed", range(share(100)))
def test_a_truncated_file_is_never_silent(filled: Path, now: datetime, seed: int) -> None:
    size = filled.stat().st_size
    keep = size // 2 if seed == 0 else random.Random(seed).randrange(100, size)
    os.truncate(filled, keep)
    with pytest.raises(DamagedError):
        _open(filled, now)
    assert filled.stat().st_size == keep


@pytest.mark.parametrize("seed", range(share(300)))
def test_a_changed_bit_never_crashes(filled: Path, now: datetime, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(filled.read_bytes())
    at = chance.randrange(100) if seed % 3 == 0 else chance.randrange(len(data))
    data[at] ^= 1 << chance.randrange(8)
    filled.write_bytes(data)
    try:
        prepared = _open(filled, now)
    except StoreError as error:
        assert error.sentence  # noqa: PT017  (either outcome is right; a crash is not)
        assert error.advice  # noqa: PT017
    else:
        assert prepared.read_only in (False, True)


def _damage(path: Path) -> bytes:
    data = bytearray(path.read_bytes())
    page = _used_pages(path)[3]
    data[page * PAGE : (page + 1) * PAGE] = b"\xa5" * PAGE
    path.write_bytes(data)
    return bytes(data)


def test_a_damaged_file_is_kept_aside_and_the_newest_backup_offered(filled: Path, now: datetime) -> None:
    back_up(filled, now, "before an import")
    newest = back_up(filled, now, "on closing")
    broken = _damage(filled)
    with pytest.raises(DamagedError) as caught:
        _open(filled, now)
    kept = filled.with_name("staff.muster.damaged-20260401-101500")
    assert kept.read_bytes() == filled.read_bytes() == broken
    assert kept.name in caught.value.sentence
    assert "1 April 2026, 10:15, on closing" in caught.value.advice
    assert f'muster restore "{newest.name}" --workspace "{filled}"' in caught.value.advice


def test_a_damaged_backup_is_not_offered(filled: Path, now: datetime) -> None:
    good = back_up(filled, now, "before an import")
    _damage(back_up(filled, now, "on closing"))
    _damage(filled)
    with pytest.raises(DamagedError) as caught:
        _open(filled, now)
    assert good.name in caught.value.advice


def test_without_a_backup_that_is_said(filled: Path, now: datetime) -> None:
    _damage(filled)
    with pytest.raises(DamagedError, match="There is no good backup"):
        _open(filled, now)


def test_damage_is_kept_once_and_never_overwritten(filled: Path, now: datetime) -> None:
    first = _damage(filled)
    for _ in range(3):
        with pytest.raises(DamagedError):
            _open(filled, now)
    kept = sorted(filled.parent.glob("*.damaged-*"))
    assert [entry.read_bytes() for entry in kept] == [first]
    filled.write_bytes(first[:-1] + b"!")
    with pytest.raises(DamagedError):
        _open(filled, now)
    both = sorted(filled.parent.glob("*.damaged-*"))
    assert [entry.name for entry in both] == [kept[0].name, kept[0].name + "-2"]
    assert kept[0].read_bytes() == first


@pytest.mark.parametrize(
    ("number", "step"), [(0, "0001"), (1, "0002"), (1, "0999"), (7, "0001"), (-1, "0001"), (1, "")]
)
def test_header_and_tables_that_contradict_each_other(
    filled: Path, now: datetime, number: int, step: str
) -> None:
    _set_number(filled, number, step)
    with pytest.raises(DamagedError, match="is damaged"):
        _open(filled, now)


# --- newer and older ---


def test_a_newer_file_opens_for_reading_only(filled: Path, now: datetime) -> None:
    _set_number(filled, migrations.SCHEMA_NUMBER + 1, "0999")
    before = filled.read_bytes()
    prepared = _open(filled, now)
    assert prepared.read_only
    assert "was made by a newer version of Muster" in prepared.notice
    assert filled.read_bytes() == before


@pytest.mark.usefixtures("next_step")
def test_an_older_file_is_backed_up_and_brought_up_to_date(filled: Path, now: datetime) -> None:
    before = contents.everything_in(filled)
    assert _open(filled, now) == Prepared(read_only=False, notice="")
    state = inspect_file(filled)
    assert (state.application_id, state.user_version) == (APPLICATION_ID, migrations.SCHEMA_NUMBER)
    after = contents.everything_in(filled)
    assert {name: len(rows) for name, rows in after.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    (backup,) = list_backups(filled)
    assert backup.reason == (
        "before it was brought up to date from schema "
        f"{migrations.SCHEMA_NUMBER - 1} to {migrations.SCHEMA_NUMBER}"
    )
    assert contents.everything_in(backup.path) == before
    assert _open(filled, now) == Prepared(read_only=False, notice="")
    assert len(list_backups(filled)) == 1


@pytest.mark.usefixtures("next_step")
def test_an_older_file_is_not_changed_by_reading(filled: Path, now: datetime) -> None:
    before = filled.read_bytes()
    with pytest.raises(ReadOnlyError, match="older version of Muster"):
        _open(filled, now, read_only=True)
    assert filled.read_bytes() == before


@pytest.mark.usefixtures("next_step")
def test_a_file_with_a_lost_reference_stays_at_its_version(filled: Path, now: datetime) -> None:
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("UPDATE assessment SET person_id = 999 WHERE id = 1")
        connection.commit()
    before = contents.everything_in(filled)
    with pytest.raises(DamagedError, match="points to a missing row of “person”"):
        _open(filled, now)
    assert inspect_file(filled).user_version == migrations.SCHEMA_NUMBER - 1
    assert contents.everything_in(filled) == before


# --- in use, unwritable, far away ---


def test_a_file_that_another_program_writes_to_is_busy(
    filled: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.file_checks._BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseBusy, match="Another program is writing"):
            _open(filled, now)


def test_what_a_killed_writer_left_half_done_is_rolled_back(
    filled: Path, now: datetime, tmp_path: Path
) -> None:
    before = contents.everything_in(filled)
    with closing(sqlite3.connect(filled, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size=1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE person SET name = 'half' || name")
        writer.execute("UPDATE assessment SET comment = printf('%.4000c', 'x')")
        crashed = tmp_path / "crashed" / "staff.muster"
        crashed.parent.mkdir()
        for ending in ("", "-journal"):
            shutil.copy(f"{filled}{ending}", f"{crashed}{ending}")
        writer.execute("ROLLBACK")
    assert Path(f"{crashed}-journal").stat().st_size > 0
    assert crashed.read_bytes() != filled.read_bytes()
    assert _open(crashed, now) == Prepared(read_only=False, notice="")
    assert contents.everything_in(crashed) == before
    assert not Path(f"{crashed}-journal").exists()


def _as_normal_user(job: str, path: str, now: datetime, answer: object) -> None:
    """Run in a child process: give up root's rights where it has them, then open."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    try:
        place = Path(path)
        with InstanceLock.acquire(place, "Amy") as lock:
            prepared = prepare(place, create=job == "create", read_only=False, now=now)
            said = (prepared.read_only, prepared.notice, lock.is_held)
    except StoreError as error:
        said = (type(error).__name__, str(error), False)
    answer.put(said)  # type: ignore[attr-defined]


def _ask_as_normal_user(job: str, path: Path, now: datetime) -> tuple[object, str, bool]:
    context = get_context("spawn")
    answer = context.SimpleQueue()
    child = context.Process(target=_as_normal_user, args=(job, str(path), now, answer))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    return answer.get()


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that other users reach; pytest keeps its own to the user who runs it."""
    with tempfile.TemporaryDirectory(prefix="muster-") as folder:
        Path(folder).chmod(0o755)
        inner = Path(folder, "home").resolve()
        inner.mkdir()
        yield inner
        inner.chmod(0o755)


needs_modes = pytest.mark.skipif(sys.platform == "win32", reason="rights are not in mode bits on Windows")


@needs_modes
@pytest.mark.parametrize("which", ["file", "folder", "both"])
def test_what_cannot_be_written_opens_for_reading(
    filled: Path, home: Path, now: datetime, which: str
) -> None:
    path = Path(shutil.move(filled, home / "staff.muster"))
    path.chmod(0o444 if which != "folder" else 0o666)
    home.chmod(0o555 if which != "file" else 0o777)
    read_only, notice, is_held = _ask_as_normal_user("open", path, now)
    assert read_only is True
    assert "cannot be written where it lies" in notice
    assert is_held == (which == "file")
    assert [entry.name for entry in home.iterdir()] == ["staff.muster"]


@needs_modes
def test_nothing_is_made_in_a_folder_that_cannot_be_written(home: Path, now: datetime) -> None:
    home.chmod(0o555)
    kind, sentence, _ = _ask_as_normal_user("create", home / "staff.muster", now)
    assert kind == "StoreError"
    assert "No workspace can be made" in sentence
    assert list(home.iterdir()) == []


@needs_modes
def test_a_killed_writers_file_in_a_folder_that_cannot_be_written(
    filled: Path, home: Path, now: datetime
) -> None:
    path = home / "staff.muster"
    with closing(sqlite3.connect(filled, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size=1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE assessment SET comment = printf('%.4000c', 'x')")
        for ending in ("", "-journal"):
            shutil.copy(f"{filled}{ending}", f"{path}{ending}")
        writer.execute("ROLLBACK")
    for entry in home.iterdir():
        entry.chmod(0o444)
    home.chmod(0o555)
    kind, sentence, _ = _ask_as_normal_user("open", path, now)
    assert kind == "ReadOnlyError"
    assert "was not closed properly" in sentence
    assert "-journal" in sentence


MOUNTED = "/dev/sda1 / ext4 rw 0 0\n{source} {point} {kind} rw 0 0\n"


@pytest.mark.parametrize("kind", ["cifs", "nfs4", "fuse.sshfs", "smb3"])
def test_a_network_folder_is_said(tmp_path: Path, kind: str) -> None:
    share_ = tmp_path / "team share"
    share_.mkdir()
    point = str(share_.resolve()).replace(" ", "\\040")
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTED.format(source="server:/x", point=point, kind=kind), encoding="utf-8")
    assert "network drive" in place_warning(share_ / "staff.muster", mounts)
    assert place_warning(tmp_path / "staff.muster", mounts) == ""


@pytest.mark.parametrize("kind", ["ext4", "fuseblk", "tmpfs", "fuse.fuse-overlayfs"])
def test_a_local_folder_is_not(tmp_path: Path, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTED.format(source="x", point=tmp_path.resolve(), kind=kind), encoding="utf-8")
    assert place_warning(tmp_path / "staff.muster", mounts) == ""


def test_a_later_mount_hides_an_earlier_one(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    line = MOUNTED.format(source="x", point=tmp_path.resolve(), kind="nfs")
    mounts.write_text(line + f"y {tmp_path.resolve()} ext4 rw 0 0\n", encoding="utf-8")
    assert place_warning(tmp_path / "staff.muster", mounts) == ""


def test_a_path_to_a_server_is_said(tmp_path: Path) -> None:
    assert "network drive" in place_warning(Path(r"\\server\share\staff.muster"), tmp_path / "none")


@pytest.mark.parametrize("folder", ["OneDrive - Home Office", "Dropbox", "Google Drive"])
def test_a_synced_folder_is_said_and_opens(filled: Path, now: datetime, folder: str) -> None:
    home = filled.parent / folder / "Planning"
    home.mkdir(parents=True)
    path = Path(shutil.move(filled, home / "staff.muster"))
    prepared = _open(path, now)
    assert not prepared.read_only
    assert f"synced folder ({folder})" in prepared.notice


def test_the_journal_is_never_left_in_wal_mode(filled: Path, now: datetime) -> None:
    _pragma(filled, "journal_mode=WAL")
    prepared = _open(filled, now)
    database = Database.connect(filled, "Amy", lambda: now, read_only=prepared.read_only)
    database.revision()
    database.close()
    assert _pragma(filled, "journal_mode") == "delete"
