"""The strategy: areas, priorities, programmes, what they need, contracts, maturity; and the weights they give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from app.change import Outcome
from app.db.database import Database
from app.errors import InputProblems
from app.files.contracts import read_contracts
from app.files.options import ReadOptions
from app.files.strategy import read_strategy
from app.progress import Progress
from app.services.people import refuse_if_moved
from app.services.people_import import batch_of
from app.services.population import PopulationCache
from app.services.scope import Scope
from app.services.strategy.contracts import (
    ContractCost,
    ContractsPreview,
    ContractsSummary,
    ContractView,
    compare_contracts,
    contract_costs,
    contracts_preview,
    load_contracts,
    write_contracts,
)
from app.services.strategy.demand import (
    Demand,
    DemandCell,
    DemandItem,
    ExitLine,
    UndatedNeed,
    cells_of,
    demand_of,
    exit_lines,
    last_named,
)
from app.services.strategy.importing import (
    StrategyPreview,
    StrategySummary,
    compare_strategy,
    preview_of,
    write_strategy,
)
from app.services.strategy.names import known_names
from app.services.strategy_weights import STRATEGY_TABLES
from app.terms import FinancialQuarter, name_key

__all__ = [
    "ContractCost",
    "ContractView",
    "ContractsPreview",
    "ContractsSummary",
    "Demand",
    "DemandCell",
    "DemandItem",
    "ExitLine",
    "Strategy",
    "StrategyPreview",
    "StrategySummary",
    "UndatedNeed",
]

_CONTRACT_TABLES = frozenset({"contract", "contract_line", "unit"})


class Strategy:
    """What the organisation means to reach, by when, and what that needs."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db = db
        self._population = population
        self._today = today

    def preview_import(self, path: Path, options: ReadOptions, progress: Progress) -> StrategyPreview:
        """Read a strategy and say what loading it would change; raises InputProblems, UsageError."""
        with self._db.read() as session:
            known = known_names(session)
        found = read_strategy(path, options, progress, known)
        has_errors = any(problem.severity == "error" for problem in found.problems)
        with self._db.read() as session:
            made = compare_strategy(session, found.rows, may_remove=not has_errors)
            return preview_of(found, path.name, made, self._db.revision())

    def commit_import(
        self, preview: StrategyPreview, *, skip_bad_rows: bool = False
    ) -> Outcome[StrategySummary] | None:
        """Load the previewed strategy in one transaction; None where there was nothing to change.

        Raises InputProblems where rows are bad and not to be skipped, ConflictError where the strategy changed
        since the preview.
        """
        if preview.errors and not skip_bad_rows:
            raise InputProblems(list(preview.problems))
        if preview.is_nothing_to_change:
            return None
        made = preview.comparison
        counts: dict[str, Any] = {"priorities": len(made.new_priorities), "needs": len(made.new_needs)}
        with self._db.write("Load strategy", back_up_first=True) as w:
            refuse_if_moved(w.session, preview.revision, STRATEGY_TABLES | {"unit", "skill", "role_level"})
            write_strategy(w, made)
            batch_of(w, "strategy", preview.file_name, preview.file_hash, self._today(), counts)
            w.describe(file=preview.file_name, sha256=preview.file_hash, **counts)
        return w.outcome(
            StrategySummary(
                new_priorities=len(made.new_priorities),
                new_programmes=len(made.new_programmes),
                changed=len(preview.changes),
                new_needs=len(made.new_needs),
                gone_needs=len(made.gone_needs),
                unchanged=made.unchanged,
                skipped_rows=len({problem.row for problem in preview.errors}),
            )
        )

    def preview_contracts(self, path: Path, options: ReadOptions, progress: Progress) -> ContractsPreview:
        """Read contracts and say what loading them would change; raises InputProblems, UsageError."""
        with self._db.read() as session:
            known = known_names(session)
        found = read_contracts(path, options, progress, known)
        with self._db.read() as session:
            made = compare_contracts(load_contracts(session), found.contracts)
            return contracts_preview(found, path.name, made, self._db.revision())

    def commit_contracts(
        self, preview: ContractsPreview, *, skip_bad_rows: bool = False
    ) -> Outcome[ContractsSummary] | None:
        """Load the previewed contracts in one transaction; None where there was nothing to change.

        Raises InputProblems where rows are bad and not to be skipped, ConflictError where contracts changed since.
        """
        if preview.errors and not skip_bad_rows:
            raise InputProblems(list(preview.problems))
        if preview.is_nothing_to_change:
            return None
        counts: dict[str, Any] = {"new": len(preview.new), "changed": preview.changed}
        with self._db.write("Load contracts", back_up_first=True) as w:
            refuse_if_moved(w.session, preview.revision, _CONTRACT_TABLES)
            lines = write_contracts(w, preview.comparison)
            batch_of(w, "contracts", preview.file_name, preview.file_hash, self._today(), counts)
            w.describe(file=preview.file_name, sha256=preview.file_hash, **counts)
        skipped = len({problem.row for problem in preview.errors})
        return w.outcome(
            ContractsSummary(len(preview.new), preview.changed, preview.unchanged, lines, skipped)
        )

    def contracts(self) -> tuple[ContractView, ...]:
        """Every contract, those that end first first."""
        with self._db.read() as session:
            return tuple(load_contracts(session))

    def costs(self, post_pence: int, days: int) -> tuple[ContractCost, ...]:
        """What each line costs a year at its day rate, against the FTE still needed filled by civil servants."""
        with self._db.read() as session:
            return contract_costs(load_contracts(session), post_pence, days)

    def demand(
        self,
        scope: Scope | None = None,
        first: FinancialQuarter | None = None,
        last: FinancialQuarter | None = None,
    ) -> Demand:
        """What programmes and contract exits need by unit, role level and quarter, in hundredths of FTE.

        From the quarter of the scope's day (today) to ``last``, where none is given two years on or as far as any line
        or contract end is named. A scope of departments takes in their units and leaves out what names no unit; one of
        a role family the roles of that family. Raises UsageError for a department that is not there.
        """
        scope = scope or Scope()
        day = scope.as_at or self._today()
        start = first if first is not None else FinancialQuarter.of(day)
        revision, population = self._population.get(day)
        inside: set[str] | None = None
        if scope.departments:
            inside = {population.units[unit].path for unit in population.units_below(scope.departments)}
        with self._db.read() as session:
            until, items, undated = demand_of(session, start, last, inside)
        if scope.role_family:
            family = name_key(scope.role_family)
            roles = {
                name_key(line.role) for line in population.levels.values() if name_key(line.family) == family
            }
            items = [item for item in items if name_key(item.role) in roles]
        return Demand(start, until, cells_of(items), tuple(items), undated, revision)

    def exits(
        self, first: FinancialQuarter | None = None, last: FinancialQuarter | None = None
    ) -> tuple[ExitLine, ...]:
        """Every line of every contract by quarter in FTE-months: the supplier's, what comes home, what is released."""
        start = first if first is not None else FinancialQuarter.of(self._today())
        with self._db.read() as session:
            contracts = load_contracts(session)
        return exit_lines(contracts, start, last if last is not None else last_named((), contracts, start))
