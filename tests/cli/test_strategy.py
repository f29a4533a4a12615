"""``strategy`` from the command line: presets, edits, how priorities stand, tracing, slips, maturity, leadership."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.services.scope import Scope
from app.services.strategy.presets import presets
from app.terms import name_key
from app.workspace import Workspace
from tests.builders import (
    NOW,
    USER,
    clock,
    copied,
    load_courses,
    load_people,
    load_ratings,
    make_course,
    make_people,
    make_person,
    make_rating,
    write_rows,
)
from tests.command_line import muster
from tests.shared_data import path as shared


@pytest.fixture(scope="module")
def office_template(furnished_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled framework with a handful of people, a chief data officer among them, and a plan."""
    tmp_path = tmp_path_factory.mktemp("office")
    furnished = copied(furnished_template, tmp_path / "office.muster")
    with Workspace.open(furnished, user=USER, clock=clock) as ws:
        people = [
            make_person("1", department="Home Office", role_level="Data analyst"),
            make_person("2", department="Home Office", role_level="Service designer"),
            make_person("3", department="HM Treasury", role_level="Data engineer"),
            make_person(
                "4", department="HM Treasury", role_level="Chief data officer", job_title="Chief data officer"
            ),
        ]
        load_people(ws, make_people(tmp_path / "people.csv", people))
        pairs = [(line.staff_id, line.skill) for line in ws.gaps.people_behind(Scope())]
        load_ratings(
            ws, write_rows(tmp_path / "ratings.csv", [make_rating(who, skill, 0) for who, skill in pairs])
        )
        courses = [
            make_course(f"X{place}", skill) for place, skill in enumerate(sorted({one for _, one in pairs}))
        ]
        load_courses(ws, write_rows(tmp_path / "courses.csv", courses))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "MUSTER_NOW", NOW.isoformat()
        )  # what is made for the whole file is made before the test's own
        patch.setenv("MUSTER_USER", USER)
        patch.setenv("MUSTER_CONFIG", str(tmp_path / "settings"))
        muster("plan", "--budget", 1_000, on=furnished).ok()
    return furnished


@pytest.fixture
def office(office_template: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return copied(office_template, tmp_path / "office.muster")


def test_presets_are_listed_added_once_and_known_again(office: Path) -> None:
    listed = muster("strategy", "preset", "--format", "json", on=office).ok().json
    assert [(row["name"], row["priorities"]) for row in listed] == [("2017", 15), ("today", 31)]
    assert all("Open Government Licence" in row["licence"] and row["source"] for row in listed)
    assert (
        "Added Government Transformation Strategy" in muster("strategy", "preset", "2017", on=office).ok().out
    )
    assert "Nothing to change" in muster("strategy", "preset", "2017", on=office).ok().out
    rows = muster("strategy", "list", "--format", "json", on=office).ok().json
    assert len({row["area"] for row in rows}) == 5
    assert {row["target_date"] for row in rows} == {"2020-12-31"}
    assert muster("strategy", "preset", "2016", on=office).code == 2


def test_a_preset_copies_no_sentence_of_its_source() -> None:
    words = shared("strategy/strategy_priorities.csv").read_text("utf-8").casefold()
    for preset in presets():
        for one in preset.priorities:
            assert one.source
            long = [text for text in (one.name, one.description) if len(text.split()) > 7]
            assert not [text for text in long if name_key(text) in words]


def test_every_link_of_a_preset_is_in_the_bundled_framework(office: Path) -> None:
    facts = muster("frameworks", "show", _framework(office), "--format", "csv", on=office).ok().rows
    names, skills = {row["role"] for row in facts}, {row["skill"] for row in facts}
    for preset in presets():
        for one in preset.priorities:
            for role, skill in one.links:
                assert role in names if role else skill in skills, (preset.name, one.name, role or skill)


def _framework(path: Path) -> str:
    return str(muster("frameworks", "list", "--format", "json", on=path).ok().json[0]["label"])


def test_a_priority_by_hand_from_adding_to_removing(office: Path) -> None:
    muster("strategy", "add", "Data", "Registers", "--by", "2027-03-31", "--weight", "2", on=office).ok()
    assert "Nothing to change" in muster("strategy", "set-weight", "registers", "2", on=office).ok().out
    muster("strategy", "set-weight", "Registers", "3.5", on=office).ok()
    muster("strategy", "set-date", "Registers", "2027-06-30", on=office).ok()
    muster(
        "strategy",
        "link",
        "Registers",
        "--role-level",
        "Data analyst",
        "--fte",
        "2",
        "--from",
        "2026Q4",
        on=office,
    ).ok()
    (row,) = muster("strategy", "list", "--format", "json", on=office).ok().json
    assert (row["weight"], row["target_date"], row["state"]) == (3.5, "2027-06-30", "partly met")
    assert (row["needed_fte"], row["short_fte"], row["people"]) == (2.0, 2.0, 1)
    shown = muster("strategy", "show", "Registers", "--format", "json", on=office).ok().json
    assert [(one["role_level"], one["fte"]) for one in shown["needs"]] == [("Data analyst", 2.0)]
    behind = muster("strategy", "show", "Registers", "--people", "--format", "csv", on=office).ok().rows
    assert {one["staff_id"] for one in behind} == {"1"}
    muster("strategy", "cut", "Registers", on=office).ok()
    assert muster("strategy", "list", "--format", "json", on=office).ok().json[0]["state"] == "set aside"
    muster("strategy", "restore", "Registers", on=office).ok()
    assert (
        "1 line taken away"
        in muster("strategy", "unlink", "Registers", "--role-level", "Data analyst", on=office).out
    )
    muster("strategy", "remove", "Registers", on=office).ok()
    assert muster("strategy", "list", "--format", "json", on=office).ok().json == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("set-weight", "Registers", "11"), "A weight cannot be 11. Give one from 0.1 to 10."),
        (("set-weight", "Register", "2"), "The nearest name is “Registers”."),
        (("set-weight", "Registers", "x"), "“x” is not a weight such as 2.5."),
        (("link", "Registers"), "A line needs a role, a role level or a skill."),
        (("link", "Registers", "--skill", "Magic"), "This skill is not in any framework loaded: “Magic”."),
        (("link", "Registers", "--role", "Data analyst", "--fte", "1.234"), "is not FTE with at most two places"),
        (("link", "Registers", "--skill", "Testing", "--department", "Nowhere"), "department is not in the workspace"),
        (("add", "Data", "registers"), "This area already has a priority “Registers”."),
        (("slips", "Nothing"), "There is no priority “Nothing”."),
        (("trace", "99"), "There is no plan 99."),
        (("maturity", "Home Office", "Data", "6"), "Maturity runs from 0 to 5, not 6."),
        (("maturity", "Home Office", "Dat", "3"), "The nearest name is “Data”."),
        (("maturity", "Home Office", "Data", "3", "--on", "2027-01-01"), "The day of a rating cannot lie ahead."),
        (("leadership", "--department", "Home Office", "--evidenced", "Juggling"), "not on the leadership checklist"),
    ],
)  # fmt: skip
def test_wrong_wishes_are_said_and_change_nothing(office: Path, words: tuple[str, ...], says: str) -> None:
    muster("strategy", "add", "Data", "Registers", on=office).ok()
    before = office.read_bytes()
    ran = muster("strategy", *words, on=office)
    assert ran.code == 2
    assert says in ran.err
    assert office.read_bytes() == before


def test_a_plan_is_traced_to_the_penny(office: Path) -> None:
    muster("strategy", "add", "Data", "Registers", on=office).ok()
    muster("strategy", "link", "Registers", "--role", "Data analyst", on=office).ok()
    plan = muster("plan", "show", "--format", "json", on=office).ok().json
    totals = muster("strategy", "trace", "--format", "csv", on=office).ok().rows
    assert [row["priority"] for row in totals] == ["Registers", "none"]
    assert sum(Decimal(row["cost_gbp"]) for row in totals) == Decimal(str(plan["summary"]["cost_gbp"]))
    assert sum(Decimal(row["steps"]) for row in totals) == plan["summary"]["steps_closed"]
    lines = muster("strategy", "trace", "--lines", "--format", "csv", on=office).ok().rows
    assert {row["priority"] for row in lines if row["staff_id"] == "1"} == {"Registers"}


def test_maturity_keeps_its_history(office: Path) -> None:
    muster("strategy", "add", "Data", "Registers", on=office).ok()
    rate = ("strategy", "maturity", "Home Office", "Data")
    muster(*rate, "1", "--on", "2025-01-01", "--evidence", "A list", "--assessor", "Panel", on=office).ok()
    muster(*rate, "3", "--on", "2026-11-01", on=office).ok()
    rows = muster("strategy", "maturity", "--format", "json", on=office).ok().json
    mine = next(row for row in rows if row["department"] == "Home Office")
    assert (mine["score"], mine["change"], mine["ratings"], mine["age_days"]) == (3, 2, 2, 22)
    assert next(row for row in rows if row["department"] == "HM Treasury")["score"] is None
    before = muster("strategy", "maturity", "--as-at", "2026-01-01", "--format", "json", on=office).ok().json
    assert next(row for row in before if row["department"] == "Home Office")["score"] == 1


def test_leadership_and_capability_by_department(office: Path) -> None:
    rows = muster("strategy", "capability", "--format", "json", on=office).ok().json
    found = {row["department"]: row for row in rows}
    assert (found["HM Treasury"]["chief_data_officer"], found["Home Office"]["chief_data_officer"]) == (
        "in post",
        "none",
    )
    assert (found["Home Office"]["digital"], found["Home Office"]["analysts"]) == (2, 1)
    assert found["Home Office"]["similar_share"] == 0.5
    checklist = (
        muster("strategy", "leadership", "--department", "Home Office", "--format", "json", on=office)
        .ok()
        .json
    )
    assert {row["evidenced"] for row in checklist} == {"not looked at"}
    skill = checklist[0]["skill"]
    word = ("strategy", "leadership", "--department", "Home Office")
    muster(*word, "--evidenced", skill, "--evidence", "Board paper", on=office).ok()
    muster(*word, "--missing", checklist[1]["skill"], on=office).ok()
    after = muster(*word, "--format", "json", on=office).ok().json
    assert [row["evidenced"] for row in after[:3]] == ["yes", "no", "not looked at"]
    assert (after[0]["evidence"], after[0]["recorded_on"]) == ("Board paper", date(2026, 11, 23).isoformat())
    again = muster("strategy", "capability", "--format", "json", on=office).ok().json
    assert next(row for row in again if row["department"] == "Home Office")["leadership_evidenced"] == 1


def test_small_counts_are_hidden_where_asked(office: Path) -> None:
    rows = muster("strategy", "capability", "--disclosure", "on", "--format", "json", on=office).ok().json
    assert {row["analysts"] for row in rows} == {"[c]"}


def test_priorities_programmes_and_lines_are_changed_by_hand(office: Path) -> None:
    muster("strategy", "add", "Data", "Registers", "--by", "2028-03-31", on=office).ok()
    muster("strategy", "change", "registers", "--name", "One register", "--weight", "2", on=office).ok()
    muster("strategy", "rename-area", "Data", "Better data", on=office).ok()
    muster("strategy", "programme", "One register", "GRIP", "--department", "HM Treasury", "--starts", "2026-10-01",
           on=office).ok()  # fmt: skip
    muster(
        "strategy",
        "programme",
        "One register",
        "grip",
        "--ends",
        "2027-12-31",
        "--kind",
        "service",
        on=office,
    ).ok()
    (row,) = muster("strategy", "programmes", "One register", "--format", "json", on=office).ok().json
    assert row == {
        "priority": "One register", "programme": "GRIP", "kind": "service", "department": "HM Treasury",
        "starts_on": "2026-10-01", "ends_on": "2027-12-31", "weight": None,
    }  # fmt: skip
    muster("strategy", "link", "One register", "--role-level", "Data engineer", "--fte", 2, "--programme", "GRIP",
           "--from", "2026Q4", "--to", "2027Q1", on=office).ok()  # fmt: skip
    (line,) = muster("strategy", "lines", "One register", "--format", "json", on=office).ok().json
    number = line["line"]
    assert (
        muster("strategy", "change-line", number, "--fte", "2.00", on=office).ok().out.strip()
        == "Nothing to change."
    )
    muster(
        "strategy",
        "change-line",
        number,
        "--fte",
        1.5,
        "--to",
        "2027Q3",
        "--skill",
        "Data modelling",
        on=office,
    ).ok()
    (line,) = muster("strategy", "lines", "One register", "--format", "json", on=office).ok().json
    assert (line["fte"], line["to_quarter"], line["skill"], line["programme"]) == (
        1.5,
        "2027Q3",
        "Data modelling",
        "GRIP",
    )
    demand = (
        muster("strategy", "demand", "--from", "2026Q4", "--to", "2027Q4", "--format", "json", on=office)
        .ok()
        .json
    )
    assert [(one["quarter"], one["fte"]) for one in demand] == [
        ("2026Q4", 1.5), ("2027Q1", 1.5), ("2027Q2", 1.5), ("2027Q3", 1.5),
    ]  # fmt: skip
    newest, *_ = muster("history", "--format", "json", on=office).ok().json
    muster("revert", newest["id"], on=office).ok()
    (line,) = muster("strategy", "lines", "One register", "--format", "json", on=office).ok().json
    assert (line["fte"], line["to_quarter"]) == (2.0, "2027Q1")
    muster("strategy", "programme", "One register", "GRIP", "--remove", on=office).ok()
    assert muster("strategy", "lines", "One register", "--format", "json", on=office).ok().json == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            ("programme", "Registers", "P", "--starts", "2027-01-01", "--ends", "2026-01-01"),
            "ends before it starts",
        ),
        (("programme", "Registers", "P", "--department", "Nowhere"), "Nowhere"),
        (("programme", "Registers", "P", "--kind", "party"), "kind"),
        (("programme", "Registers", "P", "--rename", "Q"), "no programme"),
        (("programme", "Registers", "P", "--remove"), "no programme"),
        (("change", "Registers", "--weight", "11"), "cannot be 11"),
        (("change", "Registers", "--name", " "), "name"),
        (("rename-area", "Dat", "X"), "Data"),
        (("rename-area", "Data", "other"), "already"),
        (("change-line", "99", "--fte", "1"), "no line 99"),
        (("remove-line", "99"), "no line 99"),
    ],
)
def test_changes_that_cannot_be_get_a_sentence(office: Path, args: tuple[str, ...], words: str) -> None:
    muster("strategy", "add", "Data", "Registers", on=office).ok()
    muster("strategy", "add", "Other", "Else", on=office).ok()
    before = muster("strategy", "list", "--format", "json", on=office).ok().out
    found = muster("strategy", *args, on=office)
    assert found.code in (1, 2)
    assert words in found.err
    assert muster("strategy", "list", "--format", "json", on=office).ok().out == before
