from __future__ import annotations

import gc
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.change import Change, Outcome
from app.errors import StoreError
from app.services.scope import Scope
from app.ui import application, dialogs, theme
from app.ui.dialogs import MessageDialog
from app.ui.focus import FocusRing
from app.ui.go_to import GoTo
from app.ui.navigator import Destination
from app.ui.pages import PAGES, available
from app.ui.scope_bar import DayDialog
from tests.counts import share
from tests.ui.stage import Office, PostsPage, RolesPage, Stage


@pytest.fixture
def page(stage: Stage, qtbot: Any) -> PostsPage:
    with qtbot.waitExposed(stage.window):
        stage.window.show()
    stage.window.activateWindow()
    return stage.enter(Office(Path("demo.muster")), qtbot)


def settle(stage: Stage, qtbot: Any) -> None:
    if not stage.window.jobs.is_idle:
        with qtbot.waitSignal(stage.window.jobs.idle, timeout=5_000):
            pass


def action(stage: Stage, text: str) -> QAction:
    return next(one for one in stage.window.findChildren(QAction) if one.text() == text)


def dialog(stage: Stage) -> MessageDialog:
    return stage.window.findChildren(MessageDialog)[-1]


def test_the_first_screen_offers_three_ways_in(stage: Stage, qtbot: Any) -> None:
    with qtbot.waitExposed(stage.window):
        stage.window.show()
    offered = [one.text() for one in stage.window.welcome.findChildren(QPushButton) if one.isVisible()]
    assert offered == ["Take the sample organisation", "Make a new workspace", "Open a workspace"]
    assert not action(stage, "Refresh").isEnabled()


@pytest.mark.parametrize("verb", ["Take the sample organisation", "Make a new workspace", "Open a workspace"])
def test_each_way_in_ends_in_an_open_workspace(
    stage: Stage, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verb: str
) -> None:
    target = tmp_path / "Skills.muster"
    monkeypatch.setattr(dialogs, "choose_open", lambda _w, _t, _k, chosen: chosen(target))
    monkeypatch.setattr(dialogs, "choose_save", lambda _w, _t, _n, _k, chosen: chosen(target))
    stage.window.show()
    next(one for one in stage.window.welcome.findChildren(QPushButton) if one.text() == verb).click()
    settle(stage, qtbot)
    settle(stage, qtbot)
    assert stage.window.windowTitle() == "Skills.muster — Muster"
    assert isinstance(stage.window.page, PostsPage)
    assert stage.window.settings.text("last_workspace") == str(target)


def test_a_workspace_that_does_not_open_says_why_and_stays_on_the_first_screen(
    stage: Stage, qtbot: Any
) -> None:
    stage.refusal = StoreError("It is in use by ann on PC7.", "Close it there.")
    stage.window.open_path(Path("Skills.muster"))
    settle(stage, qtbot)
    assert stage.window.workbench is None
    said = stage.window.welcome.banner.sentence
    assert said == "Skills.muster: It is in use by ann on PC7. Close it there."


def test_workspaces_opened_lately_are_listed_newest_first(stage: Stage, qtbot: Any, tmp_path: Path) -> None:
    for name in ("a", "b", "a"):
        stage.window.open_path(tmp_path / f"{name}.muster")
        settle(stage, qtbot)
        settle(stage, qtbot)
    known = stage.window.settings.text("recent_workspaces").splitlines()
    assert [Path(one).name for one in known] == ["a.muster", "b.muster"]
    assert [office.is_closed for office in stage.opened] == [True, True, False]


def test_the_status_bar_names_workspace_and_revision(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    assert stage.window.status._workspace.text() == "demo.muster · revision 7"
    page.add()
    settle(stage, qtbot)
    assert stage.window.status._workspace.text() == "demo.muster · revision 8"


def test_ctrl_and_a_number_goes_to_a_page(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    qtbot.keyClick(stage.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(stage.window.page, RolesPage)
    settle(stage, qtbot)


def test_the_list_of_pages_works_by_keyboard(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    assert stage.window.workbench is not None
    pages = stage.window.workbench.navigation
    pages.setFocus()
    qtbot.keyClick(pages, Qt.Key.Key_Down)
    assert stage.window.page is page
    qtbot.keyClick(pages, Qt.Key.Key_Return)
    assert isinstance(stage.window.page, RolesPage)
    assert pages.opened == "roles"
    settle(stage, qtbot)


def test_pages_send_the_user_elsewhere_through_the_navigator(
    stage: Stage, page: PostsPage, qtbot: Any
) -> None:
    page.context.navigator.go("roles", role_id=7)
    assert isinstance(stage.window.page, RolesPage)
    assert stage.window.page.received == {"role_id": 7}
    settle(stage, qtbot)


def test_shortcuts_reach_the_page(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    qtbot.keyClick(stage.window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(stage.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.exported == 1
    assert page.pane.filter.hasFocus()
    office: Any = page.context.workspace
    office.asked.clear()
    qtbot.keyClick(stage.window, Qt.Key.Key_F5)
    settle(stage, qtbot)
    assert office.asked == ["read"]


def test_the_menu_lists_what_the_page_can_do(stage: Stage, page: PostsPage) -> None:
    offered = {one.text(): one.shortcut().toString() for one in stage.window.menus.actions.actions()}
    assert offered == {"Export posts": "", "Add post": "Ctrl+Shift+A"}


def test_every_menu_action_has_a_shortcut_or_is_rare(stage: Stage, page: PostsPage) -> None:
    rare = {"Quit", "As the system", "Light", "Dark", "About Muster", "Export posts"}
    without = {
        one.text()
        for menu in stage.window.menuBar().actions()
        for one in menu.menu().actions()  # type: ignore[union-attr]
        if not one.isSeparator() and one.shortcut().isEmpty()
    }
    assert without <= rare


def test_ctrl_k_goes_to_pages_actions_and_what_finders_know(
    stage: Stage, page: PostsPage, qtbot: Any
) -> None:
    page.context.navigator.add_finder(
        lambda words, _progress: [Destination(f"Amara Okafor ({words})", "person", "roles", {"person_id": 3})]
    )
    stage.window.go_to()
    finder = stage.window.findChildren(GoTo)[0]
    finder.words.setText("ama")
    qtbot.waitUntil(lambda: finder.found.count() == 1, timeout=5_000)
    qtbot.keyClick(finder.words, Qt.Key.Key_Return)
    assert isinstance(stage.window.page, RolesPage)
    assert stage.window.page.received == {"person_id": 3}
    settle(stage, qtbot)


def test_ctrl_k_runs_actions_of_the_page(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    stage.window.go_to()
    finder = stage.window.findChildren(GoTo)[0]
    finder.words.setText("export p")
    settle(stage, qtbot)
    qtbot.keyClick(finder.words, Qt.Key.Key_Return)
    assert page.exported == 1
    settle(stage, qtbot)


def test_the_scope_bar_changes_the_scope_and_stays_put(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    assert stage.window.workbench is not None
    bar = stage.window.workbench.scope_bar
    bar.department.setCurrentIndex(2)
    bar.contractors.setCurrentIndex(1)
    assert page.context.scope.scope == Scope(departments=("Revenue / Unit 3",), with_contractors=False)
    stage.window.show_page("roles")
    assert bar.department.currentText().strip() == "Unit 3"
    settle(stage, qtbot)


def test_another_day_is_chosen_in_a_calendar(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    assert stage.window.workbench is not None
    bar = stage.window.workbench.scope_bar
    bar.as_at.activated.emit(bar.as_at.count() - 1)
    calendar = stage.window.findChildren(DayDialog)[0]
    calendar.calendar.setSelectedDate(date(2026, 3, 31))  # type: ignore[arg-type]  # taken as a QDate
    calendar.accept()
    assert page.context.scope.scope.as_at == date(2026, 3, 31)
    assert bar.as_at.currentText() == "31 Mar 2026"
    bar.as_at.activated.emit(0)
    assert page.context.scope.scope.as_at is None
    settle(stage, qtbot)


def test_a_job_shows_in_the_status_bar_and_can_be_cancelled(
    stage: Stage, page: PostsPage, qtbot: Any
) -> None:
    begun, cancelled = threading.Event(), list[bool]()

    def work(progress: Any) -> None:
        while True:
            progress.step(0.25, "1 of 4")
            begun.set()

    status = stage.window.status
    stage.window.jobs.compute(
        work, lambda _r: None, title="Making the plan", cancelled=lambda: cancelled.append(True)
    )
    begun.wait(5)
    qtbot.waitUntil(status._job_part.isVisible, timeout=5_000)
    assert status._what.text().startswith("Making the plan: 1 of 4")
    status._stop.click()
    settle(stage, qtbot)
    assert cancelled == [True]
    assert not status._job_part.isVisible()


def test_an_error_is_a_sentence_with_advice(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    def fail(_progress: Any) -> Outcome[None]:
        raise StoreError("The disk is full; nothing was changed.", "Free some space and try again.")

    stage.window.jobs.write(fail)
    settle(stage, qtbot)
    assert dialog(stage).sentence.text() == "The disk is full; nothing was changed."
    assert dialog(stage).detail.text() == "Free some space and try again."
    dialog(stage).press("Close")


def test_a_fault_ends_in_a_report_without_anybodys_data(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    def fail(_progress: Any) -> None:
        raise ValueError("Amara Okafor, staff 10284")

    stage.window.jobs.read(fail, lambda _r: None)
    settle(stage, qtbot)
    dialog(stage).press("Copy report")
    report = QApplication.clipboard().text()
    assert "ValueError" in report
    assert "test_main_window.py" in report
    assert "Amara" not in report
    assert str(Path.home()) not in report


def test_my_last_change_is_reverted_by_name(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    done: list[int] = []

    class History:
        def last_own_action(self) -> Any:
            from types import SimpleNamespace

            return SimpleNamespace(action_id=5, action="Accept role", rows=412)

        def revert(self, number: int) -> Outcome[str]:
            done.append(number)
            return Outcome("Accept role", Change("Revert", frozenset({"post"}), 9))

    page.context.workspace.admin = History()  # type: ignore[misc,assignment]
    qtbot.keyClick(stage.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(stage, qtbot)
    assert dialog(stage).sentence.text() == "Revert “Accept role”?"
    assert "412 rows" in dialog(stage).detail.text()
    dialog(stage).press("Revert")
    settle(stage, qtbot)
    assert done == [5]
    assert stage.window.status.said == "Reverted: Accept role."


def test_a_change_by_somebody_else_reloads_pages(stage: Stage, qtbot: Any) -> None:
    office = Office(None)
    stage.enter(office, qtbot)
    assert stage.window._watch.isActive()
    office.asked.clear()
    office.number = 30
    stage.window._watch.timeout.emit()
    settle(stage, qtbot)
    settle(stage, qtbot)
    assert office.asked == ["read"]


def test_a_read_only_workspace_says_so(stage: Stage, qtbot: Any) -> None:
    stage.enter(Office(Path("old.muster"), is_read_only=True, notice="Made by a newer Muster."), qtbot)
    assert stage.window.workbench is not None
    assert stage.window.workbench.notice.sentence == "Made by a newer Muster."
    assert "read only" in stage.window.status._workspace.text()
    assert not action(stage, "Revert my last change…").isEnabled()


def test_closing_the_workspace_goes_back_to_the_first_screen(
    stage: Stage, page: PostsPage, qtbot: Any
) -> None:
    office: Any = page.context.workspace
    stage.window.close_workspace()
    settle(stage, qtbot)
    assert office.is_closed
    assert stage.window.page is None
    assert stage.window.windowTitle() == "Muster"


def test_closing_while_a_job_runs_stops_it_first(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    begun = threading.Event()

    def work(progress: Any) -> None:
        begun.set()
        while True:
            progress.check()

    stage.window.jobs.compute(work, lambda _r: None, title="Making the plan")
    begun.wait(5)
    assert not stage.window.close()
    qtbot.waitUntil(lambda: not stage.window.isVisible(), timeout=5_000)
    office: Any = page.context.workspace
    assert office.is_closed


def test_light_and_dark_are_chosen_and_kept(stage: Stage, page: PostsPage) -> None:
    action(stage, "Dark").trigger()
    assert theme.tokens() is theme.DARK
    assert stage.window.settings.text("appearance") == "dark"
    action(stage, "Light").trigger()
    assert theme.tokens() is theme.LIGHT


def test_the_ring_follows_the_keyboard(stage: Stage, page: PostsPage, qapp: QApplication) -> None:
    for target in (page.pane.filter, page.action_button("Add post")):
        target.setFocus()
        qapp.processEvents()
        (ring,) = (one for one in stage.window.findChildren(FocusRing) if one.isVisible())
        corner = target.mapTo(stage.window, target.rect().topLeft())
        assert ring.geometry().topLeft() == corner - QPoint(3, 3)
        image = stage.window.grab().toImage()
        middle = corner.y() + target.height() // 2
        seen = [image.pixelColor(corner.x() + x, middle).name() for x in range(-3, 1)]
        assert seen == [theme.tokens().focus] * 3 + [theme.tokens().focus_line]


def test_the_ring_goes_with_what_it_was_around(stage: Stage, page: PostsPage, qapp: QApplication) -> None:
    stage.window.activateWindow()
    page.pane.filter.setFocus()
    page.pane.filter.hide()
    qapp.processEvents()
    around = page.pane.filter
    assert not [
        ring
        for ring in stage.window.findChildren(FocusRing)
        if ring.isVisible() and ring.geometry().contains(around.mapTo(stage.window, around.rect().center()))
    ]


def test_text_at_twice_the_size_still_fits_the_window(
    stage: Stage, page: PostsPage, qapp: QApplication
) -> None:
    usual = qapp.font()
    large = qapp.font()
    large.setPointSizeF(usual.pointSizeF() * 2)
    try:
        qapp.setFont(large)
        theme.apply(qapp, theme.LIGHT)
        qapp.processEvents()
        assert stage.window.minimumSizeHint().width() <= 1440
        cut = [
            one.text()
            for one in stage.window.findChildren(QLabel)
            if one.isVisible()
            and one.text()
            and not one.wordWrap()
            and one.fontMetrics().horizontalAdvance(one.text()) > one.contentsRect().width() + 1
        ]
        assert cut == []
    finally:
        qapp.setFont(usual)
        theme.apply(qapp, theme.LIGHT)


def test_an_exception_in_a_slot_ends_in_one_report(stage: Stage, page: PostsPage, qtbot: Any) -> None:
    uncaught = application.UncaughtErrors()
    uncaught.window = stage.window
    for _ in range(3):
        try:
            raise RuntimeError("private words")
        except RuntimeError as error:
            uncaught(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(stage.window.findChildren(MessageDialog)), timeout=5_000)
    assert len(stage.window.findChildren(MessageDialog)) == 1
    dialog(stage).press("Go on")
    assert not uncaught._is_showing


def test_opening_and_closing_leaves_no_pages_behind(stage: Stage, qtbot: Any, qapp: QApplication) -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    for _ in range(share(100)):
        stage.enter(Office(Path("demo.muster")), qtbot)
        stage.window.close_workspace()
        settle(stage, qtbot)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert stage.window.findChildren(PostsPage) == []


def test_signals_do_not_use_up_true(stage: Stage) -> None:
    for _ in range(20_000):
        stage.window.painted.emit()
    assert sys.getrefcount(True) > 1_000_000 or sys.version_info >= (3, 12)


def test_only_pages_that_exist_are_listed() -> None:
    folder = Path(sys.modules["app.ui.pages"].__file__ or "").parent
    assert [spec.key for spec in available()] == [
        spec.key for spec in PAGES if (folder / f"{spec.key}.py").exists()
    ]
    for spec in available():
        page = spec.load()
        assert (page.key, page.title, page.icon) == (spec.key, spec.title, spec.icon)
