"""Files that are not what they should be: each is one clear problem, and nothing else ever escapes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from app.errors import AppError, InputProblems, Problem
from app.files.assessments import read_assessments
from app.files.catalogue import read_courses
from app.files.framework_csv import read_framework
from app.files.hr_extract import PeopleFile, read_people
from app.files.options import ReadOptions
from app.progress import Cancelled, Progress, silent
from tests.counts import share
from tests.files.tables import HEAD, QUICK, csv_bytes, ods_row, rezipped, write_csv, write_ods, write_xlsx
from tests.shared_data import PROJECT

GOOD = [HEAD, *[[f"S{number:03d}", "Data analyst", "Home Office"] for number in range(20)]]
OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")


def refusal(path: Path, options: ReadOptions = QUICK) -> Problem:
    """The one problem a whole file is refused with."""
    with pytest.raises(InputProblems) as caught:
        read_people(path, options, silent())
    (problem,) = caught.value.problems
    assert problem.file == path.name
    assert problem.advice
    return problem


def people(path: Path, options: ReadOptions = QUICK) -> PeopleFile:
    return read_people(path, options, silent())


def errors(found: PeopleFile) -> list[Problem]:
    return [problem for problem in found.problems if problem.severity == "error"]


@pytest.mark.parametrize("name", ["empty.xlsx", "empty.csv", "empty.ods"])
def test_empty_file(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    assert "0 bytes" in refusal(tmp_path / name).what


def test_missing_file_and_folder(tmp_path):
    assert "not there" in refusal(tmp_path / "nothing.xlsx").what
    assert "folder" in refusal(tmp_path).what


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 and more", "PDF"),
        (b"<html><table><tr><td>Staff ID</td></tr></table></html>", "web page"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture"),
        (b"<?xml version='1.0'?><Workbook/>", "XML document"),
        (random.Random(1).randbytes(5000), "neither a workbook nor a text"),
        (OLE2 + bytes(4096), "password"),
        (
            OLE2 + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
            "protected with a password",
        ),
    ],
)
def test_wrong_type_is_named(tmp_path, data, said):
    path = tmp_path / "extract.xlsx"
    path.write_bytes(data)
    assert said in refusal(path).what


def test_zip_that_is_no_workbook(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hi")
    assert "zip archive" in refusal(tmp_path / "x.xlsx").what


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_truncated_workbook(tmp_path, part):
    whole = write_xlsx(tmp_path / "whole.xlsx", GOOD).read_bytes()
    (tmp_path / "half.xlsx").write_bytes(whole[: int(len(whole) * part)])
    assert "damaged" in refusal(tmp_path / "half.xlsx").what


def test_text_named_workbook_and_workbook_named_text_are_read(tmp_path):
    (tmp_path / "text.xlsx").write_bytes(csv_bytes(GOOD))
    write_xlsx(tmp_path / "book.xlsx", GOOD).rename(tmp_path / "book.csv")
    found = people(tmp_path / "text.xlsx")
    assert len(found.rows) == len(people(tmp_path / "book.csv").rows) == 20
    assert ".xlsx" in found.problems[0].what


def test_forty_megabytes_in_one_cell_of_text(tmp_path):
    path = tmp_path / "big.csv"
    path.write_bytes(csv_bytes([HEAD]) + b"S1," + b"x" * (40 << 20) + b",HO\r\nS2,Analyst,HO\r\n")
    found = people(path)
    (problem,) = errors(found)
    assert (problem.row, problem.column) == (2, "Job title")
    assert "41,943,040 characters" in problem.what
    assert [row.staff_id for row in found.rows] == ["S2"]


def test_forty_megabytes_in_one_cell_of_a_workbook(tmp_path):
    whole = write_xlsx(tmp_path / "whole.xlsx", GOOD)

    def swell(name: str, member: bytes) -> bytes:
        return (
            member.replace(b"Home Office", b"x" * (40 << 20), 1)
            if "sheet" in name or "Strings" in name
            else member
        )

    started = time.monotonic()
    assert "unpacks to far more" in refusal(rezipped(whole, tmp_path / "big.xlsx", swell)).what
    assert time.monotonic() - started < 10


def test_no_heading_row(tmp_path):
    problem = refusal(write_xlsx(tmp_path / "x.xlsx", GOOD[1:]))
    assert "No row of headings" in problem.what
    assert "staff_id, job_title, department" in problem.advice


def test_headings_only(tmp_path):
    assert "no row below" in refusal(write_csv(tmp_path / "x.csv", [HEAD])).what


def test_heading_row_is_found_on_row_six(tmp_path):
    above = [["HR extract, OFFICIAL-SENSITIVE"], [], ["Made", date(2026, 4, 1)], ["Department:", "all"], []]
    found = people(write_xlsx(tmp_path / "x.xlsx", [*above, *GOOD]))
    assert found.match.header_row == 6
    assert [row.row for row in found.rows] == list(range(7, 27))


def test_merged_heading_cells(tmp_path):
    groups = ["Person", None, "Post", None]
    heads = [None, "Job title", "Department", "Grade"]

    def merge(book):
        sheet = book.active
        sheet["A1"], sheet["B1"] = "Staff ID", "Person and post"
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:D1")

    rows = [groups, heads, ["1", "Data analyst", "HO", "SEO"]]
    found = people(write_xlsx(tmp_path / "x.xlsx", rows, merge))
    assert (found.rows[0].staff_id, found.rows[0].job_title, found.rows[0].grade) == (
        "1",
        "Data analyst",
        "SEO",
    )


def test_duplicate_staff_ids_are_listed_with_both_rows(tmp_path):
    ids = ["S1", "S2", "S1", "s2 ", 1001, "0001001", 1001.0]
    rows = [HEAD, *[[staff_id, f"Post {place}", "HO"] for place, staff_id in enumerate(ids)]]
    found = people(write_xlsx(tmp_path / "x.xlsx", rows))
    assert [(problem.row, problem.what.split(" has ")[0]) for problem in errors(found)] == [
        (4, "Row 2"), (5, "Row 3"), (7, "Row 6"), (8, "Row 6"),
    ]  # fmt: skip
    assert [row.staff_id for row in found.rows] == ["S1", "S2", "1001"]


def test_unknown_skill_and_level_six(tmp_path):
    rows = [
        ["Staff ID", "Skill", "Level"],
        ["1", "Agile wrking", 3],
        ["1", "Testing", 6],
        ["1", "Testing", "2"],
    ]
    path = write_xlsx(tmp_path / "x.xlsx", rows)
    found = read_assessments(path, QUICK, silent(), skills=["Agile working", "Testing"], staff_ids=["1"])
    first, second = found.problems
    assert (first.row, first.column, first.value) == (2, "Skill", "Agile wrking")
    assert "Agile working" in first.advice
    assert (second.row, second.column, second.value) == (3, "Level", "6")
    assert [(row.row, row.skill, row.level) for row in found.rows] == [(4, "Testing", 2)]


def test_impossible_day(tmp_path):
    rows = [[*HEAD, "Start date"], ["1", "Analyst", "HO", "31/02/2026"], ["2", "Analyst", "HO", "28/02/2026"]]
    found = people(write_csv(tmp_path / "x.csv", rows))
    (problem,) = errors(found)
    assert (problem.row, problem.column, problem.value) == (2, "Start date", "31/02/2026")
    assert "no such day" in problem.what
    assert [row.start_date for row in found.rows] == [date(2026, 2, 28)]


def test_formula_without_value_and_error_cells_are_listed(tmp_path):
    rows = [
        [*HEAD, "Grade"],
        ["1", "=1+1", "HO", "SEO"],
        ["2", "Analyst", "#N/A", "SEO"],
        ["3", "Analyst", "HO", "G7"],
    ]
    found = people(write_xlsx(tmp_path / "x.xlsx", rows))
    assert [(problem.row, problem.column) for problem in errors(found)] == [
        (2, "Job title"),
        (3, "Department"),
    ]
    assert "formula" in errors(found)[0].what
    assert "#N/A" in errors(found)[1].what
    assert [row.staff_id for row in found.rows] == ["3"]


def test_error_values_as_text_are_listed(tmp_path):
    found = people(write_csv(tmp_path / "x.csv", [HEAD, ["1", "#REF!", "HO"], ["2", "Analyst", "HO"]]))
    assert [(problem.row, problem.value) for problem in errors(found)] == [(2, "#REF!")]


def test_wrong_dimension_loses_no_row(tmp_path):
    whole = write_xlsx(tmp_path / "whole.xlsx", GOOD)
    for said in (b"A1:B3", b"A1:XFD1048576", b"B2"):

        def lie(name: str, member: bytes, said: bytes = said) -> bytes:
            return member.replace(b"A1:C21", said) if "sheet1" in name else member

        path = rezipped(whole, tmp_path / "lie.xlsx", lie)
        assert len(people(path).rows) == 20


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"<sheetData>", b"<!DOCTYPE l [<!ENTITY a 'aa'>]><sheetData>", "does not build"),
        (
            b"</sheetData>",
            b"<row r='9'><c r='XFD1048576'><v>1</v></c></row></sheetData>",
            "outside any table",
        ),
        (b"</sheetData>", b'<row r="9"><c r="XFD9"><v>1</v></c></row></sheetData>', "outside any table"),
        (b"</sheetData>", b'<row r="9"><c r="A9999999"><v>1</v></c></row></sheetData>', "outside any table"),
        (b"</sheetData>", b" " * (64 << 20) + b"</sheetData>", "unpacks"),
    ],
)
def test_hostile_sheets_are_refused_quickly(tmp_path, old, new, said):
    whole = write_xlsx(tmp_path / "whole.xlsx", GOOD)
    path = rezipped(whole, tmp_path / "bad.xlsx", lambda name, member: member.replace(old, new)
                    if "sheet1" in name else member)  # fmt: skip
    assert said in refusal(path).what


def test_open_document_sheet_with_its_million_empty_rows(tmp_path):
    rows = [ods_row(HEAD), ods_row(["1", "Analyst", "HO"]), ods_row([], 1_048_000)]
    assert [row.staff_id for row in people(write_ods(tmp_path / "x.ods", *rows)).rows] == ["1"]


def test_errors_in_open_document_cells_are_said(tmp_path):
    wrong = '<table:table-row><table:table-cell calcext:value-type="error"/></table:table-row>'
    rows = [ods_row(HEAD), ods_row(["1", "Analyst", "HO"]), wrong]
    found = people(write_ods(tmp_path / "x.ods", *rows))
    assert "1 cells hold errors" in found.problems[0].what


@pytest.mark.parametrize(
    ("times", "said"), [(1_000_000, "more than can be read"), (9_999_999, "does not build files")]
)
def test_open_document_bombs_are_refused(tmp_path, times, said):
    rows = [ods_row(HEAD), ods_row(["1", "Analyst", "HO"], times)]
    assert said in refusal(write_ods(tmp_path / "x.ods", *rows)).what


def test_hidden_rows_and_sheets_are_said(tmp_path):
    def hide(book):
        book.active.row_dimensions[5].hidden = True
        book.active.sheet_state = "hidden"
        book.create_sheet("Front")

    found = people(write_xlsx(tmp_path / "x.xlsx", GOOD, hide))
    assert len(found.rows) == 20
    said = " ".join(problem.what for problem in found.problems)
    assert "hidden sheet" in said
    assert "1 hidden" in said


def test_chart_sheet_first_and_both_epochs(tmp_path):
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    rows = [[*HEAD, "Start date"], ["1", "Analyst", "HO", date(2020, 1, 31)]]

    def mac(book):
        book.epoch = CALENDAR_MAC_1904
        book.create_chartsheet("Chart", 0)

    old = people(write_xlsx(tmp_path / "a.xlsx", rows)).rows[0]
    new = people(write_xlsx(tmp_path / "b.xlsx", rows, mac)).rows[0]
    assert old.start_date == new.start_date == date(2020, 1, 31)


def test_time_limit_is_a_problem_and_the_child_is_gone(tmp_path):
    path = write_xlsx(tmp_path / "x.xlsx", GOOD)
    assert "too long" in refusal(path, ReadOptions(seconds=0.0)).what


def test_memory_limit_is_a_problem(tmp_path):
    if sys.platform == "win32":
        pytest.skip("there is no address-space limit on Windows; the guard's size limits stand in")
    path = write_xlsx(tmp_path / "x.xlsx", [HEAD, *[[f"S{n}", "x" * 200, "HO"] for n in range(30_000)]])
    assert "memory" in refusal(path, ReadOptions(megabytes=30)).what


def test_cancel_stops_reading(tmp_path):
    path = write_xlsx(tmp_path / "x.xlsx", GOOD)
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        read_people(path, QUICK, progress)


def test_readers_do_not_load_window_or_database():
    readers = ("hr_extract", "assessments", "catalogue", "framework_facts")
    heavy = ("PySide6", "sqlmodel", "sqlalchemy", "openpyxl", "numpy", "python_calamine")
    code = f"import sys, app.files.{', app.files.'.join(readers)}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert done.stdout.strip() == "[]"


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One or more of the bytes changed, removed or repeated."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if not changed:
            break
        place = chance.randrange(len(changed))
        kind = chance.randrange(5)
        if kind == 0:
            changed[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del changed[place : place + chance.randrange(1, 40)]
        elif kind == 2:
            changed[place:place] = changed[place : place + chance.randrange(1, 200)]
        elif kind == 3:
            marks = (
                b"0",
                b"-1",
                b"99999999999",
                b"<",
                b">",
                b"&",
                b'"',
                b"\0",
                b"\xff",
                b"NaN",
                b"1e999",
                b"XFE1",
            )
            changed[place : place + 1] = chance.choice(marks)
        else:
            changed = changed[: max(1, place)]
    return bytes(changed)


@pytest.mark.parametrize("kind", ["book", "members", "text"])
def test_damaged_files_raise_nothing_but_our_error(tmp_path, kind):
    whole = write_xlsx(tmp_path / "whole.xlsx", [[*HEAD, "Start date", "FTE"], *[
        [f"S{n}", "Data analyst", "HO", date(2020, 1, 1 + n), 0.5] for n in range(20)
    ]])  # fmt: skip
    for number in range(share(300)):
        chance = random.Random(f"{kind}{number}")
        path = tmp_path / "bad.xlsx"
        if kind == "book":
            path.write_bytes(damaged(whole.read_bytes(), chance))
        elif kind == "members":
            rezipped(whole, path, lambda name, member, chance=chance: damaged(member, chance)
                     if chance.random() < 0.4 else member)  # fmt: skip
        else:
            path = tmp_path / "bad.csv"
            path.write_bytes(damaged(csv_bytes(GOOD), chance))
        with suppress(AppError):
            people(path)


def test_every_reader_survives_the_collection_of_bad_files(tmp_path):
    maker = PROJECT.parent / "shared" / "tools" / "badfiles.py"
    if not maker.exists():
        pytest.skip("the collection of bad files is not beside the checkout")
    subprocess.run([sys.executable, "-B", maker, tmp_path], check=True, capture_output=True)
    names = sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        path = tmp_path / name
        readers = (
            lambda path=path: read_people(path, ReadOptions(mapping={"Skill": "job_title"}), silent()),
            lambda path=path: read_assessments(path, QUICK, silent(), skills=["Excel"], staff_ids=["S0001"]),
            lambda path=path: read_courses(path, QUICK, silent()),
            lambda path=path: read_framework(path),
        )
        for read in readers if name in _EVERY_READER else readers[:2]:
            started = time.monotonic()
            with suppress(AppError):
                read()
            assert time.monotonic() - started < 20


_EVERY_READER = {"good.xlsx", "empty.csv", "ragged.csv", "formulas.xlsx", "random.xlsx"}
