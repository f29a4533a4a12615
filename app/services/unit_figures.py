"""One department or unit beside its neighbours: its figures, and what of them must not be shown (PRODUCT, rule 6).

What is published of a unit can be taken off what is published of the unit above it, and of its neighbours. So the
table of a unit holds every unit under the same one, and people who sit in the upper unit itself as one more; a figure
that is hidden in the table of any unit above is hidden here too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from app.analysis.disclosure import Hidden, hidden_list, is_small
from app.services.comparison import Comparison, ComparisonView
from app.services.disclosed import hidden_cells, hidden_comparison
from app.services.gap_groups import GapDimension
from app.services.gaps import Gaps, GroupLine, Heatmap
from app.services.population import Ints, Population, UnitLine
from app.services.scope import Scope

COUNTS = ("people", "unmapped", "fully_ready")


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The units under one unit (the departments where ``above`` is None): labels, and each person's place in them."""

    scope: Scope
    labels: tuple[str, ...]
    codes: Ints
    own: int


@dataclass(frozen=True, slots=True, eq=False)
class UnitFigures:
    """A unit with everything below it, one row of ``heatmap``; in a named output nothing of its own is hidden.

    ``hidden_counts`` are names of :data:`COUNTS`; ``hidden_labels`` the lines of the comparison not to be shown.
    """

    unit: UnitLine
    scope: Scope
    heatmap: Heatmap
    own: int
    comparison: ComparisonView
    hidden_skills: frozenset[str]
    is_row_hidden: bool
    hidden_counts: frozenset[str]
    hidden_labels: frozenset[str]
    chain: tuple[Neighbours, ...]

    @property
    def group(self) -> GroupLine:
        """The figures over all skills."""
        return self.heatmap.groups[self.own]

    @property
    def levels_short(self) -> int:
        """Levels to close over all skills."""
        return int(self.heatmap.levels_short[self.own].sum())

    def hides_list(self, counts: Iterable[tuple[str, int]]) -> bool:
        """Whether a count of this unit must be hidden, given counts of people by unit path.

        ``counts`` may name any unit; those inside a neighbour are added up.
        """
        pairs = list(counts)
        return any(_is_hidden_in(neighbours, pairs) for neighbours in self.chain)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The neighbours under one unit with their heat map, and what of it is hidden."""

    labels: tuple[str, ...]
    codes: Ints
    scope: Scope
    heatmap: Heatmap
    hidden: Hidden


class UnitTables:
    """Figures of units of one scope (without departments); the table of neighbours is made once for all of them."""

    def __init__(self, gaps: Gaps, scope: Scope) -> None:
        self._gaps = gaps
        self._scope = scope
        self._population = gaps.base(scope.as_at).population
        self._tables: dict[int | None, _Table] = {}
        self._compared: dict[int | None, ComparisonView] = {}

    def unit(self, path: str, *, is_named: bool) -> UnitFigures:
        """The figures of a unit by its path or name; UsageError for an unknown one."""
        unit = self._population.find_unit(path)
        line = _from_the_top(self._population, unit)
        tables = [self._table(one.parent_id) for one in line]
        chain = tuple(
            Neighbours(table.scope, table.labels, table.codes, table.labels.index(one.path))
            for table, one in zip(tables, line, strict=True)
        )
        figures = UnitFigures(
            unit=unit,
            scope=replace(self._scope, departments=(unit.path,)),
            heatmap=tables[-1].heatmap,
            own=chain[-1].own,
            comparison=self._comparison(unit.parent_id),
            hidden_skills=frozenset(),
            is_row_hidden=False,
            hidden_counts=frozenset(),
            hidden_labels=frozenset(),
            chain=chain,
        )
        return (
            replace(figures, hidden_labels=_others_hidden(figures)) if is_named else _hidden(figures, tables)
        )

    def _table(self, parent_id: int | None) -> _Table:
        if parent_id not in self._tables:
            scope, labels, codes = _neighbours(self._population, self._scope, parent_id)
            heatmap = self._gaps.heatmap_of(scope, GapDimension.UNIT, labels, codes)
            self._tables[parent_id] = _Table(labels, codes, scope, heatmap, hidden_cells(heatmap))
        return self._tables[parent_id]

    def _comparison(self, parent_id: int | None) -> ComparisonView:
        if parent_id not in self._compared:
            table = self._table(parent_id)
            found = Comparison(self._gaps).compare_groups(table.scope, (table.labels, table.codes))
            self._compared[parent_id] = found
        return self._compared[parent_id]


def _others_hidden(figures: UnitFigures) -> frozenset[str]:
    """A named output is of one tree: the small ones among its neighbours stay hidden."""
    view = figures.comparison
    flags = zip(view.lines, hidden_comparison(view), strict=True)
    return frozenset(line.group for line, flag in flags if flag and line.group != figures.unit.path)


def _hidden(figures: UnitFigures, tables: list[_Table]) -> UnitFigures:
    skills: set[str] = set()
    counts: set[str] = set()
    is_row_hidden = False
    for neighbours, table in zip(figures.chain, tables, strict=True):
        heatmap, kept, own = table.heatmap, table.hidden, neighbours.own
        skills |= {heatmap.skills[place] for place in np.flatnonzero(kept.cells[own]).tolist()}
        is_row_hidden |= bool(kept.rows[own])
        for name in COUNTS:
            numbers = np.array([getattr(group, name) for group in heatmap.groups], dtype=np.int64)
            if hidden_list(numbers)[0][own]:
                counts.add(name)
    view = figures.comparison
    flags = zip(view.lines, hidden_comparison(view), strict=True)
    labels = {line.group for line, flag in flags if flag}
    return replace(
        figures,
        hidden_skills=frozenset(skills),
        is_row_hidden=is_row_hidden,
        hidden_counts=frozenset(counts),
        hidden_labels=frozenset(labels),
    )


def _is_hidden_in(neighbours: Neighbours, counts: list[tuple[str, int]]) -> bool:
    sums = np.zeros(len(neighbours.labels), dtype=np.int64)
    for path, count in counts:
        for place, label in enumerate(neighbours.labels):
            if path == label or path.startswith(f"{label} / "):
                sums[place] += count
    own = neighbours.own
    return bool(hidden_list(sums)[0][own] or is_small(sums)[own])


def _from_the_top(population: Population, unit: UnitLine) -> list[UnitLine]:
    line = [unit]
    while line[-1].parent_id is not None:
        line.append(population.units[line[-1].parent_id])
    return line[::-1]


def _neighbours(
    population: Population, scope: Scope, parent_id: int | None
) -> tuple[Scope, tuple[str, ...], Ints]:
    """The units under one in order of their paths, and last the unit itself, for those who sit right in it."""
    units = population.units
    beside = sorted(
        (one for one in units.values() if one.parent_id == parent_id), key=lambda one: one.path.casefold()
    )
    place_of = {one.unit_id: place for place, one in enumerate(beside)}
    labels = [one.path for one in beside]
    # units come parents before children, so that each finds the place of the one above it
    for one in units.values():
        if one.unit_id not in place_of and one.parent_id in place_of:
            place_of[one.unit_id] = place_of[one.parent_id]
    if parent_id is not None:
        place_of[parent_id] = len(labels)
        labels.append(f"{units[parent_id].path} (itself)")
        scope = replace(scope, departments=(units[parent_id].path,))
    table = np.full(max(units, default=0) + 1, -1, dtype=np.int64)
    for key, place in place_of.items():
        table[key] = place
    return scope, tuple(labels), table[population.unit_id]
