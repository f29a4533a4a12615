"""Writing what a page shows into a file: ask where, write on a worker with progress and cancel, say where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.files.report import Column
from app.progress import Progress
from app.ui import dialogs
from app.ui.page import Page
from app.ui.table import Table

WORKBOOKS = "Excel workbook (*.xlsx)"
Writer = Callable[[Path, Progress], object]


def save_as(page: Page, title: str, name: str, kinds: str, write: Writer) -> None:
    """Ask where to write, write, and say where it is; problems come as a sentence with advice."""

    def done(path: Path) -> None:
        page.banner.say(
            f"Saved as {path.name} in {path.parent}.",
            "Open folder",
            lambda: dialogs.open_folder(path),
            "info",
        )

    def begin(path: Path) -> None:
        page.context.jobs.compute(
            lambda progress: write(path, progress), lambda _result: done(path), title=f"Writing {path.name}"
        )

    dialogs.choose_save(page, title, name, kinds, begin)


def export_table(page: Page, table: Table, title: str) -> None:
    """Write what a table shows (filter, order and columns as seen) as a workbook."""
    workspace, scope = page.context.workspace, page.context.scope.scope
    columns = [Column(one.key, one.header, one.kind) for one in table.shown_columns()]
    values = table.shown_values()
    save_as(page, f"Export {title.lower()}", f"{title}.xlsx", WORKBOOKS,
            lambda path, progress: workspace.reports.list_workbook(title, columns, values, path, scope, progress)
            )  # fmt: skip
