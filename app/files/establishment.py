"""Reads an establishment: posts of a unit for a role level and grade, one row each (FORMATS, ``establishment``).

A blank grade means posts of any grade. Rows that name the same unit, role level and grade are added up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.files.cells import Cell
from app.files.column_reading import ColumnReading
from app.files.columns import Field
from app.files.named import KnownNames, NameFinder
from app.files.one_table import TableFile, open_one_table
from app.files.options import ReadOptions
from app.files.strategy import name_of
from app.files.values import Fault, parse_each, whole_number_of
from app.files.words import grade_of
from app.progress import Progress
from app.terms import name_key

FIELDS = (
    Field("role_level", ("level", "role level name", "job level"), is_required=True),
    Field("posts", ("established posts", "number of posts", "headcount", "established", "post count", "complement"),
          is_required=True),
    Field("department", ("organisation", "organization", "ministry", "body", "employer")),
    Field("unit", ("team", "business unit", "directorate", "unit path", "branch", "division")),
    Field("role", ("role name", "profession role")),
    Field("grade", ("pay grade", "pay band", "band", "grade (or equivalent)", "substantive grade")),
)  # fmt: skip

_NEEDED = {
    "role_level": "Name the role level of the posts.",
    "posts": "Write how many posts there are; blank is not 0.",
}


@dataclass(frozen=True, slots=True)
class EstablishmentInput:
    """Posts of one unit (a path), role level and grade ("" is any); ``row`` is the first that names them."""

    unit: str
    role: str
    role_level: str
    grade: str
    posts: int
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishmentFile(TableFile):
    """An establishment as read; rows with anything wrong are not among ``lines``."""

    lines: tuple[EstablishmentInput, ...]


def read_establishment(
    path: Path, options: ReadOptions, progress: Progress, known: KnownNames
) -> EstablishmentFile:
    """Read posts; raises InputProblems where the whole file is refused, UsageError, Cancelled."""
    table = open_one_table(
        path, options, progress.part(0.0, 0.6), FIELDS, "Give each unit and role level one row."
    )
    reading = table.reading
    lines = _Posts(reading, known.finder()).lines()
    progress.step(1.0, f"{len(lines):,} lines read")
    return EstablishmentFile(
        lines=lines,
        **table.about(),
    )


class _Posts:
    """The rows of an establishment on their way in."""

    def __init__(self, reading: ColumnReading, names: NameFinder) -> None:
        self._reading, self._names = reading, names
        reading.leave_out_repeated_headings("role_level")
        meanings: dict[str, Callable[[Cell], Any]] = {
            "role_level": name_of, "posts": whole_number_of, "department": name_of, "unit": name_of,
            "role": lambda cell: names.role(name_of(cell)), "grade": lambda cell: grade_of(name_of(cell)),
        }  # fmt: skip
        self._columns = {
            name: reading.parsed(name, parse_each(reading.values(name), meaning, None), None)
            for name, meaning in meanings.items()
        }

    def lines(self) -> tuple[EstablishmentInput, ...]:
        """What the usable rows say, those of the same unit, role level and grade added up."""
        reading, found = self._reading, dict[tuple[str, str, str, str], EstablishmentInput]()
        numbers = reading.row_numbers()
        for place in range(len(reading)):
            if reading.is_left_out(place):
                continue
            unit, (role, level) = self._unit(place), self._level(place)
            if numbers[place] in reading.findings.bad_rows:
                continue
            grade = self._at("grade", place) or ""
            key = (unit, name_key(role), name_key(level), name_key(grade))
            line = EstablishmentInput(unit, role, level, grade, self._at("posts", place), numbers[place])
            earlier = found.get(key)
            if earlier is not None:
                what = f"Row {earlier.row} names the same unit, role level and grade; both are added up"
                reading.note(place, "role_level", level, what, "Take one away if it is the same posts.")
                line = EstablishmentInput(
                    unit, role, earlier.role_level, earlier.grade, earlier.posts + line.posts, earlier.row
                )
            found[key] = line
        return tuple(found.values())

    def _at(self, name: str, place: int) -> Any:
        return self._columns[name][place]

    def _unit(self, place: int) -> str:
        """The path of the unit a row names: by a department, a unit, or a unit within a department."""
        department, unit = self._at("department", place) or "", self._at("unit", place) or ""
        if not department and not unit:
            if not self._reading.has_error(place, "department"):
                self._reading.error(
                    place, "department", "", "There is no department or unit", "Say whose posts these are."
                )
            return ""
        column = "unit" if unit else "department"
        try:
            if not unit:
                return self._names.department(department)
            if not department:
                return self._names.department(unit)
            top = self._names.department(department)
            inside = unit if name_key(unit).startswith(name_key(f"{top} / ")) else f"{top} / {unit}"
            return self._names.department(inside)
        except Fault as fault:
            self._reading.error(place, column, unit or department, fault.what, fault.advice)
            return ""

    def _level(self, place: int) -> tuple[str, str]:
        """(role, role level) as the framework writes them."""
        for name, advice in _NEEDED.items():
            if self._at(name, place) in (None, "") and not self._reading.has_error(place, name):
                self._reading.error(place, name, "", f"There is no {name}", advice)
        level = self._at("role_level", place)
        if not level or self._reading.has_error(place, "role"):
            return "", ""
        try:
            return self._names.level(level, self._at("role", place) or "")
        except Fault as fault:
            self._reading.error(place, "role_level", level, fault.what, fault.advice)
            return "", ""
