"""What must be hidden of trends, comparisons, mentors and skills before they are shared (PRODUCT, rule 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.disclosure import Counts, Flags, Hidden, hidden, hidden_changes, is_small
from app.services.comparison import ComparedShare, ComparisonView
from app.services.gap_groups import GapDimension
from app.services.gaps import Gaps, Heatmap
from app.services.mentors import MentorLine
from app.services.scope import Scope
from app.services.skills import SkillLine
from app.services.trends import TrendFigures, TrendLine, TrendPoint, TrendView


@dataclass(frozen=True, slots=True, eq=False)
class HiddenTrend:
    """Flags of a trend: for each line, and for the total, before, every part in order, after."""

    lines: Flags
    total: Flags


@dataclass(frozen=True, slots=True)
class FewHolders:
    """How many required skills of a group rest on one or two people; nothing about who, or which.

    ``people`` is None where the group has 1 to 4 people, and then so are the other two.
    """

    group: str
    people: int | None
    skills_required: int | None
    skills_held_by_few: int | None


def hidden_trend(view: TrendView) -> HiddenTrend:
    """What an aggregate of a trend must not show.

    A day's figures are hidden where any count of them is from 1 to 4. A part is hidden where it rests on 1 to 4
    people, or moves a count of people by 1 to 4. All measures of a figure are hidden together.
    """
    lines = (*view.lines, view.total)
    before, after = (_counts([getattr(line, day) for line in lines]) for day in ("before", "after"))
    small = np.stack([_row_of_small(line) for line in lines])
    mask = hidden_changes(list(before), list(after), small)
    return HiddenTrend(mask[:-1], mask[-1])


def _counts(figures: Sequence[TrendFigures]) -> tuple[Counts, ...]:
    """Required, assessed, not assessed, meeting, short."""
    rows = np.array(
        [
            (one.required, one.assessed, one.required - one.assessed, one.meeting, one.short)
            for one in figures
        ],
        dtype=np.int64,
    )
    return tuple(rows.T)


def _row_of_small(line: TrendLine) -> Flags:
    figures = np.abs(np.stack(_counts([line.before, *line.parts, line.after]), axis=1))
    row: Flags = np.logical_or.reduce(is_small(figures), axis=1)
    row[1:-1] |= is_small(np.array(line.people, dtype=np.int64))
    return row


def hidden_points(points: Sequence[TrendPoint], ends: Flags | None = None) -> tuple[bool, ...]:
    """Which days of a series must not be shown: where any count is from 1 to 4, as on any other figure.

    ``ends`` says so of the first and the last day, where they stand in a trend beside it as well.
    """
    rows = np.array(
        [(one.people, one.required, one.assessed, one.required - one.assessed, one.meeting,
          one.assessed - one.meeting) for one in points],
        dtype=np.int64,
    ).reshape(len(points), 6)  # fmt: skip
    mask: Flags = np.logical_or.reduce(is_small(rows), axis=1)
    if ends is not None and len(points):
        mask[0] |= bool(ends[0])
        mask[-1] |= bool(ends[-1])
    return tuple(mask.tolist())


def hidden_comparison(view: ComparisonView) -> tuple[bool, ...]:
    """Which lines of a comparison must not be shown: 1 to 4 people or pairs on either side, and never just one line.

    With one line hidden alone, the whole less the others would give it away; the next smallest goes with it.
    """
    if not view.lines:
        return ()

    def column(values: Sequence[int]) -> Counts:
        return np.array(values, dtype=np.int64)[:, None]

    whole, part = column([line.whole for line in view.lines]), column([line.part for line in view.lines])
    required = column([line.required for line in view.lines])
    if view.measure is ComparedShare.FULLY_READY:
        required = whole
    mask = hidden(required, whole, part).cells[:, 0]
    mask |= is_small(np.array([line.people for line in view.lines], dtype=np.int64))
    if mask.sum() == 1 and len(mask) > 1:
        mask[int(np.argmin(np.where(mask, np.iinfo(np.int64).max, whole[:, 0])))] = True
    return tuple(mask.tolist())


def hidden_cells(heatmap: Heatmap) -> Hidden:
    """What an aggregate of this heat map must not show."""
    return hidden(heatmap.required, heatmap.assessed, heatmap.meeting, heatmap.people)


def nothing_hidden(heatmap: Heatmap) -> Hidden:
    """The same form where everything may be shown."""
    groups, skills = heatmap.required.shape
    return Hidden(
        np.zeros((groups, skills), dtype=np.bool_),
        np.zeros(groups, dtype=np.bool_),
        np.zeros(skills, dtype=np.bool_),
        grand=False,
        is_aggregate=False,
    )


def hidden_cells_of(heatmap: Heatmap) -> frozenset[tuple[str, str]]:
    """Group and skill of the cells that must not be shown."""
    rows, columns = hidden_cells(heatmap).cells.nonzero()
    return frozenset(
        (heatmap.groups[row].label, heatmap.skills[column])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    )


def hidden_mentor_lines(gaps: Gaps, scope: Scope, lines: Sequence[MentorLine]) -> tuple[bool, ...]:
    """Which lines must not show how many are short: small ones, and those of hidden cells of the gap table.

    The lines of one unit and skill add up to its cell of the gap table, so that they are hidden together.
    """
    cells = set(hidden_cells_of(gaps.heatmap(scope, GapDimension.UNIT)))
    cells |= {(line.unit, line.skill) for line in lines if 0 < line.short < 5}
    return tuple((line.unit, line.skill) in cells for line in lines)


def hidden_skill_lines(gaps: Gaps, scope: Scope, lines: Sequence[SkillLine]) -> tuple[bool, ...]:
    """Which skills must not show their figures."""
    cells = hidden_cells_of(gaps.heatmap(scope, GapDimension.SKILL))
    return tuple(("All", line.skill) in cells or 0 < line.surplus < 5 for line in lines)


def few_holders(
    gaps: Gaps, scope: Scope, dimension: GapDimension, points: Mapping[str, int]
) -> tuple[FewHolders, ...]:
    """Single points of failure as they may be shared: counts of skills by group, nobody named.

    ``points`` says how many each group has (:meth:`~app.services.resilience.Resilience.counts`).
    """
    heatmap = gaps.heatmap(scope, dimension)
    found: list[FewHolders] = []
    for place, group in enumerate(heatmap.groups):
        if not group.people:
            continue
        if group.people < 5:
            found.append(FewHolders(group.label, None, None, None))
            continue
        required = int((heatmap.required[place] > 0).sum())
        found.append(FewHolders(group.label, group.people, required, points.get(group.label, 0)))
    return tuple(found)
