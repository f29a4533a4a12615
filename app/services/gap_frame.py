"""The map of skill gaps as its page shows it: totals first, in order, in groups, and with what must not be shown.

One framed map has a first row and a first column of totals. They are always those of the whole map: what is left out
of the picture still counts in them, so that they agree with every other figure of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.analysis.disclosure import Flags, Hidden
from app.services.disclosed import hidden_cells, nothing_hidden
from app.services.gap_groups import GapDimension
from app.services.gap_views import HeatOrder, HeatTotals, cells_with_totals
from app.services.gaps import Gaps, Heatmap
from app.services.population import Ints
from app.services.scope import PATH_MARK, Scope
from app.services.skills import SkillMark, SkillTag


class Grouping(StrEnum):
    """How rows and columns are put together under group headers."""

    NONE = "none"
    FAMILY = "family"
    TAG = "tag"


class SkillsShown(StrEnum):
    """Which skills are drawn."""

    ALL = "all"
    NOT_ASSESSED = "not assessed"
    STRATEGIC = "strategic"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class MapWish:
    """What somebody wants to see; ``is_shared`` for a screen that others see (PRODUCT, rule 6).

    ``grouping`` FAMILY puts skills and roles under the role family that needs them, and units under departments; TAG
    puts skills under strategic, legacy and others.
    """

    rows: GapDimension = GapDimension.DEPARTMENT
    columns: GapDimension = GapDimension.SKILL
    order: HeatOrder = HeatOrder.MOST_LEVELS
    grouping: Grouping = Grouping.NONE
    shows: SkillsShown = SkillsShown.ALL
    hides_met: bool = False
    is_shared: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FramedMap:
    """What is drawn: arrays [rows + 1 × columns + 1], totals first.

    ``row_places`` and ``column_places`` say where the rows and columns drawn are in ``whole``; groups and tags stand
    beside them, empty where there are none. ``hidden`` is None where nothing has to be.
    """

    whole: Heatmap
    kept: Hidden
    row_places: tuple[int, ...]
    column_places: tuple[int, ...]
    row_groups: tuple[str, ...]
    column_groups: tuple[str, ...]
    row_tags: tuple[str, ...]
    column_tags: tuple[str, ...]
    cells: HeatTotals
    hidden: Flags | None

    @property
    def row_labels(self) -> tuple[str, ...]:
        """Names of the rows drawn, without the totals."""
        return tuple(self.whole.groups[place].label for place in self.row_places)

    @property
    def column_labels(self) -> tuple[str, ...]:
        """Names of the columns drawn, without the totals."""
        return tuple(self.whole.skills[place] for place in self.column_places)

    @property
    def left_out(self) -> int:
        """How many columns are not drawn."""
        return len(self.whole.skills) - len(self.column_places)

    @property
    def rows_left_out(self) -> int:
        """How many rows are not drawn."""
        return len(self.whole.groups) - len(self.row_places)


def framed_map(gaps: Gaps, scope: Scope, wish: MapWish, marks: Mapping[str, SkillMark]) -> FramedMap:
    """Count the map of a scope and put it into the order and extent wished for."""
    whole = gaps.heatmap(scope, wish.rows, wish.columns)
    kept = hidden_cells(whole) if wish.is_shared else nothing_hidden(whole)
    families = _families(gaps, scope, wish)
    rows, columns = (_axis(whole, kept, wish, marks, families, at) for at in (0, 1))
    row_places, column_places = rows.places(wish), columns.places(wish)
    framed = cells_with_totals(whole)
    take = np.ix_([0, *(place + 1 for place in row_places)], [0, *(place + 1 for place in column_places)])
    return FramedMap(
        whole=whole,
        kept=kept,
        row_places=tuple(row_places),
        column_places=tuple(column_places),
        row_groups=tuple(rows.groups[place] for place in row_places),
        column_groups=tuple(columns.groups[place] for place in column_places),
        row_tags=tuple(rows.tags[place] for place in row_places),
        column_tags=tuple(columns.tags[place] for place in column_places),
        cells=HeatTotals(
            framed.required[take], framed.assessed[take], framed.short[take], framed.levels_short[take]
        ),
        hidden=_framed_flags(kept)[take] if wish.is_shared else None,
    )


def _framed_flags(kept: Hidden) -> Flags:
    top = np.concatenate([[kept.grand], kept.columns])
    return np.vstack([top, np.hstack([kept.rows[:, None], kept.cells])]).astype(np.bool_)


def _families(gaps: Gaps, scope: Scope, wish: MapWish) -> Mapping[GapDimension, Mapping[str, str]]:
    """The role family of each role, and the one that needs each skill most, where they are put under families."""
    found: dict[GapDimension, Mapping[str, str]] = {}
    axes = (wish.rows, wish.columns)
    if wish.grouping is Grouping.FAMILY and GapDimension.SKILL in axes:
        needed = gaps.heatmap(scope, GapDimension.ROLE_FAMILY)
        most = needed.required.argmax(axis=0).tolist() if needed.groups else []
        found[GapDimension.SKILL] = {
            skill: needed.groups[row].label for skill, row in zip(needed.skills, most, strict=False)
        }
    if wish.grouping is Grouping.FAMILY and GapDimension.ROLE in axes:
        levels = gaps.base(scope.as_at).population.levels.values()
        found[GapDimension.ROLE] = {line.role: line.family for line in levels}
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """The rows or the columns of a map: names, groups, tags, and their sums over the other axis."""

    dimension: GapDimension
    labels: Sequence[str]
    groups: Sequence[str]
    tags: Sequence[str]
    is_hidden: Flags
    assessed: Ints
    short: Ints
    levels: Ints

    def places(self, wish: MapWish) -> list[int]:
        """The places drawn, in order: by group where there are groups, then by what is worst."""
        chosen = [place for place in range(len(self.labels)) if self._is_wanted(place, wish)]
        names = [(label.casefold(), label) for label in self.labels]
        badness = [self._badness([place], wish.order) for place in range(len(self.labels))]
        chosen.sort(key=lambda place: (badness[place], names[place]))
        if not any(self.groups):
            return chosen
        members: dict[str, list[int]] = {}
        for place in chosen:
            members.setdefault(self.groups[place], []).append(place)
        ordered = sorted(
            members, key=lambda group: (self._badness(members[group], wish.order), group.casefold())
        )
        return [place for group in ordered for place in members[group]]

    def _is_wanted(self, place: int, wish: MapWish) -> bool:
        if wish.hides_met and not self.is_hidden[place] and not self.short[place]:
            return False
        if self.dimension is not GapDimension.SKILL or wish.shows is SkillsShown.ALL:
            return True
        if wish.shows is SkillsShown.NOT_ASSESSED:
            return not self.is_hidden[place] and not self.assessed[place]
        return self.tags[place] == wish.shows.value

    def _badness(self, places: Sequence[int], order: HeatOrder) -> float:
        """Smaller comes first. What may not be shown tells nothing by its place either: it comes last."""
        if order is HeatOrder.NAME:
            return 0.0
        shown = [place for place in places if not self.is_hidden[place]]
        if order is HeatOrder.MOST_LEVELS:
            return -float(sum(int(self.levels[place]) for place in shown)) if shown else 1.0
        assessed = sum(int(self.assessed[place]) for place in shown)
        return -sum(int(self.short[place]) for place in shown) / assessed if assessed else 1.0


_TAG_GROUPS = {SkillTag.STRATEGIC.value: "Strategic skills", SkillTag.LEGACY.value: "Legacy skills"}
OTHER_SKILLS = "Other skills"


def _axis(
    whole: Heatmap,
    kept: Hidden,
    wish: MapWish,
    marks: Mapping[str, SkillMark],
    families: Mapping[GapDimension, Mapping[str, str]],
    at: int,
) -> _Axis:
    dimension = (wish.rows, wish.columns)[at]
    labels = list(whole.skills) if at else [group.label for group in whole.groups]
    is_skill = dimension is GapDimension.SKILL
    tags = [marks[label].tag.value if is_skill and label in marks else "" for label in labels]
    groups = [""] * len(labels)
    if wish.grouping is Grouping.TAG and is_skill:
        groups = [_TAG_GROUPS.get(tag, OTHER_SKILLS) for tag in tags]
    elif wish.grouping is Grouping.FAMILY and dimension is GapDimension.UNIT:
        groups = [label.split(PATH_MARK)[0] for label in labels]
    elif dimension in families:
        groups = [families[dimension].get(label, "") for label in labels]
    sums = [table.sum(axis=1 - at) for table in (whole.assessed, whole.short, whole.levels_short)]
    return _Axis(dimension, labels, groups, tags, kept.columns if at else kept.rows, *sums)
