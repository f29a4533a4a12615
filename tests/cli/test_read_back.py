"""Plan workbooks out, edited with openpyxl, and back: what is applied, what meets other changes, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.builders import built_once, contents, make_course, make_person, make_rating, write_rows
from tests.command_line import muster

PEOPLE = [
    make_person("1001"), make_person("1002", department="HM Treasury", role_level="Senior data engineer"),
    make_person("1003"), make_person("1004", department="HM Treasury"),
]  # fmt: skip
RATINGS = [
    make_rating(staff, skill, 0)
    for staff in ("1001", "1002", "1003", "1004")
    for skill in ("Programming", "Data modelling")
] + [make_rating("1002", "Testing", 1)]  # fmt: skip
COURSES = [
    make_course("C1", hours=20, cost_per_person_gbp="100.10"),
    make_course("C1", "Data modelling", hours=20, cost_per_person_gbp="100.10"),
    make_course("C2", from_level=2, to_level=3, cost_per_person_gbp=50),
    make_course("C3", hours=15, cost_per_person_gbp="200.55"),
    make_course("FREE", "Testing", funding="free", cost_per_person_gbp=0),
]  # fmt: skip
SHEET = "Booking list"


def _made_ready(small: Path) -> None:
    for kind, rows in (("people", PEOPLE), ("assessments", RATINGS), ("courses", COURSES)):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()
    muster("plan", "--budget", 5000, on=small).ok()


@pytest.fixture
def ready(small: Path) -> Path:
    return built_once(small, _made_ready)


def exported(ready: Path, *words: object) -> Path:
    out = ready.parent / "plan.xlsx"
    muster("export", "plan", "1", "--out", out, *words, on=ready).ok()
    return out


class Edited:
    """A workbook opened with openpyxl, as somebody's script would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)
        self.sheet: Any = self.book[SHEET]
        (table,) = self.sheet.tables.values()
        self.head = self.sheet[table.ref][0][0].row
        self.place = {cell.value: cell.column for cell in self.sheet[self.head]}

    def row(self, staff_id: str, course: str) -> int:
        """The row of a line."""
        for number in range(self.head + 1, self.sheet.max_row + 1):
            cells = {name: self.sheet.cell(number, at).value for name, at in self.place.items()}
            if cells["Staff id"] == staff_id and str(cells["Course"]).startswith(f"{course}:"):
                return number
        raise KeyError((staff_id, course))

    def put(self, row: int, **cells: Any) -> None:
        """Type into cells, by the heading in lower case."""
        names = {name.lower().replace(" ", "_"): at for name, at in self.place.items()}
        for name, value in cells.items():
            self.sheet.cell(row, names[name]).value = value

    def save(self) -> Path:
        """Save it where it was."""
        self.book.save(self.path)
        return self.path


def plan_of(ready: Path) -> dict[tuple[str, str], dict[str, Any]]:
    lines = muster("plan", "show", "1", "--format", "json", on=ready).ok().json["lines"]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        found.setdefault((line["staff_id"], line["course_code"]), line)
    return found


def test_a_workbook_as_it_was_sent_changes_nothing(ready: Path) -> None:
    out = exported(ready)
    before = contents(ready)
    ran = muster("plan", "read-back", out, "--format", "json", on=ready).ok()
    assert ran.json["rows"] == []
    assert ran.json["unchanged"] == ran.json["lines"] == len(plan_of(ready))
    assert "nothing to change" in ran.err
    assert contents(ready) == before


def test_status_quarter_course_comment_new_and_deleted_lines_come_back(ready: Path) -> None:
    at = Edited(exported(ready))
    at.put(at.row("1001", "C1"), status="approved", comment="asked for online")
    at.put(at.row("1003", "C1"), quarter="2027-28 Q2")
    at.put(at.row("1002", "C2"), course="C3")
    at.put(at.row("1004", "C1"), status="Booked ")
    at.sheet.delete_rows(at.row("1002", "FREE"))
    at.put(at.sheet.max_row + 1, staff_id=1001, quarter="1 July 2027", course="C2", status="approved")
    at.save()
    before = contents(ready)
    shown = muster("plan", "read-back", at.path, "--preview", "--format", "json", on=ready)
    assert shown.code == 0, shown.err
    assert {(row["staff_id"], row["what"], row["outcome"]) for row in shown.json["rows"]} == {
        ("1001", "status", "will be applied"), ("1001", "comment", "will be applied"),
        ("1003", "quarter", "will be applied"), ("1002", "course", "will be applied"),
        ("1004", "status", "will be applied"), ("1002", "deleted line", "will be applied"),
        ("1001", "added line", "will be applied"),
    }  # fmt: skip
    assert contents(ready) == before
    muster("plan", "read-back", at.path, on=ready).ok()
    plan = plan_of(ready)
    assert plan["1001", "C1"]["status"] == "approved"
    assert plan["1003", "C1"]["quarter"] == "2027Q2"
    assert plan["1002", "C3"]["hours"] == 15
    assert float(plan["1002", "C3"]["cost_gbp"]) == 200.55
    assert plan["1004", "C1"]["status"] == "booked"
    assert (plan["1001", "C2"]["quarter"], plan["1001", "C2"]["status"]) == ("2027Q2", "approved")
    assert ("1002", "FREE") not in plan
    assert ("1002", "C2") not in plan
    again = muster("plan", "read-back", at.path, "--format", "json", on=ready).ok()
    assert {row["outcome"] for row in again.json["rows"]} == {"already so"}
    assert "nothing to change" in again.err


def test_it_is_one_action_that_can_be_reverted(ready: Path) -> None:
    at = Edited(exported(ready))
    at.put(at.row("1001", "C1"), status="approved")
    at.sheet.delete_rows(at.row("1002", "FREE"))
    before = contents(ready)
    muster("plan", "read-back", at.save(), on=ready).ok()
    assert contents(ready) != before
    newest = muster("history", "--format", "json", on=ready).ok().json[0]
    assert newest["action"] == "Read back plan workbook"
    muster("revert", newest["id"], on=ready).ok()
    assert contents(ready) == before


@pytest.mark.parametrize(("accept", "status"), [("all", "withdrawn"), ("none", "approved")])
def test_a_change_that_meets_another_is_shown_with_both_and_chosen(
    ready: Path, accept: str, status: str
) -> None:
    at = Edited(exported(ready))
    at.put(at.row("1001", "C1"), status="withdrawn")
    at.save()
    other = Edited(exported(ready, "--department", "Home Office"))
    other.put(other.row("1001", "C1"), status="approved")
    first = ready.parent / "first.xlsx"
    other.book.save(first)
    at.book.save(at.path)
    muster("plan", "read-back", first, on=ready).ok()
    before = contents(ready)
    ran = muster("plan", "read-back", at.path, "--format", "json", on=ready)
    (row,) = ran.json["rows"]
    assert (ran.code, row["outcome"]) == (3, "conflict")
    assert (row["sent"], row["workbook"], row["workspace"]) == ("proposed", "withdrawn", "approved")
    assert contents(ready) == before
    muster("plan", "read-back", at.path, "--accept", accept, on=ready).ok()
    assert plan_of(ready)["1001", "C1"]["status"] == status


def test_one_conflict_is_accepted_by_its_key(ready: Path) -> None:
    at = Edited(exported(ready))
    for staff in ("1001", "1003"):
        at.put(at.row(staff, "C1"), quarter="2027-28 Q2")
    at.save()
    first = Edited(at.path)
    for staff in ("1001", "1003"):
        first.put(first.row(staff, "C1"), quarter="2027-28 Q1")
    first.book.save(ready.parent / "first.xlsx")
    muster("plan", "read-back", ready.parent / "first.xlsx", on=ready).ok()
    rows = muster("plan", "read-back", at.path, "--preview", "--format", "json", on=ready).json["rows"]
    assert {row["outcome"] for row in rows} == {"conflict"}
    key = next(row["key"] for row in rows if row["staff_id"] == "1003")
    muster("plan", "read-back", at.path, "--accept", key, on=ready).ok()
    plan = plan_of(ready)
    assert (plan["1001", "C1"]["quarter"], plan["1003", "C1"]["quarter"]) == ("2027Q1", "2027Q2")
    assert muster("plan", "read-back", at.path, "--accept", "9:no", on=ready).code == 2


def test_what_cannot_be_understood_is_listed_and_nothing_is_written(ready: Path) -> None:
    at = Edited(exported(ready))
    at.put(at.row("1001", "C1"), status="perhaps")
    at.put(at.row("1003", "C1"), quarter="soon")
    at.put(at.row("1004", "C1"), status="approved")
    at.put(at.sheet.max_row + 1, staff_id="4711", quarter="2027-28 Q1", course="C1")
    at.save()
    before = contents(ready)
    ran = muster("plan", "read-back", at.path, on=ready)
    assert ran.code == 1
    for word in ("perhaps", "soon", "Booking list", "4711", "column Status"):
        assert word in ran.err, ran.err
    assert contents(ready) == before
    skipped = muster("plan", "read-back", at.path, "--skip-bad-rows", on=ready).ok()
    assert "perhaps" in skipped.err
    plan = plan_of(ready)
    assert plan["1004", "C1"]["status"] == "approved"
    assert plan["1001", "C1"]["status"] == "proposed"
    assert ("4711", "C1") not in plan


def test_a_limit_that_would_be_broken_is_said_and_can_be_accepted(ready: Path) -> None:
    muster("plan", "--budget", "100.10", on=ready).ok()
    out = ready.parent / "tight.xlsx"
    muster("export", "plan", "2", "--out", out, on=ready).ok()
    at = Edited(out)
    at.put(at.sheet.max_row + 1, staff_id="1003", quarter="2027-28 Q1", course="C3")
    at.save()
    ran = muster("plan", "read-back", out, on=ready)
    assert ran.code == 1
    assert "£" in ran.err
    assert "--yes" in ran.err
    muster("plan", "read-back", out, "--yes", on=ready).ok()
    lines = muster("plan", "show", "2", "--format", "json", on=ready).json["lines"]
    assert ("1003", "C3") in {(line["staff_id"], line["course_code"]) for line in lines}


def _without_hidden_sheet(at: Edited) -> None:
    del at.book["Muster sent"]


def _with_forged_sheet(at: Edited) -> None:
    sheet: Any = at.book["Muster sent"]
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and "1001" in cell.value:
                cell.value = cell.value.replace("1001", "1002")


def _without_booking_list(at: Edited) -> None:
    del at.book[SHEET]


@pytest.mark.parametrize(
    ("spoil", "word"),
    [(_without_hidden_sheet, "gone"), (_with_forged_sheet, "changed"), (_without_booking_list, "no longer")],
)
def test_a_workbook_without_what_it_was_sent_with_is_refused(
    ready: Path, spoil: Callable[[Edited], None], word: str
) -> None:
    at = Edited(exported(ready))
    spoil(at)
    ran = muster("plan", "read-back", at.save(), on=ready)
    assert ran.code == 1
    assert word in ran.err


def test_a_workbook_of_another_workspace_is_refused(ready: Path, tmp_path: Path) -> None:
    out = exported(ready)
    other = tmp_path / "other.muster"
    muster("new", on=other).ok()
    ran = muster("plan", "read-back", out, on=other)
    assert ran.code == 1
    assert "another workspace" in ran.err


def test_a_department_workbook_leaves_the_other_departments_alone(ready: Path) -> None:
    at = Edited(exported(ready, "--department", "HM Treasury"))
    before = plan_of(ready)
    at.put(at.row("1004", "C1"), status="approved")
    muster("plan", "read-back", at.save(), on=ready).ok()
    after = plan_of(ready)
    assert set(after) == set(before)
    assert [key for key in after if after[key] != before[key]] == [("1004", "C1")]


def test_edits_on_the_sheet_plan_count_and_sheets_that_disagree_are_a_problem(ready: Path) -> None:
    at = Edited(exported(ready))
    sheet: Any = at.book["Plan"]
    (table,) = sheet.tables.values()
    head, *body = sheet[table.ref]
    names = [cell.value for cell in head]
    for row in body:
        if row[names.index("Staff id")].value == "1001" and row[names.index("Course code")].value == "C1":
            row[names.index("Status")].value = "approved"
    at.save()
    rows = muster("plan", "read-back", at.path, "--preview", "--format", "json", on=ready).ok().json["rows"]
    assert [(row["staff_id"], row["what"], row["sheet"]) for row in rows] == [("1001", "status", "Plan")]
    at.put(at.row("1001", "C1"), status="withdrawn")
    ran = muster("plan", "read-back", at.save(), on=ready)
    assert ran.code == 1
    assert "disagree" in ran.err
