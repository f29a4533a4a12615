"""FTE-months of contracts: what goes in comes out to the last hundredth, and equals a count of days."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction

from app.analysis.contract_months import (
    largest_remainder,
    quarter_months,
    retained_fte,
    share_after,
    split_evenly,
)
from app.terms import FinancialQuarter

DAY = date(2026, 11, 23)


def _counted_after(quarter: FinancialQuarter, ends_on: date) -> Fraction:
    """The share of a quarter after the end, one day at a time."""
    months: dict[int, list[bool]] = {}
    day = quarter.first_day
    while day <= quarter.last_day:
        months.setdefault(day.month, []).append(day > ends_on)
        day += timedelta(1)
    return sum((Fraction(sum(days), len(days)) for days in months.values()), Fraction(0)) / 3


def test_fte_months_of_random_contracts_are_conserved() -> None:
    rng = random.Random(7)
    for _ in range(1_000):
        fte, retained = rng.randrange(0, 20_000), rng.choice((0, 10_000, rng.randrange(10_001)))
        ends_on = DAY + timedelta(rng.randrange(-400, 1_200))
        first = FinancialQuarter.of(DAY)
        found = [quarter_months(fte, retained, ends_on, first + step) for step in range(16)]
        assert sum(one.total for one in found) == 3 * fte * 16
        for one in found:
            after = _counted_after(one.quarter, ends_on)
            home = Fraction(retained_fte(fte, retained))
            assert one.total == 3 * fte
            assert abs(one.supplier - 3 * fte * (1 - after)) < 1
            assert abs(one.retained - 3 * home * after) < 1
            assert abs(one.released - 3 * (fte - home) * after) < 1
            assert abs(Fraction(one.needed_fte_hundredths) - Fraction(one.retained, 3)) <= Fraction(1, 2)


def test_the_last_day_is_the_suppliers() -> None:
    quarter = FinancialQuarter.parse("2026Q4")
    assert share_after(quarter, date(2027, 3, 31)) == 0
    assert share_after(quarter, date(2026, 12, 31)) == 1
    assert share_after(quarter, date(2027, 1, 31)) == Fraction(2, 3)
    assert share_after(quarter, date(2027, 2, 14)) == Fraction(1, 2)


def test_a_whole_quarter_after_the_end_needs_the_retained_fte() -> None:
    found = quarter_months(333, 6_500, date(2026, 9, 30), FinancialQuarter.parse("2026Q4"))
    assert retained_fte(333, 6_500) == 216
    assert (found.supplier, found.retained, found.released) == (0, 648, 351)
    assert found.needed_fte_hundredths == 216


def test_amounts_are_split_to_the_last_unit() -> None:
    rng = random.Random(11)
    for _ in range(1_000):
        amount = rng.choice((0, 1, -7, rng.randrange(10**9)))
        weights = [rng.randrange(1, 100_001) for _ in range(rng.randrange(1, 9))]
        parts = split_evenly(amount, weights)
        assert sum(parts) == amount
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - Fraction(amount * weight, sum(weights))) < 1


def test_what_is_left_over_goes_to_the_largest_remainder_then_to_the_first() -> None:
    third = Fraction(10, 3)
    assert largest_remainder([third, third, third], 10) == [4, 3, 3]
    assert split_evenly(100, [1, 1, 1]) == [34, 33, 33]
