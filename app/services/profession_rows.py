"""A profession as rows under stable names, for the command line and the workbook; hidden figures as [c]."""

from __future__ import annotations

from typing import Any

from app.analysis.disclosure import SUPPRESSED
from app.analysis.pipeline import Reach
from app.services.profession import ProfessionView
from app.services.profession_shared import HiddenProfession

REACH = tuple(reach.name.lower() for reach in Reach)
COLUMNS = {
    "departments": (
        "department", "people", "fte", "contractors", "contractor_share", "fully_ready", "required", "assessed",
        "meeting", "readiness", "coverage", "unmapped",
    ),
    "pyramid": ("role", "role_level", "seniority", "grade", "people", "fte", "contractors"),
    "pipeline": ("role", "role_level", "seniority", "is_entry", "next_level", "people", "fte", *REACH),
    "skills": ("skill", "required", "assessed", "meeting", "short", "levels_short", "coverage", "share_short"),
    "people": (
        "staff_id", "name", "department", "unit", "grade", "role", "role_level", "employment", "fte", "next_level",
        "reach", "required", "assessed", "met", "steps_missing",
    ),
}  # fmt: skip


def places_of(share: float | None) -> float | None:
    """A share to four places; None stays blank."""
    return None if share is None else round(share, 4)


def summary_of(view: ProfessionView, kept: HiddenProfession | None) -> dict[str, Any]:
    """The figures over the whole family."""

    def told(value: Any, is_hidden: bool) -> Any:
        return SUPPRESSED if kept is not None and is_hidden else value

    total, totals = bool(kept and kept.total), view.heatmap.totals
    reach = {
        reach.name.lower(): told(view.reach(reach), bool(kept and kept.reach_totals[reach]))
        for reach in Reach
    }
    figures, outside = bool(kept and kept.figures_total), bool(kept and kept.contractors_total)
    return {
        "role_family": view.family,
        "as_at": view.day,
        "people": told(view.counts.people, total),
        "fte": told(view.counts.fte, total),
        "contractors": told(view.counts.contractors, outside),
        "contractor_share": told(places_of(view.counts.contractor_share), outside),
        "entry": told(view.entry.people, bool(kept and kept.entry)),
        "readiness": told(places_of(totals.readiness), figures),
        "coverage": told(places_of(totals.coverage), figures),
        "unmapped": told(view.unmapped, bool(kept and kept.unmapped_total)),
        "suggested": told(view.suggested, 0 < view.suggested < 5),
        **reach,
    }


def rows_of(view: ProfessionView, kept: HiddenProfession | None, part: str) -> list[tuple[Any, ...]]:
    """The rows of one part under :data:`COLUMNS`, hidden figures as [c]."""
    makers = {"departments": _departments, "pyramid": _pyramid, "pipeline": _pipeline, "skills": _skills}
    return makers[part](view, kept)


def _held(values: tuple[Any, ...], is_hidden: bool) -> tuple[Any, ...]:
    return tuple(SUPPRESSED for _ in values) if is_hidden else values


def _departments(view: ProfessionView, kept: HiddenProfession | None) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for at, one in enumerate(view.departments):
        group = one.group
        outside = (one.counts.contractors, places_of(one.counts.contractor_share))
        figures = (
            group.required, group.assessed, group.meeting, places_of(group.readiness), places_of(group.coverage),
        )  # fmt: skip
        rows.append(
            (
                one.department,
                *_held((one.counts.people, one.counts.fte), bool(kept and kept.departments[at])),
                *_held(outside, bool(kept and kept.contractors[at])),
                *_held((group.fully_ready,), bool(kept and kept.fully_ready[at])),
                *_held(figures, bool(kept and kept.figures[at])),
                *_held((one.unmapped,), bool(kept and kept.unmapped[at])),
            )
        )
    return rows


def _pyramid(view: ProfessionView, kept: HiddenProfession | None) -> list[tuple[Any, ...]]:
    return [
        (
            cell.role, cell.role_level, cell.seniority, cell.grade,
            *_held((cell.counts.people, cell.counts.fte), bool(kept and kept.cells[at])),
            # who is outside is told by department; here only that nobody is
            *_held((cell.counts.contractors,), bool(kept and (kept.cells[at] or cell.counts.contractors))),
        )
        for at, cell in enumerate(view.pyramid)
    ]  # fmt: skip


def _pipeline(view: ProfessionView, kept: HiddenProfession | None) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for at, line in enumerate(view.pipeline):
        reach = [
            SUPPRESSED if kept is not None and kept.reach[at, place] else count
            for place, count in enumerate(line.reach)
        ]
        heads = _held((line.counts.people, line.counts.fte), bool(kept and kept.levels[at]))
        rows.append(
            (line.role, line.role_level, line.seniority, line.is_entry, line.next_level, *heads, *reach)
        )
    return rows


def _skills(view: ProfessionView, kept: HiddenProfession | None) -> list[tuple[Any, ...]]:
    """Most levels short first; hidden ones last, by name, because their place would say about them."""
    heat = view.heatmap
    rows: list[tuple[bool, int, str, tuple[Any, ...]]] = []
    for at, skill in enumerate(heat.skills):
        required, assessed, meeting, short, levels = (
            int(values[:, at].sum())
            for values in (heat.required, heat.assessed, heat.meeting, heat.short, heat.levels_short)
        )
        is_hidden = bool(kept and kept.skills[at])
        figures = (
            required, assessed, meeting, short, levels, places_of(assessed / required if assessed else None),
            places_of(short / assessed if assessed else None),
        )  # fmt: skip
        rows.append((is_hidden, 0 if is_hidden else -levels, skill, (skill, *_held(figures, is_hidden))))
    return [row for *_, row in sorted(rows, key=lambda entry: entry[:3])]
