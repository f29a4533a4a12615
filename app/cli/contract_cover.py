"""``contracts cover`` and ``export readiness-annex``: what is there when a contract ends, and ways on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.exports import group as export_group
from app.cli.gaps import places_of, say_disclosure
from app.cli.output import print_rows, say, workbook_name
from app.cli.session import current, progress, workspace
from app.cli.strategy import contracts
from app.errors import UsageError
from app.services.workforce.exits import ContractCover, CoverLine

COVER_COLUMNS = (
    "supplier", "service", "department", "end_date", "role_level", "fte", "retained_fte", "heads", "in_post_fte",
    "others_need_fte", "free_fte", "short_fte", "required", "assessed", "meeting", "coverage", "readiness",
)  # fmt: skip
OPTION_COLUMNS = (
    "supplier", "service", "role_level", "way", "people", "fte", "ready", "cost_gbp", "at_day_rate_gbp",
)  # fmt: skip
Contract = Annotated[str, typer.Option("--contract", help='One contract: "SUPPLIER / SERVICE".')]


def register(_app: typer.Typer) -> None:
    """Hang the commands onto ``contracts`` and ``export``."""
    contracts.command("cover")(cover)
    export_group.command("readiness-annex")(annex)


def cover(
    contract: Contract = "",
    options: Annotated[bool, typer.Option("--options", help="Ways to close what stays short.")] = False,
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="on hides small counts; off is raw.")
    ] = "off",
) -> None:
    """Show what of a contract's work people in post cover after its end, how ready they are, and what stays short."""
    is_shared = say_disclosure(disclosure)
    with workspace(read_only=True) as ws:
        found = ws.exits.cover(contract)
    if not found:
        say("There is no contract yet: `muster import contracts FILE` brings some.")
    lines = [(one, line) for one in found for line in one.lines]
    if options:
        rows = [row for one, line in lines for row in _options(one, line, is_shared=is_shared)]
        print_rows(OPTION_COLUMNS, rows, current().form)
        return
    print_rows(COVER_COLUMNS, [_line(one, line, is_shared=is_shared) for one, line in lines], current().form)


def _line(one: ContractCover, line: CoverLine, *, is_shared: bool) -> tuple[Any, ...]:
    contract = one.contract
    head = (
        contract.supplier, contract.service, contract.department, contract.ends_on, line.role_level,
        line.supplied_fte, line.retained_fte,
    )  # fmt: skip
    if is_shared and line.is_hidden:
        return (*head, *((SUPPRESSED,) * 10))
    return (
        *head, line.heads, line.in_post_fte, line.others_fte, line.free_fte, line.short_fte, line.required,
        line.assessed, line.meeting, places_of(line.coverage), places_of(line.readiness),
    )  # fmt: skip


def _options(one: ContractCover, line: CoverLine, *, is_shared: bool) -> list[tuple[Any, ...]]:
    head = (one.contract.supplier, one.contract.service, line.role_level)
    return [
        (*head, way.way.value, *((SUPPRESSED,) * 5))
        if is_shared and (line.is_hidden or way.is_few)
        else (
            *head, way.way.value, way.people, way.fte, way.ready.code if way.ready is not None else None,
            way.cost_gbp, way.contractor_gbp,
        )
        for way in line.options
    ]  # fmt: skip


def annex(
    out: Annotated[Path, typer.Option("--out", help="The workbook to write.")],
    contract: Contract = "",
    named: Annotated[bool, typer.Option("--named", help="With the people in post, by name.")] = False,
) -> None:
    """Write the readiness annex for a Public Interest Test: cover, skills, FTE-months, options, assumptions."""
    workbook_name(out)
    with workspace(read_only=True) as ws:
        covers = ws.exits.cover(contract)
        if not covers:
            raise UsageError("There is no contract yet.", "`muster import contracts FILE` brings some.")
        print(f"Workbook: {ws.reports.readiness_annex(covers, out, progress(), named=named)}")
