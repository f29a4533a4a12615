"""Printing a briefing: the pages of the PDF sent to a printer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from app.progress import Progress
from app.ui import dialogs
from app.ui.page import Page

MakePages = Callable[[Progress], tuple[bytes, ...]]
"""Draws the pages as PNG pictures on a worker."""


def print_pages(page: Page, title: str, make: MakePages) -> None:
    """Draw the pages, ask for the printer, and print them, one to a sheet."""

    def drawn(pages: tuple[bytes, ...]) -> None:
        dialogs.choose_printer(page, title, lambda printer: paint(printer, pages))

    page.context.jobs.compute(make, drawn, title=f"Drawing {title}")


def paint(printer: object, pages: tuple[bytes, ...]) -> None:
    """Paint the pages onto a printer (a QPrinter, or any paged paint device), each as large as its sheet allows."""
    painter = QPainter()
    if not painter.begin(printer):  # type: ignore[call-overload]
        return
    for number, data in enumerate(pages):
        if number:
            printer.newPage()  # type: ignore[attr-defined]
        image = QImage.fromData(data)
        window = painter.viewport()
        size = QSize(image.size()).scaled(window.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(window.center())
        painter.drawImage(place, image)
    painter.end()
