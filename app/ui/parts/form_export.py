"""Assessment forms: a workbook for each department of the scope, to fill in and load back."""

from __future__ import annotations

from pathlib import Path

from app.terms import AssessedBy
from app.ui import dialogs
from app.ui.formats import whole
from app.ui.page import Page


def export_forms(page: Page) -> None:
    """Ask for a folder, then write the forms of everybody in the scope."""
    dialogs.choose_folder(page, "Folder for the assessment forms", lambda folder: _write(page, folder))


def _write(page: Page, folder: Path) -> None:
    reports, scope = page.context.workspace.reports, page.context.scope.scope

    def say(written: tuple[Path, ...]) -> None:
        count = "1 form" if len(written) == 1 else f"{whole(len(written))} forms"
        page.banner.say(
            f"{count} saved in {folder}. Load them back with “Load assessments” when they are filled in.",
            "Open folder",
            lambda: dialogs.open_folder(folder),
            "info",
        )

    page.context.jobs.compute(
        lambda progress: reports.assessment_forms(scope, folder, progress, by=AssessedBy.LINE_MANAGER),
        say,
        title="Writing assessment forms",
    )
