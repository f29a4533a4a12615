from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.terms import FinancialQuarter
from app.ui.formats import Kind, moment, people, written


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (date(2026, 11, 23), "date", "23 Nov 2026"),
        (date(2026, 6, 1), "date", "1 Jun 2026"),
        (Decimal(1234), "money", "£1,234"),
        (Decimal("1234.5"), "money", "£1,234.50"),
        (Decimal(-12), "money", "−£12"),
        (0.71, "share", "71 %"),
        (0.0, "share", "0 %"),
        (0.004, "share", "under 1 %"),
        (0.996, "share", "over 99 %"),
        (0.125, "share", "13 %"),
        (1.0, "share", "100 %"),
        (3.6, "fte", "3.60"),
        (1234567, "int", "1,234,567"),
        (-3, "int", "−3"),
        (12.25, "decimal", "12.2"),
        (2, "level", "Working"),
        (0, "level", "Below awareness"),
        (None, "level", "Not assessed"),
        (255, "level", "Not assessed"),
        (None, "int", ""),
        (float("nan"), "decimal", ""),
        ("2026Q3", "quarter", "2026-27 Q3"),
        (FinancialQuarter.parse("2026Q3"), "quarter", "2026-27 Q3"),
        ("", "text", ""),
    ],
)
def test_values_are_written_as_people_read_them(value: Any, kind: Kind, text: str) -> None:
    assert written(value, kind) == text


def test_a_column_may_say_what_stands_for_nothing() -> None:
    assert written(None, "share", "–") == "–"


def test_counts_and_moments_in_words() -> None:
    assert (people(1), people(1204)) == ("1 person", "1,204 people")
    assert moment(datetime(2026, 11, 23, 9, 5)) == "23 Nov 2026, 09:05"  # noqa: DTZ001  (a wall clock)
