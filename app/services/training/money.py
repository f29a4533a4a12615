"""Budgets as the optimiser takes them: limits of pots, departments' own money and the reserve they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from app.analysis.training_plan import MoneyLimit, Reserve
from app.errors import UsageError
from app.services.population import Flags, Ints, Population
from app.services.training.limit_settings import PotBudget
from app.services.training.records import PlanSettings
from app.terms import FinancialQuarter, Funding

PAYING = (Funding.LEARNING_BUDGET, Funding.LEVY, Funding.PROGRAMME)


@dataclass(frozen=True, slots=True)
class BudgetDepartments:
    """People by the budgets that may speak of them: ``code`` per person, and which codes each named group takes in.

    ``signs`` is what a code stands for, per person: the department, and for each group whether it takes them in.
    """

    code: Ints
    home: Ints
    home_names: tuple[str, ...]
    of_group: dict[tuple[str, ...], frozenset[int]]
    signs: Ints

    def code_of_row(self, population: Population) -> Callable[[int], int]:
        """The code of anybody in the population, taking part or not; -1 where no budget sees them apart."""
        tops = np.unique(population.department_ids())
        home = np.searchsorted(tops, population.department_ids())
        belows = [population.units_below(group) for group in self.of_group]
        known: dict[tuple[int, ...], int] = {}
        for number, own in zip(self.code.tolist(), self.signs.tolist(), strict=True):
            known[tuple(own)] = number

        def code(row: int) -> int:
            unit = int(population.unit_id[row])
            return known.get((int(home[row]), *(int(unit in below) for below in belows)), -1)

        return code

    @property
    def everybody(self) -> frozenset[int]:
        """All codes."""
        return frozenset(self.code.tolist())


def budget_departments(
    population: Population, taking: Ints, budgets: Sequence[PotBudget]
) -> BudgetDepartments:
    """Number the people taking part so that every group of units a budget names is a set of numbers.

    Raises UsageError where a name is no unit.
    """
    groups = list(dict.fromkeys(budget.departments for budget in budgets if budget.departments))
    unit = population.unit_id[taking]
    inside: list[Flags] = []
    for group in groups:
        below = np.array(sorted(population.units_below(group)), dtype=np.int64)
        inside.append(np.isin(unit, below))
    tops = np.unique(population.department_ids())
    home = np.searchsorted(tops, population.department_ids()[taking]).astype(np.int64)
    table = np.stack([home, *(flags.astype(np.int64) for flags in inside)], axis=1)
    rows, code = np.unique(table, axis=0, return_inverse=True)
    return BudgetDepartments(
        code.ravel().astype(np.int64),
        home,
        tuple(population.units[int(top)].name for top in tops),
        {group: frozenset(np.flatnonzero(rows[:, 1 + k]).tolist()) for k, group in enumerate(groups)},
        table,
    )


def money_limits(
    settings: PlanSettings, start: FinancialQuarter, departments: BudgetDepartments
) -> tuple[tuple[MoneyLimit, ...], tuple[Reserve, ...]]:
    """A limit for every pot: what was given, and nothing for a pot, or people, of whom nothing was said."""
    found: list[MoneyLimit] = []
    for pot in PAYING:
        own = [budget for budget in settings.budgets if budget.pot is pot]
        general = [budget for budget in own if not budget.departments]
        named = [budget for budget in own if budget.departments]
        found += [MoneyLimit(pot, _pence(budget.pounds), budget.year) for budget in general]
        if pot is Funding.LEARNING_BUDGET and settings.limits.reserves:
            continue
        found += [
            MoneyLimit(pot, _pence(budget.pounds), budget.year, departments.of_group[budget.departments])
            for budget in named
        ]
        if not general:
            others = departments.everybody.difference(*(departments.of_group[b.departments] for b in named))
            if not named:
                found.append(MoneyLimit(pot, 0))
            elif others:
                found.append(MoneyLimit(pot, 0, None, others))
    limits, reserves = _reserves(settings, start, departments, len(found))
    return (*found, *limits), reserves


def _pence(pounds: Decimal) -> int:
    return int((pounds * 100).to_integral_value())


def _reserves(
    settings: PlanSettings, start: FinancialQuarter, departments: BudgetDepartments, first: int
) -> tuple[list[MoneyLimit], tuple[Reserve, ...]]:
    """Own money and reserve as limits (own + reserve each, and all of it together) and what ties them."""
    named = [b for b in settings.budgets if b.departments and b.pot is Funding.LEARNING_BUDGET]
    _check_apart(named, departments)
    limits: list[MoneyLimit] = []
    reserves: list[Reserve] = []
    groups = list(dict.fromkeys(budget.departments for budget in named))
    for reserve in settings.limits.reserves:
        pence = _pence(reserve.pounds)
        years = _years(settings, start, reserve, named)
        accounts: list[tuple[int, int]] = []
        for year in years:
            owns = [
                (departments.of_group[group], _own(named, group, year))
                for group in groups
                if departments.of_group[group]
            ]
            others = departments.everybody.difference(*(codes for codes, _ in owns))
            for codes, own in [*owns, *([(others, 0)] if others else [])]:
                accounts.append((first + len(limits), own))
                limits.append(MoneyLimit(Funding.LEARNING_BUDGET, own + pence, year, codes))
        total = pence + sum(own for _, own in accounts)
        year = reserve.year if reserve.year is not None else None
        limits.append(MoneyLimit(Funding.LEARNING_BUDGET, total, year))
        reserves.append(Reserve(pence, tuple(accounts), _reserve_words(reserve)))
    return limits, tuple(reserves)


def _reserve_words(reserve: PotBudget) -> str:
    return "the shared reserve" if reserve.year is None else f"the shared reserve of {reserve.year}"


def _own(named: Sequence[PotBudget], group: tuple[str, ...], year: int | None) -> int:
    return sum(_pence(b.pounds) for b in named if b.departments == group and b.year == year)


def _years(
    settings: PlanSettings, start: FinancialQuarter, reserve: PotBudget, named: Sequence[PotBudget]
) -> Sequence[int | None]:
    """The years an account is kept for each department: as its own money is given."""
    given = {budget.year for budget in named}
    if reserve.year is not None:
        if None in given:
            raise UsageError(
                "The reserve is given per financial year, but a department's own money for the whole plan.",
                "Give both per year, such as --department-budget “Home Office=2026-27=50000”, or both for the plan.",
            )
        return [reserve.year]
    if given <= {None}:
        return [None]
    if None in given:
        raise UsageError(
            "Some departments' own money is given per financial year and some for the whole plan.",
            "Give it the same way for every department that draws on the reserve.",
        )
    return sorted({(start + quarter).year for quarter in range(settings.quarters)})


def _check_apart(named: Sequence[PotBudget], departments: BudgetDepartments) -> None:
    groups = list(dict.fromkeys(budget.departments for budget in named))
    for place, group in enumerate(groups):
        for other in groups[:place]:
            if departments.of_group[group] & departments.of_group[other]:
                raise UsageError(
                    f"{', '.join(other)} and {', '.join(group)} have people in common, so it is not clear whose own "
                    "money comes before the reserve.",
                    "Give own money to departments that do not lie within one another.",
                )
