"""How values are written in the window (LOOK, "Tables"). No Qt, no locale: the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from app.terms import FinancialQuarter, level_word

Kind = Literal["text", "int", "decimal", "money", "share", "date", "level", "fte", "quarter"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOT_ASSESSED_TEXT = "Not assessed"
RIGHT_ALIGNED: frozenset[str] = frozenset({"int", "decimal", "money", "share", "fte"})


class HeldBack:
    """What stands in place of a figure that must not be shown, because few people stand behind it."""

    def __str__(self) -> str:
        return "[c]"


HELD_BACK = HeldBack()


def day(value: date) -> str:
    """``23 Nov 2026``."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """``23 Nov 2026, 09:12``, as it stands; turn it into local time before."""
    return f"{day(value)}, {value:%H:%M}"


def whole(value: float) -> str:
    """``1,234``."""
    return f"{int(value):,}".replace("-", "−")


def money(value: Decimal | int) -> str:
    """Pounds: ``£1,234``, or ``£1,234.50`` where there are pence."""
    amount = Decimal(value)
    sign, amount = ("−" if amount < 0 else ""), abs(amount)
    return f"{sign}£{amount:,.0f}" if amount == amount.to_integral_value() else f"{sign}£{amount:,.2f}"


def share(value: float) -> str:
    """A share from 0 to 1 as ``71 %``. Only none is "0 %" and only all is "100 %"."""
    rounded = Decimal(str(value * 100)).quantize(Decimal(1), ROUND_HALF_UP)
    if rounded == 0 and value > 0:
        return "under 1 %"
    if rounded == 100 and value < 1:
        return "over 99 %"
    return f"{rounded} %"


def fte(value: float | Decimal) -> str:
    """``3.60``."""
    return f"{value:,.2f}".replace("-", "−")


def decimal(value: float | Decimal) -> str:
    """``12.5``."""
    return f"{value:,.1f}".replace("-", "−")


def level(value: int) -> str:
    """``Working``."""
    word = level_word(int(value))
    return word[0].upper() + word[1:]


def quarter(value: int | str) -> str:
    """``2026-27 Q3`` from a quarter or its code."""
    return FinancialQuarter.parse(value).label if isinstance(value, str) else FinancialQuarter(value).label


_FORMS: dict[str, Callable[..., str]] = {
    "text": str,
    "int": whole,
    "decimal": decimal,
    "money": money,
    "share": share,
    "date": day,
    "level": level,
    "fte": fte,
    "quarter": quarter,
}


def written(value: object, kind: Kind, blank: str | None = None) -> str:
    """One value of a table as its reader sees it. None is ``blank``: "Not assessed" for levels, else empty."""
    if value is HELD_BACK:
        return str(value)
    if value is None or value != value:  # NaN is the blank of number arrays  # noqa: PLR0124
        return (NOT_ASSESSED_TEXT if kind == "level" else "") if blank is None else blank
    if kind == "level" and value == 255:  # the byte for "not assessed" in level arrays
        return NOT_ASSESSED_TEXT if blank is None else blank
    return _FORMS[kind](value)


def people(count: int) -> str:
    """``1 person`` or ``1,204 people``."""
    return "1 person" if count == 1 else f"{count:,} people"
