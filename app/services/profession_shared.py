"""What of a profession may be shared: small counts hidden in every table, and what would give them away (rule 6).

The tables of one profession share totals: people of a role level stand in the pyramid and in the pipeline, everybody in
all of them. What is hidden of a total in one is hidden in the others, until nothing more follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.disclosure import FEWEST_SHOWN, Counts, Flags, Hidden, hidden_counts, hidden_list
from app.analysis.pipeline import Reach
from app.services.disclosed import hidden_cells
from app.services.profession import PipelineLine, ProfessionView, PyramidCell


@dataclass(frozen=True, slots=True, eq=False)
class HiddenProfession:
    """What must not be shown: flags beside the lines of a view, in their order.

    ``cells`` of the pyramid, ``levels`` and ``grades`` (its totals), ``reach`` [levels × Reach] and ``reach_totals``;
    by department ``departments`` (people), ``contractors``, ``figures`` (readiness and coverage), ``fully_ready`` and
    ``unmapped``; ``skills`` (totals over departments); the others are sums over everybody.
    """

    cells: tuple[bool, ...]
    levels: tuple[bool, ...]
    grades: tuple[bool, ...]
    reach: Flags
    reach_totals: tuple[bool, ...]
    departments: tuple[bool, ...]
    contractors: tuple[bool, ...]
    figures: tuple[bool, ...]
    fully_ready: tuple[bool, ...]
    unmapped: tuple[bool, ...]
    skills: tuple[bool, ...]
    total: bool
    contractors_total: bool
    unmapped_total: bool
    figures_total: bool
    entry: bool


def hidden_profession(view: ProfessionView) -> HiddenProfession:
    """What an aggregate of this view must not show."""
    grades = view.grades
    pyramid = _pyramid(view.pyramid, view.pipeline, grades)
    reach = np.array([line.reach for line in view.pipeline], np.int64).reshape(-1, len(Reach))
    kinds = np.array(
        [(one.counts.people - one.counts.contractors, one.counts.contractors) for one in view.departments],
        np.int64,
    ).reshape(-1, 2)
    levels, total = np.zeros(len(view.pipeline), np.bool_), False
    while True:
        shape, steps = _hidden(pyramid, levels, total=total), _hidden(reach, levels, total=total)
        places = _hidden(kinds, np.zeros(len(kinds), np.bool_), total=total)
        more, grand = shape.rows | steps.rows, shape.grand or steps.grand or places.grand
        if (more == levels).all() and grand == total:
            break
        levels, total = levels | more, total or grand
    heat = hidden_cells(view.heatmap)
    fully = hidden_list(np.array([one.group.fully_ready for one in view.departments], np.int64))[0]
    unmapped, unmapped_total = hidden_list(np.array([one.unmapped for one in view.departments], np.int64))
    place = {line.role_level_id: row for row, line in enumerate(view.pipeline)}
    entry = [bool(levels[row]) for row, line in enumerate(view.pipeline) if line.is_entry]
    return HiddenProfession(
        cells=tuple(
            bool(shape.cells[place[cell.role_level_id], grades.index(cell.grade)]) for cell in view.pyramid
        ),
        levels=tuple(levels.tolist()),
        grades=tuple(shape.columns.tolist()),
        reach=steps.cells,
        reach_totals=tuple(steps.columns.tolist()),
        departments=tuple(places.rows.tolist()),
        contractors=tuple((places.cells[:, 1] | places.rows).tolist()),
        figures=tuple((heat.rows | places.rows).tolist()),
        fully_ready=tuple((fully | places.rows).tolist()),
        unmapped=tuple(unmapped.tolist()),
        skills=tuple(heat.columns.tolist()),
        total=total,
        contractors_total=bool(places.columns[1]) or total,
        unmapped_total=unmapped_total or 0 < view.unmapped < FEWEST_SHOWN,
        figures_total=heat.grand,
        entry=any(entry) or 0 < view.entry.people < FEWEST_SHOWN,
    )


def _pyramid(cells: Sequence[PyramidCell], levels: Sequence[PipelineLine], grades: Sequence[str]) -> Counts:
    """People [role levels × grades]."""
    place = {line.role_level_id: row for row, line in enumerate(levels)}
    people = np.zeros((len(levels), len(grades)), np.int64)
    for cell in cells:
        people[place[cell.role_level_id], grades.index(cell.grade)] = cell.counts.people
    return people


def _hidden(people: Counts, rows: Flags, *, total: bool) -> Hidden:
    """Hide small counts of people, what would give them away, and the totals that are hidden elsewhere."""
    forced = np.zeros((people.shape[0] + 1, people.shape[1] + 1), np.bool_)
    forced[:-1, -1], forced[-1, -1] = rows, total
    return hidden_counts(people, forced)
