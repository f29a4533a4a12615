"""What leaves the page of skill gaps: workbooks, briefings, the picture of the map; and printing."""

from __future__ import annotations

from app.services.gaps import GapDimension
from app.services.reports.briefings import BriefingWish
from app.ui.page import Page
from app.ui.parts.export_choice import ExportChoice, Way
from app.ui.parts.exports import WORKBOOKS, save_as
from app.ui.parts.gap_view import last_name
from app.ui.parts.printing import print_pages

PICTURES = "Picture for documents (*.png);;Drawing that can be scaled (*.svg);;PDF (*.pdf)"
_FIGURES = (
    "For anybody who may see the totals. Nobody is named, and figures that rest on 1 to 4 people show as [c]."
)
_NAMES = (
    "For those who manage {department}: the same figures in full, and a sheet of everybody with every skill."
)
_NO_NAMES = "Choose one department in the bar above first: a workbook with names is of one department only."
_SHARED = "Turn off share mode first: a workbook with names is not made while others see the screen."
_BRIEFING = (
    "For a director: the finding, the largest shortages, other departments, how sure we are. Nobody is named."
)
_ONE_PAGE = "briefing"


def ask_export(page: Page, dimension: GapDimension, *, is_shared: bool) -> None:
    """Ask for figures, names (not while others see the screen) or a briefing, then where to write it."""
    departments = page.context.scope.scope.departments
    department = departments[0] if len(departments) == 1 else ""
    may_name = bool(department) and not is_shared
    why = _SHARED if is_shared else _NO_NAMES
    ways = (
        Way("Figures only", _FIGURES, "figures"),
        Way(
            f"With names, for {department}" if department else "With names",
            _NAMES.format(department=department) if may_name else why,
            "names",
            is_open=may_name,
        ),
        Way("Briefing, one page of PDF per department", _BRIEFING, _ONE_PAGE),
    )

    def chosen(way: str) -> None:
        if way == _ONE_PAGE:
            save_briefing(page)
        else:
            _save_workbook(page, dimension, named=way == "names")

    dialog = ExportChoice(page, "Export skill gaps", ways, "Choose where to save")
    dialog.chosen.connect(chosen)
    dialog.open()


def save_briefing(page: Page) -> None:
    """One PDF with a page for each department of the scope, small counts hidden."""
    briefings, wish = page.context.workspace.briefings, BriefingWish(page.context.scope.scope)
    departments = wish.scope.departments
    where = f" {last_name(departments[0])}" if len(departments) == 1 else "s"
    save_as(page, "Export briefing", f"Skills briefing{where}.pdf", "PDF (*.pdf)",
            lambda path, progress: briefings.write(wish, path, progress))  # fmt: skip


def print_briefing(page: Page) -> None:
    """Print the briefings of the scope."""
    briefings, wish = page.context.workspace.briefings, BriefingWish(page.context.scope.scope)
    print_pages(page, "Skills briefing", lambda progress: briefings.pictures(wish, progress))


def _save_workbook(page: Page, dimension: GapDimension, *, named: bool) -> None:
    reports, scope = page.context.workspace.reports, page.context.scope.scope
    where = f" {last_name(scope.departments[0])}" if len(scope.departments) == 1 else ""
    save_as(
        page, "Export skill gaps", f"Skill gaps{where}.xlsx", WORKBOOKS,
        lambda path, progress: reports.gap_workbook(scope, path, progress, dimension=dimension, named=named),
    )  # fmt: skip


def save_picture(page: Page, dimension: GapDimension, columns: GapDimension) -> None:
    """Save the map as a picture with the rows and columns it has, small counts hidden."""
    reports, scope = page.context.workspace.reports, page.context.scope.scope
    save_as(
        page, "Save picture", "Skill gaps.png", PICTURES,
        lambda path, _progress: reports.heatmap_picture(scope, path, dimension=dimension, columns=columns),
    )  # fmt: skip
