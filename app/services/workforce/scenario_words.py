"""Rates and slips of a scenario as people type them, and back: ``8``, ``Data=8``, ``SEO=-2``, ``unit:PATH=+1``."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from app.errors import UsageError
from app.files.words import grade_of, is_known_grade
from app.services.workforce.scenarios import RateKind, RateRule, Slip

_UNIT = "unit:"


def per_cent(text: str) -> Decimal:
    """A per cent as a share; raises UsageError."""
    try:
        found = Decimal(text.replace("\u2212", "-").strip().rstrip("%").strip()) / 100
    except InvalidOperation:
        raise UsageError(f"“{text}” is not a per cent.", "Write one such as 8 or 62.5.") from None
    if not found.is_finite():
        raise UsageError(f"“{text}” is not a per cent.", "Write one such as 8 or 62.5.")
    return found


def read_rate(kind: RateKind, text: str) -> RateRule:
    """One rule; names before the = are a role family, a grade or ``unit:PATH``, several apart by semicolons.

    A sign makes the figure a change in points. Raises UsageError.
    """
    names, _, figure = text.rpartition("=")
    is_change = figure.strip()[:1] in ("+", "-", "\u2212")
    family = grade = unit = ""
    for name in (part.strip() for part in names.split(";")):
        if name.casefold().startswith(_UNIT):
            unit = name[len(_UNIT) :].strip()
        elif name and is_known_grade(grade_of(name)):
            grade = grade_of(name)
        else:
            family = name or family
    value = per_cent(figure)
    return RateRule(
        kind, family, grade, unit, None if is_change else value, value if is_change else Decimal(0)
    )


def rate_text(rule: RateRule) -> str:
    """A rule as :func:`read_rate` reads it."""
    names = "; ".join(
        part for part in (rule.role_family, rule.grade, f"{_UNIT}{rule.unit}" if rule.unit else "") if part
    )
    figure = f"{rule.change * 100:+f}" if rule.yearly is None else f"{rule.yearly * 100:f}"
    if "." in figure:
        figure = figure.rstrip("0").rstrip(".")
    return f"{names}={figure}" if names else figure


def read_slip(text: str) -> Slip:
    """``2`` (every programme) or ``NAME=2`` quarters later; raises UsageError."""
    name, _, count = text.rpartition("=")
    try:
        return Slip(name.strip(), int(count.replace("\u2212", "-")))
    except ValueError:
        raise UsageError(
            f"“{text}” is not a slip.", "Write quarters such as 2, or a programme such as Case working=2."
        ) from None


def slip_text(slip: Slip) -> str:
    """A slip as :func:`read_slip` reads it."""
    return f"{slip.programme}={slip.quarters}" if slip.programme else str(slip.quarters)
