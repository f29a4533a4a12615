"""Demand laid over the cells of supply: needs name a role level and perhaps a unit, never a grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.supply import Floats
from app.services.scope import PATH_MARK, path_key
from app.services.strategy import Demand
from app.services.workforce.records import ForecastCell
from app.services.workforce.scenarios import Assumptions
from app.terms import FinancialQuarter, name_key

Need = tuple[str, str, str]
"""Unit path (blank: anywhere in the scope), role, role level (blank: any level of the role)."""


@dataclass(frozen=True, slots=True)
class SpreadDemand:
    """``demand`` [Q × C] over the cells there are; ``extra`` cells that nobody is in, with ``extra_demand`` [Q × E]."""

    demand: Floats
    extra: tuple[ForecastCell, ...]
    extra_demand: Floats


def needs_of(
    wanted: Demand, assumptions: Assumptions, quarters: tuple[FinancialQuarter, int]
) -> dict[Need, Floats]:
    """FTE [Q] by need, what slips moved to its later quarter."""
    start, count = quarters
    found: dict[Need, Floats] = {}
    for item in wanted.items:
        at = int(item.quarter) + assumptions.slip_of(item.name) - int(start)
        if 0 <= at < count:
            figures = found.setdefault((item.unit, item.role, item.role_level), np.zeros(count))
            figures[at] += item.fte_hundredths / 100
    return found


def spread_demand(
    cells: Sequence[ForecastCell], supply: Floats, needs: Mapping[Need, Floats]
) -> SpreadDemand:
    """Every need spread over the cells that can meet it, in proportion to the supply not yet taken.

    The deepest units come first: what names one team takes from that team, what names none takes from what is left. So
    within a need all cells are short or none is, and their shortfalls add up to that of the need.
    """
    demand = np.zeros_like(supply)
    left = supply.copy()
    by_level, by_role = _places(cells)
    extra: list[ForecastCell] = []
    extra_demand: list[Floats] = []
    for (unit, role, level), figures in sorted(
        needs.items(), key=lambda pair: (-_depth(pair[0][0]), pair[0])
    ):
        fitting = (
            by_level.get((name_key(role), name_key(level)), []) if level else by_role.get(name_key(role), [])
        )
        places = [at for at in fitting if _is_below(cells[at].unit, unit)]
        if not places:
            extra.append(ForecastCell(unit, _family(cells, role), role, level, "", 0, None, 0.0, 0.0))
            extra_demand.append(figures)
            continue
        shares = _shares(left[:, places], supply[:, places])
        demand[:, places] += figures[:, None] * shares
        left[:, places] = np.maximum(left[:, places] - figures[:, None] * shares, 0.0)
    stacked = np.array(extra_demand).T if extra_demand else np.zeros((len(supply), 0))
    return SpreadDemand(demand, tuple(extra), stacked)


def undated_words(wanted: Demand) -> tuple[str, ...]:
    """Needs that count in no quarter, as sentences."""
    return tuple(
        f"{one.name}: {one.fte_hundredths / 100:.2f} FTE {one.what}: {one.reason}" for one in wanted.undated
    )


def _shares(left: Floats, supply: Floats) -> Floats:
    """How a need is shared out in each quarter: by what is left, else by supply, else evenly; each row adds up to 1."""
    basis = np.where(left.sum(axis=1, keepdims=True) > 0, left, supply)
    basis = np.where(basis.sum(axis=1, keepdims=True) > 0, basis, 1.0)
    return basis / basis.sum(axis=1, keepdims=True)


def _places(
    cells: Sequence[ForecastCell],
) -> tuple[dict[tuple[str, str], list[int]], dict[str, list[int]]]:
    by_level: dict[tuple[str, str], list[int]] = {}
    by_role: dict[str, list[int]] = {}
    for at, cell in enumerate(cells):
        by_level.setdefault((name_key(cell.role), name_key(cell.role_level)), []).append(at)
        by_role.setdefault(name_key(cell.role), []).append(at)
    return by_level, by_role


def _depth(unit: str) -> int:
    return len(unit.split(PATH_MARK)) if unit else 0


def _is_below(unit: str, top: str) -> bool:
    mine, above = path_key(unit), path_key(top)
    return not above or mine == above or mine.startswith(above + PATH_MARK)


def _family(cells: Sequence[ForecastCell], role: str) -> str:
    return next((cell.role_family for cell in cells if name_key(cell.role) == name_key(role)), "")
