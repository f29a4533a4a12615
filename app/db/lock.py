"""One program writes to a workspace at a time: a lock file beside it, released by the operating system.

The lock is one of the operating system, so it goes when the process goes, even after ``kill -9``; nothing
has to guess whether a lock that was left behind is stale. The text in the file only says who holds it.
"""

from __future__ import annotations

import errno
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from app.errors import StoreError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCKED_BYTE = 1 << 30
"""Far behind the text: Windows keeps others from reading a byte that is locked."""

_PAUSE_SECONDS = 0.05
_TEXT_SECONDS = 0.3
_WRITE_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_LOCKING_UNKNOWN = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


class InstanceLock:
    """The right to write to one workspace. Make one with :meth:`acquire`; release it, or use ``with``.

    ``is_held`` is False where the folder cannot be written at all: then nobody can write to the workspace
    either, and it opens for reading only.
    """

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, path: Path, who: str, wait_seconds: float = 0) -> InstanceLock:
        """Take the lock of the workspace at ``path``; raises StoreError naming who holds it."""
        place = _place_of(path)
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                descriptor = _take(place)
            except OSError as error:
                if error.errno in _WRITE_REFUSED and not _can_make_files(place.parent):
                    return cls(place, None)
                raise _refusal(error, path, place) from error
            if descriptor is not None:
                _write_holder(descriptor, who)
                return cls(place, descriptor)
            if time.monotonic() >= deadline:
                raise _held_by(path, place)
            time.sleep(_PAUSE_SECONDS)

    @property
    def is_held(self) -> bool:
        """Whether this program has the lock now."""
        return self._descriptor is not None

    def release(self) -> None:
        """Give the lock back and remove its file. Harmless when it was given back already."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if sys.platform == "win32":
            # an open file cannot be removed here, and one that somebody else has open by then is left alone
            os.close(descriptor)
            _remove_quietly(self.path)
            return
        # removed while still locked: whoever waits on it notices that its file is gone, and makes a new one
        if _is_same_file(descriptor, self.path):
            _remove_quietly(self.path)
        os.close(descriptor)

    def __enter__(self) -> InstanceLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def holder(path: Path) -> dict[str, str]:
    """What the lock file of the workspace at ``path`` says: user, program, host, since. Empty without one."""
    place = _place_of(path)
    try:
        text = place.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(": ") for line in text.splitlines())
    return {name: value for name, _, value in pairs if value}


def _place_of(path: Path) -> Path:
    """Beside the file itself, so that two links to one workspace share one lock."""
    real = path.resolve()
    return real.with_name(real.name + ".lock")


def _take(place: Path) -> int | None:
    """The descriptor of the locked file, or None while somebody else has it; OSError where it cannot be."""
    descriptor = _open(place)
    try:
        taken = _lock(descriptor) and _is_same_file(descriptor, place)
        if taken and not _is_ours_to_write(descriptor):
            # left behind by another user's program that was killed: only its text is in the way
            place.unlink()
            taken = False
    except BaseException:
        os.close(descriptor)
        raise
    if taken:
        return descriptor
    os.close(descriptor)
    return None


def _open(place: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.open(place, flags, 0o666)
    except PermissionError:
        if sys.platform == "win32" or not place.exists():
            raise
        return os.open(place, os.O_RDONLY | os.O_CLOEXEC)


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES, errno.EDEADLK}:
            return False
        raise
    return True


def _is_same_file(descriptor: int, place: Path) -> bool:
    """Whether the path still leads to the file that was locked; it may have been removed in between."""
    if sys.platform == "win32":
        return True  # an open file cannot be removed or replaced there
    try:
        return os.path.samestat(os.fstat(descriptor), place.stat())
    except FileNotFoundError:
        return False


def _is_ours_to_write(descriptor: int) -> bool:
    if sys.platform == "win32":
        return True
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR


def _write_holder(descriptor: int, who: str) -> None:
    lines = {
        "user": who,
        "program": f"{Path(sys.argv[0] or 'muster').name} ({os.getpid()})",
        "host": platform.node(),
        "since": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
    }
    text = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in lines.items())
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, text.encode("utf-8"))


def _held_by(path: Path, place: Path) -> StoreError:
    """The sentence about who has the workspace open. Its text may come a moment after the lock itself."""
    known = _wait_for(lambda: holder(path), _TEXT_SECONDS)
    if known:
        by = f"{known.get('user', 'somebody')}, program {known.get('program', 'unknown')}"
        by += f" on {known.get('host', 'an unknown computer')}, since {known.get('since', 'an unknown time')}"
    else:
        by = f"another program (see {place.name})"
    return StoreError(
        f"The workspace “{path.name}” is in use by {by}.",
        "Close it there, or open it here for reading only.",
    )


def _wait_for(ask: Callable[[], dict[str, str]], seconds: float) -> dict[str, str]:
    deadline = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS / 5)
    return answer


def _refusal(error: OSError, path: Path, place: Path) -> StoreError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return StoreError(f"There is no folder {place.parent}.", "Check the path, or make the folder first.")
    if error.errno == errno.ENOSPC:
        return StoreError(f"The disk of “{path.name}” is full.", "Free some space and open it again.")
    if error.errno in _LOCKING_UNKNOWN:
        return StoreError(
            f"“{path.name}” cannot be locked against other programs where it lies.",
            "Copy it to a folder on this computer's own disk, or open it for reading only.",
        )
    return StoreError(
        f"The lock of “{path.name}” cannot be made: {error.strerror or error}.",
        f"Check your rights to {place.name} and its folder, or open the workspace for reading only.",
    )


def _can_make_files(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def _remove_quietly(place: Path) -> None:
    try:
        place.unlink()
    except OSError:
        return  # an empty lock file that stays behind hinders nobody: it is not locked
