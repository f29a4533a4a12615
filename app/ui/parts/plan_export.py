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
    dialog = ExportChoice(page, "Export the plan to Excel", (_WHOLE, _EACH), "Choose where to save")
    dialog.chosen.connect(
        lambda way: _export_whole(page, plan) if way == "whole" else _choose_folder(page, plan)
    )
    dialog.open()


def _export_whole(page: Page, plan: PlanView) -> None:
    reports = page.context.workspace.reports
    save_as(page, "Export the plan", f"{plan.title}.xlsx", WORKBOOKS,
            lambda path, progress: reports.plan_workbook(plan, path, progress))  # fmt: skip


def _choose_folder(page: Page, plan: PlanView) -> None:
    dialogs.choose_folder(page, "Folder for the workbooks", lambda folder: _export_each(page, plan, folder))


def _export_each(page: Page, plan: PlanView, folder: Path) -> None:
    reports = page.context.workspace.reports

    def say(written: tuple[Path, ...]) -> None:
        count = "1 workbook" if len(written) == 1 else f"{whole(len(written))} workbooks"
        page.banner.say(
            f"{count} saved in {folder}.", "Open folder", lambda: dialogs.open_folder(folder), "info"
        )

    page.context.jobs.compute(
        lambda progress: reports.plan_workbooks(plan, folder, progress), say, title="Writing workbooks"
    )
