"""Workforce planning: supply against demand by quarter, under scenarios."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
from sqlmodel import col, select

from app.analysis.supply import forecast_supply
from app.change import Outcome
from app.db.database import Database
from app.errors import ConflictError, UsageError
from app.models import Scenario
from app.progress import Progress, silent
from app.services.population import RESTS_ON, Population, PopulationCache, tables_since
from app.services.scope import Scope
from app.services.strategy import Demand, Strategy
from app.services.workforce.back_test import BackTest, BackTestLine, back_tested, quarters_since
from app.services.workforce.cells import SupplyCells, described, supply_cells
from app.services.workforce.closing import MOST_SHORTFALLS, mix_problem, plan_of, redeployed, shortfalls_of
from app.services.workforce.closing_records import (
    Candidate,
    ClosingLimits,
    ClosingPlan,
    MixLine,
    Option,
    ShortfallCard,
    Way,
)
from app.services.workforce.demand import needs_of, spread_demand, undated_words
from app.services.workforce.history import OwnRates, own_rates
from app.services.workforce.nearest import Nearest, free_pool
from app.services.workforce.records import (
    BAND_WIDTH,
    DEFAULT_QUARTERS,
    MOST_QUARTERS,
    Forecast,
    ForecastCell,
    ForecastLine,
    SumLine,
    fte,
)
from app.services.workforce.scenarios import (
    BASELINE,
    PRESETS,
    Assumptions,
    RateKind,
    RateRule,
    ScenarioLine,
    Slip,
)
from app.terms import FinancialQuarter, clean_name, name_key

__all__ = [
    "BASELINE",
    "DEFAULT_QUARTERS",
    "Assumptions",
    "BackTest",
    "BackTestLine",
    "Candidate",
    "ClosingLimits",
    "ClosingPlan",
    "Forecast",
    "ForecastCell",
    "ForecastLine",
    "MixLine",
    "Option",
    "RateKind",
    "RateRule",
    "ScenarioLine",
    "ShortfallCard",
    "Slip",
    "SumLine",
    "Way",
    "Workforce",
    "fte",
]


class Workforce:
    """Whether there will be the people that programmes need, by when."""

    def __init__(
        self, db: Database, population: PopulationCache, strategy: Strategy, today: Callable[[], date]
    ) -> None:
        self._db, self._population, self._strategy, self._today = db, population, strategy, today
        self._rates: dict[date, tuple[int, OwnRates]] = {}

    def default_start(self) -> FinancialQuarter:
        """The next whole quarter."""
        return FinancialQuarter.next_whole(self._today())

    def people(self) -> int:
        """How many people the workspace knows today, with or without a role."""
        return len(self._population.get(self._today())[1])

    # --- scenarios --------------------------------------------------------------------------------------------

    def scenarios(self) -> tuple[ScenarioLine, ...]:
        """Those that come with the program, then those made here; one of the same name takes a preset's place."""
        with self._db.read() as session:
            rows = session.scalars(select(Scenario).order_by(col(Scenario.name_key))).all()
            own = {
                row.name_key: ScenarioLine(
                    row.name, row.note, Assumptions.from_json(row.assumptions), row.id, row.version
                )
                for row in rows
            }
        presets = [own.pop(name_key(line.name), line) for line in PRESETS]
        return (*presets, *own.values())

    def scenario(self, name: str) -> ScenarioLine:
        """A scenario by name; UsageError where there is none."""
        known = self.scenarios()
        for line in known:
            if name_key(line.name) == name_key(name):
                return line
        names = ", ".join(line.name for line in known)
        raise UsageError(f"There is no scenario “{name}”.", f"There are: {names}.")

    def save_scenario(
        self, name: str, assumptions: Assumptions, note: str = "", seen_version: int | None = None
    ) -> Outcome[str]:
        """Keep assumptions under a name, in place of what was there.

        Raises UsageError for a blank name, ConflictError where somebody else changed it meanwhile.
        """
        clean = clean_name(name)
        if not clean:
            raise UsageError("A scenario needs a name.", "Give one such as “Hiring freeze to March”.")
        with self._db.write("Save scenario") as w:
            found = w.session.scalars(
                select(Scenario).where(col(Scenario.name_key) == name_key(clean))
            ).first()
            if found is None:
                if seen_version:
                    raise ConflictError(
                        f"The scenario “{clean}” was removed meanwhile.", "Save it under a new name."
                    )
                found = Scenario(name=clean, name_key=name_key(clean), made_at=w.now)
            elif seen_version is not None and found.id is not None:
                found = w.fetch(Scenario, found.id, seen_version)
            found.name, found.note, found.assumptions = clean, note.strip(), assumptions.as_json()
            found.made_at, found.made_by = w.now, self._db.user
            w.session.add(found)
        return w.outcome(clean)

    def remove_scenario(self, name: str) -> Outcome[str]:
        """Take a scenario of this organisation away; a preset of its name shows again."""
        line = self.scenario(name)
        if line.scenario_id is None:
            raise UsageError(
                f"“{line.name}” comes with Muster and stays.", "Save your own under another name."
            )
        with self._db.write("Remove scenario") as w:
            w.session.delete(w.fetch(Scenario, line.scenario_id))
        return w.outcome(line.name)

    # --- the forecast -----------------------------------------------------------------------------------------

    def rates(self, scope: Scope | None = None) -> OwnRates:
        """Yearly rates of leaving and promotion as seen here, drawn towards the national ones."""
        revision, population = self._population.get((scope.as_at if scope else None) or self._today())
        return self._own_rates(revision, population)

    def _own_rates(self, revision: int, population: Population) -> OwnRates:
        """The rates of a day, worked out again only after somebody's career was written to."""
        kept = self._rates.get(population.day)
        with self._db.read() as session:
            if kept is None or (kept[0] != revision and tables_since(session, kept[0]) & RESTS_ON):
                kept = (revision, own_rates(session, population, population.day))
                self._rates = {population.day: kept}
        return kept[1]

    def forecast(
        self,
        scope: Scope | None = None,
        scenario: str | ScenarioLine = BASELINE,
        quarters: int = DEFAULT_QUARTERS,
        first: FinancialQuarter | None = None,
    ) -> Forecast:
        """Supply with its band, demand and shortfall by cell and quarter (PRODUCT, "The forecast, exactly").

        Supply of a quarter is that at its end. Raises UsageError for a scenario or department that is not there.
        """
        if not 1 <= quarters <= MOST_QUARTERS:
            raise UsageError(
                f"A forecast looks 1 to {MOST_QUARTERS} quarters ahead.", "Give a number such as 8."
            )
        scope = scope or Scope()
        line = self.scenario(scenario) if isinstance(scenario, str) else scenario
        revision, population = self._population.get(scope.as_at or self._today())
        start = first if first is not None else FinancialQuarter.next_whole(population.day)
        rates = self._own_rates(revision, population)
        with self._db.read() as session:
            cells = supply_cells(session, population, scope, line.assumptions, rates, (start, quarters))
        early = max((slip.quarters for slip in line.assumptions.slips), default=0)
        earliest = FinancialQuarter(int(start) - max(early, 0))
        wanted = self._strategy.demand(scope, earliest, start + (quarters - 1))
        return _joined(population, scope, line, (start, quarters), cells, wanted, revision)

    def back_test(
        self, day: date, scope: Scope | None = None, scenario: str | ScenarioLine = BASELINE
    ) -> BackTest:
        """The forecast of an earlier day against what happened until today, by role family and quarter.

        Raises UsageError where no quarter is over since, or nobody had a role then.
        """
        line = self.scenario(scenario) if isinstance(scenario, str) else scenario
        when = (day, *quarters_since(day, self._today()))
        population = self._population.get(day)[1]
        with self._db.read() as session:
            rates = own_rates(session, population, day)
            return back_tested(
                session, lambda on: self._population.get(on)[1], replace(scope or Scope(), as_at=None), line, rates,
                when,
            )  # fmt: skip

    # --- closing shortfalls -----------------------------------------------------------------------------------

    def closing(
        self,
        found: Forecast,
        limits: ClosingLimits | None = None,
        progress: Progress | None = None,
    ) -> ClosingPlan:
        """The shortfalls of a forecast, who and what could close each, and the cheapest mix by date.

        People come from everywhere in the workspace, not only from the forecast's scope: who is over in one department
        may be what another needs. Raises Cancelled.
        """
        limits, shown = limits or ClosingLimits(), progress or silent()
        _, population = self._population.get(found.scope.as_at or self._today())
        everything = shortfalls_of(found, population)
        wanted = everything[:MOST_SHORTFALLS]
        never = date.max.toordinal()
        fits = population.mask(replace(found.scope.widened(), with_contractors=False))
        shown.step(0.1, "Looking for people near to what is missing")
        with self._db.read() as session:
            people = np.flatnonzero(fits & (population.role_level_id > 0) & (population.last_day == never))
            pool = free_pool(session, found, population, people)
            near = Nearest(session, population, pool, limits)
            candidates: list[tuple[Candidate, ...]] = []
            for at, one in enumerate(wanted):
                shown.step(0.1 + 0.5 * at / len(wanted), f"Looking for people near to {one.role_level}")
                candidates.append(near.candidates(one, found.first))
        rates = self._day_rates()
        problem = mix_problem(wanted, candidates, found, limits, rates)
        shown.step(0.7, "Choosing the cheapest mix")
        made = plan_of(wanted, candidates, found, problem, limits, shown)
        return replace(made, left_out=len(everything) - len(wanted))

    def moves_of(self, plan: ClosingPlan) -> tuple[tuple[ShortfallCard, Candidate], ...]:
        """Surplus people matched to the plan's shortfalls over the whole pool: most places, then fewest steps."""
        return tuple((plan.cards[cell], one) for cell, one in redeployed(plan.cards))

    def _day_rates(self) -> dict[str, Decimal]:
        """The mean day rate of each role level under contract, by key of its name."""
        rates: dict[str, list[int]] = {}
        for contract in self._strategy.contracts():
            for line in contract.lines:
                if line.day_rate_pence is not None:
                    rates.setdefault(name_key(line.role_level), []).append(line.day_rate_pence)
        return {name: Decimal(sum(pence)) / len(pence) / 100 for name, pence in rates.items()}


def _joined(
    population: Population,
    scope: Scope,
    line: ScenarioLine,
    when: tuple[FinancialQuarter, int],
    cells: SupplyCells,
    wanted: Demand,
    revision: int,
) -> Forecast:
    start, quarters = when
    model = forecast_supply(cells.problem)
    own = np.arange(len(cells.keys))
    supply = model.mean[1:] * cells.fte
    spread = BAND_WIDTH * np.sqrt(model.variance(cells.fte, own, len(own))[1:])
    known = described(population, cells)
    met = spread_demand(known, supply, needs_of(wanted, line.assumptions, (start, quarters)))
    more = ((0, 0), (0, len(met.extra)))
    supply, low, high = (
        np.pad(part, more) for part in (supply, np.maximum(supply - spread, 0), supply + spread)
    )
    demand = np.hstack([met.demand, met.extra_demand])
    return Forecast(
        scope=scope, scenario=line, first=start, quarters=quarters, cells=(*known, *met.extra),
        supply=supply, low=low, high=high, demand=demand, shortfall=np.maximum(demand - supply, 0),
        people=np.pad(cells.heads, more[1]), undated=undated_words(wanted),
        unmapped=int((population.mask(scope) & (population.role_level_id == 0)).sum()),
        revision=revision, model=model, fte=cells.fte,
    )  # fmt: skip
