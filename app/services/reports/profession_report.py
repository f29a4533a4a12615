"""A profession as a workbook: departments side by side, pyramid, pipeline, skills; small counts hidden."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.analysis.disclosure import SUPPRESSED
from app.analysis.pipeline import Reach
from app.files.report import AboutLine, CellValue, Chart, Column, Report, Sheet
from app.files.report_sheets import SummaryLine, summary_sheet
from app.services.profession import REACH_WORDS, ProfessionView
from app.services.profession_rows import COLUMNS, REACH, rows_of, summary_of
from app.services.profession_shared import hidden_profession

_HEADERS = {
    "fte": "FTE",
    "contractor_share": "Contractors' share",
    "meeting": "Met",
    "readiness": "Requirements met",
    "coverage": "Coverage",
    "unmapped": "All people without a role",
    "is_entry": "Entry level",
    "seniority": "Level",
    "share_short": "Share short",
    **{reach.name.lower(): REACH_WORDS[reach].capitalize() for reach in Reach},
}
_KINDS: dict[str, Any] = {
    "fte": "fte",
    **dict.fromkeys(("contractor_share", "readiness", "coverage", "share_short"), "share"),
    **dict.fromkeys(("department", "role", "role_level", "grade", "next_level", "skill", "is_entry"), "text"),
}
_WIDTHS = {"department": 40, "role": 30, "role_level": 36, "next_level": 36, "skill": 48, "grade": 12}
_TITLES = {
    "departments": "The profession in every department",
    "pyramid": "People by role level and grade, most senior level of each role first",
    "pipeline": "How far people are from the next level of their role",
    "skills": "Skills of the profession, most levels short first",
}
_NOTES = {
    "pipeline": (
        "Ready now: every skill the next level requires is assessed and met.",
        "One step short: all of them are assessed, and one level is missing in one skill.",
        "Not assessed enough: at most one step is missing in what is assessed, but not everything is.",
    ),
}


def profession_report(view: ProfessionView, about: Sequence[AboutLine], made_at: datetime) -> Report:
    """The workbook of a role family. An aggregate: small counts hidden, nobody named."""
    kept = hidden_profession(view)
    parts = ("departments", "pyramid", "pipeline", "skills")
    sheets = [_summary(view), *(_sheet(part, rows_of(view, kept, part)) for part in parts)]
    note = f"{SUPPRESSED} stands for a figure that rests on 1 to 4 people, or that would give one away."
    return Report(
        title=f"Profession: {view.family}",
        sheets=tuple(sheets),
        made_at=made_at,
        about=(*about, AboutLine("Role family", view.family), AboutLine("Disclosure", note)),
        reading=(
            "Only confirmed and imported roles count; suggested ones never do.",
            "Requirements met: of those assessed. Coverage: of those required, the share that is assessed.",
        ),
    )


def _summary(view: ProfessionView) -> Sheet:
    kept = hidden_profession(view)
    found = summary_of(view, kept)
    lines = [
        SummaryLine("People", found["people"], "int", f"With a confirmed or imported role in {view.family}"),
        SummaryLine("FTE", found["fte"], "fte"),
        SummaryLine("Contractors", found["contractors"], "int"),
        SummaryLine("Contractors' share", found["contractor_share"], "share", "Of all people", 0),
        SummaryLine("At entry level", found["entry"], "int", "The most junior of several levels of a role"),
        SummaryLine("Requirements met", found["readiness"], "share", "Of those assessed", 0),
        SummaryLine("Coverage", found["coverage"], "share", "Assessed, of all that is required", 0),
        SummaryLine(
            "Ready for the next level", found["ready"], "int", "Everything it requires is assessed and met"
        ),
        SummaryLine("One step short of it", found["one_step"], "int"),
        SummaryLine("People without a role yet", found["unmapped"], "int", "In the departments of the scope"),
    ]
    shown = [one for one, is_hidden in zip(view.departments, kept.figures, strict=True)
             if not is_hidden and one.group.readiness is not None]  # fmt: skip
    lowest = min(shown, key=lambda one: (one.group.readiness or 0.0, one.department), default=None)
    finding = (
        "Readiness: too few people to show"
        if lowest is None
        else f"{lowest.department} is furthest from ready: {lowest.group.readiness or 0:.0%} of requirements met"
    )
    chart = Chart(
        kind="bar",
        title=finding,
        alt_text="Bars of the share of requirements met by department; the figures are on the sheet Departments.",
        categories="department",
        series=("readiness",),
        x_title="Department",
        y_title="Requirements met (of those assessed)",
        sheet="Departments",
        height_cm=7.5,
    )
    return summary_sheet(lines, title=f"{view.family} over all departments", charts=(chart,) if shown else ())


def _sheet(part: str, rows: Sequence[Sequence[Any]]) -> Sheet:
    names = COLUMNS[part]
    columns = tuple(
        Column(
            name,
            _HEADERS.get(name, name.replace("_", " ").capitalize()),
            _KINDS.get(name, "int"),
            width=_WIDTHS.get(name, 13),
            places=0 if _KINDS.get(name) == "share" else None,
            wrap=name in ("role", "role_level", "next_level"),
            heat=name == "share_short",
        )
        for name in names
    )
    return Sheet(
        part.capitalize(),
        columns,
        [tuple(_written(value) for value in row) for row in rows],
        title=_TITLES[part],
        notes=_NOTES.get(part, ()),
        empty_text="Nobody has a role here.",
        table_name=part.capitalize(),
        charts=_charts(part, rows),
    )


def _charts(part: str, rows: Sequence[Sequence[Any]]) -> tuple[Chart, ...]:
    if part != "pipeline" or not any(isinstance(value, int) and value for row in rows for value in row[7:]):
        return ()
    return (
        Chart(
            kind="stacked bar",
            title="How far people are from the next level, by role level",
            alt_text="Stacked bars of people by reach for each role level; the figures are in the table above.",
            categories="role_level",
            series=REACH,
            x_title="Role level",
            y_title="People",
            height_cm=max(9.0, 0.7 * len(rows)),
        ),
    )


def _written(value: Any) -> CellValue:
    return ("yes" if value else None) if isinstance(value, bool) else value
