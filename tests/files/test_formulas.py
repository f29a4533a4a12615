"""Formulas speak of tables and columns; what people typed enters them as quoted criteria only."""

from __future__ import annotations

import random
import re
from decimal import Decimal

import pytest
from openpyxl.formula.tokenizer import Token, Tokenizer

from app.files.formulas import (
    column_ref,
    count_if,
    rows_of,
    share_of,
    shown,
    sum_if,
    sum_of,
    text_criterion,
    total_of,
)
from tests.counts import share
from tests.files.workbook_examples import random_text


def test_special_characters_of_a_header_are_escaped() -> None:
    assert column_ref("Plan", "Cost [£] #1's") == "Plan[Cost '[£'] '#1''s]"


@pytest.mark.parametrize("table", ["A1", "my plan", "Plan]+1", ""])
def test_only_table_names_name_tables(table: str) -> None:
    with pytest.raises(ValueError, match="not a table name"):
        sum_of(table, "Cost")


@pytest.mark.parametrize(
    ("text", "criterion"),
    [
        ("L&D budget", '"=L&D budget"'),
        ('say "yes"', '"=say ""yes"""'),
        ("what?*~", '"=what~?~*~~"'),
        (">5", '"=>5"'),
        ("", '"="'),
    ],
)
def test_criteria_match_the_text_itself(text: str, criterion: str) -> None:
    assert text_criterion(text) == criterion


def test_no_text_breaks_out_of_its_criterion() -> None:
    chance = random.Random(13)
    for _ in range(share(10_000)):
        text = random_text(chance)
        tokens = Tokenizer(f"={sum_if('Plan', 'Cost', (('Paid from', text),)).text}").items
        assert [token.subtype for token in tokens if token.type == Token.OPERAND] == [
            Token.RANGE,
            Token.RANGE,
            Token.TEXT,
        ]


def test_each_formula_reads_as_it_should() -> None:
    cost = sum_of("Plan", "Cost", Decimal(3))
    steps = rows_of("Plan", "Skill", 2)
    assert share_of(cost, steps, 1.5).text == 'IFERROR((SUM(Plan[Cost]))/(COUNTA(Plan[Skill])),"")'
    assert total_of((cost, cost), Decimal(6)).text == "(SUM(Plan[Cost]))+(SUM(Plan[Cost]))"
    assert count_if("Plan", (("Status", "booked"),), 1).text == 'COUNTIFS(Plan[Status],"=booked")'
    assert shown("sum", "Plan", "Cost").text == "SUBTOTAL(109,Plan[Cost])"
    assert re.fullmatch(r'IFERROR\(SUBTOTAL\(101,.*\),""\)', shown("average", "Plan", "Hours").text)
    assert (cost.value, steps.value) == (Decimal(3), 2)
