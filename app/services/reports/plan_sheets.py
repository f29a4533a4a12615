"""Sheets of a plan's workbook that people work with: booking list, learner view, manager view, courses, as sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.files.formulas import Criterion, count_if, sum_if
from app.files.plan_cells import course_label, fixed_text
from app.files.plan_sent import (
    BOOKING,
    DETAIL,
    LEARNER,
    MARK_HEADER,
    Mark,
    Sent,
    SentLine,
    as_sent,
    kept,
    sent_sheet,
)
from app.files.report import CellValue, Chart, Column, Formula, Sheet
from app.services.training.grouping import EnrolmentView
from app.services.training.records import CourseLine
from app.terms import Delivery, FinancialQuarter, LineStatus, level_word

BOOKINGS_TABLE = "Bookings"
BOOKING_SHEET, MANAGER_SHEET = "Booking list", "Manager view"
WITHDRAWN = (("Status", LineStatus.WITHDRAWN.value),)
OVER = (*WITHDRAWN, ("Status", LineStatus.DID_NOT_ATTEND.value))
"""What closes nothing any more; of it only what was withdrawn gives its money back."""
NO_UNIT = "No unit any more"
_LONGEST_CRITERION = 240
_MOST_TEAMS_SHOWN = 12
_OUT_OF_SIGHT = Column("mark", MARK_HEADER, width=24, is_hidden=True)

LEARNING_KINDS = {
    Delivery.ON_THE_JOB.value: "on the job (70)",
    Delivery.MENTORING.value: "from others (20)",
}
"""Kinds of learning after 70:20:10; every other delivery is formal learning."""
FORMAL = "formal (10)"


@dataclass(frozen=True, slots=True)
class SentFrom:
    """Where a workbook is sent from: what of it, and the newest action of the workspace."""

    department: str
    action_id: int
    fingerprint: str
    revision: int


def raises(one: EnrolmentView) -> str:
    """What a line raises, skill by skill, in words."""
    return "; ".join(
        f"{line.skill}: {level_word(line.level_now)} to {level_word(line.level_after)}" for line in one.skills
    )


def team_of(one: EnrolmentView) -> str:
    """The unit of a line's person; somebody who left has none."""
    return as_sent(one.unit) or NO_UNIT


def booking_columns(courses: Sequence[str], quarters: Sequence[FinancialQuarter]) -> tuple[Column, ...]:
    """The columns of the booking list; quarter, course, status and comment are there to be edited."""
    return (
        Column("staff_id", "Staff id", width=11, total="count"),
        Column("name", "Name", width=18, wrap=True),
        Column("quarter", "Quarter", "quarter", width=13, choices=tuple(q.label for q in quarters)),
        Column("course", "Course", width=32, wrap=True, choices=tuple(courses)),
        Column("status", "Status", width=14, choices=tuple(status.value for status in LineStatus)),
        Column("comment", "Comment", width=24, wrap=True),
        Column("raises", "What it raises", width=32, wrap=True),
        Column("steps_closed", "Steps closed", "int", width=9, total="sum"),
        Column("hours", "Hours", "decimal", width=9, places=1, total="sum"),
        Column("cost_gbp", "Cost", "money", width=13, total="sum"),
        Column("funding", "Paid from", width=15, wrap=True),
        Column("unit", "Unit", width=26, wrap=True),
        _OUT_OF_SIGHT,
    )


_EDITABLE = frozenset({"staff_id", "quarter", "course", "status", "comment", "mark"})
_VALUES: dict[str, Callable[[EnrolmentView], CellValue]] = {
    "staff_id": lambda one: one.staff_id,
    "name": lambda one: one.name or None,
    "quarter": lambda one: one.quarter,
    "course": lambda one: course_label(one.course_code, one.course),
    "status": lambda one: one.status,
    "comment": lambda one: as_sent(one.comment) or None,
    "raises": lambda one: raises(one) or None,
    "steps_closed": lambda one: one.steps_closed,
    "hours": lambda one: one.hours,
    "cost_gbp": lambda one: one.cost_gbp,
    "funding": lambda one: one.funding,
    "unit": team_of,
}


def course_choices(lines: Sequence[EnrolmentView], courses: Sequence[CourseLine]) -> tuple[str, ...]:
    """What the course drop-down offers: the catalogue and what is in the plan already."""
    named = {line.course_code: line.course for line in lines}
    named |= {course.code: course.title for course in courses if course.is_offered}
    return tuple(course_label(code, named[code]) for code in sorted(named))


def booking_sheet(
    plan_id: int,
    lines: Sequence[EnrolmentView],
    courses: Sequence[CourseLine],
    quarters: Sequence[FinancialQuarter],
) -> Sheet:
    """The list to edit: a row per person and course."""
    columns = booking_columns(course_choices(lines, courses), quarters)
    rows = [
        (
            *(_VALUES[column.key](one) for column in columns[:-1]),
            str(Mark(BOOKING, plan_id, one.line_id)),
        )
        for one in lines
    ]
    return Sheet(
        BOOKING_SHEET,
        columns,
        rows,
        title="What to book: edit here, then send the workbook back",
        notes=(
            (
                "Change quarter, course, status or comment; delete a row to take it out; add a row below for a "
                "new line (staff id, quarter, course)."
            ),
            (
                "Sort, filter and move columns as you like. Hours and cost of a changed course are worked out when the "
                "workbook is read back."
            ),
            "The last row adds up the rows shown, those that are over as well; the other sheets leave those out.",
        ),
        empty_text="No course fits these limits; the sheet Still open says why.",
        table_name=BOOKINGS_TABLE,
        freeze_columns=2,
    )


def sent_as(plan_id: int, title: str, lines: Sequence[EnrolmentView], sent_from: SentFrom) -> Sheet:
    """The hidden sheet with everything as sent."""
    fixed = [column for column in booking_columns((), ()) if column.key not in _EDITABLE]
    return sent_sheet(
        Sent(
            plan_id,
            title,
            sent_from.department,
            sent_from.revision,
            sent_from.action_id,
            sent_from.fingerprint,
            tuple(column.header for column in fixed),
            tuple(
                SentLine(
                    one.line_id,
                    one.staff_id,
                    one.name,
                    one.course_code,
                    one.course,
                    one.quarter.code,
                    one.status,
                    kept(one.comment),
                    tuple(kept(fixed_text(_VALUES[column.key](one))) for column in fixed),
                )
                for one in lines
            ),
        )
    )


def detail_mark(plan_id: int, line_id: int) -> str:
    """The mark of a row of the sheet with a row per skill."""
    return str(Mark(DETAIL, plan_id, line_id))


def learner_sheet(plan_id: int, lines: Sequence[EnrolmentView]) -> Sheet:
    """Person by person, in the order of time: what, when, what for, why."""
    columns = (
        Column("staff_id", "Staff id", width=11, total="count"),
        Column("name", "Name", width=18, wrap=True),
        Column("role_level", "Role level", width=20, wrap=True),
        Column("quarter", "Quarter", "quarter", width=12),
        Column("course", "Course", width=28, wrap=True),
        Column("learning", "Kind of learning", width=16, wrap=True),
        Column("delivery", "Delivery", width=12, wrap=True),
        Column("raises", "What it raises", width=30, wrap=True),
        Column("hours", "Hours", "decimal", width=9, places=1, total="sum"),
        Column("cost", "Cost", "money", width=13, total="sum"),
        Column("reason", "Why", width=42, wrap=True),
        _OUT_OF_SIGHT,
    )
    ordered = sorted(
        lines, key=lambda one: (one.name.casefold(), one.staff_id, int(one.quarter), one.course_code)
    )
    rows = [
        (
            one.staff_id, one.name or None, one.role_level or None, one.quarter, one.course,
            LEARNING_KINDS.get(one.delivery, FORMAL), one.delivery or None, raises(one) or None, one.hours,
            one.cost_gbp, one.reason or None, str(Mark(LEARNER, plan_id, one.line_id)),
        )
        for one in ordered
    ]  # fmt: skip
    return Sheet(
        "Learner view", columns, rows, title="Person by person: what, when and why", table_name="Learners",
        freeze_columns=2,
    )  # fmt: skip


def manager_sheet(lines: Sequence[EnrolmentView], quarters: Sequence[FinancialQuarter]) -> Sheet:
    """Team by quarter: hours away and cost, as live sums over the booking list."""
    teams: dict[str, list[EnrolmentView]] = defaultdict(list)
    for one in lines:
        teams[team_of(one)].append(one)
    columns = [
        Column("team", "Team", width=40, wrap=True),
        Column("people", "People", "int", width=9),
        Column("courses", "Courses", "int", width=9, total="sum"),
    ]
    columns += [
        Column(f"hours {q.code}", f"Hours {q.label}", "decimal", width=12, places=1, total="sum")
        for q in quarters
    ]
    columns += [Column("hours", "Hours", "decimal", width=11, places=1, total="sum")]
    columns += [Column(f"cost {q.code}", f"Cost {q.label}", "money", width=13, total="sum") for q in quarters]
    columns += [Column("cost", "Cost", "money", width=14, total="sum")]
    ordered = sorted(teams, key=lambda team: (-sum_counted(teams[team], "hours"), team))
    return Sheet(
        MANAGER_SHEET,
        tuple(columns),
        [_team_row(team, teams[team], quarters) for team in ordered],
        title="Each team by quarter: who is away for how long, and what it costs",
        notes=(
            (
                "Hours and cost stand in the quarter in which a course starts and follow the booking list. "
                "What was withdrawn counts nothing; what nobody attended counts its cost only."
            ),
        ),
        table_name="Teams",
    )


def sum_all(lines: Sequence[EnrolmentView], what: str) -> Decimal:
    """One figure of the lines added up."""
    return sum((Decimal(getattr(one, what)) for one in lines), Decimal(0))


def sum_counted(lines: Sequence[EnrolmentView], what: str) -> Decimal:
    """One figure of the lines added up as everywhere: without what is over, but for money that was spent."""
    return sum((Decimal(getattr(one.counted, what)) for one in lines), Decimal(0))


def _team_row(
    team: str, lines: Sequence[EnrolmentView], quarters: Sequence[FinancialQuarter]
) -> tuple[CellValue, ...]:
    by_team = (("Unit", team),)

    def live(
        header: str, what: str, quarter: FinancialQuarter | None, unless: tuple[Criterion, ...]
    ) -> CellValue:
        own = [one for one in lines if quarter is None or one.quarter == quarter]
        value = sum_counted(own, what)
        if len(team) > _LONGEST_CRITERION:
            return value  # Excel takes no longer text in a formula
        when = () if quarter is None else (("Quarter", quarter.label),)
        return sum_if(BOOKINGS_TABLE, header, (*by_team, *when), value, unless=unless)

    booked = sum(not one.is_over for one in lines)
    courses: CellValue = booked
    if len(team) <= _LONGEST_CRITERION:
        courses = count_if(BOOKINGS_TABLE, by_team, booked, unless=OVER)
    return (
        team,
        len({one.person_id for one in lines if not one.is_over}),
        courses,
        *(live("Hours", "hours", quarter, OVER) for quarter in quarters),
        live("Hours", "hours", None, OVER),
        *(live("Cost", "cost_gbp", quarter, WITHDRAWN) for quarter in quarters),
        live("Cost", "cost_gbp", None, WITHDRAWN),
    )


def team_chart(lines: Sequence[EnrolmentView], quarters: Sequence[FinancialQuarter]) -> tuple[Chart, ...]:
    """Hours by team, a part of each bar for each quarter; none where nobody learns for an hour."""
    hours: dict[str, Decimal] = defaultdict(Decimal)
    for one in lines:
        if not one.is_over:
            hours[team_of(one)] += one.hours
    total = sum(hours.values(), Decimal(0))
    if not total:
        return ()
    most = min(hours, key=lambda team: (-hours[team], team))
    shown = min(len(hours), _MOST_TEAMS_SHOWN)
    of_all = f"the {shown} teams with most hours of {len(hours)}" if len(hours) > shown else "every team"
    return (
        Chart(
            kind="stacked bar",
            title=f"{most.rpartition(' / ')[2]} learns most: {hours[most]:,.0f} of {total:,.0f} hours",
            alt_text=f"Hours of learning of {of_all}, one part of each bar for each quarter; the figures are on the "
            f"sheet {MANAGER_SHEET}.",
            categories="team",
            series=tuple(f"hours {quarter.code}" for quarter in quarters),
            x_title="",
            y_title="Hours of learning",
            sheet=MANAGER_SHEET,
            first_rows=shown,
            height_cm=max(9.0, 3.5 + shown * 0.9),
        ),
    )


def courses_sheet(lines: Sequence[EnrolmentView], courses: Sequence[CourseLine]) -> Sheet:
    """The catalogue, so that a swap can be chosen with open eyes."""
    columns = (
        Column("code", "Course code", width=13),
        Column("title", "Course", width=40, wrap=True),
        Column("provider", "Provider", width=22, wrap=True),
        Column("delivery", "Delivery", width=15),
        Column("raises", "What it raises", width=54, wrap=True),
        Column("hours", "Hours", "decimal", width=9, places=1),
        Column("each", "Price for each", "money", width=13),
        Column("group", "Price for a group", "money", width=13),
        Column("size", "Group", width=12),
        Column("funding", "Paid from", width=18),
        Column("planned", "In this plan", "int", width=9, total="sum"),
    )
    planned: dict[str, int] = defaultdict(int)
    for one in lines:
        planned[one.course_code] += not one.is_over
    rows = [
        (
            course.code, course.title, course.provider or None, course.delivery or None,
            "; ".join(f"{skill}: {level_word(low)} to {level_word(high)}" for skill, low, high in course.outcomes),
            course.hours, course.cost_per_person, course.cost_per_cohort, course.group or None, course.funding,
            planned.get(course.code, 0),
        )
        for course in courses
        if course.is_offered or course.code in planned
    ]  # fmt: skip
    return Sheet(
        "Courses", columns, rows, title="What there is to choose from", table_name="Catalogue",
        empty_text="The catalogue is empty.", freeze_columns=2,
    )  # fmt: skip


def total_of(
    lines: Sequence[EnrolmentView], header: str, what: str, unless: tuple[Criterion, ...] = OVER
) -> Formula:
    """A live total over the booking list, as the program counts it: without what is over."""
    return sum_if(BOOKINGS_TABLE, header, (), sum_counted(lines, what), unless=unless)
