"""Backups of a workspace file: made while it is open, checked, thinned with age, and put back.

Backups lie in ``<stem>-backups/`` beside the workspace. Beside each lies ``<name>.sha256``, which
``sha256sum -c`` understands: SQLite's own check sees only one in six changed bits (SAFETY part 0, 8).
Names carry a running number, because clocks are set back.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from app.db import migrations
from app.db.file_checks import damage_in, inspect_file, open_raw, plain_sqlite_error
from app.errors import DamagedError, NewerVersionError, StoreError

SPARE_BYTES = 4 * 1024 * 1024
"""What must stay free on the disk beside the copy itself: journals and lists need room too."""

_REPLACE_SECONDS = 2.0
_NUMBERED = re.compile(r"-(\d{4,})-(\d{8}-\d{6})$")
_JOURNALS = ("-journal", "-wal", "-shm")
_CHUNK = 1 << 20

_DAYS_KEPT_WHOLE = 2
_DAILY, _WEEKLY, _MONTHLY = 12, 10, 9


@dataclass(frozen=True, slots=True)
class BackupInfo:
    """One backup. ``number`` puts them in order; ``is_good``: it is what was written, bit for bit."""

    path: Path
    made_at: datetime
    reason: str
    size: int
    is_good: bool
    number: int


@dataclass(frozen=True, slots=True)
class _Note:
    """What the ``.sha256`` file beside a backup says."""

    digest: str
    size: int
    made_at: datetime
    reason: str


def back_up(path: Path, now: datetime, reason: str) -> Path:
    """Copy the workspace, open or not, to a checked backup; its path. ``reason`` reads after "made".

    Nothing half-made is ever seen under a backup's name. Raises DamagedError where the workspace itself is
    damaged, StoreError where the disk is full or the folder cannot be written.
    """
    path = path.resolve()
    folder = backup_folder(path)
    with _disk_trouble(path):
        folder.mkdir(exist_ok=True)
        _clear_leftovers(folder)
        need_space(folder, inspect_file(path).size)
        number = 1 + max((_number(old) for old in _files(path)), default=0)
        name = f"{path.stem}-{number:04d}-{now:%Y%m%d-%H%M%S}{path.suffix}"
        part = folder / f".{name}.part"
        try:
            _copy_database(path, part)
            note = _Note(_sha256(part), part.stat().st_size, now, " ".join(reason.split()))
            _write_note(folder / name, note)
            flush_to_disk(part)
            part.replace(folder / name)
            flush_folder(folder)
        finally:
            remove_quietly(part)
    return folder / name


def backup_folder(path: Path) -> Path:
    """Where the backups of a workspace lie, whether or not there are any."""
    real = path.resolve()
    return real.with_name(f"{real.stem}-backups")


def list_backups(path: Path, *, check: bool = True) -> list[BackupInfo]:
    """The backups of a workspace, newest first. Without ``check`` only sizes are compared: less sure."""
    found: list[BackupInfo] = []
    for file in sorted(_files(path), key=_number, reverse=True):
        note = _read_note(file)
        size = file.stat().st_size
        if note is None:
            found.append(BackupInfo(file, _moment_in_name(file), "unknown", size, False, _number(file)))
            continue
        is_good = size == note.size and (not check or _sha256(file) == note.digest)
        found.append(BackupInfo(file, note.made_at, note.reason, size, is_good, _number(file)))
    return found


def newest_good(path: Path) -> BackupInfo | None:
    """The newest backup that passes every check; None where there is none."""
    return next((info for info in list_backups(path, check=False) if verify(info.path)), None)


def verify(backup: Path) -> bool:
    """Whether a backup is bit for bit what was written, one of our files, and sound inside."""
    try:
        note = _read_note(backup)
        if note is None or _sha256(backup) != note.digest or not inspect_file(backup).is_ours:
            return False
        with open_raw(backup, read_only=True) as connection:
            return not damage_in(connection, thorough=True)
    except (OSError, StoreError, sqlite3.Error, UnicodeDecodeError):
        return False


def thin(path: Path, now: datetime) -> list[Path]:
    """Delete backups that age has made needless; the deleted ones.

    Anki's schedule: all of the last two days, then 12 of different days, 10 of different weeks, 9 of
    different months. What is not good is neither counted nor deleted: it may be all that is left.
    """
    good = [info for info in list_backups(path, check=False) if info.is_good]
    keep = kept_on(now.date(), [info.made_at.date() for info in good])
    needless = [info.path for info, is_kept in zip(good, keep, strict=True) if not is_kept]
    for file in needless:
        file.unlink(missing_ok=True)
        _note_path(file).unlink(missing_ok=True)
    return needless


def kept_on(today: date, days: Iterable[date]) -> list[bool]:
    """Which of the backups made on ``days`` (newest first) the schedule keeps on the day ``today``."""
    kept: list[bool] = []
    last: date | None = None
    left = {"day": _DAILY, "week": _WEEKLY, "month": _MONTHLY}
    for day in days:
        if (today - day).days < _DAYS_KEPT_WHOLE:
            kept.append(True)
            last = day
            continue
        stage = next((name for name, count in left.items() if count), None)
        is_kept = stage is not None and (last is None or _period(stage, day) != _period(stage, last))
        if is_kept and stage is not None:
            left[stage] -= 1
            last = day
        kept.append(is_kept)
    return kept


def _period(stage: str, day: date) -> object:
    if stage == "day":
        return day
    if stage == "week":
        return day.isocalendar()[:2]
    return day.year, day.month


def restore(path: Path, backup: Path, now: datetime) -> Path | None:
    """Put a backup in the place of the workspace; where the present file was kept, None where there was none.

    The caller holds the instance lock and has closed every connection. Nothing is touched before the backup
    has passed every check: DamagedError for one that does not, NewerVersionError for one of a newer program.
    """
    path = path.resolve()
    if not backup.is_file():  # a bare name stands for a file among the workspace's own backups
        backup = backup_folder(path) / backup.name
    if not backup.is_file():
        raise StoreError(f"There is no backup at {backup}.", "Choose one from the list of backups.")
    if not verify(backup):
        raise DamagedError(
            f"The backup {backup.name} is damaged, and was not restored.", "Choose another from the list."
        )
    if inspect_file(backup).user_version > migrations.SCHEMA_NUMBER:
        raise NewerVersionError(
            f"The backup {backup.name} was made by a newer version of Muster.",
            "Install the newest version, then restore it.",
        )
    with _disk_trouble(path):
        need_space(path.parent, 2 * backup.stat().st_size)
        part = path.with_name(f".{path.name}.restore")
        try:
            shutil.copyfile(backup, part)
            flush_to_disk(part)
            kept = _keep_present(path, now)
            # a journal of the old file would be played back into the new one
            _drop_journals(path)
            replace_file(part, path)
            flush_folder(path.parent)
        finally:
            remove_quietly(part)
    return kept


def keep_damaged(path: Path, now: datetime) -> Path | None:
    """Copy a damaged file aside, journal and all; the copy, an equal earlier one, or None where it cannot be.

    The original stays where it is, and no earlier copy is overwritten.
    """
    for earlier in sorted(path.parent.glob(f"{glob.escape(path.name)}.damaged-*")):
        if not earlier.name.endswith(_JOURNALS) and _is_same_content(earlier, path):
            return earlier
    target = _free_name(path.with_name(f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}"))
    part = target.with_name(f".{target.name}.part")
    try:
        need_space(path.parent, path.stat().st_size)
        for ending in _JOURNALS:
            journal = path.with_name(path.name + ending)
            if journal.exists():
                shutil.copyfile(journal, target.with_name(target.name + ending))
        shutil.copyfile(path, part)
        flush_to_disk(part)
        part.replace(target)
    except (OSError, StoreError):
        remove_quietly(part)
        return None
    return target


def need_space(folder: Path, size: int) -> None:
    """StoreError where the disk has no room for ``size`` bytes more."""
    free = shutil.disk_usage(folder).free
    if free < size + SPARE_BYTES:
        raise StoreError(
            f"There is not enough room on the disk: {_megabytes(size + SPARE_BYTES)} are needed, "
            f"{_megabytes(free)} are free. Nothing was changed.",
            "Free some space and try again.",
        )


def replace_file(part: Path, target: Path) -> None:
    """Swap a finished file in. Tried for two seconds: on Windows a virus scanner may hold the old one."""
    deadline = time.monotonic() + _REPLACE_SECONDS
    while True:
        try:
            part.replace(target)
            return
        except PermissionError as error:
            if time.monotonic() >= deadline:
                raise StoreError(
                    f"“{target.name}” cannot be replaced: another program has it open, or you may not.",
                    "Close it everywhere, check your rights to the folder, then try again.",
                ) from error
            time.sleep(0.05)


def remove_quietly(part: Path) -> None:
    """Remove a half-made file where that is possible; what stays is cleared away next time."""
    with suppress(OSError):
        part.unlink(missing_ok=True)


def flush_to_disk(path: Path) -> None:
    """Return only when a file's bytes are on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Return only when a folder's names are on the disk. Windows has no such call, and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_database(path: Path, part: Path) -> None:
    part.unlink(missing_ok=True)
    try:
        with open_raw(path, read_only=False) as source:
            target = sqlite3.connect(part, isolation_level=None)
            try:
                source.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")
                damage = damage_in(target, thorough=True)
            finally:
                target.close()
    except sqlite3.Error as error:
        raise plain_sqlite_error(error, path) from error
    if damage:
        raise DamagedError(f"“{path.name}” is damaged; no backup was made of it.", "Restore an earlier one.")


def _keep_present(path: Path, now: datetime) -> Path | None:
    """A backup of the present file, or a plain copy where it is too damaged for that."""
    if not path.exists():
        return None
    try:
        if inspect_file(path).is_ours:
            return back_up(path, now, "before another backup was restored")
    except DamagedError:
        pass
    kept = keep_damaged(path, now)
    if kept is None:
        raise StoreError(
            f"The present “{path.name}” could not be kept, so nothing was restored.",
            "Make room on the disk, or check your rights to the folder.",
        )
    return kept


def _drop_journals(path: Path) -> None:
    for ending in _JOURNALS:
        path.with_name(path.name + ending).unlink(missing_ok=True)


@contextmanager
def _disk_trouble(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StoreError(
                f"The disk of “{path.name}” is full; nothing was changed.", "Free some space and try again."
            ) from error
        raise StoreError(
            f"A file beside “{path.name}” cannot be written: {error.strerror or error}.",
            "Check your rights to the folder, then try again.",
        ) from error


def _files(path: Path) -> list[Path]:
    path = path.resolve()
    folder = backup_folder(path)
    if not folder.is_dir():
        return []
    named = folder.glob(f"{glob.escape(path.stem)}-*{glob.escape(path.suffix)}")
    return [file for file in named if _NUMBERED.search(file.stem) and file.is_file()]


def _number(file: Path) -> int:
    match = _NUMBERED.search(file.stem)
    return int(match[1]) if match else 0


def _moment_in_name(file: Path) -> datetime:
    match = _NUMBERED.search(file.stem)
    try:
        return datetime.strptime(match[2] if match else "", "%Y%m%d-%H%M%S").astimezone()
    except ValueError:
        return datetime.fromtimestamp(file.stat().st_mtime).astimezone()


def _note_path(file: Path) -> Path:
    return file.with_name(file.name + ".sha256")


def _write_note(file: Path, note: _Note) -> None:
    text = (
        f"# made: {note.made_at.isoformat()}\n# size: {note.size}\n# reason: {note.reason}\n"
        f"{note.digest}  {file.name}\n"
    )
    part = file.with_name(f".{file.name}.sha256.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    flush_to_disk(part)
    part.replace(_note_path(file))


def _read_note(file: Path) -> _Note | None:
    try:
        text = _note_path(file).read_text(encoding="utf-8")
        facts = dict(re.findall(r"^# (\w+): (.*)$", text, re.MULTILINE))
        digest = re.search(r"^([0-9a-f]{64})  ", text, re.MULTILINE)
        if digest is None:
            return None
        made_at = datetime.fromisoformat(facts["made"])
        return _Note(digest[1], int(facts["size"]), made_at, facts["reason"])
    except (OSError, ValueError, KeyError):
        return None


def _clear_leftovers(folder: Path) -> None:
    """Remove what a program that was killed left half-made; nobody else writes here under our lock."""
    for part in folder.glob(".*.part*"):
        part.unlink(missing_ok=True)
    for note in folder.glob("*.sha256"):
        if not note.with_suffix("").exists():
            note.unlink(missing_ok=True)


def _free_name(target: Path) -> Path:
    free, count = target, 1
    while free.exists():
        count += 1
        free = target.with_name(f"{target.name}-{count}")
    return free


def _is_same_content(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and _sha256(one) == _sha256(other)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
