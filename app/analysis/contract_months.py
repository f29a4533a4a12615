"""A contract's work by quarter, in FTE-months: what the supplier still does, what comes home, what ends.

Everything is whole hundredths of an FTE-month, so that what goes in comes out exactly: a line of F hundredths of FTE
is 3·F in every quarter, before and after the end. A month counts as one however long it is, a part of it by its days;
the day the contract ends is the supplier's last. The hundredths that remain in the quarter of the end go to the
largest remainders, of equal ones to the supplier, then to what comes home.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.terms import FinancialQuarter

MONTHS = 3
WHOLE = 10_000
"""100 per cent in hundredths."""


@dataclass(frozen=True, slots=True)
class QuarterMonths:
    """One line in one quarter, in hundredths of an FTE-month; the three add up to 3 × its FTE hundredths."""

    quarter: FinancialQuarter
    supplier: int
    retained: int
    released: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.supplier + self.retained + self.released

    @property
    def needed_fte_hundredths(self) -> int:
        """What comes home as FTE over the quarter, in hundredths, half up."""
        return (2 * self.retained + MONTHS) // (2 * MONTHS)


def retained_fte(fte_hundredths: int, retained_hundredths: int) -> int:
    """The FTE still needed after the end, in hundredths, half up; the rest is released."""
    return (2 * fte_hundredths * retained_hundredths + WHOLE) // (2 * WHOLE)


def share_after(quarter: FinancialQuarter, ends_on: date) -> Fraction:
    """How much of a quarter lies after the day a contract ends, 0 to 1; each month weighs alike."""
    first = quarter.first_day
    whole = Fraction(0)
    for step in range(MONTHS):
        month = first.month + step
        days = monthrange(first.year, month)[1]
        after = days - min(days, max(0, (ends_on - date(first.year, month, 1)).days + 1))
        whole += Fraction(after, days)
    return whole / MONTHS


def largest_remainder(parts: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers that add up to ``total``, each less than 1 from its part; the parts add up to it as well.

    What is left over after rounding down goes to the largest remainders, of equal ones to the earlier.
    """
    floors = [part.numerator // part.denominator for part in parts]
    order = sorted(range(len(parts)), key=lambda place: (floors[place] - parts[place], place))
    for place in order[: total - sum(floors)]:
        floors[place] += 1
    return floors


def split_evenly(amount: int, weights: Sequence[int]) -> list[int]:
    """A whole amount over weights, in proportion, exact to the last unit; by largest remainder.

    Negative amounts are split as their positive ones; weights are positive.
    """
    sign = -1 if amount < 0 else 1
    whole = sum(weights)
    parts = [Fraction(abs(amount) * weight, whole) for weight in weights]
    return [sign * part for part in largest_remainder(parts, abs(amount))]


def quarter_months(
    fte_hundredths: int, retained_hundredths: int, ends_on: date, quarter: FinancialQuarter
) -> QuarterMonths:
    """One line of a contract in one quarter."""
    after = share_after(quarter, ends_on)
    home = retained_fte(fte_hundredths, retained_hundredths)
    total = MONTHS * fte_hundredths
    parts = [total * (1 - after), MONTHS * home * after, MONTHS * (fte_hundredths - home) * after]
    return QuarterMonths(quarter, *largest_remainder([Fraction(part) for part in parts], total))
