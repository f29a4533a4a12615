"""A forecast as a reader takes it in: the answer, a line a group, and the course of one group over the quarters.

Groups go from role family to role level to unit. Supply beside demand is that of the role levels somebody needs; what
nobody asked for would only hide what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np

from app.services.scope import PATH_MARK
from app.services.workforce.disclosed import hidden_groups
from app.services.workforce.records import Forecast, ForecastCell, SumLine
from app.terms import FinancialQuarter, name_key

OUTSIDE = "\0"
"""The group of cells that are not looked at; no name of a user's can be it."""


class Step(StrEnum):
    """What a table of an outlook lists, from coarse to fine."""

    FAMILY = "role_family"
    LEVEL = "role_level"
    UNIT = "unit"


STEPS = tuple(Step)


@dataclass(frozen=True, slots=True)
class OutlookLine:
    """A group in the quarter in which most is missing (the last one where nothing is), FTE.

    ``quarter`` is None where nothing is missing. ``heads`` and ``vacancies`` are those at the start.
    """

    name: str
    heads: int
    vacancies: int | None
    quarter: FinancialQuarter | None
    supply: Decimal
    low: Decimal
    high: Decimal
    demand: Decimal
    shortfall: Decimal
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Course:
    """Supply of the role levels needed, demand and what of it is met, by quarter; all hidden together."""

    quarters: tuple[FinancialQuarter, ...]
    lines: tuple[SumLine, ...]
    is_hidden: bool

    @property
    def worst(self) -> SumLine | None:
        """The first quarter in which most is missing, None where nothing is."""
        short = max(self.lines, key=lambda line: line.shortfall_fte, default=None)
        return short if short is not None and short.shortfall_fte > 0 else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is shown of a forecast inside ``path``: names of a role family, then a role level."""

    path: tuple[str, ...]
    step: Step
    lines: tuple[OutlookLine, ...]
    course: Course
    sentence: str


def outlook(found: Forecast, path: Sequence[str] = (), *, is_shared: bool = False) -> Outlook:
    """The lines one step below ``path``, the course of everything inside it, and the answer in a sentence."""
    path = tuple(path)[: len(STEPS) - 1]
    step = STEPS[len(path)]
    inside = [_is_inside(cell, path) for cell in found.cells]
    names = [
        str(getattr(cell, step)) if is_in else OUTSIDE
        for cell, is_in in zip(found.cells, inside, strict=True)
    ]
    lines = _lines(found, names, is_shared=is_shared)
    needed = _needed(found)
    course = _course(
        found,
        [is_in and _level_key(cell) in needed for cell, is_in in zip(found.cells, inside, strict=True)],
        is_shared=is_shared,
    )
    return Outlook(path, step, lines, course, _sentence(found, inside, course, is_shared=is_shared))


def _is_inside(cell: ForecastCell, path: Sequence[str]) -> bool:
    return all(getattr(cell, step) == name for step, name in zip(STEPS, path, strict=False))


def _level_key(cell: ForecastCell) -> tuple[str, str]:
    return name_key(cell.role), name_key(cell.role_level)


def _needed(found: Forecast) -> set[tuple[str, str]]:
    needed: list[int] = np.flatnonzero(found.demand.sum(axis=0) > 0).tolist()
    return {_level_key(found.cells[at]) for at in needed}


def _lines(found: Forecast, names: Sequence[str], *, is_shared: bool) -> tuple[OutlookLine, ...]:
    hidden = hidden_groups(found, names) if is_shared else {}
    heads: dict[str, int] = {}
    vacancies: dict[str, int | None] = {}
    for name, cell in zip(names, found.cells, strict=True):
        heads[name] = heads.get(name, 0) + cell.heads
        if cell.vacancies is not None:
            vacancies[name] = (vacancies.get(name) or 0) + cell.vacancies
    by_name: dict[str, list[SumLine]] = {}
    for line in found.by(tuple(names)):
        by_name.setdefault(line.group, []).append(line)
    made = [
        _line(name, sums, heads[name], vacancies.get(name), is_hidden=hidden.get(name, False))
        for name, sums in by_name.items()
        if name != OUTSIDE
    ]
    made.sort(key=lambda line: (-line.shortfall, -line.demand, line.name))
    return tuple(made)


def _line(
    name: str, sums: Sequence[SumLine], heads: int, vacancies: int | None, *, is_hidden: bool
) -> OutlookLine:
    worst = max(sums, key=lambda line: line.shortfall_fte)
    at = worst if worst.shortfall_fte > 0 else sums[-1]
    quarter = at.quarter if at.shortfall_fte > 0 else None
    return OutlookLine(
        name, heads, vacancies, quarter, at.supply_fte, at.supply_low, at.supply_high, at.demand_fte,
        at.shortfall_fte, is_hidden,
    )  # fmt: skip


def _course(found: Forecast, inside: Sequence[bool], *, is_shared: bool) -> Course:
    names = tuple("in" if is_in else OUTSIDE for is_in in inside)
    heads = int(found.people[np.array(inside, dtype=np.bool_)].sum()) if len(inside) else 0
    lines = tuple(line for line in found.by(names) if line.group == "in") if any(inside) else ()
    return Course(found.quarter_list, lines, is_shared and 0 < heads < 5)


def _sentence(found: Forecast, inside: Sequence[bool], course: Course, *, is_shared: bool) -> str:
    if not course.lines or not any(line.demand_fte for line in course.lines):
        return "Nothing is needed here in these quarters."
    if course.is_hidden:
        return "Too few people stand behind these figures to show them."
    worst = course.worst
    last = found.quarter_list[-1].label
    if worst is None:
        most = max(line.demand_fte for line in course.lines)
        return f"Supply covers all that is needed in every quarter to {last}, at most {most:,.2f} FTE."
    at = int(worst.quarter) - int(found.first)
    where = _most_of_it(found, inside, at, is_shared=is_shared)
    return (
        f"Supply falls {worst.shortfall_fte:,.2f} FTE short of what programmes need by {worst.quarter.label}"
        + (f", most of it {where}." if where else ".")
    )


def _most_of_it(found: Forecast, inside: Sequence[bool], at: int, *, is_shared: bool) -> str:
    """The role level and department in which most of a quarter's shortfall lies, where it may be told."""
    names = [
        f"{cell.role_level} in {cell.unit.split(PATH_MARK)[0]}"
        if cell.unit
        else f"{cell.role_level} anywhere"
        for cell in found.cells
    ]
    hidden = hidden_groups(found, names) if is_shared else {}
    short: dict[str, float] = {}
    for name, figure, is_in in zip(names, found.shortfall[at].tolist(), inside, strict=True):
        if is_in and figure > 0 and not hidden.get(name, False):
            short[name] = short.get(name, 0.0) + figure
    if not short:
        return ""
    name = max(short, key=lambda one: (short[one], one))
    return f"{name} ({short[name]:,.2f})"
