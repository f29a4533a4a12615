"""Errors the user can do something about.

Every :class:`AppError` carries a sentence (what happened) and advice (how to put it right). Anything that is
not an ``AppError`` is a fault of the program and ends in the crash report instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line (FORMATS)."""

    DONE = 0
    BAD_INPUT = 1
    USAGE = 2
    STORE_REFUSED = 3
    NO_PLAN = 4


class AppError(Exception):
    """The user can do something about it; ``advice`` says what."""

    exit_code: ExitCode = ExitCode.BAD_INPUT

    def __init__(self, sentence: str, advice: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.sentence} {self.advice}".strip()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: where, what, and how to put it right.

    ``row`` is numbered as Excel numbers it (the first line of the sheet is 1); 0 means the whole file.
    ``severity`` is ``"error"`` (the row cannot be used) or ``"note"`` (it is used, and this is worth knowing).
    """

    file: str
    sheet: str
    row: int
    column: str
    value: str
    what: str
    advice: str
    severity: str = "error"

    def sentence(self) -> str:
        """The problem in one line, place first."""
        place = self.file
        if self.sheet:
            place += f", sheet {self.sheet}"
        if self.row:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        shown = f" ({self.value!r})" if self.value else ""
        return f"{place}: {self.what}{shown}. {self.advice}".strip()


class InputProblems(AppError):
    """The input has problems; nothing was written. ``problems`` lists them, worst first in file order.

    ``matches`` are the headings of the file, each with our column it was taken for ("" for none), where it
    was the headings that could not be understood.
    """

    exit_code = ExitCode.BAD_INPUT

    def __init__(
        self, problems: list[Problem], sentence: str = "", matches: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.problems = problems
        self.matches = matches
        count = len(problems)
        super().__init__(
            sentence or f"{count} {'problem' if count == 1 else 'problems'} found; nothing was changed.",
            "Put right what is listed and load the file again.",
        )


class UsageError(AppError):
    """The request itself does not make sense (unknown department, budget missing)."""

    exit_code = ExitCode.USAGE


class StoreError(AppError):
    """The data store refused: locked, newer, damaged, read-only, gone."""

    exit_code = ExitCode.STORE_REFUSED


class ConflictError(StoreError):
    """Somebody or something changed the row since it was read."""


class DatabaseBusy(StoreError):
    """Another program holds the data store's lock."""


class DamagedError(StoreError):
    """The file is not one of ours, or is damaged; ``backups`` may be offered."""


class NewerVersionError(StoreError):
    """The file was made by a newer program; it can be read, not changed."""


class ReadOnlyError(StoreError):
    """The workspace is open for reading only."""


class NoPlanError(AppError):
    """No plan is possible under the limits given."""

    exit_code = ExitCode.NO_PLAN
