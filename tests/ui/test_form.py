from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton, QSpinBox

from app.terms import FinancialQuarter
from app.ui.form import Field, Form, read_money

FIELDS = (
    Field("name", "Plan name", is_required=True, hint="As it stands in the workbook."),
    Field("people", "People", "int", minimum=1, maximum=50),
    Field("budget", "L&D budget", "money", unit="for the year", is_required=True, maximum=1_000_000),
    Field("pot", "Pot", "choice", choices=(("levy", "Apprenticeship levy"), ("free", "Free"))),
    Field("day", "As at", "date"),
    Field("start", "Start", "quarter", first=FinancialQuarter.parse("2026Q4")),
    Field("proof", "Prove the best plan", "check"),
    Field("units", "Departments", "multi", choices=((1, "Revenue"), (2, "Transport"))),
)
VALUES: dict[str, Any] = {
    "name": "Spring",
    "people": 12,
    "budget": Decimal(40000),
    "pot": "free",
    "day": date(2026, 11, 23),
    "start": FinancialQuarter.parse("2027Q1"),
    "proof": True,
    "units": (2,),
}


@pytest.fixture
def form(qtbot: Any) -> Form:
    made = Form(FIELDS)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_what_is_filled_in_is_read_back(form: Form) -> None:
    form.set_values(VALUES)
    assert form.validate()
    assert form.values() == VALUES
    assert form.summary.isHidden()


def test_problems_are_said_beside_the_field_and_on_top(form: Form) -> None:
    form.set_values({"budget": None, "name": ""})
    assert not form.validate()
    links = [link.text().replace("&&", "&") for link in form.summary.findChildren(QPushButton)]
    assert links == ["Plan name: enter a value", "L&D budget: enter a value"]
    assert form._rows["name"].problem.text() == links[0]
    assert "enter a value" in form.editor("name").accessibleDescription()


def test_a_link_of_the_summary_leads_to_its_field(form: Form, qtbot: Any) -> None:
    form.activateWindow()
    form.validate()
    form.summary.findChildren(QPushButton)[1].click()
    assert form.editor("budget").hasFocus()


def test_problems_go_when_they_are_put_right(form: Form) -> None:
    form.validate()
    form.set_values(VALUES)
    assert form.validate()
    assert form._rows["name"].problem.isHidden()


@pytest.mark.parametrize(
    ("text", "amount"),
    [("40000", "40000"), ("£40,000", "40000"), ("40k", "40000"), ("1.2m", "1200000"), ("12.50", "12.50")],
)
def test_money_is_read_as_people_type_it(text: str, amount: str) -> None:
    assert read_money(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["forty", "1.234", "1..2", "£", "nan", "inf"])
def test_money_that_cannot_be_read_says_how_to_enter_it(form: Form, text: str) -> None:
    form.set_values(VALUES)
    editor = form.editor("budget")
    assert isinstance(editor, QLineEdit)
    editor.setText(text)
    assert not form.validate()
    assert "enter" in form._rows["budget"].problem.text()


def test_money_outside_its_limits_says_the_limits(form: Form) -> None:
    form.set_values(VALUES | {"budget": Decimal(2_000_000)})
    form.validate()
    assert form._rows["budget"].problem.text() == "L&D budget: enter an amount from £0 to £1,000,000"


def test_a_field_may_bring_its_own_check(qtbot: Any) -> None:
    form = Form(
        (Field("hours", "Hours", "int", check=lambda hours: "Hours: enter 1 or more" if not hours else ""),)
    )
    qtbot.addWidget(form)
    assert not form.validate()
    form.set_values({"hours": 3})
    assert form.validate()


def test_sentences_follow_the_house_style(form: Form) -> None:
    form.set_values({"budget": None, "name": ""})
    form.validate()
    said = " ".join(row.problem.text().lower() for row in form._rows.values())
    assert not any(word in said for word in ("invalid", "please", "error", "!"))


def test_every_change_is_told(form: Form, qtbot: Any) -> None:
    editor = form.editor("people")
    assert isinstance(editor, QSpinBox)
    with qtbot.waitSignal(form.edited):
        editor.setValue(9)
