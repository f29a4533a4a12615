"""``roles set``, ``secondary``, ``local`` and ``forget``: what they change, what they print, what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import contents, make_person, write_rows
from tests.command_line import Ran, muster


@pytest.fixture
def staffed(small: Path) -> Path:
    """Two data engineers, and somebody whose title is still to be decided."""
    people = [make_person("1001"), make_person("1002"), make_person("1003", role_level="")]
    path = write_rows(small.parent / "people.csv", people)
    muster("import", "people", path, "--as-at", "2026-01-01", on=small).ok()
    return small


def needed(staffed: Path, staff_id: str, *more: str) -> dict[str, str]:
    """Required levels of one person by skill."""
    rows = muster("gaps", "--by", "person", "--format", "csv", *more, on=staffed).ok().rows
    return {row["skill"]: row["required"] for row in rows if row["staff_id"] == staff_id}


def refused(ran: Ran, *says: str) -> None:
    assert ran.code == 2, ran.err
    assert ran.out == ""
    for words in says:
        assert words in ran.err


def test_role_is_set_from_a_day_on(staffed: Path) -> None:
    ran = muster(
        "roles", "set", "1001", "--role", "senior DATA engineer", "--from", "2026-06-01", on=staffed
    ).ok()
    assert ran.out == "1001: Senior data engineer (Data engineer), from 2026-06-01.\n"
    assert len(needed(staffed, "1001")) == 3
    assert len(needed(staffed, "1001", "--as-at", "2026-05-31")) == 2


def test_somebody_is_not_digital_from_today(staffed: Path) -> None:
    ran = muster("roles", "set", "1001", "--not-digital", on=staffed).ok()
    assert ran.out == "1001: not a digital role, from 2026-11-23.\n"
    assert needed(staffed, "1001") == {}


def test_unknown_people_and_roles_are_told_with_the_nearest(staffed: Path) -> None:
    before = contents(staffed)
    refused(
        muster("roles", "set", "1004", "--role", "Data engineer", on=staffed), "“1004”", "The nearest is “100"
    )
    refused(
        muster("roles", "set", "1001", "--role", "Data enginer", on=staffed),
        "The nearest name is “Data engineer”",
    )
    refused(
        muster("roles", "set", "1001", "--role", "Data engineer", "--role-of", "Service desiner", on=staffed),
        "The nearest name is “Service designer”",
    )
    refused(
        muster(
            "roles", "set", "1001", "--role", "Data engineer", "--role-of", "Service designer", on=staffed
        ),
        "in the role “Service designer”",
    )
    refused(
        muster("roles", "set", "1001", "--role", "Data engineer", "--from", "June", on=staffed), "2026-11-23"
    )
    refused(muster("roles", "set", "1001", on=staffed), "either --role or --not-digital")
    refused(
        muster("roles", "set", "1001", "--role", "Data engineer", "--not-digital", on=staffed),
        "Say which role",
    )
    assert contents(staffed) == before


def test_secondary_role_is_added_and_ended(staffed: Path) -> None:
    words = ("roles", "secondary", "1001", "--role", "Service designer")
    before = needed(staffed, "1001")
    ran = muster(*words, "--share", 30, "--from", "2026-11-01", on=staffed).ok()
    assert ran.out == "1001: Service designer as a secondary role, 30 % of time, from 2026-11-01.\n"
    assert needed(staffed, "1001") == before
    refused(muster(*words, "--share", 30, on=staffed), "already")
    assert (
        muster(*words, "--end", on=staffed).ok().out == "1001: Service designer ended as a secondary role.\n"
    )
    refused(muster(*words, "--end", on=staffed), "There is no secondary role to end")


def test_secondary_role_needs_a_share_within_bounds(staffed: Path) -> None:
    words = ("roles", "secondary", "1001", "--role", "Service designer")
    refused(muster(*words, on=staffed), "Give --share")
    refused(muster(*words, "--end", "--share", 30, on=staffed), "takes neither")
    assert muster(*words, "--share", 100, on=staffed).code == 2


def test_ending_another_secondary_role_names_those_there_are(staffed: Path) -> None:
    muster("roles", "secondary", "1001", "--role", "Service designer", "--share", 30, on=staffed).ok()
    refused(
        muster("roles", "secondary", "1001", "--role", "Senior data engineer", "--end", on=staffed),
        "The secondary roles are “Service designer”",
    )


def test_our_own_role_starts_from_its_base_and_counts_with_its_own_requirements(staffed: Path) -> None:
    ran = muster(
        "roles", "local", "Pipeline engineer", "--based-on", "Data engineer", "--require", "programming=4",
        "--require", "Testing=1", "--without", "Data modelling", "--format", "csv", on=staffed,
    ).ok()  # fmt: skip
    assert [(row["role"], row["role_level"], row["skill"], row["required"]) for row in ran.rows] == [
        ("Data engineer", "Pipeline engineer", "Programming", "4"),
        ("Data engineer", "Pipeline engineer", "Testing", "1"),
    ]
    assert "based on Data engineer" in ran.err
    muster("roles", "set", "1001", "--role", "Pipeline engineer", on=staffed).ok()
    assert needed(staffed, "1001") == {"Programming": "4", "Testing": "1"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--require", "Testing"), "level 1 to 4"),
        (("--require", "Testing=5"), "level 1 to 4"),
        (("--require", "Testin=2"), "The nearest name is “Testing”"),
        (("--without", "Testing"), "is not required by the role"),
        (("--require", "Programming=1", "--without", "Programming"), "both required and left out"),
    ],
)
def test_our_own_role_that_makes_no_sense_changes_nothing(
    staffed: Path, options: tuple[str, ...], says: str
) -> None:
    before = contents(staffed)
    refused(muster("roles", "local", "Own", "--based-on", "Data engineer", *options, on=staffed), says)
    assert contents(staffed) == before


def test_confirmed_title_is_forgotten(staffed: Path) -> None:
    muster("roles", "accept", "--min-score", 0, on=staffed).ok()
    (rule,) = muster("roles", "confirmed", "--format", "csv", on=staffed).ok().rows
    refused(muster("roles", "forget", "Data enginere", on=staffed), f"The nearest is “{rule['title']}”")
    ran = muster("roles", "forget", rule["title"].upper(), on=staffed).ok()
    assert ran.out == f"Forgot “{rule['title']}”; people keep the roles they have.\n"
    assert muster("roles", "confirmed", "--format", "csv", on=staffed).ok().rows == []
    assert needed(staffed, "1003")
