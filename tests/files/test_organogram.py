"""Posts files: every real one whole, every row a post or a problem, special values, days, odd headings."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import InputProblems, UsageError
from app.files.options import ReadOptions
from app.files.organogram import Fallback, PostsFile, read_organogram
from app.files.organogram_words import is_no_number, is_no_title, post_status
from app.files.periods import day_in_name, period_of
from app.files.values import Fault
from app.progress import silent
from app.terms import PostKind, PostStatus
from tests import plain_organograms as plain
from tests import shared_data
from tests.files.tables import write_csv, write_xlsx

TODAY = date(2026, 11, 23)
SENIOR = (
    "Post Unique Reference", "Name", "Grade (or equivalent)", "Job Title", "Job/Team Function", "Parent Department",
    "Organisation", "Unit", "Reports to Senior Post", "Salary Cost of Reports (£)", "FTE", "Actual Pay Floor (£)",
    "Actual Pay Ceiling (£)", "Total Pay (£)", "Professional/Occupational Group", "Notes", "Valid?",
)  # fmt: skip
JUNIOR = (
    "Parent Department", "Organisation", "Unit", "Reporting Senior Post", "Grade", "Payscale Minimum (£)",
    "Payscale Maximum (£)", "Generic Job Title", "Number of Posts in FTE", "Professional/Occupational Group",
)  # fmt: skip


def senior(**values: Any) -> list[Any]:
    """A row of a senior file: a director of the Home Office unless told otherwise."""
    usual = {
        "Post Unique Reference": "HO1", "Name": "A Person", "Grade (or equivalent)": "SCS2", "Job Title": "Director",
        "Parent Department": "Home Office", "Organisation": "Home Office", "Unit": "Borders",
        "Reports to Senior Post": "XX", "FTE": "1", "Actual Pay Floor (£)": "90000",
        "Actual Pay Ceiling (£)": "94999", "Professional/Occupational Group": "Policy",
    }  # fmt: skip
    row = usual | {name.replace("_", " "): value for name, value in values.items()}
    return [row.get(name, "") for name in SENIOR]


def read(path: Path, **fallback: Any) -> PostsFile:
    return read_organogram(path, ReadOptions(), Fallback(TODAY, **fallback), silent())


def one(tmp_path: Path, **values: Any) -> Any:
    """The only post of a senior file."""
    (post,) = read(write_csv(tmp_path / "s.csv", [SENIOR, senior(**values)]), as_at=TODAY).rows
    return post


# --- the real ones -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", plain.some_real_files("read organograms"))
def test_every_row_of_a_real_file_is_a_post(name: str) -> None:
    path = shared_data.path(name)
    rows = plain.plain_rows(path)
    found = read(path)
    assert found.count == len(rows) == len(found.rows) + found.left_out
    assert (
        found.left_out == len({problem.row for problem in found.problems if problem.severity == "error"}) == 0
    )
    assert [post.row for post in found.rows] == list(range(2, len(rows) + 2))
    assert Counter(plain.folded(post.grade) for post in found.rows) == plain.counted(rows, plain.GRADES)
    assert Counter(plain.folded(post.title) for post in found.rows) == plain.counted(rows, plain.TITLES)
    fte = sum(post.fte_hundredths or 0 for post in found.rows)
    assert Decimal(fte) / 100 == plain.plain_fte(rows)
    units = Counter(plain.plain_unit(row) for row in rows if plain.plain_unit(row))
    ours = Counter(plain.folded(post.unit_names[-1]) for post in found.rows)
    assert sum(ours.values()) == len(rows)
    assert not units - ours


@pytest.mark.parametrize("name", plain.some_real_files("read organograms again"))
def test_a_real_file_reads_alike_as_csv_and_as_a_workbook(name: str, tmp_path: Path) -> None:
    path = shared_data.path(name)
    cells = [list(row.values()) for row in plain.plain_rows(path)[:200]]
    heads = list(plain.plain_rows(path)[0])
    copies = [write_csv(tmp_path / f"{path.stem}.csv", [heads, *cells]),
              write_xlsx(tmp_path / f"{path.stem}.xlsx", [heads, *cells])]  # fmt: skip
    first, second = (read(copy) for copy in copies)
    assert [post._replace(sheet="") for post in first.rows] == [
        post._replace(sheet="") for post in second.rows
    ]


# --- days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("cabinet_office-2011-03-31-senior", date(2011, 3, 31)),
        ("300913-DWP.xls-junior", date(2013, 9, 30)),
        ("130930-Home-Office-Organogram-Data-junior", date(2013, 9, 30)),
        ("011013-DH---Organogram-senior", date(2013, 10, 1)),
        ("20131114-HOCS-Consolidated-September-2013-FINAL-junior", date(2013, 9, 30)),
        ("Cabinet-Office-FINAL--30-Sept-2013-senior", date(2013, 9, 30)),
        ("organogram_31_03_2024", date(2024, 3, 31)),
        ("posts 20240331 v2", date(2024, 3, 31)),
        ("posts March 2024", date(2024, 3, 31)),
        ("HMRC_posts", None),
        ("posts 2031-03-31", None),
        ("posts 1999-03-31", None),
        ("ticket 12345678", None),
        ("version 321399", None),
    ],
)
def test_the_day_in_a_file_name(name: str, day: date | None) -> None:
    assert day_in_name(name, TODAY) == day


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("Mar-14", date(2014, 3, 31)), ("Sept 2013", date(2013, 9, 30)), ("september-13", date(2013, 9, 30)),
        ("Feb-12", date(2012, 2, 29)), ("2016-03", date(2016, 3, 31)), ("2014 March", date(2014, 3, 31)),
        ("31/03/2014", date(2014, 3, 31)), ("2014-03-31", date(2014, 3, 31)), ("30 September 2013", date(2013, 9, 30)),
        (date(2014, 3, 1), date(2014, 3, 31)), (date(2014, 3, 31), date(2014, 3, 31)),
    ],
)  # fmt: skip
def test_a_period_is_its_last_day(cell: Any, day: date) -> None:
    assert period_of(cell) == day


@pytest.mark.parametrize("cell", ["soon", "2014-13", "31/02/2014", 42, 2014.5, True])
def test_what_is_no_period_is_a_fault(cell: Any) -> None:
    with pytest.raises(Fault):
        period_of(cell)


def test_the_period_column_goes_before_the_user_and_the_name(tmp_path: Path) -> None:
    rows = [("Back to Index", *SENIOR), ("Mar-14", *senior()), ("Sep-14", *senior())]
    path = write_csv(tmp_path / "posts-2011-03-31.csv", rows)
    assert [post.as_at for post in read(path, as_at=TODAY).rows] == [date(2014, 3, 31), date(2014, 9, 30)]
    bare = write_csv(tmp_path / "bare-2011-03-31.csv", [SENIOR, senior()])
    assert read(bare).rows[0].as_at == date(2011, 3, 31)
    assert read(bare, as_at=date(2012, 3, 31)).rows[0].as_at == date(2012, 3, 31)
    nameless = write_csv(tmp_path / "bare.csv", [SENIOR, senior()])
    assert read(nameless).rows[0].as_at == TODAY
    assert "is today" in " ".join(problem.what for problem in read(nameless).problems)


# --- what a row says -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, PostStatus.FILLED),
        ({"Name": "N/D"}, PostStatus.FILLED),
        ({"Name": "[name]"}, PostStatus.FILLED),
        ({"Name": "Vacant"}, PostStatus.VACANT),
        ({"Name": "VACANT "}, PostStatus.VACANT),
        ({"Name": "Vacant post"}, PostStatus.VACANT),
        ({"Name": "", "Job Title": "Vacant"}, PostStatus.VACANT),
        ({"Name": "", "Job Title": "Vacant - Director of Data"}, PostStatus.VACANT),
        ({"Job Title": "Vacant Property Officer"}, PostStatus.FILLED),
        ({"Name": "", "Notes": "the post became vacant on 01/02/24"}, PostStatus.VACANT),
        (
            {"Name": "A Person", "Notes": "the post became vacant on 01/02/24, filled since"},
            PostStatus.FILLED,
        ),
        ({"Name": "Eliminated"}, PostStatus.ELIMINATED),
        ({"Job Title": "eliminated"}, PostStatus.ELIMINATED),
        ({"Unit": "Eliminated"}, PostStatus.ELIMINATED),
        ({"Job/Team Function": "[u'Post Eliminated. In the reshuffle'"}, PostStatus.ELIMINATED),
        ({"Job/Team Function": "Job code eliminated following a merger"}, PostStatus.ELIMINATED),
        ({"Job/Team Function": "Leads on how waste is eliminated"}, PostStatus.FILLED),
        ({"Post Unique Reference": "Deleted"}, PostStatus.ELIMINATED),
        ({"Post Unique Reference": "0"}, PostStatus.NOT_IN_POST),
        ({"Post Unique Reference": "00"}, PostStatus.NOT_IN_POST),
        ({"Job Title": "Not In Post"}, PostStatus.NOT_IN_POST),
    ],
)
def test_the_status_of_a_post(values: dict[str, Any], status: PostStatus, tmp_path: Path) -> None:
    assert one(tmp_path, **values).status is status


def test_no_name_of_a_person_is_kept(tmp_path: Path) -> None:
    found = read(
        write_csv(tmp_path / "s.csv", [SENIOR, senior(Name="Zebedee Quux", FTE="many")]), as_at=TODAY
    )
    kept = read(write_csv(tmp_path / "t.csv", [SENIOR, senior(Name="Zebedee Quux")]), as_at=TODAY)
    assert "Zebedee" not in repr(list(kept.rows)) + repr(kept.problems) + repr(found.problems)


def test_texts_and_amounts_as_published(tmp_path: Path) -> None:
    published = {
        "Post Unique Reference": "00155792", "FTE": "0.64", "Actual Pay Floor (£)": "£120,000.00",
        "Actual Pay Ceiling (£)": "N/D", "Total Pay (£)": "123456", "Unit": " Border  Force ",
    }  # fmt: skip
    post = one(tmp_path, **published)
    assert (post.post_number, post.reports_to, post.kind) == ("00155792", "XX", PostKind.SENIOR)
    assert (post.fte_hundredths, post.pay_floor_gbp, post.pay_ceiling_gbp, post.total_pay_gbp) == (
        64, 120_000, None, 123_456,
    )  # fmt: skip
    assert (post.unit_names, post.organisation_depth) == (("Home Office", "Border Force"), 1)


@pytest.mark.parametrize("text", ["", "N/D", "n/a"])
def test_a_blank_fte_is_not_zero(text: str, tmp_path: Path) -> None:
    assert one(tmp_path, FTE=text).fte_hundredths is None
    assert one(tmp_path, FTE="0").fte_hundredths == 0


@pytest.mark.parametrize("unit", ["", "N/A", "0", "Not in Post", "-"])
def test_a_post_without_a_unit_stands_under_its_organisation(unit: str, tmp_path: Path) -> None:
    post = one(tmp_path, Unit=unit, Organisation="UK Visas")
    assert (post.unit_names, post.organisation_depth) == (("Home Office", "UK Visas"), 2)


def test_a_junior_row_is_a_group(tmp_path: Path) -> None:
    row = [
        "Home Office",
        "HOME OFFICE",
        "Data",
        "HO1",
        "SEO",
        "on loan",
        "40000",
        "Analyst",
        "3.8",
        "Statisticians",
    ]
    found = read(write_csv(tmp_path / "j-2014-03-31.csv", [JUNIOR, row]))
    (post,) = found.rows
    assert (post.kind, post.fte_hundredths, post.pay_floor_gbp, post.pay_ceiling_gbp) == (
        PostKind.JUNIOR, 380, None, 40_000,
    )  # fmt: skip
    assert post.unit_names == ("Home Office", "Data")
    assert any(problem.value == "on loan" and problem.severity == "note" for problem in found.problems)


@pytest.mark.parametrize("heading", ["Senior/Junior", "Senion/Junior", "Seniority", "level"])
@pytest.mark.parametrize("valid", ["Valid", "Valid?", "Column1"])
def test_headings_of_compiled_files(heading: str, valid: str, tmp_path: Path) -> None:
    rows = [
        (heading, *SENIOR[:-1], valid),
        ("Senior", *senior()),
        ("junior", *senior()),
        ("neither", *senior()),
    ]
    found = read(write_csv(tmp_path / "all-2014-03-31.csv", rows))
    assert [post.kind for post in found.rows] == [PostKind.SENIOR, PostKind.JUNIOR]
    assert [(problem.row, problem.value) for problem in found.problems if problem.severity == "error"] == [
        (4, "neither")
    ]
    assert (found.count, found.left_out) == (3, 1)


def test_an_unnamed_index_and_an_unnamed_column_between_are_no_surplus(tmp_path: Path) -> None:
    heads = ["", *SENIOR[:13], "", *SENIOR[14:]]
    found = read(write_csv(tmp_path / "s.csv", [heads, ["0", *senior()]]), as_at=TODAY)
    assert (found.count, len(found.rows), found.left_out) == (1, 1, 0)
    shifted = read(write_csv(tmp_path / "t.csv", [SENIOR, [*senior(), "more"]]), as_at=TODAY)
    assert (shifted.count, len(shifted.rows), shifted.left_out) == (1, 0, 1)


def test_the_organisation_is_the_users_the_files_or_its_name(tmp_path: Path) -> None:
    heads = ["date", "id", "parentId", "level", "grade", "jobTitle", "unit"]
    path = write_csv(
        tmp_path / "dwp.csv", [heads, ["Sep-15", "1", "", "Senior", "SCS4", "Head", "Private Office"]]
    )
    assert read(path).rows[0].unit_names == ("DWP", "Private Office")
    assert read(path, organisation="Work  Department").rows[0].unit_names == (
        "Work Department",
        "Private Office",
    )
    blank = senior(**{"Parent Department": "", "Organisation": ""})
    one_body = write_csv(tmp_path / "a.csv", [SENIOR, senior(), blank])
    assert read(one_body, as_at=TODAY).rows[1].unit_names == ("Home Office", "Borders")
    other = senior(**{"Parent Department": "HMRC", "Organisation": "HMRC"})
    several = read(write_csv(tmp_path / "b.csv", [SENIOR, senior(), other, blank]), as_at=TODAY)
    assert (len(several.rows), several.left_out) == (2, 1)
    assert [problem.row for problem in several.problems if problem.severity == "error"] == [4]


def test_oddities_are_noted_by_row(tmp_path: Path) -> None:
    rows = [SENIOR, senior(), senior(), senior(**{"Job Title": ""}),
            senior(**{"Post Unique Reference": "XX", "FTE": ""}),
            senior(**{"Post Unique Reference": "HO2", "FTE": "0.333"})]  # fmt: skip
    found = read(write_csv(tmp_path / "s.csv", rows), as_at=TODAY)
    notes = {(problem.row, problem.column) for problem in found.problems if problem.row}
    assert notes == {
        (3, "Post Unique Reference"), (4, "Post Unique Reference"), (4, "Job Title"), (5, "Post Unique Reference"),
        (5, "FTE"), (6, "FTE"),
    }  # fmt: skip
    assert (found.count, len(found.rows)) == (5, 5)


def test_a_thousand_like_oddities_say_their_rows_in_one_note(tmp_path: Path) -> None:
    rows = [senior(**{"Post Unique Reference": f"HO{number}", "FTE": ""}) for number in range(1000)]
    found = read(write_csv(tmp_path / "s.csv", [SENIOR, *rows]), as_at=TODAY)
    notes = [problem for problem in found.problems if problem.column == "FTE"]
    assert len(notes) == 101
    assert "900 more rows (rows 102–1001)" in notes[-1].what


@pytest.mark.parametrize(
    "heads",
    [["Job Title", "Unit", "Grade"], ["Grade", "Unit", "FTE"], ["Job Title", "Grade", "FTE", "Organisation"]],
)
def test_a_file_that_is_no_posts_file_is_refused(heads: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputProblems):
        read(write_csv(tmp_path / "x.csv", [heads, ["a"] * len(heads)]))
    with pytest.raises(InputProblems):
        read(write_csv(tmp_path / "y.csv", [SENIOR]))


def test_a_mapping_that_names_nothing_is_wrong_usage(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", [SENIOR, senior()])
    with pytest.raises(UsageError):
        read_organogram(path, ReadOptions(mapping={"Nothing": "grade"}), Fallback(TODAY), silent())


_CELLS = st.sampled_from(
    ["", "N/D", "N/A", "XX", "0", "-", "Vacant", "Eliminated", "Not in post", "[name]", "nan", "1", "0.5", "1,234",
     "12.345", "-1", "many", "£5", "HO1", "00HO1", "Home Office", "home  office", "SCS1", "Mar-14", " ", "Ä"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(_CELLS, min_size=len(SENIOR), max_size=len(SENIOR)), min_size=1, max_size=12))
def test_whatever_stands_in_the_cells_every_row_is_a_post_or_a_problem(
    rows: list[list[str]], tmp_path: Path
) -> None:
    filled = [row for row in rows if any(text.strip() for text in row)]
    if not filled:
        return
    found = read(write_csv(tmp_path / "s.csv", [SENIOR, *rows]), as_at=TODAY)
    bad = {problem.row for problem in found.problems if problem.severity == "error"}
    assert found.count == len(filled) == len(found.rows) + len(bad)
    assert {post.row for post in found.rows}.isdisjoint(bad)
    assert found.left_out == len(bad)


def test_words_that_stand_for_nothing() -> None:
    chance = random.Random(7)
    for text in ("", "N/D", "n/a", "XX", "xx", "0", "00", "-", "nan", "Deleted"):
        assert is_no_number(text)
        assert is_no_number(f" {text} ")
    for _ in range(200):
        number = f"{chance.choice('ABCDEFG')}{chance.randrange(1, 10_000)}"
        assert not is_no_number(number)
    assert [is_no_title(text) for text in ("Vacant", "Not in post", "TBC", "", "Director", "Vacancy manager")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip
    assert post_status("", "", "", "", "", "") is PostStatus.FILLED
