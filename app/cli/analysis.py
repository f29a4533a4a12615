"""``trend``, ``comparison``, ``resilience`` and ``mentors``: what lies behind the gap table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.gaps import AsAt, Contractors, Departments, RoleFamily, places_of, say_disclosure, scope_of
from app.cli.output import print_rows, say
from app.cli.session import current, parse_day, workspace
from app.errors import UsageError
from app.services.comparison import ComparedShare, ComparisonLine
from app.services.disclosed import (
    few_holders,
    hidden_comparison,
    hidden_mentor_lines,
    hidden_trend,
)
from app.services.gap_groups import GapDimension
from app.services.mentors import MOST_LINES
from app.services.resilience import SinglePoint
from app.services.trends import TrendLine

Disclosure = Annotated[str, typer.Option("--disclosure", help="on hides small counts; off is raw.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="The most lines to print.")]
GROUPS = tuple(dimension.value for dimension in GapDimension if dimension is not GapDimension.SKILL)
TREND_MEASURES = ("required", "assessed", "meeting", "short", "levels_short")
TREND_COLUMNS = (
    "measure", "before", "leavers", "joiners", "moves", "role_changes", "requirements", "training",
    "reassessment", "after", "change",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Hang the commands onto the command line."""
    for name, command in (
        ("trend", trend), ("comparison", comparison), ("resilience", resilience), ("mentors", mentors),
    ):  # fmt: skip
        app.command(name)(command)


def _say_limit(lines: int, limit: int) -> None:
    if lines == limit:
        say(f"Only the first {limit:,} lines are shown; --limit asks for more.")


def _group_of(by: str, allowed: Sequence[str]) -> GapDimension:
    if by not in allowed:
        raise UsageError(f"--by cannot be “{by}”.", f"Use {', '.join(allowed)}.")
    return GapDimension(by)


def trend(
    first: Annotated[str, typer.Option("--from", help="The first day.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
    by: Annotated[
        str, typer.Option("--by", help="all, skill, or any group of people as in gaps.")
    ] = "department",
    each_skill: Annotated[
        bool, typer.Option("--each-skill", help="A row for every skill in a group.")
    ] = False,
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    disclosure: Disclosure = "off",
) -> None:
    """Print what changed between two days, in parts that add up to the change."""
    is_shared = say_disclosure(disclosure)
    names = ("all", *(dimension.value for dimension in GapDimension))
    if by not in names:
        raise UsageError(f"--by cannot be “{by}”.", f"Use {', '.join(names)}.")
    days = [parse_day(day) for day in (first, last)]
    if days[0] is None or days[1] is None:
        raise UsageError("A day is missing.", "Give --from and --to as dates such as 2026-11-23.")
    scope = scope_of(department, role_family, "", None, contractors)
    dimension = GapDimension.DEPARTMENT if by == "all" else GapDimension(by)
    with workspace(read_only=True) as ws:
        view = ws.trends.between(scope, days[0], days[1], dimension, by_skill=each_skill and by != "all")
    masks: list[Any] = [None] * len(view.lines)
    lines = view.lines
    if is_shared:
        hidden = hidden_trend(view)
        masks = list(hidden.lines)
        if by == "all":
            masks = [hidden.total]
    if by == "all":
        lines, masks = (view.total,), masks if is_shared else [None]
    head: tuple[str, ...] = () if by == "all" else (by.replace("-", "_"),)
    head += ("skill",) if each_skill and by not in ("all", "skill") else ()
    rows = [row for line, mask in zip(lines, masks, strict=True) for row in _trend_rows(line, mask, head)]
    print_rows((*head, *TREND_COLUMNS), rows, current().form)


def _trend_rows(line: TrendLine, mask: Any, head: Sequence[str]) -> list[tuple[Any, ...]]:
    """One row for each measure; the change is hidden with either day."""
    labels = tuple(line.skill if name == "skill" else line.group for name in head)
    rows: list[tuple[Any, ...]] = []
    for measure in TREND_MEASURES:
        figures = [getattr(one, measure) for one in (line.before, *line.parts, line.after)]
        change = getattr(line.change, measure)
        if mask is not None:
            figures = [
                SUPPRESSED if one else figure for figure, one in zip(figures, mask.tolist(), strict=True)
            ]
            change = SUPPRESSED if mask[0] or mask[-1] else change
        rows.append((*labels, measure, *figures, change))
    return rows


def comparison(
    by: Annotated[str, typer.Option("--by", help="Any group of people as in gaps.")] = "department",
    measure: Annotated[
        str, typer.Option("--measure", help="readiness, share-short or fully-ready.")
    ] = "readiness",
    skill: Annotated[str, typer.Option("--skill", help="Only this skill.")] = "",
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    disclosure: Disclosure = "off",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Where the draws of the intervals start.")] = 0,
) -> None:
    """Print departments side by side, best first, with 90 % intervals and honest ranks."""
    is_shared = say_disclosure(disclosure)
    dimension = _group_of(by, GROUPS)
    try:
        compared = ComparedShare(measure)
    except ValueError:
        raise UsageError(f"--measure cannot be “{measure}”.", f"Use {', '.join(ComparedShare)}.") from None
    scope = scope_of(department, role_family, "", as_at, contractors)
    with workspace(read_only=True) as ws:
        view = ws.comparison.compare(scope, dimension, compared, skill, seed)
    masks = hidden_comparison(view) if is_shared else (False,) * len(view.lines)
    columns = ("people", "part", "whole", "share", "low", "high", "rank", "coverage", "note")
    rows = [_compared(line, is_hidden) for line, is_hidden in zip(view.lines, masks, strict=True)]
    if is_shared:
        # the order of hidden lines would say where they lie
        rows.sort(key=lambda row: row[1] == SUPPRESSED)
    print_rows((by.replace("-", "_"), *columns), rows, current().form)


def _compared(line: ComparisonLine, is_hidden: bool) -> tuple[Any, ...]:
    if is_hidden:
        return (line.group, *(SUPPRESSED for _ in range(8)), "")
    shares = [places_of(value) for value in (line.share, line.low, line.high)]
    return (
        line.group, line.people, line.part, line.whole, *shares, line.rank_words, places_of(line.coverage), line.note,
    )  # fmt: skip


def resilience(
    by: Annotated[str, typer.Option("--by", help="Any group of people as in gaps.")] = "unit",
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    disclosure: Disclosure = "off",
    limit: Limit = MOST_LINES,
) -> None:
    """Print the skills held at practitioner or above by only one or two people of a unit, and what hangs on them."""
    is_shared = say_disclosure(disclosure)
    dimension = _group_of(by, GROUPS)
    scope = scope_of(department, role_family, "", as_at, contractors)
    head = by.replace("-", "_")
    with workspace(read_only=True) as ws:
        points = () if is_shared else ws.resilience.single_points(scope, dimension, limit)
        counts = ws.resilience.counts(scope, dimension)
        shared = few_holders(ws.gaps, scope, dimension, counts) if is_shared else ()
    if is_shared:
        rows = [
            tuple(SUPPRESSED if value is None else value for value in (
                line.group, line.people, line.skills_required, line.skills_held_by_few,
            ))
            for line in shared
        ]  # fmt: skip
        print_rows((head, "people", "skills_required", "skills_held_by_few"), rows, current().form)
        return
    columns = (
        "skill", "holders", "staff_ids", "names", "role_levels", "people_requiring", "readiness", "readiness_left",
    )  # fmt: skip
    _say_limit(len(points), limit)
    print_rows((head, *columns), (_single_point(point) for point in points), current().form)


def _single_point(point: SinglePoint) -> tuple[Any, ...]:
    return (
        point.group, point.skill, len(point.holders), "; ".join(one.staff_id for one in point.holders),
        "; ".join(one.name or one.staff_id for one in point.holders), "; ".join(point.role_levels),
        point.people_requiring, places_of(point.readiness), places_of(point.readiness_left),
    )  # fmt: skip


def mentors(
    skill: Annotated[str, typer.Option("--skill", help="Only this skill.")] = "",
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    disclosure: Disclosure = "off",
    most: Annotated[int, typer.Option("--most", min=1, help="How many mentors to name on a line.")] = 3,
    limit: Limit = MOST_LINES,
) -> None:
    """Print where people are short of a skill, and who near them holds enough of it to be a mentor."""
    is_shared = say_disclosure(disclosure)
    scope = scope_of(department, role_family, "", as_at, contractors)
    with workspace(read_only=True) as ws:
        lines = ws.mentors.lines(scope, skill, most, limit)
        masks = hidden_mentor_lines(ws.gaps, scope, lines) if is_shared else ()
    _say_limit(len(lines), limit)
    if is_shared:
        rows: list[tuple[Any, ...]] = [
            (line.unit, line.skill, line.required, SUPPRESSED if is_hidden else line.short, line.near)
            for line, is_hidden in zip(lines, masks, strict=True)
        ]
        # the lines come most people first, which would tell about those hidden
        rows.sort(key=lambda row: row[:3])
        print_rows(("unit", "skill", "required", "short", "near"), rows, current().form)
        return
    print_rows(
        ("unit", "skill", "required", "short", "near", "mentors_there", "staff_ids", "names"),
        (
            (
                line.unit, line.skill, line.required, line.short, line.near, line.mentors_there,
                "; ".join(one.staff_id for one in line.mentors),
                "; ".join(f"{one.name or one.staff_id} ({one.level})" for one in line.mentors),
            )
            for line in lines
        ),
        current().form,
    )  # fmt: skip
