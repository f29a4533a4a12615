from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from app.change import Change
from app.errors import InputProblems, Problem, StoreError
from app.services.scope import Scope
from app.ui.context import Context
from app.ui.widgets import Banner, Card, FigureTile, label
from tests.ui.stage import Office, PostsPage, Stage


@pytest.fixture
def office() -> Office:
    return Office(None)


@pytest.fixture
def page(stage: Stage, office: Office, qtbot: Any) -> PostsPage:
    with qtbot.waitExposed(stage.window):
        stage.window.show()
    return stage.enter(office, qtbot)


def settle(page: PostsPage, qtbot: Any) -> None:
    jobs = page.context.jobs
    if not jobs.is_idle:
        with qtbot.waitSignal(jobs.idle, timeout=5_000):
            pass


def test_a_full_page_shows_its_answer(page: PostsPage) -> None:
    assert page.state == "full"
    assert page._answer.text() == "2 posts"
    assert page.pane.table.rows.rowCount() == 2


def test_an_empty_page_offers_what_fills_it(page: PostsPage, office: Office, qtbot: Any) -> None:
    office.posts = ()
    page.load()
    settle(page, qtbot)
    assert page.state == "empty"
    assert page._empty.sentence.text() == "There are no posts yet."
    page._empty.button.click()
    settle(page, qtbot)
    assert page.state == "full"


def test_an_error_says_what_to_do_and_can_be_tried_again(page: PostsPage, office: Office, qtbot: Any) -> None:
    def refuse() -> Any:
        raise StoreError("The drive did not answer.", "Check the drive.")

    office.read = refuse  # type: ignore[method-assign]
    page.load()
    settle(page, qtbot)
    assert page.state == "error"
    assert (page._error.sentence.text(), page._error.advice.text()) == (
        "The drive did not answer.",
        "Check the drive.",
    )
    del office.read
    page._error.button.click()
    settle(page, qtbot)
    assert page.state == "full"


def test_problems_of_a_file_are_folded_away(page: PostsPage) -> None:
    page.show_error(InputProblems([Problem("a.csv", "", 7, "FTE", "x", "not a number", "Enter 0 to 1.")]))
    fold = next(b for b in page._error.findChildren(QPushButton) if b.text() == "Show details")
    assert page._error.details.isHidden()
    fold.click()
    assert "row 7, column FTE" in page._error.details.text()
    assert fold.text() == "Hide details"


def test_a_long_question_shows_progress_and_can_be_cancelled(
    page: PostsPage, office: Office, qtbot: Any
) -> None:
    begun = threading.Event()

    def ask() -> Any:
        def work(progress: Any) -> Any:
            progress.step(0.4, "Reading people")
            begun.set()
            while True:
                progress.check()

        return work

    page.ask = ask  # type: ignore[method-assign]
    page.load()
    begun.wait(5)
    qtbot.waitUntil(lambda: page.state == "busy", timeout=5_000)
    qtbot.waitUntil(lambda: "Reading people" in page._busy._detail.text(), timeout=5_000)
    assert page._busy._bar.value() == 400
    page._busy._stop.click()
    settle(page, qtbot)
    assert page._empty.sentence.text() == "Loading was cancelled. Nothing was changed."


def test_a_change_of_its_tables_reloads_the_page(page: PostsPage, office: Office, qtbot: Any) -> None:
    office.asked.clear()
    page.context.jobs.changed.emit(Change("Elsewhere", frozenset({"course"})))
    assert office.asked == []
    page.context.jobs.changed.emit(Change("Here", frozenset({"post", "course"})))
    settle(page, qtbot)
    assert office.asked == ["read"]


def test_a_page_out_of_sight_reloads_when_it_is_shown_again(
    page: PostsPage, stage: Stage, office: Office, qtbot: Any
) -> None:
    stage.window.show_page("roles")
    settle(page, qtbot)
    office.asked.clear()
    page.context.jobs.changed.emit(Change("Here", frozenset({"post"})))
    assert page.is_stale
    assert office.asked == []
    stage.window.show_page("posts")
    settle(page, qtbot)
    assert office.asked == ["read"]


def test_another_scope_reloads_the_page(page: PostsPage, office: Office, qtbot: Any) -> None:
    office.asked.clear()
    page.context.scope.set(replace(page.context.scope.scope, role_family="Data"))
    page.context.scope.set(Scope(role_family="Data"))
    settle(page, qtbot)
    assert office.asked == ["read"]


def test_actions_are_buttons_with_the_primary_one_last(page: PostsPage) -> None:
    shown = [made.text() for made in page._buttons if not made.isHidden()]
    assert shown == ["Export posts", "Add post"]
    assert page.action_button("Add post").property("kind") == "primary"
    page.action_button("Export posts").click()
    assert page.exported == 1
    with pytest.raises(LookupError):
        page.action_button("Fly")


def test_escape_closes_the_drawer_and_gives_the_keyboard_back(
    page: PostsPage, stage: Stage, qtbot: Any
) -> None:
    stage.window.activateWindow()
    page.pane.filter.setFocus()
    page.drawer.open_with("Data engineer", label("4 people"))
    assert not page.drawer.isHidden()
    qtbot.keyClick(page.drawer, Qt.Key.Key_Escape)
    assert page.drawer.isHidden()
    assert page.drawer.content is None
    assert page.pane.filter.hasFocus()


def test_f1_opens_the_help_of_the_page(page: PostsPage, stage: Stage) -> None:
    stage.window.show_help()
    content = page.drawer.content
    assert content is not None
    assert content.findChildren(QLabel)[0].text() == "Every post with the people in it."


def test_a_banner_says_something_and_does_it(qtbot: Any) -> None:
    banner, done = Banner(), list[bool]()
    qtbot.addWidget(banner)
    assert banner.sentence == ""
    banner.say("12 people have no role yet.", "Review roles", lambda: done.append(True))
    assert banner.sentence == "12 people have no role yet."
    banner.button.click()
    assert done == [True]
    banner.say("")
    assert banner.isHidden()


def test_a_tile_and_a_card_say_their_numbers(qtbot: Any) -> None:
    tile, card = FigureTile("requirements met"), Card("Heading")
    qtbot.addWidget(tile)
    qtbot.addWidget(card)
    tile.set_figure("71 %", "of those assessed")
    assert tile.accessibleName() == "71 % requirements met of those assessed"
    card.set_heading("Other", "Note")
    assert (card.heading.text(), card.note.text()) == ("Other", "Note")


def test_names_are_shown_as_they_are_never_as_markup(qtbot: Any) -> None:
    made = label("<b>Bobby</b> & Co")
    qtbot.addWidget(made)
    assert made.textFormat() == Qt.TextFormat.PlainText


def test_context_is_the_same_for_every_page(page: PostsPage, stage: Stage, qtbot: Any) -> None:
    stage.window.show_page("roles")
    settle(page, qtbot)
    assert stage.window.page is not None
    assert isinstance(page.context, Context)
    assert stage.window.page.context is page.context
