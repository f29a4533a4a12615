"""The card that holds the map of skill gaps: its heading, the choices over it, the map, the zoom."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from app.services.gap_views import HeatOrder
from app.services.gaps import GapDimension, Heatmap
from app.ui.heatmap import Heatmap as HeatmapView
from app.ui.heatmap import HeatmapData, Measure
from app.ui.widgets import Card, icon_button, label, line, rows

LEAST_HEIGHT = 400

_DIMENSIONS = (
    (GapDimension.DEPARTMENT, "Department"),
    (GapDimension.UNIT, "Unit"),
    (GapDimension.ROLE_FAMILY, "Role family"),
    (GapDimension.ROLE, "Role"),
    (GapDimension.GRADE, "Grade"),
    (GapDimension.LOCATION, "Location"),
    (GapDimension.EMPLOYMENT, "Employment"),
)
_MEASURES = (
    (Measure.SHARE_SHORT, "Share short, %"),
    (Measure.LEVELS, "Levels short"),
    (Measure.SHORT, "People short"),
)
_ORDERS = (
    (HeatOrder.MOST_LEVELS, "Most levels short first"),
    (HeatOrder.WORST_SHARE, "Largest share short first"),
    (HeatOrder.NAME, "By name"),
)
_FINDINGS = {
    Measure.SHARE_SHORT: "Share of assessed people who are short",
    Measure.LEVELS: "Levels short",
    Measure.SHORT: "People short",
}


class MapCard(Card):
    """The map with its choices. ``rows_chosen`` when other rows are picked, ``asked`` when it must be made anew."""

    def __init__(self, rows_chosen: Callable[[], object], asked: Callable[[], object]) -> None:
        super().__init__()
        self.rows_choice = _choice("Rows", _DIMENSIONS)
        self.measure_choice = _choice("Figure", _MEASURES)
        self.order_choice = _choice("Order", _ORDERS)
        self.hide_met = QCheckBox("Hide what is met")
        self.heatmap = HeatmapView()
        self.rows_choice.currentIndexChanged.connect(lambda _place: rows_chosen())
        self.order_choice.currentIndexChanged.connect(lambda _place: asked())
        self.hide_met.toggled.connect(lambda _on: asked())
        self.measure_choice.currentIndexChanged.connect(lambda _place: self._measure_chosen())
        controls = line(space=12)
        for choice in (self.rows_choice, self.measure_choice, self.order_choice):
            caption = label(choice.accessibleName(), "small", wraps=False)
            caption.setBuddy(choice)
            controls.addLayout(rows(caption, choice, space=2))
        checked = QWidget()
        checked.setLayout(rows(self.hide_met, margins=(0, 16, 0, 0)))
        controls.addWidget(checked)
        controls.addStretch(1)
        zoom = QWidget()
        zoom.setLayout(
            line(
                icon_button("zoom-out", "Smaller cells", lambda: self.heatmap.zoom(-1)),
                icon_button("zoom-in", "Larger cells", lambda: self.heatmap.zoom(1)),
                icon_button("zoom-fit", "Fit the map into its room", self.heatmap.zoom_to_fit),
                space=0,
                margins=(0, 16, 0, 0),
            )
        )
        controls.addWidget(zoom)
        self.body.addLayout(controls)
        self.body.addWidget(self.heatmap, 1)
        self.setMinimumHeight(LEAST_HEIGHT)

    @property
    def dimension(self) -> GapDimension:
        """What the rows stand for."""
        return GapDimension(self.rows_choice.currentData())

    @property
    def measure(self) -> Measure:
        """What the figure in a cell is."""
        return Measure(self.measure_choice.currentData())

    @property
    def order(self) -> HeatOrder:
        """What comes first."""
        return HeatOrder(self.order_choice.currentData())

    @property
    def hides_met(self) -> bool:
        """Whether rows and columns in which nobody is short are left out."""
        return self.hide_met.isChecked()

    def choose_dimension(self, dimension: GapDimension) -> None:
        """Change the rows without asking anew."""
        with QSignalBlocker(self.rows_choice):
            self.rows_choice.setCurrentIndex(self.rows_choice.findData(dimension))

    def show_map(self, drawn: Heatmap, data: HeatmapData, whole: Heatmap) -> None:
        """Show a map; ``whole`` is what it was drawn from, to say how much is left out."""
        self.heatmap.set_data(data, self.measure, worst_first=False)
        self._say_heading()
        left_out = len(whole.skills) - len(drawn.skills)
        parts = [f"{len(drawn.groups):,} rows, {len(drawn.skills):,} skills"]
        if left_out:
            parts.append(f"{left_out:,} skills in which nobody is short are hidden")
        self.set_heading(self.heading.text(), "; ".join(parts) + ". Enter shows the people behind a cell.")

    def _measure_chosen(self) -> None:
        self.heatmap.set_measure(self.measure)
        self._say_heading()

    def _say_heading(self) -> None:
        word = self.dimension.value.replace("-", " ")
        self.set_heading(f"{_FINDINGS[self.measure]}, by {word} and skill", self.note.text())


def _choice(name: str, items: tuple[tuple[object, str], ...]) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    for value, text in items:
        made.addItem(text, value)
    return made
