"""What closing shortfalls may take and what it costs, as a form."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget

from app.errors import AppError
from app.services.workforce import ClosingLimits
from app.ui.form import Field, Form
from app.ui.widgets import Banner, button, line, rows


def _number(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if text else None


def _check(text: str) -> str:
    try:
        value = _number(text)
    except InvalidOperation:
        return "Enter a number such as 2.5, or nothing"
    return (
        ""
        if value is None or (value.is_finite() and value >= 0)
        else "Enter a number of 0 or more, or nothing"
    )


FIELDS = (
    Field("budget", "Money for everything", "money", "Empty means no limit."),
    Field("pay", "A recruit's yearly pay with on-costs", "money", "Our assumption until you put yours.",
          is_required=True),
    Field("campaign", "One round of recruitment", "money", "Paid whether anybody comes or not.", is_required=True),
    Field("day_rate", "A contractor's day", "money", "Where no contract of the role level says one.", is_required=True),
    Field("campaigns", "Rounds of recruitment a quarter, at most", check=_check, hint="Empty means no limit."),
    Field("contractors", "Contractors at once, at most", hint="Empty means no limit.", unit="FTE", check=_check),
    Field("steps", "Steps of skills to learn for a move, at most", "int", minimum=0, maximum=60),
    Field("seconds", "Time to look for a cheaper mix", "int", unit="seconds", minimum=1, maximum=600),
)  # fmt: skip


class LimitsDialog(QDialog):
    """Asks for limits; ``chosen(ClosingLimits)`` when the user goes on."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, known: ClosingLimits) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Limits and costs")
        self.form = Form(FIELDS)
        self.form.set_values(
            {
                "budget": known.budget_gbp, "pay": known.pay_gbp, "campaign": known.campaign_gbp,
                "day_rate": known.day_rate_gbp, "campaigns": _text(known.most_campaigns),
                "contractors": _text(known.most_contractors_fte), "steps": known.steps, "seconds": int(known.seconds),
            }
        )  # fmt: skip
        self.banner = Banner()
        self.go_on = button("Look for the cheapest mix", "primary", "", self._go_on)
        feet = line(button("Cancel", clicked=self.reject), self.go_on, space=12)
        feet.insertStretch(0, 1)
        scroll = QScrollArea()
        scroll.setWidget(self.form)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.viewport().setAutoFillBackground(False)
        self.form.setAutoFillBackground(False)
        box = rows(self.banner, scroll, feet, space=16, margins=(24, 20, 24, 20))
        box.setStretch(1, 1)
        self.setLayout(box)
        self.resize(520, 640)
        self.form.editor("budget").setFocus()

    def _go_on(self) -> None:
        if not self.form.validate():
            return
        try:
            limits = read_limits(self.form.values())
        except AppError as error:
            self.banner.say(f"{error.sentence} {error.advice}", tone="bad")
            return
        self.chosen.emit(limits)
        self.accept()


def read_limits(values: Mapping[str, Any]) -> ClosingLimits:
    """Limits from the form's values; raises UsageError."""
    campaigns = _number(values["campaigns"] or "")
    return ClosingLimits(
        budget_gbp=values["budget"],
        pay_gbp=values["pay"],
        campaign_gbp=values["campaign"],
        day_rate_gbp=values["day_rate"],
        most_campaigns=None if campaigns is None else int(campaigns),
        most_contractors_fte=_number(values["contractors"] or ""),
        steps=values["steps"],
        seconds=float(values["seconds"]),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
