"""What every command shares: which workspace, which format, how to read progress and answers."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from app.cli.output import Format, parse_format, say
from app.errors import UsageError
from app.progress import Progress
from app.settings import Settings
from app.workspace import Workspace

T = TypeVar("T")
WAIT_SECONDS = 5.0


@dataclass(slots=True)
class Session:
    """The options taken before or after any command."""

    workspace: str = ""
    form: Format = Format.TABLE
    is_format_given: bool = False
    settings: Settings = field(default_factory=Settings)


_current = Session()


def current() -> Session:
    """The session of the command being run."""
    return _current


def take_shared_options(arguments: Sequence[str]) -> list[str]:
    """Take ``--workspace`` and ``--format`` out of the arguments, wherever they stand; the rest is returned."""
    _current.workspace = os.environ.get("MUSTER_WORKSPACE", "")
    _current.form, _current.is_format_given = Format.TABLE, False
    _current.settings = Settings()
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if name not in ("--workspace", "--format", "-w"):
            rest.append(word)
            continue
        given = value if equals else next(words, None)
        if given is None:
            raise UsageError(f"{name} needs a value.", "See --help.")
        if name == "--format":
            _current.form, _current.is_format_given = parse_format(given), True
        else:
            _current.workspace = given
    return rest


def target() -> str:
    """The workspace named for this command; UsageError where none is."""
    if not _current.workspace:
        raise UsageError(
            "No workspace was named.",
            "Use --workspace PATH, or set MUSTER_WORKSPACE; `muster new` makes one.",
        )
    return _current.workspace


@contextmanager
def workspace(*, read_only: bool = False, create: bool = False) -> Generator[Workspace]:
    """The named workspace, open for one command."""
    found = Workspace.open(
        target(),
        user=_current.settings.user(),
        read_only=read_only,
        create=create,
        wait_seconds=WAIT_SECONDS,
    )
    with found:
        if found.notice:
            say(found.notice)
        yield found


def progress() -> Progress:
    """Progress on standard error: a line that is rewritten on a terminal, silent in a pipe."""
    if not sys.stderr.isatty():
        return Progress()
    return Progress(_show)


def _show(share: float, sentence: str) -> None:
    part = "" if share < 0 else f"{share:4.0%} "
    sys.stderr.write(f"\r\x1b[2K{part}{sentence}"[:160])
    if share >= 1:
        sys.stderr.write("\r\x1b[2K")
    sys.stderr.flush()


def parse_day(text: str | None) -> date | None:
    """A day given as ISO date; UsageError for anything else."""
    if not text:
        return None
    return parsed(date.fromisoformat, text, "a date such as 2026-11-23")


def parsed(read: Callable[[str], T], text: str, wanted: str) -> T:
    """A value read from an option; UsageError naming what was wanted."""
    try:
        return read(text)
    except (ValueError, ArithmeticError):
        raise UsageError(f"“{text}” is not {wanted}.", "See --help.") from None
