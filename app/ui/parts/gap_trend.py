"""Skill gaps over time: readiness from day to day, and the change between two days split into its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QDateEdit, QWidget

from app.progress import Progress
from app.services.disclosed import HiddenTrend, hidden_points, hidden_trend
from app.services.gap_groups import GapDimension
from app.services.scope import Scope
from app.services.trends import PART_WORDS, TrendFigures, TrendPoint, TrendView
from app.services.trends import TrendLine as Line
from app.ui.canvas import ChartPane
from app.ui.formats import HELD_BACK, day, share, whole
from app.ui.parts.gap_choices import WORDS, choice, dimension_choice, plural
from app.ui.parts.gap_view import Cell, GapView
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import Card, label, line, rows

if TYPE_CHECKING:
    from app.ui.canvas import Figure

MEASURES = (
    ("levels_short", "Levels short"),
    ("short", "Requirements not met"),
    ("meeting", "Requirements met"),
    ("required", "Requirements"),
)
BELOW = {"levels_short": "levels short", "short": "requirements not met", "meeting": "requirements met",
         "required": "requirements"}  # fmt: skip
CHART_WORDS = {"moves between units": "moves", "changed requirements or framework": "changed framework"}
"""Shorter names of parts, under bars that are narrow."""

YEAR = timedelta(days=365)
WIDE = 1_150
MOST_LINES = 2_000
LEAST_CHART = 210


@dataclass(frozen=True, slots=True)
class TrendAnswer:
    """The change and the days between; ``view`` is None where there is no earlier day to compare with."""

    first: date
    last: date
    view: TrendView | None
    hidden: HiddenTrend | None
    points: tuple[TrendPoint, ...]
    hidden_points: tuple[bool, ...]
    first_known: date | None


@dataclass(frozen=True, slots=True)
class TrendRow:
    """A line of the table: one measure before, after, and in parts; a figure that is held back is ``HELD_BACK``."""

    label: str
    record: Line
    before: Any
    after: Any
    change: Any
    parts: tuple[Any, ...]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("part_"):
            return self.parts[int(name[5:])]
        raise AttributeError(name)


class TrendPage(GapView):
    """Two days, two charts, and the groups of people or the skills with their own changes."""

    title = "Change over time"
    busy_words = "Comparing two days"

    def build(self) -> None:
        self._is_own_day = False
        self.first, self.last = _day_edit("From"), _day_edit("To")
        self.dimension = dimension_choice("Lines of the table", WORDS, "By ")
        self.measure = choice("Figure", MEASURES, 6)
        self.which = choice("Chart", ((0, "Chart: parts"), (1, "Chart: days")), 6)
        self.which.currentIndexChanged.connect(lambda _place: self._arrange())
        self.lines = TablePane("gaps-trend", "lines")
        self.parts_chart = ChartPane("Change in skill gaps", "parts of the change")
        self.days_chart = ChartPane("Readiness over time", "days")
        self.no_trend = label("", "heading")
        controls = line(label("From", "small", wraps=False), self.first, label("to", "small", wraps=False),
                        self.last, self.measure, self.dimension, space=8)  # fmt: skip
        controls.addWidget(self.which)
        controls.addStretch(1)
        self._charts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._charts.setSpacing(16)
        self._cards = (Card(), Card())
        for card, chart in zip(self._cards, (self.parts_chart, self.days_chart), strict=True):
            card.body.addWidget(chart)
            chart.setMinimumHeight(LEAST_CHART)
            self._charts.addWidget(card, 1)
        box = rows(controls, self.no_trend, self._charts, self.lines, space=12)
        box.setStretch(2, 3)
        box.setStretch(3, 2)
        self.setLayout(box)
        self.lines.setMinimumHeight(150)
        for edit in (self.first, self.last):
            edit.editingFinished.connect(self._on_day)
        self.dimension.currentIndexChanged.connect(lambda _place: self.asked.emit())
        self.measure.currentIndexChanged.connect(lambda _place: self._show())
        self.lines.table.row_opened.connect(self._open)
        self._result: TrendAnswer | None = None

    def _on_day(self) -> None:
        """Only where a day was changed: leaving the field is no change."""
        known = self._result
        if known is None or (known.first, known.last) != (_day_of(self.first), _day_of(self.last)):
            self._is_own_day = True
            self.asked.emit()

    def ask(self, scope: Scope, *, is_shared: bool) -> Callable[[Progress], TrendAnswer]:
        workspace = self.context.workspace
        own = (_day_of(self.first), _day_of(self.last)) if self._is_own_day else None
        dimension = GapDimension(self.dimension.currentData())

        def work(progress: Progress) -> TrendAnswer:
            trends = workspace.trends
            known = trends.first_day()
            last = own[1] if own else scope.as_at or workspace.today()
            first = own[0] if own else max(last - YEAR, known or last)
            if first >= last or known is None:
                return TrendAnswer(first, last, None, None, (), (), known)
            progress.step(0.1, f"Reading {day(first)}")
            view = trends.between(scope, first, last, dimension)
            hidden = hidden_trend(view) if is_shared else None
            days = [one for one in trends.days_between(first, last) if one >= known]
            points: list[TrendPoint] = []
            for place, one in enumerate(days):
                progress.step(0.4 + 0.6 * place / len(days), f"Reading {day(one)}")
                points += trends.series(scope, [one])
            ends = None if hidden is None else hidden.total[[0, -1]]
            flags = hidden_points(points, ends) if is_shared else (False,) * len(points)
            return TrendAnswer(first, last, view, hidden, tuple(points), flags, known)

        return work

    def fill(self, result: TrendAnswer) -> None:
        self._result = result
        for edit, value in ((self.first, result.first), (self.last, result.last)):
            edit.blockSignals(True)
            edit.setDate(QDate(value.year, value.month, value.day))
            edit.blockSignals(False)
        has_trend = result.view is not None
        self.no_trend.setVisible(not has_trend)
        self.no_trend.setText(_no_trend(result))
        self.lines.setVisible(has_trend)
        self._arrange()
        self._show()

    def answer(self, result: TrendAnswer) -> str:
        if result.view is None:
            return "There is nothing to compare with yet."
        if result.hidden is not None and bool(result.hidden.total[[0, -1]].any()):
            return "Too few people stand behind the change for it to be shown."
        total = result.view.total
        before, after = total.before.readiness, total.after.readiness
        if before is None or after is None:
            return "Nobody was assessed on one of the two days."
        words = "stayed at" if share(before) == share(after) else "rose to" if after > before else "fell to"
        was = "" if words == "stayed at" else f" from {share(before)}"
        steps = total.change.levels_short
        change = "unchanged" if not steps else f"{whole(abs(steps))} {'more' if steps > 0 else 'fewer'}"
        return (
            f"{share(after)} of assessed requirements are met: readiness {words} {share(after)}{was} since "
            f"{day(result.first)}; levels short: {change}."
        )

    def focus(self) -> None:
        self.lines.table.setFocus()

    # --- inside -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.is_built:  # it has a size before anybody has looked at it
            self._arrange()

    def _arrange(self) -> None:
        """Both charts side by side where there is room, else the one that is chosen."""
        has_trend = self._result is not None and self._result.view is not None
        is_wide = self.width() >= WIDE * max(1.0, self.fontMetrics().averageCharWidth() / 7)
        self.which.setVisible(has_trend and not is_wide)
        for place, card in enumerate(self._cards):
            card.setVisible(has_trend and (is_wide or place == self.which.currentIndex()))

    def _show(self) -> None:
        result = self._result
        if result is None or result.view is None:
            return
        measure = str(self.measure.currentData())
        found = self._rows(result, measure)
        dimension = GapDimension(self.dimension.currentData())
        columns = (
            Column("label", WORDS[dimension].capitalize(), width=200),
            Column("before", f"On {day(result.first)}", "int", width=144),
            *(
                Column(f"part_{int(part)}", words[:1].upper() + words[1:], "int", width=32 + 8 * len(words))
                for part, words in PART_WORDS.items()
            ),
            Column("change", "Change", "int", width=80),
            Column("after", f"On {day(result.last)}", "int", width=144),
        )
        self.lines.set_what(plural(dimension))
        self.lines.set_data(TableData.of_records(columns, found))
        self._show_parts(result, measure)
        self._show_days(result)

    def _rows(self, result: TrendAnswer, measure: str) -> list[TrendRow]:
        assert result.view is not None
        return [
            _row(
                one,
                self.shortened(one.group) or one.skill,
                measure,
                None if result.hidden is None else result.hidden.lines[place].tolist(),
            )
            for place, one in enumerate(result.view.lines[:MOST_LINES])
        ]

    def _show_parts(self, result: TrendAnswer, measure: str) -> None:
        assert result.view is not None
        hidden = None if result.hidden is None else result.hidden.total.tolist()
        total = _row(result.view.total, "Everybody", measure, hidden)
        finding = parts_finding(total, BELOW[measure])

        def draw(is_dark: bool, size: tuple[float, float] | None = None) -> Figure:
            from app.charts.style import DARK, LIGHT  # late: half a second to import
            from app.charts.waterfall import WaterfallPicture, waterfall

            record = WaterfallPicture(
                finding,
                (day(result.first), _or_none(total.before)),
                tuple((CHART_WORDS.get(words, words), _or_none(value)) for words, value in _named(total)),
                (day(result.last), _or_none(total.after)),
                BELOW[measure].capitalize(),
                "Each pair of person and skill belongs to the first part that applies; the parts add up.",
            )
            return waterfall(record, DARK if is_dark else LIGHT, size)

        names = (f"On {day(result.first)}", *PART_WORDS.values(), "Change", f"On {day(result.last)}")
        values = (total.before, *total.parts, total.change, total.after)
        table = TableData.of_columns(
            (
                Column("what", "Part", width=260),
                Column("value", BELOW[measure].capitalize(), "int", width=160),
            ),
            {"what": names, "value": values},
        )
        told = "; ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
        self.parts_chart.show_chart(finding, draw, table, told, draw)

    def _show_days(self, result: TrendAnswer) -> None:
        shown = list(zip(result.points, result.hidden_points, strict=True))

        def draw(is_dark: bool, size: tuple[float, float] | None = None) -> Figure:
            from app.charts.style import DARK, LIGHT  # late: as above
            from app.charts.trend import TrendLine, TrendPicture, trend

            lines = tuple(
                TrendLine(name, tuple(None if is_hidden else getattr(one, key) for one, is_hidden in shown))
                for name, key in (("Met", "readiness"), ("Assessed", "coverage"))
            )
            points = tuple(day(one.day) for one, _ in shown)
            record = TrendPicture(days_finding(shown), points, lines, "Share of requirements")
            return trend(record, DARK if is_dark else LIGHT, size)

        def values(key: str) -> list[Any]:
            return [HELD_BACK if is_hidden else getattr(one, key) for one, is_hidden in shown]

        table = TableData.of_columns(
            (Column("day", "Day", "date"), Column("people", "People", "int"),
             Column("readiness", "Met", "share", blank="Not assessed"), Column("coverage", "Assessed", "share")),
            {"day": [one.day for one, _ in shown], "people": values("people"), "readiness": values("readiness"),
             "coverage": values("coverage")},
        )  # fmt: skip
        told = "; ".join(
            f"{day(one.day)}: {'not shown' if is_hidden else _met(one)}" for one, is_hidden in shown
        )
        self.days_chart.show_chart(days_finding(shown), draw, table, told, draw)

    def _open(self, row: TrendRow) -> None:
        """Who is behind a line now: the people of its group, or those whose role needs its skill, on the last day."""
        dimension = GapDimension(self.dimension.currentData())
        last = None if self._result is None else self._result.last
        self.cell_opened.emit(Cell(row.record.skill, row.record.group, dimension, day=last))


def parts_finding(total: TrendRow, what: str) -> str:
    """The largest part of the change as a sentence."""
    if total.change is HELD_BACK:
        return f"{what.capitalize()}: too few people to show the change"
    if not total.change and not any(total.parts):
        return f"{what.capitalize()} did not change"
    shown = [(abs(value), words, value) for words, value in _named(total) if value is not HELD_BACK and value]
    most = f", most by {max(shown)[1]} ({_signed(max(shown)[2])})" if shown else ""
    if not total.change:
        return f"{what.capitalize()} are as many as before{most}"
    verb = "rose" if total.change > 0 else "fell"
    return f"{what.capitalize()} {verb} by {whole(abs(total.change))}{most}"


def days_finding(shown: Sequence[tuple[TrendPoint, bool]]) -> str:
    """How readiness went over the days that may be shown."""
    known = [one for one, is_hidden in shown if not is_hidden and one.readiness is not None]
    if len(known) < 2:
        return "Too few days with assessments for a line"
    first, last = known[0], known[-1]
    assert first.readiness is not None
    assert last.readiness is not None
    if share(first.readiness) == share(last.readiness):
        return f"Readiness stayed at {share(last.readiness)}"
    verb = "rose" if last.readiness > first.readiness else "fell"
    return f"Readiness {verb} from {share(first.readiness)} to {share(last.readiness)}"


def _met(one: TrendPoint) -> str:
    met = "nobody assessed" if one.readiness is None else f"{share(one.readiness)} met"
    return met if one.coverage is None else f"{met}, {share(one.coverage)} assessed"


def _no_trend(result: TrendAnswer) -> str:
    if result.view is not None:
        return ""
    if result.first_known is None:
        return "There is nobody in this workspace yet."
    if result.first_known >= result.last:
        return (
            f"The first day with people here is {day(result.first_known)}, so there is no earlier day to compare with. "
            "The next HR extract, change of role or assessment makes a trend."
        )
    return f"{day(result.last)} does not come after {day(result.first)}. Choose an earlier first day."


def _row(one: Line, name: str, measure: str, hidden: Sequence[bool] | None) -> TrendRow:
    def value(figures: TrendFigures, place: int) -> Any:
        return HELD_BACK if hidden is not None and hidden[place] else getattr(figures, measure)

    parts = tuple(value(part, place) for place, part in enumerate(one.parts, start=1))
    before, after = value(one.before, 0), value(one.after, -1)
    is_told = before is not HELD_BACK and after is not HELD_BACK
    return TrendRow(name, one, before, after, getattr(one.change, measure) if is_told else HELD_BACK, parts)


def _named(total: TrendRow) -> list[tuple[str, Any]]:
    return list(zip(PART_WORDS.values(), total.parts, strict=True))


def _or_none(value: Any) -> int | None:
    return None if value is HELD_BACK else int(value)


def _signed(value: int) -> str:
    return f"+{whole(value)}" if value > 0 else whole(value)


class _DayEdit(QDateEdit):
    """A field for a day that Tab leaves at once; arrows move between day, month and year."""

    def focusNextPrevChild(self, forward: bool) -> bool:
        return QWidget.focusNextPrevChild(self, forward)


def _day_edit(name: str) -> QDateEdit:
    made = _DayEdit()
    made.setAccessibleName(name)
    made.setCalendarPopup(True)
    made.setDisplayFormat("d MMM yyyy")
    return made


def _day_of(edit: QDateEdit) -> date:
    value = edit.date()
    return date(value.year(), value.month(), value.day())
