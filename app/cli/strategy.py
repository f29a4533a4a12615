"""``strategy …`` and ``contracts …``: what is to be reached by when, what it needs, and what serves it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from app.cli import strategy_imports
from app.cli.output import print_rows
from app.cli.session import current, workspace

group = typer.Typer(help="Strategy: priorities, what they need, and what serves them.", no_args_is_help=True)
contracts = typer.Typer(help="Contracts with suppliers: list.", no_args_is_help=True)

CONTRACT_COLUMNS = (
    "supplier", "service", "department", "end_date", "role", "role_level", "fte", "day_rate_gbp", "retained_pct",
    "value_gbp",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Hang ``strategy`` and ``contracts`` onto the command line."""
    assert strategy_imports  # its commands hang on ``import``
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


def _hundredths(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value) / 100
