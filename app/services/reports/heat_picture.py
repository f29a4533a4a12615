"""The heat map of gaps as a picture's record: the worst skills first, the finding as its title."""

from __future__ import annotations

import numpy as np

from app.analysis.disclosure import SUPPRESSED, Hidden
from app.charts.heatmap import HeatCell, HeatPicture
from app.services.disclosed import hidden_cells
from app.services.gaps import Heatmap
from app.services.reports.gap_report import LOW_COVERAGE


def heat_picture(heatmap: Heatmap, most_skills: int) -> HeatPicture:
    """The skills with most levels short, departments furthest from ready first; small counts hidden."""
    kept = hidden_cells(heatmap)
    # skills with most figures that may be shown; among those the ones with most levels short
    shown = (~kept.cells & (heatmap.assessed > 0)).sum(axis=0)
    chosen = np.lexsort((-heatmap.levels_short.sum(axis=0), -shown))[:most_skills]
    skills = chosen[np.argsort(-heatmap.levels_short[:, chosen].sum(axis=0), kind="stable")]
    groups = sorted(range(len(heatmap.groups)), key=lambda row: _readiness(heatmap, row))
    cells = tuple(tuple(_cell(heatmap, kept, row, int(column)) for column in skills) for row in groups)
    return HeatPicture(
        title=_finding(heatmap, kept),
        rows=tuple(heatmap.groups[row].label for row in groups),
        columns=tuple(heatmap.skills[int(column)] for column in skills),
        cells=cells,
    )


def _readiness(heatmap: Heatmap, row: int) -> float:
    share = heatmap.groups[row].readiness
    return 2.0 if share is None else share


def _cell(heatmap: Heatmap, kept: Hidden, row: int, column: int) -> HeatCell | None:
    required, assessed = int(heatmap.required[row, column]), int(heatmap.assessed[row, column])
    if not required:
        return None
    if kept.cells[row, column]:
        return HeatCell(None, SUPPRESSED)
    if not assessed:
        return HeatCell(None, "–")
    share = int(heatmap.short[row, column]) / assessed
    return HeatCell(share, low_coverage=assessed < LOW_COVERAGE * required)


def _finding(heatmap: Heatmap, kept: Hidden) -> str:
    """The title: how much is met, and where most is missing, as far as that may be said."""
    totals = heatmap.totals
    if totals.readiness is None:
        return "Nobody is assessed yet"
    met = "Requirements met" if kept.grand else f"{totals.readiness:.0%} of assessed requirements met"
    levels = np.where(kept.columns, 0, heatmap.levels_short.sum(axis=0))
    if not levels.any():
        return met
    return f"{met}; most levels missing in {heatmap.skills[int(np.argmax(levels))]}"
