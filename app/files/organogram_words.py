"""What the special values of organograms mean: Vacant, Eliminated, N/D, N/A, XX, 0 (official field descriptions)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.files.cells import Cell
from app.files.columns import heading_key
from app.files.values import Fault, number_of, text_of
from app.terms import PostKind, PostStatus

_NO_NAME = frozenset(
    {"", "na", "nd", "nan", "none", "null", "tbc", "unknown", "notdisclosed", "notinpost", "eliminated"}
)
"""Texts, without case and punctuation, that stand where a name is missing. "0" and "-" come to the same."""

_NO_NUMBER = _NO_NAME | {"xx", "deleted", "vacant"}
_TITLE_WORDS = _NO_NAME | {"vacant", "vacantpost"}
_VACANT = re.compile(r"\W*vacant(?:\s+(?:post|position|role))?\s*(?:$|[-–—:,;(/\[.])", re.IGNORECASE)
_BECAME_VACANT = re.compile(
    r"\bpost\s+(?:is|became|has\s+become|currently)\s+(?:currently\s+)?vacant\b", re.IGNORECASE
)
_ELIMINATED = re.compile(
    r"\W*(?:u['\"]\W*)?(?:(?:post|job\s+code|role)\s+(?:has\s+been\s+|was\s+|is\s+)?)?eliminated\b",
    re.IGNORECASE,
)
_MOST_FTE = 1_000_000


@dataclass(frozen=True, slots=True)
class FteValue:
    """FTE in hundredths, None where none was published, and whether places were lost."""

    hundredths: int | None
    is_rounded: bool = False


def is_no_name(text: str) -> bool:
    """Whether a text stands for a missing name: blank, N/A, N/D, 0, TBC and their like."""
    return heading_key(text) in _NO_NAME or not text.strip(" 0-.")


def is_no_number(text: str) -> bool:
    """Whether a post number names no post: blank, 0, XX, N/A, Deleted."""
    return heading_key(text) in _NO_NUMBER or not text.strip(" 0-.")


def is_no_title(text: str) -> bool:
    """Whether a title says nothing about the work: blank, Vacant, Not in post, N/D."""
    return heading_key(text) in _TITLE_WORDS or not text.strip(" 0-.")


def post_status(number: str, name: str, title: str, function: str, unit: str, notes: str) -> PostStatus:
    """What a row says of its post.

    Rows published without a name column say Vacant or Eliminated in the title, the function or the unit. A
    post that is gone is gone whoever is named; number 0, or the title "Not in post", is somebody without one.
    """
    told = (name, title, function, unit)
    if heading_key(number) == "deleted" or any(text and _ELIMINATED.match(text) for text in told):
        return PostStatus.ELIMINATED
    if (number and not number.strip(" 0")) or heading_key(title) == "notinpost":
        return PostStatus.NOT_IN_POST
    if any(text and _VACANT.match(text) for text in (name, title, function)) or (
        notes and _BECAME_VACANT.search(notes) and not _is_person(name)
    ):
        return PostStatus.VACANT
    return PostStatus.FILLED


def _is_person(name: str) -> bool:
    return bool(name) and heading_key(name) not in {"nd", "na", "vacant"}


def kind_of_words(cell: Cell) -> PostKind:
    """Senior or junior; raises Fault."""
    key = heading_key(text_of(cell))
    for kind in PostKind:
        if key in {
            kind.value,
            f"{kind.value}post",
            f"{kind.value}posts",
            f"{kind.value}staff",
            kind.value[0],
        }:
            return kind
    raise Fault("This is neither senior nor junior", "Write Senior or Junior.")


def fte_of(cell: Cell) -> FteValue:
    """FTE of a post or a group of posts; N/D and its like are None; raises Fault."""
    if isinstance(cell, str) and is_no_name(cell) and "0" not in cell:
        return FteValue(None)
    value = number_of(cell)
    if not 0 <= value <= _MOST_FTE:
        raise Fault("FTE cannot be below zero or above a million", "Write the number of posts in FTE.")
    hundredths = (value * 100).to_integral_value(ROUND_HALF_UP)
    return FteValue(int(hundredths), hundredths != value * 100)


def pay_of(cell: Cell) -> int | None:
    """Pay in whole pounds; None where the cell has no amount (N/D, N/A, unknown) or one with pence."""
    try:
        value = number_of(cell, is_money=True)
    except Fault:
        return None
    whole = value.to_integral_value()
    return int(whole) if value == whole and 0 <= value < Decimal(10) ** 9 else None
