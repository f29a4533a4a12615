"""Writing a file so that there is the old one or the whole new one, never half of either (SAFETY 0.7)."""

from __future__ import annotations

import errno
import os
import re
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.errors import AppError

_HELD_BY_WINDOWS = (5, 32, 33)  # access denied, sharing violation, lock violation
_NAME_TOO_LONG_BY_WINDOWS = (123, 206)
_DEVICE_NAMES = re.compile(r"(?:CON|PRN|AUX|NUL|COM[1-9¹²³]|LPT[1-9¹²³])(?:\.|\s*$)", re.IGNORECASE)
_CANNOT_STAND_IN_A_NAME = re.compile(r'[<>:"|?*\x00-\x1f]')
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_ROOM = (
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) if hasattr(errno, "EDQUOT") else (errno.ENOSPC, errno.EFBIG)
)


class TargetIsOpen(AppError):
    """Another program holds the file; ``free_path`` is a name beside it that can be taken instead."""

    def __init__(self, target: Path, lock: Path | None = None) -> None:
        free = free_name(target)
        advice = f"Close it there, or save under another name such as {free.name}."
        if lock is not None:
            advice += f" If nobody has it open, delete the file {lock.name} beside it."
        super().__init__(f"{target.name} is open in another program, so it was left as it is.", advice)
        self.free_path = free


def atomic_write(path: Path, writer: Callable[[Path], None], *, patience_seconds: float = 2.0) -> Path:
    """Have ``writer`` make a temporary file beside ``path`` and swap it in; returns the path.

    The temporary file can be read by this user alone and is gone afterwards, whatever happens. On Windows the
    swap is tried again for ``patience_seconds``, because virus scanners hold new files for a moment.
    :raises TargetIsOpen: the target is open in Excel, LibreOffice or the like.
    :raises AppError: no such folder, no right to write there, disk full, or a name the system does not take.
    """
    target = Path(path)
    try:
        _check_name(target)
        _check_not_open(target)
        temporary = _make_beside(target)
        try:
            writer(temporary)
            _flush_to_disk(temporary)
            _take_over_mode(temporary, target)
            _swap_in(temporary, target, patience_seconds)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
        _flush_folder(target.parent)
    except OSError as fault:
        raise _in_words(fault, target) from fault
    return target


def write_bytes(path: Path, content: bytes) -> Path:
    """:func:`atomic_write` of content that is already there (a picture, a PDF)."""

    def write(file: Path) -> None:
        file.write_bytes(content)

    return atomic_write(path, write)


def free_name(target: Path) -> Path:
    """A name beside the target that is not taken: ``plan (2).xlsx``, ``plan (3).xlsx`` and so on."""
    number = 2
    while (candidate := target.with_name(f"{target.stem} ({number}){target.suffix}")).exists():
        number += 1
    return candidate


def lock_file_of(target: Path) -> Path | None:
    """The file by which Excel (``~$``) or LibreOffice (``.~lock.…#``) says it has the target open, if any."""
    for name in (f"~${target.name}", f".~lock.{target.name}#"):
        lock = target.with_name(name)
        if lock.exists():
            return lock
    return None


def _check_name(target: Path) -> None:
    if _DEVICE_NAMES.match(target.name) or _CANNOT_STAND_IN_A_NAME.search(target.name):
        raise AppError(
            f"{target.name!r} is not a file name that every computer takes.",
            'Choose a name without < > : " | ? * and other than CON, PRN, AUX, NUL, COM1 or LPT1.',
        )
    if target.is_dir():
        raise AppError(f"{target} is a folder, not a file.", "Give the name of a file in it.")


def _check_not_open(target: Path) -> None:
    lock = lock_file_of(target)
    if lock is not None:
        raise TargetIsOpen(target, lock)


def _make_beside(target: Path) -> Path:
    # Same folder, so the same file system (a swap across two is no swap); mkstemp gives it to this user
    # alone.
    handle, name = tempfile.mkstemp(prefix=".~muster-", suffix=target.suffix[:16], dir=target.parent)
    os.close(handle)
    return Path(name)


def _flush_to_disk(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open a folder, and journals the renaming itself
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take_over_mode(temporary: Path, target: Path) -> None:
    if os.name == "posix" and target.exists():
        temporary.chmod(target.stat().st_mode & 0o777)


def _swap_in(temporary: Path, target: Path, patience_seconds: float) -> None:
    give_up = time.monotonic() + patience_seconds
    pause = 0.05
    while True:
        try:
            os.replace(temporary, target)  # noqa: PTH105  (Path.replace would hide the call that fault tests watch)
            return
        except OSError as fault:
            if getattr(fault, "winerror", None) not in _HELD_BY_WINDOWS:
                raise
            if time.monotonic() >= give_up:
                raise TargetIsOpen(target) from fault
            time.sleep(min(pause, max(0.0, give_up - time.monotonic())))
            pause *= 2


def _in_words(fault: OSError, target: Path) -> AppError:
    if fault.errno in _NO_ROOM:
        return AppError(
            f"The disk is full, so {target.name} was not written; what was there before is untouched.",
            "Make room, or save to another disk.",
        )
    if fault.errno == errno.ENAMETOOLONG or getattr(fault, "winerror", None) in _NAME_TOO_LONG_BY_WINDOWS:
        return AppError(
            f"The file name {target.name[:40]}… is too long for this disk.", "Choose a shorter one."
        )
    if fault.errno in _NO_RIGHT:
        return AppError(
            f"You have no right to write {target.name} in the folder {target.parent}.",
            "Save to another folder.",
        )
    if fault.errno in (errno.ENOENT, errno.ENOTDIR):
        return AppError(f"There is no folder {target.parent}.", "Make it first, or save to another folder.")
    return AppError(
        f"{target.name} could not be written ({fault.strerror or fault}); what was there is untouched.",
        "Try again, or save to another folder.",
    )
