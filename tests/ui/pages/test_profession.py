"""The profession page: figures, drill-down to people, export; printing a briefing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter

from app.progress import silent
from app.services.profession import Pick
from app.services.reports.briefings import BriefingWish
from app.ui import dialogs
from app.ui.parts.gap_exports import save_briefing
from app.ui.parts.line_list import LineList
from app.ui.parts.printing import paint
from app.workspace import Workspace
from tests.builders import USER, clock, make_person, make_rating, write_rows
from tests.command_line import muster
from tests.ui.pages.conftest import settle


def _filled(small: Path) -> Workspace:
    people = [
        make_person(f"{n:04d}", department=("Home Office", "Justice")[n % 2], grade="HEO") for n in range(12)
    ]
    ratings = [
        make_rating(f"{n:04d}", skill, level=3)
        for n in range(9)
        for skill in ("Programming", "Data modelling")
    ]
    for kind, rows in (("people", people), ("assessments", ratings)):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()
    return Workspace.open(small, user=USER, clock=clock)


def test_the_page_shows_the_family_and_its_people(small: Path, open_page: Any, qtbot: Any) -> None:
    page = open_page(_filled(small), "profession")
    assert page.state == "full"
    assert page._answer.text().startswith("12 people in Data, 12.00 FTE")
    departments = page.departments.table.rows
    assert [departments.record(row).people for row in range(departments.rowCount())] == [6, 6]
    page.open_people("Justice", Pick(department="Justice"))
    settle(page.window(), qtbot)
    listed = page.drawer.content.findChild(LineList)
    assert len(listed.lines) == 6
    page.show_table()
    assert page.behind.table.rows.rowCount() == 6
    page.show_overview()
    page.open_person(page._people[0].person_id)
    settle(page.window(), qtbot)
    assert page.window().page.key == "gaps"


def test_a_figure_of_the_pipeline_opens_its_people(small: Path, open_page: Any, qtbot: Any) -> None:
    page = open_page(_filled(small), "profession")
    model = page.pipeline.table.rows
    column = [one.key for one in model.columns].index("NOT_ASSESSED")
    assert model.record(0).NOT_ASSESSED == 12
    page.pipeline.table.clicked.emit(model.index(0, column))
    settle(page.window(), qtbot)
    assert {one.reach for one in page._people} == {"not assessed enough"}
    assert len(page._people) == 12


def test_another_family_is_chosen_on_the_page(small: Path, open_page: Any, qtbot: Any) -> None:
    page = open_page(_filled(small), "profession")
    page.family.setCurrentText("Design")
    settle(page.window(), qtbot)
    assert page._answer.text().startswith("Nobody has a confirmed role in Design")


def test_the_workbook_and_the_briefing_are_saved_where_asked(
    small: Path, open_page: Any, qtbot: Any, monkeypatch: Any
) -> None:
    page = open_page(_filled(small), "profession")
    book, pdf = small.parent / "p.xlsx", small.parent / "b.pdf"
    answers = iter((book, pdf))
    monkeypatch.setattr(
        dialogs, "choose_save", lambda _page, _title, _name, _kinds, chosen: chosen(next(answers))
    )
    page.export()
    settle(page.window(), qtbot)
    assert book.read_bytes().startswith(b"PK")
    page.window().show_page("gaps")
    settle(page.window(), qtbot)
    save_briefing(page.window().page)
    settle(page.window(), qtbot)
    assert pdf.read_bytes().startswith(b"%PDF")


def test_print_sends_the_pages_of_the_briefing(
    small: Path, open_page: Any, qtbot: Any, monkeypatch: Any
) -> None:
    page = open_page(_filled(small), "gaps")
    sent: list[str] = []
    monkeypatch.setattr(dialogs, "choose_printer", lambda _page, title, _chosen: sent.append(title))
    page.window().print_page()
    settle(page.window(), qtbot)
    assert sent == ["Skills briefing"]


def test_every_page_is_painted_on_its_own_sheet(small: Path, tmp_path: Path, qapp: Any) -> None:
    with _filled(small) as ws:
        pages = ws.briefings.pictures(BriefingWish(), silent(), dpi=40)
    assert len(pages) == 2
    out = tmp_path / "printed.pdf"
    printer = QPdfWriter(str(out))
    printer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)
        )
    )
    paint(printer, pages)
    del printer
    assert out.read_bytes().count(b"/Type /Page\n") == 2
    assert QSizeF(1, 1).isValid()


def test_a_shared_screen_shows_no_small_figure_and_nobody(small: Path, open_page: Any, qtbot: Any) -> None:
    page = open_page(_filled(small), "profession")
    page.context.settings.put("share_mode", True)
    page.load()
    settle(page.window(), qtbot)
    page.open_people("Justice", Pick(department="Justice"))
    settle(page.window(), qtbot)
    assert page.drawer.isHidden()
    assert "Share mode" in page.banner.sentence
    table = page.departments.table.rows
    shown = [table.record(row).contractors for row in range(table.rowCount())]
    assert shown == [0, 0]
    page.context.settings.put("share_mode", False)
