"""``skills …``: what there is, where people stand, and the organisation's weights and tags."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.gaps import AsAt, Contractors, Departments, RoleFamily, say_disclosure, scope_of
from app.cli.output import counted, print_rows
from app.cli.session import current, parsed, workspace
from app.services.disclosed import hidden_skill_lines
from app.services.skills import SkillLine, SkillTag

group = typer.Typer(help="Skills: list, set-weight, set-tag.", no_args_is_help=True)

FIGURES = ("required", "assessed", "meeting", "short", "levels_short", "surplus")
Names = Annotated[list[str], typer.Argument(help="The skills, by name.")]


def register(app: typer.Typer) -> None:
    """Hang ``skills`` onto the command line."""
    app.add_typer(group, name="skills")


@group.command("list")
def list_skills(
    tag: Annotated[str, typer.Option("--tag", help="Only skills with this tag: legacy or strategic.")] = "",
    not_assessed: Annotated[
        bool, typer.Option("--not-assessed", help="Only skills required in which nobody is assessed.")
    ] = False,
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="on hides small counts; off is raw.")
    ] = "off",
) -> None:
    """List the skills with their tag, weight, and the people required, assessed, short and above."""
    is_shared = say_disclosure(disclosure)
    wanted = _tag(tag) if tag else None
    scope = scope_of(department, role_family, "", as_at, contractors)
    with workspace(read_only=True) as ws:
        lines = ws.skills.not_assessed(scope) if not_assessed else ws.skills.lines(scope)
        masks = hidden_skill_lines(ws.gaps, scope, lines) if is_shared else (False,) * len(lines)
    rows = [
        _row(line, is_hidden)
        for line, is_hidden in zip(lines, masks, strict=True)
        if wanted is None or line.tag is wanted
    ]
    print_rows(("skill", "tag", "weight", "role_levels", *FIGURES), rows, current().form)


def _row(line: SkillLine, is_hidden: bool) -> tuple[Any, ...]:
    figures = (SUPPRESSED if is_hidden else getattr(line, name) for name in FIGURES)
    return (line.skill, line.tag.value, line.weight, line.role_levels, *figures)


def _tag(text: str) -> SkillTag:
    return parsed(SkillTag, text, "a tag: legacy, strategic or none")


@group.command("set-weight")
def set_weight(
    weight: Annotated[float, typer.Argument(help="From 0.1 to 10; 1 is usual.")], names: Names
) -> None:
    """Give skills a priority weight, which plans and weighted figures follow."""
    with workspace() as ws:
        outcome = ws.skills.set_weight(names, weight)
    print("Nothing to change." if outcome is None else f"{counted(outcome.value, 'skill')} changed.")


@group.command("set-tag")
def set_tag(
    tag: Annotated[str, typer.Argument(help="legacy, strategic, or none to take the tag away.")], names: Names
) -> None:
    """Tag skills as legacy or strategic."""
    wanted = SkillTag.NONE if tag == "none" else _tag(tag)
    with workspace() as ws:
        outcome = ws.skills.set_tag(names, wanted)
    print("Nothing to change." if outcome is None else f"{counted(outcome.value, 'skill')} changed.")
