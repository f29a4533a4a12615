"""Files that cannot be used: a clear problem with its place, exit code 1, and nothing written anywhere."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.builders import built_once, folder_listing, make_course, make_person, make_rating, write_rows
from tests.command_line import Ran, muster

SECRET_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")


def _refused(kind: str, file: Path, on: Path, *words: str) -> Ran:
    """Import a bad file: listed, exit code 1, and not a byte changed beside or in the workspace."""
    before = folder_listing(on.parent)
    for marks in ((), ("--preview",)):
        ran = muster("import", kind, file, *marks, on=on)
        assert ran.code == 1, f"{marks}: exit code {ran.code}\n{ran.out}{ran.err}"
        assert "Traceback" not in ran.err
        for word in words:
            assert word in ran.err, f"{word!r} is not in {ran.err!r}"
        assert folder_listing(on.parent) == before
    return ran


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _wrong_type(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)


def _password(path: Path) -> None:
    path.write_bytes(_compound_file("EncryptedPackage"))


def _truncated(path: Path) -> None:
    _workbook(
        path, [["staff_id", "job_title", "department"], *[[str(n), "Analyst", "HMT"] for n in range(500)]]
    )
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _one_cell(path: Path) -> None:
    text = "x" * 40_000_000
    sheet = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row></sheetData></worksheet>'
    )
    _workbook(path, [["staff_id"]])
    with zipfile.ZipFile(path) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as changed:
        for name, part in parts.items():
            changed.writestr(name, part)


def _no_header(path: Path) -> None:
    _workbook(path, [["1001", "Analyst", "Treasury"], ["1002", "Engineer", "Treasury"]])


def _workbook(path: Path, rows: list[list[object]], merged: tuple[str, ...] = ()) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)


def _compound_file(stream: str) -> bytes:
    """The smallest compound file with one stream of this name, as Office writes for a workbook with a password."""
    sector = 512
    header = SECRET_HEADER + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff\xff\xff\xff" * 108
    fat = struct.pack("<III", 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFE) + b"\xff\xff\xff\xff" * 125

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBB", len(raw), kind, 1)
            + links
            + b"\0" * 36
            + struct.pack("<IQ", start, size)
        )

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(stream, 2, 0xFFFFFFFF, 2, sector)
    return header + fat + folder.ljust(sector, b"\0") + b"secret" * 86


@pytest.mark.parametrize(
    ("make", "ending", "word"),
    [
        (_empty, ".xlsx", "empty"), (_empty, ".csv", "empty"), (_wrong_type, ".xlsx", ""), (_wrong_type, ".csv", ""),
        (_password, ".xlsx", "password"), (_truncated, ".xlsx", ""), (_one_cell, ".xlsx", ""),
        (_no_header, ".xlsx", "staff_id"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["people", "assessments", "courses"])
def test_a_file_that_cannot_be_read_is_refused_whole(
    small: Path, make: Callable[[Path], None], ending: str, word: str, kind: str
) -> None:
    file = small.parent / f"bad{ending}"
    make(file)
    _refused(kind, file, small, file.name, "" if kind != "people" and word == "staff_id" else word)


@pytest.mark.parametrize("kind", ["people", "assessments"])
def test_headings_without_a_row_are_a_problem(staffed: Path, kind: str) -> None:
    file = staffed.parent / "headings.csv"
    file.write_text("staff_id,job_title,department,skill,level\n", encoding="utf-8")
    _refused(
        kind, file, staffed, "There is no row below the headings", "1 problem found; nothing was changed"
    )


def test_a_problem_of_the_whole_file_is_said_once(small: Path) -> None:
    _empty(file := small.parent / "nothing.csv")
    ran = _refused("people", file, small, "1 problem found; nothing was changed. Put right what is listed")
    assert ran.err.count("The file is empty") == 1


@pytest.mark.parametrize("make", [_empty, _wrong_type, _truncated])
def test_a_framework_that_cannot_be_read_is_refused_whole(small: Path, make: Callable[[Path], None]) -> None:
    file = small.parent / "bad.csv"
    make(file)
    _refused("framework", file, small, "bad.csv")


def test_a_file_that_is_not_there_is_said(small: Path) -> None:
    for kind in ("people", "assessments", "courses", "framework"):
        ran = muster("import", kind, small.parent / "absent.csv", on=small)
        assert ran.code in (1, 2)
        assert "absent.csv" in ran.err


def test_a_header_on_row_6_and_merged_header_cells_are_read(small: Path) -> None:
    file = small.parent / "report.xlsx"
    rows: list[list[object]] = [["Staff in post", "", ""], [], ["Produced 1 November 2026"], [], []]
    rows += [
        ["Employee No", "Job Title", "Department", "", "Grade"],
        ["0101", "Data engineer", "HM Treasury", "", "EO"],
    ]
    _workbook(file, rows, merged=("A1:C1", "C6:D6"))
    muster("import", "people", file, on=small).ok()
    ran = muster("import", "people", file, on=small).ok()
    assert "Nothing to change" in ran.out


def test_problems_below_a_header_on_row_6_are_numbered_as_excel_numbers_them(small: Path) -> None:
    file = small.parent / "report.xlsx"
    rows: list[list[object]] = [["Staff in post"], [], [], [], [], ["Employee No", "Job Title", "Department"]]
    _workbook(file, [*rows, ["1", "Analyst", "HMT"], ["2", "", "HMT"]], merged=("A1:C1",))
    _refused("people", file, small, "row 8", "Job Title")


def test_duplicate_staff_ids_are_named_with_both_rows(small: Path) -> None:
    people = [make_person("1001"), make_person("1002"), make_person("1001", name="Another")]
    ran = _refused("people", write_rows(small.parent / "p.csv", people), small, "row 4", "staff_id", "1001")
    assert "Row 2" in ran.err


@pytest.mark.parametrize("column", ["start_date", "end_date"])
def test_a_date_that_does_not_exist_is_named(small: Path, column: str) -> None:
    people = [make_person("1001", **{column: "01/02/2026"}), make_person("1002", **{column: "31/02/2026"})]
    _refused("people", write_rows(small.parent / "p.csv", people), small, "row 3", column, "31/02/2026")


def _made_staffed(small: Path) -> None:
    muster("import", "people", write_rows(small.parent / "people.csv", [make_person("1001")]), on=small).ok()


@pytest.fixture
def staffed(small: Path) -> Path:
    return built_once(small, _made_staffed)


@pytest.mark.parametrize(
    ("rating", "words"),
    [
        (make_rating(skill="Juggling"), ("row 3", "skill", "Juggling")),
        (make_rating(level="6"), ("row 3", "level", "6")),
        (make_rating(level="excellent"), ("row 3", "level", "excellent")),
        (make_rating(level="-1"), ("row 3", "level", "-1")),
        (make_rating("9999"), ("row 3", "staff_id", "9999")),
        (make_rating(assessed_on="31/02/2026"), ("row 3", "assessed_on", "31/02/2026")),
        (make_rating(assessed_on="2027-01-01"), ("row 3", "assessed_on", "future")),
        (make_rating(assessed_by="the cat"), ("row 3", "assessed_by", "the cat")),
        (make_rating(skill="Prototyping", level="at"), ("row 3", "require")),
        (make_rating(skill="Data modelling", level=3), ("row 3", "row 2")),
    ],
)
def test_a_bad_rating_is_named_with_row_and_column(
    staffed: Path, rating: dict[str, object], words: tuple[str, ...]
) -> None:
    good = make_rating(skill="Data modelling", level=2)
    columns = ["staff_id", "skill", "level", "assessed_on", "assessed_by"]
    file = write_rows(staffed.parent / "r.csv", [good, rating], columns)
    _refused("assessments", file, staffed, *words)
    ran = muster("import", "assessments", file, "--skip-bad-rows", on=staffed).ok()
    assert words[0] in ran.err
    assert "1 rating of" in ran.out


def test_a_bad_level_in_a_wide_form_is_named_with_its_cell(staffed: Path) -> None:
    file = write_rows(staffed.parent / "w.csv", [{"staff_id": "1001", "Programming": 2, "Testing": 6}])
    _refused("assessments", file, staffed, "row 2", "Testing", "6")


def test_an_unknown_skill_in_a_wide_form_is_named(staffed: Path) -> None:
    file = write_rows(staffed.parent / "w.csv", [{"staff_id": "1001", "Programming": 2, "Juggling": 3}])
    _refused("assessments", file, staffed, "Juggling")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hours": None}, ("row 3", "hours")),
        ({"hours": "many"}, ("row 3", "hours", "many")),
        ({"funding": "free", "cost_per_person_gbp": 10}, ("row 3", "free")),
        ({"funding": "petty cash"}, ("row 3", "funding", "petty cash")),
        ({"skill": "Juggling"}, ("row 3", "skill", "Juggling")),
        ({"to_level": 6}, ("row 3", "to_level", "6")),
        ({"from_level": 2, "to_level": 1}, ("row 3", "level")),
        ({"cost_per_person_gbp": None}, ("row 3", "cost")),
        ({"cost_per_person_gbp": "-5"}, ("row 3", "cost_per_person_gbp", "-5")),
    ],
)
def test_a_bad_course_is_named_with_row_and_column(
    small: Path, values: dict[str, object], words: tuple[str, ...]
) -> None:
    file = write_rows(small.parent / "c.csv", [make_course("C1"), make_course("C2", **values)])
    _refused("courses", file, small, *words)
    ran = muster("import", "courses", file, "--skip-bad-rows", on=small).ok()
    assert "1 new course," in ran.out


def test_a_framework_with_an_unknown_level_is_refused(small: Path) -> None:
    rows = [
        {"role_family": "F", "role": "R", "role_level": "L", "skill": "S", "required": 2},
        {"role_family": "F", "role": "R", "role_level": "L", "skill": "T", "required": 6},
    ]
    _refused("framework", write_rows(small.parent / "f.csv", rows), small, "row 3", "required", "6")


def test_bad_rows_are_left_out_only_when_asked_and_are_listed(small: Path) -> None:
    people = [make_person("1001"), make_person("1002", job_title=""), make_person("1003", fte="36 hours")]
    file = write_rows(small.parent / "p.csv", people)
    _refused("people", file, small, "row 3", "row 4", "fte")
    ran = muster("import", "people", file, "--skip-bad-rows", on=small).ok()
    assert "row 3" in ran.err
    assert "row 4" in ran.err
    assert "1 new" in ran.out
    assert "Skipped 2 rows" in ran.out
