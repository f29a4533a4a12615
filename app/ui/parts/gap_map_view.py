"""The first view of skill gaps: the map, and beside it readiness by group and the top ten shortages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout

from app.progress import Progress
from app.services.gap_frame import FramedMap, MapWish, framed_map
from app.services.gap_groups import GapDimension
from app.services.gap_page import GapHead, gap_head
from app.services.scope import Scope
from app.ui.formats import share, whole
from app.ui.parts.gap_choices import WORDS
from app.ui.parts.gap_map import MapCard
from app.ui.parts.gap_side import GapSide
from app.ui.parts.gap_view import Cell, GapView
from app.ui.widgets import button

WIDE = 1_240
"""From this width on, in pixels at 100 %, readiness and shortages stand beside the map unasked."""


@dataclass(frozen=True, slots=True, eq=False)
class MapAnswer:
    """The map as it is drawn, and what is said about its groups of people."""

    framed: FramedMap
    head: GapHead


class MapPage(GapView):
    """``group_opened(str)`` with the key of a group of people, "" for everybody."""

    title = "Map"
    busy_words = "Counting who is short of what"

    group_opened = Signal(str)

    def build(self) -> None:
        self.card = MapCard()
        self.card.heatmap.cell_clicked.connect(self._on_cell)
        self.card.rows_chosen.connect(self._on_rows)
        self.card.asked.connect(self.asked)
        self.side = GapSide()
        self.side.group_opened.connect(self.group_opened)
        self.side.skill_opened.connect(lambda skill: self.cell_opened.emit(Cell(skill)))
        self.side_switch = button("Readiness and shortages", "quiet", "chart")
        self.side_switch.setCheckable(True)
        self.side_switch.clicked.connect(self._on_switch)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(16)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.addWidget(self.card, 5)
        self._body.addWidget(self.side, 2)
        self.setLayout(self._body)
        self._auto_unit = self._is_chosen = False
        self._result: MapAnswer | None = None

    # --- asking and showing -----------------------------------------------------------------------------------

    def ask(self, scope: Scope, *, is_shared: bool) -> Callable[[Progress], MapAnswer]:
        gaps, skills = self.context.workspace.gaps, self.context.workspace.skills
        self._follow_scope(scope)
        wish = self.card.wish(is_shared=is_shared)

        def work(progress: Progress) -> MapAnswer:
            framed = framed_map(gaps, scope, wish, skills.marks())
            progress.check()
            counted = framed.whole if wish.columns is GapDimension.SKILL else None
            head = gap_head(gaps, scope, people_dimension(wish), is_shared=is_shared, counted=counted)
            return MapAnswer(framed, head)

        return work

    def fill(self, result: MapAnswer) -> None:
        self._result = result
        self.card.show_map(result.framed, self.shortened)
        head, shortened = result.head, self.shortened
        self.side.fill(
            WORDS[head.heatmap.dimension],
            [(replace(group, label=shortened(group.label)), head.hidden_of_groups.get(group.key, frozenset()))
             for group in head.groups],
            [replace(one, worst_group=shortened(one.worst_group)) for one in head.shortages],
        )  # fmt: skip

    def answer(self, result: MapAnswer) -> str:
        return head_sentence(result.head, self.shortened)

    def focus(self) -> None:
        self.card.heatmap.setFocus()

    def arrange(self, width: int) -> None:
        """Readiness and shortages beside the map where there is room, or where they are asked for."""
        unit = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        if not self._is_chosen:
            self.side_switch.setChecked(width >= WIDE * unit)
        self.side.setVisible(self.side_switch.isChecked())

    def _on_switch(self) -> None:
        self._is_chosen = True
        self.side.setVisible(self.side_switch.isChecked())

    # --- scope and rows ---------------------------------------------------------------------------------------

    def _follow_scope(self, scope: Scope) -> None:
        """Inside one department rows by department would be one row: show its units, and go back afterwards."""
        if scope.departments and self.card.dimension is GapDimension.DEPARTMENT:
            self.card.choose_dimension(GapDimension.UNIT)
            self._auto_unit = True
        elif not scope.departments and self._auto_unit:
            self.card.choose_dimension(GapDimension.DEPARTMENT)
            self._auto_unit = False

    def _on_rows(self) -> None:
        self._auto_unit = False

    # --- into a figure ----------------------------------------------------------------------------------------

    def _on_cell(self, row: int, column: int) -> None:
        """A place of what is drawn: its first row and first column are totals."""
        if self._result is None:
            return
        framed, head = self._result.framed, self._result.head
        whole_map = framed.whole
        group = whole_map.groups[framed.row_places[row - 1]].key if row else ""
        second = whole_map.skills[framed.column_places[column - 1]] if column else ""
        rows, columns = whole_map.dimension, whole_map.columns
        if not framed.cells.required[row, column]:
            return
        if not second and (not group or rows is head.heatmap.dimension):
            self.group_opened.emit(group)
        elif columns is GapDimension.SKILL:
            self.cell_opened.emit(Cell(second, group, rows))
        elif rows is GapDimension.SKILL:
            self.cell_opened.emit(Cell(group, second, columns))
        elif not group:
            self.cell_opened.emit(Cell("", second, columns))
        else:
            self.cell_opened.emit(Cell("", group, rows, (columns, second)))

    def figure_words(self) -> str:
        """The figure of the current cell as a sentence, for a screen that names nobody."""
        place = self.card.heatmap.current_cell()
        if place is None:
            return ""
        words = self.card.heatmap.cells.source.cell(*place).sentence()
        return f"{words[:1].upper()}{words[1:]}."


def people_dimension(wish: MapWish) -> GapDimension:
    """The dimension of a map that puts people into groups: its rows, or its columns where the rows are skills."""
    return wish.columns if wish.rows is GapDimension.SKILL else wish.rows


def head_sentence(head: GapHead, shortened: Callable[[str], str]) -> str:
    """The one sentence with the answer."""
    totals, furthest, worst = head.totals, head.furthest, head.worst
    if not totals.assessed:
        return f"Nobody is assessed yet: {whole(totals.required)} requirements wait for a rating."
    if furthest is None and head.is_hidden("", "shares"):
        return "Too few people stand behind these figures for them to be shown."
    if furthest is None:
        return f"Every assessed requirement is met; coverage {share(totals.coverage or 0)}."
    name = shortened(furthest.label) if len(head.heatmap.groups) > 1 else "Everybody here"
    verb = "is furthest from ready" if len(head.heatmap.groups) > 1 else "together"
    missing = f"{whole(furthest.assessed - furthest.meeting)} of {whole(furthest.assessed)}"
    most = f", most of them in {worst.skill}" if worst is not None else ""
    return f"{name} {verb}: {missing} assessed requirements are not met{most}."
