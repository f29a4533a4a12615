"""Assessments: coverage first, who has ratings missing, a rating by hand, which rating counts, loading a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.errors import StoreError
from app.terms import AssessedBy
from app.ui.import_preview import ImportDialog
from app.ui.pages.assessments import AssessmentsPage
from app.ui.parts.line_list import LineList
from app.ui.parts.rating_details import RatingDialog
from app.ui.parts.rating_rules import RulesDialog
from tests.builders import make_rating, write_rows
from tests.ui.pages.desk import Desk, FileDialogs


@pytest.fixture
def page(desk: Desk, full: Path) -> AssessmentsPage:
    return desk.open(full, "assessments")


def open_first_person(page: AssessmentsPage, desk: Desk) -> None:
    page.tabs.setCurrentIndex(2)
    table = page.people.table
    table.setFocus()
    table.choose_row(0)
    desk.press(table, Qt.Key.Key_Return)


def test_the_answer_is_coverage_and_where_it_is_least(page: AssessmentsPage, desk: Desk) -> None:
    assert page.state == "full"
    assert "57 % of required skills are assessed; 3 ratings are missing." in desk.texts(page)
    assert page.banner.sentence.startswith("1 person has no role yet")
    assert [page.tabs.tabText(at) for at in range(3)] == [
        "Departments (2)", "Units (2)", "People with missing ratings (2)",
    ]  # fmt: skip


def test_a_department_leads_to_its_people_with_missing_ratings(page: AssessmentsPage, desk: Desk) -> None:
    table = page.departments.table
    table.choose_row(1)
    path = table.current_record().path
    desk.press(table, Qt.Key.Key_Return)
    assert "Requirements met" in desk.texts(page.drawer)
    desk.click(page.drawer, "Show people with missing ratings")
    assert page.context.scope.scope.departments == (path,)
    assert page.tabs.currentIndex() == 2
    assert {line.department for line in page.result.found.people} == {path}


def test_a_rating_is_added_by_hand_and_taken_back(page: AssessmentsPage, desk: Desk) -> None:
    open_first_person(page, desk)
    assert "0 of" not in desk.texts(page.drawer)
    assert "1 of 3 required skills" in desk.texts(page.drawer)
    desk.click(page.drawer, "Rate skill")
    dialog = desk.dialog(RatingDialog)
    assert dialog.form.values()["level"] is None
    dialog.form.set_values({"level": 3, "assessed_by": AssessedBy.LINE_MANAGER, "evidence": "Led the design"})
    desk.click(dialog, "Save rating")
    assert "2 of 3 required skills" in desk.texts(page.drawer)
    assert "Led the design" in desk.texts(page.drawer)
    assert page.banner.sentence == "Data modelling of Ben Okafor is rated practitioner. Ctrl+Z takes it back."
    assert page.result.found.totals.missing == 2
    last = page.context.workspace.admin.last_own_action()
    page.context.jobs.write(lambda _progress: page.context.workspace.admin.revert(last.action_id))
    desk.settle()
    assert page.result.found.totals.missing == 3


def test_a_rating_that_does_not_count_says_which_one_does(page: AssessmentsPage, desk: Desk) -> None:
    open_first_person(page, desk)
    for by, level in ((AssessedBy.HEAD_OF_PROFESSION, 4), (AssessedBy.SELF, 1)):
        desk.click(page.drawer, "Rate skill")
        dialog = desk.dialog(RatingDialog)
        dialog.choose_skill(skill_id(page, "Programming"))
        dialog.form.set_values({"level": level, "assessed_by": by})
        desk.click(dialog, "Save rating")
    assert "Another rating counts before it: expert." in page.banner.sentence


def skill_id(page: AssessmentsPage, name: str) -> int:
    pairs = page.context.workspace.coverage.ratings(page.result.found.people[0].person_id).pairs
    return next(key for key, pair in pairs if pair.skill == name)


def test_a_rating_without_level_or_from_tomorrow_is_not_saved(page: AssessmentsPage, desk: Desk) -> None:
    open_first_person(page, desk)
    desk.click(page.drawer, "Rate skill")
    dialog = desk.dialog(RatingDialog)
    today = page.context.workspace.today()
    dialog.form.set_values({"assessed_on": today.replace(day=today.day + 1)})
    desk.click(dialog, "Save rating")
    said = desk.texts(dialog)
    assert "Level: choose a value" in said
    assert "Rated by: choose a value" in said
    assert "choose today or an earlier day" in said
    dialog.reject()
    desk.settle()
    assert page.result.found.totals.missing == 3


def test_enter_on_a_skill_rates_that_skill(page: AssessmentsPage, desk: Desk) -> None:
    open_first_person(page, desk)
    (listed,) = page.drawer.findChildren(LineList)
    listed.setFocus()
    listed.setCurrentRow(1)
    desk.press(listed, Qt.Key.Key_Return)
    dialog = desk.dialog(RatingDialog)
    assert dialog.form.values()["skill_id"] == listed.lines[1].record
    dialog.reject()


def test_rules_are_changed_with_a_preview(page: AssessmentsPage, desk: Desk) -> None:
    assert page.rules_sentence.text().startswith("Head of profession counts before line manager")
    desk.click(page, "Change which rating counts")
    dialog = desk.dialog(RulesDialog)
    assert dialog.preview.text() == "None of the 4 ratings that count today would change."
    dialog.form.set_values({"first": AssessedBy.SELF})
    desk.settle()
    assert dialog.preview.text() == "Name each kind of rating once."
    desk.click(dialog, "Save rules")
    assert dialog.isVisible()
    dialog.form.set_values({"third": AssessedBy.HEAD_OF_PROFESSION, "months": 1})
    desk.settle()
    assert dialog.preview.text().startswith("Of 4 ratings that count today, 4 lose their rating")
    desk.click(dialog, "Save rules")
    assert page.rules_sentence.text().startswith("Self counts before line manager")
    assert "expires after 1 month" in page.rules_sentence.text()
    assert "Nobody is assessed yet: 7 ratings are missing." in desk.texts(page)


def test_a_file_of_ratings_is_loaded_from_here(
    page: AssessmentsPage, desk: Desk, file_dialogs: FileDialogs, tmp_path: Path
) -> None:
    file_dialogs.answers.append(write_rows(tmp_path / "ratings.csv", [make_rating("1002", "Testing", 2)]))
    desk.click(page, "Load assessments")
    preview = desk.dialog(ImportDialog)
    desk.click(preview, "Load 1 rating")
    assert page.result.found.totals.missing == 2


def test_nothing_to_assess_says_what_comes_first(desk: Desk, small: Path) -> None:
    page = desk.open(small, "assessments")
    assert page.state == "empty"
    assert "nobody to assess yet" in desk.texts(page)


def test_an_error_is_said_with_a_way_on(page: AssessmentsPage, desk: Desk) -> None:
    page.show_error(StoreError("The file is gone.", "Open it again."))
    assert page.state == "error"
    desk.click(page, "Try again")
    assert page.state == "full"


def test_nothing_can_be_written_in_a_workspace_opened_for_reading(desk: Desk, full: Path) -> None:
    page = desk.open(full, "assessments", read_only=True)
    assert [action.text for action in page.actions_offered] == ["Export table"]
    assert not page.change_rules_button.isVisible()
    open_first_person(page, desk)
    with pytest.raises(LookupError):
        desk.click(page.drawer, "Rate skill")


def test_names_are_hidden_where_asked(page: AssessmentsPage, desk: Desk) -> None:
    page.context.settings.put("hide_names", True)
    page.load()
    desk.settle()
    assert "name" not in {column.key for column in page.people.table.rows.columns}
    open_first_person(page, desk)
    assert "Okafor" not in desk.texts(page.drawer)


def test_parts_have_names_for_a_screen_reader(page: AssessmentsPage) -> None:
    assert page.tabs.accessibleName() == "Departments, units, people, and ratings to sign off"
    assert page.departments.table.accessibleName() == "Departments"
    assert page.people.filter.accessibleName() == "Filter people"
