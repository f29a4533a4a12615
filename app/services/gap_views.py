"""The heat map in the order and extent a reader wants, and what it says in words: worst group, top shortages.

Pure functions over a :class:`~app.services.gaps.Heatmap`; they read nothing from the workspace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from app.analysis.disclosure import Flags, Hidden
from app.services.gaps import GroupLine, Heatmap, PairLine
from app.services.pair_lines import PairLines
from app.services.population import Ints


class HeatOrder(StrEnum):
    """What comes first in rows and columns."""

    MOST_LEVELS = "most levels short"
    WORST_SHARE = "largest share short"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Shortage:
    """One skill over all groups of a heat map, and the group with most levels short of it ("" where not to be told)."""

    skill: str
    required: int
    assessed: int
    short: int
    levels_short: int
    worst_group: str
    worst_short: int
    worst_assessed: int

    @property
    def share_short(self) -> float | None:
        """Short of assessed; None where nobody is assessed."""
        return self.short / self.assessed if self.assessed else None

    @property
    def coverage(self) -> float | None:
        """Assessed of required; None where nobody is required."""
        return self.assessed / self.required if self.required else None


@dataclass(frozen=True, slots=True, eq=False)
class HeatTotals:
    """Sums of a heat map: over groups (one figure per skill), over skills (one per group), or both as a table."""

    required: Ints
    assessed: Ints
    short: Ints
    levels_short: Ints


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Counts over some pairs: behind a cell they are people, of one person they are skills."""

    required: int
    assessed: int
    meeting: int
    short: int
    levels_short: int

    @property
    def coverage(self) -> float | None:
        """Assessed of required; None where nothing is required."""
        return self.assessed / self.required if self.required else None


def figures_of(pairs: Sequence[PairLine]) -> PairFigures:
    """The figures of rule 2 over these pairs."""
    if isinstance(pairs, PairLines):  # behind the largest figures stand half a million
        required, assessed, short, levels = pairs.counts()
        return PairFigures(required, assessed, assessed - short, short, levels)
    gaps = [pair.gap for pair in pairs if pair.gap is not None]
    short = sum(gap > 0 for gap in gaps)
    return PairFigures(len(pairs), len(gaps), len(gaps) - short, short, sum(gaps))


def totals_by_skill(heatmap: Heatmap) -> HeatTotals:
    """Each skill over all groups."""
    return _totals(heatmap, 0)


def totals_by_group(heatmap: Heatmap) -> HeatTotals:
    """Each group over all skills."""
    return _totals(heatmap, 1)


def cells_with_totals(heatmap: Heatmap) -> HeatTotals:
    """The cells with a first row of totals over groups and a first column of totals over skills."""

    def framed(cells: Ints) -> Ints:
        rows = np.vstack([cells.sum(axis=0), cells])
        return np.hstack([rows.sum(axis=1, keepdims=True), rows])

    return HeatTotals(
        framed(heatmap.required),
        framed(heatmap.assessed),
        framed(heatmap.short),
        framed(heatmap.levels_short),
    )


def _totals(heatmap: Heatmap, axis: int) -> HeatTotals:
    return HeatTotals(
        heatmap.required.sum(axis=axis),
        heatmap.assessed.sum(axis=axis),
        heatmap.short.sum(axis=axis),
        heatmap.levels_short.sum(axis=axis),
    )


def ordered(heatmap: Heatmap, order: HeatOrder) -> Heatmap:
    """The same heat map with groups and skills in another order; equal ones stay in order of name."""
    return _taken(
        heatmap,
        _order(totals_by_group(heatmap), [group.label for group in heatmap.groups], order),
        _order(totals_by_skill(heatmap), heatmap.skills, order),
    )


def _order(totals: HeatTotals, names: Sequence[str], order: HeatOrder) -> list[int]:
    places = sorted(range(len(names)), key=lambda place: (names[place].casefold(), names[place]))
    if order is HeatOrder.NAME:
        return places
    if order is HeatOrder.MOST_LEVELS:
        return sorted(places, key=lambda place: -int(totals.levels_short[place]))
    # Where nobody is assessed there is no share: those come last.
    return sorted(
        places,
        key=lambda place: (
            -int(totals.short[place]) / int(totals.assessed[place]) if totals.assessed[place] else 1.0
        ),
    )


def only_short(heatmap: Heatmap) -> Heatmap:
    """The groups and skills in which somebody assessed falls short; what is met, or not assessed, is left out."""
    rows = np.flatnonzero(heatmap.short.sum(axis=1) > 0).tolist()
    columns = np.flatnonzero(heatmap.short.sum(axis=0) > 0).tolist()
    return _taken(heatmap, rows, columns)


def _taken(heatmap: Heatmap, rows: list[int], columns: list[int]) -> Heatmap:
    cells = np.ix_(np.array(rows, dtype=np.intp), np.array(columns, dtype=np.intp))
    return replace(
        heatmap,
        groups=tuple(heatmap.groups[row] for row in rows),
        skills=tuple(heatmap.skills[column] for column in columns),
        required=heatmap.required[cells],
        assessed=heatmap.assessed[cells],
        meeting=heatmap.meeting[cells],
        short=heatmap.short[cells],
        levels_short=heatmap.levels_short[cells],
        people=None if heatmap.people is None else heatmap.people[np.ix_([*rows, -1], [*columns, -1])],
    )


def by_readiness(heatmap: Heatmap) -> tuple[GroupLine, ...]:
    """The groups with somebody in a role, furthest from ready first; those with nobody assessed come last."""
    mapped = [group for group in heatmap.groups if group.required]
    return tuple(
        sorted(mapped, key=lambda group: (group.readiness is None, group.readiness or 0.0, group.label))
    )


def furthest_from_ready(heatmap: Heatmap) -> GroupLine | None:
    """The group with the smallest share of requirements met; None where nobody is assessed or all is met."""
    known = [group for group in by_readiness(heatmap) if group.assessed]
    return known[0] if known and known[0].meeting < known[0].assessed else None


def shortages(
    heatmap: Heatmap, most: int = 10, group: str = "", kept: Hidden | None = None
) -> tuple[Shortage, ...]:
    """The skills with most levels short, over all groups or in one of them; those nobody is short of are left out.

    ``kept`` says what must not be shown: such a skill is left out too, and such a group is not named as the worst.
    """
    places = range(len(heatmap.groups))
    rows = [place for place in places if not group or heatmap.groups[place].key == group]
    is_hidden: Flags = np.zeros(heatmap.short.shape, dtype=np.bool_) if kept is None else kept.cells
    taken = _taken(heatmap, rows, list(range(len(heatmap.skills))))
    totals = totals_by_skill(taken)
    left_out: Flags = np.zeros(len(heatmap.skills), dtype=np.bool_)
    if kept is not None:
        left_out = np.logical_or.reduce(is_hidden[rows], axis=0) if group else kept.columns
    order = _order(totals, heatmap.skills, HeatOrder.MOST_LEVELS)
    chosen = [place for place in order if totals.short[place] and not left_out[place]]
    return tuple(_shortage(taken, totals, place, is_hidden[rows, place]) for place in chosen[:most])


def _shortage(heatmap: Heatmap, totals: HeatTotals, place: int, is_hidden: Flags) -> Shortage:
    levels = np.where(is_hidden, -1, heatmap.levels_short[:, place])
    worst = int(np.argmax(levels))
    is_told = levels[worst] >= 0
    return Shortage(
        skill=heatmap.skills[place],
        required=int(totals.required[place]),
        assessed=int(totals.assessed[place]),
        short=int(totals.short[place]),
        levels_short=int(totals.levels_short[place]),
        worst_group=heatmap.groups[worst].label if is_told else "",
        worst_short=int(heatmap.short[worst, place]) if is_told else 0,
        worst_assessed=int(heatmap.assessed[worst, place]) if is_told else 0,
    )
