"""Contracts: a file against the workspace, and what is stored.

A contract is known again by supplier and service, regardless of case. A file speaks for the contracts in it: their
facts and all of their lines. Contracts it does not name stay as they are. A blank value or department says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.contract_cost import YearlyCost, yearly_cost
from app.analysis.contract_months import WHOLE, retained_fte
from app.db.database import WriteScope
from app.errors import Problem
from app.files.contracts import ContractInput, ContractsFile
from app.models import Contract, ContractLine
from app.services.people_import import as_date
from app.services.strategy.names import unit_ids
from app.terms import name_key

ContractKey = tuple[str, str]


class Supplied(NamedTuple):
    """One line of a contract by value; the retained share is a percentage in hundredths."""

    role: str
    role_level: str
    fte_hundredths: int
    day_rate_pence: int | None
    retained_hundredths: int | None


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract as stored; ``department`` is a unit path, blank where none is said."""

    contract_id: int
    version: int
    supplier: str
    service: str
    department: str
    ends_on: date
    value_pence: int | None
    lines: tuple[Supplied, ...]
    line_ids: tuple[int, ...] = ()

    @property
    def value_gbp(self) -> Decimal | None:
        """The value in pounds, None where none is said."""
        return None if self.value_pence is None else Decimal(self.value_pence) / 100

    @property
    def fte_hundredths(self) -> int:
        """FTE of all lines."""
        return sum(line.fte_hundredths for line in self.lines)


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One value of a contract that the file changes."""

    contract: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ContractCost:
    """A contract line's year: ``cost`` compares like with like, the FTE still needed; None without a day rate."""

    contract: ContractView
    line: Supplied
    kept_fte_hundredths: int
    supplier_pence: int | None
    cost: YearlyCost | None


def contract_costs(contracts: Sequence[ContractView], post_pence: int, days: int) -> tuple[ContractCost, ...]:
    """Every line of every contract; ``post_pence`` is the full yearly cost of one civil servant."""
    found: list[ContractCost] = []
    for contract in contracts:
        for line in contract.lines:
            share = WHOLE if line.retained_hundredths is None else line.retained_hundredths
            kept, rate = retained_fte(line.fte_hundredths, share), line.day_rate_pence
            whole = None if rate is None else yearly_cost(line.fte_hundredths, rate, 0, days).contractor_pence
            cost = None if rate is None else yearly_cost(kept, rate, post_pence, days)
            found.append(ContractCost(contract, line, kept, whole, cost))
    return tuple(found)


@dataclass(slots=True)
class ContractsComparison:
    """The difference between a file and the workspace."""

    new: list[ContractInput] = field(default_factory=list[ContractInput])
    changed: list[tuple[ContractView, ContractInput]] = field(
        default_factory=list[tuple[ContractView, ContractInput]]
    )
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ContractsPreview:
    """What loading contracts would do; nothing has been written."""

    file_name: str
    file_hash: str
    revision: int
    columns: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    count: int
    new: tuple[ContractInput, ...]
    changes: tuple[ContractChange, ...]
    changed: int
    unchanged: int
    problems: tuple[Problem, ...]
    comparison: ContractsComparison

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep rows out."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the workspace already holds all the file says."""
        return not self.new and not self.changed


@dataclass(frozen=True, slots=True)
class ContractsSummary:
    """What loading contracts did."""

    new: int
    changed: int
    unchanged: int
    lines: int
    skipped_rows: int


_CONTRACTS = """
SELECT c.id, c.version, c.supplier, c.service, u.path, c.ends_on, c.value_pence
FROM contract AS c LEFT JOIN unit AS u ON u.id = c.unit_id ORDER BY c.ends_on, c.supplier, c.service
"""
_LINES = """
SELECT contract_id, role, role_level, fte_hundredths, day_rate_pence, retained_hundredths, id
FROM contract_line ORDER BY contract_id, id
"""


def load_contracts(session: Session) -> list[ContractView]:
    """Every contract, those that end first first."""
    lines: dict[int, list[tuple[int, Supplied]]] = {}
    for row in session.execute(text(_LINES)):
        lines.setdefault(row[0], []).append((row[6], Supplied(*row[1:6])))
    return [
        ContractView(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4] or "",
            as_date(row[5]) or date.max,
            row[6],
            tuple(line for _, line in lines.get(row[0], ())),
            tuple(line_id for line_id, _ in lines.get(row[0], ())),
        )
        for row in session.execute(text(_CONTRACTS))
    ]


def contract_key(supplier: str, service: str) -> ContractKey:
    """What a contract is known again by."""
    return name_key(supplier), name_key(service)


def supplied_of(contract: ContractInput) -> list[Supplied]:
    """The lines of a contract of the file by value."""
    return [
        Supplied(
            line.role, line.role_level, line.fte_hundredths, line.day_rate_pence, line.retained_hundredths
        )
        for line in contract.lines
    ]


def compare_contracts(
    known: Sequence[ContractView], incoming: Sequence[ContractInput]
) -> ContractsComparison:
    """The difference between the contracts of a file and those of the workspace."""
    made = ContractsComparison()
    by_key = {contract_key(one.supplier, one.service): one for one in known}
    for contract in incoming:
        there = by_key.get(contract_key(contract.supplier, contract.service))
        if there is None:
            made.new.append(contract)
        elif _changes(there, contract):
            made.changed.append((there, contract))
        else:
            made.unchanged += 1
    return made


def _changes(before: ContractView, after: ContractInput) -> list[ContractChange]:
    name = f"{after.supplier}, {after.service}"
    changes: list[ContractChange] = []
    if before.ends_on != after.ends_on:
        changes.append(
            ContractChange(name, "end date", before.ends_on.isoformat(), after.ends_on.isoformat())
        )
    if after.value_pence is not None and before.value_pence != after.value_pence:
        changes.append(ContractChange(name, "value", _pounds(before.value_pence), _pounds(after.value_pence)))
    if after.department and before.department != after.department:
        changes.append(ContractChange(name, "department", before.department, after.department))
    old, new = Counter(before.lines), Counter(supplied_of(after))
    gone, come = old - new, new - old
    changes += [ContractChange(name, "line", _words(line), "") for line in gone.elements()]
    changes += [ContractChange(name, "line", "", _words(line)) for line in come.elements()]
    return changes


def _pounds(pence: int | None) -> str:
    return "" if pence is None else f"£{Decimal(pence) / 100:,.2f}"


def _words(line: Supplied) -> str:
    rate = "" if line.day_rate_pence is None else f", {_pounds(line.day_rate_pence)} a day"
    kept = "" if line.retained_hundredths is None else f", {line.retained_hundredths / 100:g} % retained"
    return f"{line.fte_hundredths / 100:.2f} FTE {line.role_level}{rate}{kept}"


def contracts_preview(
    found: ContractsFile, file_name: str, made: ContractsComparison, revision: int
) -> ContractsPreview:
    """The comparison as it is shown."""
    return ContractsPreview(
        file_name=file_name,
        file_hash=found.file_hash,
        revision=revision,
        columns=tuple(found.columns.items()),
        unclear=found.unclear,
        dropped=found.dropped,
        count=found.count,
        new=tuple(made.new),
        changes=tuple(change for before, after in made.changed for change in _changes(before, after)),
        changed=len(made.changed),
        unchanged=made.unchanged,
        problems=found.problems,
        comparison=made,
    )


def write_contracts(w: WriteScope, made: ContractsComparison) -> int:
    """New and changed contracts, row by row; returns how many lines were written."""
    units = unit_ids(w.session)
    lines = 0
    for contract in made.new:
        row = Contract(
            supplier=contract.supplier,
            service=contract.service,
            unit_id=units[contract.department] if contract.department else None,
            ends_on=contract.ends_on,
            value_pence=contract.value_pence,
        )
        w.session.add(row)
        w.session.flush()
        lines += _add_lines(w, row.id or 0, supplied_of(contract))
    for before, contract in made.changed:
        lines += _write_changed(w, before, contract, units)
    w.session.flush()
    return lines


def _write_changed(
    w: WriteScope, before: ContractView, contract: ContractInput, units: dict[str, int]
) -> int:
    row = w.fetch(Contract, before.contract_id)
    values: dict[str, Any] = {"ends_on": contract.ends_on}
    if contract.value_pence is not None:
        values["value_pence"] = contract.value_pence
    if contract.department:
        values["unit_id"] = units[contract.department]
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    wanted = supplied_of(contract)
    waiting = Counter(wanted)
    for line_id, line in zip(before.line_ids, before.lines, strict=True):
        if waiting[line] > 0:
            waiting[line] -= 1
        else:
            w.session.delete(w.fetch(ContractLine, line_id))
    return _add_lines(w, before.contract_id, list(waiting.elements()))


def _add_lines(w: WriteScope, contract_id: int, lines: Sequence[Supplied]) -> int:
    for line in lines:
        w.session.add(ContractLine(contract_id=contract_id, **line._asdict()))
    w.session.flush()
    return len(lines)
