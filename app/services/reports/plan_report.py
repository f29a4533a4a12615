"""A training plan as a workbook: what it gets, what to book, by person, team, course and pot, what stays open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from app.files.formulas import count_if, share_of, sum_if
from app.files.plan_sent import MARK_HEADER
from app.files.report import AboutLine, Cell, CellValue, Chart, Column, Report, Sheet
from app.files.report_sheets import LinesTable, SummaryLine, pots_sheet, summary_sheet
from app.services.reports.plan_sheets import (
    BOOKINGS_TABLE,
    OVER,
    WITHDRAWN,
    SentFrom,
    booking_sheet,
    courses_sheet,
    detail_mark,
    learner_sheet,
    manager_sheet,
    sent_as,
    sum_all,
    sum_counted,
    team_chart,
    total_of,
)
from app.services.training.grouping import EnrolmentView, enrolments_of
from app.services.training.records import CourseLine, PlanLineView, PlanView, UnmetView
from app.terms import FinancialQuarter, Funding, LineStatus

PLAN_TABLE = PLAN_SHEET = "Plan"
BUDGET_SHEET = "Budget by quarter and pot"

PLAN_COLUMNS = (
    Column("staff_id", "Staff id", width=11, total="count"),
    Column("name", "Name", width=22),
    Column("unit", "Unit", width=34, wrap=True),
    Column("grade", "Grade", width=8),
    Column("role_level", "Role level", width=26, wrap=True),
    Column("course_code", "Course code", width=12),
    Column("course", "Course", width=34, wrap=True),
    Column("provider", "Provider", width=20, wrap=True),
    Column("delivery", "Delivery", width=14),
    Column("quarter", "Quarter", "quarter", width=12),
    Column("skill", "Skill", width=28, wrap=True),
    Column("level_now", "Level now", "level", width=14),
    Column("level_after", "Level after", "level", width=14),
    Column("level_required", "Level required", "level", width=14),
    Column("steps_closed", "Steps closed", "int", width=8, total="sum"),
    Column("weight", "Weight", "decimal", width=8, places=2),
    Column("hours", "Hours", "decimal", width=9, places=1, total="sum"),
    Column("cost_gbp", "Cost", "money", width=13, total="sum"),
    Column("funding", "Paid from", width=18),
    Column("status", "Status", width=14),
    Column("reason", "Reason", width=60, wrap=True),
)

MENTOR_COLUMN = Column("mentor", "Mentor", width=24, wrap=True)
"""Only where somebody is mentored."""


def only(plan: PlanView, department: str) -> tuple[tuple[PlanLineView, ...], tuple[UnmetView, ...]]:
    """The lines and open needs of one department, or all where none is named."""
    if not department:
        return plan.lines, plan.unmet
    return (
        tuple(line for line in plan.lines if line.department == department),
        tuple(need for need in plan.unmet if need.department == department),
    )


def plan_report(
    plan: PlanView,
    about: Sequence[AboutLine],
    department: str = "",
    *,
    courses: Sequence[CourseLine] = (),
    sent_from: SentFrom | None = None,
) -> Report:
    """The workbook of a plan, whole or of one department.

    With ``sent_from`` it can be read back: it carries, out of sight, what was sent.
    """
    lines, unmet = only(plan, department)
    booked = enrolments_of(lines)
    quarters = _quarters(plan, lines)
    title = f"Training plan: {department}" if department else f"Training plan: {plan.title}"
    sheets = [
        _summary(plan, booked, unmet, department),
        booking_sheet(plan.plan_id, booked, courses, quarters),
        learner_sheet(plan.plan_id, booked),
        manager_sheet(booked, quarters),
        _by_course(booked),
        _budget(plan, booked, department),
        _still_open(unmet),
        _plan_sheet(plan.plan_id, lines),
        courses_sheet(booked, courses),
    ]
    if sent_from is not None:
        sheets.append(sent_as(plan.plan_id, plan.title, booked, sent_from))
    return Report(
        title=title,
        sheets=tuple(sheets),
        made_at=plan.made_at,
        about=(*about, *_about(plan, department)),
        reading=(
            (
                "To change the plan, edit the sheet Booking list and send the workbook back: it is read back into the "
                "program, which shows every change before it is made."
            ),
            "A step is one level of one skill: from awareness to working is one step.",
            "Costs and hours stand on the first row of each enrolment of the sheet Plan, so that sums are right.",
            "A price for a group is split over the people in it, to the penny.",
            "Skills nobody has assessed are not in the plan; assess them first.",
        ),
    )


def _about(plan: PlanView, department: str) -> tuple[AboutLine, ...]:
    summary, settings = plan.summary, plan.settings
    gap = "not known" if summary.gap_pct is None else f"{summary.gap_pct:.2f} %"
    budgets = "; ".join(budget.in_words() for budget in settings.budgets)
    proven = [wish for wish, is_proven in summary.stages if is_proven]
    last = plan.quarters[-1].label if plan.quarters else ""
    return (
        AboutLine("Department", department or "All departments in the plan"),
        AboutLine("Plan", f"{plan.title} ({plan.status})"),
        AboutLine("Scope", settings.scope.in_words()),
        AboutLine("Framework", plan.framework),
        AboutLine("Quarters", f"{plan.quarters[0].label} to {last}" if plan.quarters else ""),
        AboutLine("Money", budgets),
        AboutLine("Hours", f"{settings.hours_per_quarter:f} hours per person and quarter at the most"),
        *(AboutLine(heading, words) for heading, words in settings.limits.asked()),
        *(AboutLine("Worth knowing", note) for note in summary.notes),
        AboutLine("How good it is", _quality(summary.status, gap)),
        AboutLine("Proven", ", ".join(proven) or "no stage"),
        AboutLine(
            "Steps", f"{summary.steps_closed:,} of {summary.steps_open_before:,} closed by the whole plan"
        ),
        AboutLine("Made by", plan.made_by),
        AboutLine("Revision", str(plan.revision)),
    )


def _quality(status: str, gap: str) -> str:
    if status == "optimal":
        return "Proven: no other plan within these limits closes more weighted steps"
    return f"Within {gap} of the best there can be"


def _summary(
    plan: PlanView, lines: Sequence[EnrolmentView], unmet: Sequence[UnmetView], department: str
) -> Sheet:
    cost_total = total_of(lines, "Cost", "cost_gbp", WITHDRAWN)
    steps_total = total_of(lines, "Steps closed", "steps_closed")
    hours_total = total_of(lines, "Hours", "hours")
    cost, steps = sum_counted(lines, "cost_gbp"), sum_counted(lines, "steps_closed")
    planned = sum_all(lines, "cost_gbp")
    left = sum(need.level_required - need.level_after for need in unmet)
    going = [line for line in lines if not line.is_over]
    each = share_of(cost_total, steps_total, cost / steps if steps else None)
    rows = [
        SummaryLine("Skill steps closed", steps_total, "int", "One step is one level of one skill"),
        SummaryLine("Steps still open", left, "int", "See the sheet Still open for the reasons"),
        SummaryLine("Cost", cost_total, "money", "Over all pots, without what was given back"),
        SummaryLine(
            "Given back",
            sum_if(BOOKINGS_TABLE, "Cost", WITHDRAWN, planned - cost),
            "money",
            "What withdrawn lines had cost",
        ),
        SummaryLine("Cost of a step", each, "money", "Cost ÷ steps"),
        SummaryLine("Hours of learning", hours_total, "decimal", "Over everybody", 1),
        SummaryLine(
            "People in the plan",
            len({line.staff_id for line in going}),
            "int",
            "Each with at least one course",
        ),
        SummaryLine(
            "Courses in the plan",
            count_if(BOOKINGS_TABLE, (), len(going), unless=OVER),
            "int",
            "One for each person and course; none that was withdrawn or not attended",
        ),
    ]
    rows += _by_status(lines)
    what = department or "the whole plan"
    quarters = _quarters(plan, lines)
    charts = (*_cost_chart(lines, quarters, planned), *team_chart(lines, quarters))
    return summary_sheet(rows, title=f"What {what} gets for the money", charts=charts)


def _by_status(lines: Sequence[EnrolmentView]) -> list[SummaryLine]:
    follows, is_out = "Follows the status column of the booking list", "Not among the courses in the plan"
    told = (
        ("of them approved", LineStatus.APPROVED, follows),
        ("of them booked", LineStatus.BOOKED, follows),
        ("Withdrawn", LineStatus.WITHDRAWN, is_out),
        ("Did not attend", LineStatus.DID_NOT_ATTEND, is_out),
    )
    return [
        SummaryLine(
            name,
            count_if(
                BOOKINGS_TABLE,
                (("Status", status.value),),
                sum(line.status == status.value for line in lines),
            ),
            "int",
            meaning,
        )
        for name, status, meaning in told
    ]


def _cost_chart(
    lines: Sequence[EnrolmentView], quarters: Sequence[FinancialQuarter], planned: Decimal
) -> tuple[Chart, ...]:
    if not planned:
        return ()
    by_quarter: dict[FinancialQuarter, Decimal] = defaultdict(Decimal)
    for line in lines:
        by_quarter[line.quarter] += line.cost_gbp
    dearest = max(by_quarter.items(), key=lambda item: (item[1], -int(item[0])))
    return (
        Chart(
            kind="stacked column",
            title=f"{dearest[0].label} takes most of the money: £{dearest[1]:,.0f} of £{planned:,.0f} planned",
            alt_text="Planned cost by quarter, one part of each column for each pot; "
            "the figures are on the sheet Budget by quarter and pot.",
            categories="pot",
            series=tuple(quarter.code for quarter in quarters),
            x_title="Quarter",
            y_title="Planned cost (£)",
            height_cm=7.5,  # with the figures above it on one printed page
            sheet=BUDGET_SHEET,
            by_rows=True,
        ),
    )


def _pots(plan: PlanView, lines: Sequence[EnrolmentView]) -> list[str]:
    """The pots money was given for or is taken from, always with the learning budget."""
    given = {pot for pot, pounds in plan.settings.money_of_pots.items() if pounds} | {
        Funding.LEARNING_BUDGET.value
    }
    given |= {line.funding for line in lines if line.cost_gbp}
    return [pot.value for pot in Funding if pot.value in given]


def _plan_sheet(plan_id: int, lines: Sequence[PlanLineView]) -> Sheet:
    mark = Column("mark", MARK_HEADER, width=24, is_hidden=True)
    has_mentors = any(line.mentor for line in lines)
    columns = (*PLAN_COLUMNS, MENTOR_COLUMN) if has_mentors else PLAN_COLUMNS
    rows = [
        (*(_plain(getattr(line, column.key)) for column in columns), detail_mark(plan_id, line.line_id))
        for line in lines
    ]
    return Sheet(
        PLAN_SHEET,
        (*columns, mark),
        rows,
        title="Who takes which course when, skill by skill",
        empty_text="No course fits these limits; the sheet Still open says why.",
        table_name=PLAN_TABLE,
        freeze_columns=2,
    )


def _plain(value: Any) -> CellValue:
    return None if value == "" else value


def _by_course(lines: Sequence[EnrolmentView]) -> Sheet:
    """What to book: places for who still goes, and the money, also of places nobody took."""
    grouped: dict[tuple[str, FinancialQuarter], list[EnrolmentView]] = defaultdict(list)
    for line in lines:
        if line.status != LineStatus.WITHDRAWN.value:
            grouped[line.course_code, line.quarter].append(line)
    rows: list[tuple[CellValue, ...]] = []
    for key in sorted(grouped, key=lambda item: (item[0], int(item[1]))):
        enrolled = grouped[key]
        first = enrolled[0]
        going = [line for line in enrolled if not line.is_over]
        rows.append(
            (
                first.course_code, first.course, first.provider, first.delivery, key[1], len(going),
                sum(line.steps_closed for line in going), sum_counted(enrolled, "hours"),
                sum_counted(enrolled, "cost_gbp"), first.funding,
                "; ".join(sorted(line.name or line.staff_id for line in going)),
            )
        )  # fmt: skip
    columns = (
        Column("code", "Course code", width=12),
        Column("course", "Course", width=38, wrap=True),
        Column("provider", "Provider", width=22, wrap=True),
        Column("delivery", "Delivery", width=14),
        Column("quarter", "Quarter", "quarter", width=12),
        Column("places", "Places to book", "int", width=9, total="sum"),
        Column("steps", "Steps closed", "int", width=8, total="sum"),
        Column("hours", "Hours", "decimal", width=9, places=1, total="sum"),
        Column("cost", "Cost", "money", width=13, total="sum"),
        Column("funding", "Paid from", width=18),
        Column("who", "For whom", width=70, wrap=True),
    )
    return Sheet(
        "By course",
        columns,
        rows,
        title="What to book, when, for how many",
        table_name="ByCourse",
        freeze_columns=2,
    )


def _budget(plan: PlanView, lines: Sequence[EnrolmentView], department: str) -> Sheet:
    amounts: dict[tuple[str, FinancialQuarter], Decimal] = defaultdict(Decimal)
    returned: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        amounts[line.funding, line.quarter] += line.cost_gbp
        returned[line.funding] += line.cost_gbp - line.counted.cost_gbp
    budgets = {pot: plan.settings.money_of_pots.get(pot, Decimal(0)) for pot in _pots(plan, lines)}
    if department:
        # a department's workbook has no budget of its own: what it plans is what it may spend
        budgets = {
            pot: sum((amount for (own, _), amount in amounts.items() if own == pot), Decimal(0))
            for pot in budgets
        }
    table = LinesTable(BOOKINGS_TABLE, "Cost", "Paid from", "Quarter", given_back=WITHDRAWN)
    return pots_sheet(table, _quarters(plan, lines), amounts, budgets, name=BUDGET_SHEET, returned=returned)


def _quarters(
    plan: PlanView, lines: Sequence[PlanLineView] | Sequence[EnrolmentView]
) -> tuple[FinancialQuarter, ...]:
    """The quarters of the plan, and those of lines that were moved out of it."""
    return tuple(sorted({*plan.quarters, *(line.quarter for line in lines)}))


def _still_open(unmet: Sequence[UnmetView]) -> Sheet:
    columns = (
        Column("staff_id", "Staff id", width=11, total="count"),
        Column("name", "Name", width=22),
        Column("unit", "Unit", width=34, wrap=True),
        Column("skill", "Skill", width=30, wrap=True),
        Column("level_now", "Level now", "level", width=14),
        Column("level_after", "Level after the plan", "level", width=14),
        Column("level_required", "Level required", "level", width=14),
        Column("steps", "Steps open", "int", width=8, total="sum"),
        Column("reason", "Why it stays open", width=70, wrap=True),
    )
    rows = [
        (
            need.staff_id, need.name, need.unit, need.skill, need.level_now, need.level_after,
            need.level_required, need.level_required - need.level_after, Cell(need.reason),
        )
        for need in unmet
    ]  # fmt: skip
    return Sheet(
        "Still open",
        columns,
        rows,
        title="What stays below what is required, and why",
        empty_text="Nothing that is assessed stays open.",
        table_name="StillOpen",
        freeze_columns=2,
    )
