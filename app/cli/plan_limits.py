"""The further limits of ``plan make``: options, and what they come to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from app.cli.session import parsed
from app.errors import UsageError
from app.services.training import (
    PlanLimits,
    PotBudget,
    SkillTarget,
    parse_budget,
    parse_department_budget,
    parse_target,
)
from app.terms import Funding

Words = list[str] | None

DepartmentBudget = Annotated[
    Words,
    typer.Option(
        "--department-budget",
        help="L&D money of a department's own, NAME=GBP or NAME=2026-27=GBP; repeatable.",
    ),
]
Reserve = Annotated[
    Words,
    typer.Option(
        "--reserve",
        help="L&D money that departments share once their own is spent, in pounds or 2026-27=GBP.",
    ),
]
ProgrammeBudget = Annotated[
    Words,
    typer.Option(
        "--programme-budget",
        help="Programme money for people of some departments alone, NAME=GBP or NAME;NAME=GBP; repeatable.",
    ),
]
Release = Annotated[
    str, typer.Option("--release-pct", help="At most this many per cent of a unit on courses in a quarter.")
]
Targets = Annotated[
    Words,
    typer.Option(
        "--target",
        help="ROLE|ROLE LEVEL|SKILL|level|quarter, must be met; with |soft=2 each step in time is worth 2 more. "
        "ROLE and ROLE LEVEL may be empty. Repeatable; @FILE reads one a line.",
    ),
]
FairShare = Annotated[
    str, typer.Option("--fair-share", help="Every department gets this many per cent of its need closed.")
]
SeparateGroups = Annotated[
    Words,
    typer.Option(
        "--separate-groups", help="A course whose groups stay within a department, or all; repeatable."
    ),
]
NoMentoring = Annotated[bool, typer.Option("--no-mentoring", help="Leave out offers that need a mentor.")]
LevyStrict = Annotated[
    bool, typer.Option("--levy-strict", help="Levy only for courses delivered as apprenticeships.")
]
IgnoreBooked = Annotated[
    bool, typer.Option("--ignore-booked", help="Do not take off what is approved or booked already.")
]


def budgets_of(general: dict[Funding, Words], department: Words, programme: Words) -> tuple[PotBudget, ...]:
    """Every budget given: for everybody, of a department's own, of a programme's people."""
    found = [parse_budget(text, pot) for pot, given in general.items() for text in given or []]
    for pot, given in ((Funding.LEARNING_BUDGET, department), (Funding.PROGRAMME, programme)):
        found += [parse_department_budget(text, pot) for text in given or []]
    return tuple(found)


def limits_of(
    reserve: Words,
    release: str,
    target: Words,
    fair: str,
    separate: Words,
    flags: tuple[bool, bool, bool],
) -> PlanLimits:
    """The limits given; ``flags`` are (no mentoring, levy strict, ignore booked)."""
    no_mentoring, is_levy_strict, ignore_booked = flags
    return PlanLimits(
        reserves=tuple(parse_budget(text, Funding.LEARNING_BUDGET) for text in reserve or []),
        release_pct=parsed(_percentage, release, "a percentage such as 20") if release else None,
        fair_pct=parsed(_percentage, fair, "a percentage such as 20") if fair else None,
        targets=tuple(one for text in target or [] for one in _targets(text)),
        separate_groups=tuple(separate or ()),
        has_mentoring=not no_mentoring,
        is_less_booked=not ignore_booked,
        is_levy_strict=is_levy_strict,
    )


def _percentage(text: str) -> Decimal:
    value = Decimal(text.strip().rstrip("%").strip())
    if not value.is_finite():
        raise ValueError(text)
    return value


def _targets(text: str) -> list[SkillTarget]:
    if not text.startswith("@"):
        return [parse_target(text)]
    path = Path(text[1:])
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read as a list of targets.", "Give a text file with one target a line."
        ) from error
    return [parse_target(line) for line in lines if line.strip() and not line.startswith("#")]
