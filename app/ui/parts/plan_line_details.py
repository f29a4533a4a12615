"""The drawer for one line of a plan: who, which course and why, levels now and after, and wishes for the next plan."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.services.training import LineWish, UnmetView
from app.services.training.grouping import EnrolmentView
from app.terms import level_word
from app.ui.formats import decimal, money
from app.ui.parts.facts import Facts
from app.ui.parts.line_list import Line, LineList
from app.ui.widgets import button, clear, label, rows


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
        price = f"{money(one.cost_gbp)}, {one.funding}" if one.cost_gbp else "free"
        facts.add("When and what", f"{one.quarter.label} · {decimal(one.hours)} hours · {price}")
        facts.add("Status", one.status.capitalize())
        if one.skills:
            facts.add_heading("Levels now, after and required")
            self.levels = LineList("Levels now, after and required", grows=True)
            self.levels.set_lines([Line(skill.skill, _levels(skill.level_now, skill.level_after, skill.level_required),
                                        skill) for skill in one.skills])  # fmt: skip
            facts.add_widget(self.levels)
        self.reasons = Reasons(one.reason)
        facts.add_widget(self.reasons)
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


class NeedDetails(QWidget):
    """One need that stays open: what it would take. ``record_asked()`` to the person."""

    record_asked = Signal()

    def __init__(self, need: UnmetView, *, hides_names: bool) -> None:
        super().__init__()
        facts = Facts()
        who = f"Staff {need.staff_id}" if hides_names else f"{need.name}, {need.staff_id}"
        facts.add("Who", who, need.unit)
        facts.add("Level", _levels(need.level_now, need.level_after, need.level_required))
        self.reasons = Reasons()
        facts.add_widget(self.reasons)
        facts.finish()
        box = rows(facts, button("Open in People", "secondary", "people", self.record_asked.emit), space=8)
        box.setStretch(0, 1)
        self.setLayout(box)


class Reasons(QWidget):
    """Headings with sentences under them, once they are worked out."""

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self._box = rows(space=2)
        self.setLayout(self._box)
        self.said: tuple[tuple[str, str], ...] = ()
        self._reason = reason
        self.show_reasons(
            (*((("Why", reason),) if reason else ()), ("Weighing it against the next best", ""))
        )

    def show_reasons(self, said: tuple[tuple[str, str], ...]) -> None:
        """Show the sentences in place of the wait."""
        self.said = said
        clear(self._box)
        for place, (heading, sentence) in enumerate(said):
            if place:
                self._box.addSpacing(10)
            self._box.addWidget(label(heading, "small"))
            if not sentence:
                continue
            shown = label(sentence)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            shown.setAccessibleName(f"{heading}: {sentence}")
            self._box.addWidget(shown)

    def show_trouble(self, sentence: str) -> None:
        """Say why there is no explanation."""
        own = (("Why it was chosen", self._reason),) if self._reason else ()
        self.show_reasons((*own, ("Today", sentence)))


def _levels(now: int | None, after: int | None, required: int | None) -> str:
    words = f"{level_word(now)} → {level_word(after)}"
    return f"{words}, as required" if after == required else f"{words}, requires {level_word(required)}"
