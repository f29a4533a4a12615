"""The card that holds the map of skill gaps: its heading, the choices over it, the map, the zoom."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QSizePolicy

from app.services.gap_views import HeatOrder
from app.services.gaps import GapDimension, Heatmap
from app.ui.heatmap import Heatmap as HeatmapView
from app.ui.heatmap import HeatmapData, Measure
from app.ui.widgets import Card, icon_button, label, line

LEAST_HEIGHT = 320
MOST_ROWS_AT_ONCE = 12
FRAME = 110
"""Heading, choices and margins of the card, in pixels."""

_DIMENSIONS = (
    (GapDimension.DEPARTMENT, "By department"),
    (GapDimension.UNIT, "By unit"),
    (GapDimension.ROLE_FAMILY, "By role family"),
    (GapDimension.ROLE, "By role"),
    (GapDimension.GRADE, "By grade"),
    (GapDimension.LOCATION, "By location"),
    (GapDimension.EMPLOYMENT, "By employment"),
)
_MEASURES = (
    (Measure.SHARE_SHORT, "Share short, %"),
    (Measure.LEVELS, "Levels short"),
    (Measure.SHORT, "People short"),
)
_ORDERS = (
    (HeatOrder.MOST_LEVELS, "Most levels first"),
    (HeatOrder.WORST_SHARE, "Largest share first"),
    (HeatOrder.NAME, "By name"),
)
_FINDINGS = {
    Measure.SHARE_SHORT: "Share of assessed people who are short",
    Measure.LEVELS: "Levels short",
    Measure.SHORT: "People short",
}


class MapCard(Card):
    """The map with its choices. ``rows_chosen`` when other rows are picked, ``asked`` when it must be made anew.

    ``picture_asked`` is called when the user wants it as a picture.
    """

    def __init__(
        self,
        rows_chosen: Callable[[], object],
        asked: Callable[[], object],
        picture_asked: Callable[[], object],
    ) -> None:
        super().__init__()
        self.rows_choice = _choice("Rows", _DIMENSIONS, 9)
        self.measure_choice = _choice("Figure", _MEASURES, 9)
        self.order_choice = _choice("Order", _ORDERS, 9)
        self.hide_met = QCheckBox("Hide what is met")
        self.heatmap = HeatmapView()
        self.rows_choice.currentIndexChanged.connect(lambda _place: rows_chosen())
        self.order_choice.currentIndexChanged.connect(lambda _place: asked())
        self.hide_met.toggled.connect(lambda _on: asked())
        self.measure_choice.currentIndexChanged.connect(lambda _place: self._measure_chosen())
        self.title = label("", "label")
        self.left_out = label("", "small")
        top = line(
            self.title,
            icon_button("zoom-out", "Smaller cells", lambda: self.heatmap.zoom(-1)),
            icon_button("zoom-in", "Larger cells", lambda: self.heatmap.zoom(1)),
            icon_button("zoom-fit", "Fit the map into its room", self.heatmap.zoom_to_fit),
            icon_button("save", "Save picture of the map", picture_asked),
            space=4,
        )
        top.setStretch(0, 1)
        controls = line(self.rows_choice, self.measure_choice, self.order_choice, self.hide_met, space=8)
        controls.addStretch(1)
        self.body.addLayout(top)
        self.body.addLayout(controls)
        self.body.addWidget(self.left_out)
        self.body.addWidget(self.heatmap, 1)

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
        self.left_out.setText(f"{left_out:,} skills in which nobody is short are left out.")
        self.left_out.setVisible(bool(left_out))
        wanted = self.heatmap.height_wanted(MOST_ROWS_AT_ONCE) + FRAME
        self.setMinimumHeight(max(LEAST_HEIGHT, wanted))

    def _measure_chosen(self) -> None:
        self.heatmap.set_measure(self.measure)
        self._say_heading()

    def _say_heading(self) -> None:
        word = self.dimension.value.replace("-", " ")
        self.title.setText(f"{_FINDINGS[self.measure]}, by {word} and skill")


def _choice(name: str, items: tuple[tuple[object, str], ...], characters: int) -> QComboBox:
    """A list whose label would only repeat what its items say; ``characters`` is how narrow it may become."""
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setMinimumWidth(made.fontMetrics().averageCharWidth() * characters + 40)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    for value, text in items:
        made.addItem(text, value)
    return made
