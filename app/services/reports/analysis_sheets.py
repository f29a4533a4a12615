"""Sheets of the gap workbook beside the gaps themselves: comparison, single points of failure, trend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.analysis.disclosure import SUPPRESSED
from app.analysis.trend import Part
from app.files.report import CellValue, Column, Sheet
from app.services.comparison import ComparisonLine, ComparisonView
from app.services.disclosed import FewHolders, HiddenTrend, hidden_comparison, hidden_trend
from app.services.resilience import SinglePoint
from app.services.trends import PART_WORDS, TrendLine, TrendView

_MEASURES = (
    ("required", "Required"),
    ("assessed", "Assessed"),
    ("meeting", "Met"),
    ("short", "Short"),
    ("levels_short", "Levels short"),
)


def comparison_sheet(view: ComparisonView, word: str, *, is_named: bool) -> Sheet:
    """Groups side by side with intervals and ranks; small ones hidden unless the workbook is a named one."""
    masks = (False,) * len(view.lines) if is_named else hidden_comparison(view)
    columns = (
        Column("group", word.capitalize(), width=40),
        Column("people", "People assessed", "int", width=10),
        Column("share", "Requirements met", "share", width=13, places=0),
        Column("low", "At least", "share", width=10, places=0),
        Column("high", "At most", "share", width=10, places=0),
        Column("rank", "Rank", width=10),
        Column("coverage", "Assessed", "share", width=10, places=0),
        Column("note", "Note", width=40),
    )
    rows = [_compared(line, is_hidden) for line, is_hidden in zip(view.lines, masks, strict=True)]
    # the place of a hidden line in the order would say about where its share lies
    rows.sort(key=lambda row: row[1] == SUPPRESSED)
    return Sheet(
        "Comparison",
        columns,
        rows,
        title=f"Requirements met by {word}, with {view.confidence:.0%} intervals",
        notes=(
            "The interval says how far the share may be off because only these people are assessed: people drawn anew.",
            "“2 to 4”: the intervals overlap, so that the places between cannot be told apart.",
        ),
        table_name="Comparison",
    )


def _compared(line: ComparisonLine, is_hidden: bool) -> tuple[CellValue, ...]:
    if is_hidden:
        return (line.group, *(SUPPRESSED for _ in range(6)), None)
    return (
        line.group, line.people, line.share, line.low, line.high, line.rank_words or None, line.coverage,
        line.note or None,
    )  # fmt: skip


def named_points_sheet(points: Sequence[SinglePoint], word: str) -> Sheet:
    """Single points of failure with the people they rest on: for named workbooks only."""
    columns = (
        Column("group", word.capitalize(), width=40, wrap=True),
        Column("skill", "Skill", width=34, wrap=True),
        Column("holders", "Held by", width=34, wrap=True),
        Column("levels", "Role levels that need it", width=50, wrap=True),
        Column("people", "People in them", "int", width=10),
        Column("now", "Requirements met", "share", width=13, places=0),
        Column("left", "Met without them", "share", width=13, places=0),
    )
    rows = [
        (
            point.group, point.skill, "; ".join(f"{one.name} ({one.staff_id})".strip() for one in point.holders),
            "; ".join(point.role_levels), point.people_requiring, point.readiness, point.readiness_left,
        )
        for point in points
    ]  # fmt: skip
    return Sheet(
        "Single points of failure",
        columns,
        rows,
        title="Skills held at practitioner or above by only one or two people",
        empty_text="No required skill rests on one or two people.",
        table_name="SinglePoints",
    )


def shared_points_sheet(lines: Sequence[FewHolders], word: str) -> Sheet:
    """How many skills of each group rest on one or two people, and nobody named."""
    columns = (
        Column("group", word.capitalize(), width=40),
        Column("people", "People", "int", width=10),
        Column("required", "Skills required", "int", width=12),
        Column("few", "Held by one or two", "int", width=12),
    )
    rows = [
        (
            line.group,
            *(
                SUPPRESSED if value is None else value
                for value in (line.people, line.skills_required, line.skills_held_by_few)
            ),
        )
        for line in lines
    ]
    return Sheet(
        "Single points of failure",
        columns,
        rows,
        title="How many skills are held at practitioner or above by only one or two people",
        table_name="SinglePoints",
    )


def trend_sheet(view: TrendView, word: str, *, is_named: bool) -> Sheet:
    """What changed between two days, in parts; the whole comes first."""
    hidden = None if is_named else hidden_trend(view)
    columns = (
        Column("group", word.capitalize(), width=40),
        Column("measure", "Measure", width=14),
        Column("before", "Before", "int", width=10),
        *(
            Column(part.name.lower(), PART_WORDS[part].capitalize(), "int", width=13, wrap=True)
            for part in Part
        ),
        Column("after", "After", "int", width=10),
        Column("change", "Change", "int", width=10),
    )
    rows = _trend_rows(view.total, "All", None if hidden is None else hidden.total.tolist())
    for place, line in enumerate(view.lines):
        rows += _trend_rows(line, line.group, _mask_of(hidden, place))
    return Sheet(
        "Trend",
        columns,
        rows,
        title=f"What changed from {_day(view.first)} to {_day(view.last)}",
        notes=(
            "Each pair of person and skill counts in the first part that applies; the parts add up to the change.",
        ),
        table_name="Trend",
        freeze_columns=2,
    )


def _day(day: date) -> str:
    """A day as people write it; strftime has no way without a leading nought that Windows shares."""
    return f"{day.day} {day:%B %Y}"


def _mask_of(hidden: HiddenTrend | None, place: int) -> list[bool] | None:
    return None if hidden is None else hidden.lines[place].tolist()


def _trend_rows(line: TrendLine, label: str, mask: list[bool] | None) -> list[tuple[CellValue, ...]]:
    """One row for each measure; the change is hidden with either day."""
    rows: list[tuple[CellValue, ...]] = []
    for name, word in _MEASURES:
        figures: list[CellValue] = [getattr(one, name) for one in (line.before, *line.parts, line.after)]
        change: CellValue = getattr(line.change, name)
        if mask is not None:
            change = SUPPRESSED if mask[0] or mask[-1] else change
            figures = [SUPPRESSED if one else figure for figure, one in zip(figures, mask, strict=True)]
        rows.append((label, word, *figures, change))
    return rows
