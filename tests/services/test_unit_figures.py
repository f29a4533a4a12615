"""Figures of a unit beside its neighbours: equal to the gap table, and safe where every unit's are published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.analysis.disclosure import is_small
from app.services.gap_groups import GapDimension
from app.services.gaps import Gaps
from app.services.scope import Scope
from app.services.unit_figures import UnitFigures, UnitTables
from app.workspace import Workspace
from tests.builders import USER, clock
from tests.counts import share
from tests.services.random_organisations import make_case

FIGURES = ("required", "assessed", "meeting", "short", "levels_short")


def _cells(found: UnitFigures) -> dict[str, tuple[int, ...]]:
    """Skill -> figures of the unit, where anybody is required."""
    heatmap = found.heatmap
    rows = [getattr(heatmap, name)[found.own] for name in FIGURES]
    return {
        skill: tuple(int(row[at]) for row in rows) for at, skill in enumerate(heatmap.skills) if rows[0][at]
    }


def _check_figures(gaps: Gaps, found: UnitFigures) -> None:
    table = gaps.table(found.scope, GapDimension.SKILL)
    assert _cells(found) == {row.skill: tuple(getattr(row, name) for name in FIGURES) for row in table.rows}
    assert found.group.people == table.people
    assert found.group.unmapped == table.unmapped


def _check_small(found: UnitFigures) -> None:
    for skill, (required, assessed, meeting, short, _) in _cells(found).items():
        if skill not in found.hidden_skills:
            assert not is_small(np.array([required, assessed, required - assessed, meeting, short])).any(), (
                skill
            )
    if not found.is_row_hidden:
        group = found.group
        counts = [
            group.assessed,
            group.meeting,
            group.assessed - group.meeting,
            group.required - group.assessed,
        ]
        assert not is_small(np.array(counts)).any()
    for name in ("people", "unmapped", "fully_ready"):
        assert name in found.hidden_counts or not is_small(np.array([getattr(found.group, name)])).any()


def _check_neighbours(all_found: dict[str, UnitFigures]) -> None:
    """Nobody can take what is shown of the neighbours off the unit above and be left with one hidden figure."""
    for path, above in all_found.items():
        below = [one for one in all_found.values() if one.unit.parent_id == above.unit.unit_id]
        if not below:
            continue
        for skill, figures in _cells(above).items():
            if skill in above.hidden_skills:
                assert all(skill in one.hidden_skills for one in below if skill in _cells(one)), (path, skill)
                continue
            parts = [
                (_cells(one)[skill], skill in one.hidden_skills) for one in below if skill in _cells(one)
            ]
            direct = figures[0] - sum(part[0] for part, _ in parts)
            hidden = [part for part, is_hidden in parts if is_hidden]
            # who sits in the unit above itself is published nowhere, and so one more unknown where there is anybody
            assert len(hidden) != 1 or direct > 0, (path, skill)


@pytest.mark.parametrize("seed", range(share(20)))
def test_figures_of_every_unit_are_right_and_safe_together(tmp_path: Path, seed: int) -> None:
    case = make_case(tmp_path, 90_000 + seed)
    asked = case.question()
    scope = Scope((), asked.family, "", asked.day, asked.contractors)
    with Workspace.open(case.workspace, user=USER, clock=clock) as ws:
        tables = UnitTables(ws.gaps, scope)
        units = ws.gaps.base(asked.day).population.units.values()
        shared = {unit.path: tables.unit(unit.path, is_named=False) for unit in units}
        for path, found in shared.items():
            _check_figures(ws.gaps, found)
            _check_small(found)
            named = tables.unit(path, is_named=True)
            assert not named.hidden_skills
            assert path not in named.hidden_labels
        _check_neighbours(shared)
