"""HR extracts: headings by synonym, units as paths, every odd value kept or listed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputProblems, UsageError
from app.files.hr_extract import FIELDS, PeopleFile, PersonRow, read_people
from app.files.options import ReadOptions
from app.progress import silent
from app.terms import Employment, PersonStatus
from tests import shared_data
from tests.files.tables import HEAD, QUICK, write_csv, write_xlsx

ONE = ["1", "Data analyst", "Home Office"]


def read(path: Path, **options: object) -> PeopleFile:
    return read_people(path, ReadOptions(**options) if options else QUICK, silent())  # pyright: ignore


def from_csv(folder: Path, rows: list[list[object]], **options: object) -> PeopleFile:
    return read(write_csv(folder / "extract.csv", rows), **options)


def notes(found: PeopleFile) -> list[str]:
    return [problem.what for problem in found.problems if problem.severity == "note"]


def errors(found: PeopleFile) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in found.problems if problem.severity == "error"]


@pytest.mark.parametrize("head", [
    ["Employee No", "Post title", "Organisation"],
    ["Pers. No.", "POSITION", "Dept"],
    ["payroll_number", "Job-Title\n", " department\u00a0"],
    ["Assignment Number", "Current job title (substantive)", "Department name"],
    ["Dept", "Title", "Staff ID"],
])  # fmt: skip
def test_headings_are_known_by_synonym(tmp_path, head):
    row = ONE if head[0] != "Dept" else ONE[::-1]
    (person,) = from_csv(tmp_path, [head, row]).rows
    assert (person.staff_id, person.job_title, person.unit_names) == ("1", "Data analyst", ("Home Office",))


def test_no_synonym_stands_for_two_columns():
    from app.files.columns import heading_key

    seen: dict[str, str] = {}
    for field in FIELDS:
        for text in {heading_key(text) for text in (field.name, *field.synonyms)}:
            assert seen.setdefault(text, field.name) == field.name, text


def test_whole_row(tmp_path):
    head = ["Staff number", "Full name", "Email address", "Job title", "Pay band", "Department", "Directorate",
            "Branch", "Team", "Line manager ID", "FTE", "Worker type", "Assignment status", "Hire date",
            "Contract end date", "Site", "Profession", "Role family", "Role", "Role level"]  # fmt: skip
    row = ["00123", "Zoë O’Brien", "z@example.gov.uk", "Snr Data Eng.", "Grade 7", "Home Office", "Digital", "Data", "",
           99.0, "0,8", "Contractor", "Career break", date(2020, 2, 1), date(2027, 3, 31), "Leeds", "DDaT", "Data",
           "Data engineer", "Senior data engineer"]  # fmt: skip
    found = read(write_xlsx(tmp_path / "x.xlsx", [head, row]))
    assert found.rows[0] == PersonRow(
        2, "Extract", "00123", "Zoë O’Brien", "z@example.gov.uk", "Snr Data Eng.", "G7", "Grade 7",
        ("Home Office", "Digital", "Data"), "99", 80, Employment.CONTRACTOR, PersonStatus.ABSENT,
        date(2020, 2, 1), date(2027, 3, 31), "Leeds", "DDaT", "Data", "Data engineer", "Senior data engineer",
    )  # fmt: skip
    assert found.problems == ()
    assert found.present == {field.name for field in FIELDS} - {"forename", "surname"}


def test_columns_that_are_not_ours_are_dropped_and_named(tmp_path):
    found = from_csv(tmp_path, [[*HEAD, "Date of birth", "NI number"], [*ONE, "01/01/1980", "QQ123456C"]])
    assert found.dropped == ("Date of birth", "NI number")
    assert "QQ123456C" not in repr(list(found.rows))


def test_forename_and_surname_make_a_name(tmp_path):
    found = from_csv(tmp_path, [[*HEAD, "Last name", "First name"], [*ONE, "Lovelace", "Ada"]])
    assert found.rows[0].name == "Ada Lovelace"
    assert "name" in found.present


def test_units_skip_blanks_and_repeats(tmp_path):
    head = ["Staff ID", "Job title", "Department", "Directorate", "Unit", "Team"]
    rows = [
        ["1", "x", "HO", "", "Data", "DATA"],
        ["2", "x", "HO", "HO", "", "Ops"],
        ["3", "x", "HO", "", "", ""],
    ]
    found = from_csv(tmp_path, [head, *rows])
    assert [row.unit_names for row in found.rows] == [("HO", "Data"), ("HO", "Ops"), ("HO",)]


def test_blank_needs_are_errors_with_row_and_column(tmp_path):
    rows = [["", "x", "HO"], ["2", "", "HO"], ["3", "x", ""], ["", "", ""], ["5", "x", "HO"]]
    found = from_csv(tmp_path, [HEAD, *rows])
    assert errors(found) == [(2, "Staff ID"), (3, "Job title"), (4, "Department")]
    assert [(row.row, row.staff_id) for row in found.rows] == [(6, "5")]
    assert found.count == 4


def test_mapping_by_heading_and_by_letter(tmp_path):
    rows = [["Who", "What", "Where", "Junk"], [*ONE, "x"]]
    mapping = {"who": "staff_id", "What": "job_title", "C": "department"}
    assert from_csv(tmp_path, rows, mapping=mapping).rows[0].job_title == "Data analyst"


def test_mapping_can_leave_a_column_out(tmp_path):
    found = from_csv(tmp_path, [[*HEAD, "Email"], [*ONE, "a@b"]], mapping={"Email": ""})
    assert found.rows[0].email == ""
    assert found.dropped == ("Email",)


@pytest.mark.parametrize("mapping", [{"Nothing": "name"}, {"Job title": "shoe_size"},
                                     {"Job title": "name", "Department": "name"}])  # fmt: skip
def test_mapping_that_makes_no_sense_is_wrong_usage(tmp_path, mapping):
    with pytest.raises(UsageError):
        from_csv(tmp_path, [HEAD, ONE], mapping=mapping)


def test_two_columns_for_one_name_are_asked_about(tmp_path):
    rows = [[*HEAD, "Grade", "Pay band"], [*ONE, "SEO", "G7"]]
    found = from_csv(tmp_path, rows)
    assert found.unclear == ("“Grade” and “Pay band” could be grade",)
    assert errors(found) == [(1, "Grade")]
    assert from_csv(tmp_path, rows, mapping={"Pay band": "grade", "Grade": ""}).rows[0].grade == "G7"


def test_missing_column_is_refused_with_a_hint(tmp_path):
    with pytest.raises(InputProblems) as caught:
        from_csv(tmp_path, [["Staff ID", "Job titel", "Department"], ONE])
    (problem,) = caught.value.problems
    assert "no column for job_title" in problem.what
    assert "“Job titel” may be job_title" in problem.advice


def test_unknown_grades_are_kept_and_said_once(tmp_path):
    rows = [[*HEAD, "Grade"], *[[str(number), "x", "HO", "Band B2"] for number in range(3)]]
    found = from_csv(tmp_path, rows)
    assert [row.grade for row in found.rows] == ["Band B2"] * 3
    assert notes(found) == ["This is not a Civil Service grade (3 rows)"]


def test_blank_terms_take_defaults_and_say_so(tmp_path):
    found = from_csv(tmp_path, [[*HEAD, "FTE", "Status", "Employment"], [*ONE, "", "", ""]])
    row = found.rows[0]
    assert (row.fte_hundredths, row.status, row.employment) == (
        100,
        PersonStatus.ACTIVE,
        Employment.CIVIL_SERVANT,
    )
    assert len(notes(found)) == 3


def test_mixed_dates_are_one_problem_of_the_column(tmp_path):
    days = ["25/12/2020", "12/25/2020", "03/04/2020"]
    rows = [[*HEAD, "Start date"], *[[str(n), "x", "HO", day] for n, day in enumerate(days)]]
    found = from_csv(tmp_path, rows)
    assert errors(found) == [(1, "Start date"), (4, "Start date")]
    assert "row 2" in found.problems[0].what
    assert "row 3" in found.problems[0].what
    assert len(from_csv(tmp_path, rows, day_first=False).rows) == 2


def test_end_before_start(tmp_path):
    found = from_csv(tmp_path, [[*HEAD, "Start date", "End date"], [*ONE, "01/04/2026", "01/03/2026"]])
    assert errors(found) == [(2, "End date")]


def test_row_with_a_separator_too_many(tmp_path):
    (tmp_path / "x.csv").write_text(
        "Staff ID,Job title,Department\n1,Analyst, senior,HO\n2,x,HO\n", encoding="utf-8"
    )
    found = read(tmp_path / "x.csv")
    assert [problem.row for problem in found.problems] == [2]
    assert [row.staff_id for row in found.rows] == ["2"]


def test_repeated_headings_and_verbatim_repeats_are_left_out(tmp_path):
    found = from_csv(tmp_path, [HEAD, ONE, HEAD, ONE, ["2", "x", "HO"]])
    assert [row.staff_id for row in found.rows] == ["1", "2"]
    assert len(notes(found)) == 2


def test_best_sheet_is_chosen_and_equal_ones_are_said(tmp_path):
    def add(book):
        book.create_sheet("Pivot", 0).append(["Department", "Count"])
        second = book.create_sheet("More")
        second.append(HEAD)
        second.append(["9", "x", "HO"])

    found = read(write_xlsx(tmp_path / "x.xlsx", [HEAD, ONE], add))
    assert (found.sheet, len(found.rows)) == ("Extract", 1)
    assert [problem.value for problem in found.problems] == ["More"]
    assert [row.staff_id for row in read(tmp_path / "x.xlsx", sheet="more").rows] == ["9"]
    with pytest.raises(UsageError):
        read(tmp_path / "x.xlsx", sheet="nowhere")


def test_table_that_starts_in_the_middle_of_a_sheet(tmp_path):
    def move(book):
        book.active.move_range("A1:C2", rows=4, cols=3)

    found = read(write_xlsx(tmp_path / "x.xlsx", [HEAD, ONE], move))
    assert (found.match.header_row, found.rows[0].row, found.rows[0].staff_id) == (5, 6, "1")


def test_unreadable_cell_is_found_beside_an_empty_column(tmp_path):
    rows = [[None, *HEAD], [None, "1", "=1+1", "HO"], [None, "2", "x", "HO"]]
    found = read(write_xlsx(tmp_path / "x.xlsx", rows))
    assert errors(found) == [(2, "Job title")]


def test_rows_can_be_sliced(tmp_path):
    found = from_csv(tmp_path, [HEAD, *[[str(n), "x", "HO"] for n in range(5)]])
    assert [row.staff_id for row in found.rows[1:3]] == ["1", "2"]
    assert found.rows[-1].staff_id == "4"


def test_same_bytes_same_hash(tmp_path):
    import hashlib

    for path in (write_xlsx(tmp_path / "x.xlsx", [HEAD, ONE]), write_csv(tmp_path / "x.csv", [HEAD, ONE])):
        assert read(path).file_hash == hashlib.sha256(path.read_bytes()).hexdigest()


def test_real_job_titles_survive_unchanged(tmp_path):
    import csv

    with shared_data.path("jobs/unlabelled_titles_it_profession.csv").open(
        encoding="utf-8", newline=""
    ) as stream:
        titles = [row[0] for row in csv.reader(stream)][1:]
    found = from_csv(tmp_path, [HEAD, *[[f"S{n}", title, "HO"] for n, title in enumerate(titles)]])
    assert [row.job_title for row in found.rows] == [title.strip() for title in titles]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6).filter(
    lambda text: text.strip() and not text.startswith("#") and text.isprintable()
)
PEOPLE = st.lists(
    st.tuples(st.integers(0, 40), TEXT, st.sampled_from(["HO", "DWP", ""]), st.sampled_from([0.5, 1.0, 7.0, ""])),
    min_size=1, max_size=15,
)  # fmt: skip


@given(PEOPLE)
def test_usable_rows_equal_a_naive_reading(tmp_path_factory, people):
    """A second, plain implementation of the rules for ids, departments and FTE, row by row."""
    rows = [[f"S{number}", title, department, fte] for number, title, department, fte in people]
    path = write_csv(tmp_path_factory.mktemp("n") / "x.csv", [[*HEAD, "FTE"], *rows])
    found = read(path)
    expected = []
    taken: set[str] = set()
    for number, (staff_id, title, department, fte) in enumerate(rows, start=2):
        if department and fte != 7.0 and staff_id not in taken:
            expected.append(
                (number, staff_id, title.strip(), department, 100 if fte == "" else int(fte * 100))
            )
            taken.add(staff_id)
    got = [
        (row.row, row.staff_id, row.job_title, row.unit_names[0], row.fte_hundredths) for row in found.rows
    ]
    assert got == expected
    bad = {problem.row for problem in found.problems if problem.severity == "error"}
    assert bad.isdisjoint(row.row for row in found.rows)
