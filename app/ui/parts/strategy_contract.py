"""The drawer of a contract: what it supplies, what stays to be done by quarter, and its readiness annex."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from PySide6.QtWidgets import QWidget

from app.services.strategy import ContractView, ExitLine
from app.ui.formats import day, fte, money, share
from app.ui.page import Page
from app.ui.parts.exports import WORKBOOKS, save_as
from app.ui.parts.facts import Facts
from app.ui.widgets import button


def contract_details(
    contract: ContractView, exits: Sequence[ExitLine], export: Callable[[], object]
) -> QWidget:
    """One contract with all its role levels; ``exits`` are its lines over the quarters looked at."""
    facts = Facts()
    facts.add("Ends", day(contract.ends_on), contract.department or "Across departments")
    facts.add("Value", "Not given" if contract.value_gbp is None else money(contract.value_gbp))
    facts.add("Supplied", f"{fte(contract.fte_hundredths / 100)} FTE")
    facts.add_widget(button("Export its readiness annex", "secondary", "export", export))
    for one in exits:
        facts.add_heading(f"{one.line.role_level}, {fte(one.line.fte_hundredths / 100)} FTE")
        kept = one.line.retained_hundredths
        facts.add(
            "Stays to be done",
            "All of it (not given)" if kept is None else share(kept / 10_000),
            "" if one.day_rate_gbp is None else f"{money(one.day_rate_gbp)} a day now",
        )
        for months in one.quarters:
            supplier, retained = Decimal(months.supplier) / 100, Decimal(months.retained) / 100
            facts.add(
                months.quarter.label,
                f"{fte(supplier)} FTE-months supplied",
                f"{fte(retained)} retained, {fte(Decimal(months.released) / 100)} end",
            )
    facts.finish()
    return facts


def export_annex(page: Page, contract: str = "") -> None:
    """The readiness annex of one contract ("SUPPLIER / SERVICE") or of all: an aggregate, few people hidden."""
    workspace = page.context.workspace
    name = f"Readiness annex {contract.replace('/', '-')}".strip()
    save_as(page, "Export the readiness annex", f"{name}.xlsx", WORKBOOKS,
            lambda path, progress: workspace.reports.readiness_annex(workspace.exits.cover(contract), path, progress)
            )  # fmt: skip
