"""Which rating counts: said in a sentence, changed in a dialog that shows first what the change does."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.services.assessments import RatingRules, RulesPreview
from app.terms import AssessedBy
from app.ui.context import Context
from app.ui.form import Field, Form
from app.ui.formats import people, whole
from app.ui.widgets import button, label, line, rows

_NAMES = {
    AssessedBy.SELF: "self",
    AssessedBy.LINE_MANAGER: "line manager",
    AssessedBy.HEAD_OF_PROFESSION: "head of profession",
}
PLACES = ("first", "second", "third")
_CHOICES = tuple((kind, f"{name[:1].upper()}{name[1:]}") for kind, name in _NAMES.items())


def rules_words(rules: RatingRules) -> str:
    """The rules as a sentence."""
    first, second, third = (_NAMES[kind] for kind in rules.order)
    months = rules.expires_after_months
    ends = (
        f"a rating expires after {months} {'month' if months == 1 else 'months'}"
        if months
        else "no rating expires"
    )
    order = f"{first[:1].upper()}{first[1:]} counts before {second}, {second} before {third}"
    return f"{order}; of the same kind, the latest rating counts; {ends}."


def preview_words(found: RulesPreview) -> str:
    """What other rules would do."""
    parts = [
        f"{whole(found.changed)} get another level" if found.changed else "",
        f"{whole(found.lost)} lose their rating because it has expired" if found.lost else "",
        f"{whole(found.gained)} get one" if found.gained else "",
    ]
    said = [part for part in parts if part]
    if not said:
        return f"None of the {whole(found.rated)} ratings that count today would change."
    text = ", ".join(said[:-1]) + (" and " if len(said) > 1 else "") + said[-1]
    return f"Of {whole(found.rated)} ratings that count today, {text}: {people(found.people)}."


class RulesDialog(QDialog):
    """Three places in the order and the months until a rating expires; the preview follows every change."""

    def __init__(self, parent: QWidget, context: Context, rules: RatingRules) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Which rating counts")
        self._context = context
        self.form = Form(
            (
                Field("first", "Counts first", "choice", choices=_CHOICES),
                Field("second", "Then", "choice", choices=_CHOICES),
                Field("third", "Last", "choice", choices=_CHOICES),
                Field("months", "Ratings expire after", "int", "0 means never.", "months", maximum=240),
            )
        )
        first, second, third = rules.order
        self.form.set_values(
            {"first": first, "second": second, "third": third, "months": rules.expires_after_months or 0}
        )
        self.form.edited.connect(self.look)
        self.preview = label("", "secondary")
        self.preview.setMinimumHeight(self.fontMetrics().height() * 3)
        save = button("Save rules", "primary", "", self._save)
        save.setDefault(True)
        feet = line(button("Cancel", clicked=self.reject), save, space=12)
        feet.insertStretch(0, 1)
        sentence = label("Several people may rate the same skill of the same person. Which rating is used?")
        self.setLayout(rows(sentence, self.form, self.preview, feet, space=16, margins=(24, 20, 24, 20)))
        self.setMinimumWidth(460)
        self.look()

    def rules(self) -> RatingRules | None:
        """What is entered; None where a kind is named twice."""
        values: dict[str, Any] = self.form.values()
        order = tuple(AssessedBy(values[place]) for place in PLACES)  # Qt keeps plain texts
        return RatingRules(order, values["months"] or None) if len(set(order)) == len(order) else None

    def look(self) -> None:
        """Ask what the rules entered would do."""
        rules, assessments = self.rules(), self._context.workspace.assessments
        if rules is None:
            self.preview.setText("Name each kind of rating once.")
            return
        self.preview.setText("Looking at what this changes…")
        self._context.jobs.read(
            lambda _progress: assessments.preview_rules(rules),
            lambda found: self.preview.setText(preview_words(found)),
            key="rating-rules",
            title="Trying rules",
        )

    def _save(self) -> None:
        rules, assessments = self.rules(), self._context.workspace.assessments
        if rules is None:
            self.form.show_problems({"second": "Then: name each kind of rating once"})
            return
        self._context.jobs.write(
            lambda _progress: assessments.choose_rules(rules), title="Choosing which ratings count"
        )
        self.accept()
