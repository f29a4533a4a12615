"""``import strategy`` and ``import contracts``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.imports import (
    Mapping,
    Preview,
    SheetName,
    Skip,
    group,
    read_options,
    refuse,
    say_columns,
    say_first,
    skipped,
)
from app.cli.output import counted, say_problems
from app.cli.session import progress, workspace
from app.services.strategy.contracts import ContractsPreview
from app.services.strategy.importing import NeedLine, StrategyPreview


@group.command("strategy")
def import_strategy(
    file: Annotated[Path, typer.Argument(help="Areas, priorities with dates, and what they need.")],
    preview: Preview = False,
    mapping: Mapping = None,
    sheet: SheetName = "",
    skip_bad_rows: Skip = False,
) -> None:
    """Load a strategy; priorities are known by area and name, needs made by hand stay."""
    with workspace(read_only=preview) as ws:
        found = ws.strategy.preview_import(file, read_options(mapping, sheet), progress())
        _say_preview(found)
        if preview:
            print(
                f"Would add {counted(len(found.new_priorities), 'priority', 'priorities')} and "
                f"{counted(len(found.new_needs), 'need')}, change {counted(len(found.changes), 'value')} and take away "
                f"{counted(len(found.gone_needs), 'need')}; {found.unchanged:,} there already."
            )
        refuse(list(found.problems), skip=skip_bad_rows)
        if preview:
            return
        outcome = ws.strategy.commit_import(found, skip_bad_rows=skip_bad_rows)
        if outcome is None:
            print("Nothing to change: the workspace already holds all of this.")
            return
        done = outcome.value
        print(
            f"Loaded {file.name}: {counted(done.new_priorities, 'new priority', 'new priorities')}, "
            f"{counted(done.new_programmes, 'new programme')}, {counted(done.new_needs, 'new need')}, "
            f"{done.changed:,} changed, {done.unchanged:,} unchanged, {done.gone_needs:,} gone."
            + skipped(done.skipped_rows)
        )


def _say_preview(found: StrategyPreview) -> None:
    say_columns(found)
    say_first(f"new area: {name}" for name in found.new_areas)
    say_first(f"new priority: {name}" for name in found.new_priorities)
    say_first(
        f"change: {one.what}, {one.field}: {one.before or 'blank'} → {one.after or 'blank'}"
        for one in found.changes
    )
    say_first(f"gone: {need_words(one)}" for one in found.gone_needs)
    say_problems(found.problems)


def need_words(need: NeedLine) -> str:
    """A need in one line."""
    what = need.role_level or need.role or need.skill
    fte = f"{need.fte:.2f} FTE " if need.fte is not None else ""
    where = f" in {need.department}" if need.department else ""
    return f"{need.programme or need.priority}: {fte}{what}{where}"


@group.command("contracts")
def import_contracts(
    file: Annotated[Path, typer.Argument(help="One row per role level under a contract.")],
    preview: Preview = False,
    mapping: Mapping = None,
    sheet: SheetName = "",
    skip_bad_rows: Skip = False,
) -> None:
    """Load contracts with suppliers; a contract is known by its supplier and service."""
    with workspace(read_only=preview) as ws:
        found = ws.strategy.preview_contracts(file, read_options(mapping, sheet), progress())
        _say_contracts(found)
        if preview:
            print(
                f"Would add {counted(len(found.new), 'contract')} and change {found.changed:,}; "
                f"{found.unchanged:,} there already."
            )
        refuse(list(found.problems), skip=skip_bad_rows)
        if preview:
            return
        outcome = ws.strategy.commit_contracts(found, skip_bad_rows=skip_bad_rows)
        if outcome is None:
            print("Nothing to change: the workspace already holds all of this.")
            return
        done = outcome.value
        print(
            f"Loaded {file.name}: {counted(done.new, 'new contract')}, {done.changed:,} changed, "
            f"{done.unchanged:,} unchanged." + skipped(done.skipped_rows)
        )


def _say_contracts(found: ContractsPreview) -> None:
    say_columns(found)
    say_first(
        f"change: {one.contract}, {one.field}: {one.before or 'blank'} → {one.after or 'blank'}"
        for one in found.changes
    )
    say_problems(found.problems)
