"""The drawer for one line of a plan: who, which course and why, levels now and after, and wishes for the next plan."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.services.training import LineWish
from app.services.training.grouping import EnrolmentView
from app.terms import level_word
from app.ui.formats import decimal, money
from app.ui.parts.facts import Facts
from app.ui.parts.line_list import Line, LineList
from app.ui.widgets import button, label, rows


class LineDetails(QWidget):
    """One enrolment. ``wished(str)``: "lock", "forbid" or "" to take back; ``record_asked()`` to the person."""

    wished = Signal(str)
    record_asked = Signal()

    def __init__(
        self, one: EnrolmentView, wish: LineWish | None, *, hides_names: bool, may_wish: bool
    ) -> None:
        super().__init__()
        facts = Facts()
        who = f"Staff {one.staff_id}" if hides_names else f"{one.name}, {one.staff_id}"
        facts.add("Who", who, " · ".join(part for part in (one.grade, one.role_level, one.unit) if part))
        facts.add(
            "Course",
            one.course,
            " · ".join(part for part in (one.course_code, one.provider, one.delivery) if part),
        )
        facts.add("Starts", one.quarter.label)
        facts.add("Takes", f"{decimal(one.hours)} hours")
        facts.add("Costs", money(one.cost_gbp) if one.cost_gbp else "Nothing", one.funding)
        facts.add("Why", one.reason)
        facts.add("Status", one.status.capitalize())
        if one.skills:
            facts.add_heading("Levels now, after and required")
            self.levels = LineList("Levels now, after and required", grows=True)
            self.levels.set_lines([Line(skill.skill, _levels(skill.level_now, skill.level_after, skill.level_required),
                                        skill) for skill in one.skills])  # fmt: skip
            facts.add_widget(self.levels)
        facts.finish()
        parts: list[QWidget] = [facts]
        if may_wish:
            parts += self._wishes(one, wish)
        parts.append(button("Open in People", "secondary", "people", self.record_asked.emit))
        box = rows(*parts, space=8)
        box.setStretch(0, 1)
        self.setLayout(box)

    def _wishes(self, one: EnrolmentView, wish: LineWish | None) -> list[QWidget]:
        if wish is not None:
            said = "forbidden" if wish.is_forbidden else "locked"
            when = f" in {wish.quarter.label}" if wish.quarter is not None else ""
            self.back = button("Take the wish back", "secondary", "unlock", lambda: self.wished.emit(""))
            return [label(f"You have {said} this course for this person{when}.", "small"), self.back]
        self.lock = button("Lock this line", "secondary", "lock", lambda: self.wished.emit("lock"))
        self.lock.setToolTip(f"The next plan keeps this course in {one.quarter.label}")
        self.forbid = button("Forbid this course", "secondary", "remove", lambda: self.wished.emit("forbid"))
        self.forbid.setToolTip("The next plan does without this course for this person")
        return [self.lock, self.forbid]


def _levels(now: int | None, after: int | None, required: int | None) -> str:
    words = f"{level_word(now)} → {level_word(after)}"
    return f"{words}, as required" if after == required else f"{words}, requires {level_word(required)}"
