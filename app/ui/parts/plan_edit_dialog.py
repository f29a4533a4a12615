"""A line of a plan changed or added by hand: the effect follows every choice, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QWidget

from app.errors import AppError
from app.services.training import CourseLine, EditKind, EditPreview, LineEdit, PlanFigures, PlanView
from app.services.training.grouping import EnrolmentView
from app.ui.context import Context
from app.ui.form import Field, Form
from app.ui.formats import decimal, money, whole
from app.ui.widgets import Banner, button, label, line, rows

LOOK_AFTER_MS = 250
Done = Callable[[Sequence[LineEdit], EditPreview], object]


def effect_words(before: PlanFigures, after: PlanFigures) -> str:
    """What changes do to the figures of a plan, in one sentence each."""
    steps, cost, hours = (
        after.steps_closed - before.steps_closed,
        after.cost_gbp - before.cost_gbp,
        after.hours - before.hours,
    )
    return "\n".join(
        (
            f"Steps closed: {whole(before.steps_closed)} → {whole(after.steps_closed)} ({_signed(steps, whole)})",
            f"Cost: {money(before.cost_gbp)} → {money(after.cost_gbp)} ({_signed(cost, money)})",
            f"Hours: {decimal(before.hours)} → {decimal(after.hours)} ({_signed(hours, decimal)})",
        )
    )


def _signed(value: Any, written: Callable[[Any], str]) -> str:
    if not value:
        return "no change"
    return f"{'+' if value > 0 else '−'}{written(abs(value))}"


def sentences(parts: Sequence[str]) -> str:
    """Broken limits or notes as sentences, one to a line, the first few."""
    shown = [f"{part[:1].upper()}{part[1:]}." for part in parts[:4]]
    more = [f"And {len(parts) - 4:,} more."] if len(parts) > 4 else []
    return "\n".join([*shown, *more])


class PlanEditDialog(QDialog):
    """Person, course, quarter and comment of a line; ``line`` is the one to change, None to add one.

    ``done`` is called with the changes and their preview once the user says so.
    """

    def __init__(
        self,
        parent: QWidget,
        context: Context,
        plan: PlanView,
        one: EnrolmentView | None,
        courses: Sequence[CourseLine],
        done: Done,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Add a line" if one is None else "Change a line")
        self._context, self._plan, self._one, self._done = context, plan, one, done
        self._seen: EditPreview | None = None
        self._asked = 0
        self.form = Form(_fields(plan, courses))
        self.effect = label("", "secondary")
        self.effect.setMinimumHeight(self.fontMetrics().height() * 4)
        self.warning = Banner()
        self.save = button("Add line" if one is None else "Change line", "primary", "", self._save)
        self.save.setDefault(True)
        self.save.setEnabled(False)
        feet = line(button("Cancel", clicked=self.reject), self.save, space=12)
        feet.insertStretch(0, 1)
        heading = label(_heading(context, one), "heading")
        self.setLayout(
            rows(heading, self.form, self.effect, self.warning, feet, space=16, margins=(24, 20, 24, 20))
        )
        self.setMinimumWidth(520)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(LOOK_AFTER_MS)
        self._clock.timeout.connect(self.look)
        self._fill()
        self.form.edited.connect(self._wait)
        self.look()

    def _fill(self) -> None:
        one = self._one
        first = self._plan.quarters[0].code if self._plan.quarters else None
        if one is None:
            self.form.set_values({"quarter": first})
            self.effect.setText("Enter a staff id, and choose a course and a quarter.")
            return
        self.form.set_values(
            {"staff_id": one.staff_id, "course": one.course_code, "quarter": one.quarter.code}
        )

    def edits(self) -> tuple[LineEdit, ...]:
        """What is entered as changes; empty where nothing is changed or something is missing."""
        values = self.form.values()
        quarter = next((q for q in self._plan.quarters if q.code == values["quarter"]), None)
        staff, course, comment = values["staff_id"], values["course"], values["comment"] or None
        if not staff or not course or quarter is None:
            return ()
        if self._one is None:
            return (LineEdit(EditKind.ADD, staff, course, quarter, comment=comment),)
        one = self._one
        edit = LineEdit(
            EditKind.CHANGE,
            one.staff_id,
            one.course_code,
            quarter,
            to_course=course if course != one.course_code else "",
            to_staff=staff if staff != one.staff_id else "",
            comment=comment,
        )
        is_same = quarter == one.quarter and not edit.to_course and not edit.to_staff and comment is None
        return () if is_same else (edit,)

    def _wait(self) -> None:
        self._seen = None
        self.save.setEnabled(False)
        self._clock.start()

    def look(self) -> None:
        """Ask what the changes entered would do."""
        edits = self.edits()
        self.warning.say("")
        if not edits:
            if self._one is not None:
                self.effect.setText("Choose another course, quarter or person. What that does is shown here.")
            return
        edit_service, plan_id = self._context.workspace.training.edits, self._plan.plan_id
        self.effect.setText("Looking at what this changes…")
        self._context.jobs.read(
            lambda _progress: edit_service.preview(plan_id, edits),
            lambda seen: self._show(edits, seen),
            key="plan-edit",
            title="Trying a change",
            failed=self._failed,
        )

    def _show(self, edits: Sequence[LineEdit], seen: EditPreview) -> None:
        if edits != self.edits():
            return  # something else was entered meanwhile, and is being looked at
        self._seen = seen
        if seen.refusals:
            self.effect.setText(sentences([one.why for one in seen.refusals]))
            return
        self.effect.setText(effect_words(seen.before, seen.after))
        self.save.setEnabled(True)
        verb = "Add line" if self._one is None else "Change line"
        self.save.setText(f"{verb} all the same" if seen.conflicts else verb)
        if seen.conflicts:
            self.warning.say(f"This breaks a limit of the plan.\n{sentences(seen.conflicts)}", tone="warn")
        elif seen.notes:
            self.warning.say(sentences(seen.notes), tone="info")
        self._grow()

    def _grow(self) -> None:
        """Be as high as what is said needs, so that no field is squeezed."""
        box = self.layout()
        if box is not None:
            box.activate()
            self.resize(self.width(), max(self.height(), box.totalHeightForWidth(self.width())))

    def _failed(self, error: AppError) -> None:
        self.effect.setText(str(error))

    def _save(self) -> None:
        if self.form.validate() and self._seen is not None:
            self._done(self.edits(), self._seen)
            self.accept()


def _fields(plan: PlanView, courses: Sequence[CourseLine]) -> tuple[Field, ...]:
    codes = tuple((course.code, f"{course.title} ({course.code})") for course in courses)
    quarters = tuple((quarter.code, quarter.label) for quarter in plan.quarters)
    return (
        Field("staff_id", "Staff id", "text", "Who takes the course.", is_required=True),
        Field("course", "Course", "choice", choices=codes),
        Field("quarter", "Starts in", "choice", choices=quarters),
        Field("comment", "Comment", "text", "Kept with the line. May be empty."),
    )


def _heading(context: Context, one: EnrolmentView | None) -> str:
    if one is None:
        return "Who takes which course, and when?"
    who = one.staff_id if context.settings.flag("hide_names") else f"{one.name} ({one.staff_id})"
    return f"{who}: {one.course}, {one.quarter.label}"
