"""Everything the page of skill gaps says of a scope beside its map: totals, readiness by group, top shortages.

On a screen that others see (``is_shared``) each of these says which of its figures must not be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.analysis.disclosure import FEWEST_SHOWN, Hidden, hidden_list
from app.services.disclosed import hidden_cells, nothing_hidden
from app.services.gap_groups import GapDimension
from app.services.gap_views import Shortage, by_readiness, shortages
from app.services.gaps import Gaps, GroupLine, Heatmap
from app.services.scope import Scope

Figure = Literal["people", "unmapped", "fully_ready", "shares"]
"""What a group line shows; ``shares`` are readiness and coverage with the counts they are made of."""

_COUNTS: tuple[Figure, ...] = ("people", "unmapped", "fully_ready")


@dataclass(frozen=True, slots=True, eq=False)
class GapHead:
    """A map of groups of people × skills, what must not be shown of it, and what is said about it in words."""

    heatmap: Heatmap
    kept: Hidden
    hidden_of_groups: dict[str, frozenset[Figure]]
    hidden_of_totals: frozenset[str]
    shortages: tuple[Shortage, ...]
    groups: tuple[GroupLine, ...]
    furthest: GroupLine | None
    worst: Shortage | None

    @property
    def totals(self) -> GroupLine:
        """The whole scope as one line."""
        return self.heatmap.totals

    def is_hidden(self, group: str, figure: Figure) -> bool:
        """Whether a figure of a group must not be shown; "" is the whole scope."""
        if not group:
            return figure in self.hidden_of_totals
        return figure in self.hidden_of_groups.get(group, frozenset())

    def shortages_of(self, group: str, most: int = 10) -> tuple[Shortage, ...]:
        """The top shortages of one group as far as they may be shown; of everybody where ``group`` is empty."""
        return shortages(self.heatmap, most, group, self.kept if self.kept.is_aggregate else None)


def gap_head(
    gaps: Gaps,
    scope: Scope,
    dimension: GapDimension = GapDimension.DEPARTMENT,
    *,
    is_shared: bool = False,
    counted: Heatmap | None = None,
) -> GapHead:
    """Count a scope by groups of people; ``counted`` is the map where somebody has it already."""
    heatmap = gaps.heatmap(scope, dimension) if counted is None else counted
    kept = hidden_cells(heatmap) if is_shared else nothing_hidden(heatmap)
    shown = shortages(heatmap, kept=kept if is_shared else None)
    of_groups, of_totals = _hidden_counts(heatmap, kept)
    compared = [
        group
        for group in by_readiness(heatmap)
        if group.assessed and "shares" not in of_groups.get(group.key, frozenset())
    ]
    furthest = compared[0] if compared and compared[0].meeting < compared[0].assessed else None
    worst = shortages(heatmap, 1, furthest.key, kept if is_shared else None) if furthest else ()
    return GapHead(
        heatmap=heatmap,
        kept=kept,
        hidden_of_groups=of_groups,
        hidden_of_totals=of_totals,
        shortages=shown,
        groups=by_readiness(heatmap),
        furthest=furthest,
        worst=worst[0] if worst else None,
    )


def _hidden_counts(heatmap: Heatmap, kept: Hidden) -> tuple[dict[str, frozenset[Figure]], frozenset[str]]:
    """What must not be shown of each group and of the total, as the workbook has it (``reports.gap_report``)."""
    if not kept.is_aggregate:
        return {}, frozenset()
    of_groups: dict[str, set[Figure]] = {group.key: set() for group in heatmap.groups}
    of_totals: set[str] = {"shares"} if kept.grand else set()
    for group, is_hidden in zip(heatmap.groups, kept.rows.tolist(), strict=True):
        if is_hidden:
            of_groups[group.key].add("shares")
    for figure in _COUNTS:
        counts = np.array([getattr(group, figure) for group in heatmap.groups], dtype=np.int64)
        mask, is_total_hidden = hidden_list(counts)
        for group, is_hidden in zip(heatmap.groups, mask.tolist(), strict=True):
            if is_hidden:
                of_groups[group.key].add(figure)
        if is_total_hidden or 0 < getattr(heatmap.totals, figure) < FEWEST_SHOWN:
            of_totals.add(figure)
    if kept.grand or 0 < int(kept.cells.sum()) < FEWEST_SHOWN:
        of_totals.add("levels")  # so few are hidden that theirs could be guessed from the sum
    return {key: frozenset(figures) for key, figures in of_groups.items()}, frozenset(of_totals)
