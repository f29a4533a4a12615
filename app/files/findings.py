"""Collects what is wrong with a file, row by row, and which rows cannot be used because of it."""

from __future__ import annotations

from app.errors import Problem

MOST_LISTED = 20_000
"""Problems kept one by one; beyond that they are counted, so that a hopeless file leaves memory free."""

_LONGEST_SHOWN = 80


class Findings:
    """The problems of one file. ``bad_rows`` are the Excel row numbers that must not be used."""

    def __init__(self, file: str, sheet: str = "") -> None:
        self._file = file
        self.sheet = sheet
        self.bad_rows: set[int] = set()
        self._problems: list[Problem] = []
        self._unlisted = 0
        self._wrong_cells: set[tuple[int, str]] = set()

    def error(self, row: int, column: str, value: object, what: str, advice: str) -> None:
        """A row (or, with row 0, the whole file) that cannot be used."""
        if row:
            self.bad_rows.add(row)
            self._wrong_cells.add((row, column))
        self._add(row, column, value, what, advice, "error")

    def has_error(self, row: int, column: str) -> bool:
        """Whether an error of this cell is known."""
        return (row, column) in self._wrong_cells

    def note(self, row: int, column: str, value: object, what: str, advice: str = "") -> None:
        """Something worth knowing about a row that is used."""
        self._add(row, column, value, what, advice, "note")

    def heading_error(self, row: int, column: str, what: str, advice: str) -> None:
        """Something wrong with a heading, which concerns the whole column and no single row."""
        self._add(row, column, "", what, advice, "error")

    def _add(self, row: int, column: str, value: object, what: str, advice: str, severity: str) -> None:
        if len(self._problems) >= MOST_LISTED:
            self._unlisted += 1
            return
        shown = "" if value is None else str(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            shown = str(int(value))
        if len(shown) > _LONGEST_SHOWN:
            shown = shown[: _LONGEST_SHOWN - 1] + "…"
        self._problems.append(Problem(self._file, self.sheet, row, column, shown, what, advice, severity))

    def listed(self) -> list[Problem]:
        """All problems, in the order of the rows."""
        problems = sorted(self._problems, key=lambda problem: problem.row)
        if self._unlisted:
            what = f"There are {self._unlisted:,} more problems like these"
            advice = "Put right the ones listed and load the file again."
            problems.append(Problem(self._file, self.sheet, 0, "", "", what, advice))
        return problems
