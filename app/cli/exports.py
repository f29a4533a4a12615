"""``export …``: workbooks from what the screens show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.gaps import AsAt, Contractors, Departments, RoleFamily, scope_of
from app.cli.output import workbook_name
from app.cli.session import parse_day, progress, workspace
from app.errors import UsageError
from app.services.gaps import GapDimension
from app.services.reports.briefings import BriefingWish
from app.terms import AssessedBy

group = typer.Typer(
    help="Write workbooks, pictures and briefings: gaps, plan, heatmap, briefing, profession.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Hang ``export`` onto the command line."""
    app.add_typer(group, name="export")


@group.command("gaps")
def export_gaps(
    out: Annotated[Path, typer.Option("--out", help="The workbook to write.")],
    by: Annotated[str, typer.Option("--by", help="department, unit or role-family.")] = "department",
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    named: Annotated[
        bool, typer.Option("--named", help="With the people of one department, by name.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", help="Also say what changed from this day on.")
    ] = None,
) -> None:
    """Write the gap workbook: heat map, figures and, when asked for by name, the people behind them."""
    scope = scope_of(department, role_family, "", as_at, contractors)
    workbook_name(out)
    if by not in tuple(GapDimension) or by == GapDimension.SKILL.value:
        raise UsageError(f"--by cannot be “{by}” here.", "Use department, unit or role-family.")
    with workspace(read_only=True) as ws:
        written = ws.reports.gap_workbook(
            scope, out, progress(), dimension=GapDimension(by), named=named, since=parse_day(since)
        )
    print(f"Workbook: {written}")


@group.command("plan")
def export_plan(
    out: Annotated[
        Path, typer.Option("--out", help="A workbook (.xlsx), or a folder for one per department.")
    ],
    plan_id: Annotated[int | None, typer.Argument(help="The plan; the newest if left out.")] = None,
    department: Annotated[str, typer.Option("--department", help="Only this department's workbook.")] = "",
) -> None:
    """Write a plan: one workbook for the whole, or a folder with one per department."""
    with workspace(read_only=True) as ws:
        plan = ws.training.plan(plan_id)
        if out.suffix.lower() == ".xlsx":
            known = {line.department for line in plan.lines} | {need.department for need in plan.unmet}
            if department and department not in known:
                raise UsageError(
                    f"“{department}” has no part in this plan.", f"Departments: {'; '.join(sorted(known))}."
                )
            print(f"Workbook: {ws.reports.plan_workbook(plan, out, progress(), department)}")
            return
        for path in ws.reports.plan_workbooks(plan, out, progress()):
            print(f"Workbook: {path}")


@group.command("assessment-form")
def export_assessment_form(
    out: Annotated[
        Path, typer.Option("--out", help="A folder, or one workbook (.xlsx) of one --department.")
    ],
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    by: Annotated[
        str, typer.Option("--by", help="One workbook for each department or each unit.")
    ] = "department",
    assessed_by: Annotated[
        str, typer.Option("--assessed-by", help="Who rates: self, line manager or head of profession.")
    ] = AssessedBy.LINE_MANAGER.value,
) -> None:
    """Write the workbooks units fill in with ratings; `import assessments` reads them back."""
    if by not in ("department", "unit"):
        raise UsageError(f"--by cannot be “{by}” here.", "Use department or unit.")
    if assessed_by not in tuple(AssessedBy):
        raise UsageError(f"“{assessed_by}” does not rate.", f"Use {', '.join(AssessedBy)}.")
    scope = scope_of(department, role_family, "", None, contractors)
    with workspace(read_only=True) as ws:
        for path in ws.reports.assessment_forms(
            scope, out, progress(), by=AssessedBy(assessed_by), each_unit=by == "unit"
        ):
            print(f"Workbook: {path}")


@group.command("learning-plan")
def export_learning_plan(
    out: Annotated[
        Path, typer.Option("--out", help="A PDF, a workbook (.xlsx), or a folder for a PDF of each person.")
    ],
    staff_id: Annotated[str, typer.Argument(help="Whose plan it is; or name a --department.")] = "",
    department: Departments = None,
    plan: Annotated[
        int | None, typer.Option("--plan", help="The training plan; the newest if left out.")
    ] = None,
) -> None:
    """Write personal learning plans: on the job, from others, formal; one page for each person."""
    with workspace(read_only=True) as ws:
        scope = scope_of(department, "", "", None, "include")
        for path in ws.reports.learning_plans(staff_id, scope.departments, plan, out, progress()):
            print(f"{'Workbook' if path.suffix == '.xlsx' else 'PDF'}: {path}")


@group.command("heatmap")
def export_heatmap(
    out: Annotated[Path, typer.Option("--out", help="The picture to write: .png, .svg or .pdf.")],
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
) -> None:
    """Draw the department × skill heat map, small counts hidden."""
    scope = scope_of(department, role_family, "", as_at, contractors)
    with workspace(read_only=True) as ws:
        print(f"Picture: {ws.reports.heatmap_picture(scope, out)}")


@group.command("briefing")
def export_briefing(
    out: Annotated[
        Path,
        typer.Option("--out", help="One PDF (.pdf) with a page each, or a folder for one per department."),
    ],
    department: Departments = None,
    role_family: RoleFamily = "",
    contractors: Contractors = "include",
    as_at: AsAt = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="Say what changed from this day on; a year before if left out."),
    ] = None,
    named: Annotated[
        bool, typer.Option("--named", help="Of one department or unit, nothing hidden, with names.")
    ] = False,
    marking: Annotated[
        str, typer.Option("--marking", help="The protective marking; that of the workspace if left out.")
    ] = "",
) -> None:
    """Write the one-page briefing of every department, or of those named, as PDF."""
    scope = scope_of(department, role_family, "", as_at, contractors)
    wish = BriefingWish(scope, is_named=named, marking=marking.strip(), since=parse_day(since))
    with workspace(read_only=True) as ws:
        for path in ws.briefings.write(wish, out, progress()):
            print(f"Briefing: {path}")


@group.command("profession")
def export_profession(
    out: Annotated[Path, typer.Option("--out", help="The workbook to write.")],
    role_family: RoleFamily = "",
    department: Departments = None,
    contractors: Contractors = "include",
    as_at: AsAt = None,
) -> None:
    """Write the workbook of a profession: departments, pyramid, pipeline, skills; small counts hidden."""
    scope = scope_of(department, role_family, "", as_at, contractors)
    workbook_name(out)
    with workspace(read_only=True) as ws:
        print(f"Workbook: {ws.reports.profession_workbook(scope, out, progress())}")
