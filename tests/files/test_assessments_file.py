"""Files of ratings: long and wide say the same, blank is never 0, unknown names get the nearest known one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputProblems
from app.files.assessments import AssessmentsFile, read_assessments
from app.progress import silent
from app.terms import AssessedBy
from tests.files.tables import QUICK, write_csv, write_xlsx

SKILLS = ("Agile working", "Testing", "Testing (business analysis)", "User focus")
PEOPLE = ("1", "2", "00300")


def read(path: Path, skills: object = SKILLS, people: object = PEOPLE) -> AssessmentsFile:
    return read_assessments(path, QUICK, silent(), skills=skills, staff_ids=people)  # pyright: ignore


def from_csv(folder: Path, rows: list[list[object]]) -> AssessmentsFile:
    return read(write_csv(folder / "ratings.csv", rows))


def errors(found: AssessmentsFile) -> list[tuple[int, str, str]]:
    return [
        (problem.row, problem.column, problem.value)
        for problem in found.problems
        if problem.severity == "error"
    ]


def test_long_form_with_everything(tmp_path):
    head = ["Staff ID", "Skill", "Rating", "Date", "Assessed by", "Evidence", "Comments"]
    rows = [["1", "TESTING", "practitioner", date(2026, 2, 1), "HoP", "Led it", "good"], ["2", "Testing", 0]]
    found = read(write_xlsx(tmp_path / "x.xlsx", [head, *rows]))
    first, second = found.rows
    assert found.form == "long"
    assert first == (2, "Extract", "1", "Testing", 3, None, date(2026, 2, 1), AssessedBy.HEAD_OF_PROFESSION, "Led it",
                     "good")  # fmt: skip
    assert (second.level, second.assessed_on, second.assessed_by) == (0, None, None)


def test_blank_is_not_assessed_and_not_zero(tmp_path):
    found = from_csv(tmp_path, [["staff_id", "skill", "level"], ["1", "Testing", ""], ["2", "Testing", "n/a"],
                                ["2", "User focus", "0"]])  # fmt: skip
    assert [(row.row, row.level) for row in found.rows] == [(4, 0)]
    assert [problem.severity for problem in found.problems] == ["note"]
    assert "2 rows" in found.problems[0].what


def test_relative_levels_are_kept_as_such(tmp_path):
    rows = [["1", "Testing", word] for word in ("below", "at", "above")]
    found = from_csv(tmp_path, [["staff_id", "skill", "level"], *rows])
    assert [(row.level, row.relative) for row in found.rows] == [(None, -1), (None, 0), (None, 1)]


def test_unknown_names_are_errors_with_the_nearest(tmp_path):
    rows = [["9", "Testing", 1], ["1", "Testin", 1], ["1", "Knitting", 1], ["1", "Testing (data)", 1]]
    found = from_csv(tmp_path, [["staff_id", "skill", "level"], *rows])
    assert errors(found) == [(2, "staff_id", "9"), (3, "skill", "Testin"), (4, "skill", "Knitting"),
                             (5, "skill", "Testing (data)")]  # fmt: skip
    assert "“Testing”" in found.problems[1].advice
    assert len(found.rows) == 0


def test_staff_numbers_that_lost_their_zeros_are_found_and_said(tmp_path):
    found = from_csv(tmp_path, [["staff_id", "skill", "level"], ["300", "Testing", 1]])
    assert [row.staff_id for row in found.rows] == ["00300"]
    assert [problem.value for problem in found.problems] == ["300"]


def test_nearly_equal_staff_numbers_are_not_guessed(tmp_path):
    path = write_csv(tmp_path / "x.csv", [["staff_id", "skill", "level"], ["007", "Testing", 1]])
    found = read(path, people=["7", "07"])
    assert errors(found) == [(2, "staff_id", "007")]


def test_wide_form(tmp_path):
    rows = [["Staff ID", "Name", "Department", "Testing", "testing (business analysis)", "Agile working"],
            ["1", "A", "HO", 2, "", "above"], ["2", "B", "HO", "", 4, 0]]  # fmt: skip
    found = from_csv(tmp_path, rows)
    assert found.form == "wide"
    assert sorted((row.row, row.skill, row.level, row.relative) for row in found.rows) == [
        (2, "Agile working", None, 1), (2, "Testing", 2, None),
        (3, "Agile working", 0, None), (3, "Testing (business analysis)", 4, None),
    ]  # fmt: skip
    assert found.dropped == ("Name", "Department")


def test_wide_form_lists_bad_cells_and_unknown_skills(tmp_path):
    rows = [["Staff ID", "Testing", "Tsting", "Shoe size"], ["1", 6, 2, "large"], ["2", 1, "", "small"]]
    found = from_csv(tmp_path, rows)
    assert errors(found) == [(1, "Tsting", ""), (2, "Testing", "6")]
    assert [(row.row, row.skill) for row in found.rows] == [(3, "Testing")]
    assert "Shoe size" in found.dropped


def test_neither_long_nor_wide_is_refused(tmp_path):
    with pytest.raises(InputProblems) as caught:
        from_csv(tmp_path, [["Staff ID", "Shoe size"], ["1", "large"]])
    assert "skill and level" in caught.value.problems[0].what


def test_without_known_names_anything_is_taken(tmp_path):
    path = write_csv(tmp_path / "x.csv", [["Staff ID", "Knitting"], ["77", 3]])
    found = read(path, skills=None, people=None)
    assert [(row.staff_id, row.skill, row.level) for row in found.rows] == [("77", "Knitting", 3)]


LEVELS = st.one_of(st.none(), st.integers(0, 4))


@given(st.lists(st.tuples(*[LEVELS] * len(SKILLS)), min_size=1, max_size=3))
def test_long_and_wide_say_the_same(tmp_path_factory, levels):
    folder = tmp_path_factory.mktemp("r")
    table = list(zip(PEOPLE, levels, strict=False))
    wide = [["Staff ID", *SKILLS], *[[staff, *("" if n is None else n for n in row)] for staff, row in table]]
    long = [
        [staff, skill, "" if n is None else n]
        for staff, row in table
        for skill, n in zip(SKILLS, row, strict=True)
    ]
    one = from_csv(folder, wide)
    other = from_csv(folder, [["Staff ID", "Skill", "Level"], *long])
    naive = {(staff, skill, n) for staff, skill, n in long if n != ""}
    assert {(row.staff_id, row.skill, row.level) for row in one.rows} == naive
    assert {(row.staff_id, row.skill, row.level) for row in other.rows} == naive
