"""``roles …``: rank roles for job titles, accept suggestions in bulk, choose roles by hand, make our own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.analysis.role_match import Suggestion, TitleQuery, normal_title
from app.cli.gaps import Departments, scope_of
from app.cli.output import Verbatim, print_rows, say, say_problems
from app.cli.session import current, parse_day, progress, workspace
from app.errors import UsageError
from app.files.columns import nearest
from app.files.options import ReadOptions
from app.files.titles import read_titles
from app.services.people import PersonProfile
from app.services.population import RoleLevelLine
from app.services.role_names import changed_requirements, level_named
from app.services.roles import Choice, bundled_suggestions
from app.terms import MatchKind

group = typer.Typer(
    help="Roles for job titles: suggest, accept, confirmed, forget; for people: set, secondary; our own: local.",
    no_args_is_help=True,
)

COLUMNS = ("title", "rank", "kind", "role_family", "role", "role_level", "score", "reason")

RoleName = Annotated[str, typer.Option("--role", help="The role level.")]
RoleOf = Annotated[str, typer.Option("--role-of", help="The role, where several have a level of that name.")]
Since = Annotated[
    str | None, typer.Option("--from", help="The first day, such as 2026-11-23; today if left out.")
]


def register(app: typer.Typer) -> None:
    """Hang ``roles`` onto the command line."""
    app.add_typer(group, name="roles")


@group.command("suggest")
def suggest(
    file: Annotated[Path, typer.Argument(help="A list of job titles: xlsx, xls, ods or csv.")],
    column: Annotated[str, typer.Option("--column", help="The heading of the titles.")] = "",
    top: Annotated[int, typer.Option("--top", min=1, max=20, help="How many answers per title.")] = 3,
) -> None:
    """Rank roles for the job titles of a file. No workspace is needed; one that is named lends its framework."""
    shown = progress()
    found = read_titles(file, column, ReadOptions(), shown)
    say_problems(found.problems)
    queries = [TitleQuery(row.title, row.grade, row.organisation, row.profession) for row in found.rows]
    if current().workspace:
        with workspace(read_only=True) as ws:
            answers = ws.roles.suggest(queries, top, shown)
    else:
        answers = bundled_suggestions(queries, top, shown)
    rows = (
        _row(Verbatim(query.title), suggestion)
        for query, suggestions in zip(queries, answers, strict=True)
        for suggestion in suggestions
    )
    print_rows(COLUMNS, rows, current().form)


def _row(title: str, found: Suggestion) -> tuple[Any, ...]:
    return (
        title, found.rank, found.kind.value, found.role_family, found.role, found.role_level,
        round(found.score, 4), found.reason,
    )  # fmt: skip


@group.command("accept")
def accept(
    min_score: Annotated[float, typer.Option("--min-score", help="The lowest score to accept, 0 to 1.")],
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be accepted.")] = False,
    not_digital: Annotated[
        bool, typer.Option("--not-digital", help="Accept “not digital” and “no single role” as well.")
    ] = False,
    department: Departments = None,
) -> None:
    """Confirm every suggestion scored this high, for everybody who holds the title."""
    if not 0 <= min_score <= 1:
        raise UsageError(f"A score lies between 0 and 1, not {min_score}.", "Try --min-score 0.9.")
    kinds = tuple(MatchKind) if not_digital else (MatchKind.ROLE,)
    with workspace(read_only=preview) as ws:
        scope = scope_of(department, "", "", None, "include")
        found = ws.roles.preview_above(scope, min_score, kinds)
        say(
            f"{len(found.groups):,} titles of {found.people:,} people score {min_score:g} or more; "
            f"about {found.expected_right:.0%} are expected to be right."
        )
        if preview:
            rows = [
                (group.title, group.headcount, group.best.kind.value, group.best.role, group.best.role_level,
                 round(group.best.score, 4), group.best.reason)
                for group in found.groups
            ]  # fmt: skip
            print_rows(
                ("title", "people", "kind", "role", "role_level", "score", "reason"), rows, current().form
            )
            return
        outcome = ws.roles.accept_above(found, progress())
        board = ws.roles.board(scope)
    accepted = outcome.value if outcome else 0
    print(
        f"Accepted suggestions for {accepted:,} people; {board.left:,} people in {len(board.groups):,} titles left."
    )


@group.command("confirmed")
def confirmed() -> None:
    """List the titles this organisation has confirmed."""
    with workspace(read_only=True) as ws:
        rows = [
            (rule.title, rule.kind.value, rule.role, rule.role_level, rule.made_by)
            for rule in ws.roles.rules()
        ]
    print_rows(("title", "kind", "role", "role_level", "confirmed_by"), rows, current().form)


@group.command("set")
def set_role(
    staff_id: Annotated[str, typer.Argument(help="The staff ID of one person.")],
    role: RoleName = "",
    role_of: RoleOf = "",
    since: Since = None,
    not_digital: Annotated[
        bool, typer.Option("--not-digital", help="The person has no digital, data or technology role.")
    ] = False,
) -> None:
    """Choose one person's primary role from a day on; the earlier one ends there."""
    if bool(role) == not_digital:
        raise UsageError("Say which role.", "Give either --role or --not-digital.")
    day = parse_day(since)
    with workspace() as ws:
        person = ws.people.by_staff_id(staff_id)
        level = level_named(ws.roles.role_levels(), role, role_of) if role else None
        choice = Choice(MatchKind.ROLE, level.role_level_id) if level else Choice(MatchKind.NONE)
        ws.roles.set_role(person.person_id, choice, day)
        begins = day or ws.today()
    what = f"{level.name} ({level.role})" if level else "not a digital role"
    print(f"{person.staff_id}: {what}, from {begins.isoformat()}.")


@group.command("secondary")
def secondary(
    staff_id: Annotated[str, typer.Argument(help="The staff ID of one person.")],
    role: RoleName,
    role_of: RoleOf = "",
    share: Annotated[
        int | None, typer.Option("--share", min=1, max=99, help="Per cent of the person's time, 1 to 99.")
    ] = None,
    since: Since = None,
    end: Annotated[bool, typer.Option("--end", help="End this secondary role today.")] = False,
) -> None:
    """Add a secondary role with its share of time, or end it. It adds no required skills."""
    if end and (share is not None or since):
        raise UsageError("--end takes neither --share nor --from.", "A secondary role ends today.")
    if not end and share is None:
        raise UsageError("A secondary role needs a share of time.", "Give --share, 1 to 99.")
    day = parse_day(since)
    with workspace() as ws:
        person = ws.people.by_staff_id(staff_id)
        level = level_named(ws.roles.role_levels(), role, role_of)
        if share is None:
            ws.roles.end_secondary_role(_held_secondary(ws.people.profile(person.person_id), level))
            print(f"{person.staff_id}: {level.name} ended as a secondary role.")
            return
        ws.roles.add_secondary_role(person.person_id, level.role_level_id, share, day)
        begins = day or ws.today()
    print(
        f"{person.staff_id}: {level.name} as a secondary role, {share} % of time, from {begins.isoformat()}."
    )


def _held_secondary(profile: PersonProfile, level: RoleLevelLine) -> int:
    """The secondary role of this level that the person has; UsageError that names those there are."""
    for one in profile.secondary:
        if one.role_level_id == level.role_level_id:
            return one.role_assignment_id
    held = ", ".join(f"“{one.role_level}”" for one in profile.secondary)
    raise UsageError(
        f"{profile.line.staff_id} has no secondary role “{level.name}”.",
        f"The secondary roles are {held}." if held else "There is no secondary role to end.",
    )


@group.command("local")
def local(
    name: Annotated[str, typer.Argument(help="What your organisation calls the role.")],
    based_on: Annotated[str, typer.Option("--based-on", help="The role level it starts from.")],
    role_of: RoleOf = "",
    require: Annotated[
        list[str] | None,
        typer.Option("--require", help="“Skill=3”: a required level, 1 to 4, changed or added; repeatable."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="A skill that is not required here; repeatable.")
    ] = None,
) -> None:
    """Make our own role level from one of the framework, with changed requirements, and print what it requires."""
    changes = [_requirement(text) for text in require or ()]
    with workspace() as ws:
        base = level_named(ws.roles.role_levels(), based_on, role_of)
        needs = ws.frameworks.needs(base.role_level_id)
        known = {need.skill: need.required for need in needs if need.required is not None}
        required = changed_requirements(known, changes, without or (), ws.frameworks.skills())
        made = ws.roles.make_local_role(base.role_level_id, name, required).value
    say(f"Made “{made.name}” in the role {made.role}, based on {base.name}.")
    rows = [(made.family, made.role, made.name, skill, level) for skill, level in sorted(required.items())]
    print_rows(("role_family", "role", "role_level", "skill", "required"), rows, current().form)


def _requirement(text: str) -> tuple[str, int]:
    """``Skill=3`` as a pair; the last "=" parts the two."""
    skill, equals, level = text.rpartition("=")
    if not equals or not skill.strip() or level.strip() not in ("1", "2", "3", "4"):
        raise UsageError(
            f"“{text}” is not a skill with a level.",
            "Write it as --require “Testing=3”, with a level 1 to 4.",
        )
    return skill.strip(), int(level)


@group.command("forget")
def forget(
    title: Annotated[str, typer.Argument(help="A job title that was confirmed; see roles confirmed.")],
) -> None:
    """Forget what was confirmed for a job title; people keep the roles they have."""
    with workspace() as ws:
        rules = {normal_title(rule.title): rule for rule in ws.roles.rules()}
        rule = rules.get(normal_title(title))
        if rule is None:
            close = nearest(title, [one.title for one in rules.values()])
            raise UsageError(
                f"“{title}” is not a confirmed title.",
                f"The nearest is “{close}”." if close else "See roles confirmed.",
            )
        ws.roles.forget_rule(rule.rule_id)
    print(f"Forgot “{rule.title}”; people keep the roles they have.")
