"""``strategy`` by hand, what is there already: priorities, areas, programmes and services, the lines they need."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from app.cli.output import counted, print_rows, say
from app.cli.session import current, parse_day, parsed, workspace
from app.errors import UsageError
from app.files.named import quarter_text
from app.services.strategy.editing import LineInput, ProgrammeInput, StrategyDesk
from app.services.strategy.records import ProgrammeView
from app.services.strategy_weights import WEIGHT_ONE
from app.terms import FinancialQuarter, name_key

PROGRAMME_COLUMNS = ("priority", "programme", "kind", "department", "starts_on", "ends_on", "weight")
LINE_COLUMNS = (
    "line", "programme", "department", "role", "role_level", "skill", "fte", "from_quarter", "to_quarter", "source",
)  # fmt: skip
NOTHING = "none"
"""What takes a date, a weight, an FTE, a quarter or a name away."""

Name = Annotated[str, typer.Argument(help="A priority by its name or number.")]


def register(group: typer.Typer) -> None:
    """Hang the changes onto ``strategy``."""
    for name, command in (
        ("change", change), ("rename-area", rename_area), ("programme", programme), ("programmes", programmes),
        ("lines", lines), ("change-line", change_line), ("remove-line", remove_line),
    ):  # fmt: skip
        group.command(name)(command)


def change(
    priority: Name,
    name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    area: Annotated[str | None, typer.Option("--area", help="Another area; made where it is new.")] = None,
    target: Annotated[str | None, typer.Option("--by", help="Its date; “none” takes it away.")] = None,
    weight: Annotated[
        str | None, typer.Option("--weight", help="From 0.1 to 10; “none” is the usual 1.")
    ] = None,
    description: Annotated[str | None, typer.Option("--description", help="What it is about.")] = None,
) -> None:
    """Change a priority: what is left out stays as it is."""
    with workspace() as ws:
        number, known = ws.strategy_desk.priority_input(priority)
        wanted = replace(
            known,
            name=known.name if name is None else name,
            area=known.area if area is None else area,
            target_on=known.target_on if target is None else _day(target),
            weight=known.weight if weight is None else _weight(weight),
            description=known.description if description is None else description,
        )
        if wanted == known:
            print("Nothing to change.")
            return
        ws.strategy_desk.save_priority(wanted, number)
    print(f"Changed “{wanted.name}”.")


def rename_area(
    area: Annotated[str, typer.Argument(help="An area by its name.")],
    name: Annotated[str, typer.Argument(help="What to call it.")],
) -> None:
    """Give an area another name; its priorities and ratings stay with it."""
    with workspace() as ws:
        outcome = ws.strategy_desk.rename_area(area, name)
    print("Nothing to change." if outcome is None else f"“{area}” is now “{outcome.value}”.")


def programmes(
    priority: Annotated[str, typer.Argument(help="Only of this priority; all if left out.")] = "",
) -> None:
    """List programmes and services with their department, dates and weight."""
    with workspace(read_only=True) as ws:
        wanted = ws.strategy_desk.priority_input(priority)[0] if priority else None
        rows = [
            (
                one.name, found.name, found.kind, found.department, found.starts_on, found.ends_on,
                None if found.weight is None else found.weight / WEIGHT_ONE,
            )
            for one in ws.strategy_desk.priorities()
            if wanted in (None, one.priority_id)
            for found in one.programmes
        ]  # fmt: skip
    print_rows(PROGRAMME_COLUMNS, rows, current().form)


def programme(
    priority: Name,
    name: Annotated[str, typer.Argument(help="A programme or service; added where it is new.")],
    kind: Annotated[str | None, typer.Option("--kind", help="programme or service.")] = None,
    department: Annotated[
        str | None, typer.Option("--department", help="Whose it is; “none” is everywhere.")
    ] = None,
    starts: Annotated[
        str | None, typer.Option("--starts", help="Its first day; “none” takes it away.")
    ] = None,
    ends: Annotated[str | None, typer.Option("--ends", help="Its last day; “none” takes it away.")] = None,
    weight: Annotated[
        str | None, typer.Option("--weight", help="From 0.1 to 10; “none” takes it away.")
    ] = None,
    rename: Annotated[str, typer.Option("--rename", help="What to call it from now on.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take it away with what it needs.")] = False,
) -> None:
    """Add a programme or service to a priority, or change, rename or remove one; what is left out stays as it is."""
    with workspace() as ws:
        desk = ws.strategy_desk
        if remove:
            print(f"Removed “{desk.remove_programme(priority, name).value}”.")
            return
        there = _known_programme(desk, priority, name)
        if there is None and rename:
            raise UsageError(
                f"There is no programme “{name}” to rename.", "`strategy programmes` lists them."
            )
        before = _as_typed(there) if there else ProgrammeInput(name)
        wanted = replace(
            before,
            name=rename or before.name,
            kind=before.kind if kind is None else kind,
            department=before.department if department is None else _text(department),
            starts_on=before.starts_on if starts is None else _day(starts),
            ends_on=before.ends_on if ends is None else _day(ends),
            weight=before.weight if weight is None else _weight(weight),
        )
        if there is not None and wanted == before:
            print("Nothing to change.")
            return
        desk.save_programme(priority, wanted, there.programme_id if there else None)
    print(f"{'Changed' if there else 'Added'} “{wanted.name}”.")


def _known_programme(desk: StrategyDesk, priority: str, name: str) -> ProgrammeView | None:
    return next((one for one in desk.programmes(priority) if name_key(one.name) == name_key(name)), None)


def _as_typed(known: ProgrammeView) -> ProgrammeInput:
    weight = None if known.weight is None else known.weight / WEIGHT_ONE
    return ProgrammeInput(known.name, known.kind, known.department, known.starts_on, known.ends_on, weight)


def lines(priority: Name) -> None:
    """List what a priority and its programmes need, with the numbers that change-line and remove-line take."""
    with workspace(read_only=True) as ws:
        number = ws.strategy_desk.priority_input(priority)[0]
        found = next(one for one in ws.strategy_desk.priorities() if one.priority_id == number)
    rows = [
        (
            one.line_id, one.programme, one.department, one.role, one.role_level, one.skill,
            None if one.fte_hundredths is None else Decimal(one.fte_hundredths) / 100, quarter_text(one.from_quarter),
            quarter_text(one.to_quarter), "by hand" if one.is_by_hand else "file",
        )
        for one in found.needs
    ]  # fmt: skip
    print_rows(LINE_COLUMNS, rows, current().form)


def change_line(
    line: Annotated[int, typer.Argument(help="A line by its number, see `strategy lines`.")],
    role: Annotated[str | None, typer.Option("--role", help="Another role.")] = None,
    role_level: Annotated[str | None, typer.Option("--role-level", help="Another role level.")] = None,
    skill: Annotated[str | None, typer.Option("--skill", help="Another skill; “none” takes it away.")] = None,
    department: Annotated[
        str | None, typer.Option("--department", help="Where; “none” follows the programme.")
    ] = None,
    programme: Annotated[
        str | None, typer.Option("--programme", help="For which; “none” is the priority itself.")
    ] = None,
    fte: Annotated[str | None, typer.Option("--fte", help="FTE needed; “none” makes it a link.")] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="The first quarter; “none” takes it away.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last quarter; “none” takes it away.")] = None,
) -> None:
    """Change what is needed: what is left out stays as it is."""
    with workspace() as ws:
        known = ws.strategy_desk.line_input(line)
        wanted = LineInput(
            role=known.role if role is None and role_level is None else _text(role or ""),
            role_level=known.role_level if role is None and role_level is None else _text(role_level or ""),
            skill=known.skill if skill is None else _text(skill),
            department=known.department if department is None else _text(department),
            programme=known.programme if programme is None else _text(programme),
            fte_hundredths=known.fte_hundredths if fte is None else hundredths(_text(fte)),
            from_quarter=known.from_quarter if first is None else quarter_number(_text(first)),
            to_quarter=known.to_quarter if last is None else quarter_number(_text(last)),
        )
        outcome = ws.strategy_desk.change_line(line, wanted)
    print("Nothing to change." if outcome is None else f"Changed line {line}.")


def remove_line(
    numbers: Annotated[list[int], typer.Argument(help="Lines by their numbers, see `strategy lines`.")],
) -> None:
    """Take lines away; `muster revert` brings them back."""
    with workspace() as ws:
        for number in numbers:
            ws.strategy_desk.line_input(number)
        outcome = ws.strategy_desk.remove_lines(numbers)
    say("`muster revert` brings them back.")
    print(f"{counted(outcome.value, 'line')} taken away.")


def hundredths(fte: str) -> int | None:
    """FTE as typed in hundredths, None for nothing; UsageError."""
    if not fte:
        return None
    number = parsed(Decimal, fte, "FTE such as 2.5") * 100
    if not number.is_finite() or number != int(number) or not 0 <= number <= 10**8:
        raise UsageError(f"“{fte}” is not FTE with at most two places.", "Use one such as 2.5.")
    return int(number)


def quarter_number(text: str) -> int | None:
    """A quarter as typed by its number, None for nothing; UsageError."""
    return int(parsed(FinancialQuarter.parse, text, "a financial quarter such as 2026Q3")) if text else None


def _text(text: str) -> str:
    return "" if text.strip().casefold() == NOTHING else text


def _day(text: str) -> date | None:
    return parse_day(_text(text)) if _text(text) else None


def _weight(text: str) -> float | None:
    return parsed(float, text, "a weight such as 2.5") if _text(text) else None
