"""The forecast of an earlier day against what happened since.

Rates are those seen until that day, and nobody who came later counts as known. Last days of civil servants are taken
as unknown, because they are kept without the day on which they became known; those of contractors stand, as contract
ends do. Posts are those of today's establishment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
from sqlalchemy.orm import Session

from app.analysis.supply import Floats, forecast_supply
from app.errors import UsageError
from app.services.population import Population
from app.services.scope import Scope
from app.services.workforce.cells import SupplyCells, described, supply_cells
from app.services.workforce.history import OwnRates
from app.services.workforce.records import BAND_WIDTH, MOST_QUARTERS, fte
from app.services.workforce.scenarios import ScenarioLine
from app.terms import FinancialQuarter


@dataclass(frozen=True, slots=True)
class BackTestLine:
    """A role family in one quarter: what was expected of it with its band, and what there was, in FTE."""

    role_family: str
    quarter: FinancialQuarter
    heads: int
    expected_fte: Decimal
    low_fte: Decimal
    high_fte: Decimal
    actual_fte: Decimal
    actual_heads: int

    @property
    def error_fte(self) -> Decimal:
        """What was expected less what there was."""
        return self.expected_fte - self.actual_fte

    @property
    def is_inside(self) -> bool:
        """Whether the band held what there was."""
        return self.low_fte <= self.actual_fte <= self.high_fte


@dataclass(frozen=True, slots=True)
class BackTest:
    """Every role family and quarter between a day and today. ``notes`` say what the test could not know."""

    day: date
    first: FinancialQuarter
    scenario: str
    lines: tuple[BackTestLine, ...]
    notes: tuple[str, ...]

    @property
    def inside(self) -> int:
        """How many lines lie inside their band."""
        return sum(line.is_inside for line in self.lines)

    @property
    def mean_error(self) -> Decimal | None:
        """Σ |error| ÷ Σ actual FTE over all lines, None where nobody was there."""
        actual = sum((line.actual_fte for line in self.lines), Decimal(0))
        error = sum((abs(line.error_fte) for line in self.lines), Decimal(0))
        return error / actual if actual else None

    @property
    def sentence(self) -> str:
        """How it went."""
        if self.mean_error is None:
            return "Nobody was there to compare with."
        count = len(self.lines)
        return (
            f"{self.inside} of {count} figures lie inside their 80 % band; the mean error is {self.mean_error:.1%} "
            "of the FTE there was."
        )


def quarters_since(day: date, today: date) -> tuple[FinancialQuarter, int]:
    """The first quarter of a forecast made on a day, and how many are over by today; UsageError where none is."""
    if day >= today:
        raise UsageError("A back-test begins on an earlier day.", f"Give one before {today.isoformat()}.")
    first = FinancialQuarter.next_whole(day)
    over = int(FinancialQuarter.of(today)) - int(first) + int(FinancialQuarter.of(today).last_day == today)
    if over < 1:
        raise UsageError(
            f"No whole quarter lies between {day.isoformat()} and today.",
            f"The first would be {first.label}; give an earlier day.",
        )
    return first, min(over, MOST_QUARTERS)


def back_tested(
    session: Session,
    populations: Callable[[date], Population],
    scope: Scope,
    line: ScenarioLine,
    rates: OwnRates,
    when: tuple[date, FinancialQuarter, int],
) -> BackTest:
    """Forecast from a day over so many quarters, against the populations of their last days."""
    day, first, count = when
    then = as_known(populations(day))
    cells = supply_cells(session, then, scope, line.assumptions, rates, (first, count))
    if not cells.heads.sum():
        raise UsageError(
            f"Nobody here had a role on {day.isoformat()}, so there is nothing to forecast from.",
            "Give a later day, or load earlier HR extracts with --as-at.",
        )
    families = tuple(cell.role_family for cell in described(then, cells))
    actual = [_actual(populations((first + at).last_day), scope) for at in range(count)]
    names = list(dict.fromkeys((*families, *(name for one in actual for name in one))))
    mean, spread = _expected(cells, [names.index(name) for name in families], len(names))
    heads = np.bincount([names.index(name) for name in families], cells.heads, minlength=len(names))
    lines = [
        BackTestLine(
            name, first + at, int(heads[place]), fte(mean[at, place]),
            fte(max(mean[at, place] - spread[at, place], 0.0)), fte(mean[at, place] + spread[at, place]),
            *actual[at].get(name, (Decimal(0), 0)),
        )
        for place, name in enumerate(names)
        for at in range(count)
    ]  # fmt: skip
    return BackTest(day, first, line.name, tuple(lines), _notes(day, first))


def as_known(population: Population) -> Population:
    """A population as it was known on its day: civil servants without the last days that were recorded later."""
    never = date.max.toordinal()
    last = np.where(population.is_contractor, population.last_day, never).astype(population.last_day.dtype)
    return replace(population, last_day=last)


def _expected(cells: SupplyCells, place: Sequence[int], groups: int) -> tuple[Floats, Floats]:
    """Expected FTE [Q × groups] and half the width of the band."""
    model, group = forecast_supply(cells.problem), np.array(place, dtype=np.int64)
    mean = model.total(cells.fte, group, groups)[1:]
    return mean, BAND_WIDTH * np.sqrt(model.variance(cells.fte, group, groups)[1:])


def _actual(population: Population, scope: Scope) -> dict[str, tuple[Decimal, int]]:
    """FTE and heads with a counting role by role family on a population's day."""
    chosen = np.flatnonzero(population.mask(scope) & (population.role_level_id > 0))
    sums: dict[str, tuple[int, int]] = {}
    levels, hundredths = population.role_level_id[chosen].tolist(), population.fte_hundredths[chosen].tolist()
    for level, amount in zip(levels, hundredths, strict=True):
        name = population.levels[level].family
        there = sums.get(name, (0, 0))
        sums[name] = (there[0] + amount, there[1] + 1)
    return {name: (Decimal(amount) / 100, heads) for name, (amount, heads) in sums.items()}


def _notes(day: date, first: FinancialQuarter) -> tuple[str, ...]:
    notes = ["Last days of civil servants count as unknown then; posts are those of today's establishment."]
    missed = (first.first_day - day).days - 1
    if missed > 0:
        notes.append(
            f"{day.isoformat()} is {missed} days before {first.label} begins; moves in between are in no quarter."
        )
    return tuple(notes)
