"""Reads a strategy: areas, priorities with their dates, and what they need, one need a row (FORMATS, ``strategy``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.files.cells import Cell
from app.files.column_reading import ColumnReading
from app.files.columns import Field
from app.files.named import KnownNames, NameFinder, quarter_text, said, weight_text
from app.files.one_table import TableFile, open_one_table
from app.files.options import ReadOptions
from app.files.values import Fault, number_of, parse_dates, parse_each, text_of
from app.progress import Progress
from app.terms import FinancialQuarter, clean_name, name_key

FIELDS = (
    Field("area", ("strategy area", "theme", "mission", "strand", "pillar"), is_required=True),
    Field("priority", ("aim", "objective", "goal", "commitment", "priority name"), is_required=True),
    Field(
        "target_date", ("target", "by", "due", "due date", "deadline", "by date", "date"), is_required=True
    ),
    Field("programme", ("program", "project", "service", "programme or service", "programme name")),
    Field("department", ("organisation", "organization", "ministry", "unit", "body")),
    Field("role", ("profession role", "role name")),
    Field("role_level", ("level", "role level name", "job level")),
    Field("skill", ("skill name", "framework skill")),
    Field("fte", ("fte needed", "full time equivalent", "ftes", "headcount needed", "people needed")),
    Field("from_quarter", ("from", "start quarter", "quarter from", "needed from", "start")),
    Field("to_quarter", ("to", "until", "end quarter", "quarter to", "needed until", "end")),
    Field("weight", ("priority weight", "importance", "strategy weight")),
)
LEAST_WEIGHT, MOST_WEIGHT = 1_000, 100_000
"""What a weight may be, in ten-thousandths (PRODUCT, rule 4)."""

_MOST_FTE = 1_000_000


@dataclass(frozen=True, slots=True)
class StrategyRow:
    """One usable row. Blank texts say nothing; ``weight`` is in ten-thousandths, quarters as integers."""

    area: str
    priority: str
    target_on: date | None
    programme: str
    department: str
    role: str
    role_level: str
    skill: str
    fte_hundredths: int | None
    from_quarter: int | None
    to_quarter: int | None
    weight: int | None
    row: int

    @property
    def is_need(self) -> bool:
        """Whether the row names a role or skill that is needed."""
        return bool(self.role or self.skill)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyFile(TableFile):
    """A strategy as read; rows with anything wrong are not among ``rows``."""

    rows: tuple[StrategyRow, ...]


def read_strategy(path: Path, options: ReadOptions, progress: Progress, known: KnownNames) -> StrategyFile:
    """Read a strategy; raises InputProblems where the whole file is refused, UsageError, Cancelled."""
    table = open_one_table(
        path, options, progress.part(0.0, 0.6), FIELDS, "Give each priority at least one row."
    )
    reading = table.reading
    rows = _Rows(reading, known.finder(), options.day_first).rows()
    progress.step(1.0, f"{len(rows):,} rows read")
    return StrategyFile(
        rows=rows,
        **table.about(),
    )


class _Rows:
    """The rows of a strategy on their way in."""

    def __init__(self, reading: ColumnReading, names: NameFinder, day_first: bool | None) -> None:
        self._reading = reading
        self._names = names
        reading.leave_out_repeated_headings("priority")
        meanings: dict[str, Callable[[Cell], Any]] = {
            "area": name_of, "priority": name_of, "programme": name_of, "role_level": name_of,
            "department": lambda cell: names.department(name_of(cell)),
            "role": lambda cell: names.role(name_of(cell)), "skill": lambda cell: names.skill(name_of(cell)),
            "fte": fte_of, "from_quarter": quarter_of, "to_quarter": quarter_of, "weight": weight_of,
        }  # fmt: skip
        self._columns: dict[str, list[Any]] = {"target_date": reading.dates("target_date", day_first)}
        for name, meaning in meanings.items():
            parsed = parse_each(reading.values(name), meaning, None)
            self._columns[name] = reading.parsed(name, parsed, None)

    def rows(self) -> tuple[StrategyRow, ...]:
        """Every row nothing is wrong with, facts of a priority filled in from its other rows."""
        reading = self._reading
        reading.need("area", self._columns["area"], "Name the area of the strategy on every row.")
        reading.need("priority", self._columns["priority"], "Name the priority on every row.")
        for place in range(len(reading)):
            if not reading.is_left_out(place):
                self._resolve_level(place)
                self._check_quarters(place)
        self._agree()
        kept = set(reading.kept())
        numbers = reading.row_numbers()
        return tuple(self._row(place, numbers[place]) for place in range(len(reading)) if place in kept)

    def _at(self, name: str, place: int) -> Any:
        return self._columns[name][place]

    def _row(self, place: int, number: int) -> StrategyRow:
        def words(name: str) -> str:
            return self._at(name, place) or ""

        return StrategyRow(
            area=words("area"),
            priority=words("priority"),
            target_on=self._at("target_date", place),
            programme=words("programme"),
            department=words("department"),
            role=words("role"),
            role_level=words("role_level"),
            skill=words("skill"),
            fte_hundredths=self._at("fte", place),
            from_quarter=self._at("from_quarter", place),
            to_quarter=self._at("to_quarter", place),
            weight=self._at("weight", place),
            row=number,
        )

    def _resolve_level(self, place: int) -> None:
        """Role and role level as the framework writes them; FTE goes to one level."""
        role, level, fte = (self._at(name, place) for name in ("role", "role_level", "fte"))
        try:
            if level and not (self._reading.has_error(place, "role")):
                role, level = self._names.level(level, role or "")
            elif role and fte is not None:
                role, level = self._names.level_of_role(role)
                said_level = f"No role level is named; “{level}” is taken"
                self._reading.note(
                    place, "role", role, said_level, "Name the role level where another is meant."
                )
            elif fte is not None and not self._at("skill", place) and not self._is_wrong(place):
                raise Fault(
                    "FTE without a role level", "Name the role level that is needed, or leave FTE blank."
                )
        except Fault as fault:
            column = "role_level" if level else "fte"
            value = level or (fte or 0) / 100
            self._reading.error(place, column, value, fault.what, fault.advice)
        self._columns["role"][place], self._columns["role_level"][place] = role, level

    def _is_wrong(self, place: int) -> bool:
        return any(self._reading.has_error(place, name) for name in ("role", "role_level", "skill"))

    def _check_quarters(self, place: int) -> None:
        first, last = self._at("from_quarter", place), self._at("to_quarter", place)
        if first is not None and last is not None and last < first:
            what = f"The last quarter lies before the first ({quarter_text(first)})"
            self._reading.error(place, "to_quarter", quarter_text(last), what, "Put one of the two right.")

    def _agree(self) -> None:
        """The date of a priority, and the weight of a priority or programme, said once hold for all its rows."""
        self._agreed("target_date", lambda place: self._key(place, "area", "priority"), _day_said)
        self._agreed("weight", lambda place: self._key(place, "area", "priority", "programme"), weight_text)

    def _key(self, place: int, *names: str) -> tuple[str, ...]:
        return tuple(name_key(self._at(name, place) or "") for name in names)

    def _agreed(
        self, name: str, key_of: Callable[[int], tuple[str, ...]], shown: Callable[[Any], str]
    ) -> None:
        column, numbers = self._columns[name], self._reading.row_numbers()
        what = "priority" if name == "target_date" else "priority or programme"
        first: dict[tuple[str, ...], int] = {}
        for place in self._reading.kept():
            value = column[place]
            if value is None:
                continue
            earlier = first.setdefault(key_of(place), place)
            if column[earlier] != value:
                told = f"Row {numbers[earlier]} says {said(shown(column[earlier]))} for the same {what}"
                self._reading.error(
                    place, name, shown(value), told, f"Say the same on every row of a {what}."
                )
        for place in self._reading.kept():
            earlier = first.get(key_of(place))
            if earlier is not None:
                column[place] = column[earlier]


def _day_said(day: date) -> str:
    return day.isoformat()


def name_of(cell: Cell) -> str:
    """A cell as a name."""
    return clean_name(text_of(cell))


def fte_of(cell: Cell) -> int:
    """FTE in hundredths, from 0; raises Fault."""
    number = number_of(cell)
    if not 0 <= number <= _MOST_FTE:
        raise Fault("FTE cannot be negative or that large", "Write the full-time equivalents, such as 2.5.")
    hundredths = (number * 100).quantize(Decimal(1))
    if abs(hundredths - number * 100) > Decimal("0.0001"):
        raise Fault("FTE has at most two places", "Write it as 2.50.")
    return int(hundredths)


def quarter_of(cell: Cell) -> int:
    """A financial quarter: 2026Q3, 2026-27 Q3, or a day within it; raises Fault."""
    advice = "Write it as 2026Q3 (October to December 2026), or as a date within the quarter."
    if isinstance(cell, str):
        try:
            return int(FinancialQuarter.parse(clean_name(cell)))
        except ValueError:
            pass
    elif not isinstance(cell, date):
        raise Fault("This is not a financial quarter", advice)
    found = parse_dates([cell])
    day = found.values[0]
    if found.faults or day is None:
        raise Fault("This is not a financial quarter", advice)
    return int(FinancialQuarter.of(day))


def weight_of(cell: Cell) -> int:
    """A weight from 0.1 to 10 in ten-thousandths; raises Fault."""
    number = number_of(cell) * 10_000
    if not LEAST_WEIGHT <= number <= MOST_WEIGHT:
        raise Fault("A weight lies between 0.1 and 10", "Write 1 for the usual weight, or leave it blank.")
    return int(number.to_integral_value())
