"""The assumptions of a forecast: rates that are not those seen, recruitment, a freeze, programmes that slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.errors import UsageError
from app.files.words import grade_of
from app.services.scope import PATH_MARK, path_key
from app.terms import FinancialQuarter, name_key

DEFAULT_LAG = 1
"""Whole quarters from a vacancy to somebody in it, where nothing else is said: our assumption."""

DEFAULT_SUCCESS = Decimal("0.63")
"""The share of vacancies a round of recruitment fills: 37 % of digital campaigns did not succeed (NAO, March 2023)."""

MOST_LAG = 20


class RateKind(StrEnum):
    """Which yearly rate a rule is about."""

    LEAVE = "leave"
    PROMOTE = "promote"


@dataclass(frozen=True, slots=True)
class RateRule:
    """A yearly rate for some people, or a change to whatever theirs is; blank names take in everybody.

    ``yearly`` replaces the rate seen, ``change`` is added to it afterwards (−0.02 is two points less). Of several rules
    with ``yearly`` the one that names most decides; all changes that fit add up. ``unit`` is a path and takes in
    everything below it.
    """

    kind: RateKind
    role_family: str = ""
    grade: str = ""
    unit: str = ""
    yearly: Decimal | None = None
    change: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.yearly is not None and not 0 <= self.yearly <= 1:
            raise UsageError(
                f"A yearly rate lies between 0 and 100 %, not {self.yearly:%}.", "Give one such as 8 %."
            )
        if not -1 <= self.change <= 1:
            raise UsageError("A rate changes by at most 100 points.", "Give a change such as -2.")

    def fits(self, role_family: str, grade: str, unit: str) -> bool:
        """Whether the rule is about people of this family and grade in the unit with this path."""
        if self.role_family and name_key(self.role_family) != name_key(role_family):
            return False
        if self.grade and name_key(grade_of(self.grade)) != name_key(grade_of(grade)):
            return False
        mine, theirs = path_key(self.unit), path_key(unit)
        return not mine or theirs == mine or theirs.startswith(mine + PATH_MARK)

    @property
    def named(self) -> int:
        """How many of unit, grade and role family the rule names; deeper units count for more."""
        depth = len(self.unit.split(PATH_MARK)) if self.unit else 0
        return 100 * depth + 10 * bool(self.grade) + bool(self.role_family)


@dataclass(frozen=True, slots=True)
class Slip:
    """A programme (blank: every one) whose demand comes some quarters later than planned."""

    programme: str
    quarters: int


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a forecast takes for granted.

    ``success`` and ``lag`` describe recruitment; from quarter ``freeze_from`` to ``freeze_to`` nobody is recruited
    (counted from 0, the first quarter of the forecast, so that a scenario stays what it is next year).
    """

    rules: tuple[RateRule, ...] = ()
    success: Decimal = DEFAULT_SUCCESS
    lag: int = DEFAULT_LAG
    freeze_from: int | None = None
    freeze_to: int | None = None
    slips: tuple[Slip, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.success <= 1:
            raise UsageError("A success rate lies between 0 and 100 %.", "Give one such as 63 %.")
        if not 1 <= self.lag <= MOST_LAG:
            raise UsageError(f"Recruitment takes 1 to {MOST_LAG} whole quarters.", "Give a number such as 2.")
        if (self.freeze_from is None) != (self.freeze_to is None):
            raise UsageError("A freeze needs its first and its last quarter.", "Give both.")
        if self.freeze_from is not None and self.freeze_to is not None and self.freeze_from > self.freeze_to:
            raise UsageError("The freeze ends before it begins.", "Give the first quarter first.")

    def yearly(self, kind: RateKind, seen: float, of: tuple[str, str, str]) -> float:
        """The yearly rate of people of (family, grade, unit path), from 0 to 1, given the one seen."""
        fitting = [rule for rule in self.rules if rule.kind is kind and rule.fits(*of)]
        fixed = [rule for rule in fitting if rule.yearly is not None]
        rate = float(max(fixed, key=lambda rule: rule.named).yearly or 0) if fixed else seen
        return min(max(rate + float(sum(rule.change for rule in fitting)), 0.0), 1.0)

    def succeeds(self, quarter: int) -> float:
        """The success rate of recruitment in a quarter of the forecast, from 0 on; 0 during a freeze."""
        if (
            self.freeze_from is not None
            and self.freeze_to is not None
            and self.freeze_from <= quarter <= self.freeze_to
        ):
            return 0.0
        return float(self.success)

    def slip_of(self, programme: str) -> int:
        """By how many quarters a programme slips: what is said of it by name, else of every one."""
        named = {name_key(slip.programme): slip.quarters for slip in self.slips}
        return named.get(name_key(programme), named.get("", 0))

    def as_json(self) -> dict[str, Any]:
        """Plain values to be kept."""
        return {
            "rules": [
                {
                    "kind": rule.kind.value, "role_family": rule.role_family, "grade": rule.grade, "unit": rule.unit,
                    "yearly": None if rule.yearly is None else str(rule.yearly), "change": str(rule.change),
                }
                for rule in self.rules
            ],
            "success": str(self.success),
            "lag": self.lag,
            "freeze_from": self.freeze_from,
            "freeze_to": self.freeze_to,
            "slips": [[slip.programme, slip.quarters] for slip in self.slips],
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Assumptions:
        """Assumptions as they were kept; values unknown here are left out."""
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in kept.items() if name in known}
        rules: Sequence[Mapping[str, Any]] = given.pop("rules", ())
        slips: Sequence[tuple[str, int]] = given.pop("slips", ())
        if "success" in given:
            given["success"] = Decimal(given["success"])
        return cls(
            rules=tuple(
                RateRule(
                    RateKind(rule["kind"]), rule["role_family"], rule["grade"], rule["unit"],
                    None if rule["yearly"] is None else Decimal(rule["yearly"]), Decimal(rule["change"]),
                )
                for rule in rules
            ),
            slips=tuple(Slip(programme, quarters) for programme, quarters in slips),
            **given,
        )  # fmt: skip

    def in_words(self, first: FinancialQuarter) -> tuple[str, ...]:
        """Every assumption that differs from nothing, as sentences for a reader."""
        later = f"{self.lag} quarter{'' if self.lag == 1 else 's'}"
        found = [f"Recruitment fills {self.success:.0%} of vacancies, {later} after they arise."]
        if self.freeze_from is not None and self.freeze_to is not None:
            found.append(
                f"Nobody is recruited from {(first + self.freeze_from).label} to {(first + self.freeze_to).label}."
            )
        found += [_rule_words(rule) for rule in self.rules]
        for slip in self.slips:
            who = slip.programme or "Every programme"
            found.append(f"{who} slips by {slip.quarters} quarter{'s' if slip.quarters != 1 else ''}.")
        return tuple(found)


def _rule_words(rule: RateRule) -> str:
    whom = ", ".join(part for part in (rule.role_family, rule.grade, rule.unit) if part) or "everybody"
    what = "leave" if rule.kind is RateKind.LEAVE else "are promoted"
    if rule.yearly is not None:
        return f"{rule.yearly:.1%} of {whom} {what} in a year."
    points = rule.change * 100
    return f"{abs(points):g} points {'more' if points > 0 else 'fewer'} of {whom} {what} in a year."


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """A scenario: one that comes with the program (no id), or one of this organisation."""

    name: str
    note: str
    assumptions: Assumptions
    scenario_id: int | None = None
    version: int = 0

    @property
    def is_own(self) -> bool:
        """Whether it was made here and can be changed or removed."""
        return self.scenario_id is not None


BASELINE = "Baseline"
_BASE = Assumptions()

PRESETS: tuple[ScenarioLine, ...] = (
    ScenarioLine(BASELINE, "Rates as seen here, drawn towards the national ones.", _BASE),
    ScenarioLine("Hiring freeze", "Nobody is recruited for a year.", replace(_BASE, freeze_from=0, freeze_to=3)),
    ScenarioLine(
        "Pay flexibility",
        "Our assumption: ten points more vacancies filled, one point fewer leavers a year.",
        replace(
            _BASE, success=DEFAULT_SUCCESS + Decimal("0.10"),
            rules=(RateRule(RateKind.LEAVE, change=Decimal("-0.01")),),
        ),
    ),
    ScenarioLine(
        "Retention up 2 points",
        "Two points fewer leavers a year.",
        replace(_BASE, rules=(RateRule(RateKind.LEAVE, change=Decimal("-0.02")),)),
    ),
    ScenarioLine("Programmes slip two quarters", "Every programme's demand comes half a year later.",
                 replace(_BASE, slips=(Slip("", 2),))),
)  # fmt: skip
"""The scenarios every workspace has; a scenario of its own with the same name takes the place of one."""
