"""The settings of a training plan: money, time and choices, filled so that they run without a thought."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QWidget

from app.services.scope import Scope
from app.services.training import LineWish, PlanLimits, PlanOutlook, PlanSettings, PotBudget
from app.services.training.records import DEFAULT_HOURS
from app.terms import FinancialQuarter, Funding
from app.ui.form import Field, Form
from app.ui.formats import people, whole
from app.ui.parts.plan_more_limits import MoreLimitsForm
from app.ui.widgets import Banner, Card, label, rows

_POTS = (
    (
        "learning",
        Funding.LEARNING_BUDGET,
        "L&D budget",
        "Pays for any course marked L&D budget. 0 plans free courses.",
    ),
    ("levy", Funding.LEVY, "Apprenticeship levy", "Pays for apprenticeships only. Empty means none."),
    (
        "programme",
        Funding.PROGRAMME,
        "Programme money",
        "Pays for courses funded by a programme. Empty means none.",
    ),
)
NARROW = 900
DEFAULT_SECONDS = 30
MOST_QUARTERS = 12


class PlanSettingsForm(QWidget):
    """Three cards of fields. :meth:`read` checks them and says what is wrong beside each field.

    ``edited()`` after every change by the user.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.scope_words = label("", "secondary")
        self.wishes_note = Banner()
        self.money = Form(
            [Field(key, name, "money", hint, "over the whole plan") for key, _pot, name, hint in _POTS]
        )
        self.time = Form(
            [
                Field("start", "First quarter", "quarter", "Quarter 1 is April to June."),
                Field("quarters", "How many quarters", "int", "", "quarters", minimum=1, maximum=MOST_QUARTERS),
                Field("hours", "Hours of learning", "int", "At most, for each person.", "hours a quarter",
                      maximum=500),
                Field("seconds", "Time to look for a better plan", "int",
                      "Stops earlier once the best plan is proven.", "seconds", minimum=1, maximum=3_600),
            ]
        )  # fmt: skip
        self.choices = Form(
            [
                Field("contractors", "Train contractors too", "check", "Left out unless ticked."),
                Field("by_fte", "Fewer hours for part-timers", "check", "Hours are scaled by FTE."),
                Field("overrun", "Allow courses that end after the plan", "check",
                      "Long courses may start in the last quarters."),
            ]
        )  # fmt: skip
        self.budget_note = label("", "small")
        cards = []
        for heading, form in (("Money", self.money), ("Time", self.time), ("Choices", self.choices)):
            card = Card(heading)
            if form is self.money:
                card.body.addWidget(self.budget_note)
            card.body.addWidget(form)
            form.edited.connect(self.edited)
            cards.append(card)
        self._cards = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._cards.setSpacing(16)
        for card in cards:
            self._cards.addWidget(card, 1)
        self.more = MoreLimitsForm()
        self.more.edited.connect(self.edited)
        box = rows(self.scope_words, self.wishes_note, self._cards, self.more, space=12)
        box.addStretch(1)
        self.setLayout(box)

    def fill(self, known: PlanSettings | None, outlook: PlanOutlook, start: FinancialQuarter) -> None:
        """Fill every field: from the settings of an earlier plan, or with figures to start from."""
        given: dict[Funding, Decimal] = {}
        for budget in known.budgets if known else ():
            if budget.departments:
                continue  # shown with the further limits
            given[budget.pot] = given.get(budget.pot, Decimal(0)) + budget.pounds
        money: dict[str, Any] = {key: given.get(pot) for key, pot, _name, _hint in _POTS}
        self.budget_note.setText("")
        if known is None:
            money["learning"] = outlook.first_budget
            self.budget_note.setText(
                f"Filled in with £500 for each of the {people(outlook.people_short)} who are short: "
                "a figure to start from. Put in your own."
            )
        self.budget_note.setVisible(bool(self.budget_note.text()))
        self.money.set_values(money)
        first = (
            known.start if known is not None and known.start is not None and known.start >= start else start
        )
        self._offer_quarters(start)
        self.time.set_values(
            {
                "start": first,
                "quarters": known.quarters if known else 4,
                "hours": int(known.hours_per_quarter if known else DEFAULT_HOURS),
                "seconds": int(known.seconds) if known else DEFAULT_SECONDS,
            }
        )
        self.choices.set_values(
            {
                "contractors": known.scope.with_contractors if known else False,
                "by_fte": known.is_scaled_by_fte if known else False,
                "overrun": known.is_overrun_allowed if known else False,
            }
        )
        for form in (self.money, self.time, self.choices):
            form.show_problems({})
        self.more.fill(known.limits if known else PlanLimits(), known.budgets if known else ())

    def _offer_quarters(self, start: FinancialQuarter) -> None:
        choice = self.time.editor("start")
        assert isinstance(choice, QComboBox)
        choice.clear()
        for later in range(MOST_QUARTERS):
            quarter = start + later
            choice.addItem(quarter.label, quarter)

    def show_scope(self, scope: Scope) -> None:
        """Say whom the plan is for."""
        words = scope.in_words().split(";")
        who = "; ".join(part.strip() for part in words[:2])
        self.scope_words.setText(f"For: {who}. Choose others in the bar above.")

    def show_wishes(self, wishes: tuple[LineWish, ...]) -> None:
        """Say how many lines are locked or forbidden."""
        locked = sum(not wish.is_forbidden for wish in wishes)
        banned = len(wishes) - locked
        parts = [
            f"{whole(count)} {word}" for count, word in ((locked, "locked"), (banned, "forbidden")) if count
        ]
        self.wishes_note.say(
            f"Kept as you wished: lines {' and '.join(parts)}." if parts else "", tone="info"
        )

    def read(self, scope: Scope, wishes: tuple[LineWish, ...]) -> PlanSettings | None:
        """The settings as entered; None where a field is wrong, which is then said beside it."""
        fine = [form.validate() for form in (self.more, self.choices, self.time, self.money)]
        if not all(fine):
            return None
        limits, of_departments = self.more.read()
        if self.money.values()["learning"] is None and not (limits.reserves or of_departments):
            self.money.show_problems({"learning": "L&D budget: enter a value"})
            return None
        money, time, chosen = self.money.values(), self.time.values(), self.choices.values()
        return PlanSettings(
            scope=replace(scope, with_contractors=chosen["contractors"]),
            budgets=(
                *(PotBudget(pot, money[key]) for key, pot, _name, _hint in _POTS if money[key] is not None),
                *of_departments,
            ),
            hours_per_quarter=Decimal(time["hours"]),
            start=time["start"],
            quarters=time["quarters"],
            seconds=float(time["seconds"]),
            is_overrun_allowed=chosen["overrun"],
            is_scaled_by_fte=chosen["by_fte"],
            wishes=wishes,
            limits=limits,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        unit = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        ways = QBoxLayout.Direction
        direction = ways.LeftToRight if self.width() >= NARROW * unit else ways.TopToBottom
        self._cards.setDirection(direction)
        self.more.set_direction(direction)
