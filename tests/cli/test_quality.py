"""``quality`` on the command line: what it prints, in every form, and that it changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.quality import CheckKey
from tests.builders import built_once, contents, make_person, write_rows
from tests.command_line import muster

PEOPLE = [
    make_person("0017", name="Ann Lee", manager_id="99"),
    make_person("17", name="Ann Lee", department="HM Treasury"),
    make_person("1003", role_level="", job_title="Clerk", grade=""),
]


def _made_untidy(small: Path) -> None:
    for number, person in enumerate(PEOPLE):  # one file would not be let in with both 0017 and 17
        muster("import", "people", write_rows(small.parent / f"{number}.csv", [person]), on=small).ok()


@pytest.fixture
def untidy(small: Path) -> Path:
    return built_once(small, _made_untidy)


def test_every_check_is_one_row_and_nothing_is_changed(untidy: Path) -> None:
    before = contents(untidy)
    ran = muster("quality", "--format", "json", on=untidy).ok()
    counts = {row["check"]: row["count"] for row in ran.json}
    assert list(counts) == [key.value for key in CheckKey]
    assert {key for key, count in counts.items() if count} == {"no-role", "manager", "duplicate", "no-grade"}
    assert ran.err.startswith("4 things to check about 3 people.")
    assert contents(untidy) == before


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("check", [*CheckKey, "grades"])
def test_every_check_prints_in_every_form(untidy: Path, check: str, form: str) -> None:
    assert muster("quality", "--check", str(check), "--format", form, on=untidy).ok().out


def test_a_check_lists_its_people(untidy: Path) -> None:
    (row,) = muster("quality", "--check", "duplicate", "--format", "csv", on=untidy).ok().rows
    assert (row["staff_id"], row["other_staff_id"], row["score"]) == ("0017", "17", "100")
    (row,) = muster("quality", "--check", "manager", "--format", "csv", on=untidy).ok().rows
    assert row["found"] == "Manager 99 is not in this workspace"


def test_checks_are_narrowed_to_a_department(untidy: Path) -> None:
    rows = muster("quality", "--department", "HM Treasury", "--format", "csv", on=untidy).ok().rows
    assert {row["check"] for row in rows if row["count"] != "0"} == {"duplicate"}


def test_grades_are_listed_by_role_level(untidy: Path) -> None:
    (row,) = muster("quality", "--check", "grades", "--format", "csv", on=untidy).ok().rows
    assert (row["role_level"], row["people"], row["grades_shown"]) == ("Data engineer", "2", "HEO")


def test_a_check_nobody_knows_is_a_wrong_usage(untidy: Path) -> None:
    ran = muster("quality", "--check", "everything", on=untidy)
    assert ran.code == 2
    assert "no-role" in ran.err
