"""Reads contracts with suppliers: one row per role level under a contract (FORMATS, ``contracts``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.files.cells import Cell
from app.files.column_reading import ColumnReading
from app.files.columns import Field
from app.files.named import KnownNames, NameFinder, said
from app.files.one_table import TableFile, open_one_table
from app.files.options import ReadOptions
from app.files.strategy import fte_of, name_of
from app.files.values import Fault, number_of, parse_each, pence_of
from app.progress import Progress
from app.terms import name_key

FIELDS = (
    Field("supplier", ("vendor", "provider", "supplier name", "contractor", "company"), is_required=True),
    Field("service", ("contract", "contract name", "service name", "lot", "contract title"), is_required=True),
    Field("end_date", ("end", "ends on", "contract end", "expiry", "expiry date"), is_required=True),
    Field("role_level", ("level", "role level name", "job level"), is_required=True),
    Field("fte", ("full time equivalent", "ftes", "fte supplied", "supplier fte"), is_required=True),
    Field("role", ("role name", "profession role")),
    Field("department", ("organisation", "organization", "ministry", "unit", "body", "buyer")),
    Field("value_gbp", ("value", "contract value", "total value", "value £", "annual value")),
    Field("day_rate_gbp", ("day rate", "daily rate", "rate per day", "rate", "day rate £")),
    Field("retained_pct", ("retained", "retained share", "share retained", "retained %", "retained percent")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContractLineInput:
    """FTE of one role level; ``retained_hundredths`` is a percentage in hundredths, None where not said."""

    role: str
    role_level: str
    fte_hundredths: int
    day_rate_pence: int | None
    retained_hundredths: int | None
    row: int


@dataclass(frozen=True, slots=True)
class ContractInput:
    """One contract with its lines."""

    supplier: str
    service: str
    department: str
    ends_on: date
    value_pence: int | None
    lines: tuple[ContractLineInput, ...]
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractsFile(TableFile):
    """Contracts as read. A contract with anything wrong about itself is not among ``contracts``."""

    contracts: tuple[ContractInput, ...]


def read_contracts(path: Path, options: ReadOptions, progress: Progress, known: KnownNames) -> ContractsFile:
    """Read contracts; raises InputProblems where the whole file is refused, UsageError, Cancelled."""
    table = open_one_table(path, options, progress.part(0.0, 0.6), FIELDS, "Give each role level one row.")
    reading = table.reading
    contracts = _Contracts(reading, known.finder(), options.day_first).contracts()
    progress.step(1.0, f"{len(contracts):,} contracts read")
    return ContractsFile(
        contracts=contracts,
        **table.about(),
    )


_AGREED = ("end_date", "department", "value_gbp")
_NEEDED = {
    "end_date": "Write the day the contract ends.",
    "role_level": "Name the role level that the supplier provides.",
    "fte": "Write the full-time equivalents; blank is not 0.",
}


class _Contracts:
    """The rows of contracts on their way in."""

    def __init__(self, reading: ColumnReading, names: NameFinder, day_first: bool | None) -> None:
        self._reading, self._names = reading, names
        reading.leave_out_repeated_headings("supplier")
        meanings: dict[str, Callable[[Cell], Any]] = {
            "supplier": name_of, "service": name_of, "role_level": name_of, "fte": fte_of,
            "role": lambda cell: names.role(name_of(cell)),
            "department": lambda cell: names.department(name_of(cell)),
            "value_gbp": _pence, "day_rate_gbp": _pence, "retained_pct": percent_of,
        }  # fmt: skip
        self._columns: dict[str, list[Any]] = {"end_date": reading.dates("end_date", day_first)}
        for name, meaning in meanings.items():
            self._columns[name] = reading.parsed(name, parse_each(reading.values(name), meaning, None), None)

    def contracts(self) -> tuple[ContractInput, ...]:
        """Every contract that nothing is wrong with, in the order of the file."""
        reading = self._reading
        reading.need("supplier", self._columns["supplier"], "Name the supplier on every row.")
        reading.need("service", self._columns["service"], "Name the service or contract on every row.")
        places: dict[tuple[str, str], list[int]] = {}
        for place in range(len(reading)):
            supplier, service = self._at("supplier", place), self._at("service", place)
            if supplier and service and not reading.is_left_out(place):
                places.setdefault((name_key(supplier), name_key(service)), []).append(place)
        found = [self._contract(at) for at in places.values()]
        return tuple(contract for contract in found if contract is not None)

    def _at(self, name: str, place: int) -> Any:
        return self._columns[name][place]

    def _contract(self, places: list[int]) -> ContractInput | None:
        facts = {name: self._agreed(name, places) for name in _AGREED}
        for place in places:
            self._check(place, facts)
        bad, numbers = self._reading.findings.bad_rows, self._reading.row_numbers()
        usable = [place for place in places if numbers[place] not in bad]
        if not usable or facts["end_date"] is None:
            return None
        self._note_repeats(usable)
        first = usable[0]
        return ContractInput(
            supplier=self._at("supplier", first),
            service=self._at("service", first),
            department=facts["department"] or "",
            ends_on=facts["end_date"],
            value_pence=facts["value_gbp"],
            lines=tuple(self._line(place, numbers[place]) for place in usable),
            row=numbers[first],
        )

    def _line(self, place: int, row: int) -> ContractLineInput:
        return ContractLineInput(
            role=self._at("role", place),
            role_level=self._at("role_level", place),
            fte_hundredths=self._at("fte", place),
            day_rate_pence=self._at("day_rate_gbp", place),
            retained_hundredths=self._at("retained_pct", place),
            row=row,
        )

    def _check(self, place: int, facts: Mapping[str, Any]) -> None:
        """What a row needs, and its role level as the framework writes it."""
        for name, advice in _NEEDED.items():
            value = facts[name] if name in facts else self._at(name, place)
            if value in (None, "") and not self._reading.has_error(place, name):
                self._reading.error(place, name, "", f"There is no {name}", advice)
        level = self._at("role_level", place)
        if level and not self._reading.has_error(place, "role"):
            try:
                role, level = self._names.level(level, self._at("role", place) or "")
            except Fault as fault:
                self._reading.error(place, "role_level", level, fault.what, fault.advice)
            else:
                self._columns["role"][place], self._columns["role_level"][place] = role, level

    def _agreed(self, name: str, places: list[int]) -> Any:
        """What the rows of a contract say about it; blanks follow the others, contradictions are errors."""
        column, numbers = self._columns[name], self._reading.row_numbers()
        filled = [place for place in places if column[place] is not None]
        for place in filled[1:]:
            if column[place] != column[filled[0]]:
                what = f"Row {numbers[filled[0]]} says {_told(name, column[filled[0]])} for the same contract"
                advice = "Say the same on every row of a contract."
                self._reading.error(place, name, _told(name, column[place]), what, advice)
        return column[filled[0]] if filled else None

    def _note_repeats(self, places: list[int]) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        numbers = self._reading.row_numbers()
        for place in places:
            facts = tuple(
                self._at(name, place)
                for name in ("role", "role_level", "fte", "day_rate_gbp", "retained_pct")
            )
            earlier = seen.setdefault(facts, place)
            if earlier != place:
                what = f"The row repeats row {numbers[earlier]}; both are counted"
                self._reading.note(
                    place, "role_level", facts[1], what, "Take one away if it is the same people."
                )


def _told(name: str, value: Any) -> str:
    if name == "value_gbp" and value is not None:
        return f"£{Decimal(value) / 100:,.2f}"
    return value.isoformat() if isinstance(value, date) else said(value)


def _pence(cell: Cell) -> int:
    return int(pence_of(cell) * 100)


def percent_of(cell: Cell) -> int:
    """A percentage in hundredths: 60, 60 % and (in a cell formatted as one) 0.6 are 6,000; raises Fault.

    A number above 0 and up to 1 is a fraction only where the cell says so: "1" is 1 %, while Excel keeps 60 % as 0.6.
    """
    is_marked = isinstance(cell, str) and cell.strip().endswith("%")
    number = number_of(cell)
    if is_marked or (isinstance(cell, float) and 0 < number < 1):
        number *= 100
    if not 0 <= number <= 100:
        raise Fault("A share lies between 0 and 100 per cent", "Write 60 for 60 per cent.")
    hundredths = (number * 100).quantize(Decimal(1))
    if abs(hundredths - number * 100) > Decimal("0.0001"):
        raise Fault("The share has at most two places", "Write it as 62.5.")
    return int(hundredths)
