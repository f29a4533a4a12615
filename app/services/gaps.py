"""Skill gaps: the table by any grouping, the heat map, the people behind a cell, one person's skills.

Read only; everything is answered from columns kept by revision (SPEED, "Gaps").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from app.analysis.gaps import GapMatrix, Readiness, gap_matrix, readiness
from app.db.database import Database
from app.errors import UsageError
from app.services.gap_base import GapBase, GapBaseCache
from app.services.gap_groups import GapDimension, cross_matrix, group_people, people_in_cells, transposed
from app.services.pair_lines import LINES_AT_ONCE, PairLine, PairLines
from app.services.population import Flags, Ints, PopulationCache
from app.services.scope import Scope


@dataclass(frozen=True, slots=True)
class GapRow:
    """One cell with someone required (PRODUCT, rule 2). Shares are None where nobody is assessed."""

    group: str
    skill: str
    required: int
    assessed: int
    meeting: int
    short: int
    levels_short: int
    coverage: float | None
    share_short: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class GapTable:
    """The gap table with what stands beside it."""

    rows: tuple[GapRow, ...]
    people: int
    unmapped: int
    revision: int


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One row of the heat map: a department, say, with its people and its readiness."""

    key: str
    label: str
    people: int
    unmapped: int
    fully_ready: int
    required: int
    assessed: int
    meeting: int

    @property
    def readiness(self) -> float | None:
        """Σ met ÷ Σ assessed; None where nothing is assessed."""
        return self.meeting / self.assessed if self.assessed else None

    @property
    def coverage(self) -> float | None:
        """Σ assessed ÷ Σ required; None where nothing is required."""
        return self.assessed / self.required if self.required else None


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Everything the skill gaps page shows: groups × skills, as int arrays [groups × skills].

    ``totals`` is the whole scope as one line. Where ``columns`` is another dimension than skill, ``skills`` holds
    its labels and the cells count pairs; where ``dimension`` is skill and ``columns`` is not, each group is a skill,
    its ``people`` are those whose role requires it and its ``fully_ready`` those who meet it. ``people`` [groups + 1 ×
    columns + 1], totals last, says on how many people each figure rests, for what must not be shown of it.
    """

    scope: Scope
    dimension: GapDimension
    groups: tuple[GroupLine, ...]
    skills: tuple[str, ...]
    required: Ints
    assessed: Ints
    meeting: Ints
    short: Ints
    levels_short: Ints
    totals: GroupLine
    levels_to_close: int
    revision: int
    day: date
    columns: GapDimension = GapDimension.SKILL
    people: Ints | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nobody in the scope has a role with requirements."""
        return not self.groups or not self.skills


@dataclass(frozen=True, slots=True)
class GroupsFound:
    """The groups of a dimension in a scope with their figures, and everybody in it together."""

    groups: tuple[GroupLine, ...]
    totals: GroupLine
    revision: int


class Gaps:
    """Figures of required against held skills."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db = db
        self._bases = GapBaseCache(db, population, today)

    def base(self, day: date | None, *, is_kept: bool = True) -> GapBase:
        """The columns of a day, for services that build on gaps (plans, reports); kept for whoever asks next."""
        return self._bases.get(day, is_kept=is_kept)

    def table(
        self, scope: Scope, dimension: GapDimension, columns: GapDimension = GapDimension.SKILL
    ) -> GapTable:
        """The gap table by department, unit, skill, role family and so on: one row per cell with R > 0.

        With other ``columns`` than skill a row is a cell of two dimensions (grade × role family, say), and its
        ``skill`` is the label of the second.
        """
        base = self._bases.get(scope.as_at)
        mask = base.population.mask(scope)
        if columns is GapDimension.SKILL:
            labels, codes = group_people(base, dimension, mask)
            matrix = gap_matrix(base.blocks, codes, len(labels), mask, base.weights)
            names = list(base.skill_names)
        elif dimension is GapDimension.SKILL:
            labels, codes = group_people(base, columns, mask)
            matrix = transposed(gap_matrix(base.blocks, codes, len(labels), mask, base.weights))
            labels, names = list(base.skill_names), labels
        else:
            labels, names, matrix = cross_matrix(base, mask, dimension, columns)
        unmapped = int((mask & (base.population.role_level_id == 0)).sum())
        return GapTable(_rows(matrix, labels, names), int(mask.sum()), unmapped, base.revision)

    def heatmap(
        self,
        scope: Scope,
        dimension: GapDimension = GapDimension.DEPARTMENT,
        columns: GapDimension = GapDimension.SKILL,
    ) -> Heatmap:
        """Groups × skills for the page, skills without anyone required left out.

        ``columns`` may be any other dimension, and ``dimension`` skill: either way round (see :class:`Heatmap`).
        """
        if columns is GapDimension.SKILL:
            return self._skill_map(scope, dimension)
        if dimension is GapDimension.SKILL:
            return _turned(self._skill_map(scope, columns))
        base = self._bases.get(scope.as_at)
        mask = base.population.mask(scope)
        _, names, matrix = cross_matrix(base, mask, dimension, columns)
        found = _with_columns(self._skill_map(scope, dimension), matrix, names, columns)
        return replace(found, people=people_in_cells(base, mask, dimension, columns, matrix))

    def _skill_map(self, scope: Scope, dimension: GapDimension) -> Heatmap:
        base = self._bases.get(scope.as_at)
        labels, codes = group_people(base, dimension, base.population.mask(scope))
        return self.heatmap_of(scope, dimension, labels, codes)

    def groups(self, scope: Scope, dimension: GapDimension) -> GroupsFound:
        """The groups of a heat map and everybody together, without its cells: a third of the time."""
        base = self._bases.get(scope.as_at)
        mask = base.population.mask(scope)
        labels, codes = group_people(base, dimension, mask)
        ready, whole = _ready(base, mask, codes, len(labels))
        lines = tuple(_group_line(labels[place], ready, place) for place in range(len(labels)))
        return GroupsFound(lines, _group_line("Everybody", whole, 0), base.revision)

    def heatmap_of(
        self, scope: Scope, dimension: GapDimension, labels: Sequence[str], codes: Ints
    ) -> Heatmap:
        """Groups of the caller's own × skills: a label for each group, and each person's group code (-1: in none)."""
        base = self._bases.get(scope.as_at)
        mask = base.population.mask(scope)
        matrix = gap_matrix(base.blocks, codes, len(labels), mask, base.weights)
        ready, whole = _ready(base, mask, codes, len(labels))
        used = np.flatnonzero(matrix.required.sum(axis=0) > 0)
        mapped, cells = ready.mapped[:, None], matrix.required[:, used]
        foot = np.append(cells.sum(axis=0), whole.mapped)
        return Heatmap(
            scope=scope,
            dimension=dimension,
            groups=tuple(_group_line(labels[place], ready, place) for place in range(len(labels))),
            skills=tuple(base.skill_names[code] for code in used),
            required=matrix.required[:, used],
            assessed=matrix.assessed[:, used],
            meeting=matrix.meeting[:, used],
            short=matrix.short[:, used],
            levels_short=matrix.levels_short[:, used],
            totals=_group_line("Everybody", whole, 0),
            levels_to_close=int(matrix.levels_short.sum()),
            revision=base.revision,
            day=base.day,
            people=np.vstack([np.hstack([cells, mapped]), foot]),
        )

    def people_behind(
        self,
        scope: Scope,
        skill: str = "",
        dimension: GapDimension | None = None,
        group: str = "",
        column: tuple[GapDimension, str] | None = None,
    ) -> Sequence[PairLine]:
        """The pairs behind a cell: of one skill and one group, or of the whole scope where they are left out.

        ``column`` is the second dimension of a cell whose columns are not skills, and its label. Those short come
        first, largest gap first; then not assessed, then met; by name inside each. Lines of many people are made, and
        the days of their ratings read, as they are looked at.
        """
        base = self._bases.get(scope.as_at)
        mask = base.population.mask(scope)
        for by, label in ((dimension, group), column or (None, "")):
            if by is None or not label:
                continue
            labels, codes = group_people(base, by, mask)
            if label not in labels:
                return ()
            mask &= codes == labels.index(label)
        if skill and skill not in base.skill_names:
            raise UsageError(
                f"Nobody's role requires “{skill}”.", "`muster gaps --by skill` lists the skills."
            )
        lines = PairLines(self._db, base, mask, base.skill_code(skill) if skill else None)
        if skill:
            lines = lines.worst_first()
        return tuple(lines) if len(lines) <= LINES_AT_ONCE else lines

    def person(self, person_id: int, day: date | None = None) -> tuple[PairLine, ...]:
        """One person: required against held for every skill of the primary role, largest gap first."""
        base = self._bases.get(day)
        lines = PairLines(self._db, base, base.population.person_id == person_id, None)
        return tuple(sorted(lines, key=lambda line: (-(line.gap or 0), line.held is not None, line.skill)))


def _with_columns(found: Heatmap, matrix: GapMatrix, names: list[str], columns: GapDimension) -> Heatmap:
    """The same groups over other columns than skills; columns without anyone required left out."""
    used = np.flatnonzero(matrix.required.sum(axis=0) > 0)
    return replace(
        found,
        columns=columns,
        skills=tuple(names[code] for code in used.tolist()),
        required=matrix.required[:, used],
        assessed=matrix.assessed[:, used],
        meeting=matrix.meeting[:, used],
        short=matrix.short[:, used],
        levels_short=matrix.levels_short[:, used],
    )


def _turned(found: Heatmap) -> Heatmap:
    """Skills as rows, groups as columns; groups without anyone required left out."""
    sums = zip(*(table.sum(axis=0).tolist() for table in (found.required, found.assessed, found.meeting)),
               strict=True)  # fmt: skip
    lines = [
        GroupLine(skill, skill, required, 0, meeting, required, assessed, meeting)
        for skill, (required, assessed, meeting) in zip(found.skills, sums, strict=True)
    ]
    used = np.flatnonzero(found.required.sum(axis=1) > 0)
    return replace(
        found,
        dimension=GapDimension.SKILL,
        columns=found.dimension,
        groups=tuple(lines),
        skills=tuple(found.groups[place].label for place in used),
        required=found.required[used].T,
        assessed=found.assessed[used].T,
        meeting=found.meeting[used].T,
        short=found.short[used].T,
        levels_short=found.levels_short[used].T,
        people=None if found.people is None else found.people[[*used.tolist(), -1]].T,
    )


def _rows(matrix: GapMatrix, labels: list[str], skills: list[str]) -> tuple[GapRow, ...]:
    rows: list[GapRow] = []
    for place, code in zip(*(axis.tolist() for axis in np.nonzero(matrix.required)), strict=True):
        assessed, short = int(matrix.assessed[place, code]), int(matrix.short[place, code])
        required = int(matrix.required[place, code])
        rows.append(
            GapRow(
                group=labels[place],
                skill=skills[code],
                required=required,
                assessed=assessed,
                meeting=int(matrix.meeting[place, code]),
                short=short,
                levels_short=int(matrix.levels_short[place, code]),
                coverage=assessed / required if assessed else None,
                share_short=short / assessed if assessed else None,
                weight=float(matrix.weight[place, code]),
            )
        )
    return tuple(rows)


def _ready(base: GapBase, mask: Flags, codes: Ints, count: int) -> tuple[Readiness, Readiness]:
    """Readiness of each group, and of everybody in the mask."""
    ready = readiness(base.blocks, codes, count, mask)
    if (codes[mask] < 0).any():  # who is in no group still counts in the whole
        return ready, readiness(base.blocks, np.zeros(len(mask), dtype=np.int64), 1, mask)
    return ready, ready.summed()


def _group_line(label: str, ready: Readiness, place: int) -> GroupLine:
    return GroupLine(
        key=label,
        label=label,
        people=int(ready.people[place]),
        unmapped=int(ready.unmapped[place]),
        fully_ready=int(ready.fully_ready[place]),
        required=int(ready.required[place]),
        assessed=int(ready.assessed[place]),
        meeting=int(ready.meeting[place]),
    )
