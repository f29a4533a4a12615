"""Departments side by side with their intervals; a rank only where the intervals settle it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.progress import Progress
from app.services.comparison import ComparedShare, ComparisonLine, ComparisonView
from app.services.disclosed import hidden_comparison
from app.services.gap_groups import GapDimension
from app.services.scope import Scope
from app.ui.canvas import ChartPane
from app.ui.formats import HELD_BACK, share
from app.ui.parts.gap_choices import OF_PEOPLE, WORDS, choice, choose, dimension_choice, plural
from app.ui.parts.gap_view import Cell, GapView
from app.ui.parts.held_back import veiled, whole_record
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import Card, line, rows

if TYPE_CHECKING:
    from app.ui.canvas import Figure

MEASURES = (
    (ComparedShare.READINESS, "Requirements met"),
    (ComparedShare.SHARE_SHORT, "Requirements not met"),
    (ComparedShare.FULLY_READY, "People fully ready"),
)
ALL_SKILLS = "All skills"
MOST_IN_CHART = 40
FIGURES = ("part", "whole", "share", "low", "high", "coverage", "people", "rank_words", "note")
LEAST_CHART = 210


@dataclass(frozen=True, slots=True)
class ComparisonAnswer:
    """The comparison, which lines must not be shown, and the skills that can be chosen."""

    view: ComparisonView
    hidden: tuple[bool, ...]
    skills: tuple[str, ...]


class ComparePage(GapView):
    """A chart of intervals, and a table with the same lines."""

    title = "Compare"
    busy_words = "Comparing groups"

    def build(self) -> None:
        self.dimension = dimension_choice("Compare", OF_PEOPLE, "By ")
        self.measure = choice("Figure", MEASURES, 16)
        self.skill = choice("Skill", ((("", ALL_SKILLS)),), 20)
        self.chart = ChartPane("Comparison of skill gaps", "groups")
        self.lines = TablePane("gaps-compare", "departments")
        card = Card()
        card.body.addWidget(self.chart)
        self.chart.setMinimumHeight(LEAST_CHART)
        controls = line(self.dimension, self.measure, self.skill, space=8)
        controls.addStretch(1)
        self.lines.setMinimumHeight(150)
        box = rows(controls, card, self.lines, space=12)
        box.setStretch(1, 3)
        box.setStretch(2, 2)
        self.setLayout(box)
        for one in (self.dimension, self.measure, self.skill):
            one.currentIndexChanged.connect(lambda _place: self.asked.emit())
        self.lines.table.row_opened.connect(self._open)

    def ask(self, scope: Scope, *, is_shared: bool) -> Callable[[Progress], ComparisonAnswer]:
        workspace = self.context.workspace
        dimension = GapDimension(self.dimension.currentData())
        measure = ComparedShare(self.measure.currentData())
        skill = str(self.skill.currentData() or "")

        def work(_progress: Progress) -> ComparisonAnswer:
            names = workspace.gaps.base(scope.as_at).skill_names
            chosen = skill if skill in names else ""
            view = workspace.comparison.compare(scope, dimension, measure, chosen)
            hidden = hidden_comparison(view) if is_shared else (False,) * len(view.lines)
            return ComparisonAnswer(view, hidden, names)

        return work

    def fill(self, result: ComparisonAnswer) -> None:
        self._offer_skills(result)
        view = result.view
        shown = [
            veiled(one, FIGURES if is_hidden else ())
            for one, is_hidden in zip(view.lines, result.hidden, strict=True)
        ]
        what = dict(MEASURES)[view.measure]
        word = WORDS[view.dimension]
        columns = (
            Column("group", word.capitalize(), width=260),
            Column("share", what, "share", width=148, blank="Not assessed"),
            Column("low", "90 % interval from", "share", width=160),
            Column("high", "to", "share", width=72),
            Column("rank_words", "Rank", width=96, align="right",
                   tooltip="A range where intervals overlap: the order among those is not settled"),
            Column("people", "People", "int", width=72),
            Column("coverage", "Coverage", "share", width=88),
            Column("note", "Note", width=240),
        )  # fmt: skip
        self.lines.set_what(plural(view.dimension))
        self.lines.set_data(TableData.of_records(columns, shown))
        self._show_chart(result, columns[:-1], what)

    def answer(self, result: ComparisonAnswer) -> str:
        view = result.view
        known = [
            one
            for one, is_hidden in zip(view.lines, result.hidden, strict=True)
            if one.best_rank is not None and not is_hidden
        ]
        if len(known) < 2:
            return f"Fewer than two {plural(view.dimension)} have enough people to be compared."
        best, last = known[0], known[-1]
        if (best.worst_rank or 0) >= (last.best_rank or 0):
            return f"The intervals of all {plural(view.dimension)} overlap: no order among them is settled."
        settled = sum(one.best_rank == one.worst_rank for one in known)
        ranks = "no rank is settled" if not settled else f"{settled} of {len(known)} ranks are settled"
        return (
            f"{self.shortened(best.group)} is ahead with {share(best.share or 0)}, {self.shortened(last.group)} "
            f"last with {share(last.share or 0)}; {ranks} at 90 %."
        )

    def focus(self) -> None:
        self.lines.table.setFocus()

    # --- inside -----------------------------------------------------------------------------------------------

    def _offer_skills(self, result: ComparisonAnswer) -> None:
        known = tuple(str(self.skill.itemData(place)) for place in range(1, self.skill.count()))
        if known == result.skills:
            return
        self.skill.blockSignals(True)
        self.skill.clear()
        self.skill.addItem(ALL_SKILLS, "")
        for name in result.skills:
            self.skill.addItem(name, name)
        self.skill.blockSignals(False)
        choose(self.skill, result.view.skill)

    def _show_chart(self, result: ComparisonAnswer, columns: tuple[Column, ...], what: str) -> None:
        view = result.view
        pairs = list(zip(view.lines, result.hidden, strict=True))[:MOST_IN_CHART]
        subject = f"{what} in {view.skill}" if view.skill else what
        finding = (
            f"{subject} by {WORDS[view.dimension]}, with 90 % intervals; a rank only where they settle it"
        )

        def draw(is_dark: bool, size: tuple[float, float] | None = None) -> Figure:
            from app.charts.intervals import IntervalBar, IntervalPicture, intervals  # late: half a second
            from app.charts.style import DARK, LIGHT

            bars = tuple(
                IntervalBar(self.shortened(one.group), None, note="[c]")
                if is_hidden
                else IntervalBar(self.shortened(one.group), one.share, one.low, one.high, _note(one))
                for one, is_hidden in pairs
            )
            return intervals(IntervalPicture(finding, bars), DARK if is_dark else LIGHT, size)

        table = TableData.of_records(columns, [veiled(one, FIGURES if hid else ()) for one, hid in pairs])
        told = "; ".join(f"{one.group}: {'not shown' if hid else _said(one)}" for one, hid in pairs)
        self.chart.show_chart(finding, draw, table, told, draw)

    def _open(self, row: Any) -> None:
        one: ComparisonLine = whole_record(row)
        skill, dimension = str(self.skill.currentData() or ""), GapDimension(self.dimension.currentData())
        self.cell_opened.emit(Cell(skill, one.group, dimension))


def _note(one: ComparisonLine) -> str:
    if one.rank_words:
        return f"rank {one.rank_words}"
    return one.note and "no rank"


def _said(one: ComparisonLine) -> str:
    if one.share is None or one.share is HELD_BACK:
        return one.note or "not assessed"
    if one.low is None or one.high is None:
        return f"{share(one.share)}, no interval"
    return f"{share(one.share)}, {share(one.low)} to {share(one.high)}, rank {one.rank_words}"
