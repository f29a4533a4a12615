"""What other money would change: the curve of budgets against steps closed, and what slips when money is cut."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QProgressBar, QSizePolicy, QSpinBox, QWidget

from app.charts.frontier import FrontierMark, FrontierPicture, frontier
from app.charts.style import DARK, LIGHT
from app.services.training.insight_records import FrontierView, SlipsView
from app.ui.canvas import ChartPane
from app.ui.formats import decimal, money
from app.ui.jobs import Job
from app.ui.parts.line_list import Line, LineList
from app.ui.parts.views import Views
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import button, label, line, rows

NARROW = 760
LEAST = QSize(320, 300)
TICK_MS = 250

POINT_COLUMNS = (
    Column("budget_gbp", "Budget", "money", width=104),
    Column("steps", "Steps closed", "decimal", width=104),
    Column("bound", "At most", "decimal", width=88),
    Column("gap", "Gap", width=80, align="right"),
    Column("next_step_gbp", "Cost of a further step", "money", width=152),
    Column("note", "", width=120),
)
SLIP_COLUMNS = (
    Column("name", "Name", width=128),
    Column("staff_id", "Staff id", width=88, is_shown=False),
    Column("department", "Department", width=176, is_shown=False),
    Column("skill", "Skill", width=168),
    Column("steps_lost", "Lost", "int", width=56),
    Column("level_after", "Left at", "level", width=104),
    Column("level_required", "Required", "level", width=104, is_shown=False),
    Column("weight", "Weight", "decimal", width=80, is_shown=False),
    Column("courses", "Dropped", width=260),
)
_GROUPINGS = (
    ("", "Line by line"),
    ("department", "By department"),
    ("skill", "By skill"),
    ("priority", "By priority"),
)


class PointRow:
    """One point of the curve as a row of its table."""

    def __init__(self, view: FrontierView, place: int) -> None:
        row = view.rows[place]
        self.budget_gbp, self.steps, self.bound = row.budget_gbp, row.steps, row.bound
        self.next_step_gbp = row.next_step_gbp
        self.gap = "not known" if row.gap_pct is None else f"{row.gap_pct:.1f} %"
        self.note = "This plan" if row.is_current else "" if row.is_possible else "No plan possible"


class _Asking(QWidget):
    """A sentence, the button that asks, and the progress with its way to stop while an answer is worked out."""

    asked = Signal()

    def __init__(self, sentence: str, verb: str, icon: str) -> None:
        super().__init__()
        self._job: Job[Any] | None = None
        self.sentence = label(sentence)
        self.ask = button(verb, "secondary", icon, self.asked.emit)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"{verb}: progress")
        self.stop = button("Cancel", "secondary", "close", self._cancel)
        for made in (self.ask, self.stop):
            made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        box = rows(self.sentence, self.ask, self.bar, self.stop, space=12)
        box.addStretch(1)
        self.setLayout(box)
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self.tick)
        self._words = sentence
        self.rest()

    def watch(self, job: Job[Any]) -> None:
        """Show how far a job is."""
        self._job = job
        self._clock.start()
        self.tick()

    def rest(self, sentence: str = "") -> None:
        """Nothing is under way; say why where there is something to say."""
        self._job = None
        if hasattr(self, "_clock"):
            self._clock.stop()
        self.sentence.setText(sentence or self._words)
        for widget, is_seen in ((self.ask, True), (self.bar, False), (self.stop, False)):
            widget.setVisible(is_seen)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is under way."""
        return self._job is not None

    def tick(self) -> None:
        """Bring sentence and bar up to date."""
        if self._job is None:
            return
        self.sentence.setText(f"{self._job.sentence or 'Reading the plan'}, {self._job.took}")
        self.bar.setRange(0, 0 if self._job.share < 0 else 1_000)
        self.bar.setValue(int(1_000 * max(0.0, self._job.share)))
        for widget, is_seen in ((self.ask, False), (self.bar, True), (self.stop, True)):
            widget.setVisible(is_seen)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()


class PlanMoney(QWidget):
    """Two cards side by side. ``curve_asked()``, ``cut_asked(Decimal)``, ``person_opened(int)``."""

    curve_asked = Signal()
    cut_asked = Signal(object)
    person_opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._slips: SlipsView | None = None
        self._hides_names = False
        self.curve_asking = _Asking(
            "What would more or less money buy? The curve solves this plan for other budgets, with a limit for each.",
            "Work out the curve",
            "chart",
        )
        self.curve_asking.asked.connect(self.curve_asked)
        self.chart = ChartPane("budget-against-steps", "budgets", is_narrow=True)
        self.chart.setMinimumHeight(200)
        self._curve = Views()
        for view in (self.curve_asking, self.chart):
            self._curve.add(view)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.setSpacing(24)
        self._both.addWidget(self._curve, 1)
        self._both.addWidget(self._build_cut(), 1)
        self.setLayout(self._both)

    def _build_cut(self) -> QWidget:
        self.percent = QSpinBox()
        self.percent.setRange(1, 100)
        self.percent.setValue(10)
        self.percent.setSuffix(" %")
        self.percent.setAccessibleName("Cut in per cent")
        self.show_slips = button("Show what slips", "secondary", "remove", self._ask_cut)
        self.grouping = QComboBox()
        self.grouping.setAccessibleName("Group what slips")
        for by, text in _GROUPINGS:
            self.grouping.addItem(text, by)
        self.grouping.currentIndexChanged.connect(lambda _place: self._show_rows())
        top = line(label("If the money is cut by", wraps=False), self.percent, self.show_slips, space=8)
        top.addStretch(1)
        self.cut_asking = _Asking(
            "Who would lose what? The plan is solved again with less money and changed as little as can be.",
            "Show what slips",
            "remove",
        )
        self.cut_asking.ask.hide()
        self.cut_finding = label("", "label")
        self.slips = TablePane("plan-slips", "losses")
        self.slips.setMinimumHeight(160)
        self.slips.table.row_opened.connect(lambda row: self.person_opened.emit(row.person_id))
        self.groups = LineList("What slips, added up")
        self._losses = Views()
        for view in (self.cut_asking, self.slips, self.groups):
            self._losses.add(view)
        side = QWidget()
        said = line(self.cut_finding, self.grouping, space=8)
        said.setStretch(0, 1)
        box = rows(top, said, self._losses, space=8)
        box.setStretch(2, 100)
        box.addStretch(1)
        side.setLayout(box)
        self._rest_cut()
        return side

    # --- for the page -----------------------------------------------------------------------------------------

    def show_curve(self, view: FrontierView | None) -> None:
        """Show a curve, or (None) the button that asks for it."""
        self.curve_asking.rest()
        if view is None:
            self._curve.turn_to(0)
            return
        marks = tuple(
            FrontierMark(float(row.budget_gbp), float(row.steps), row.bound, row.is_current)
            for row in view.rows
        )
        x_title = f"{view.pot[:1].upper()}{view.pot[1:]}, over the whole plan"

        picture = FrontierPicture(marks, x_title, view.finding(), view.title)

        table = TableData.of_records(
            POINT_COLUMNS, [PointRow(view, place) for place in range(len(view.rows))]
        )
        said = "; ".join(f"{money(row.budget_gbp)} closes {decimal(row.steps)}" for row in view.rows)
        self.chart.show_chart(
            view.finding(),
            lambda is_dark: frontier(picture, DARK if is_dark else LIGHT),
            table,
            said,
            lambda is_dark, size: frontier(picture, DARK if is_dark else LIGHT, size),
        )
        self._curve.turn_to(1)

    def show_cut(self, view: SlipsView | None, *, hides_names: bool) -> None:
        """Show what slips, or (None) nothing yet."""
        self._slips, self._hides_names = view, hides_names
        self._rest_cut()
        if view is not None:
            self.cut_finding.setText(view.finding())
            self._show_rows()

    def watch_curve(self, job: Job[Any]) -> None:
        """The curve is being worked out."""
        self._curve.turn_to(0)
        self.curve_asking.watch(job)

    def watch_cut(self, job: Job[Any]) -> None:
        """The cut is being worked out."""
        self.show_slips.setEnabled(False)
        self._losses.turn_to(0)
        self.cut_finding.hide()
        self._losses.show()
        self.cut_asking.watch(job)

    def _ask_cut(self) -> None:
        self.cut_asked.emit(Decimal(self.percent.value()))

    def _rest_cut(self) -> None:
        self.cut_asking.rest()
        self.cut_asking.ask.hide()
        self.show_slips.setEnabled(True)
        has_rows = self._slips is not None and bool(self._slips.rows)
        self._losses.setVisible(has_rows or self._slips is None)
        self._losses.turn_to(1 if has_rows else 0)
        self.grouping.setVisible(has_rows)
        self.cut_finding.setVisible(self._slips is not None)

    def _show_rows(self) -> None:
        view = self._slips
        if view is None or not view.rows:
            return
        by = self.grouping.currentData()
        if by:
            self.groups.set_lines(
                [
                    Line(
                        one.label,
                        f"{_counted(one.steps_lost, 'step')} lost, {_counted(one.people, 'person')}",
                        one,
                    )
                    for one in view.groups(by)
                ]
            )
            self._losses.turn_to(2)
            return
        columns = SLIP_COLUMNS
        if self._hides_names:
            columns = (Column("staff_id", "Staff id", width=104), *columns[2:])
        self.slips.set_data(TableData.of_records(columns, view.rows))
        self._losses.turn_to(1)

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for the cards to stand one over the other; Qt would ask for room for both side by side."""
        is_wide = self._both.direction() is QBoxLayout.Direction.LeftToRight
        return QSize(LEAST.width(), LEAST.height() if is_wide else 2 * LEAST.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        unit = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        ways = QBoxLayout.Direction
        self._both.setDirection(ways.LeftToRight if self.width() >= NARROW * unit else ways.TopToBottom)


def _counted(number: int, one: str) -> str:
    many = {"person": "people"}.get(one, f"{one}s")
    return f"1 {one}" if number == 1 else f"{number:,} {many}"
