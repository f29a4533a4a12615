"""What courses did: levels gained per enrolment, drawn to the mean where few were measured, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.analysis.disclosure import SUPPRESSED
from app.services.training import CourseEffectsView, EffectLine
from app.ui.formats import money, whole
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import label, rows

COLUMNS = (
    Column("course", "Course", width=252),
    Column("course_code", "Code", width=96, is_shown=False),
    Column("funding", "Paid from", width=136, is_shown=False),
    Column("completed", "Completed", align="right", width=92),
    Column("measured", "Measured", align="right", width=88, tooltip="With comparable ratings before and after"),
    Column("promised", "Planned gain", width=104, align="right", tooltip="Levels per person, as the plan had it"),
    Column("plain", "Measured gain", width=112, align="right", is_shown=False,
           tooltip="Mean levels per person, as measured"),
    Column("effect", "Effect", width=64, align="right", tooltip="Drawn to the mean where few were measured"),
    Column("interval", "90 % interval", width=112, align="right"),
    Column("cost_gbp", "Cost", align="right", width=88, tooltip="Mean cost for each person"),
    Column("per_1000", "For £1,000", width=104, align="right", tooltip="Levels gained for £1,000"),
    Column("per_1000_interval", "90 % interval", width=112, align="right"),
)  # fmt: skip

WORDS = (
    "An effect is the rating after a course less the one before it, by the same kind of assessor. Where few people "
    "were measured it is drawn towards the mean of all courses. It compares before and after, not with people who "
    "took no course."
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One course as text."""

    course: str
    course_code: str
    funding: str
    completed: str
    measured: str
    promised: str
    plain: str
    effect: str
    interval: str
    cost_gbp: str
    per_1000: str
    per_1000_interval: str


def _hidden_row(one: EffectLine) -> _Row:
    """A course whose figures rest on 1 to 4 people, on a shared screen."""
    return _Row(one.course, one.course_code, one.funding, *[SUPPRESSED] * 9)


def _row(one: EffectLine) -> _Row:
    return _Row(
        course=one.course,
        course_code=one.course_code,
        funding=one.funding,
        completed=whole(one.completed),
        measured=whole(one.measured),
        promised=_levels(one.promised),
        plain=_levels(one.plain),
        effect=_levels(one.effect) if one.measured else "Not measured",
        interval=_between(one.low, one.high) if one.measured else "",
        cost_gbp=money(one.cost_gbp),
        per_1000=_levels(one.per_1000) if one.measured else "",
        per_1000_interval=_between(one.per_1000_low, one.per_1000_high) if one.measured else "",
    )


def _levels(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".replace("-", "−")


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_levels(low)} to {_levels(high)}"


def effects_answer(found: CourseEffectsView, *, is_shared: bool = False) -> str:
    """The sentence under the title; on a shared screen without totals that would tell what is hidden."""
    if not found.lines:
        return "No course is completed yet."
    if is_shared and any(found.hidden()):
        return "Levels gained from completed courses. Figures of 1 to 4 people are hidden."
    if found.catalogue_mean is None:
        return f"{whole(found.completed)} courses are completed; none has comparable ratings before and after yet."
    return (
        f"{whole(found.measured)} of {whole(found.completed)} completed courses have comparable ratings before and "
        f"after; a course raises {_levels(found.catalogue_mean)} levels on average."
    )


class PlanEffects(QWidget):
    """The table of effects."""

    def __init__(self) -> None:
        super().__init__()
        self.words = label(WORDS, "secondary")
        self.none_yet = label(
            "Set lines of a plan to completed, and rate the people again: what the courses did is shown here."
        )
        self.pane = TablePane("course-effects", "courses")
        self.pane.setMinimumHeight(220)
        box = rows(self.words, self.none_yet, self.pane, space=12)
        box.setStretch(2, 1)
        self.setLayout(box)

    def show_effects(self, found: CourseEffectsView, *, is_shared: bool) -> None:
        """Show what was measured; on a shared screen without figures of 1 to 4 people (PRODUCT, rule 6)."""
        masks = found.hidden() if is_shared else (False,) * len(found.lines)
        shown = [
            _hidden_row(one) if mask else _row(one) for one, mask in zip(found.lines, masks, strict=True)
        ]
        self.pane.set_data(TableData.of_records(COLUMNS, shown))
        self.pane.setVisible(bool(found.lines))
        self.none_yet.setVisible(not found.lines)
