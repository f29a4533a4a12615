"""``strategy …`` and ``contracts …``: what is to be reached by when, what it needs, and what serves it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from app.analysis.contract_cost import WORKING_DAYS
from app.cli import strategy_changes, strategy_edits, strategy_imports, strategy_views
from app.cli.gaps import Departments, RoleFamily
from app.cli.output import print_rows, say
from app.cli.session import current, parsed, workspace
from app.errors import UsageError
from app.services.scope import Scope
from app.terms import FinancialQuarter

group = typer.Typer(help="Strategy: priorities, what they need, and what serves them.", no_args_is_help=True)
contracts = typer.Typer(help="Contracts with suppliers: list.", no_args_is_help=True)

CONTRACT_COLUMNS = (
    "supplier", "service", "department", "end_date", "role", "role_level", "fte", "day_rate_gbp", "retained_pct",
    "value_gbp",
)  # fmt: skip
DEMAND_COLUMNS = ("unit", "role", "role_level", "quarter", "fte", "programme_fte", "contract_fte")
MONTH_COLUMNS = (
    "supplier", "service", "role_level", "quarter", "supplier_fte_months", "retained_fte_months", "released_fte_months",
    "total_fte_months",
)  # fmt: skip
COST_COLUMNS = (
    "supplier", "service", "role_level", "fte", "retained_fte", "supplier_gbp_a_year", "as_contractors_gbp",
    "as_civil_servants_gbp", "saving_gbp",
)  # fmt: skip

From = Annotated[str, typer.Option("--from", help="The first quarter, as 2026Q3; this one if left out.")]
To = Annotated[str, typer.Option("--to", help="The last quarter, as 2028Q4.")]


def register(app: typer.Typer) -> None:
    """Hang ``strategy`` and ``contracts`` onto the command line."""
    assert strategy_imports  # its commands hang on ``import``
    strategy_views.register(group)
    strategy_edits.register(group)
    strategy_changes.register(group)
    app.add_typer(group, name="strategy")
    app.add_typer(contracts, name="contracts")


@contracts.command("list")
def list_contracts(
    supplier: Annotated[str, typer.Option("--supplier", help="Only this supplier.")] = "",
) -> None:
    """List contracts and what they supply, those that end first first; the value is on a contract's first row."""
    with workspace(read_only=True) as ws:
        found = [one for one in ws.strategy.contracts() if supplier.casefold() in one.supplier.casefold()]
    rows = [
        (
            one.supplier, one.service, one.department, one.ends_on, line.role, line.role_level,
            Decimal(line.fte_hundredths) / 100, _hundredths(line.day_rate_pence),
            _hundredths(line.retained_hundredths), one.value_gbp if place == 0 else None,
        )
        for one in found
        for place, line in enumerate(one.lines)
    ]  # fmt: skip
    print_rows(CONTRACT_COLUMNS, rows, current().form)


@contracts.command("months")
def contract_months(first: From = "", last: To = "") -> None:
    """Show each contract's FTE-months by quarter: the supplier's, those that come home, those that end."""
    with workspace(read_only=True) as ws:
        found = ws.strategy.exits(quarter(first), quarter(last))
    rows = (
        (
            one.contract.supplier, one.contract.service, one.line.role_level, months.quarter.code,
            _hundredths(months.supplier), _hundredths(months.retained), _hundredths(months.released),
            _hundredths(months.total),
        )
        for one in found
        for months in one.quarters
    )  # fmt: skip
    print_rows(MONTH_COLUMNS, rows, current().form)


@contracts.command("cost")
def contract_cost(
    per_post: Annotated[
        str, typer.Option("--cost-per-post", help="The full yearly cost of one civil servant in pounds.")
    ],
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Days paid in a year.")] = WORKING_DAYS,
) -> None:
    """Show what each contract costs a year at its day rate, against civil servants in the posts still needed."""
    pounds = parsed(Decimal, per_post.replace(",", "").replace("£", ""), "an amount in pounds such as 72500")
    if not pounds.is_finite() or not 0 <= pounds <= 10**9 or pounds != round(pounds, 2):
        raise UsageError(f"“{per_post}” is not an amount in pounds and pence.", "Use one such as 72500.")
    with workspace(read_only=True) as ws:
        found = ws.strategy.costs(int(pounds * 100), days)
    without = sum(one.cost is None for one in found)
    if without:
        say(f"{without:,} without a day rate: no cost can be given for them.")
    rows = [
        (
            one.contract.supplier, one.contract.service, one.line.role_level, _hundredths(one.line.fte_hundredths),
            _hundredths(one.kept_fte_hundredths), _hundredths(one.supplier_pence),
            _hundredths(one.cost.contractor_pence if one.cost else None),
            _hundredths(one.cost.civil_servant_pence if one.cost else None),
            _hundredths(one.cost.saving_pence if one.cost else None),
        )
        for one in found
    ]  # fmt: skip
    print_rows(COST_COLUMNS, rows, current().form)


@group.command("demand")
def demand(
    department: Departments = None, role_family: RoleFamily = "", first: From = "", last: To = ""
) -> None:
    """Show the FTE needed by unit, role level and quarter, from programmes and from contracts that end."""
    with workspace(read_only=True) as ws:
        found = ws.strategy.demand(Scope(tuple(department or ()), role_family), quarter(first), quarter(last))
    for one in found.undated:
        say(f"not in any quarter: {one.name}, {one.fte_hundredths / 100:.2f} FTE {one.what}: {one.reason}")
    rows = (
        (
            cell.unit, cell.role, cell.role_level, cell.quarter.code, _hundredths(cell.fte_hundredths),
            _hundredths(cell.programme_fte_hundredths), _hundredths(cell.contract_fte_hundredths),
        )
        for cell in found.cells
    )  # fmt: skip
    print_rows(DEMAND_COLUMNS, rows, current().form)


def quarter(text: str) -> FinancialQuarter | None:
    """A quarter given as an option, None where none is; UsageError for anything else."""
    return parsed(FinancialQuarter.parse, text, "a financial quarter such as 2026Q3") if text else None


def _hundredths(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value) / 100
