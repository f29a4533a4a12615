"""Which grades are shown against a role level: the rule of the profession's own statistics (issue 3).

One grade where more than 85 % of the people hold it; otherwise every grade that at least 15 % hold. Where people
are spread so thinly that no grade reaches 15 %, none is shown. All shares are compared in whole numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from app.terms import GRADES

ALONE_ABOVE_PCT = 85
AMONG_FROM_PCT = 15

_PLACE = {grade: place for place, grade in enumerate(GRADES)}


def grade_order(grade: str) -> tuple[int, str]:
    """Sorts grades from most junior to most senior, those of the organisation's own making after them by name."""
    return _PLACE.get(grade, len(GRADES)), grade


def in_grade_order(grades: Iterable[str]) -> tuple[str, ...]:
    """The grades from most junior to most senior, each once."""
    return tuple(sorted(set(grades), key=grade_order))


def shown_grades(counts: Mapping[str, int]) -> tuple[str, ...]:
    """The grades to show for a role level held by so many people of each grade; people without one are left out."""
    held = {grade: count for grade, count in counts.items() if grade and count > 0}
    total = sum(held.values())
    alone = [grade for grade, count in held.items() if count * 100 > ALONE_ABOVE_PCT * total]
    return in_grade_order(
        alone or [grade for grade, count in held.items() if count * 100 >= AMONG_FROM_PCT * total]
    )


def spreads(levels: Iterable[int], grades: Iterable[str]) -> dict[int, Counter[str]]:
    """How many people of each grade hold each role level, from one level and one grade per person.

    Level 0 (no role) and blank grades are left out.
    """
    found: dict[int, Counter[str]] = {}
    for level, grade in zip(levels, grades, strict=True):
        if level and grade:
            found.setdefault(level, Counter())[grade] += 1
    return found


def overlap(grades: Collection[str], usual: Collection[str]) -> bool:
    """Whether two sets of grades share one."""
    return not frozenset(grades).isdisjoint(usual)
