"""Skill gaps as a workbook: heat map, figures, and for one unit by name the people behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from app.analysis.disclosure import FEWEST_SHOWN, SUPPRESSED, Hidden, hidden_list
from app.files.report import AboutLine, CellValue, Chart, Column, ColumnRows, Report, Sheet
from app.files.report_sheets import NOT_ASSESSED, CrossTab, SummaryLine, cross_tab_sheet, summary_sheet
from app.services.disclosed import hidden_cells, nothing_hidden
from app.services.gaps import GroupLine, Heatmap, PairLine

LOW_COVERAGE = 0.5
"""Below this share assessed a cell is marked as resting on few people."""


def gap_report(
    heatmap: Heatmap,
    about: Sequence[AboutLine],
    made_at: datetime,
    people: Sequence[PairLine] | None,
    more: Sequence[Sheet] = (),
) -> Report:
    """The gap workbook. ``people`` None: an aggregate, with small counts hidden and nobody named.

    ``more`` sheets come after the figures, before the people.
    """
    kept = nothing_hidden(heatmap) if people is not None else hidden_cells(heatmap)
    word = heatmap.dimension.value.replace("-", " ")
    sheets = [
        _summary(heatmap, kept, word),
        _heat_sheet(heatmap, kept, word),
        _levels_sheet(heatmap, kept, word),
    ]
    sheets += [_figures(heatmap, kept, word), _readiness(heatmap, kept, word)]
    sheets += more
    if people is not None:
        sheets.append(_people(people))
    note = (
        "Named output: it shows people. Share it only with those who need it."
        if people is not None
        else f"{SUPPRESSED} stands for a figure that rests on 1 to 4 people, or that would give one away."
    )
    return Report(
        title="Skill gaps",
        sheets=tuple(sheets),
        made_at=made_at,
        about=(*about, AboutLine("Disclosure", note)),
        reading=(
            "Share short: of the people assessed, the share below the level their role requires.",
            "Coverage: of the people whose role requires the skill, the share that is assessed.",
            "A blank cell: nobody's role there requires the skill. “not assessed”: required, and nobody is assessed.",
            "A figure with *: fewer than half of the people are assessed.",
        ),
    )


def _summary(heatmap: Heatmap, kept: Hidden, word: str) -> Sheet:
    totals = heatmap.totals
    whole: Any = SUPPRESSED if kept.grand else None
    unmapped = _total(heatmap, kept, "unmapped")
    rows = [
        SummaryLine(
            "Requirements met", whole or totals.readiness, "share", "Of those assessed, over all people", 0
        ),
        SummaryLine(
            "Assessed", whole or totals.coverage, "share", "Of all requirements of people with a role", 0
        ),
        SummaryLine("People", _total(heatmap, kept, "people"), "int", "In the scope"),
        SummaryLine("People without a role", unmapped, "int", "They are in no figure below"),
        SummaryLine("Levels to close", _levels_in_all(heatmap, kept), "int", "Over all people and skills"),
    ]
    table = "Readiness"
    charts = (
        Chart(
            kind="bar",
            title=_readiness_finding(heatmap, kept),
            alt_text=f"Bars of the share of requirements met by {word}; the figures are on the sheet Readiness.",
            categories="group",
            series=("readiness",),
            x_title=word.capitalize(),
            y_title="Requirements met (of those assessed)",
            sheet=table,
        ),
    )
    has_bars = bool(heatmap.groups) and not bool(kept.rows.all())
    return summary_sheet(rows, title="Where the gaps are", charts=charts if has_bars else ())


def _levels_in_all(heatmap: Heatmap, kept: Hidden) -> int | str:
    """All levels to close, unless so few cells are hidden that theirs could be guessed from it."""
    return SUPPRESSED if kept.grand or 0 < int(kept.cells.sum()) < FEWEST_SHOWN else heatmap.levels_to_close


def _readiness_finding(heatmap: Heatmap, kept: Hidden) -> str:
    shown = [
        (group.readiness, group.label)
        for place, group in enumerate(heatmap.groups)
        if group.readiness is not None and not kept.rows[place]
    ]
    if not shown:
        return "Readiness: too few people to show"
    lowest = min(shown)
    return f"{lowest[1]} is furthest from ready: {lowest[0]:.0%} of requirements met"


def _total(heatmap: Heatmap, kept: Hidden, name: str) -> int | str:
    counts = np.array([getattr(group, name) for group in heatmap.groups], dtype=np.int64)
    number = int(getattr(heatmap.totals, name))
    is_hidden = kept.is_aggregate and (0 < number < FEWEST_SHOWN or hidden_list(counts)[1])
    return SUPPRESSED if is_hidden else number


def _shares(heatmap: Heatmap, kept: Hidden) -> tuple[list[list[CellValue]], frozenset[tuple[int, int]]]:
    values: list[list[CellValue]] = []
    low: set[tuple[int, int]] = set()
    for row in range(len(heatmap.groups)):
        line: list[CellValue] = []
        for column in range(len(heatmap.skills)):
            required, assessed = int(heatmap.required[row, column]), int(heatmap.assessed[row, column])
            if kept.cells[row, column]:
                line.append(SUPPRESSED)
            elif not assessed:
                line.append(NOT_ASSESSED if required else None)
            else:
                line.append(int(heatmap.short[row, column]) / assessed)
                if assessed < LOW_COVERAGE * required:
                    low.add((row, column))
        values.append(line)
    return values, frozenset(low)


def _share_total(short: int, assessed: int, required: int, is_hidden: bool) -> CellValue:
    if is_hidden:
        return SUPPRESSED
    if not assessed:
        return NOT_ASSESSED if required else None
    return short / assessed


def _heat_sheet(heatmap: Heatmap, kept: Hidden, word: str) -> Sheet:
    values, low = _shares(heatmap, kept)
    over_skills = [
        _share_total(*_sums(heatmap, axis=1, place=place), bool(kept.rows[place]))
        for place in range(len(heatmap.groups))
    ]
    over_groups = [
        _share_total(*_sums(heatmap, axis=0, place=place), bool(kept.columns[place]))
        for place in range(len(heatmap.skills))
    ]
    totals = heatmap.totals
    grand = _share_total(totals.assessed - totals.meeting, totals.assessed, totals.required, kept.grand)
    tab = CrossTab(
        row_header=word.capitalize(),
        rows=tuple(group.label for group in heatmap.groups),
        columns=heatmap.skills,
        values=values,
        kind="share",
        places=0,
        low=low,
        row_totals=over_skills,
        column_totals=over_groups,
        grand_total=grand,
    )
    return cross_tab_sheet(
        tab,
        name="Heat map",
        title=f"Share of assessed people who are short, by {word} and skill",
        notes=(
            "Darker is worse. Blank: nobody's role requires the skill.",
            "* Fewer than half of the people are assessed.",
        ),
    )


def _sums(heatmap: Heatmap, *, axis: int, place: int) -> tuple[int, int, int]:
    pick: Any = (place, slice(None)) if axis == 1 else (slice(None), place)
    return (
        int(heatmap.short[pick].sum()),
        int(heatmap.assessed[pick].sum()),
        int(heatmap.required[pick].sum()),
    )


def _levels_sheet(heatmap: Heatmap, kept: Hidden, word: str) -> Sheet:
    values: list[list[CellValue]] = [
        [
            SUPPRESSED
            if kept.cells[row, column]
            else (None if not heatmap.required[row, column] else int(heatmap.levels_short[row, column]))
            for column in range(len(heatmap.skills))
        ]
        for row in range(len(heatmap.groups))
    ]
    # levels are bound to the people short of them, so no total of theirs is shown over a hidden cell
    rows = [
        SUPPRESSED if kept.cells[row].any() else int(heatmap.levels_short[row].sum())
        for row in range(len(heatmap.groups))
    ]
    columns = [
        SUPPRESSED if kept.cells[:, column].any() else int(heatmap.levels_short[:, column].sum())
        for column in range(len(heatmap.skills))
    ]
    tab = CrossTab(
        row_header=word.capitalize(),
        rows=tuple(group.label for group in heatmap.groups),
        columns=heatmap.skills,
        values=values,
        kind="int",
        row_totals=rows,
        column_totals=columns,
        grand_total=_levels_in_all(heatmap, kept),
        heat_top=None,
    )
    return cross_tab_sheet(tab, name="Levels short", title=f"Levels to close, by {word} and skill")


def _figures(heatmap: Heatmap, kept: Hidden, word: str) -> Sheet:
    """Every cell as a row, for filters and pivot tables."""
    places = [
        (row, column)
        for row in range(len(heatmap.groups))
        for column in range(len(heatmap.skills))
        if heatmap.required[row, column]
    ]

    def column_of(name: str) -> list[CellValue]:
        values: Any = getattr(heatmap, name)
        return [SUPPRESSED if kept.cells[place] else int(values[place]) for place in places]

    def share_of(part: Any, whole: Any) -> list[CellValue]:
        return [
            SUPPRESSED
            if kept.cells[place]
            else (int(part[place]) / int(whole[place]) if heatmap.assessed[place] else None)
            for place in places
        ]

    columns = (
        Column("group", word.capitalize(), width=34),
        Column("skill", "Skill", width=40),
        Column("required", "People required", "int", width=10),
        Column("assessed", "Assessed", "int", width=10),
        Column("meeting", "Meeting", "int", width=10),
        Column("short", "Short", "int", width=10),
        Column("levels", "Levels short", "int", width=10),
        Column("coverage", "Coverage", "share", width=10, places=0),
        Column("share", "Share short", "share", width=10, places=0, heat=True),
    )
    rows = ColumnRows(
        [
            [heatmap.groups[row].label for row, _ in places],
            [heatmap.skills[column] for _, column in places],
            column_of("required"),
            column_of("assessed"),
            column_of("meeting"),
            column_of("short"),
            column_of("levels_short"),
            share_of(heatmap.assessed, heatmap.required),
            share_of(heatmap.short, heatmap.assessed),
        ]
    )
    return Sheet(
        "Figures", columns, rows, title="Every figure as a row", table_name="Figures", freeze_columns=2
    )


def _readiness(heatmap: Heatmap, kept: Hidden, word: str) -> Sheet:
    columns = (
        Column("group", word.capitalize(), width=40),
        Column("people", "People", "int", width=10),
        Column("unmapped", "Without a role", "int", width=10),
        Column("ready", "Fully ready", "int", width=10),
        Column("readiness", "Requirements met", "share", width=12, places=0),
        Column("coverage", "Assessed", "share", width=12, places=0),
    )
    ordered = sorted(
        enumerate(heatmap.groups), key=lambda item: (item[1].readiness is None, item[1].readiness or 0)
    )
    counts = {name: _people_counts(heatmap, name, kept) for name in ("people", "unmapped", "fully_ready")}
    rows = [
        (
            group.label,
            *(counts[name][place] for name in counts),
            *_group_shares(group, bool(kept.rows[place])),
        )
        for place, group in ordered
    ]
    return Sheet(
        "Readiness", columns, rows, title=f"Requirements met, by {word}, lowest first", table_name="Readiness"
    )


def _people_counts(heatmap: Heatmap, name: str, kept: Hidden) -> list[CellValue]:
    """Counts of people by group; in an aggregate small ones are hidden, and a second where there is just one."""
    counts = np.array([getattr(group, name) for group in heatmap.groups], dtype=np.int64)
    if not kept.is_aggregate:
        return counts.tolist()
    mask, _ = hidden_list(counts)
    return [
        SUPPRESSED if is_hidden else number for number, is_hidden in zip(counts.tolist(), mask, strict=True)
    ]


def _group_shares(group: GroupLine, is_hidden: bool) -> tuple[CellValue, CellValue]:
    return (SUPPRESSED, SUPPRESSED) if is_hidden else (group.readiness, group.coverage)


def _people(people: Sequence[PairLine]) -> Sheet:
    columns = (
        Column("staff_id", "Staff id", width=11, total="count"),
        Column("name", "Name", width=22),
        Column("unit", "Unit", width=34, wrap=True),
        Column("grade", "Grade", width=8),
        Column("role_family", "Role family", width=20),
        Column("role_level", "Role level", width=26, wrap=True),
        Column("skill", "Skill", width=34, wrap=True),
        Column("held", "Held", "level", width=14),
        Column("required", "Required", "level", width=14),
        Column("gap", "Gap", "int", width=7, total="sum", heat=True, heat_top=4),
        Column("assessed_on", "Assessed on", "date", width=13),
        Column("assessed_by", "Assessed by", width=18),
    )
    rows = [
        tuple(
            value if value != "" else None
            for value in (
                line.staff_id, line.name, line.unit, line.grade, line.role_family, line.role_level, line.skill,
                NOT_ASSESSED if line.held is None else line.held, line.required, line.gap,
                line.assessed_on, line.assessed_by,
            )
        )
        for line in people
    ]  # fmt: skip
    return Sheet(
        "People", columns, rows, title="The people behind the figures", table_name="People", freeze_columns=2
    )
