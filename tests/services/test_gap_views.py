"""What is drawn of a heat map and said about it, against sums made one cell at a time."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.gap_views import (
    HeatOrder,
    by_readiness,
    cells_with_totals,
    figures_of,
    furthest_from_ready,
    only_short,
    ordered,
    shortages,
)
from app.services.gaps import GapDimension, GroupLine, Heatmap, PairLine
from app.services.scope import Scope

Cell = tuple[int, int, int, int]
"""Required, assessed, short, levels short."""


@st.composite
def heatmaps(draw: st.DrawFn) -> Heatmap:
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    cells: list[list[Cell]] = []
    for _ in range(rows):
        line: list[Cell] = []
        for _ in range(columns):
            required = draw(st.integers(0, 9))
            assessed = draw(st.integers(0, required))
            short = draw(st.integers(0, assessed))
            line.append((required, assessed, short, draw(st.integers(short, 4 * short))))
        cells.append(line)
    return heatmap_of(cells)


def heatmap_of(cells: list[list[Cell]]) -> Heatmap:
    """Groups A, B … and skills a, b … with these cells."""
    table = np.array(cells, dtype=np.int64)
    required, assessed, short, levels = (table[:, :, place] for place in range(4))
    groups = tuple(group_of(chr(65 + row), line) for row, line in enumerate(cells))
    whole = [cell for line in cells for cell in line]
    return Heatmap(
        scope=Scope(),
        dimension=GapDimension.DEPARTMENT,
        groups=groups,
        skills=tuple(chr(97 + place) for place in range(table.shape[1])),
        required=required,
        assessed=assessed,
        meeting=assessed - short,
        short=short,
        levels_short=levels,
        totals=group_of("Everybody", whole),
        levels_to_close=int(levels.sum()),
        revision=1,
        day=date(2026, 11, 23),
    )


def group_of(name: str, cells: list[Cell]) -> GroupLine:
    required, assessed, short = (sum(cell[place] for cell in cells) for place in range(3))
    return GroupLine(name, name, 9, 0, 0, required, assessed, assessed - short)


def cells_of(found: Heatmap) -> dict[tuple[str, str], Cell]:
    return {
        (group.key, skill): (
            int(found.required[row, place]),
            int(found.assessed[row, place]),
            int(found.short[row, place]),
            int(found.levels_short[row, place]),
        )
        for row, group in enumerate(found.groups)
        for place, skill in enumerate(found.skills)
    }


@given(heatmaps(), st.sampled_from(list(HeatOrder)))
def test_another_order_keeps_every_cell_with_its_group_and_skill(found: Heatmap, order: HeatOrder) -> None:
    assert cells_of(ordered(found, order)) == cells_of(found)


@given(heatmaps())
def test_most_levels_come_first_and_names_settle_ties(found: Heatmap) -> None:
    shown = ordered(found, HeatOrder.MOST_LEVELS)
    keys = [(-int(shown.levels_short[:, place].sum()), skill) for place, skill in enumerate(shown.skills)]
    assert keys == sorted(keys)


def test_largest_share_first_puts_what_nobody_is_assessed_in_last() -> None:
    found = heatmap_of([[(9, 0, 0, 0), (9, 8, 1, 4), (9, 4, 2, 2)]])
    assert ordered(found, HeatOrder.WORST_SHARE).skills == ("c", "b", "a")


@given(heatmaps())
def test_hiding_what_is_met_leaves_exactly_the_lines_with_somebody_short(found: Heatmap) -> None:
    shown, cells = only_short(found), cells_of(found)
    assert [group.key for group in shown.groups] == [
        group.key for group in found.groups if any(cells[group.key, skill][2] for skill in found.skills)
    ]
    assert list(shown.skills) == [
        skill for skill in found.skills if any(cells[group.key, skill][2] for group in found.groups)
    ]


@given(heatmaps())
def test_totals_frame_the_cells_they_add_up(found: Heatmap) -> None:
    framed, cells = cells_with_totals(found), cells_of(found)
    for place, table in enumerate((framed.required, framed.assessed, framed.short, framed.levels_short)):
        assert table[0, 0] == sum(cell[place] for cell in cells.values())
        for row, group in enumerate(found.groups):
            assert table[row + 1, 0] == sum(cells[group.key, skill][place] for skill in found.skills)
        for column, skill in enumerate(found.skills):
            assert table[0, column + 1] == sum(cells[group.key, skill][place] for group in found.groups)


@given(heatmaps())
def test_shortages_name_the_group_with_most_levels_short(found: Heatmap) -> None:
    cells = cells_of(found)
    listed = shortages(found, 10)
    short = {skill for (_, skill), cell in cells.items() if cell[2]}
    assert {one.skill for one in listed} == short
    for one in listed:
        own = {group: cell for (group, skill), cell in cells.items() if skill == one.skill}
        assert one.levels_short == sum(cell[3] for cell in own.values())
        assert own[one.worst_group][3] == max(cell[3] for cell in own.values())
        assert (one.worst_short, one.worst_assessed) == (own[one.worst_group][2], own[one.worst_group][1])


def test_shortages_of_one_group_count_only_that_group() -> None:
    found = heatmap_of([[(3, 3, 3, 3), (5, 5, 0, 0)], [(4, 4, 0, 0), (2, 2, 2, 6)]])
    assert [(one.skill, one.levels_short) for one in shortages(found, 10, "A")] == [("a", 3)]
    assert [one.skill for one in shortages(found, 1)] == ["b"]


@given(heatmaps())
def test_the_group_furthest_from_ready_meets_the_smallest_share(found: Heatmap) -> None:
    shares = {g.key: g.meeting / g.assessed for g in found.groups if g.assessed}
    furthest = furthest_from_ready(found)
    if not shares or min(shares.values()) == 1:
        assert furthest is None
    else:
        assert furthest is not None
        assert shares[furthest.key] == min(shares.values())
    known = [group.readiness is not None for group in by_readiness(found)]
    assert known == sorted(known, reverse=True)


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [((), (0, 0, 0, 0, 0)), ((None, None), (2, 0, 0, 0, 0)), ((0, 2, None, 1), (4, 3, 1, 2, 3))],
)
def test_figures_of_pairs(gaps: tuple[int | None, ...], expected: tuple[int, ...]) -> None:
    pairs = [
        PairLine(
            1, "1", "A", "D", "D", "SEO", "F", "R", "L", "s", None if g is None else 3 - g, 3, g, None, ""
        )
        for g in gaps
    ]
    found = figures_of(pairs)
    assert (found.required, found.assessed, found.meeting, found.short, found.levels_short) == expected
