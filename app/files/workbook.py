"""Writing a Report as an Excel workbook: :func:`write_workbook` is the one way out.

openpyxl takes a fifth of a second to import, so the modules that need it are imported when a workbook is
written and not before (SPEED, first painted window).
"""

from __future__ import annotations

from pathlib import Path

from app.files.atomic import atomic_write
from app.files.report import Report
from app.progress import Progress, silent


def write_workbook(report: Report, path: Path, progress: Progress | None = None) -> Path:
    """Write the report to ``path`` (.xlsx) and return it; the old file stays until the new one is whole.

    The same report gives the same bytes. Cancelling through ``progress`` leaves no file behind.
    :raises AppError: the file is open elsewhere, the disk is full, the folder cannot be written, or a sheet
        has more lines than Excel takes.
    """
    from app.files.workbook_package import write_package  # brings openpyxl: slow, and only wanted here

    telling = progress or silent()
    return atomic_write(path, lambda temporary: write_package(report, temporary, telling))
