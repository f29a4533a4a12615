"""``assessments sign-off list|accept|reject``: ratings that completed courses propose."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.gaps import Departments
from app.cli.output import counted, print_rows, say
from app.cli.session import current, parse_day, workspace
from app.errors import UsageError
from app.services.scope import Scope
from app.terms import AssessedBy, ProposalStatus, name_key
from app.workspace import Workspace

assessments = typer.Typer(help="Ratings after courses, to sign off.", no_args_is_help=True)
group = typer.Typer(
    help="Ratings that completed courses propose: list, accept, reject.", no_args_is_help=True
)
assessments.add_typer(group, name="sign-off")

COLUMNS = (
    "proposal", "staff_id", "name", "department", "unit", "skill", "level_now", "rated_by", "level_proposed",
    "course_code", "course", "completed_on", "plan", "status", "decided_by", "comment",
)  # fmt: skip

Numbers = Annotated[
    list[int] | None, typer.Argument(metavar="PROPOSAL…", help="The numbers that `list` shows.")
]
Everything = Annotated[bool, typer.Option("--all", help="All that wait, of the people and courses named.")]
Courses = Annotated[list[str] | None, typer.Option("--course", help="Only after this course; repeatable.")]
Staff = Annotated[list[str] | None, typer.Option("--staff", help="Only of this person; repeatable.")]
Comment = Annotated[str, typer.Option("--comment", help="A comment kept with the rating.")]


def register(app: typer.Typer) -> None:
    """Hang ``assessments`` onto the command line."""
    app.add_typer(assessments, name="assessments")


@group.command("list")
def list_waiting(
    department: Departments = None,
    decided: Annotated[bool, typer.Option("--decided", help="Those accepted and rejected as well.")] = False,
) -> None:
    """List ratings that completed courses propose; nobody's rating changes before one is accepted."""
    with workspace(read_only=True) as ws:
        scope = Scope(departments=tuple(department)) if department else None
        lines = ws.training.sign_off.lines(scope, with_decided=decided)
    rows = [
        (one.proposal_id, one.staff_id, one.name, one.department, one.unit, one.skill, one.level_now, one.rated_by,
         one.level, one.course_code, one.course, one.completed_on.isoformat(), one.plan_id, one.status, one.decided_by,
         one.comment)
        for one in lines
    ]  # fmt: skip
    print_rows(COLUMNS, rows, current().form)
    say(f"{counted(sum(one.status == ProposalStatus.OPEN.value for one in lines), 'rating')} to sign off.")


@group.command("accept")
def accept(
    numbers: Numbers = None,
    by: Annotated[
        str, typer.Option("--by", help="Who gives the rating: self, line manager or head of profession.")
    ] = AssessedBy.LINE_MANAGER.value,
    on: Annotated[str, typer.Option("--on", help="The day of the rating; today if left out.")] = "",
    level: Annotated[
        int | None, typer.Option("--level", min=0, max=4, help="Another level than the one proposed.")
    ] = None,
    everything: Everything = False,
    department: Departments = None,
    course: Courses = None,
    staff: Staff = None,
    comment: Comment = "",
) -> None:
    """Accept: writes an ordinary rating with the course code as its evidence."""
    try:
        kind = AssessedBy(" ".join(by.casefold().replace("-", " ").split()))
    except ValueError:
        raise UsageError(
            f"--by cannot be “{by}”.", f"Use one of {', '.join(kind.value for kind in AssessedBy)}."
        ) from None
    day = parse_day(on) if on else None
    with workspace() as ws:
        chosen = _chosen(ws, (numbers, everything), department, course, staff)
        done = ws.training.sign_off.accept(chosen, kind, on=day, level=level, comment=comment).value
    print(
        f"Accepted: {counted(done.accepted, 'rating')} by {kind.value}, {done.counting:,} of them count now."
    )
    if done.counting < done.accepted:
        say("note: where a rating of a stronger kind, or a later one, is there, that one goes on to count.")


@group.command("reject")
def reject(
    numbers: Numbers = None,
    everything: Everything = False,
    department: Departments = None,
    course: Courses = None,
    staff: Staff = None,
    comment: Comment = "",
) -> None:
    """Reject: ratings stay as they are."""
    with workspace() as ws:
        chosen = _chosen(ws, (numbers, everything), department, course, staff)
        print(f"Rejected: {counted(ws.training.sign_off.reject(chosen, comment).value, 'rating')}.")


def _chosen(
    ws: Workspace,
    named: tuple[list[int] | None, bool],
    departments: list[str] | None,
    courses: list[str] | None,
    staff: list[str] | None,
) -> list[int]:
    """The proposals meant: by number, or all that wait of the people and courses named."""
    numbers, everything = named
    if numbers:
        if everything or departments or courses or staff:
            raise UsageError(
                "Give numbers, or --all with what narrows it, not both.", "Choose one of the two."
            )
        return numbers
    if not (everything or departments or courses or staff):
        raise UsageError("Which ratings is not said.", "Give their numbers, or --all.")
    scope = Scope(departments=tuple(departments)) if departments else None
    codes, people = {name_key(one) for one in courses or ()}, {name_key(one) for one in staff or ()}
    found = [
        one.proposal_id
        for one in ws.training.sign_off.lines(scope)
        if (not codes or name_key(one.course_code) in codes)
        and (not people or name_key(one.staff_id) in people)
    ]
    if not found:
        raise UsageError(
            "No rating waits for sign-off there.", "`muster assessments sign-off list` shows them."
        )
    return found
