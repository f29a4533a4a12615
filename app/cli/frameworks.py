"""``frameworks …``: what is loaded, its facts, what changed, which is current."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.output import Format, print_rows, say
from app.cli.session import current, workspace

group = typer.Typer(help="Framework versions: list, show, compare, use.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Hang ``frameworks`` onto the command line."""
    app.add_typer(group, name="frameworks")


@group.command("list")
def list_versions() -> None:
    """List the versions, the current one first."""
    columns = (
        "label", "current", "effective_on", "role_families", "roles", "role_levels", "skills", "requirements",
        "people", "source",
    )  # fmt: skip
    with workspace(read_only=True) as ws:
        rows = [
            (
                line.label, line.is_current, line.effective_on, line.families, line.roles, line.role_levels,
                line.skills, line.requirements, line.people, line.source,
            )
            for line in ws.frameworks.versions()
        ]  # fmt: skip
    print_rows(columns, rows, current().form)


@group.command("show")
def show(name: Annotated[str, typer.Argument(help="The version; the current one if left out.")] = "") -> None:
    """Print every requirement of a version."""
    columns = ("role_family", "role", "role_level", "seniority", "skill", "required")
    with workspace(read_only=True) as ws:
        rows = [
            (line.role_family, line.role, line.role_level, line.seniority, line.skill, line.required)
            for line in ws.frameworks.show(name)
        ]
    print_rows(columns, rows, current().form)


@group.command("compare")
def compare(
    old: Annotated[str, typer.Argument(help="The earlier version.")],
    new: Annotated[str, typer.Argument(help="The later version.")],
) -> None:
    """Print what changed between two versions."""
    columns = ("kind", "role_family", "role", "role_level", "skill", "before", "after", "confidence")
    with workspace(read_only=True) as ws:
        lines = ws.frameworks.compare(old, new)
    rows = [
        (line.kind.value, line.role_family, line.role, line.role_level, line.skill, line.before, line.after,
         line.confidence)
        for line in lines
    ]  # fmt: skip
    if not rows and current().form is Format.TABLE:
        say("The two versions do not differ.")
    print_rows(columns, rows, current().form)


@group.command("use")
def use(name: Annotated[str, typer.Argument(help="The version to make current.")]) -> None:
    """Make a version the current one. Nobody's role changes by it."""
    with workspace() as ws:
        print(f"Current version: {ws.frameworks.use(name).value}")
