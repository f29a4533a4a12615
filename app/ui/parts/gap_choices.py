"""What the views of skill gaps are chosen by: dimensions, measures, orders, groupings, and a list to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QSizePolicy

from app.services.gap_frame import Grouping, SkillsShown
from app.services.gap_groups import GapDimension
from app.services.gap_views import HeatOrder
from app.ui.heatmap import Measure

WORDS = {
    GapDimension.DEPARTMENT: "department",
    GapDimension.UNIT: "unit",
    GapDimension.ROLE_FAMILY: "role family",
    GapDimension.ROLE: "role",
    GapDimension.GRADE: "grade",
    GapDimension.LOCATION: "location",
    GapDimension.EMPLOYMENT: "employment",
    GapDimension.SKILL: "skill",
}
"""Each dimension as one word of a sentence."""

PLURALS = {
    GapDimension.ROLE_FAMILY: "role families",
    GapDimension.EMPLOYMENT: "kinds of employment",
}

OF_PEOPLE = tuple(dimension for dimension in WORDS if dimension is not GapDimension.SKILL)
"""The dimensions that put people into groups."""

MEASURES = (
    (Measure.SHARE_SHORT, "Share short, %"),
    (Measure.LEVELS, "Levels short"),
    (Measure.BOTH, "Share | levels"),
    (Measure.SHORT, "People short"),
)
ORDERS = (
    (HeatOrder.MOST_LEVELS, "Most levels first"),
    (HeatOrder.WORST_SHARE, "Largest share first"),
    (HeatOrder.NAME, "By name"),
)
GROUPINGS = (
    (Grouping.NONE, "No groups"),
    (Grouping.FAMILY, "Under role families and departments"),
    (Grouping.TAG, "Strategic, other and legacy skills"),
)
SHOWS = (
    (SkillsShown.ALL, "All skills"),
    (SkillsShown.NOT_ASSESSED, "Skills nobody is assessed in"),
    (SkillsShown.STRATEGIC, "Strategic skills"),
    (SkillsShown.LEGACY, "Legacy skills"),
)


def plural(dimension: GapDimension) -> str:
    """``departments``, ``role families``."""
    return PLURALS.get(dimension, f"{WORDS[dimension]}s")


def choice(name: str, items: Iterable[tuple[object, str]], characters: int = 9) -> QComboBox:
    """A list whose label would only repeat what its items say; ``characters`` is how narrow it may become."""
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setMinimumWidth(made.fontMetrics().averageCharWidth() * characters + 40)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    for value, text in items:
        made.addItem(text, value)
    return made


def dimension_choice(name: str, dimensions: Iterable[GapDimension], start: str) -> QComboBox:
    """A list of dimensions, each said as ``Rows: department``."""
    return choice(name, ((one, f"{start}{WORDS[one]}") for one in dimensions), 8)


def choose(made: QComboBox, value: object) -> None:
    """Choose an item without telling anybody."""
    with QSignalBlocker(made):
        made.setCurrentIndex(max(0, made.findData(value)))
