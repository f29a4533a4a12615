"""The further limits of a training plan, folded away until they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.errors import AppError
from app.services.training import (
    PlanLimits,
    PotBudget,
    parse_department_budget,
    parse_target,
)
from app.terms import Funding
from app.ui.form import Field, Form
from app.ui.widgets import Card, button, label, line, rows

SHOW, HIDE = "Show more limits", "Hide more limits"
USUAL = "Reserve, shares of departments, teams, targets, groups and mentoring. None is set."


def _percentage(text: str) -> str:
    try:
        value = Decimal(text) if text else Decimal(0)
    except InvalidOperation:
        value = Decimal(-1)
    return "" if value.is_finite() and 0 <= value <= 100 else "Enter a percentage from 0 to 100, or nothing"


def _each(parse: Callable[[str], object]) -> Callable[[tuple[str, ...]], str]:
    """A check that says what is wrong with the first line that cannot be read."""

    def check(given: tuple[str, ...]) -> str:
        for text in given:
            try:
                parse(text)
            except AppError as error:
                return f"{error.sentence} {error.advice}"
        return ""

    return check


def _own(text: str) -> PotBudget:
    return parse_department_budget(text, Funding.LEARNING_BUDGET)


def _programme(text: str) -> PotBudget:
    return parse_department_budget(text, Funding.PROGRAMME)


MONEY = (
    Field("own", "L&D money of departments", "lines", "One a line, such as Home Office=50000.",
          check=_each(_own)),
    Field("reserve", "Shared reserve", "money",
          "For departments whose own money is spent. Empty means none.", "over the whole plan"),
    Field("programme", "Programme money of departments", "lines",
          "One a line; for their people alone.", check=_each(_programme)),
    Field("levy_strict", "Levy only for apprenticeships by delivery", "check",
          "Otherwise the catalogue's word for the funding counts."),
)  # fmt: skip
PEOPLE = (
    Field("release", "People away at once", "text",
          "The share of a unit on courses in a quarter, rounded down, but always one person.",
          "% of a unit at the most", check=_percentage),
    Field("fair", "Fair share", "text",
          "No department gets less of its need closed than this share of what courses could close.",
          "% of its need at least", check=_percentage),
    Field("separate", "Groups of one department", "text",
          "Course codes with commas, or all. Their groups do not mix departments."),
)  # fmt: skip
AIMS = (
    Field("targets", "Targets", "lines",
          "One a line: role | role level | skill | level | quarter, such as "
          "Data engineer | | Data modelling | working | 2026Q4. Add | soft=2 where it is a wish: each "
          "step met in time is then worth 2 more.", check=_each(parse_target)),
    Field("mentoring", "Offer mentoring", "check",
          "Where the unit, or the one above, has somebody able with hours left."),
    Field("booked", "Take off what is booked already", "check",
          "Money, hours and places of lines approved or booked in agreed plans."),
)  # fmt: skip


class MoreLimitsForm(QWidget):
    """Three cards behind a button. :meth:`read` gives the limits and the budgets of departments.

    ``edited()`` after every change by the user.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.money, self.people, self.aims = Form(MONEY), Form(PEOPLE), Form(AIMS)
        for key in ("release", "fair"):
            self.people.editor(key).setMinimumWidth(80)
            self.people.editor(key).setMaximumWidth(100)
        self.people.editor("separate").setMinimumWidth(200)
        self.button = button(SHOW, "secondary", "", self.toggle)
        self.summary = label("", "small", wraps=False)
        self._cards = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._cards.setSpacing(16)
        self._held = QWidget()
        for heading, form in (
            ("Money of departments", self.money),
            ("Teams and fairness", self.people),
            ("Targets, mentors, bookings", self.aims),
        ):
            card = Card(heading)
            card.body.addWidget(form)
            form.edited.connect(self.edited)
            self._cards.addWidget(card, 1)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._held.setLayout(self._cards)
        head = line(self.button, self.summary, space=12)
        head.addStretch(1)
        self.setLayout(rows(head, self._held, space=12))
        self._held.hide()

    @property
    def forms(self) -> tuple[Form, ...]:
        """The three forms, in reading order."""
        return self.money, self.people, self.aims

    def set_direction(self, direction: QBoxLayout.Direction) -> None:
        """Side by side, or one below the other."""
        self._cards.setDirection(direction)

    def toggle(self) -> None:
        """Show or fold the cards away."""
        self.open(not self._held.isVisibleTo(self))

    def open(self, is_open: bool) -> None:
        """Show the cards, or fold them away."""
        self._held.setVisible(is_open)
        self.button.setText(HIDE if is_open else SHOW)

    def fill(self, limits: PlanLimits, budgets: tuple[PotBudget, ...]) -> None:
        """Fill every field; the cards are shown where something is set beyond the usual."""
        own = {pot: [b.as_text() for b in budgets if b.departments and b.pot is pot] for pot in Funding}
        reserve = sum((one.pounds for one in limits.reserves), Decimal(0))
        self.money.set_values(
            {
                "own": own[Funding.LEARNING_BUDGET],
                "reserve": reserve if limits.reserves else None,
                "programme": own[Funding.PROGRAMME],
                "levy_strict": limits.is_levy_strict,
            }
        )
        self.people.set_values(
            {
                "release": _plain(limits.release_pct),
                "fair": _plain(limits.fair_pct),
                "separate": ", ".join(limits.separate_groups),
            }
        )
        self.aims.set_values(
            {
                "targets": [target.as_text() for target in limits.targets],
                "mentoring": limits.has_mentoring,
                "booked": limits.is_less_booked,
            }
        )
        for form in self.forms:
            form.show_problems({})
        asked = [heading for heading, _ in limits.asked()]
        asked += ["Money of departments"] if any(budget.departments for budget in budgets) else []
        self.summary.setText(f"Set: {', '.join(dict.fromkeys(asked)).lower()}." if asked else USUAL)
        self.open(bool(asked))

    def validate(self) -> bool:
        """Check every field; the cards are shown where one is wrong."""
        fine = [form.validate() for form in reversed(self.forms)]
        if not all(fine):
            self.open(True)
        return all(fine)

    def read(self) -> tuple[PlanLimits, tuple[PotBudget, ...]]:
        """The limits, and the budgets of departments, as entered; call it after :meth:`validate`."""
        money, people, aims = (form.values() for form in self.forms)
        reserves = ()
        if money["reserve"] is not None:
            reserves = (PotBudget(Funding.LEARNING_BUDGET, money["reserve"]),)
        limits = PlanLimits(
            reserves=reserves,
            release_pct=_number(people["release"]),
            fair_pct=_number(people["fair"]),
            targets=tuple(parse_target(text) for text in aims["targets"]),
            separate_groups=tuple(code.strip() for code in people["separate"].split(",") if code.strip()),
            has_mentoring=aims["mentoring"],
            is_less_booked=aims["booked"],
            is_levy_strict=money["levy_strict"],
        )
        budgets = (*map(_own, money["own"]), *map(_programme, money["programme"]))
        return limits, budgets


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _plain(value: Any) -> str:
    return "" if value is None else f"{value.normalize():f}"
