"""What a forecast is asked with and what comes out, as frozen records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from app.analysis.supply import Floats, Ints, Supply
from app.services.scope import Scope
from app.services.workforce.scenarios import ScenarioLine
from app.terms import FinancialQuarter

DEFAULT_QUARTERS = 8
MOST_QUARTERS = 40

BAND = 0.8
"""The share of futures a band is to hold: one in ten below it, one in ten above."""

BAND_WIDTH = 1.2815515655446004
"""The standard normal's distance from its middle to the edge of a band of 80 %."""


@dataclass(frozen=True, slots=True)
class ForecastCell:
    """One unit × role level × grade; ``heads`` and ``vacancies`` at the start (None: no establishment is known)."""

    unit: str
    role_family: str
    role: str
    role_level: str
    grade: str
    heads: int
    vacancies: int | None
    leave_rate: float
    promote_rate: float


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """Supply and demand of one cell in one quarter, in FTE to two places."""

    cell: ForecastCell
    quarter: FinancialQuarter
    supply_fte: Decimal
    supply_low: Decimal
    supply_high: Decimal
    demand_fte: Decimal
    shortfall_fte: Decimal


@dataclass(frozen=True, slots=True)
class SumLine:
    """Supply and demand of a group of cells in one quarter; moves are expected heads in that quarter.

    ``moved`` are those who come by a role change known by date less those who go by one.
    """

    group: str
    quarter: FinancialQuarter
    supply_fte: Decimal
    supply_low: Decimal
    supply_high: Decimal
    demand_fte: Decimal
    shortfall_fte: Decimal
    leavers: float
    joiners: float
    promotions: float
    ended: float
    moved: float


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """The forecast of a scope under a scenario; arrays are [Q × C], quarter by cell, in FTE.

    ``demand`` of a role level in a unit is spread over its cells as their supply is, so that shortfalls of cells add up
    to that of the role level. The last cells are those that are needed and in which nobody is; ``model`` and ``fte``
    end before them. ``people`` [C] is on how many heads each cell's supply rests, for what must not be shown.
    """

    scope: Scope
    scenario: ScenarioLine
    first: FinancialQuarter
    quarters: int
    cells: tuple[ForecastCell, ...]
    supply: Floats
    low: Floats
    high: Floats
    demand: Floats
    shortfall: Floats
    people: Ints
    undated: tuple[str, ...]
    unmapped: int
    revision: int
    model: Supply = field(repr=False)
    fte: Floats = field(repr=False)

    @property
    def quarter_list(self) -> tuple[FinancialQuarter, ...]:
        """The quarters looked at."""
        return tuple(self.first + at for at in range(self.quarters))

    def lines(self) -> Iterator[ForecastLine]:
        """Every cell and quarter, cells in order of unit, family, role, seniority and grade."""
        for at, cell in enumerate(self.cells):
            for quarter in range(self.quarters):
                yield ForecastLine(
                    cell,
                    self.first + quarter,
                    fte(self.supply[quarter, at]),
                    fte(self.low[quarter, at]),
                    fte(self.high[quarter, at]),
                    fte(self.demand[quarter, at]),
                    fte(self.shortfall[quarter, at]),
                )

    def by(self, names: tuple[str, ...]) -> tuple[SumLine, ...]:
        """Sums over cells that share a name (``names`` [C]), by name and quarter, with the band of each sum."""
        place = {name: at for at, name in enumerate(dict.fromkeys(names))}
        labels, model, inside = tuple(place), self.model, len(self.fte)
        code = np.array([place[name] for name in names], dtype=np.int64)
        own, count = code[:inside], len(labels)
        total = model.total(self.fte, own, count)[1:]
        spread = BAND_WIDTH * np.sqrt(model.variance(self.fte, own, count)[1:])
        sums = np.zeros((len(names), count))
        sums[np.arange(len(names)), code] = 1.0
        short, wanted = self.shortfall @ sums, self.demand @ sums
        moved = (model.leavers, model.joiners, model.promoted_in, model.ended, model.moved)
        moves = [column @ sums[:inside] for column in moved]
        return tuple(
            SumLine(
                label, self.first + quarter, fte(total[quarter, at]),
                fte(max(total[quarter, at] - spread[quarter, at], 0.0)), fte(total[quarter, at] + spread[quarter, at]),
                fte(wanted[quarter, at]), fte(short[quarter, at]),
                *(float(column[quarter, at]) for column in moves),
            )
            for at, label in enumerate(labels)
            for quarter in range(self.quarters)
        )  # fmt: skip


def fte(figure: float) -> Decimal:
    """FTE to two places (PRODUCT, rule 7)."""
    return Decimal(round(float(figure) * 100)) / 100
