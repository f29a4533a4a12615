"""What a file says about itself before anything is trusted: size, header, place, soundness (SAFETY 1.2)."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from threading import Timer

from app.db.migrations import APPLICATION_ID
from app.errors import DamagedError, DatabaseBusy, ReadOnlyError, StoreError

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_BUSY_SECONDS = 5.0
MOUNTS = Path("/proc/mounts")

_NETWORK_KINDS = {"cifs", "smb3", "smbfs", "nfs", "nfs4", "afs", "ceph", "glusterfs", "davfs", "fuse", "9p"}
_LOCAL_FUSE_KINDS = {"fuse.fuse-overlayfs", "fuse.ecryptfs", "fuse.gocryptfs", "fuse.encfs"}
_SYNCED_NAMES = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "icloud",
    "com~apple~clouddocs",
    "nextcloud",
    "owncloud",
    "box sync",
)
_DRIVE_REMOTE = 4  # GetDriveTypeW


@dataclass(frozen=True, slots=True)
class FileState:
    """What lies at a path, from its size and its first 100 bytes. Numbers are 0 where there is no header."""

    path: Path
    size: int
    has_header: bool
    application_id: int
    user_version: int
    is_header_sound: bool

    @property
    def is_ours(self) -> bool:
        """Whether the header says that this is a workspace, of whatever version."""
        return self.has_header and self.application_id == APPLICATION_ID


def inspect_file(path: Path) -> FileState:
    """Read size and header without SQLite, which takes an empty file for a valid empty database.

    Raises StoreError where nothing is there, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(_HEADER_BYTES)
    except FileNotFoundError as error:
        raise StoreError(
            f"There is no workspace at {path}.", "Check the path, or make one with `muster new`."
        ) from error
    except OSError as error:
        what = "is a folder, not a workspace" if path.is_dir() else f"cannot be read: {error.strerror}"
        raise StoreError(f"{path} {what}.", "Choose a .muster file that you may read.") from error
    has_header = len(head) == _HEADER_BYTES and head.startswith(_MAGIC)
    return FileState(
        path=path,
        size=size,
        has_header=has_header,
        application_id=int.from_bytes(head[68:72], "big") if has_header else 0,
        user_version=int.from_bytes(head[60:64], "big") if has_header else 0,
        is_header_sound=has_header and _has_known_layout(head),
    )


def _has_known_layout(head: bytes) -> bool:
    """The bytes that every SQLite 3 file has in common: format numbers and payload fractions."""
    return head[18] in (1, 2) and head[19] in (1, 2) and head[21:24] == b"\x40\x20\x20"


@contextmanager
def open_raw(path: Path, *, read_only: bool) -> Generator[sqlite3.Connection]:
    """A bare connection to an existing file, closed afterwards; no transaction is begun by itself."""
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
    )
    # a damaged file may hold bytes that are no text, in names and so in SQLite's own words about them too
    connection.text_factory = _forgiving_text
    try:
        yield connection
    finally:
        connection.close()


def _forgiving_text(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


def damage_in(connection: sqlite3.Connection, *, thorough: bool = False, seconds: float | None = None) -> str:
    """The first thing SQLite finds wrong with a file; empty when it finds nothing.

    ``thorough`` compares indexes with tables too. Neither is a checksum: values may have changed unseen. After
    ``seconds`` the check ends with what it has found by then: a file of a gigabyte takes ten to look through, and is
    looked through whole at every backup and by ``muster check``.
    """
    check = "integrity_check" if thorough else "quick_check"
    stop = None if seconds is None else Timer(seconds, connection.interrupt)
    try:
        if stop is not None:
            stop.start()
        row = connection.execute(f"PRAGMA {check}(1)").fetchone()
    except sqlite3.OperationalError as error:
        if stop is None or getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_INTERRUPT:
            raise
        return ""
    except UnicodeDecodeError:  # raised in place of SQLite's own error, whose words are no text either
        return "a name that is no text"
    finally:
        if stop is not None:
            stop.cancel()
            stop.join()
    text = "" if row is None else str(row[0])
    return "" if text == "ok" else text or "no answer to the check"


def plain_sqlite_error(error: sqlite3.Error, path: Path) -> StoreError:
    """An error of SQLite about a file as a sentence; whatever is no trouble of the disk is damage."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    name = f"“{path.name}”"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusy(f"Another program is writing to {name}.", "Try again in a moment.")
    if code == sqlite3.SQLITE_FULL:
        return StoreError(
            f"The disk of {name} is full; nothing was changed.", "Free some space and try again."
        )
    if code == sqlite3.SQLITE_IOERR:
        return StoreError(
            f"The disk did not answer while reading {name}.", "Check the drive, then try again."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return ReadOnlyError(
            f"{name} was not closed properly, and cannot be put in order where it lies.",
            "Copy it, and the file of its name ending in -journal beside it, to a folder you can write to.",
        )
    return DamagedError(f"{name} is damaged.", "Restore the newest good backup.")


def can_write(path: Path) -> bool:
    """Whether a file can be changed: itself, and its folder, where SQLite puts the journal."""
    try:
        with path.open("r+b"):
            pass
        # asked by doing: rights on Windows and read-only media are not in the mode bits
        with tempfile.TemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            return True
    except OSError:
        return False


def place_warning(path: Path, mounts: Path = MOUNTS) -> str:
    """A sentence where a workspace lies on the network or in a synced folder; empty where it is safe."""
    text = str(path)
    if text.startswith((r"\\", "//")) or _is_network_drive(path) or _mount_kind(path, mounts):
        return (
            f"“{path.name}” lies on a network drive, where locks and saving are less sure. "
            "Keep it on this computer's own disk; several people at once need a shared database."
        )
    for part in path.parts[:-1]:
        if part.casefold().startswith(_SYNCED_NAMES):
            return (
                f"“{path.name}” lies in a synced folder ({part}), which may copy it half-written. "
                "Keep it in a folder that is not synced, and copy backups there."
            )
    return ""


def _is_network_drive(path: Path) -> bool:
    if sys.platform != "win32":
        return False
    import ctypes  # only there on Windows for this use

    return ctypes.windll.kernel32.GetDriveTypeW(path.absolute().anchor) == _DRIVE_REMOTE


def _mount_kind(path: Path, mounts: Path) -> str:
    """The kind of file system a path lies on where that is one of the network; empty otherwise."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    place, best, kind = PurePath(os.path.realpath(path)), -1, ""
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            continue
        point = PurePath(fields[1].replace("\\040", " "))
        # a later mount on the same point hides the earlier one
        if (point == place or point in place.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    is_network = kind in _NETWORK_KINDS or (kind.startswith("fuse.") and kind not in _LOCAL_FUSE_KINDS)
    return kind if is_network else ""
