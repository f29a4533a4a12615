"""The card that holds the map of skill gaps: the choices over it, the map, what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from app.services.gap_frame import FramedMap, Grouping, MapWish, SkillsShown
from app.services.gap_groups import GapDimension
from app.services.gap_views import HeatOrder
from app.ui.heatmap import Heatmap as HeatmapView
from app.ui.heatmap import HeatmapData, Measure
from app.ui.parts.gap_choices import (
    GROUPINGS,
    MEASURES,
    ORDERS,
    SHOWS,
    WORDS,
    choice,
    choose,
    dimension_choice,
    plural,
)
from app.ui.widgets import Card, button, icon_button, label, line

LEAST_HEIGHT = 240
MOST_ROWS_AT_ONCE = 4
FRAME = 68
"""Choices and margins of the card, in pixels."""


class MapCard(Card):
    """The map with its choices.

    ``asked()`` when it must be counted anew; ``rows_chosen()`` before that, when rows or columns are others;
    ``picture_asked()`` when somebody wants it as a picture.
    """

    asked = Signal()
    rows_chosen = Signal()
    picture_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows_choice = dimension_choice("Rows", WORDS, "Rows: ")
        self.columns_choice = dimension_choice("Columns", WORDS, "Columns: ")
        choose(self.columns_choice, GapDimension.SKILL)
        self._before = (GapDimension.DEPARTMENT, GapDimension.SKILL)
        self.measure_choice = choice("Figure in a cell", MEASURES, 11)
        self.heatmap = HeatmapView()
        self.options = _Options(self.asked.emit)
        self.rows_choice.currentIndexChanged.connect(lambda _place: self._on_dimension(0))
        self.columns_choice.currentIndexChanged.connect(lambda _place: self._on_dimension(1))
        self.measure_choice.currentIndexChanged.connect(lambda _place: self._measure_chosen())
        self.options_button = button("Arrange", "secondary", "sort")
        self.options_button.setMenu(self.options)
        self.left_out = label("", "small")
        self.left_out.setVisible(False)
        controls = line(
            self.rows_choice,
            self.columns_choice,
            self.measure_choice,
            self.options_button,
            space=8,
        )
        controls.addStretch(1)
        icons = line(space=0)
        for icon, name, act in (
            ("zoom-out", "Smaller cells", lambda: self.heatmap.zoom(-1)),
            ("zoom-in", "Larger cells", lambda: self.heatmap.zoom(1)),
            ("zoom-fit", "Fit the whole map, or back to figures that can be read", self.heatmap.fit_whole),
            ("copy", "Copy the map as a table", self.heatmap.copy),
            ("save", "Save picture of the map", self.picture_asked.emit),
        ):
            icons.addWidget(icon_button(icon, name, act))
        controls.addLayout(icons)
        self.body.addLayout(controls)
        self.body.addWidget(self.left_out)
        self.body.addWidget(self.heatmap, 1)

    @property
    def dimension(self) -> GapDimension:
        """What the rows stand for."""
        return GapDimension(self.rows_choice.currentData())

    @property
    def columns(self) -> GapDimension:
        """What the columns stand for."""
        return GapDimension(self.columns_choice.currentData())

    @property
    def measure(self) -> Measure:
        """What the figure in a cell is."""
        return Measure(self.measure_choice.currentData())

    @property
    def hide_met(self) -> QAction:
        """The switch that leaves out rows and columns in which nobody is short."""
        return self.options.hide_met

    def wish(self, *, is_shared: bool) -> MapWish:
        """Everything that is chosen, for the one who counts."""
        return MapWish(
            rows=self.dimension,
            columns=self.columns,
            order=self.options.order,
            grouping=self.options.grouping,
            shows=self.options.shows,
            hides_met=self.hide_met.isChecked(),
            is_shared=is_shared,
        )

    def choose_dimension(self, dimension: GapDimension) -> None:
        """Change the rows without asking anew."""
        choose(self.rows_choice, dimension)
        self._before = (self.dimension, self.columns)

    def show_map(self, found: FramedMap, shortened: Callable[[str], str]) -> None:
        """Show a map that was counted; ``shortened`` gives units the name they have here."""
        self.heatmap.set_data(map_data(found, shortened), self.measure, worst_first=False)
        name = f"Skill gaps by {WORDS[found.whole.dimension]} and {WORDS[found.whole.columns]}"
        self.heatmap.grid.setAccessibleName(name)
        self.left_out.setText(self._left_out_words(found))
        self.left_out.setVisible(bool(self.left_out.text()))
        wanted = self.heatmap.height_wanted(MOST_ROWS_AT_ONCE) + FRAME
        self.setMinimumHeight(max(LEAST_HEIGHT, wanted))

    def _left_out_words(self, found: FramedMap) -> str:
        parts: list[str] = []
        if found.left_out:
            what = plural(found.whole.columns)
            why = self.options.why(found.whole.columns)
            parts.append(f"{found.left_out:,} {what} {why} are left out.")
        if found.rows_left_out:
            why = self.options.why(found.whole.dimension)
            parts.append(f"{found.rows_left_out:,} {plural(found.whole.dimension)} {why} are left out.")
        if not found.row_places or not found.column_places:
            parts.append("Nothing is left to show: choose other skills under “Arrange”.")
        return " ".join(parts)

    def _on_dimension(self, changed: int) -> None:
        """Rows and columns are never the same: choosing the other's turns the map round."""
        choices = (self.rows_choice, self.columns_choice)
        if self.dimension is self.columns:
            choose(choices[1 - changed], self._before[changed])
        self._before = (self.dimension, self.columns)
        self.rows_chosen.emit()
        self.asked.emit()

    def _measure_chosen(self) -> None:
        self.heatmap.set_measure(self.measure)


class _Options(QMenu):
    """Order, groups, which skills, and whether what is met is left out: a menu of switches."""

    def __init__(self, asked: Callable[[], object]) -> None:
        super().__init__("Arrange")
        self._asked = asked
        self._orders = self._choice("Order", ORDERS)
        self._groupings = self._choice("Groups", GROUPINGS)
        self._shows = self._choice("Skills", SHOWS)
        self.addSeparator()
        self.hide_met = self.addAction("Hide what is met")
        self.hide_met.setCheckable(True)
        self.hide_met.toggled.connect(lambda _on: asked())

    @property
    def order(self) -> HeatOrder:
        """What comes first."""
        return HeatOrder(_chosen(self._orders))

    @property
    def grouping(self) -> Grouping:
        """How rows and columns are put together."""
        return Grouping(_chosen(self._groupings))

    @property
    def shows(self) -> SkillsShown:
        """Which skills are drawn."""
        return SkillsShown(_chosen(self._shows))

    def choose(self, value: object) -> None:
        """Choose an order, a grouping or which skills are shown."""
        for group in (self._orders, self._groupings, self._shows):
            for action in group.actions():
                if action.data() == value:
                    action.trigger()

    def why(self, dimension: GapDimension) -> str:
        """Why something is left out, as part of a sentence."""
        if dimension is GapDimension.SKILL and self.shows is not SkillsShown.ALL:
            words = {SkillsShown.NOT_ASSESSED: "with ratings", SkillsShown.STRATEGIC: "not tagged as strategic",
                     SkillsShown.LEGACY: "not tagged as legacy"}[self.shows]  # fmt: skip
            return f"{words} or met" if self.hide_met.isChecked() else words
        return "in which nobody is short"

    def _choice(self, name: str, items: Iterable[tuple[object, str]]) -> QActionGroup:
        self.addSection(name)
        group = QActionGroup(self)
        for value, text in items:
            action = self.addAction(text)
            action.setCheckable(True)
            action.setData(value)
            action.setChecked(not group.checkedAction())
            group.addAction(action)
        with QSignalBlocker(group):
            group.actions()[0].setChecked(True)
        group.triggered.connect(lambda _action: self._asked())
        return group


def _chosen(group: QActionGroup) -> str:
    action = group.checkedAction()
    assert action is not None
    return str(action.data())


def map_data(found: FramedMap, shortened: Callable[[str], str]) -> HeatmapData:
    """A framed map as the widget wants it."""
    whole, cells = found.whole, found.cells
    axes = {whole.dimension: "rows", whole.columns: "columns"}
    rows, columns = plural(whole.dimension), plural(whole.columns)
    return HeatmapData(
        row_labels=[f"All {rows}", *(shortened(one) for one in found.row_labels)],
        column_labels=[f"All {columns}", *(shortened(one) for one in found.column_labels)],
        required=cells.required.tolist(),
        assessed=cells.assessed.tolist(),
        short=cells.short.tolist(),
        levels_short=cells.levels_short.tolist(),
        hidden=None if found.hidden is None else found.hidden.tolist(),
        has_totals=True,
        row_groups=("", *found.row_groups) if any(found.row_groups) else (),
        column_groups=("", *found.column_groups) if any(found.column_groups) else (),
        row_tags=("", *found.row_tags) if any(found.row_tags) else (),
        column_tags=("", *found.column_tags) if any(found.column_tags) else (),
        skills_are=axes.get(GapDimension.SKILL, ""),  # type: ignore[arg-type]
    )
