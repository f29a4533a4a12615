"""Demand: the FTE that programmes and contract exits need, by unit, role level and quarter.

A demand line runs from its first to its last quarter. Where the file leaves the first one blank, it is that in which
the programme starts, else the quarter of the priority's date; where it leaves the last one blank, that in which the
programme ends, else the quarter of the priority's date, but never before the first. A line with neither quarter nor
date is undated: it is listed and counts in no quarter. Lines of FTE on a skill alone name no role level and are
listed in the same way. Priorities set aside need nothing.

A contract needs its retained FTE from the day after its end, on and on (``app/analysis/contract_months.py``); a
retained share that is not given counts as 100 per cent, since work of which nothing is said goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.contract_months import WHOLE, QuarterMonths, quarter_months
from app.services.people_import import as_date
from app.services.strategy.contracts import ContractView, Supplied, load_contracts
from app.terms import FinancialQuarter

QUARTERS_AHEAD = 8
"""Quarters looked at where nothing else is asked: two years."""


@dataclass(frozen=True, slots=True)
class DemandItem:
    """What one programme, priority or contract needs of one role level in one quarter.

    ``unit`` is a unit path, blank where all of the organisation is meant; ``source`` is "programme", "priority" or
    "contract"; ``name`` that of the programme, priority, or supplier and service. ``row_id`` is the demand line or
    contract line it comes from.
    """

    source: str
    name: str
    priority: str
    unit: str
    role: str
    role_level: str
    quarter: FinancialQuarter
    fte_hundredths: int
    row_id: int


@dataclass(frozen=True, slots=True)
class DemandCell:
    """Demand of one role level in one unit and quarter; the two parts add up to ``fte_hundredths``."""

    unit: str
    role: str
    role_level: str
    quarter: FinancialQuarter
    fte_hundredths: int
    programme_fte_hundredths: int
    contract_fte_hundredths: int


@dataclass(frozen=True, slots=True)
class UndatedNeed:
    """FTE that counts in no quarter, and why."""

    name: str
    priority: str
    unit: str
    what: str
    fte_hundredths: int
    reason: str


@dataclass(frozen=True, slots=True)
class Demand:
    """Demand over quarters ``first`` to ``last``: cells by unit, role, role level, quarter; what they come from."""

    first: FinancialQuarter
    last: FinancialQuarter
    cells: tuple[DemandCell, ...]
    items: tuple[DemandItem, ...]
    undated: tuple[UndatedNeed, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class ExitLine:
    """One role level under a contract over the quarters asked; ``is_assumed`` where no retained share is given.

    In every quarter supplier, retained and released FTE-months add up to 3 × ``line.fte_hundredths`` exactly.
    """

    contract: ContractView
    line: Supplied
    line_id: int
    quarters: tuple[QuarterMonths, ...]
    is_assumed: bool

    @property
    def day_rate_gbp(self) -> Decimal | None:
        """The day rate in pounds, None where none is given."""
        return None if self.line.day_rate_pence is None else Decimal(self.line.day_rate_pence) / 100


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A demand line with its quarters settled (None: undated)."""

    line_id: int
    priority_id: int
    priority: str
    programme: str
    unit: str
    role: str
    role_level: str
    skill: str
    fte_hundredths: int
    first: int | None
    last: int | None


_NEEDS = """
SELECT d.id, p.id, p.name, g.name, u.path, gu.path, d.role, d.role_level, s.name, d.fte_hundredths, d.from_quarter,
       d.to_quarter, g.starts_on, g.ends_on, p.target_on
FROM demand_line AS d JOIN priority AS p ON p.id = d.priority_id
LEFT JOIN programme AS g ON g.id = d.programme_id LEFT JOIN unit AS u ON u.id = d.unit_id
LEFT JOIN unit AS gu ON gu.id = g.unit_id LEFT JOIN skill AS s ON s.id = d.skill_id
WHERE d.fte_hundredths IS NOT NULL AND NOT p.is_set_aside ORDER BY d.id
"""


def load_needs(session: Session) -> list[NeedRow]:
    """Every demand line with FTE, its quarters settled; a line without a unit has its programme's."""
    return [
        NeedRow(
            row[0],
            row[1],
            row[2],
            row[3] or "",
            row[4] or row[5] or "",
            row[6],
            row[7],
            row[8] or "",
            row[9],
            *_span(row[10], row[11], as_date(row[12]), as_date(row[13]), as_date(row[14])),
        )
        for row in session.execute(text(_NEEDS))
    ]


def _span(
    first: int | None, last: int | None, starts: date | None, ends: date | None, target: date | None
) -> tuple[int | None, int | None]:
    """The quarters of a line, blanks filled as the head of this module says."""
    due = _quarter(target)
    start = next((one for one in (first, _quarter(starts), due, last) if one is not None), None)
    if start is None:
        return None, None
    end = next((one for one in (last, _quarter(ends), due, start) if one is not None), start)
    return min(start, end) if first is None else start, max(start, end) if last is None else end


def _quarter(day: date | None) -> int | None:
    return None if day is None else int(FinancialQuarter.of(day))


def exit_lines(
    contracts: Sequence[ContractView], first: FinancialQuarter, last: FinancialQuarter
) -> tuple[ExitLine, ...]:
    """Every line of every contract over the quarters."""
    quarters = [FinancialQuarter(number) for number in range(int(first), int(last) + 1)]
    return tuple(
        ExitLine(
            contract,
            line,
            line_id,
            tuple(
                quarter_months(line.fte_hundredths, retained_share(line), contract.ends_on, quarter)
                for quarter in quarters
            ),
            line.retained_hundredths is None,
        )
        for contract in contracts
        for line, line_id in zip(contract.lines, contract.line_ids, strict=True)
    )


def retained_share(line: Supplied) -> int:
    """The share still needed after the end in hundredths of a per cent, 100 per cent where none is given."""
    return WHOLE if line.retained_hundredths is None else line.retained_hundredths


def items_of(
    needs: Iterable[NeedRow], exits: Iterable[ExitLine], first: FinancialQuarter, last: FinancialQuarter
) -> list[DemandItem]:
    """Everything needed in the quarters, programmes first."""
    items: list[DemandItem] = []
    for need in needs:
        if need.first is None or need.last is None or not need.role_level or not need.fte_hundredths:
            continue
        for number in range(max(need.first, int(first)), min(need.last, int(last)) + 1):
            source, name = ("programme", need.programme) if need.programme else ("priority", need.priority)
            items.append(
                DemandItem(
                    source, name, need.priority, need.unit, need.role, need.role_level, FinancialQuarter(number),
                    need.fte_hundredths, need.line_id,
                )
            )  # fmt: skip
    for one in exits:
        name = f"{one.contract.supplier}, {one.contract.service}"
        items += [
            DemandItem(
                "contract", name, "", one.contract.department, one.line.role, one.line.role_level, months.quarter,
                months.needed_fte_hundredths, one.line_id,
            )
            for months in one.quarters
            if months.needed_fte_hundredths
        ]  # fmt: skip
    return items


def cells_of(items: Iterable[DemandItem]) -> tuple[DemandCell, ...]:
    """The items drawn together by unit, role level and quarter, in this order."""
    sums: dict[tuple[str, str, str, FinancialQuarter], list[int]] = {}
    for item in items:
        key = item.unit, item.role, item.role_level, item.quarter
        sums.setdefault(key, [0, 0])[item.source == "contract"] += item.fte_hundredths
    return tuple(DemandCell(*key, sum(parts), *parts) for key, parts in sorted(sums.items()))


def undated_of(needs: Iterable[NeedRow]) -> tuple[UndatedNeed, ...]:
    """What counts in no quarter."""
    found: list[UndatedNeed] = []
    for need in needs:
        if need.role_level and need.first is not None:
            continue
        reason = "no quarter and no target date" if need.first is None else "on a skill, not on a role level"
        what = need.role_level or need.skill
        found.append(
            UndatedNeed(
                need.programme or need.priority, need.priority, need.unit, what, need.fte_hundredths, reason
            )
        )
    return tuple(found)


def last_named(
    needs: Iterable[NeedRow], contracts: Iterable[Any], first: FinancialQuarter
) -> FinancialQuarter:
    """The quarter up to which is looked where none is asked: two years, or as far as anything is named."""
    named = [need.last for need in needs if need.last is not None]
    named += [int(FinancialQuarter.of(one.ends_on)) + 1 for one in contracts]
    return FinancialQuarter(max([int(first) + QUARTERS_AHEAD - 1, *named]))


def demand_of(
    session: Session, first: FinancialQuarter, last: FinancialQuarter | None, inside: set[str] | None
) -> tuple[FinancialQuarter, list[DemandItem], tuple[UndatedNeed, ...]]:
    """The last quarter, the items and what is undated; ``inside`` are the unit paths asked for, None for all."""
    needs = [one for one in load_needs(session) if inside is None or one.unit in inside]
    contracts = [one for one in load_contracts(session) if inside is None or one.department in inside]
    until = last if last is not None else last_named(needs, contracts, first)
    return until, items_of(needs, exit_lines(contracts, first, until), first, until), undated_of(needs)
