"""``import organogram`` and ``posts`` from the command line: preview, load, count, titles, tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders import write_rows
from tests.command_line import muster

HEAD = {"Parent Department": "Home Office", "Organisation": "Home Office", "Unit": "Data"}


def _senior(number: str = "HO1", **values: Any) -> dict[str, Any]:
    usual = {
        "Post Unique Reference": number, "Name": "N/D", "Grade": "SCS1", "Job Title": "Chief data officer", **HEAD,
        "Reports to Senior Post": "XX", "FTE": "1", "Professional/Occupational Group": "Policy",
    }  # fmt: skip
    return usual | values


def _junior(title: str = "Data engineer", **values: Any) -> dict[str, Any]:
    usual = {
        **HEAD, "Reporting Senior Post": "HO1", "Grade": "SEO", "Generic Job Title": title,
        "Number of Posts in FTE": "2.5", "Professional/Occupational Group": "Information Technology",
    }  # fmt: skip
    return usual | values


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A senior and a junior file as at 31 March 2024."""
    return (
        write_rows(tmp_path / "ho-2024-03-31-senior.csv", [_senior(), _senior("HO2", Name="Vacant")]),
        write_rows(tmp_path / "ho-2024-03-31-junior.csv", [_junior(), _junior("Vacant"), _junior("Cook")]),
    )


def test_a_department_before_any_hr_extract(small: Path, pair: tuple[Path, Path]) -> None:
    before = small.read_bytes()
    shown = muster("import", "organogram", *pair, "--preview", on=small).ok()
    assert "5 posts in the file: would add 5" in shown.out
    assert "new unit: Home Office / Data" in shown.err
    assert small.read_bytes() == before
    assert "5 new posts, 0 changed" in muster("import", "organogram", *pair, on=small).ok().out
    again = small.read_bytes()
    assert "Nothing to change" in muster("import", "organogram", *pair, on=small).ok().out
    assert small.read_bytes() == again
    ran = muster("posts", "--format", "csv", on=small).ok()
    assert ran.rows == [
        {
            "unit": "Home Office / Data", "posts": "5", "senior_posts": "2", "junior_groups": "3", "fte": "9.50",
            "without_fte": "0", "filled": "3", "vacant": "2", "vacant_fte": "3.50", "eliminated": "0",
            "not_in_post": "0",
        }
    ]  # fmt: skip
    assert "posts: Home Office, senior, as at 2024-03-31: 2" in ran.err
    by = (
        muster("posts", "--by", "grade", "--by", "profession", "--vacant", "--format", "json", on=small)
        .ok()
        .json
    )
    assert [(row["grade"], row["profession"], row["fte"]) for row in by] == [
        ("SCS1", "Policy", 1.0),
        ("SEO", "Information Technology", 2.5),
    ]
    assert muster("posts", "--as-at", "2024-03-30", "--format", "json", on=small).ok().json == []


def test_titles_and_tree(small: Path, pair: tuple[Path, Path]) -> None:
    muster("import", "organogram", *pair, on=small).ok()
    titles = muster("posts", "titles", "--top", "1", "--format", "csv", on=small).ok()
    assert {row["title"]: (row["kind"], row["role"], row["posts"], row["fte"]) for row in titles.rows} == {
        "Data engineer": ("role", "Data engineer", "1", "2.50"),
        "Cook": ("none", "", "1", "2.50"),
        "Chief data officer": (titles.rows[2]["kind"], titles.rows[2]["role"], "2", "2.00"),
    }
    assert "1 say nothing about the work" in titles.err
    tree = muster("posts", "tree", "--format", "csv", on=small).ok().rows
    assert [(row["depth"], row["title"], row["posts_below"]) for row in tree] == [
        ("0", "Chief data officer", "3"), ("1", "Data engineer", "0"), ("1", "Vacant", "0"), ("1", "Cook", "0"),
        ("0", "Chief data officer", "0"),
    ]  # fmt: skip
    short = muster("posts", "tree", "--depth", "0", "--senior", "--format", "csv", on=small).ok().rows
    assert [row["post_number"] for row in short] == ["HO1", "HO2"]


def test_bad_rows_are_listed_and_keep_everything_out(small: Path, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "ho-2024-03-31.csv", [_senior(), _senior("HO2", FTE="lots")])
    before = small.read_bytes()
    refused = muster("import", "organogram", path, on=small)
    assert refused.code == 1
    assert "row 3, column FTE" in refused.err
    assert small.read_bytes() == before
    done = muster("import", "organogram", path, "--skip-bad-rows", on=small).ok()
    assert "1 new post, 0 changed" in done.out
    assert "Skipped 1 row." in done.out


def test_what_the_file_does_not_say_is_given(small: Path, tmp_path: Path) -> None:
    bare = {
        name: value for name, value in _senior().items() if name not in ("Parent Department", "Organisation")
    }
    path = write_rows(tmp_path / "posts.csv", [bare])
    options = ("--organisation", "UK Visas", "--as-at", "2023-09-30")
    muster("import", "organogram", path, *options, on=small).ok()
    ran = muster("posts", "--by", "organisation", "--format", "json", on=small).ok()
    assert [row["organisation"] for row in ran.json] == ["UK Visas"]
    assert "as at 2023-09-30" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("posts", "--by", "colour"),
        ("posts", "--department", "Nowhere"),
        ("posts", "--as-at", "soon"),
        ("import", "organogram", "a.csv", "b.csv", "--map", "A=grade"),
    ],
)
def test_wrong_usage_ends_with_2(words: tuple[str, ...], small: Path) -> None:
    assert muster(*words, on=small).code == 2
