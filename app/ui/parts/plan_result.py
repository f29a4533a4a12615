"""A training plan as it came out: what the money buys, the lines, what stays open and why, the wishes for the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHeaderView, QSizePolicy, QTabWidget, QWidget

from app.services.training import LineWish, PlanView, UnmetView
from app.services.training.grouping import (
    EnrolmentView,
    PlanGroup,
    PlanGrouping,
    PotSpend,
    ReasonGroup,
    belongs,
    enrolments,
    grouped,
    pots,
    reason_kind,
    unmet_by_reason,
)
from app.services.training.records import PlanSummary
from app.services.training.team_calendar import TeamCalendar, TeamQuarter
from app.terms import FinancialQuarter
from app.ui.formats import day, money, people, share, whole
from app.ui.parts.line_list import Line, LineList
from app.ui.parts.plan_calendar import PlanCalendar
from app.ui.parts.plan_line_bar import PlanLineBar
from app.ui.parts.plan_money import PlanMoney
from app.ui.parts.plan_running import steps
from app.ui.parts.tile_row import TileRow
from app.ui.parts.views import Views
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import FigureTile, button, label, line, rows

TILES_IN_ONE_ROW = 640

LINE_COLUMNS = (
    Column("name", "Name", width=152),
    Column("staff_id", "Staff id", width=88, is_shown=False),
    Column("course", "Course", width=240),
    Column("quarter_label", "Quarter", width=96),
    Column("raises", "Raises", width=176),
    Column("steps_closed", "Steps", "int", width=64),
    Column("hours", "Hours", "decimal", width=72),
    Column("cost_gbp", "Cost", "money", width=96),
    Column("funding", "Paid from", width=136, is_shown=False),
    Column("department", "Department", width=208, is_shown=False),
    Column("unit", "Unit", width=240, is_shown=False),
    Column("role_level", "Role level", width=176, is_shown=False),
    Column("status", "Status", width=96),
)
UNMET_COLUMNS = (
    Column("name", "Name", width=152),
    Column("staff_id", "Staff id", width=88, is_shown=False),
    Column("department", "Department", width=200),
    Column("skill", "Skill", width=208),
    Column("level_now", "Now", "level", width=112),
    Column("level_after", "After the plan", "level", width=112),
    Column("level_required", "Required", "level", width=112),
    Column("reason", "Why it stays open", width=420),
)
WISH_COLUMNS = (
    Column("staff_id", "Staff id", width=120),
    Column("course_code", "Course code", width=140),
    Column("quarter", "Quarter", width=120),
    Column("wish", "Wish", width=320),
)
_GROUP_TAIL = (
    Column("people", "People", "int", width=80),
    Column("enrolments", "Courses planned", "int", width=136),
    Column("steps_closed", "Steps closed", "int", width=112),
    Column("hours", "Hours", "decimal", width=88),
    Column("cost_gbp", "Cost", "money", width=112),
)
_GROUP_HEADS: dict[PlanGrouping, tuple[Column, ...]] = {
    PlanGrouping.PERSON: (
        Column("label", "Name", width=176),
        Column("detail", "Role and department", width=320),
    ),
    PlanGrouping.COURSE: (Column("label", "Course", width=320), Column("detail", "Provider", width=176)),
    PlanGrouping.QUARTER: (Column("label", "Quarter", width=160),),
    PlanGrouping.DEPARTMENT: (Column("label", "Department", width=320),),
}
_GROUPINGS: tuple[tuple[PlanGrouping | None, str], ...] = (
    (None, "Line by line"),
    (PlanGrouping.PERSON, "By person"),
    (PlanGrouping.COURSE, "By course"),
    (PlanGrouping.QUARTER, "By quarter"),
    (PlanGrouping.DEPARTMENT, "By department"),
)


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan with what the page shows of it, prepared on a worker."""

    plan: PlanView
    lines: tuple[EnrolmentView, ...]
    reasons: tuple[ReasonGroup, ...]
    pots: tuple[PotSpend, ...]

    @classmethod
    def of(cls, plan: PlanView) -> ShownPlan:
        """Prepare a plan."""
        return cls(plan, enrolments(plan), unmet_by_reason(plan), pots(plan))


@dataclass(frozen=True, slots=True)
class WishLine:
    """A wish as a row."""

    staff_id: str
    course_code: str
    quarter: str
    wish: str
    record: LineWish


def quality(summary: PlanSummary) -> tuple[str, str]:
    """How good the plan is known to be: a figure and a sentence."""
    most = f"No plan within these limits closes more than {steps(summary.bound)} steps"
    if summary.gap_pct is None:
        return "Not known", "No limit was proven in the time given"
    if summary.gap_pct == 0:
        return "Best possible", "Proven: no plan within these limits closes more"
    gap = "under 0.1" if summary.gap_pct < 0.05 else f"{summary.gap_pct:.1f}"
    return f"Within {gap} %", f"of the best possible. {most}"


def answer(summary: PlanSummary) -> str:
    """What you get for the money in one sentence."""
    if not summary.steps_open_before:
        return "Nobody assessed here is short of anything, so there is nothing to plan."
    part = share(summary.steps_closed / summary.steps_open_before)
    return (
        f"{whole(summary.steps_closed)} of {whole(summary.steps_open_before)} open steps are closed ({part}) for "
        f"{money(summary.cost_gbp)}; {whole(summary.steps_left)} {'stays' if summary.steps_left == 1 else 'stay'} open."
    )


class PlanResult(QWidget):
    """Tiles and tabs. ``line_opened(EnrolmentView)``, ``need_opened(UnmetView)``, ``wish_dropped(LineWish)``."""

    line_opened = Signal(object)
    need_opened = Signal(object)
    wish_dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: ShownPlan | None = None
        self._group: tuple[PlanGrouping, PlanGroup] | None = None
        self._cell: TeamQuarter | None = None
        self._under_way: Callable[[str, FinancialQuarter, FinancialQuarter], bool] = (
            lambda _code, start, quarter: start == quarter
        )
        self._hides_names = False
        self.caption = label("", "secondary")
        self.asked = label("", "small")
        self.tiles = {
            "steps": FigureTile("steps closed", is_compact=True),
            "cost": FigureTile("spent", is_compact=True),
            "people": FigureTile("people learn", is_compact=True),
            "quality": FigureTile("how good it is", is_compact=True),
        }
        self.tabs = QTabWidget()
        self.tabs.addTab(self._build_lines(), "Lines")
        self.tabs.addTab(self._build_open(), "Still open")
        self.tabs.addTab(self._build_wishes(), "Wishes")
        self.calendar, self.money = PlanCalendar(), PlanMoney()
        self.calendar.cell_opened.connect(self._open_cell)
        self.tabs.addTab(_tab(self.calendar), "Calendar")
        self.tabs.addTab(_tab(self.money), "More or less money")
        for named in (self.tabs, self.tabs.tabBar()):
            named.setAccessibleName("Lines, what stays open, wishes, calendar, money")
        self.tabs.setCornerWidget(self.grouping)
        self.tabs.currentChanged.connect(self._turn_tab)
        self._turn_tab(0)
        box = rows(self.caption, self.asked, TileRow(self.tiles, TILES_IN_ONE_ROW), self.tabs, space=12)
        box.setStretch(2, 1)
        self.setLayout(box)
        self.setTabOrder(self.tabs.tabBar(), self.grouping)
        self.setTabOrder(self.grouping, self.whole_plan)

    # --- building ---------------------------------------------------------------------------------------------

    def _build_lines(self) -> QWidget:
        self.grouping = QComboBox()
        self.grouping.setAccessibleName("Group the plan")
        for by, text in _GROUPINGS:
            self.grouping.addItem(text, by)
        self.grouping.currentIndexChanged.connect(lambda _place: self._choose_grouping())
        self.whole_plan = button("Show the whole plan", "link", "chevron-left", self._leave_group)
        self.whole_plan.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.group_words = label("", "label")
        self.lines = TablePane("plan-lines", "lines")
        self.groups = TablePane("plan-groups", "rows")
        for pane in (self.lines, self.groups):
            pane.setMinimumHeight(200)
        self.lines.table.row_opened.connect(self.line_opened)
        self.groups.table.row_opened.connect(self._open_group)
        self._panes = Views()
        for pane in (self.lines, self.groups):
            self._panes.add(pane)
        self.bar = PlanLineBar(self.lines)
        top = line(self.whole_plan, self.group_words, space=12)
        top.addStretch(1)
        top.addWidget(self.bar)
        return _tab(top, self._panes)

    def _build_open(self) -> QWidget:
        self.reasons = LineList("Why steps stay open")
        self.reasons.opened.connect(self._choose_reason)
        self.unmet = TablePane("plan-unmet", "needs")
        self.unmet.setMinimumHeight(200)
        self.unmet.table.row_opened.connect(self.need_opened)
        self.all_reasons = button("Show all reasons", "link", "chevron-left", lambda: self._choose_reason(""))
        self.all_reasons.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        side = rows(label("Why steps stay open", "label"), self.reasons, self.all_reasons, space=8)
        both = line(space=16)
        both.addLayout(side, 2)
        both.addWidget(self.unmet, 5)
        return _tab(both)

    def _build_wishes(self) -> QWidget:
        self.no_wishes = label(
            "No line is locked or forbidden. Open a line to lock it or to forbid it; the next plan keeps to that."
        )
        self.wishes = TablePane("plan-wishes", "wishes")
        self.wishes.setMinimumHeight(160)
        self.take_back = button("Take the wish back", "secondary", "unlock", self._take_back)
        self.take_back.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.wishes.table.row_opened.connect(lambda wish: self.wish_dropped.emit(wish.record))
        return _tab(self.no_wishes, self.wishes, self.take_back)

    # --- showing ----------------------------------------------------------------------------------------------

    def show_plan(self, shown: ShownPlan, *, hides_names: bool) -> None:
        """Show a plan; grouping and tab stay as they are."""
        is_other = self._shown is None or self._shown.plan.plan_id != shown.plan.plan_id
        self._shown, self._hides_names = shown, hides_names
        plan, summary = shown.plan, shown.plan.summary
        first, last = (plan.quarters[0].label, plan.quarters[-1].label) if plan.quarters else ("", "")
        scope = plan.settings.scope.in_words()
        self.caption.setText(
            f"{plan.title} · {plan.status} · {first} to {last} · {scope} · made {day(plan.made_at.date())} "
            f"by {plan.made_by}"
        )
        asked = [f"{heading}: {words}." for heading, words in plan.settings.limits.asked()]
        self.asked.setText(" ".join([*asked, *summary.notes]))
        self.asked.setVisible(bool(self.asked.text()))
        part = (
            share(summary.steps_closed / summary.steps_open_before)
            if summary.steps_open_before
            else "none open"
        )
        self.tiles["steps"].set_figure(
            whole(summary.steps_closed), f"{part} of {whole(summary.steps_open_before)}"
        )
        self.tiles["cost"].set_figure(money(summary.cost_gbp), _pots_words(shown.pots))
        self.tiles["people"].set_figure(
            whole(summary.people),
            f"{whole(summary.enrolments)} courses planned, {whole(float(summary.hours))} hours",
        )
        figure, words = quality(summary)
        self.tiles["quality"].set_figure(figure, words)
        if is_other:
            self._group = self._cell = None
        self._show_lines()
        self._show_open("")

    def show_wishes(self, wishes: Sequence[LineWish]) -> None:
        """Show what the next plan has to keep to."""
        records = [
            WishLine(
                wish.staff_id,
                wish.course_code,
                wish.quarter.label if wish.quarter is not None else "any",
                "Forbidden: the next plan does without it"
                if wish.is_forbidden
                else "Locked: the next plan keeps it",
                wish,
            )
            for wish in wishes
        ]
        self.wishes.set_data(TableData.of_records(WISH_COLUMNS, records))
        self.no_wishes.setVisible(not records)
        self.wishes.setVisible(bool(records))
        self.take_back.setVisible(bool(records))
        self.tabs.setTabText(2, f"Wishes ({len(records)})" if records else "Wishes")

    def find(self) -> None:
        """Put the cursor into the filter of what is shown."""
        if self.tabs.currentIndex() == 0:
            (self.lines if self.lines.isVisible() else self.groups).focus_filter()
        elif self.tabs.currentIndex() == 1:
            self.unmet.focus_filter()

    def _turn_tab(self, shown: int) -> None:
        """Only the tab that is seen asks for room, so that none makes the page scroll because of another."""
        self.grouping.setVisible(shown == 0)
        free, none = QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored
        for place in range(self.tabs.count()):
            policy = free if place == shown else none
            tab = self.tabs.widget(place)
            assert tab is not None
            tab.setSizePolicy(policy, policy)

    def _choose_grouping(self) -> None:
        self._group = self._cell = None
        self._show_lines()

    def _leave_group(self) -> None:
        self._group = self._cell = None
        self._show_lines()

    def show_calendar(self, calendar: TeamCalendar) -> None:
        """Show the quarters of the plan by team."""
        self._under_way = calendar.is_under_way
        self.calendar.show_calendar(calendar)

    def _open_cell(self, cell: TeamQuarter) -> None:
        """The lines of one team that are under way in one quarter."""
        self._cell = cell
        self._group = None
        self.tabs.setCurrentIndex(0)
        self._show_lines()
        self.lines.table.setFocus()

    def _is_in_cell(self, one: EnrolmentView, cell: TeamQuarter) -> bool:
        is_team = one.unit == cell.team or one.unit.startswith(f"{cell.team} / ")
        return is_team and self._under_way(one.course_code, one.quarter, cell.quarter)

    def _open_group(self, group: PlanGroup) -> None:
        by = self.grouping.currentData()
        if by is not None:
            self._group = (PlanGrouping(by), group)
            self._show_lines()
            self.lines.table.setFocus()

    def _show_lines(self) -> None:
        if self._shown is None:
            return
        rows_shown, by = self._shown.lines, self.grouping.currentData()
        shows_groups = by is not None and self._group is None and self._cell is None
        if self._group is not None:
            rows_shown = tuple(one for one in rows_shown if belongs(one, self._group[0], self._group[1].key))
        if self._cell is not None:
            cell = self._cell
            rows_shown = tuple(one for one in rows_shown if self._is_in_cell(one, cell))
        self.whole_plan.setVisible(self._group is not None or self._cell is not None)
        label_shown = self._group[1].label if self._group else ""
        if self._cell is not None:
            label_shown = f"{self._cell.team}, under way in {self._cell.quarter.label}"
        if self._group and self._group[0] is PlanGrouping.PERSON and self._hides_names:
            label_shown = f"Staff {self._group[1].key}"
        self.group_words.setText(label_shown)
        self.group_words.setVisible(bool(label_shown))
        self._panes.turn_to(int(shows_groups))
        self.bar.setEnabled(not shows_groups)
        if shows_groups:
            by = PlanGrouping(by)
            tail = _GROUP_TAIL[1:] if by is PlanGrouping.PERSON else _GROUP_TAIL
            columns = (*_GROUP_HEADS[by], *tail)
            if by is PlanGrouping.PERSON and self._hides_names:
                columns = (Column("key", "Staff id", width=120), *columns[1:])
            self.groups.set_data(TableData.of_records(columns, grouped(self._shown.lines, by)))
            header = self.groups.table.horizontalHeader()
            header.setStretchLastSection(False)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        else:
            self.lines.set_data(TableData.of_records(self._named(LINE_COLUMNS), rows_shown))
        self.tabs.setTabText(0, f"Lines ({whole(len(self._shown.lines))})")

    def _show_open(self, reason: str) -> None:
        if self._shown is None:
            return
        unmet: Sequence[UnmetView] = self._shown.plan.unmet
        if reason:
            unmet = [need for need in unmet if reason_kind(need.reason) == reason]
        if not reason:
            self.reasons.set_lines([_reason_line(one) for one in self._shown.reasons])
        self.all_reasons.setVisible(bool(reason))
        self.unmet.set_data(TableData.of_records(self._named(UNMET_COLUMNS), unmet))
        self.tabs.setTabText(1, f"Still open ({whole(len(self._shown.plan.unmet))})")

    def _choose_reason(self, reason: str) -> None:
        self._show_open(reason)
        (self.unmet.table if reason else self.reasons).setFocus()

    def _named(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        """Without names where they are hidden: staff ids stand in their place."""
        if not self._hides_names:
            return columns
        return (Column("staff_id", "Staff id", width=104), *columns[2:])

    def _take_back(self) -> None:
        wish = self.wishes.table.current_record() or self.wishes.table.rows.record(0)
        self.wish_dropped.emit(wish.record)


def _tab(*parts: object) -> QWidget:
    made = QWidget()
    box = rows(*parts, space=8, margins=(0, 12, 0, 0))  # type: ignore[arg-type]  # widgets and layouts
    made.setLayout(box)
    return made


def _pots_words(spent: Sequence[PotSpend]) -> str:
    if not spent:
        return "free courses only"
    return "; ".join(
        f"{one.pot} {money(one.spent)}" + (f" of {money(one.given)}" if one.given is not None else "")
        for one in spent
        if one.given != Decimal(0) or one.spent
    )


def _reason_line(one: ReasonGroup) -> Line:
    count = "1 step stays" if one.steps_left == 1 else f"{whole(one.steps_left)} steps stay"
    words = f"{count} open for {people(one.people)}"
    return Line(one.reason[:1].upper() + one.reason[1:], words, one.reason)
