"""The readiness annex of contract exits for a Public Interest Test: cover, skills, FTE-months, options, assumptions.

Every percentage is a live formula over count columns of its own sheet. An aggregate hides few people; a named one,
asked for and marked, does not (PRODUCT, rule 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from app.analysis.disclosure import SUPPRESSED
from app.files.formulas import Criterion, share_of, sum_if
from app.files.report import AboutLine, CellValue, Column, Formula, Report, Sheet
from app.files.report_sheets import SummaryLine, summary_sheet
from app.services.workforce import Way
from app.services.workforce.exits import DAYS_A_YEAR, ContractCover, CoverLine, CoverOption

COVER, SKILLS, MONTHS = "Cover", "Skills", "Months"
WAY_WORDS = {
    Way.REDEPLOY: "Redeploy: people one too many elsewhere",
    Way.TRAIN: "Train: people near to the role level",
    Way.RECRUIT: "Recruit: campaigns",
    Way.CONTRACTOR: "Contractors at the day rate",
}
Numbered = tuple[str, ContractCover, CoverLine]
_HEAD = (
    Column("line", "Line", width=6),
    Column("contract", "Contract", width=30, wrap=True),
    Column("role_level", "Role level", width=24, wrap=True),
)


def readiness_annex(
    covers: Sequence[ContractCover], about: Sequence[AboutLine], made_at: datetime, *, named: bool = False
) -> Report:
    """The annex of these contracts."""
    lines: list[Numbered] = []
    for cover in covers:
        lines += [(f"L{len(lines) + at}", cover, line) for at, line in enumerate(cover.lines, start=1)]
    sheets = [
        _cover_sheet(lines, named=named),
        _skills_sheet(lines, named=named),
        _months_sheet(covers),
        _options_sheet(lines, named=named),
        _assumptions(covers),
    ]
    if named:
        sheets.append(_people_sheet(lines))
    title = "Readiness annex" if len(covers) != 1 else f"Readiness annex: {covers[0].name}"
    return Report(
        title=title,
        sheets=tuple(sheets),
        made_at=made_at,
        about=tuple(about),
        reading=(
            "Every percentage is a formula over the counts in the same row; the header of its column says which.",
            "[c] stands for figures of 1 to 4 people, and for a further line that would give them away.",
            "In post are civil servants of today who are not known to leave before the end.",
            "Free FTE is what is in post and not needed by other work in the first whole quarter after the end.",
        ),
    )


def _hides(line: CoverLine, *, named: bool) -> bool:
    return line.is_hidden and not named


def _share(table: str, line: str, part: str, whole: str, value: tuple[int, int]) -> Formula:
    """One count column of a row over another, blank where there is nothing to divide by."""
    where: tuple[Criterion, ...] = (("Line", line),)
    top, bottom = value
    return share_of(
        sum_if(table, part, where), sum_if(table, whole, where), top / bottom if bottom else None,
    )  # fmt: skip


def _fte(hundredths: int) -> Decimal:
    return Decimal(hundredths) / 100


def _cover_sheet(lines: Sequence[Numbered], *, named: bool) -> Sheet:
    columns = (
        *_HEAD,
        Column("department", "Department", width=22, wrap=True),
        Column("ends", "Ends", "date", width=12),
        Column("supplied", "FTE supplied", "fte", width=10, total="sum"),
        Column("retained", "FTE retained", "fte", width=10, total="sum"),
        Column("retained_share", "Retained of supplied", "share", width=11, places=1),
        Column("heads", "People in post", "int", width=9),
        Column("in_post", "FTE in post", "fte", width=9),
        Column("others", "FTE others need", "fte", width=10),
        Column("free", "FTE free", "fte", width=9),
        Column("covered", "FTE covered", "fte", width=10),
        Column("covered_share", "Covered of retained", "share", width=11, places=1),
        Column("short", "FTE short", "fte", width=9),
        Column("short_share", "Short of retained", "share", width=11, places=1),
    )
    rows: list[tuple[CellValue, ...]] = []
    for number, cover, line in lines:
        head = (
            number, cover.name, line.role_level, cover.contract.department or "anywhere", cover.contract.ends_on,
            _fte(line.supplied), _fte(line.retained),
            _share(COVER, number, "FTE retained", "FTE supplied", (line.retained, line.supplied)),
        )  # fmt: skip
        if _hides(line, named=named):
            rows.append((*head, *((SUPPRESSED,) * 8)))
            continue
        rows.append(
            (
                *head, line.heads, _fte(line.in_post), _fte(line.others_need), _fte(line.free), _fte(line.covered),
                _share(COVER, number, "FTE covered", "FTE retained", (line.covered, line.retained)),
                _fte(line.short), _share(COVER, number, "FTE short", "FTE retained", (line.short, line.retained)),
            )
        )  # fmt: skip
    return Sheet(
        "Cover after exit", columns, rows, title=_finding(lines, named=named), table_name=COVER, freeze_columns=3,
        empty_text="There is no contract.",
        notes=("Others are programmes, and contracts that end before: one person covers one contract.",),
    )  # fmt: skip


def _finding(lines: Sequence[Numbered], *, named: bool) -> str:
    """The answer in a sentence; without figures of people where a line must be hidden."""
    retained = sum(line.retained for _, _, line in lines)
    if any(_hides(line, named=named) for _, _, line in lines):
        return f"{_fte(retained):,.2f} FTE stay to be done after the exits"
    short = sum(line.short for _, _, line in lines)
    return f"{_fte(short):,.2f} of {_fte(retained):,.2f} FTE that stay to be done are not covered"


def _skills_sheet(lines: Sequence[Numbered], *, named: bool) -> Sheet:
    columns = (
        *_HEAD,
        Column("heads", "People in post", "int", width=9),
        Column("required", "Skills required", "int", width=10),
        Column("assessed", "Skills assessed", "int", width=10),
        Column("coverage", "Assessed of required", "share", width=11, places=1),
        Column("meeting", "Skills met", "int", width=10),
        Column("readiness", "Met of assessed", "share", width=11, places=1),
    )
    rows: list[tuple[CellValue, ...]] = []
    for number, cover, line in lines:
        head = (number, cover.name, line.role_level)
        if _hides(line, named=named):
            rows.append((*head, *((SUPPRESSED,) * 6)))
            continue
        rows.append(
            (
                *head, line.heads, line.required, line.assessed,
                _share(SKILLS, number, "Skills assessed", "Skills required", (line.assessed, line.required)),
                line.meeting, _share(SKILLS, number, "Skills met", "Skills assessed", (line.meeting, line.assessed)),
            )
        )  # fmt: skip
    return Sheet(
        "Skills of people in post", columns, rows, title="How ready the people in post are", table_name=SKILLS,
        notes=("Skills count once for each person of whom their role level asks them.",), freeze_columns=3,
    )  # fmt: skip


def _months_sheet(covers: Sequence[ContractCover]) -> Sheet:
    parts = ("Supplier", "Retained", "Released")
    columns = (
        Column("line", "Line", width=7),
        Column("contract", "Contract", width=30, wrap=True),
        Column("role_level", "Role level", width=24, wrap=True),
        Column("quarter", "Quarter", "quarter", width=13),
        Column("fte", "FTE under contract", "fte", width=11),
        Column("in", "FTE-months in", "fte", width=11, total="sum"),
        *(Column(name.lower(), name, "fte", width=11, total="sum") for name in parts),
        Column("out", "FTE-months out", "fte", width=11, total="sum"),
        Column("difference", "In less out", "fte", width=10, total="sum"),
    )
    rows: list[tuple[CellValue, ...]] = []
    for cover in covers:
        for one, months in cover.month_lines():
            number = f"M{len(rows) + 1}"
            where: tuple[Criterion, ...] = (("Line", number),)
            brought = sum_if(MONTHS, "FTE under contract", where)
            out = Formula("+".join(sum_if(MONTHS, name, where).text for name in parts), _fte(months.total))
            rows.append(
                (
                    number, cover.name, one.line.role_level, months.quarter, _fte(one.line.fte_hundredths),
                    Formula(f"ROUND(3*{brought.text},2)", _fte(3 * one.line.fte_hundredths)),
                    _fte(months.supplier), _fte(months.retained), _fte(months.released), out,
                    Formula(f"ROUND(3*{brought.text}-({out.text}),2)", Decimal(0)),
                )
            )  # fmt: skip
    return Sheet(
        "FTE-months", columns, rows, title="Every FTE-month that goes in comes out", table_name=MONTHS,
        notes=("Out is supplier, retained and released together.",), freeze_columns=4,
    )  # fmt: skip


def _options_sheet(lines: Sequence[Numbered], *, named: bool) -> Sheet:
    columns = (
        *_HEAD,
        Column("way", "Way", width=34, wrap=True),
        Column("people", "People or campaigns", "int", width=11),
        Column("fte", "FTE", "fte", width=8),
        Column("ready", "Ready from", "quarter", width=13),
        Column("cost", "Cost, first year", "money", width=15),
        Column("contractor", "The same at the day rate", "money", width=16),
    )
    rows = [
        (number, cover.name, line.role_level, WAY_WORDS[one.way], *_figures(line, one, named=named))
        for number, cover, line in lines
        for one in line.options
    ]
    return Sheet(
        "Options", columns, rows, title="Ways to close what stays short, each by itself", table_name="Options",
        notes=("Training and redeployment cost courses; pay goes on as it is. Somebody is counted for one line only.",),
        freeze_columns=3, empty_text="Nothing stays short.",
    )  # fmt: skip


def _figures(line: CoverLine, one: CoverOption, *, named: bool) -> tuple[CellValue, ...]:
    if _hides(line, named=named) or (one.is_few and not named):
        return (SUPPRESSED,) * 5
    return one.people, one.fte, one.ready, one.cost_gbp, one.contractor_gbp


def _assumptions(covers: Sequence[ContractCover]) -> Sheet:
    lines: list[SummaryLine] = []
    if covers:
        limits = covers[0].limits
        lines = [
            SummaryLine("As at", covers[0].day, "date", "People, roles and assessments of this day."),
            SummaryLine("Year's pay of a recruit", limits.pay_gbp, "money", "With on-costs."),
            SummaryLine("Cost of one campaign", limits.campaign_gbp, "money", "Whether anybody comes or not."),
            SummaryLine("Day rate where none is given", limits.day_rate_gbp, "money", "Else the contract's own."),
            SummaryLine("Days paid in a year", DAYS_A_YEAR, "int", "260 weekdays less holidays and leave."),
            SummaryLine("Most steps to learn", limits.steps, "int", "A step is one level of one skill."),
            SummaryLine(
                "Hours of learning a quarter", limits.hours_per_quarter, "decimal", "Sets how soon somebody is ready."
            ),
        ]  # fmt: skip
        assumed = sum(line.is_assumed for one in covers for line in one.lines)
        lines.append(
            SummaryLine(
                "Lines without a retained share", assumed, "int", "All of their work is taken to stay."
            )
        )
    lines.append(
        SummaryLine(
            "Sources", "The workspace", "text",
            "Contracts as loaded; people from HR extracts; skills from assessments; needs from the strategy.",
        )
    )  # fmt: skip
    return summary_sheet(lines, name="Assumptions and sources", title="What the figures rest on")


def _people_sheet(lines: Sequence[Numbered]) -> Sheet:
    columns = (
        *_HEAD,
        Column("staff_id", "Staff id", width=11, total="count"),
        Column("name", "Name", width=22),
        Column("unit", "Unit", width=34, wrap=True),
        Column("grade", "Grade", width=8),
        Column("fte", "FTE", "fte", width=8, total="sum"),
        Column("required", "Skills required", "int", width=10, total="sum"),
        Column("assessed", "Skills assessed", "int", width=10, total="sum"),
        Column("meeting", "Skills met", "int", width=10, total="sum"),
    )
    rows = [
        (number, cover.name, line.role_level, one.staff_id, one.name, one.unit, one.grade, one.fte, one.required,
         one.assessed, one.meeting)
        for number, cover, line in lines
        for one in line.people
    ]  # fmt: skip
    return Sheet(
        "People in post", columns, rows, title="Who is in post today", table_name="People", freeze_columns=3
    )
