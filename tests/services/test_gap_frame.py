"""The map as its page shows it: totals of everything, order, groups, tags, and what a shared screen must not show."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from app.services.gap_frame import FramedMap, Grouping, MapWish, SkillsShown, framed_map
from app.services.gap_groups import GapDimension
from app.services.gap_page import gap_head
from app.services.gap_views import HeatOrder
from app.services.scope import Scope
from app.services.skills import SkillTag
from app.workspace import Workspace
from tests.builders import ROLES, make_person, make_rating, make_workspace

PEOPLE = [
    make_person(
        f"{1000 + number}",
        department=("Revenue", "Transport", "Health")[number % 3],
        unit=("Data", "Records")[number % 2],
        role_level=("Data engineer", "Senior data engineer", "Service designer")[number % 5 % 3],
        grade=("HEO", "SEO", "G7")[number % 4 % 3],
    )
    for number in range(48)
]
RATINGS = [
    make_rating(f"{1000 + number}", skill, (number * 7 + len(skill)) % 5)
    for number, skill in product(range(48), ("Programming", "Data modelling", "Prototyping"))
    if (number + len(skill)) % 4
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = make_workspace(tmp_path / "frame.muster", roles=ROLES, people=PEOPLE, ratings=RATINGS)
    made.skills.set_tag(["Programming"], SkillTag.STRATEGIC)
    made.skills.set_tag(["Testing"], SkillTag.LEGACY)
    return made


@pytest.fixture
def framed(workspace: Workspace) -> Callable[..., FramedMap]:
    def made(**wish: object) -> FramedMap:
        asked = MapWish(**wish)  # type: ignore[arg-type]
        return framed_map(workspace.gaps, Scope(), asked, workspace.skills.marks())

    return made


DIMENSIONS = list(GapDimension)


def _needed(sums: dict[str, int]) -> dict[str, int]:
    """Rows in which nobody needs anything stay, columns do not."""
    return {label: count for label, count in sums.items() if count}


@pytest.mark.parametrize("rows", DIMENSIONS)
@pytest.mark.parametrize("columns", DIMENSIONS)
def test_any_two_dimensions_either_way_round(
    framed: Callable[..., FramedMap], rows: GapDimension, columns: GapDimension
) -> None:
    if rows is columns:
        return
    found, turned = framed(rows=rows, columns=columns), framed(rows=columns, columns=rows)
    for name in ("required", "assessed", "short", "levels_short"):
        cells = getattr(found.cells, name)
        assert cells[0, 0] == getattr(turned.cells, name)[0, 0]
        by_name = dict(zip(found.row_labels, cells[1:, 0].tolist(), strict=True))
        other = dict(zip(turned.column_labels, getattr(turned.cells, name)[0, 1:].tolist(), strict=True))
        assert _needed(by_name) == _needed(other)


def test_totals_stay_those_of_everything_when_something_is_left_out(framed: Callable[..., FramedMap]) -> None:
    whole = framed()
    for part in (framed(hides_met=True), framed(shows=SkillsShown.STRATEGIC)):
        assert part.cells.required[0, 0] == whole.cells.required[0, 0]
        kept = dict(zip(whole.row_labels, whole.cells.assessed[1:, 0].tolist(), strict=True))
        for label, total in zip(part.row_labels, part.cells.assessed[1:, 0].tolist(), strict=True):
            assert total == kept[label]


@pytest.mark.parametrize("order", list(HeatOrder))
def test_worst_come_first_in_rows_and_columns(framed: Callable[..., FramedMap], order: HeatOrder) -> None:
    found = framed(order=order)
    for short, assessed, levels, names in (
        (
            found.cells.short[1:, 0],
            found.cells.assessed[1:, 0],
            found.cells.levels_short[1:, 0],
            found.row_labels,
        ),
        (
            found.cells.short[0, 1:],
            found.cells.assessed[0, 1:],
            found.cells.levels_short[0, 1:],
            found.column_labels,
        ),
    ):
        if order is HeatOrder.NAME:
            assert list(names) == sorted(names, key=str.casefold)
        elif order is HeatOrder.MOST_LEVELS:
            assert sorted(levels.tolist(), reverse=True) == levels.tolist()
        else:
            shares = [part / whole if whole else -1 for part, whole in zip(short, assessed, strict=True)]
            assert sorted(shares, reverse=True) == shares


def test_groups_stand_together(framed: Callable[..., FramedMap]) -> None:
    found = framed(rows=GapDimension.UNIT, grouping=Grouping.FAMILY)
    assert [label.split(" / ")[0] for label in found.row_labels] == list(found.row_groups)
    for groups in (found.row_groups, found.column_groups):
        starts = [name for at, name in enumerate(groups) if not at or groups[at - 1] != name]
        assert len(starts) == len(set(starts))
    assert set(found.column_groups) == {"Data", "Design"}


def test_skills_are_found_by_tag_and_by_not_being_assessed(framed: Callable[..., FramedMap]) -> None:
    assert framed(shows=SkillsShown.STRATEGIC).column_labels == ("Programming",)
    assert framed(shows=SkillsShown.LEGACY).column_labels == ("Testing",)
    assert framed(shows=SkillsShown.NOT_ASSESSED).column_labels == ("Testing",)
    tagged = framed(grouping=Grouping.TAG)
    groups = dict(zip(tagged.column_labels, tagged.column_groups, strict=True))
    assert groups["Programming"] == "Strategic skills"
    assert groups["Testing"] == "Legacy skills"
    assert groups["Data modelling"] == "Other skills"


@pytest.mark.parametrize("rows", [GapDimension.DEPARTMENT, GapDimension.UNIT, GapDimension.GRADE])
def test_a_shared_screen_shows_no_count_of_one_to_four(
    framed: Callable[..., FramedMap], rows: GapDimension
) -> None:
    found = framed(rows=rows, is_shared=True)
    assert found.hidden is not None
    cells = found.cells
    parts = (
        cells.required,
        cells.assessed,
        cells.required - cells.assessed,
        cells.short,
        cells.assessed - cells.short,
    )
    for counts in parts:
        small = (counts > 0) & (counts < 5)
        assert not (small & ~found.hidden).any()
    assert framed(rows=rows).hidden is None


def test_a_shared_head_names_no_shortage_that_is_hidden(workspace: Workspace) -> None:
    head = gap_head(workspace.gaps, Scope(), GapDimension.UNIT, is_shared=True)
    hidden = {
        skill for skill, flag in zip(head.heatmap.skills, head.kept.columns.tolist(), strict=True) if flag
    }
    assert not hidden & {one.skill for one in head.shortages}
    for one in head.shortages:
        if one.worst_group:
            row = [group.label for group in head.heatmap.groups].index(one.worst_group)
            assert not head.kept.cells[row, head.heatmap.skills.index(one.skill)]
    for place, group in enumerate(head.heatmap.groups):
        if head.kept.rows[place]:
            assert head.is_hidden(group.key, "shares")
            assert head.furthest is None or head.furthest.key != group.key
    assert not np.isnan(head.heatmap.levels_to_close)
