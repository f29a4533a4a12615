"""A training plan as workbooks: one for the whole plan, or one for each department."""

from __future__ import annotations

from pathlib import Path

from app.services.training import PlanView
from app.ui import dialogs
from app.ui.formats import whole
from app.ui.page import Page
from app.ui.parts.export_choice import ExportChoice, Way
from app.ui.parts.exports import WORKBOOKS, save_as

_WHOLE = Way(
    "One workbook for the whole plan",
    "For whoever holds the money: every line, the budget, what stays open.",
    "whole",
)
_EACH = Way(
    "One workbook for each department",
    "For managers: each holds the people of one department only. Choose a folder; the files are named after the "
    "departments.",
    "each",
)


def export_plan(page: Page, plan: PlanView) -> None:
    """Ask which way and where, then write."""
    ways = (_WHOLE, _EACH, _learning_way(page.context.scope.scope.departments))
    dialog = ExportChoice(page, "Export the plan", ways, "Choose where to save")
    does = {"whole": _export_whole, "each": _choose_folder, "learning": _choose_learning_folder}
    dialog.chosen.connect(lambda way: does[way](page, plan))
    dialog.open()


def _learning_way(departments: tuple[str, ...]) -> Way:
    """A page for each person is of one department, which the scope bar names."""
    is_one = len(departments) == 1
    where = departments[0] if is_one else "one department: choose it in the scope bar first"
    return Way(
        "A learning plan for each person",
        f"A page as PDF for each person of {where}. It names people; share it only with them and their managers.",
        "learning",
        is_one,
    )


def _export_whole(page: Page, plan: PlanView) -> None:
    reports = page.context.workspace.reports
    save_as(page, "Export the plan", f"{plan.title}.xlsx", WORKBOOKS,
            lambda path, progress: reports.plan_workbook(plan, path, progress))  # fmt: skip


def _choose_learning_folder(page: Page, plan: PlanView) -> None:
    def write(folder: Path) -> None:
        reports, departments = page.context.workspace.reports, page.context.scope.scope.departments
        page.context.jobs.compute(
            lambda progress: reports.learning_plans("", departments, plan.plan_id, folder, progress),
            lambda written: _say_written(page, folder, len(written), "learning plan"),
            title="Drawing learning plans",
        )

    dialogs.choose_folder(page, "Folder for the learning plans", write)


def _choose_folder(page: Page, plan: PlanView) -> None:
    dialogs.choose_folder(page, "Folder for the workbooks", lambda folder: _export_each(page, plan, folder))


def _export_each(page: Page, plan: PlanView, folder: Path) -> None:
    reports = page.context.workspace.reports
    page.context.jobs.compute(
        lambda progress: reports.plan_workbooks(plan, folder, progress),
        lambda written: _say_written(page, folder, len(written), "workbook"),
        title="Writing workbooks",
    )


def _say_written(page: Page, folder: Path, number: int, what: str) -> None:
    count = f"1 {what}" if number == 1 else f"{whole(number)} {what}s"
    page.banner.say(f"{count} saved in {folder}.", "Open folder", lambda: dialogs.open_folder(folder), "info")
