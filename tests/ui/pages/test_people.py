"""People: the list, one person, the role by hand, and files loaded through their preview."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from app.progress import silent
from app.services.scope import Scope
from app.ui.import_preview import ImportDialog, LoadChoice, Reading
from app.ui.parts.person_details import RoleDialog
from tests.builders import make_person, make_rating, write_rows
from tests.ui.pages.desk import Desk, FileDialogs


def shown(page: object, key: str) -> list[str]:
    rows = page.pane.table.rows  # type: ignore[attr-defined]
    place = [column.key for column in rows.columns].index(key)
    return [rows.text(row, place) for row in range(rows.rowCount())]


def begin_load(
    desk: Desk, page: object, file_dialogs: FileDialogs, path: Path, verb: str = "Load HR extract"
) -> ImportDialog:
    file_dialogs.answers = [path]
    desk.click(page, verb)  # type: ignore[arg-type]
    return desk.dialog(ImportDialog)


def tab_titles(dialog: ImportDialog) -> list[str]:
    return [dialog.tabs.tabText(place) for place in range(dialog.tabs.count())]


# --- the list -----------------------------------------------------------------------------------------------------


def test_everybody_is_listed_with_role_or_the_word_that_there_is_none(desk: Desk, full: Path) -> None:
    page = desk.open(full, "people")
    assert shown(page, "staff_id") == ["1001", "1002", "1003", "1004"]
    assert shown(page, "role_words")[3] == "No role yet"


def test_people_without_a_role_are_a_banner_that_leads_to_role_mapping(desk: Desk, full: Path) -> None:
    page = desk.open(full, "people")
    assert page.banner.sentence.startswith("1 person has no role yet")
    asked: list[str] = []
    page.context.navigator.asked.disconnect()
    page.context.navigator.asked.connect(lambda where, _about: asked.append(where))
    desk.click(page.banner, "Review roles")
    assert asked == ["role_mapping"]


def test_filter_narrows_as_it_is_typed(desk: Desk, full: Path) -> None:
    page = desk.open(full, "people")
    page.find()
    desk.type_into(page.pane.filter, "okafor")
    assert shown(page, "staff_id") == ["1002"]


def test_names_are_hidden_where_the_user_wants_it(desk: Desk, full: Path) -> None:
    desk.window.settings.put("hide_names", True)
    page = desk.open(full, "people")
    assert "name" not in [column.key for column in page.pane.table.rows.columns]
    page.pane.table.choose_row(0)
    desk.press(page.pane.table, Qt.Key.Key_Return)
    assert "Asha" not in desk.texts(page.drawer)
    assert "Staff ID 1001" in desk.texts(page.drawer)


def test_empty_workspace_offers_the_extract(desk: Desk, small: Path, file_dialogs: FileDialogs) -> None:
    page = desk.open(small, "people")
    assert page.state == "empty"
    desk.click(page, "Load HR extract")
    assert file_dialogs.titles == ["Load HR extract"]


def test_empty_scope_offers_everybody(desk: Desk, full: Path) -> None:
    page = desk.open(full, "people")
    page.context.scope.set(Scope(role_family="Nothing of the kind"))
    desk.settle()
    assert page.state == "empty"
    desk.click(page, "Show everybody")
    assert len(shown(page, "staff_id")) == 4


def test_read_only_workspace_offers_no_loading(desk: Desk, full: Path) -> None:
    page = desk.open(full, "people", read_only=True)
    assert page.actions_offered == ()


# --- one person ---------------------------------------------------------------------------------------------------


def test_person_shows_required_against_held_and_the_history(desk: Desk, full: Path) -> None:
    page = desk.open(full, "people")
    page.pane.table.choose_row(1)
    desk.press(page.pane.table, Qt.Key.Key_Return)
    text = desk.texts(page.drawer)
    assert "Ben Okafor" in text
    assert "Needs practitioner, holds working" not in text
    assert "Needs practitioner, holds awareness" in text
    assert "2 short" in text
    assert "Not assessed" in text
    assert "1 Oct 2026, self, counts now" in text


def test_role_is_chosen_by_hand_with_the_keyboard(desk: Desk, full: Path) -> None:
    page = desk.open(full, "people")
    page.receive(person_id=4)
    desk.settle()
    desk.click(page.drawer, "Choose role")
    dialog = desk.dialog(RoleDialog)
    desk.type_into(dialog.pane.filter, "senior data")
    desk.press(dialog.pane.filter, Qt.Key.Key_Return)
    assert shown(page, "role_words")[3] == "Senior data engineer"
    assert "Senior data engineer" in desk.texts(page.drawer)
    assert page.banner.sentence == ""


def test_somebody_can_be_found_not_to_be_digital(desk: Desk, full: Path) -> None:
    page = desk.open(full, "people")
    page.receive(person_id=4)
    desk.settle()
    desk.click(page.drawer, "Choose role")
    dialog = desk.dialog(RoleDialog)
    desk.type_into(dialog.pane.filter, "not a digital")
    desk.click(dialog, "Choose this role")
    assert shown(page, "role_words")[3] == "Not a digital role"


# --- loading files ------------------------------------------------------------------------------------------------


def test_extract_is_previewed_loaded_and_reverted(
    desk: Desk, small: Path, extract: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(small, "people")
    dialog = begin_load(desk, page, file_dialogs, extract)
    assert dialog.sentence.text() == "3 new people and 1 new unit."
    assert tab_titles(dialog)[:2] == ["New (3)", "New units (1)"]
    assert desk.workspace.people.table(Scope()).lines == ()
    desk.click(dialog, "Load 3 people")
    assert dialog.stage == "loaded"
    assert shown(page, "staff_id") == ["1001", "1002", "1003"]
    desk.click(dialog, "Revert this load")
    assert desk.workspace.people.table(Scope()).lines == ()
    assert "reverted" in desk.texts(dialog)


def test_unclear_headings_are_chosen_and_the_file_is_read_again(
    desk: Desk, small: Path, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    path = write_rows(tmp_path / "odd.csv", [
        {"Number on the door": "77", "job_title": "Data engineer", "department": "Home Office"},
        {"Number on the door": "78", "job_title": "Tester", "department": "Home Office"},
    ])  # fmt: skip
    page = desk.open(small, "people")
    dialog = begin_load(desk, page, file_dialogs, path)
    assert dialog.stage == "refused"
    assert "Columns" in tab_titles(dialog)
    dialog.matching.choose("Number on the door", "staff_id")
    desk.click(dialog, "Preview again")
    assert dialog.stage == "preview"
    desk.click(dialog, "Load 2 people")
    assert shown(page, "staff_id") == ["77", "78"]


def test_bad_rows_are_left_out_only_when_the_user_says_so(
    desk: Desk, small: Path, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    path = write_rows(tmp_path / "bad.csv", [make_person("1"), make_person("2", job_title="")])
    page = desk.open(small, "people")
    dialog = begin_load(desk, page, file_dialogs, path)
    assert "Problems (1)" in tab_titles(dialog)
    assert not dialog._load.isEnabled()
    desk.click(dialog, "Leave out the row that cannot be used")
    desk.click(dialog, "Load 1 person")
    assert shown(page, "staff_id") == ["1"]


def test_leavers_are_ended_only_when_ticked_and_many_are_warned_about(
    desk: Desk, full: Path, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    path = write_rows(tmp_path / "fewer.csv", [make_person("1001", name="Asha Rahman")])
    page = desk.open(full, "people")
    dialog = begin_load(desk, page, file_dialogs, path)
    assert "50 % of the people in these departments" in dialog.banner.sentence
    assert not dialog._load.isEnabled()
    desk.click(dialog, "End the 1 person who is not in the file")
    desk.click(dialog, "End 1 person")
    assert shown(page, "staff_id") == ["1001", "1003", "1004"]


def test_cancelling_the_preview_changes_nothing(
    desk: Desk, small: Path, extract: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(small, "people")
    dialog = begin_load(desk, page, file_dialogs, extract)
    desk.press(dialog, Qt.Key.Key_Escape)
    assert desk.workspace.people.table(Scope()).lines == ()
    assert page.state == "empty"


def test_cancelling_while_writing_goes_back_to_the_preview(
    desk: Desk, small: Path, extract: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(small, "people")
    dialog = begin_load(desk, page, file_dialogs, extract)
    dialog.load()
    dialog._stop()
    desk.settle()
    assert dialog.stage == "preview"
    assert "Nothing was changed" in dialog.banner.sentence
    assert desk.workspace.people.table(Scope()).lines == ()


def test_the_data_moving_on_after_the_preview_is_told(
    desk: Desk, small: Path, extract: Path, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(small, "people")
    dialog = begin_load(desk, page, file_dialogs, extract)
    other = write_rows(tmp_path / "other.csv", [make_person("9")])
    kind = dialog.kind
    kind.commit(kind.preview(other, Reading(), silent()), LoadChoice(), silent())
    desk.click(dialog, "Load 3 people")
    assert dialog.stage == "error"
    assert "changed since the preview" in desk.texts(dialog)
    desk.click(dialog, "Read the file again")
    assert dialog.stage == "preview"


def test_ratings_and_courses_are_loaded_the_same_way(
    desk: Desk, full: Path, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(full, "people")
    path = write_rows(tmp_path / "ratings.csv", [make_rating("1003", "Testing", 1)])
    dialog = begin_load(desk, page, file_dialogs, path, "Load assessments")
    assert dialog.sentence.text().startswith("1 new rating of 1 person in 1 skill")
    desk.click(dialog, "Load 1 rating")
    assert dialog.stage == "loaded"
    desk.click(dialog, "Close")
    dialog = begin_load(desk, page, file_dialogs, tmp_path / "absent.csv", "Load courses")
    assert dialog.stage in ("refused", "error")
    desk.click(dialog, "Cancel" if dialog.stage == "refused" else "Close")


def test_the_same_file_again_is_nothing_to_do(
    desk: Desk, small: Path, extract: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(small, "people")
    dialog = begin_load(desk, page, file_dialogs, extract)
    desk.click(dialog, "Load 3 people")
    desk.click(dialog, "Close")
    dialog = begin_load(desk, page, file_dialogs, extract)
    assert "already holds all 3 people" in dialog.sentence.text()
    assert not dialog._load.isEnabled()


def test_names_stay_hidden_in_the_preview(
    desk: Desk, small: Path, extract: Path, file_dialogs: FileDialogs
) -> None:
    desk.window.settings.put("hide_names", True)
    page = desk.open(small, "people")
    dialog = begin_load(desk, page, file_dialogs, extract)
    assert (
        "Person 1001" not in dialog.tabs.currentWidget().findChildren(type(page.pane.table))[0].copied_text()
    )


def test_every_choice_of_the_preview_has_a_name(
    desk: Desk, small: Path, extract: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(small, "people")
    dialog = begin_load(desk, page, file_dialogs, extract)
    names = [choice.accessibleName() for choice in dialog.matching._choices.values()]
    assert "Column for staff_id" in names
    assert all(names)


def test_list_leaves_as_a_workbook(desk: Desk, full: Path, tmp_path: Path, file_dialogs: FileDialogs) -> None:
    page = desk.open(full, "people")
    file_dialogs.answers = [tmp_path / "people.xlsx"]
    desk.click(page, "Export table")
    assert (tmp_path / "people.xlsx").stat().st_size > 1000
    desk.click(page.banner, "Open folder")
    assert file_dialogs.folders == [tmp_path / "people.xlsx"]
