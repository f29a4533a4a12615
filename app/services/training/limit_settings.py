"""The further limits of a plan as the user gives them: reserves, release, mentoring, targets, fair shares.

The defaults ask for nothing beyond budgets and hours, so that a plan runs without a thought about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from app.errors import UsageError
from app.terms import FinancialQuarter, Funding, financial_year_label, level_word, name_key

EVERY_COURSE = "all"
"""In ``separate_groups``: no course mixes departments in a group."""

MOST_PRICE = Decimal(1_000)
"""More weighted steps than one missing step is ever worth; keeps the optimiser's numbers whole."""

_LEVELS = {"awareness": 1, "working": 2, "practitioner": 3, "expert": 4}


@dataclass(frozen=True, slots=True)
class PotBudget:
    """What one pot may spend: ``pounds`` over the whole plan, or in one financial year (its first year).

    ``departments`` are unit names or paths whose people it is for; none: everybody.
    """

    pot: Funding
    pounds: Decimal
    year: int | None = None
    departments: tuple[str, ...] = ()

    def as_text(self) -> str:
        """The budget as the command line takes it."""
        amount = f"{self.pounds.normalize():f}"
        if self.year is not None:
            amount = f"{financial_year_label(self.year)}={amount}"
        return f"{';'.join(self.departments)}={amount}" if self.departments else amount

    def in_words(self) -> str:
        """The budget as the sheet "what was asked" shows it."""
        words = f"{self.pot.value} £{self.pounds:,.2f}"
        if self.departments:
            words += f" for {', '.join(self.departments)}"
        return words + (f" in {financial_year_label(self.year)}" if self.year is not None else "")


@dataclass(frozen=True, slots=True)
class SkillTarget:
    """Everybody of a role (or role level) at ``level`` in a skill by the end of a quarter.

    Empty ``role`` or ``role_level``: any. ``price`` is what each step met in time is worth in weighted steps;
    ``None``: the target must be met.
    """

    role: str
    role_level: str
    skill: str
    level: int
    by: FinancialQuarter
    price: Decimal | None = None

    def in_words(self) -> str:
        """The target as a sentence without its full stop."""
        who = " / ".join(part for part in (self.role, self.role_level) if part) or "everybody"
        words = f"{who} at {level_word(self.level)} in {self.skill} by {self.by.label}"
        return (
            words
            if self.price is None
            else f"{words} (each step in time worth {self.price.normalize():f} more)"
        )

    def as_text(self) -> str:
        """The target as the command line takes it."""
        parts = [self.role, self.role_level, self.skill, level_word(self.level), self.by.code]
        return "|".join(parts if self.price is None else [*parts, f"soft={self.price.normalize():f}"])


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """Limits beyond money and hours. ``reserves`` are shared L&D money for when a department's own is spent.

    ``release_pct`` is the share of a team that may be on courses in a quarter, ``fair_pct`` the share of its need
    that every department gets closed (``None``: no such limit). ``separate_groups`` are codes of courses whose
    groups stay within a department, or :data:`EVERY_COURSE`. ``is_levy_strict`` leaves out courses that the
    catalogue pays from the levy but does not call apprenticeships by their delivery; otherwise they are named.
    """

    reserves: tuple[PotBudget, ...] = ()
    release_pct: Decimal | None = None
    fair_pct: Decimal | None = None
    targets: tuple[SkillTarget, ...] = ()
    separate_groups: tuple[str, ...] = ()
    has_mentoring: bool = True
    is_less_booked: bool = True
    is_levy_strict: bool = False

    def __post_init__(self) -> None:
        for name, value in (("release limit", self.release_pct), ("fair share", self.fair_pct)):
            if value is not None and not 0 <= value <= 100:
                raise UsageError(f"The {name} is a percentage from 0 to 100, not {value:f}.", "Try 20.")
        for target in self.targets:
            if not 1 <= target.level <= 4:
                raise UsageError(
                    f"{target.level} is not a level from 1 to 4.", "Give a level such as working."
                )
            if target.price is not None and not 0 <= target.price <= MOST_PRICE:
                raise UsageError(
                    f"The price of a missing step lies between 0 and {MOST_PRICE:,} weighted steps.",
                    "Give a number such as 2.",
                )
        if any(reserve.pounds < 0 for reserve in self.reserves):
            raise UsageError("A reserve cannot be below £0.", "Give the money that departments share.")

    def asked(self) -> tuple[tuple[str, str], ...]:
        """What was asked beyond the usual, as (heading, words)."""
        found: list[tuple[str, str]] = []
        if self.reserves:
            words = "; ".join(
                f"£{one.pounds:,.2f}"
                + (f" in {financial_year_label(one.year)}" if one.year is not None else "")
                for one in self.reserves
            )
            found.append(("Shared reserve", f"{words}, drawn on once a department's own money is spent"))
        if self.release_pct is not None:
            words = f"{self.release_pct.normalize():f} % of a unit's people in a quarter at the most, but always one"
            found.append(("People away", words))
        if self.fair_pct is not None:
            words = f"every department gets {self.fair_pct.normalize():f} % of its need closed that courses could close"
            found.append(("Fair share", words))
        for target in self.targets:
            kind = "Target" if target.price is None else "Target, if it is worth it"
            found.append((kind, target.in_words()))
        if self.separate_groups:
            every = self.separate_groups == (EVERY_COURSE,)
            words = "every course" if every else ", ".join(self.separate_groups)
            found.append(("Groups of one department", words))
        if not self.has_mentoring:
            found.append(("Mentoring", "left out"))
        if self.is_levy_strict:
            found.append(("Levy", "only for courses delivered as apprenticeships"))
        if not self.is_less_booked:
            found.append(("Booked already", "not taken off"))
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        """The limits as they are kept with the plan; only what was asked."""
        kept: dict[str, Any] = {}
        if self.reserves:
            kept["reserves"] = [[f"{one.pounds:f}", one.year] for one in self.reserves]
        for name, value in (("release_pct", self.release_pct), ("fair_pct", self.fair_pct)):
            if value is not None:
                kept[name] = f"{value:f}"
        if self.targets:
            kept["targets"] = [target.as_text() for target in self.targets]
        if self.separate_groups:
            kept["separate_groups"] = list(self.separate_groups)
        if not self.has_mentoring:
            kept["mentoring"] = False
        if self.is_levy_strict:
            kept["levy_strict"] = True
        if not self.is_less_booked:
            kept["less_booked"] = False
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> PlanLimits:
        """Limits kept with a plan, read back."""

        def percentage(name: str) -> Decimal | None:
            return Decimal(kept[name]) if name in kept else None

        return cls(
            reserves=tuple(
                PotBudget(Funding.LEARNING_BUDGET, Decimal(pounds), year)
                for pounds, year in kept.get("reserves", ())
            ),
            release_pct=percentage("release_pct"),
            fair_pct=percentage("fair_pct"),
            targets=tuple(parse_target(text) for text in kept.get("targets", ())),
            separate_groups=tuple(kept.get("separate_groups", ())),
            has_mentoring=kept.get("mentoring", True),
            is_less_booked=kept.get("less_booked", True),
            is_levy_strict=kept.get("levy_strict", False),
        )


def parse_budget(text: str, pot: Funding) -> PotBudget:
    """``250000`` or ``2026-27=250000`` as a budget; UsageError for anything else."""
    year_text, mark, amount = text.rpartition("=")
    try:
        pounds_given = Decimal(amount.replace(",", "").replace("£", "").strip())
        year = int(year_text[:4]) if mark else None
    except (ArithmeticError, ValueError):
        raise UsageError(
            f"“{text}” is not a budget.", "Use pounds such as 250000, or 2026-27=250000."
        ) from None
    if not pounds_given.is_finite() or pounds_given != round(pounds_given, 2):
        raise UsageError(f"“{text}” is not an amount in pounds and pence.", "Use pounds such as 250000.00.")
    if mark and year_text[4:] not in ("", f"-{(int(year_text[:4]) + 1) % 100:02d}"):
        raise UsageError(f"“{year_text}” is not a financial year.", "Use one such as 2026-27.")
    return PotBudget(pot, pounds_given, year)


def parse_department_budget(text: str, pot: Funding) -> PotBudget:
    """``NAME=GBP`` or ``NAME;NAME=2026-27=GBP`` as a budget of some departments; UsageError for anything else."""
    names, mark, amount = text.partition("=")
    departments = tuple(name.strip() for name in names.split(";") if name.strip())
    if not mark or not departments:
        raise UsageError(
            f"“{text}” does not say whose budget it is.", "Write it as NAME=GBP, such as Home Office=50000."
        )
    return replace(parse_budget(amount, pot), departments=departments)


def parse_target(text: str) -> SkillTarget:
    """``ROLE|LEVEL|SKILL|level|quarter[|soft=PRICE]`` as a target; ROLE and LEVEL may be empty.

    Raises UsageError that says which part is wrong.
    """
    parts = [part.strip() for part in text.split("|")]
    example = "Write it as ROLE|ROLE LEVEL|SKILL|level|quarter, such as Data engineer||Data modelling|working|2026Q4."
    if not 5 <= len(parts) <= 6 or not parts[2]:
        raise UsageError(f"“{text}” is not a target.", example)
    level = _LEVELS.get(name_key(parts[3]))
    if level is None and parts[3].isdigit():
        level = int(parts[3])
    if level is None or not 1 <= level <= 4:
        raise UsageError(
            f"“{parts[3]}” is not a level.", "Use awareness, working, practitioner or expert, or 1 to 4."
        )
    try:
        by = FinancialQuarter.parse(parts[4])
    except ValueError:
        raise UsageError(f"“{parts[4]}” is not a quarter.", "Use one such as 2026Q4.") from None
    return SkillTarget(parts[0], parts[1], parts[2], level, by, _price(parts[5]) if len(parts) == 6 else None)


def _price(text: str) -> Decimal | None:
    name, mark, amount = text.partition("=")
    if name_key(name) == "hard" and not mark:
        return None
    try:
        price = Decimal(amount) if name_key(name) == "soft" and mark else None
    except InvalidOperation:
        price = None
    if price is None or not price.is_finite():
        raise UsageError(
            f"“{text}” is not the price of a target.",
            "Use soft=2: each step met in time is then worth two weighted steps more. Leave it out for a target "
            "that must be met.",
        )
    return price
